"""From a file to a `Scenario`, or to all that is wrong with it, each with its place."""

from __future__ import annotations

import re
import types
import typing
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from .errors import InvalidScenario
from .scenario import Scenario
from .scenario_rules import findings
from .yaml_marks import Mark, Marked, Problem
from .yaml_marks import Path as Place
from .yaml_marks import load as load_marked


def load_scenario(path: Path) -> Scenario:
    """Read and check; raise `InvalidScenario` with every finding, in file order."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidScenario([f"{path}:1:1: cannot be read: {reason}"]) from error
    marked = load_marked(text)
    problems = list(marked.problems)
    scenario = None
    if marked.data is None and not problems:
        problems.append(Problem(Mark(1, 1), "the file is empty"))
    elif marked.data is not None:
        try:
            scenario = Scenario.model_validate(marked.data)
        except ValidationError as error:
            problems += [_problem(finding, marked) for finding in error.errors()]
        problems += [
            Problem(marked.mark(place), message)
            for place, message in findings(marked.data, path.parent)
        ]
    if problems or scenario is None:
        problems.sort(key=lambda problem: (problem.mark.line, problem.mark.column))
        raise InvalidScenario(
            [f"{path}:{p.mark.line}:{p.mark.column}: {p.message}" for p in problems]
        )
    return scenario


def suggestion(word: str, known: list[str]) -> str:
    """` (did you mean 'x'?)`, or nothing where nothing is near."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""


def _problem(finding: Any, marked: Marked) -> Problem:
    place: Place = tuple(part for part in finding["loc"] if part != "[key]")
    name = str(place[-1]) if place else ""
    if finding["type"] == "extra_forbidden":
        known = _known_keys(place[:-1])
        message = f"unknown key '{name}'{suggestion(name, known)}"
        return Problem(marked.mark(place, of_key=True), message)
    if finding["type"] == "missing":
        message = f"key '{name}' is missing"
        return Problem(marked.mark(place[:-1]), message)
    return Problem(marked.mark(place), _wrong_value(name, finding))


def _wrong_value(name: str, finding: Any) -> str:
    given = finding["input"]
    message = str(finding["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    shown = f", not {given!r}" if isinstance(given, str | int | float | bool) else ""
    near = ""
    if finding["type"] == "literal_error" and isinstance(given, str):
        near = suggestion(given, re.findall(r"'([^']*)'", finding["ctx"]["expected"]))
    if finding["type"] == "value_error":
        shown = ""
    return f"'{name}': {message}{shown}{near}"


def _known_keys(place: Place) -> list[str]:
    """Keys that the model at `place` takes; follows the models, not the data."""
    current: Any = Scenario
    for part in place:
        current = _step_into(current, part)
    model = _model_in(current)
    return [f.alias or n for n, f in model.model_fields.items()] if model else []


def _step_into(annotation: Any, part: str | int) -> Any:
    model = _model_in(annotation)
    if model is not None:
        for name, known in model.model_fields.items():
            if part in (name, known.alias):
                return known.annotation
        return None
    for option in _options(annotation):
        origin, arguments = typing.get_origin(option), typing.get_args(option)
        if origin is dict:
            return arguments[1]
        if origin is list:
            return arguments[0]
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    for option in _options(annotation):
        if isinstance(option, type) and issubclass(option, BaseModel):
            return option
    return None


def _options(annotation: Any) -> list[Any]:
    """The alternatives of `X | None` and the core of `Annotated[X, …]`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _options(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return [o for part in typing.get_args(annotation) for o in _options(part)]
    return [annotation]
