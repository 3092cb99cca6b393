"""The part of the mapping file that says what lists hold whose links lie inside of what they link.

links:
  struct server.conns: struct conn.link       # the list's head, or the pointer to its first link
  idle: [struct conn.idle, struct timer.link] # of a variable with static storage; of several types
  main.waiting: struct conn.link              # of a function's variable

Names are the old version's. It is only asked where a block of memory could be one of several
things. A link of such a list leads to another one of it, or to its head.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from . import declare
from .touched import definitions
from .typegraph import Array, Pointer, Record, Type
from .typemap import Reader

if TYPE_CHECKING:
    from .mapfile import Decisions
    from .state_unit import StateUnit

_MEMBER = re.compile(r"((?:(?:struct|union) )?[A-Za-z_]\w*)\.([A-Za-z_]\w*)")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")


@dataclass
class LinkRule:
    """One line: of the list at `name`, what may be in it, as (type, member)."""

    place: str
    name: str
    holds: list[tuple[str, str]] = field(default_factory=list)
    used: bool = False


@dataclass
class Links:
    """The section. `allowed` is filled in when it has met the old program."""

    rules: list[LinkRule] = field(default_factory=list)
    allowed: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def leading(self, owner: str, path: str) -> list[str]:
        """The types that links in a member lead to; of a variable, where `owner` is empty."""
        return sorted(self.allowed[owner, path]) if (owner, path) in self.allowed else []

    def unused(self) -> list[str]:
        return [r.name for r in self.rules if not r.used]


def read_links(reader: Reader, node: yaml.Node) -> Links:
    """Reads the section; what is wrong goes to the reader's list."""
    out = Links()
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        rule = LinkRule(f"{reader.file}:{key.start_mark.line + 1}", str(key.value))
        if not (_MEMBER.fullmatch(rule.name) or _VARIABLE.fullmatch(rule.name)):
            reader.complain(key, f"'{rule.name}' is no list, like 'struct server.conns'")
        entries = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for entry in entries or [value]:
            said = entry.value if isinstance(entry, yaml.ScalarNode) else ""
            found = _MEMBER.fullmatch(str(said))
            if found is None:
                reader.complain(entry, f"'{said}' is no type's member, like 'struct conn.link'")
            else:
                rule.holds.append((found[1], found[2]))
        out.rules.append(rule)
    if not isinstance(node, yaml.MappingNode):
        reader.complain(node, "links: want a table of names")
    return out


def check_links(units: list[StateUnit], decisions: Decisions) -> None:
    """Fills in what links lead to; what does not fit the old version is noted as wrong."""
    links = decisions.links
    for rule in links.rules:
        rule.used = True
        try:
            _resolve(units, links, rule)
        except _Wrong as why:
            decisions.wrong.append(f"{rule.place}: links: {rule.name}: {why}")


class _Wrong(Exception):
    pass


def _resolve(units: list[StateUnit], links: Links, rule: LinkRule) -> None:
    owner, path, type_ = _list(units, rule.name)
    leads_to = set(_pointees(type_))
    held = [(*_member(units, name, member), name, member) for name, member in rule.holds]
    for record, link, name, member in held:
        inside = {t.known_as for t in _inside(link)}
        if not leads_to & inside:
            raise _Wrong(f"no pointer in it leads to what '{name}.{member}' is")
        links.allowed[owner, path].add(record)
        links.allowed[record, member] |= {owner} if owner else set()
        if isinstance(type_, Pointer):
            links.allowed[record, member] |= leads_to & inside
    for record, _, _, member in held:
        links.allowed[record, member] |= {r for r, _, _, _ in held}


def _list(units: list[StateUnit], name: str) -> tuple[str, str, Type]:
    """Where a list begins: its type and member, or a variable; and the type of that."""
    for unit in units:
        for v_name, v in definitions(unit.old.unit).items():
            if v_name == name:
                specifiers = declare.read(v.item.text).specifiers
                return "", name, unit.layouts.old.variable(v.item, v.declarator, specifiers)
        for key, rows in unit.locals.items():
            for variable, _, old, _, _ in rows:
                if f"{key.rpartition('$')[2]}.{variable}" == name:
                    return "", name, old
    found = _MEMBER.fullmatch(name)
    if found is None:
        raise _Wrong("the old version has no such variable that holds pointers")
    record, type_ = _member(units, found[1], found[2])
    return record, found[2], type_


def _member(units: list[StateUnit], name: str, member: str) -> tuple[str, Type]:
    """A type's name, and the type of its member."""
    known = False
    for unit in units:
        record = unit.layouts.old.named(name)
        if record is not None and record.complete:
            known = True
            if member in record.named:
                return record.known_as, record.named[member].type
    what = f"'{name}' has no member '{member}'" if known else f"has no type '{name}'"
    raise _Wrong(f"in the old version {what}" if known else f"the old version {what}")


def _inside(t: Type) -> Iterator[Type]:
    """A type and those of all that lies in it."""
    yield t
    if isinstance(t, Array):
        yield from _inside(t.of)
    elif isinstance(t, Record) and not t.closed:
        for m in t.members:
            yield from _inside(m.type)


def _pointees(t: Type) -> Iterator[str]:
    for inner in _inside(t):
        if isinstance(inner, Pointer):
            yield inner.to.known_as
