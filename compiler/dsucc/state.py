"""State whose type changes: what the patch says of it, one text for each unit that has a part.

    variables with static storage and of frames -> types that they lead to -> what changes -> C text

The text of a unit holds both versions' declarations, the old ones under a prefix. It is compiled
with the unit's own flags and linked into the patch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import declare, tokens
from .asks import Ask, asks_of
from .describe import Shared, flat_paths
from .difference import Difference, Side, UnitDiff
from .facts import ENUMERATOR, TYPE
from .holders import holders_of
from .keys import check_keys
from .kinds import check_kinds
from .layouts import Leads
from .links import check_links
from .mapfile import Decisions
from .meta import UnitMeta
from .numbers import made_of_numbers
from .pointees import check_pointees, knows, told_of
from .refusal import Place, Refusal
from .state_unit import FORWARD, Moved, Part, StateUnit, Way
from .suspect import Names, suspects
from .toplevel import Unit
from .transformers import Fate
from .typegraph import Record, TypeGraph
from .typemap import NOTHING, TypeRule


@dataclass
class State:
    """All that the patch says of types."""

    parts: dict[str, Part] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    converted: list[str] = field(default_factory=list)  # types, by name
    suspects: list[str] = field(default_factory=list)  # of them, see suspect.py
    holders: list[str] = field(default_factory=list)  # types with links in them, see holders.py
    fates: list[Fate] = field(default_factory=list)  # of their members
    asks: list[Ask] = field(default_factory=list)  # what only memory tells, see asks.py


def all_units(out: Difference) -> Iterator[UnitDiff]:
    """Every unit of both versions; one without a difference is its own counterpart."""
    for key, meta in out.new.units.items():
        before = out.old.units.get(key)
        if key in out.units:
            if out.units[key].old is not None:
                yield out.units[key]
        elif before is not None:
            yield UnitDiff(key, Side(before, meta.unit), Side(meta, meta.unit))


def _defined_twice(units: list[UnitDiff]) -> dict[str, set[str]]:
    """Unit's key to its types that other units of the old version define differently."""
    texts: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for unit in units:
        assert unit.old is not None
        for name, (item, body) in TypeGraph(unit.old.unit).bodies.items():
            if not item.system:
                texts[name][tokens.normal(body)].add(unit.key)
        for name, item in unit.old.unit.typedefs.items():
            if not item.system and any(not tag for _, tag, _ in declare.tags(item.text)):
                texts[name][tokens.normal(item.text)].add(unit.key)
    out: dict[str, set[str]] = defaultdict(set)
    for name, by_text in texts.items():
        for key in set().union(*by_text.values()) if len(by_text) > 1 else ():
            out[key].add(name)
    return out


def describe(out: Difference, decisions: Decisions, moved: Moved, way: Way = FORWARD) -> State:
    """Everything of types that the patch needs on one way; nothing where no object changes.

    `moved` are variables of old functions that chains of frames put elsewhere.
    """
    state = State()
    if not any(u.touched.of_kind(TYPE, ENUMERATOR) or u.converted for u in out.units.values()):
        return state
    units = list(all_units(out))
    twice = _defined_twice(units)
    found = [StateUnit(out, u, decisions, twice.get(u.key, set()), moved, way) for u in units]
    if not way.back:
        _check_types(found, decisions)
    leads = _leads_of(found, decisions)
    _open(found, leads, decisions)
    behind, numbers = _behind_others(found)
    for unit in found:
        for record in unit.suspected:
            leads.add(record, unit.layouts, decisions.types)
    if not leads.changed and not any(u.converted for u in units) and not _locals_change(found):
        return state
    holders = holders_of(found, leads, decisions)
    leads.settle()
    if not way.back:
        check_links(found, decisions)
        check_keys(found, decisions)
        check_kinds(found, decisions)
        check_pointees(found, decisions)
    shared = Shared(leads, decisions.types, decisions.links, way.tag)
    for unit in found:
        part = unit.text(shared)
        if part.text:
            state.parts[unit.diff.key] = part
    state.refusals = [*shared.refusals.values(), *(r for u in found for r in u.unread)]
    state.refusals += _of_numbers(found, numbers, decisions)
    state.converted = sorted(leads.changed)
    state.suspects = behind
    state.holders = [name for name in holders if name in leads.leading]
    state.asks = asks_of(found, leads, behind, state.holders, decisions)
    state.fates = [f for _, told in sorted(shared.fates.items()) for f in told]
    return state


def _leads_of(units: list[StateUnit], decisions: Decisions) -> Leads:
    """What all variables lead to."""
    leads = Leads()
    for unit in units:
        for r in unit.roots:
            leads.add(r.old, unit.layouts, decisions.types)
        for rows in unit.locals.values():
            for _, _, old, _, _ in rows:
                leads.add(old, unit.layouts, decisions.types)
        for rule, t, _ in told_of(unit, decisions.pointees):
            if rule.to != NOTHING:
                leads.lead_to(t, rule.to, unit.layouts, decisions.types)
    return leads


def _check_types(units: list[StateUnit], decisions: Decisions) -> None:
    """What pointers are said to lead to has to be there; a type that changes is no misspelt one."""
    rules = decisions.types
    for name, rule in rules.rules.items():
        if any(_is_other(u, name) for u in units):
            rules.used.add(name)
        _check_members(units, name, decisions)
        called = rules.called(name)
        for member, said in rule.points.items():
            if said != NOTHING and not any(knows(u.layouts.old, said) for u in units):
                at = decisions.place(["types", called, "points", member])
                why = f"the old version has no type '{said}'"
                decisions.wrong.append(f"{at}: types: {called}: points: {member}: {why}")


def _check_members(units: list[StateUnit], known_as: str, decisions: Decisions) -> None:
    """Members that a rule names have to be there; in `back` versions have changed places."""
    rules, rule = decisions.types, decisions.types.rules[known_as]
    called, back = rules.called(known_as), rule.back or TypeRule()
    of_new: dict[str, dict[str, Any]] = {
        "fields": rule.fields,
        "back: when": back.when,
        "back: points": back.points,
    }
    of_old: dict[str, dict[str, Any]] = {
        "when": rule.when,
        "points": rule.points,
        "back: fields": back.fields,
    }
    for version, sections in (("old", of_old), ("new", of_new)):
        found = [getattr(u.layouts, version).named(known_as) for u in units]
        records = [r for r in found if r is not None and r.complete]
        paths = {p for r in records for p in (*r.named, *(path for path, _, _ in flat_paths(r)))}
        for section, members in sections.items() if records else ():
            for member in sorted(members.keys() - paths):
                at = decisions.place(["types", called, *section.split(": "), member])
                why = f"the {version} version has no such member of it"
                decisions.wrong.append(f"{at}: types: {called}: {section}: {member}: {why}")


def _is_other(unit: StateUnit, name: str) -> bool:
    """Is the type another one in the new version, or only there?"""
    touched = name.rpartition(" ")[2] in unit.layouts.touched
    return knows(unit.layouts.new, name) and (touched or not knows(unit.layouts.old, name))


def _open(units: list[StateUnit], leads: Leads, decisions: Decisions) -> None:
    """A type that is reached where it is only declared is described where it is defined."""
    seen: set[str] = set()
    while new := leads.opaque - seen:
        seen |= new
        for name in sorted(new):
            for unit in units:
                record = unit.complete(name)
                if record is not None:
                    unit.opened[name] = record
                    leads.add(record, unit.layouts, decisions.types)
                    break


def _behind_others(units: list[StateUnit]) -> tuple[list[str], dict[str, Place]]:
    """Changed types that are reached through pointers to something else; each unit gets its own.

    Those that numbers lead to have the place that shows it.
    """
    asked: list[tuple[UnitMeta, Unit, Names]] = []
    holders: dict[str, tuple[StateUnit, Record]] = {}
    for unit in units:
        pointers: Names = {}
        for pointer, record in unit.changed_records():
            pointers[pointer] = record.known_as
            holders.setdefault(record.known_as, (unit, record))
        asked.append((unit.old.meta, unit.old.unit, pointers))
    numbers = made_of_numbers(asked)
    found = suspects(asked) | numbers.keys()
    for name in found:
        unit, record = holders[name]
        unit.suspected.append(record)
    return sorted(found), numbers


def _of_numbers(
    units: list[StateUnit], numbers: dict[str, Place], decisions: Decisions
) -> Iterator[Refusal]:
    records = {r.known_as: (r, u) for u in units for r in u.suspected}
    for name, place in sorted(numbers.items()):
        if not decisions.types.of(name).no_numbers:
            record, unit = records[name]
            new = unit.layouts.new.natural(record)
            called = decisions.types.called(name)
            yield Refusal(
                "number", called,
                f"{place} makes a pointer to it of a number: what numbers lead to is not found",
                record.place, new.place if isinstance(new, Record) else None,
                "say in a mapping file that no number holds such an address as the update comes:"
                f" types: {{{called}: {{numbers: nothing}}}}",
            )  # fmt: skip


def _locals_change(units: list[StateUnit]) -> bool:
    return any(new is not None for u in units for rows in u.locals.values() for *_, new in rows)
