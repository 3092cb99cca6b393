"""Frame maps of all changed functions, and the refusals that come of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from .difference import Difference, Side, UnitDiff
from .facts import ENUMERATOR, TYPE
from .frames import UnitFrames
from .mapfile import Decisions
from .mapping import FrameMap, Match, align
from .refusal import Refusal, place_of


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
class Alignment:
    """Of the whole program."""

    functions: list[Aligned] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def align_all(difference: Difference, decisions: Decisions) -> Alignment:
    """Maps the points of every changed function; removed ones have no counterpart."""
    out = Alignment()
    for unit in difference.units.values():
        if unit.old is not None and (unit.changed or unit.removed):
            _Unit(unit, unit.old, decisions, out).run()
    for side in difference.removed.values():
        for name in side.names():
            _without(out, None, side, name)
    return out


def _without(out: Alignment, unit: UnitDiff | None, side: Side, name: str) -> None:
    """Frames of this function cannot go on: it is gone, or no longer instrumented."""
    digest = side.digest(name)
    if digest:
        row = side.rows[name]
        count = int(str(row.get("points", 0)))
        line = int(str(row.get("line", 0)))
        gone = [Match(i, -1, 0.0, line, "its function is gone") for i in range(1, count + 1)]
        out.functions.append(Aligned(unit, name, side.symbol(name), digest, FrameMap(gone), False))


class _Unit:
    def __init__(self, unit: UnitDiff, old: Side, decisions: Decisions, out: Alignment) -> None:
        self.unit, self.old_side, self.decisions, self.out = unit, old, decisions, out
        self.old = UnitFrames(old.meta, old.unit)
        self.new = UnitFrames(unit.new.meta, unit.new.unit)
        self.touched = unit.touched.of_kind(TYPE, ENUMERATOR)

    def run(self) -> None:
        for name in self.unit.changed:
            self.changed(name)
        for name in self.unit.removed:
            _without(self.out, self.unit, self.old_side, name)

    def changed(self, name: str) -> None:
        digest = self.old_side.digest(name)
        if not digest:
            return
        if not self.unit.new.digest(name):
            _without(self.out, self.unit, self.old_side, name)
            return
        before, after = self.old.frames(name), self.new.frames(name)
        if before is None or after is None or before.digest != digest:
            item = self.old_side.unit.functions[name]
            why = "its frames cannot be told: the old program was built by another version of dsucc"
            self.out.refusals.append(Refusal("compiler", name, why, place_of(item, "")))
            return
        key = self.old_side.symbol(name)
        overrides = self.decisions.for_points(name, key)
        found = align(before, after, overrides, self.touched)
        if found.stuck:
            self.refuse(name, found)
        self.out.functions.append(Aligned(self.unit, name, key, digest, found, True))

    def refuse(self, name: str, found: FrameMap) -> None:
        old = place_of(self.old_side.unit.functions[name])
        new = place_of(self.unit.new.unit.functions[name])
        remedy = f"map them by hand: functions: {{{name}: {{points: {{OLD: NEW}}}}}}"
        self.out.refusals.append(Refusal("points", name, found.stuck, old, new, remedy))
