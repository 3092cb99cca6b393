"""Aligns the continuation points of two versions of a function.

Points are matched in order, by ever weaker likeness: the same call in the same nesting with the
same conditions; the same callee in the same kind of nesting; the same callee. What lies between two
matches is matched again on its own, so that an edit does not disturb its surroundings. A match
stands only if each variable that the new version needs there has a value in the old one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from .frames import Frames, PointView
from .normalise import Local
from .points import ARMED, BLOCK, POINT

_Key = Callable[[PointView], Hashable]
_LEVELS: tuple[tuple[float, _Key], ...] = (
    (1.0, lambda p: (p.kind, p.text, p.path, p.conditions)),
    (0.9, lambda p: (p.kind, p.text, p.path)),
    (0.8, lambda p: (p.kind, p.callee, p.path)),
    (0.6, lambda p: (p.kind, p.callee)),
)
_AMBIGUOUS = (
    0.9  # factor: other points look the same, in one of the versions another number of them
)


@dataclass
class Match:
    """Where an old point goes on: point `new`, or nowhere (-1) for the reason in `why`."""

    old: int
    new: int
    confidence: float
    line: int
    why: str = ""


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
    old: Frames, new: Frames, overrides: dict[int, int | None], touched: set[str]
) -> FrameMap:
    """Maps all points of `old`; `touched` are names whose types differ between the versions."""
    pairs = _pairs(old.points, new.points)
    out = FrameMap()
    for p in old.points:
        partner, confidence = pairs.get(p.id, (-1, 0.0))
        match = Match(p.id, partner, confidence, p.line)
        if p.id in overrides:
            match.new, match.confidence = overrides[p.id] or -1, 1.0
        if match.new > len(new.points):
            match.new, match.why = -1, f"the new version has no point {match.new}"
        elif match.new > 0:
            match.why = missing(old, new, p.id, match.new, touched)
            match.new = -1 if match.why else match.new
        else:
            match.why = "nothing in the new version corresponds to it"
        match.confidence = match.confidence if match.new > 0 else 0.0
        out.matches.append(match)
    out.stuck = _stuck(old.points, out)
    return out


def _pairs(old: list[PointView], new: list[PointView]) -> dict[int, tuple[int, float]]:
    out: dict[int, tuple[int, float]] = {}
    counts = [(Counter(map(key, old)), Counter(map(key, new))) for _, key in _LEVELS]

    def gap(a: list[PointView], b: list[PointView], level: int) -> None:
        if not a or not b or level == len(_LEVELS):
            return
        confidence, key = _LEVELS[level]
        matcher = SequenceMatcher(None, [key(p) for p in a], [key(p) for p in b], autojunk=False)
        i = j = 0
        for block in matcher.get_matching_blocks():
            gap(a[i : block.a], b[j : block.b], level + 1)
            for x, y in zip(a[block.a : block.a + block.size], b[block.b :], strict=False):
                before, after = counts[level]
                same = before[key(x)] == after[key(y)]
                out[x.id] = (y.id, confidence if same else confidence * _AMBIGUOUS)
            i, j = block.a + block.size, block.b + block.size

    gap(old, new, 0)
    return out


def missing(old: Frames, new: Frames, old_point: int, new_point: int, touched: set[str]) -> str:
    """Why the new version cannot go on there with what the old frame holds; empty if it can."""
    have = {v.known_as: v for v in old.live_at(old_point)}
    for v in new.live_at(new_point):
        was = have.get(v.known_as)
        if was is None and v.pinned and new.begins_later(v, new_point):
            continue  # the runtime makes it a home
        if was is None:
            return f"'{_shown(v)}' has no value there in the old version"
        before, after = old.type_of(was), new.type_of(v)
        if before != after or touched & _type_words(after):
            return f"'{_shown(v)}' was of type '{before}' and is of type '{after}'"
        if not v.role and _ambiguous(old, new, v.original):
            return f"several variables are called '{v.original}', and not the same ones"
        if v.name == ARMED and old.setjmps != new.setjmps:
            return "the function's setjmp() calls differ"
    return ""


def _ambiguous(old: Frames, new: Frames, name: str) -> bool:
    """Do the blocks of the function declare the name differently, one of them more than once?"""
    before, after = old.types_of_name.get(name, []), new.types_of_name.get(name, [])
    return before != after and max(len(before), len(after)) > 1


def _type_words(text: str) -> set[str]:
    return set(text.replace("*", " ").replace("(", " ").replace(")", " ").split())


def _shown(v: Local) -> str:
    """A temporary by what it is of."""
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
            where = f"the endless loop at line {inside[0].line}"
            return f"no point of {where} has a counterpart: {'; '.join(whys)}"
    return ""
