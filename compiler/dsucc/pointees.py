"""The part of the mapping file that says what variables lead to whose pointers do not say it.

variables:
  registry: struct session    # a `void *` with static storage; of a `void **`, `struct session *`
  scratch: nothing            # that changes
  serve.context: nothing      # a function's variable

Names are the old version's. Members have `points`, see typemap.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from .typegraph import Array, Pointer, Record, Type, TypeGraph, Unknown
from .typemap import NOTHING, Reader

if TYPE_CHECKING:
    from .mapfile import Decisions
    from .state_unit import StateUnit


@dataclass
class PointeeRule:
    """One line: what the variable `name`, or `function.name`, leads to."""

    place: str
    name: str
    to: str


@dataclass
class Pointees:
    """The section."""

    rules: dict[str, PointeeRule] = field(default_factory=dict)
    asked: bool = False

    def of(self, name: str) -> str:
        """What is said of a variable; empty if nothing is."""
        return self.rules[name].to if name in self.rules else ""

    def reverted(self, called: Callable[[str], str]) -> Pointees:
        """The same of the way back; `called` gives a type's new name."""
        rules = {n: PointeeRule(r.place, n, called(r.to)) for n, r in self.rules.items()}
        return Pointees(rules, self.asked)

    def unused(self) -> list[str]:
        return [] if self.asked else list(self.rules)


def read_pointees(reader: Reader, node: yaml.Node) -> Pointees:
    """Reads the section; what is wrong goes to the reader's list."""
    out = Pointees()
    for name, value in reader.table(node):
        place = f"{reader.file}:{value.start_mark.line + 1}"
        out.rules[name] = PointeeRule(place, name, reader.text(value))
    return out


def told_of(unit: StateUnit, pointees: Pointees) -> Iterator[tuple[PointeeRule, Type, bool]]:
    """The rules for variables of a unit, with their types, and whether those change."""
    for r in unit.roots:
        if r.name in pointees.rules and not r.kept:
            yield pointees.rules[r.name], r.old, r.new is not None
    for key, rows in unit.locals.items() if pointees.rules else ():
        for variable, _, old, _, new in rows:
            name = f"{key.rpartition('$')[2]}.{variable}"
            if name in pointees.rules:
                yield pointees.rules[name], old, new is not None


def check_pointees(units: list[StateUnit], decisions: Decisions) -> None:
    """What does not fit the old version is noted as wrong."""
    decisions.pointees.asked = True
    told = [(u, *found) for u in units for found in told_of(u, decisions.pointees)]
    for rule in decisions.pointees.rules.values():
        why = _wrong(rule, [(u, t, changes) for u, r, t, changes in told if r is rule])
        if why:
            decisions.wrong.append(f"{rule.place}: variables: {rule.name}: {why}")


def _wrong(rule: PointeeRule, found: list[tuple[StateUnit, Type, bool]]) -> str:
    if not found:
        return "the old version has no such variable that holds pointers"
    if not all(is_pointer(t) for _, t, _ in found):
        return "it is no pointer; what a struct's member leads to is said under types"
    if any(changes for _, _, changes in found):
        return "its own type changes: give it another name in the new version"
    if rule.to == NOTHING or any(knows(u.layouts.old, rule.to) for u, _, _ in found):
        return ""
    files = ", ".join(sorted({u.old.meta.source for u, _, _ in found}))
    return f"the old version has no type '{rule.to}' in {files}"


def is_pointer(t: Type) -> bool:
    """Is it one, or an array of such?"""
    while isinstance(t, Array):
        t = t.of
    return isinstance(t, Pointer)


def knows(graph: TypeGraph, name: str) -> bool:
    """Can the version's unit say what such an object is?"""
    found = graph.of_text(name, graph.unit.items[0])
    return not isinstance(found, Unknown) and (not isinstance(found, Record) or found.complete)
