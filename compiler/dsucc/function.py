"""A function and its variables on their way through the passes: normalise.py makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pycparser import c_ast

from .ctypes_table import TypeKind
from .gnu import Opaque
from .parse import Parsed


@dataclass(eq=False)
class Local:
    """A variable of the frame. `name` is unique in its function, `original` is the user's.

    `role` names a temporary in a way that the next version of the function keeps: the argument of
    a blocking call, the result of a call with this very text. Within the variables of one
    continuation point it is unique. `block` is the innermost block around the declaration, None for
    the function's own: outside of it the variable has no value.
    """

    original: str
    decl: c_ast.Decl
    kind: TypeKind
    is_param: bool = False
    escapes: bool = False
    name: str = ""
    order: int = 0
    role: str = ""
    block: c_ast.Node | None = None
    array: c_ast.Node | None = None  # of a pointer to a variable-length array: the array's type
    travels: bool = False  # a struct that may be moved as a value

    @property
    def known_as(self) -> str:
        """The name under which the next version looks for the variable's value."""
        return self.role or self.name

    @property
    def pinned(self) -> bool:
        """Must it keep its address for as long as its frame is active?"""
        return self.escapes or not (self.kind is TypeKind.SCALAR or self.travels)

    @property
    def is_struct(self) -> bool:
        """A struct or union whose records hold its bytes."""
        return self.travels and not self.escapes


@dataclass
class Function:
    """A function on its way through the passes."""

    name: str
    parsed: Parsed
    body: list[c_ast.Node] = field(default_factory=list)
    locals: list[Local] = field(default_factory=list)
    statics: list[c_ast.Decl] = field(default_factory=list)
    types: list[c_ast.Node] = field(default_factory=list)
    returns_void: bool = False
    prologue: list[c_ast.Node] = field(default_factory=list)  # of the hot variant alone
    labels: list[str] = field(default_factory=list)  # whose addresses are taken
    tables: list[c_ast.Decl] = field(default_factory=list)  # statics that hold such addresses
    const_results: set[str] = field(default_factory=set)  # whose results cannot be assigned
    keeps_frame: bool = False  # memory of the frame other than named locals may be referred to
    keeps_all: bool = False  # and may lie in a resume variant's frame from its beginning
    hides_objects: bool = False  # and may hold what leads to objects of the program's own types

    @property
    def opaque(self) -> dict[str, Opaque]:
        return self.parsed.opaque

    def local(self, name: str) -> Local | None:
        return self.by_name.get(name)

    @property
    def by_name(self) -> dict[str, Local]:
        return {v.name: v for v in self.locals}


def children(node: c_ast.Node) -> Iterator[c_ast.Node]:
    """Direct children, whatever their slot."""
    return iter(node)


def declared(node: c_ast.Node) -> c_ast.TypeDecl:
    """The TypeDecl at the bottom of a declarator."""
    while not isinstance(node, c_ast.TypeDecl):
        node = node.type
    return node
