"""Which types are the same in both versions: whose objects may stay where they are, as they are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from .typegraph import Array, Enum, Member, Pointer, Record, Scalar, Type, TypeGraph, Unknown
from .typemap import NOTHING, TypeRules

PREFIX = "old$"
_WORD = re.compile(r"[A-Za-z_$][\w$]*")


@dataclass
class Layouts:
    """Both versions of one unit. `touched` are names that mean something else in the new one."""

    old: TypeGraph
    new: TypeGraph
    touched: set[str]

    def old_name(self, name: str) -> str:
        """How the old version's name of a type, constant or variable is spelled beside the new."""
        return PREFIX + name if name in self.old.own_names else name

    def __post_init__(self) -> None:
        self._known: dict[tuple[int, int], bool] = {}
        self._kept: list[tuple[Type, Type]] = []  # ids are theirs for as long as they live

    def same(self, a: Type, b: Type | None) -> bool:
        """Can the bytes of an `a` be taken for a `b`?"""
        if b is None:
            return False
        key = id(a), id(b)
        if key not in self._known:
            self._kept.append((a, b))
            self._known[key] = True  # a type that contains itself does so by a pointer
            self._known[key] = self._compare(a, b)
        return self._known[key]

    def _compare(self, a: Type, b: Type) -> bool:
        if isinstance(a, Record) and isinstance(b, Record):
            return self._records(a, b)
        if isinstance(a, Array) and isinstance(b, Array):
            fixed = not (set(_WORD.findall(a.bound)) & self.touched)
            return a.bound == b.bound and fixed and self.same(a.of, b.of)
        if isinstance(a, Enum) and isinstance(b, Enum):
            return set(a.names) <= set(b.names) and not (set(a.names) & self.touched)
        if isinstance(a, Pointer) and isinstance(b, Pointer):
            return self.point_alike(a.to, b.to)
        return isinstance(a, Scalar) and isinstance(b, Scalar) and a.words == b.words

    def _records(self, a: Record, b: Record) -> bool:
        if a.known_as != b.known_as and not (_nameless(a) and _nameless(b)):
            return False
        if a.system and b.system:
            return True
        if not a.complete or not b.complete:
            return not a.complete and not b.complete
        alike = len(a.members) == len(b.members) and a.attributes == b.attributes
        both = zip(a.members, b.members, strict=True) if alike else ()
        return alike and all(self.same_member(x, y) for x, y in both)

    def same_member(self, x: Member, y: Member) -> bool:
        """Is it the same one, wherever it lies?"""
        return x.name == y.name and self._bits(x, y) and self.same(x.type, y.type)

    def _bits(self, x: Member, y: Member) -> bool:
        return x.bits == y.bits and not (set(_WORD.findall(x.bits)) & self.touched)

    def point_alike(self, a: Type, b: Type) -> bool:
        """May a pointer to an `a` become one to a `b`, wherever that has gone?"""
        if isinstance(a, Pointer) and isinstance(b, Pointer):
            return self.point_alike(a.to, b.to)
        if isinstance(a, Array) and isinstance(b, Array):
            return self.point_alike(a.of, b.of)
        if _nameless(a) and _nameless(b):
            return self.same(a, b)
        if b.known_as in (a.known_as, "void"):
            return True
        return isinstance(a, Scalar) and isinstance(b, Scalar) and a.words == b.words


def _nameless(a: Type) -> bool:
    return isinstance(a, Record) and not a.spelled


def inner(a: Type) -> Iterator[Type]:
    """The types that objects of a type contain or point to."""
    if isinstance(a, Pointer):
        yield a.to
    elif isinstance(a, Array):
        yield a.of
    elif isinstance(a, Record) and not a.closed:
        yield from (m.type for m in a.members)


def has_link(a: Type, links: set[str]) -> bool:
    """Does what pointers to one of these may mean lie in it?"""
    if isinstance(a, Array):
        return a.of.known_as in links or has_link(a.of, links)
    if not isinstance(a, Record) or a.closed:
        return False
    return any(
        isinstance(m.type, Record | Array) and (m.type.known_as in links or has_link(m.type, links))
        for m in a.members
    )


def has_pointers(a: Type, seen: frozenset[int] = frozenset()) -> bool:
    """Does an object of this type hold addresses of objects?"""
    if isinstance(a, Pointer):
        return a.to.known_as != "a function"
    if isinstance(a, Array):
        return has_pointers(a.of, seen)
    if isinstance(a, Record) and not a.closed and id(a) not in seen:
        return any(has_pointers(m.type, seen | {id(a)}) for m in a.members)
    return False


def has_address(a: Type, seen: frozenset[int] = frozenset()) -> bool:
    """Does an object of this type hold an address of any kind, of a function for one?"""
    if isinstance(a, Array):
        return has_address(a.of, seen)
    if isinstance(a, Record) and not a.closed and id(a) not in seen:
        return any(has_address(m.type, seen | {id(a)}) for m in a.members)
    return isinstance(a, Pointer)


@dataclass
class Leads:
    """Which types lead to an object of a changed type, in the whole program, by name."""

    edges: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    changed: set[str] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    kept: list[Type] = field(default_factory=list)
    leading: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)  # reached where the type is only declared
    links: set[str] = field(default_factory=set)  # pointers to them may mean what they lie in
    linked: set[str] = field(default_factory=set)  # the members that are: "struct conn.link"
    said: set[str] = field(default_factory=set)  # what a mapping file says that a member leads to

    def add(self, a: Type, layouts: Layouts, rules: TypeRules) -> None:
        """A type of an object that exists, and all that it leads to."""
        todo = [a]
        while todo:
            t = todo.pop()
            if id(t) in self.seen or isinstance(t, Unknown):
                continue
            self.seen.add(id(t))
            self.kept.append(t)
            if isinstance(t, Record) and not t.complete:
                self.opaque.add(t.known_as)
            if isinstance(t, Enum | Record | Scalar) and not layouts.same(
                t, layouts.new.natural(t)
            ):
                is_known = not isinstance(t, Record) or t.complete
                if is_known and (not isinstance(t, Record) or t.spelled):
                    self.changed.add(t.known_as)
            said = rules.of(t.known_as).points.values() if isinstance(t, Record) else ()
            where = layouts.old.unit.items[0]
            others = [layouts.old.of_text(text, where) for text in said if text != NOTHING]
            self.said |= {i.known_as for i in others}
            for i in [*inner(t), *others]:
                self.edges[i.known_as].add(t.known_as)
                todo.append(i)

    def lead_to(self, a: Type, said: str, layouts: Layouts, rules: TypeRules) -> None:
        """What a mapping file says that a variable of the type `a` leads to."""
        to = layouts.old.of_text(said, layouts.old.unit.items[0])
        self.said.add(to.known_as)
        self.edges[to.known_as].add(a.known_as)
        self.add(to, layouts, rules)

    def settle(self) -> None:
        """Fills in `leading`."""
        todo = [*self.changed, *self.said]
        while todo:
            name = todo.pop()
            if name not in self.leading:
                self.leading.add(name)
                todo += self.edges.get(name, ())
