"""The part of the mapping file that says what threads keep under the program's keys.

keys:
  session_key: struct session   # a variable of pthread_key_t or tss_t; what its values lead to

Names are the old version's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from .facts import Variable
from .touched import definitions
from .typemap import Reader

if TYPE_CHECKING:
    from .mapfile import Decisions
    from .state_unit import StateUnit

_TYPE = re.compile(r"(?:(?:struct|union) )?[A-Za-z_]\w*")


@dataclass
class KeyRule:
    """One line: what is kept under the key in the variable `name`."""

    place: str
    name: str
    holds: str


@dataclass
class Keys:
    """The section."""

    rules: list[KeyRule] = field(default_factory=list)
    asked: bool = False

    def unused(self) -> list[str]:
        return [] if self.asked else [r.name for r in self.rules]


def read_keys(reader: Reader, node: yaml.Node) -> Keys:
    """Reads the section; what is wrong goes to the reader's list."""
    out = Keys()
    for name, value in reader.table(node):
        holds = reader.text(value)
        if holds and not _TYPE.fullmatch(holds):
            reader.complain(value, f"'{holds}' is no type's name, like 'struct session'")
        out.rules.append(KeyRule(f"{reader.file}:{value.start_mark.line + 1}", name, holds))
    return out


def keys_of(unit: StateUnit, keys: Keys) -> Iterator[tuple[KeyRule, Variable]]:
    """The rules for variables that a unit of the old version defines."""
    found = definitions(unit.old.unit) if keys.rules else {}
    for rule in keys.rules:
        if rule.name in found:
            yield rule, found[rule.name]


def check_keys(units: list[StateUnit], decisions: Decisions) -> None:
    """What does not fit the old version is noted as wrong."""
    decisions.keys.asked = True
    for rule in decisions.keys.rules:
        homes = [u for u in units if rule.name in definitions(u.old.unit)]
        records = (u.layouts.old.named(rule.holds) for u in homes)
        why = ""
        if not homes:
            why = "the old version has no such variable"
        elif not any(t is not None and t.complete for t in records):
            files = ", ".join(u.old.meta.source for u in homes)
            why = f"the old version has no type '{rule.holds}' in {files}"
        if why:
            decisions.wrong.append(f"{rule.place}: keys: {rule.name}: {why}")
