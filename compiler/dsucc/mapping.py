"""Aligns the continuation points of two versions of a function.

Points are matched in order, by ever weaker likeness: the same call in the same nesting with the
same conditions; the same callee in the same kind of nesting; the same call anywhere; the same
callee. What lies between two matches is matched again on its own, so that an edit does not disturb
its surroundings. How sure a match is follows from its likeness, and from its neighbours where
several points look the same. One that is not sure enough is no match: a thread there runs on to its
next point. A match stands only if each variable that the new version needs there has a value in the
old one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from .frames import Frames, PointView
from .function import Local
from .literals import LITERAL
from .mapfile import MapError, PointName
from .points import ARMED, BLOCK, POINT

SURE = 0.5
"""The least confidence of a match that is used."""

_Key = Callable[[PointView], Hashable]
_Converts = Callable[[str, str], str]
_LEVELS: tuple[tuple[float, _Key], ...] = (
    (1.0, lambda p: (p.kind, p.text, p.path, p.conditions)),
    (0.9, lambda p: (p.kind, p.text, p.path)),
    (0.8, lambda p: (p.kind, p.callee, p.path)),
    (0.7, lambda p: (p.kind, p.text)),
    (0.6, lambda p: (p.kind, p.callee)),
)
# Factors where the versions have another number of points that look the same: by how many of the
# two neighbours go on as neighbours.
_AMBIGUOUS = (0.4, 0.7, 0.9)
# The new call is about another variable: the old one, which is under way, has not filled it.
_ABOUT_ANOTHER = 0.6
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass
class Match:
    """Where an old point goes on: point `new`, or nowhere (-1) for the reason in `why`.

    `call` and `to` name the two points; `candidate` is the likeliest one if there is any, whether
    it is used or not.
    """

    old: int
    new: int
    confidence: float
    line: int
    why: str = ""
    call: str = ""
    to: str = ""
    candidate: int = -1


@dataclass
class FrameMap:
    """All points of one function. `stuck` says why no thread would ever leave it, if so."""

    matches: list[Match] = field(default_factory=list)
    stuck: str = ""

    @property
    def table(self) -> list[int]:
        """cps[old point]; index 0 is unused."""
        return [-1, *(m.new for m in sorted(self.matches, key=lambda m: m.old))]


def align(
    old: Frames, new: Frames, overrides: dict[int, int | None], converts: _Converts,
    renamed: dict[str, str], chained: dict[int, str],
) -> FrameMap:  # fmt: skip
    """Maps all points of `old`. `converts(a, b)` says why an `a` cannot become a `b`.

    `renamed` are functions that `new` calls by other names than `old`, `chained` points at which
    the frame goes on as part of a chain, with the chain's place in the mapping file.
    """
    pairs = _pairs([p.calling(renamed) for p in old.points], new.points)
    out = FrameMap()
    for p in old.points:
        partner, confidence = pairs.get(p.id, (-1, 0.0))
        match = Match(p.id, partner, confidence, p.line, call=p.name, candidate=partner)
        if p.id in overrides:
            match.new, match.confidence = overrides[p.id] or -1, 1.0
        _decide(match, old, new, converts)
        if match.new < 0 and p.id in chained:
            match.why = f"alone; in the chain of frames at {chained[p.id]} it has its place"
        out.matches.append(match)
    out.stuck = _stuck([p for p in old.points if p.id not in chained], out)
    return out


def _decide(match: Match, old: Frames, new: Frames, converts: _Converts) -> None:
    """Whether a match is used, and if not, why."""
    if match.new <= 0:
        match.why = "nothing in the new version corresponds to it"
    elif match.confidence < SURE:
        there = new.points[match.new - 1]
        match.why = f"it may be {there.name} (line {there.line}) of the new version, or not"
    else:
        match.why = missing(old, new, match.old, match.new, converts)
    if match.why:
        match.new, match.confidence = -1, 0.0
    else:
        match.to = new.points[match.new - 1].name


def resolve(
    raw: dict[PointName, PointName | None], old: Frames, new: Frames,
    complain: Callable[[PointName, str], None],
) -> dict[int, int | None]:  # fmt: skip
    """A user's overrides by number; `complain` is told of those that name what is not there."""
    out: dict[int, int | None] = {}
    for before, after in raw.items():
        try:
            at = number_of(before, old, "the old version")
            out[at] = None if after is None else number_of(after, new, "the new version")
        except MapError as why:
            complain(before, str(why))
    return out


def number_of(name: PointName, frames: Frames, where: str) -> int:
    """A point by the name that a mapping file gives it. Raises MapError."""
    if isinstance(name, int):
        if name > len(frames.points):
            raise MapError(f"{where} has {len(frames.points)} points, no point {name}")
        return name
    callee, _, occurrence = name.partition("#")
    found = [p for p in frames.points if p.name.partition("#")[0] == callee]
    if occurrence:
        found = [p for p in found if p.occurrence == int(occurrence)]
    if len(found) == 1:
        return found[0].id
    if found:
        raise MapError(f"{where} calls {callee} {len(found)} times: say which, as in {callee}#2")
    known = ", ".join(p.name for p in frames.points)
    raise MapError(f"{where} has no point {name}; it has {known}")


def _pairs(old: list[PointView], new: list[PointView]) -> dict[int, tuple[int, float]]:
    levels: dict[int, tuple[int, int]] = {}

    def gap(a: list[PointView], b: list[PointView], level: int) -> None:
        if not a or not b or level == len(_LEVELS):
            return
        key = _LEVELS[level][1]
        matcher = SequenceMatcher(None, [key(p) for p in a], [key(p) for p in b], autojunk=False)
        i = j = 0
        for block in matcher.get_matching_blocks():
            gap(a[i : block.a], b[j : block.b], level + 1)
            for x, y in zip(a[block.a : block.a + block.size], b[block.b :], strict=False):
                levels[x.id] = (y.id, level)
            i, j = block.a + block.size, block.b + block.size

    gap(old, new, 0)
    counts = [(Counter(map(key, old)), Counter(map(key, new))) for _, key in _LEVELS]
    out = {}
    for before, (after, level) in levels.items():
        confidence, key = _LEVELS[level]
        x, y = old[before - 1], new[after - 1]
        if counts[level][0][key(x)] != counts[level][1][key(y)]:
            confidence *= _AMBIGUOUS[_neighbours(before, after, levels, len(old), len(new))]
        elif level == len(_LEVELS) - 1:
            confidence *= 0.7 + 0.3 * _likeness(x.text, y.text)
        if y.variables - x.variables:
            confidence *= _ABOUT_ANOTHER
        out[before] = (after, confidence)
    return out


def _neighbours(
    before: int, after: int, pairs: dict[int, tuple[int, int]], last: int, new_last: int
) -> int:
    """How many of a point's two neighbours go on beside it; the function's ends are such."""
    count = 0
    for step, end, new_end in ((-1, 0, 0), (1, last + 1, new_last + 1)):
        at, there = before + step, after + step
        count += at == end and there == new_end
        count += at in pairs and pairs[at][0] == there
    return count


def _likeness(a: str, b: str) -> float:
    return SequenceMatcher(None, _WORD.findall(a), _WORD.findall(b), autojunk=False).ratio()


def missing(old: Frames, new: Frames, old_point: int, new_point: int, converts: _Converts) -> str:
    """Why the new version cannot go on there with what the old frame holds; empty if it can."""
    have = {v.known_as: v for v in old.live_at(old_point)}
    for v in new.live_at(new_point):
        was = have.get(v.known_as)
        if was is None and v.pinned and new.begins_later(v, new_point):
            continue  # the runtime makes it a home
        if was is None:
            return f"'{_shown(v)}' has no value there in the old version"
        before, after = old.type_of(was), new.type_of(v)
        if converts(before, after):
            return f"'{_shown(v)}' was of type '{before}' and is of type '{after}'"
        if not v.role and _ambiguous(old, new, v.original):
            return f"several variables are called '{_shown(v)}', and not the same ones"
        if v.name == ARMED and old.setjmps != new.setjmps:
            return "the function's setjmp() calls differ"
    return ""


def _ambiguous(old: Frames, new: Frames, name: str) -> bool:
    """Do the blocks of the function declare the name differently, one of them more than once?"""
    before, after = old.types_of_name.get(name, []), new.types_of_name.get(name, [])
    return before != after and max(len(before), len(after)) > 1


def _shown(v: Local) -> str:
    """A temporary by what it is of."""
    if v.original.startswith(LITERAL):
        return "a compound literal"
    if not v.role:
        return v.original
    parts = v.role.split("$")
    if parts[1] == "argument":
        return f"argument {int(parts[2]) + 1} of the call"
    return f"the {parts[1]} of a call"


def _stuck(points: list[PointView], out: FrameMap) -> str:
    """A loop that never ends, and none of whose points has a counterpart."""
    table = out.table
    loops: dict[int, list[PointView]] = {}
    for p in points:
        if p.endless:
            loops.setdefault(p.endless, []).append(p)
    for inside in loops.values():
        waits = any(p.kind in (BLOCK, POINT) for p in inside)
        if waits and all(table[p.id] < 0 for p in inside):
            ids = {p.id for p in inside}
            whys = sorted({m.why for m in out.matches if m.old in ids and m.why})
            where = f"the endless loop at line {min(p.line for p in inside)}"
            return f"no point of {where} has a counterpart: {'; '.join(whys)}"
    return ""
