"""Continuation points, and a function that has its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pycparser import c_ast

from .function import Function, children
from .gnu import Opaque
from .nodes import Own
from .parse import without_statements

CALL, POINT, BLOCK = 0, 1, 2
ARMED = "dsu$armed"
NAMELESS = "update-point"  # how people call one without a call
INSIDE = "int, in place of a condition that now stands inside"


class Point(Own):
    """A continuation point: `target = call`, or an update point without a call.

    `waits`: of a library that may wait in it (DSU_WAITS), so that its arguments are kept.
    """

    __slots__ = ("call", "coord", "id", "kind", "target", "waits")

    def __init__(
        self,
        number: int,
        kind: int,
        call: c_ast.FuncCall | None,
        target: c_ast.ID | None,
        coord: object,
        waits: bool,
    ) -> None:
        self.id, self.kind, self.call = number, kind, call
        self.target, self.coord, self.waits = target, coord, waits

    @property
    def keeps_arguments(self) -> bool:
        return self.kind == BLOCK or self.waits

    def children(self) -> tuple[tuple[str, c_ast.Node], ...]:
        return (("call", self.call),) if self.call is not None else ()


class Rearm(Own):
    """`target = setjmp(*env)` number `index` of its function; resumed by calling it again."""

    __slots__ = ("call", "coord", "env", "index", "target")

    def __init__(
        self, index: int, call: c_ast.FuncCall, env: str, target: c_ast.ID, coord: object
    ) -> None:
        self.index, self.call, self.env, self.target, self.coord = index, call, env, target, coord

    def children(self) -> tuple[tuple[str, c_ast.Node], ...]:
        return (("call", self.call), ("target", self.target))


def value_type(expr: c_ast.Node) -> c_ast.TypeOf:
    """`typeof(0, e)`: the type of e's value, without its qualifiers, as a temporary's type."""
    return c_ast.TypeOf(
        "__typeof__", c_ast.ExprList([c_ast.Constant("int", "0"), without_statements(expr)])
    )


def fingerprint(node: c_ast.Node, opaque: dict[str, Opaque]) -> str:
    """32 bits over an expression's text; what was set aside counts by its content."""
    words: list[str] = []
    stack = [node]
    while stack:
        n = stack.pop()
        values = [str(getattr(n, a)) for a in getattr(n, "attr_names", ())]
        words += [type(n).__name__, *values]
        words += [" ".join(opaque[v].tokens) for v in values if v in opaque]
        stack.extend(children(n))
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:8]


@dataclass
class Placed:
    """A function with its points: `body` is its statements, `points[i].id == i + 1`."""

    function: Function
    body: list[c_ast.Node]
    points: list[Point]
    rearms: list[Rearm]
