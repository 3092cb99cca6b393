"""Functions of both programs as the mapping file's chains of frames name them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from . import tokens
from .ctypes_table import is_arithmetic
from .difference import Difference, Side, UnitDiff
from .facts import ENUMERATOR, TYPE
from .frames import Frames, PointView, UnitFrames
from .function import Local
from .layouts import Layouts
from .mapfile import MapError
from .points import ARMED
from .stackfile import FrameName
from .typegraph import TypeGraph, Unknown

_ARGUMENT = re.compile(r"argument#([1-9]\d*)")


@dataclass
class Standing:
    """A frame of a chain as the program has it."""

    name: FrameName
    side: Side
    function: str
    frames: Frames
    point: PointView
    is_old: bool

    @property
    def repeats(self) -> bool:
        """Of an old chain: is it none, or as many as there are?"""
        return self.is_old and self.name.times is not None

    @property
    def symbol(self) -> str:
        return self.side.symbol(self.function)

    @property
    def live(self) -> list[Local]:
        return self.frames.live_at(self.point.id)

    def find(self, name: str) -> Local | None:
        """A variable that has a value there, by its name."""
        argument = _ARGUMENT.fullmatch(name)
        if argument:
            role = f"dsu$argument${int(argument.group(1)) - 1}"
            return next((v for v in self.live if v.role == role), None)
        exact = [v for v in self.live if v.name == name and not v.role]
        found = exact or [v for v in self.live if v.original == name and not v.role]
        return found[0] if len(found) == 1 else None

    def shown(self, v: Local) -> str:
        """A variable's name in the mapping file."""
        argument = re.fullmatch(r"dsu\$argument\$(\d+)", v.role)
        if argument:
            return f"{self.name.alias}.argument#{int(argument.group(1)) + 1}"
        same = [w for w in self.live if w.original == v.original and not w.role]
        return f"{self.name.alias}.{v.original if len(same) == 1 else v.name}"

    def names(self) -> str:
        return (
            ", ".join(self.shown(v).partition(".")[2] for v in self.live if is_users(v)) or "none"
        )


class Versions:
    """Functions of both programs by their names, and their frames."""

    def __init__(self, difference: Difference) -> None:
        self.difference = difference
        self.renamed = {b: a for u in difference.units.values() for a, b in u.renamed.items()}
        self._sides: dict[tuple[bool, str], Side] = {}
        self._units: dict[tuple[bool, str], UnitFrames] = {}
        self._layouts: dict[str, Layouts] = {}

    def sides(self, is_old: bool) -> Iterator[Side]:
        program = self.difference.old if is_old else self.difference.new
        for key, meta in program.units.items():
            if (is_old, key) not in self._sides:
                unit = self.difference.units.get(key)
                known = None if unit is None else unit.old if is_old else unit.new
                self._sides[is_old, key] = known or Side(meta, meta.unit)
            yield self._sides[is_old, key]

    def find(self, name: str, is_old: bool) -> tuple[Side, str]:
        """The function that is meant. Raises MapError."""
        found = [
            (side, n)
            for side in self.sides(is_old)
            for n in side.names()
            if name in (n, side.symbol(n))
        ]
        version = version_name(is_old)
        if not found:
            near = difflib.get_close_matches(
                name, [n for s in self.sides(is_old) for n in s.names()]
            )
            hint = f"; near to it: {', '.join(dict.fromkeys(near))}" if near else ""
            raise MapError(f"{version} has no function '{name}'{hint}")
        if len(found) > 1:
            which = ", ".join(side.symbol(n) for side, n in found)
            raise MapError(f"{version} has several functions '{name}': say which, {which}")
        return found[0]

    def frames(self, side: Side, name: str, is_old: bool) -> Frames:
        """What can be on a stack of it. Raises MapError."""
        key = is_old, side.meta.key
        if key not in self._units:
            self._units[key] = UnitFrames(side.meta, side.unit)
        found = self._units[key].frames(name)
        if found is None:
            reason = side.rows.get(name, {}).get("reason")
            why = reason or "it never waits, nor calls anything that does"
            raise MapError(
                f"no frame of '{name}' can be taken apart in {version_name(is_old)}: {why}"
            )
        if found.digest != side.digest(name):
            raise MapError(
                f"'{name}' was built by another version of dsucc in {version_name(is_old)}"
            )
        return found

    def counterpart(self, step: Standing) -> str:
        """The symbol in the old version of a function of the new one."""
        unit = self.difference.units.get(step.side.meta.key)
        was = unit.renamed.get(step.function) if unit is not None else None
        return unit.old.symbol(was) if unit and unit.old and was else step.symbol

    def unit_of(self, key: str) -> UnitDiff:
        """Of both versions of one file, different or not."""
        if key in self.difference.units:
            return self.difference.units[key]
        old, new = (next(s for s in self.sides(o) if s.meta.key == key) for o in (True, False))
        return UnitDiff(key, old, new)

    def differs(self, old: Standing, before: str, new: Standing, after: str) -> str:
        """Why the bytes of one variable are not the other's; empty if they are."""
        if old.side.meta.key != new.side.meta.key:
            words = tokens.words(before) & (self._touched(old) | self._touched(new))
            return "" if before == after and not words else f"'{before}' is not '{after}'"
        key = old.side.meta.key
        if key not in self._layouts:
            unit = self.unit_of(key)
            assert unit.old is not None
            types = TypeGraph(unit.old.unit), TypeGraph(unit.new.unit, unit.renames)
            self._layouts[key] = Layouts(*types, unit.touched.of_kind(TYPE, ENUMERATOR))
        layouts = self._layouts[key]
        was = layouts.old.of_text(before, old.side.unit.functions[old.function])
        now = layouts.new.of_text(after, new.side.unit.functions[new.function])
        if isinstance(was, Unknown) or isinstance(now, Unknown):
            same = before == after and old.function == new.function
            return "" if same else f"'{before}' and '{after}' cannot be compared"
        if is_arithmetic(before) and is_arithmetic(after):
            return "" if before == after else f"'{before}' is not '{after}'"
        return "" if layouts.same(was, now) else f"'{before}' is not '{after}'"

    def _touched(self, at: Standing) -> set[str]:
        unit = self.difference.units.get(at.side.meta.key)
        return set() if unit is None else unit.touched.of_kind(TYPE, ENUMERATOR)


def version_name(is_old: bool) -> str:
    """For messages."""
    return "the old version" if is_old else "the new version"


def is_users(v: Local) -> bool:
    """Has the user's text this variable? Not so temporaries."""
    return not v.role and v.name != ARMED
