"""Which types the old program goes back to from the address of a member.

    struct conn { int fd; struct list_head link; };
    container_of(p, struct conn, link)      has become (struct conn *)((char *)p - offsetof(…))

A `struct list_head *` may then lead to a `struct conn`. `offsetof` in a function's text tells it,
in its plain form, too; and for a member at the beginning a cast does. What a block of memory really
holds is decided as the update happens, among all types that have such a member.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from .layouts import Leads, has_link
from .toplevel import Kind
from .typegraph import Array, Pointer, Record, Type

if TYPE_CHECKING:
    from .mapfile import Decisions
    from .state_unit import StateUnit

_WORDS = r"(?:(?:struct|union)\s+)?\w+"
_PATH = r"\w+(?:\s*(?:\.\s*\w+|\[[^\]]*\]))*"
_BUILTIN = re.compile(rf"__builtin_offsetof\s*\(([^,;]*),\s*({_PATH})\s*\)")
_NULL = re.compile(rf"\(([^();]*(?:\([^()]*\)+)?)\s*\*\s*\)\s*0\s*\)*\s*->\s*({_PATH})")
_MARKER = re.compile(r"(?m)^#.*$")
_CAST = re.compile(rf"\(\s*(?:const\s+)?({_WORDS}\s*\*?)\s*\)\s*[\w(&*]")


class Evidence:
    """Of one unit: what its functions say."""

    def __init__(self, unit: StateUnit) -> None:
        self.graph = unit.layouts.old
        self.texts = [
            _MARKER.sub("", item.text[item.body :])
            for item in unit.old.unit.items
            if item.kind is Kind.FUNCTION and not item.system
        ]

    @cached_property
    def paths(self) -> dict[str, set[str]]:
        """A type's name to paths of its members; under "" those of types that are expressions."""
        out: dict[str, set[str]] = {}
        for text in self.texts:
            for pattern in (_BUILTIN, _NULL):
                for type_, path in pattern.findall(text):
                    name = " ".join(type_.replace("const ", " ").split())
                    known = re.fullmatch(_WORDS, name)
                    out.setdefault(name if known else "", set()).add("".join(path.split()))
        return out

    @cached_property
    def casts(self) -> set[str]:
        found = (m for text in self.texts for m in _CAST.findall(text))
        return {" ".join(m.replace("*", " *").split()) for m in found}

    def records(self) -> Iterator[tuple[str, str, Record]]:
        """Name, name of a pointer to it, and type of each that a member may be taken back to."""
        of_any = self.paths.get("", set())
        first = {p.partition(".")[0].partition("[")[0] for p in of_any}

        def is_meant(name: str, text: str) -> bool:
            said = name in self.paths or bool({name, f"{name} *"} & self.casts)
            return said or (bool(first) and not first.isdisjoint(re.findall(r"\w+", text)))

        for name, (item, body) in self.graph.bodies.items():
            keyword, _, tag = name.partition(" ")
            if not item.system and keyword != "enum" and is_meant(name, body):
                yield name, f"{name} *", self.graph.record(keyword, tag)
        for name, item in self.graph.unit.typedefs.items():
            if not item.system and is_meant(name, item.text):
                t = self.graph.typedef(name)
                pointer = name if isinstance(t, Pointer) else f"{name} *"
                t = t.to if isinstance(t, Pointer) else t
                if isinstance(t, Record):
                    yield name, pointer, t

    @cached_property
    def links(self) -> list[tuple[Record, Record, str]]:
        """Each type with one of its members' that lead to it, and where that is."""
        return list(self._links())

    def related(self, names: set[str]) -> set[str]:
        """Types' names with those of all that may lead to them by such a member."""
        out, tags = set(names), [(_tag(record), _tag(link)) for record, link, _ in self.links]
        while more := {link for record, link in tags if record in out} - out:
            out |= more
            while more:
                words = re.compile(rf"(?<![\w$])(?:{'|'.join(map(re.escape, more))})(?![\w$])")
                more = {n for n, text in self._types() if n not in out and words.search(text)}
                out |= more
        return out

    def _types(self) -> Iterator[tuple[str, str]]:
        for name, (item, body) in self.graph.bodies.items():
            if not item.system:
                yield name.partition(" ")[2], body
        for name, item in self.graph.unit.typedefs.items():
            if not item.system:
                yield name, item.text

    def _links(self) -> Iterator[tuple[Record, Record, str]]:
        for name, pointer, t in self.records():
            if not t.complete or not t.spelled or t.system:
                continue
            for path in self.paths.get(name, set()) | self.paths.get("", set()):
                yield from _link(t, _member(t, path), path)
            if pointer in self.casts:
                for first in beginnings(t):
                    yield from _link(t, first, t.members[0].name)


def _tag(record: Record) -> str:
    return record.spelled.rpartition(" ")[2]


def beginnings(record: Record) -> Iterator[Type]:
    """What lies at its beginning, and at the beginning of that."""
    t: Type = record
    while isinstance(t, Record) and t.members and not t.is_union:
        t = t.members[0].type
        yield t


def _member(t: Type, path: str) -> Type | None:
    found: Type | None = t
    for name in re.findall(r"\w+|\[", re.sub(r"\[[^\]]*\]", "[", path)):
        if name == "[":
            found = found.of if isinstance(found, Array) else None
        else:
            m = found.named.get(name) if isinstance(found, Record) else None
            found = m.type if m is not None else None
    return found


def _link(t: Record, m: Type | None, path: str) -> Iterator[tuple[Record, Record, str]]:
    while isinstance(m, Array):
        m = m.of
    if isinstance(m, Record) and m.spelled and m.complete and not m.closed and not m.system:
        yield t, m, path


def holders_of(units: list[StateUnit], leads: Leads, decisions: Decisions) -> list[str]:
    """The types that have such members, by name; each is described by a unit that knows it.

    Only those that can be reached: by a pointer to a member that something known has.
    """
    if not leads.changed:
        return []
    by_link: dict[str, list[tuple[StateUnit, Record]]] = defaultdict(list)
    for u in units:
        for record, link, path in u.evidence.links:
            by_link[link.known_as].append((u, record))
            first = path.partition(".")[0].partition("[")[0]
            leads.linked.add(f"{record.known_as}.{first}")
        for known_as, rule in decisions.types.rules.items():
            kinds = (u.layouts.old.named(name) for name in rule.kinds)
            by_link[known_as] += [(u, t) for t in kinds if t is not None and t.complete]
    while ready := by_link.keys() & {t.known_as for t in leads.kept}:
        for link_name in sorted(ready):
            leads.links.add(link_name)
            for unit, record in by_link.pop(link_name):
                leads.edges[record.known_as].add(link_name)
                leads.add(record, unit.layouts, decisions.types)
    homes = {id(u.layouts.old): u for u in units}
    found: dict[str, tuple[StateUnit, Record]] = {}
    for t in leads.kept:
        if isinstance(t, Record) and t.complete and t.spelled and not t.system:
            home = homes.get(id(t.graph))
            if home is not None and has_link(t, leads.links):
                found.setdefault(t.known_as, (home, t))
    for name, (unit, t) in found.items():
        unit.opened.setdefault(name, t)
    return sorted(found)
