"""Frame maps of all changed functions, and the refusals that come of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from . import tokens
from .convert import impossible
from .difference import Difference, Side, UnitDiff
from .emit_frame import label
from .facts import ENUMERATOR, TYPE
from .frames import Frames, UnitFrames
from .mapfile import Decisions, PointName
from .mapping import FrameMap, Match, align, resolve
from .refusal import Refusal, place_of
from .stacks import Stacks


@dataclass
class Aligned:
    """A function whose frames may be on a stack. `map` has no entry for one without counterpart."""

    unit: UnitDiff | None
    name: str
    key: str
    digest: str
    map: FrameMap
    has_counterpart: bool


@dataclass
class Back:
    """A function of the new version whose frames a revert would find; `desc` is the old one's.

    Without `desc` such a frame has no place in the old version: its thread runs on.
    """

    key: str
    digest: str
    desc: str
    map: FrameMap


@dataclass
class Alignment:
    """Of the whole program, forward and back."""

    stacks: Stacks = field(default_factory=Stacks)
    functions: list[Aligned] = field(default_factory=list)
    back: list[Back] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def align_all(difference: Difference, decisions: Decisions, stacks: Stacks) -> Alignment:
    """Maps the points of every changed function; removed ones have no counterpart."""
    out = Alignment(stacks)
    for unit in difference.units.values():
        if unit.old is not None and (unit.changed or unit.removed):
            _Unit(difference, unit, unit.old, decisions, out).run()
        for name in [n for n in unit.added if n not in unit.renamed]:
            _no_way_back(out, unit.new, name)
    for side in difference.removed.values():
        for name in side.names():
            _without(out, None, side, name)
    return out


def _points_of(side: Side, name: str, why: str) -> list[Match]:
    """All of a function's points, none with a counterpart."""
    row = side.rows[name]
    count, line = int(str(row.get("points", 0))), int(str(row.get("line", 0)))
    return [Match(i, -1, 0.0, line, why) for i in range(1, count + 1)]


def _no_way_back(out: Alignment, new: Side, name: str) -> None:
    """Frames of this function have no place in the old version."""
    digest = new.digest(name)
    if digest:
        gone = _points_of(new, name, "its function is new")
        out.back.append(Back(new.symbol(name), digest, "", FrameMap(gone)))


def _without(out: Alignment, unit: UnitDiff | None, side: Side, name: str) -> None:
    """Frames of this function cannot go on: it is gone, or no longer instrumented."""
    digest = side.digest(name)
    if digest:
        gone = _points_of(side, name, "its function is gone")
        out.functions.append(Aligned(unit, name, side.symbol(name), digest, FrameMap(gone), False))


class _Unit:
    def __init__(
        self, whole: Difference, unit: UnitDiff, old: Side, decisions: Decisions, out: Alignment
    ) -> None:
        self.whole, self.unit, self.old_side = whole, unit, old
        self.decisions, self.out = decisions, out
        self.old = UnitFrames(old.meta, old.unit)
        self.new = UnitFrames(unit.new.meta, unit.new.unit)
        self.touched = unit.touched.of_kind(TYPE, ENUMERATOR)
        self.renamed = {b: a for u in whole.units.values() for a, b in u.renamed.items()}
        self.known: dict[tuple[str, str], str] = {}
        self.known_back: dict[tuple[str, str], str] = {}
        self.back_rules = decisions.types.reverted()

    def run(self) -> None:
        for name in self.unit.changed:
            self.changed(name, name)
        for name, was in self.unit.renamed.items():
            self.changed(name, was)
        for name in self.unit.removed:
            if name not in self.unit.renamed.values():
                _without(self.out, self.unit, self.old_side, name)

    def changed(self, name: str, was: str) -> None:
        """A function of both versions, called `was` in the old one."""
        digest = self.old_side.digest(was)
        if not digest:
            _no_way_back(self.out, self.unit.new, name)
            return
        if not self.unit.new.digest(name):
            _without(self.out, self.unit, self.old_side, was)
            return
        before, after = self.old.frames(was), self.new.frames(name)
        if before is None or after is None or before.digest != digest:
            item = self.old_side.unit.functions[was]
            why = "its frames cannot be told: the old program was built by another version of dsucc"
            self.out.refusals.append(Refusal("compiler", name, why, place_of(item, "")))
            return
        key = self.old_side.symbol(was)
        raw = self.decisions.for_points(name, self.unit.new.symbol(name))
        overrides = resolve(raw, before, after, self.complain(name))
        chained = self.out.stacks.covered(key)
        found = align(before, after, overrides, self.converts, self.renamed, chained)
        if found.stuck:
            self.refuse(name, was, found, after)
        self.out.functions.append(Aligned(self.unit, name, key, digest, found, True))
        self.back(name, key, after, before, overrides)

    def complain(self, name: str) -> Callable[[PointName, str], None]:
        """Notes what is wrong with a point that the mapping file names for the function."""
        decisions = self.decisions
        symbol = self.unit.new.symbol(name)
        said = symbol if symbol in decisions.points else name

        def note(point: PointName, why: str) -> None:
            place = decisions.place(["functions", said, "points", str(point)])
            decisions.wrong.append(f"{place}: functions: {said}: {why}")

        return note

    def back(
        self, name: str, key: str, new: Frames, old: Frames, overrides: dict[int, int | None]
    ) -> None:
        """The same the other way round, for a revert; overrides where nothing else is found."""
        desc = label(key, "desc")
        names = {new: old for old, new in self.renamed.items()}
        first = align(new, old, {}, self.converts_back, names, {})
        alone = {m.old for m in first.matches if m.new < 0}
        there: dict[int, int | None] = {b: a for a, b in overrides.items() if b in alone}
        found = align(new, old, there, self.converts_back, names, {})
        known = desc if self.whole.old.defines(desc) else ""
        self.out.back.append(Back(self.unit.new.symbol(name), new.digest, known, found))

    def differs(self, before: str, after: str) -> str:
        """Is it another type?"""
        same = before == after and not self.touched & tokens.words(after)
        return "" if same else "its type changed"

    def converts(self, before: str, after: str) -> str:
        """Why a frame's variable of one type cannot go on as one of another; empty if it can."""
        if not self.differs(before, after):
            return ""
        key = before, after
        if key not in self.known:
            self.known[key] = self.unit_converts(before, after)
        return self.known[key]

    def converts_back(self, before: str, after: str) -> str:
        """The same for a revert: `before` is the new version's type."""
        if not self.differs(before, after):
            return ""
        key = before, after
        if key not in self.known_back:
            layouts = self.unit.reversed().layouts
            old = layouts.old.of_text(before, self.unit.new.unit.items[0])
            new = layouts.new.of_text(after, self.old_side.unit.items[0])
            self.known_back[key] = impossible(layouts, self.back_rules, old, new, back=True)
        return self.known_back[key]

    def unit_converts(self, before: str, after: str) -> str:
        layouts = self.unit.layouts
        old = layouts.old.of_text(before, self.old_side.unit.items[0])
        new = layouts.new.of_text(after, self.unit.new.unit.items[0])
        return impossible(layouts, self.decisions.types, old, new)

    def refuse(self, name: str, was: str, found: FrameMap, there: Frames) -> None:
        old = place_of(self.old_side.unit.functions[was])
        new = place_of(self.unit.new.unit.functions[name])
        candidates = [m for m in found.matches if m.candidate > 0 and m.new < 0] or found.matches
        example = f"{candidates[0].call}: NEW"
        remedy = f"map them by hand: functions: {{{name}: {{points: {{{example}}}}}}}"
        known = ", ".join(p.name for p in there.points) or "none"
        decide = tuple((m.call, f"of {known}; or null") for m in found.matches if m.new < 0)
        self.out.refusals.append(Refusal("points", name, found.stuck, old, new, remedy, decide))
