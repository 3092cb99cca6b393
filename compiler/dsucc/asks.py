"""What an update may ask the mapping file for as it happens, for only memory tells.

A `void *` may lead to anything that the program keeps behind such pointers, a list may hold each of
several things that have its kind of link, and what threads keep under a key has no type at all.
Where a block of memory leaves that open the update is refused; the skeleton has a line for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import declare
from .describe import flat_paths
from .layouts import Leads, has_pointers
from .refusal import Place, Refusal, member_of
from .touched import definitions
from .typegraph import VOID, Array, Pointer, Record, Type
from .valuetype import is_temporary

if TYPE_CHECKING:
    from .mapfile import Decisions
    from .state_unit import StateUnit

POINTS, KINDS, LINKS, KEYS, BACK = "points", "kinds", "links", "keys", "back"
VARIABLES = "variables"
_Homes = dict[int, "StateUnit"]
"""Units by what tells their old types: `id()` of the graph."""

_KEY_TYPE = re.compile(r"\b(?:pthread_key_t|tss_t)\b")


@dataclass(frozen=True)
class Ask:
    """One line: of `section` (points, back: of a type's `member`), and what may stand there."""

    section: str
    name: str
    choices: tuple[str, ...]
    old: Place | None = None
    new: Place | None = None
    member: str = ""
    key: str = "fields"  # under `back`: or when


def asks_of(
    units: list[StateUnit], leads: Leads, suspects: list[str], holders: list[str],
    decisions: Decisions,
) -> list[Ask]:  # fmt: skip
    """All of them that the mapping file does not answer yet; once each."""
    homes = {id(u.layouts.old): u for u in units}
    found = [
        *(_points(homes, leads, suspects, decisions) if suspects else ()),
        *_links(homes, leads, holders, decisions),
        *(_keys(units, suspects) if suspects else ()),
        *(_untyped_variables(units, suspects) if suspects else ()),
    ]
    decided = {r.name for r in decisions.links.rules} | {r.name for r in decisions.keys.rules}
    decided |= decisions.pointees.rules.keys()
    by_name = {(a.section, a.name, a.member): a for a in reversed(found) if a.name not in decided}
    return [by_name[key] for key in sorted(by_name)]


def asks_of_way_back(refusals: list[Refusal]) -> list[Ask]:
    """Members of which a patch that can be taken back has to know what they were."""
    found = []
    for r in refusals:
        if r.kind in ("type", "union"):
            key = "fields" if r.kind == "type" else "when"
            name, _, inner = r.name.partition(".")
            member = inner.partition(".")[0] or member_of(r)
            found.append(Ask(BACK, name, (r.why,), r.new, r.old, member, key))
    return found


def _records(leads: Leads) -> Iterator[Record]:
    """The program's own types that the old version reaches."""
    for t in leads.kept:
        if isinstance(t, Record) and t.complete and t.spelled and not t.system:
            yield t


def _places(t: Record, homes: _Homes) -> tuple[Place | None, Place | None]:
    home = homes.get(id(t.graph))
    now = home.layouts.new.natural(t) if home is not None else None
    return t.place, now.place if isinstance(now, Record) else None


def _points(
    homes: _Homes, leads: Leads, suspects: list[str], decisions: Decisions
) -> Iterator[Ask]:
    for t in _records(leads):
        rule = decisions.types.rules.get(t.known_as)
        for path, m, _ in flat_paths(t):
            if _untyped(m.type) and (rule is None or path not in rule.points):
                name = decisions.types.called(t.known_as)
                yield Ask(POINTS, name, tuple(suspects), *_places(t, homes), member=path)


def _untyped(t: Type) -> bool:
    """Is it a `void *`, a `void **` or an array of such?"""
    while isinstance(t, Array):
        t = t.of
    inner = t
    while isinstance(inner, Pointer):
        inner = inner.to
    return inner is VOID and inner is not t


def _links(homes: _Homes, leads: Leads, holders: list[str], decisions: Decisions) -> Iterator[Ask]:
    records = {t.known_as: t for t in _records(leads)}
    members = [
        (f"{name}.{m.name}", t, m.type)
        for name, t in sorted(records.items())
        for m in t.named.values()
    ]
    for link in sorted(leads.links & leads.leading):
        held = {
            n: t.known_as for n, t, m in members
            if t.known_as in holders and n in leads.linked and _has(m, link)
        }  # fmt: skip
        kinds = tuple(sorted(set(held.values())))
        if len(kinds) < 2:
            continue
        base = records.get(link)
        if base is not None and not has_pointers(base):
            # No list: what others begin with, and is told by what is in it.
            if not decisions.types.of(link).kinds:
                yield Ask(KINDS, decisions.types.called(link), kinds, *_places(base, homes))
            continue
        for name, t, m in members:
            if t.known_as != link and name not in held and (_has(m, link) or _to(m, link)):
                yield Ask(LINKS, name, tuple(held), *_places(t, homes))
        for name, v, place in _variables(homes.values()):
            if _has(v, link) or _to(v, link):
                yield Ask(LINKS, name, tuple(held), place, place)


def _variables(units: Iterable[StateUnit]) -> Iterator[tuple[str, Type, Place | None]]:
    """What a list may begin at: with static storage, or a frame's own head."""
    for unit in units:
        for name, v in definitions(unit.old.unit).items():
            specifiers = declare.read(v.item.text).specifiers
            t = unit.layouts.old.variable(v.item, v.declarator, specifiers)
            yield name, t, v.place
        for key, rows in unit.locals.items():
            function = key.rpartition("$")[2]
            for variable, text, old, _, _ in rows:
                if isinstance(old, (Record, Array)) and not is_temporary(text):
                    yield f"{function}.{variable}", old, None


def _has(t: Type, link: str) -> bool:
    """Is it a link, or an array of such?"""
    while isinstance(t, Array):
        t = t.of
    return t.known_as == link


def _to(t: Type, link: str) -> bool:
    while isinstance(t, Array):
        t = t.of
    return isinstance(t, Pointer) and t.to.known_as == link


def _keys(units: list[StateUnit], suspects: list[str]) -> Iterator[Ask]:
    for unit in units:
        now = definitions(unit.new.unit)
        for name, v in definitions(unit.old.unit).items():
            if _KEY_TYPE.search(declare.read(v.item.text).specifiers):
                new = now[name].place if name in now else None
                yield Ask(KEYS, name, tuple(suspects), v.place, new)


def _untyped_variables(units: list[StateUnit], suspects: list[str]) -> Iterator[Ask]:
    for r in (r for unit in units for r in unit.roots):
        if _untyped(r.old) and r.new is None and r.about is not None:
            yield Ask(VARIABLES, r.name, tuple(suspects), r.about.old, r.about.new)
