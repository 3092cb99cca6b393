"""What the models cannot say of a scenario: names that must refer to something.

Works on plain data, so that its findings stand beside those of the models even
where part of the file has the wrong shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .checks import REGISTRY, THRESHOLD_METRICS
from .subject import known as known_subjects
from .subject import load as load_subject
from .units import Threshold, parse_size
from .versions import SOURCES
from .yaml_marks import Path as Place

Finding = tuple[Place, str]


def findings(data: Any, folder: Path) -> Iterator[Finding]:
    """All references of the file that lead nowhere; `folder` is where it lies."""
    if not isinstance(data, dict):
        yield (), "a scenario is a mapping of keys to values"
        return
    yield from _subject(data)
    yield from _versions(data)
    yield from _steps(data, folder)
    yield from _sessions(data)
    yield from _checks(data)
    yield from _thresholds(data)
    yield from _compare(data)
    if "load" not in data and "compare" not in data:
        yield (), "a scenario has a 'load' or a 'compare', this one has neither"


def _subject(data: dict[str, Any]) -> Iterator[Finding]:
    use = _mapping(data.get("subject"))
    name = use.get("uses")
    if not isinstance(name, str):
        return
    if name not in known_subjects():
        yield ("subject", "uses"), _unknown("subject", name, known_subjects())
        return
    options = load_subject(name).options
    for key, value in _mapping(use.get("with")).items():
        place = ("subject", "with", key)
        if key not in options:
            yield place, _unknown("option", key, list(options))
        elif not isinstance(value, options[key]):
            wanted = options[key].__name__
            yield place, f"'{key}' takes a value of type {wanted}, not {value!r}"


def _versions(data: dict[str, Any]) -> Iterator[Finding]:
    above: dict[str, bool] = {}  # is it made of one of Debian's?
    for name, version in _mapping(data.get("versions")).items():
        place: Place = ("versions", name)
        version = _mapping(version)
        kinds = [kind for kind in SOURCES if kind in version]
        after = version.get("after")
        of_debian = "debian" in kinds or above.get(str(after), False)
        if len(kinds) + ("after" in version) != 1:
            known = ", ".join(f"'{kind}'" for kind in SOURCES)
            yield place, f"a version is one source ({known}) or comes 'after' another one"
        elif kinds:
            for key in {"patches", "takes"} & set(version):
                yield (*place, key), f"'{key}' of a source stands inside '{kinds[0]}'"
        elif after not in above:
            yield (*place, "after"), _unknown("version above it", after, list(above))
        elif "takes" in version and not of_debian:
            yield (*place, "takes"), "files can be taken from versions of Debian's packages only"
        above[str(name)] = of_debian


def _steps(data: dict[str, Any], folder: Path) -> Iterator[Finding]:
    versions = list(_mapping(data.get("versions")))
    sessions = _mapping(_mapping(data.get("load")).get("sessions"))
    seen: set[str] = set()
    chain: list[Any] = []  # the versions that the steps so far have led through
    for index, step in enumerate(_list(data.get("steps"))):
        step = _mapping(step)
        place: Place = ("steps", index)
        if step.get("id") in seen:
            yield (*place, "id"), f"two steps are called '{step['id']}'"
        seen.add(str(step.get("id")))
        update = _mapping(step.get("with"))
        if step.get("uses") == "update" and "with" not in step:
            yield place, "an update needs 'with': from which version to which"
        if step.get("uses") == "revert" and "with" in step:
            yield (*place, "with"), "a revert leads to the first version; it takes no 'with'"
        if step.get("uses") == "revert" and not chain:
            yield place, "there is no update before this step that it could take back"
        if "from" in update and chain and update["from"] != chain[-1]:
            yield (*place, "with", "from"), f"the step before has led to '{chain[-1]}'"
        chain = [*(chain or [update.get("from")]), update.get("to")] if update else []
        for key in ("from", "to"):
            if key in update and update[key] not in versions:
                yield (*place, "with", key), _unknown("version", update[key], versions)
        if isinstance(update.get("map"), str) and not (folder / update["map"]).is_file():
            yield (*place, "with", "map"), f"there is no file '{update['map']}' beside the scenario"
        for number, when in enumerate(_list(step.get("when"))):
            yield from _when(_mapping(when), (*place, "when", number), sessions)


def _when(when: dict[str, Any], place: Place, sessions: dict[str, Any]) -> Iterator[Finding]:
    name = when.get("session")
    if name is None:
        return
    if name not in sessions:
        yield (*place, "session"), _unknown("session group", name, list(sessions))
        return
    group = _mapping(sessions[name])
    op = {"retrieve": "RETR", "store": "STOR"}.get(str(group.get("does")))
    if op is None:
        yield (*place, "session"), f"'{name}' does no transfer, so it has no byte to wait for"
    elif "op" in when and when["op"] != op:
        yield (*place, "op"), f"'{name}' does {op}, not {when['op']}"
    held = _mapping(group.get("hold")).get("at")
    if op and _bytes(held) != _bytes(_mapping(when.get("at")).get("bytes")):
        yield (*place, "at"), f"'{name}' holds at {held}, so the step must wait for just that byte"


def _bytes(size: Any) -> Any:
    """A size in bytes; one that cannot be read is the models' finding, not ours."""
    try:
        return parse_size(size)
    except ValueError:
        return None


def _sessions(data: dict[str, Any]) -> Iterator[Finding]:
    steps = [_mapping(step).get("id") for step in _list(data.get("steps"))]
    groups = _mapping(_mapping(data.get("load")).get("sessions"))
    for name, group in groups.items():
        group = _mapping(group)
        place = ("load", "sessions", name)
        held = _mapping(group.get("hold"))
        if "step" in held and held["step"] not in steps:
            yield (*place, "hold", "step"), _unknown("step", held["step"], [str(s) for s in steps])
        if "after" in group and group["after"] not in steps:
            yield (*place, "after"), _unknown("step", group["after"], [str(s) for s in steps])
        if group.get("does") == "visit" and "after" not in group:
            yield place, f"'{name}' is a visit, so it needs 'after': the step that it follows"


def _checks(data: dict[str, Any]) -> Iterator[Finding]:
    known = list(REGISTRY)
    for index, name in enumerate(_list(data.get("checks"))):
        if isinstance(name, str) and name not in known:
            yield ("checks", index), _unknown("check", name, known)


def _thresholds(data: dict[str, Any]) -> Iterator[Finding]:
    for metric, limits in _mapping(data.get("thresholds")).items():
        if metric not in THRESHOLD_METRICS:
            known = list(THRESHOLD_METRICS)
            yield ("thresholds", metric), _unknown("metric", metric, known)
        for index, text in enumerate(_list(limits)):
            yield from _valid(("thresholds", metric, index), text, Threshold.parse)


def _compare(data: dict[str, Any]) -> Iterator[Finding]:
    compare = _mapping(data.get("compare"))
    arms = list(_mapping(data.get("arms")))
    if "against" in compare and compare["against"] not in arms:
        yield ("compare", "against"), _unknown("arm", compare["against"], arms)
    for metric, wanted in _mapping(compare.get("metrics")).items():
        for index, arm in enumerate(_list(_mapping(wanted).get("judge"))):
            if arm not in arms:
                yield ("compare", "metrics", metric, "judge", index), _unknown("arm", arm, arms)


def _valid(place: Place, text: Any, parse: Callable[[str], Any]) -> Iterator[Finding]:
    if not isinstance(text, str):
        return
    try:
        parse(text)
    except ValueError as error:
        yield place, str(error)


def _unknown(kind: str, name: Any, known: list[str]) -> str:
    near = get_close_matches(str(name), known, n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known) or 'none'}"
    return f"there is no {kind} '{name}' ({hint})"


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
