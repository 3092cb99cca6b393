"""What kind of object a declaration makes: all that the compiler needs to know of types."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from functools import cached_property

from pycparser import c_ast

from .toplevel import Unit, split_commas, without_groups


class TypeKind(Enum):
    """A scalar's value may travel through registers; anything else keeps its home."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    ARRAY = "array"
    FUNCTION = "function"
    UNKNOWN = "unknown"


_ARITHMETIC = frozenset(
    [
        "void",
        "char",
        "short",
        "int",
        "long",
        "signed",
        "unsigned",
        "float",
        "double",
        "_Bool",
        "_Complex",
        "__int128",
        "__float128",
        "_Float16",
        "_Float32",
        "_Float64",
        "_Float128",
        "_Float32x",
        "_Float64x",
        "bool",
    ]
)


def is_arithmetic(text: str) -> bool:
    """Is a type, as text, a number's for certain?"""
    return all(word in _ARITHMETIC for word in text.split())


_BUILTIN = {"__builtin_va_list": TypeKind.ARRAY, "__gnuc_va_list": TypeKind.ARRAY}


_BRACE = re.compile("[{}]")
_MEMBER_END = re.compile("[;{}]")
_TAGGED = re.compile(r"\b(?:struct|union)\s+([A-Za-z_$][\w$]*)\s*\{")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")


def _is_const(member: str) -> bool:
    """Cannot it be assigned to, as its text says?"""
    pointers = all("*" in declarator for declarator in split_commas(member))
    return "const" in (member.rpartition("*")[2] if pointers else member)


def _stays(member: str) -> bool:
    """May it have an address that is taken without `&`, or not be assignable?"""
    return "[" in member or "typeof" in member or "va_list" in member or _is_const(member)


class TypeTable:
    """Kinds of types in one translation unit; typedefs are looked up where first needed."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.known: dict[str, TypeKind] = dict(_BUILTIN)
        self.members: dict[tuple[str, Callable[[str], bool]], bool] = {}

    def has_const(self, node: c_ast.Node) -> bool:
        """May an object of this struct or union have a member that cannot be assigned to?"""
        base = node
        while not isinstance(base, c_ast.TypeDecl):
            base = base.type
        inner = base.type
        if isinstance(inner, c_ast.IdentifierType):
            return self._has_member(inner.names[0], _is_const)
        if getattr(inner, "decls", None) or inner.name is None:
            return True
        return self._has_member(inner.name, _is_const)

    def returns_const(self, name: str) -> bool:
        """May a result of this unit's function have a member that cannot be assigned to?"""
        if name not in self.unit.functions:
            return False
        head = re.split(rf"\b{re.escape(name)}\b", self.unit.functions[name].bare)[0]
        if "*" in head:
            return False
        return any(self._has_member(w, _is_const) for w in _WORD.findall(head) if self._is_type(w))

    def _is_type(self, name: str) -> bool:
        return name in self.bodies or name in self.unit.typedefs

    def _has_member(self, name: str, wanted: Callable[[str], bool]) -> bool:
        """May a type, known by tag or typedef name, have such a member, itself or further down?"""
        if (name, wanted) not in self.members:
            self.members[name, wanted] = False  # a type that names itself ends here
            self.members[name, wanted] = self._finds_member(name, wanted)
        return self.members[name, wanted]

    def _finds_member(self, name: str, wanted: Callable[[str], bool]) -> bool:
        texts = [self.bodies[name]] if name in self.bodies else []
        if name in self.unit.typedefs:
            texts.append(self.unit.typedefs[name].bare)
        members = [m for text in texts for m in _MEMBER_END.split(text)]
        return not members or any(
            wanted(m) or any(self._has_member(w, wanted) for w in self._inside(m)) for m in members
        )

    def _inside(self, member: str) -> list[str]:
        """The types of which a member holds an object."""
        if all("*" in declarator for declarator in split_commas(member)):
            return []
        return [w for w in _WORD.findall(member) if self._is_type(w)]

    def travels(self, node: c_ast.Node) -> bool:
        """May an object of this struct or union, declared at file scope, be moved as a value?

        One that has an array in it may not: the array's name alone is its address.
        """
        inner = node.type if isinstance(node, c_ast.TypeDecl) else None
        if isinstance(inner, c_ast.IdentifierType):
            return not self._has_member(inner.names[0], _stays)
        if not isinstance(inner, (c_ast.Struct, c_ast.Union)) or inner.decls or not inner.name:
            return False
        return not self._has_member(inner.name, _stays)

    def may_hold_own(self, node: c_ast.Node) -> bool:
        """May an object of this type be, or point to, one of a type that the program defines?"""
        if isinstance(node, c_ast.IdentifierType):
            typedefs = [n for n in node.names if n not in _ARITHMETIC]
            items = [self.unit.typedefs.get(n) for n in typedefs]
            return any(item is None or not item.system for item in items)
        if isinstance(node, c_ast.Enum):
            return False
        if isinstance(node, (c_ast.Struct, c_ast.Union)):
            return node.name not in self.system_tags
        return self.may_hold_own(node.type) if hasattr(node, "type") else True

    @cached_property
    def system_tags(self) -> set[str]:
        """Of structs and unions that system headers define."""
        items = [i for i in self.unit.items if "{" in i.text]
        ours = {m.group(1) for i in items if not i.system for m in _TAGGED.finditer(i.bare)}
        return {m.group(1) for i in items if i.system for m in _TAGGED.finditer(i.bare)} - ours

    @cached_property
    def bodies(self) -> dict[str, str]:
        """Tag to what stands between its braces, at file scope."""
        found = {}
        for item in self.unit.items:
            if "{" not in item.text:
                continue
            for m in _TAGGED.finditer(item.bare):
                depth, end = 1, len(item.bare)
                for brace in _BRACE.finditer(item.bare, m.end()):
                    depth += 1 if brace.group() == "{" else -1
                    if not depth:
                        end = brace.end()
                        break
                found[m.group(1)] = item.bare[m.end() : end]
        return found

    def kind(self, node: c_ast.Node, local: dict[str, c_ast.Node] | None = None) -> TypeKind:
        """The kind of a declarator's type; `local` holds the function's own typedefs."""
        if isinstance(node, c_ast.PtrDecl):
            return TypeKind.SCALAR
        if isinstance(node, c_ast.ArrayDecl):
            return TypeKind.ARRAY
        if isinstance(node, c_ast.FuncDecl):
            return TypeKind.FUNCTION
        if isinstance(node, (c_ast.TypeDecl, c_ast.Typename)):
            return self.kind(node.type, local)
        if isinstance(node, (c_ast.Struct, c_ast.Union)):
            return TypeKind.AGGREGATE
        if isinstance(node, c_ast.Enum):
            return TypeKind.SCALAR
        if isinstance(node, c_ast.IdentifierType):
            return self._named(node.names, local or {})
        return TypeKind.UNKNOWN

    def _named(self, names: list[str], local: dict[str, c_ast.Node]) -> TypeKind:
        if all(n in _ARITHMETIC for n in names):
            return TypeKind.SCALAR
        name = names[0]
        if name in local:
            return self.kind(local[name], local)
        if name not in self.known:
            self.known[name] = TypeKind.UNKNOWN  # a typedef that names itself ends here
            item = self.unit.typedefs.get(name)
            if item:
                self.known[name] = self._typedef(name, item.bare)
        return self.known[name]

    def _typedef(self, name: str, text: str) -> TypeKind:
        """Reads the kind of `name` off the text of its typedef."""
        bare = without_groups(text).strip().rstrip(";")
        parts = split_commas(re.sub(r"^.*?\btypedef\b", "", bare, count=1, flags=re.DOTALL))
        part = next((p for p in parts if re.search(rf"\b{re.escape(name)}\b", p)), parts[0])
        if re.search(r"\(\s*\*", part) or "*" in part:
            array = re.search(rf"\b{re.escape(name)}\s*\[", part)
            return TypeKind.ARRAY if array else TypeKind.SCALAR
        if re.search(rf"\b{re.escape(name)}\s*\[", part):
            return TypeKind.ARRAY
        if re.search(rf"\b{re.escape(name)}\s*\(", part):
            return TypeKind.FUNCTION
        words = re.findall(r"[A-Za-z_$][\w$]*", parts[0])
        if "struct" in words or "union" in words:
            return TypeKind.AGGREGATE
        if "enum" in words:
            return TypeKind.SCALAR
        words = [w for w in words if w not in ("const", "volatile", "__extension__", name)]
        return self._named(words, {}) if words else TypeKind.UNKNOWN
