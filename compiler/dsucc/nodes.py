"""Nodes that the compiler adds to the user's trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycparser import c_ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .function import Local


class Own(c_ast.Node):
    """Iterates over its children, as pycparser's nodes do."""

    __slots__ = ()

    def __iter__(self) -> Iterator[c_ast.Node]:
        for _, child in self.children():
            yield child


class BoundID(c_ast.ID):
    """A use of a local made by the compiler; takes the local's name when that is settled."""

    __slots__ = ("local",)

    def __init__(self, local: Local, coord: object = None) -> None:
        super().__init__(local.name, coord)
        self.local = local


class RawID(BoundID):
    """The pointer to a variable-length array itself; its name elsewhere means the array."""

    __slots__ = ()


class TypeOfLocal(Own):
    """`typeof(x)`, or an array of it, as the type of a compound literal."""

    __slots__ = ("coord", "operand", "suffix")

    def __init__(self, local: Local, suffix: str = "") -> None:
        self.operand = BoundID(local)
        self.suffix = suffix
        self.coord = None

    def children(self) -> tuple[tuple[str, c_ast.Node], ...]:
        return (("operand", self.operand),)


class Unqualified(Own):
    """`typeof(x)` less its qualifiers: an initialised local is assigned to."""

    __slots__ = ("coord", "type")

    def __init__(self, type_node: c_ast.Node) -> None:
        self.type = type_node
        self.coord = None

    def children(self) -> tuple[tuple[str, c_ast.Node], ...]:
        return (("type", self.type),)
