"""The types of one version of a unit: what the conversion of objects has to know of them.

    struct session { struct user *by; char name[LIMIT]; };

is a Record with two members: a Pointer to another Record, and an Array whose bound is kept as text.
How objects lie in memory is not known here: sizes and offsets are left to the C compiler.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from pycparser import c_ast
from pycparser.c_generator import CGenerator

from . import declare, tokens
from .facts import ATTRIBUTE
from .gnu import Untouchable, standardise
from .parse import known_types, parse_with
from .refusal import Place, place_of
from .toplevel import Item, Kind, Unit, kept_with_unit

_ALIGN = re.compile(r"\b_Alignas\s*\((?:[^()]|\([^()]*\))*\)")


@dataclass(eq=False)
class Type:
    """Any type. `known_as` is the same in both versions if the types are meant to be the same."""

    known_as: str


@dataclass(eq=False)
class Scalar(Type):
    """An arithmetic type, known as its typedef; void and functions, too, which no object has."""

    words: str


@dataclass(eq=False)
class Enum(Type):
    """Its enumerators by name; one without a name of its own is called after its owner."""

    names: tuple[str, ...]
    place: Place | None = None
    nameless: bool = False


@dataclass(eq=False)
class Pointer(Type):
    """To an object or a function."""

    to: Type


@dataclass(eq=False)
class Array(Type):
    """`bound` is text, empty where there is none."""

    of: Type
    bound: str


@dataclass(eq=False)
class Unknown(Type):
    """What cannot be read; the text says why."""


@dataclass
class Member:
    """`name` is empty for an anonymous struct or union, `bits` unless it is a bit-field."""

    name: str
    type: Type
    bits: str = ""


@dataclass(eq=False)
class Record(Type):
    """A struct or union; `spelled` names it in C, empty for one that has no name."""

    is_union: bool
    spelled: str
    graph: TypeGraph
    system: bool = False
    place: Place | None = None
    attributes: tuple[str, ...] = ()
    decls: list[c_ast.Node] | None = None

    @cached_property
    def members(self) -> list[Member]:
        return list(self._members())

    def _members(self) -> Iterator[Member]:
        for d in self.decls or []:
            if isinstance(d, c_ast.Decl):
                made = self.graph.convert(d.type, f"{self.known_as}.{d.name or ''}")
                bits = "" if d.bitsize is None else self.graph.text(d.bitsize)
                yield Member(d.name or "", made, bits)

    @property
    def complete(self) -> bool:
        return self.decls is not None

    @cached_property
    def closed(self) -> bool:
        """Is it a system's type whose pointers are the system's, unlike those of `struct iovec`?"""
        return self.system and _addresses(self, set()) is not True

    @cached_property
    def named(self) -> dict[str, Member]:
        """All members that can be named, those of anonymous ones too."""
        out: dict[str, Member] = {}
        for m in self.members:
            if m.name:
                out[m.name] = m
            elif isinstance(m.type, Record):
                out |= m.type.named
        return out


VOID = Scalar("void", "void")
FUNCTION = Scalar("a function", "a function")


def _addresses(a: Type, seen: set[int]) -> bool | None:
    """Has it pointers? True: only such to anything, as `void *` says; None: it has none."""
    if isinstance(a, Array):
        return _addresses(a.of, seen)
    if isinstance(a, Pointer) and a.to in (VOID, FUNCTION):
        return True if a.to is VOID else None
    if isinstance(a, Pointer):
        return _addresses(a.to, seen) if isinstance(a.to, Record) else False
    if not isinstance(a, Record) or id(a) in seen:
        return None
    seen.add(id(a))
    found = {_addresses(m.type, seen) for m in a.members} - {None}
    return None if not found else False not in found


@dataclass
class TypeGraph:
    """Reads types of a unit where they are asked for."""

    unit: Unit
    renames: dict[str, str] = field(default_factory=dict)  # new name: old name, "struct s" or "t"

    def __post_init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._enums: dict[str, Enum] = {}
        self._typedefs: dict[str, Type] = {}
        self._read: dict[str, Type] = {}
        self._generator = CGenerator()

    @property
    def bodies(self) -> dict[str, tuple[Item, str]]:
        """By name, "struct s": the item that defines it and what stands between its braces."""
        return _bodies(self.unit)

    @property
    def own_names(self) -> set[str]:
        """Typedefs, enumerators and variables that are not a system header's."""
        return _own_names(self.unit)

    @property
    def own_tags(self) -> set[str]:
        """Tags that are not a system header's; functions may have the same names."""
        return _own_tags(self.unit)

    def called(self, name: str) -> str:
        """The name under which both versions know a type."""
        return self.renames.get(name, name)

    def text(self, node: c_ast.Node) -> str:
        return " ".join(str(self._generator.visit(node)).split())

    # -- entry points -------------------------------------------------------------------------

    def variable(self, item: Item, d: declare.Declarator, specifiers: str) -> Type:
        """The type of a declared variable; anonymous types in it are called after it."""
        bare = declare.without(specifiers, declare.STORAGE)
        return self._declared(f"{bare} {d.text};", item, f"variable {d.name}")

    def of_text(self, text: str, item: Item) -> Type:
        """The type that `text` names, like "char *[10]"; `item` says where."""
        if text not in self._read:
            self._read[text] = self._of_text(text, item)
        return self._read[text]

    def _of_text(self, text: str, item: Item) -> Type:
        named = self.expression(text, item)
        if isinstance(named, c_ast.Typename):
            return self.convert(named.type, text)
        return Unknown(f"'{text}' cannot be read")

    def expression(self, text: str, item: Item) -> c_ast.Node | None:
        """The tree of an expression; None if it cannot be read."""
        tree = self._parse(f"int dsu_probe = sizeof({text});")
        probe = tree.init if isinstance(tree, c_ast.Decl) else None
        return probe.expr if isinstance(probe, c_ast.UnaryOp) else None

    def record(self, keyword: str, tag: str) -> Record:
        """By tag; without members if the unit does not define it."""
        name = f"{keyword} {tag}"
        if name not in self._records:
            made = Record(self.called(name), keyword == "union", name, self)
            self._records[name] = made
            if name in self.bodies:
                self._define(made, keyword, tag)
        return self._records[name]

    def typedef(self, name: str) -> Type:
        if name not in self._typedefs:
            item = self.unit.typedefs.get(name)
            self._typedefs[name] = Unknown(f"'{name}' is not known")
            if item is not None:
                self._typedefs[name] = self._typedef(name, item)
        return self._typedefs[name]

    def natural(self, old: Type) -> Type | None:
        """What an object of an old type becomes in this version unless somebody says otherwise."""
        if isinstance(old, Pointer):
            to = self.natural(old.to)
            return None if to is None else Pointer(f"{to.known_as} *", to)
        if isinstance(old, Array):
            of = self.natural(old.of)
            return None if of is None else Array(f"{of.known_as}[{old.bound}]", of, old.bound)
        if isinstance(old, Enum) and old.nameless:
            return old  # nobody can ask for it by name: it is compared as a part of its owner
        if isinstance(old, (Record, Enum)):
            return self.by_name(old.known_as)
        if isinstance(old, Scalar) and old.known_as != old.words:
            return self.by_name(old.known_as) or old
        return old

    def by_name(self, known_as: str) -> Type | None:
        """The type that both versions know under a name; None if this one has no such type."""
        back = {v: k for k, v in self.renames.items()}
        name = back.get(known_as, known_as)
        keyword, _, tag = name.partition(" ")
        if keyword in ("struct", "union") and re.fullmatch(r"[\w$]+", tag):
            return self.record(keyword, tag)
        if keyword == "enum" and name in self.bodies:
            return self._enum(tag)
        return self.typedef(name) if name in self.unit.typedefs else None

    def named(self, known_as: str) -> Record | None:
        """A struct or union by the name under which both versions know it."""
        found = self.by_name(known_as)
        if isinstance(found, Pointer):
            found = found.to
        return found if isinstance(found, Record) else None

    # -- reading ------------------------------------------------------------------------------

    def _define(self, record: Record, keyword: str, tag: str) -> None:
        item, body = self.bodies[f"{keyword} {tag}"]
        tree = self._parse(f"{keyword} {tag} {{{body}}};")
        node = getattr(tree, "type", None)
        if isinstance(node, (c_ast.Struct, c_ast.Union)):
            record.decls = node.decls or []
        record.system, record.place = item.system, place_of(item)
        record.attributes = attributes(item.text)

    def _enum(self, tag: str) -> Enum:
        name = f"enum {tag}"
        if name not in self._enums:
            item, body = self.bodies.get(name, (None, ""))
            place = None if item is None else place_of(item)
            self._enums[name] = Enum(self.called(name), tuple(_in_order(body)), place)
        return self._enums[name]

    def _typedef(self, name: str, item: Item) -> Type:
        tree = self._parse(_only(item.text, name))
        if not isinstance(tree, c_ast.Typedef):
            return Unknown(f"'{name}' cannot be read")
        made = self.convert(tree.type, name)
        if isinstance(made, Scalar) and made not in (VOID, FUNCTION) and not item.system:
            return Scalar(self.called(name), made.words)
        inner, spelled = made, name
        if isinstance(made, Pointer):
            inner, spelled = made.to, f"__typeof__(*({name})0)"
        if isinstance(inner, Record) and inner.known_as == name:  # no tag: the typedef names it
            inner.known_as, inner.spelled = self.called(name), spelled
            inner.system, inner.place = item.system, place_of(item)
            inner.attributes = attributes(item.text)
        return made

    def _declared(self, text: str, item: Item, owner: str) -> Type:
        tree = self._parse(text)
        return Unknown(owner) if tree is None else self.convert(tree.type, owner)

    def _parse(self, text: str) -> c_ast.Node | None:
        plain = _ALIGN.sub(" ", ATTRIBUTE.sub(" ", re.sub(r"(?m)^\#.*$", "", text)))
        return _tree(plain, known_types(plain, self.unit))

    def convert(self, node: c_ast.Node, owner: str) -> Type:
        """A tree of pycparser's; types without a name are called after their owner."""
        if isinstance(node, (c_ast.TypeDecl, c_ast.Typename)):
            return self.convert(node.type, owner)
        if isinstance(node, c_ast.PtrDecl):
            to = self.convert(node.type, owner)
            return Pointer(f"{to.known_as} *", to)
        if isinstance(node, c_ast.ArrayDecl):
            of = self.convert(node.type, owner)
            bound = "" if node.dim is None else tokens.normal(self.text(node.dim))
            return Array(f"{of.known_as}[{bound}]", of, bound)
        if isinstance(node, c_ast.FuncDecl):
            return FUNCTION
        if isinstance(node, (c_ast.Struct, c_ast.Union)):
            return self._structured(node, owner)
        if isinstance(node, c_ast.Enum):
            if node.name:
                return self._enum(node.name)
            names = tuple(e.name for e in node.values.enumerators) if node.values else ()
            return Enum(self.called(owner), names, nameless=owner not in self.unit.typedefs)
        if isinstance(node, c_ast.IdentifierType):
            return self._named(node.names)
        return Unknown(owner)

    def _structured(self, node: c_ast.Struct | c_ast.Union, owner: str) -> Type:
        keyword = "union" if isinstance(node, c_ast.Union) else "struct"
        if node.name:
            return self.record(keyword, node.name)
        return Record(owner, keyword == "union", "", self, decls=node.decls or [])

    def _named(self, names: list[str]) -> Type:
        if len(names) == 1 and names[0] in self.unit.typedefs:
            return self.typedef(names[0])
        if names[0].startswith("__dsu_type_"):
            return Unknown("a type given by __typeof__")
        words = " ".join(_arithmetic(names))
        return VOID if names == ["void"] else Scalar(words, words)


@lru_cache(maxsize=1 << 16)
def _tree(text: str, types: tuple[str, ...]) -> c_ast.Node | None:
    """Of a declaration, not to be changed: units and both ways share those of a header."""
    try:
        standard, opaque = standardise(text, lambda _: False)
        return parse_with(standard, types, list(opaque))
    except Untouchable:
        return None


@kept_with_unit
def _bodies(unit: Unit) -> dict[str, tuple[Item, str]]:
    out: dict[str, tuple[Item, str]] = {}
    for item in unit.items:
        if item.kind in (Kind.DECLARATION, Kind.TYPEDEF):
            for keyword, name, body in declare.tags(item.text):
                if name:
                    out.setdefault(f"{keyword} {name}", (item, body))
    return out


@kept_with_unit
def _own_names(unit: Unit) -> set[str]:
    out: set[str] = set()
    for item in _own_declarations(unit):
        for keyword, _, body in declare.tags(item.text):
            if keyword == "enum":
                out |= enumerators(body)
        if item.kind is Kind.DECLARATION and not _is_asm(item):
            out |= {d.name for d in declare.read(item.text).declarators if not d.is_function}
    out |= {n for n, i in unit.typedefs.items() if not i.system}
    return out - unit.functions.keys()


@kept_with_unit
def _own_tags(unit: Unit) -> set[str]:
    items = _own_declarations(unit)
    return {name for i in items for _, name, _ in declare.tags(i.text)} - {""}


def _own_declarations(unit: Unit) -> Iterator[Item]:
    for item in unit.items:
        if not item.system and item.kind in (Kind.DECLARATION, Kind.TYPEDEF):
            yield item


def _arithmetic(names: list[str]) -> list[str]:
    """`long unsigned int` and `unsigned long` are one type."""
    words = sorted(names)
    if len(words) > 1 and "int" in words:
        words.remove("int")
    if len(words) > 1 and "signed" in words and "char" not in words:
        words.remove("signed")
    return words


def enumerators(body: str) -> set[str]:
    """The names that an enum's body declares."""
    return set(_in_order(body))


def _in_order(body: str) -> list[str]:
    text = re.sub(r"(?m)^\#.*$", "", body)
    return re.findall(r"(?:^|,)\s*([A-Za-z_$][\w$]*)", declare_commas(text))


def declare_commas(text: str) -> str:
    """An enum's body without what stands in parentheses."""
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return text


def attributes(text: str) -> tuple[str, ...]:
    """Everything that changes how a type lies in memory and is no member."""
    found = [*ATTRIBUTE.findall(text), *_ALIGN.findall(text), *re.findall(r"(?m)^#pragma.*$", text)]
    return tuple(tokens.normal(a) for a in found)


def _is_asm(item: Item) -> bool:
    return item.text.lstrip().startswith(("asm", "__asm"))


def _only(text: str, name: str) -> str:
    """A typedef of several names as one of a single name; a type without a tag is the first's."""
    declaration = declare.read(text)
    specifiers = declaration.specifiers
    first = next((d.name for d in declaration.declarators if d.text.strip() == d.name), name)
    if first != name and any(not tag for _, tag, _ in declare.tags(specifiers)):
        specifiers = f"typedef {first}"
    for d in declaration.declarators:
        if d.name == name:
            return f"{specifiers} {d.text};"
    return text
