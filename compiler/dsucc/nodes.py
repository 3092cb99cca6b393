"""Nodes that the compiler adds to the user's trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycparser import c_ast

if TYPE_CHECKING:
    from .normalise import Local


class BoundID(c_ast.ID):
    """A use of a local made by the compiler; takes the local's name when that is settled."""

    __slots__ = ("local",)

    def __init__(self, local: Local, coord: object = None) -> None:
        super().__init__(local.name, coord)
        self.local = local


class RawID(BoundID):
    """The pointer to a variable-length array itself; its name elsewhere means the array."""

    __slots__ = ()


class TypeOfLocal(c_ast.Node):
    """`typeof(x)`, or an array of it, as the type of a compound literal."""

    __slots__ = ("coord", "operand", "suffix")

    def __init__(self, local: Local, suffix: str = "") -> None:
        self.operand = BoundID(local)
        self.suffix = suffix
        self.coord = None

    def children(self) -> tuple[tuple[str, c_ast.Node], ...]:
        return (("operand", self.operand),)


class Unqualified(c_ast.Node):
    """`typeof(x)` less its qualifiers: an initialised local is assigned to."""

    __slots__ = ("coord", "type")

    def __init__(self, type_node: c_ast.Node) -> None:
        self.type = type_node
        self.coord = None

    def children(self) -> tuple[tuple[str, c_ast.Node], ...]:
        return (("type", self.type),)
