"""What kind of object a declaration makes: all that the compiler needs to know of types."""

from __future__ import annotations

import re
from enum import Enum

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
_BUILTIN = {"__builtin_va_list": TypeKind.ARRAY, "__gnuc_va_list": TypeKind.ARRAY}


class TypeTable:
    """Kinds of types in one translation unit; typedefs are looked up where first needed."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.known: dict[str, TypeKind] = dict(_BUILTIN)

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
