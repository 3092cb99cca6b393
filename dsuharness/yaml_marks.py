"""YAML with a place for every value, and none of YAML 1.1's surprises.

PyYAML's own loader reads `on` as true, `16.10` as 16.1, `1:30` as 90 and takes
the last of two equal keys without a word.  Here scalars follow YAML 1.2's core
schema, numbers remember how they were written, and equal keys are a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Path = tuple[str | int, ...]

_INT = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = {"", "~", "null", "Null", "NULL"}


class WrittenInt(int):
    """An integer that remembers its text, for fields that are really names."""

    text: str


class WrittenFloat(float):
    """A float that remembers its text: version 16.10 is not 16.1."""

    text: str


@dataclass(frozen=True)
class Mark:
    """A place in the file; both numbers count from one."""

    line: int
    column: int


@dataclass
class Problem:
    """One finding, with the place it is about."""

    mark: Mark
    message: str


@dataclass
class Marked:
    """A loaded document: plain data, and where each part of it stands."""

    data: Any = None
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def mark(self, path: Path, *, of_key: bool = False) -> Mark:
        """The place of `path`, or of the nearest enclosing part that has one."""
        table = self.keys if of_key else self.values
        for end in range(len(path), -1, -1):
            found = table.get(path[:end]) or self.values.get(path[:end])
            if found is not None:
                return found
        return Mark(1, 1)


def load(text: str) -> Marked:
    """Read one document; syntax errors and equal keys are in `problems`."""
    marked = Marked()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        mark = Mark(place.line + 1, place.column + 1) if place else Mark(1, 1)
        marked.problems.append(Problem(mark, f"not YAML: {error.problem or error.context}"))
        return marked
    except yaml.YAMLError as error:
        marked.problems.append(Problem(Mark(1, 1), f"not YAML: {error}"))
        return marked
    if node is not None:
        marked.data = _build(node, (), marked)
    return marked


def _build(node: yaml.Node, path: Path, marked: Marked) -> Any:
    marked.values[path] = _mark(node)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, marked)
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, i), marked) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, marked: Marked) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        inner = (*path, key)
        if key in result:
            first = marked.keys[inner]
            message = f"key '{key}' stands here twice (first in line {first.line})"
            marked.problems.append(Problem(_mark(key_node), message))
            continue
        marked.keys[inner] = _mark(key_node)
        result[key] = _build(value_node, inner, marked)
    return result


def _scalar(node: yaml.ScalarNode) -> Any:
    text = str(node.value)
    if node.style is not None or text.startswith("!"):
        return text
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INT.match(text):
        whole = WrittenInt(text)
        whole.text = text
        return whole
    if _FLOAT.match(text):
        number = WrittenFloat(text)
        number.text = text
        return number
    return text


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)
