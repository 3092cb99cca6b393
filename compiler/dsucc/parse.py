"""Parses the functions that will be instrumented, and nothing else."""

from __future__ import annotations

import copy
import re
import sys
from dataclasses import dataclass

from pycparser import c_ast
from pycparser.c_parser import CParser, ParseError

from .gnu import AUTO_TYPE, Opaque, Untouchable, standardise
from .reach import Reach
from .toplevel import Item, Unit

_BUILTIN_TYPES = {
    "__builtin_va_list", "_Float16", "_Float32", "_Float64", "_Float128", "_Float32x", "_Float64x",
    "__float128", "__int128_t", "__uint128_t", AUTO_TYPE,
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z_$][\w$]*")


class StatementExpr(c_ast.Compound):
    """`({ f(); x; })`: a block in an expression's place, whose last statement is its value."""

    __slots__ = ()

    @property
    def result(self) -> c_ast.Node | None:
        """The expression that is its value; None if it has none."""
        last = self.block_items[-1] if self.block_items else None
        return last if isinstance(last, _EXPRESSIONS) else None


_EXPRESSIONS = (
    c_ast.Assignment, c_ast.Cast, c_ast.UnaryOp, c_ast.BinaryOp, c_ast.TernaryOp, c_ast.FuncCall,
    c_ast.ArrayRef, c_ast.StructRef, c_ast.Constant, c_ast.ID, c_ast.ExprList,
    c_ast.CompoundLiteral, c_ast.GenericSelection, StatementExpr,
)  # fmt: skip


def without_statements(node: c_ast.Node) -> c_ast.Node:
    """An expression of the same type: each statement expression in it becomes its last one.

    Their variables are the function's by now.
    """
    if isinstance(node, StatementExpr):
        return without_statements(node.result) if node.result is not None else nothing()
    made = node
    for slot in node.__slots__:
        child = getattr(node, slot, None)
        if isinstance(child, list):
            new = [without_statements(c) if isinstance(c, c_ast.Node) else c for c in child]
            same = all(a is b for a, b in zip(new, child, strict=True))
        elif isinstance(child, c_ast.Node):
            new = without_statements(child)
            same = new is child
        else:
            continue
        if not same:
            made = copy.copy(node) if made is node else made
            setattr(made, slot, new)
    return made


def nothing() -> c_ast.Node:
    """`(void)0`."""
    void = c_ast.TypeDecl(None, [], None, c_ast.IdentifierType(["void"]))
    return c_ast.Cast(c_ast.Typename(None, [], None, void), c_ast.Constant("int", "0"))


class _Parser(CParser):
    """Tells a block in an expression's place from one that is a statement."""

    def _parse_primary_expression(self) -> c_ast.Node:
        made = super()._parse_primary_expression()
        if type(made) is c_ast.Compound:
            return StatementExpr(made.block_items, made.coord)
        return made


_parser = _Parser()

# Trees are walked by recursion, and `else if`s are nested in each other: some frames a level.
_NESTING = 40_000


@dataclass
class Parsed:
    """A function's tree, and the opaque texts that its placeholders stand for."""

    item: Item
    tree: c_ast.FuncDef
    opaque: dict[str, Opaque]


def parse_function(item: Item, unit: Unit, reach: Reach) -> Parsed:
    """The tree of one function. Raises Untouchable with the reason where that cannot be had."""
    sys.setrecursionlimit(_NESTING)
    text, opaque = standardise(item.text, reach.may_update)
    function = parse_text(text, item, unit, list(opaque))
    if not isinstance(function, c_ast.FuncDef):
        raise Untouchable("not a function's definition")
    return Parsed(item, function, opaque)


def parse_text(text: str, item: Item, unit: Unit, placeholders: list[str]) -> c_ast.Node:
    """Parses standard C, where the names of the unit's types and of placeholders are known."""
    words = set(_NAME.findall(text))
    types = sorted((words & unit.typedefs.keys()) | (words & _BUILTIN_TYPES))
    types += [n for n in placeholders if n.startswith("__dsu_type_")]
    prelude = "".join(f"typedef int {t};" for t in types)
    try:
        tree = _parser.parse(f'{prelude}\n# {item.line} "{item.file}"\n{text}', item.file)
    except ParseError as error:
        raise Untouchable(f"cannot be parsed: {error}") from None
    return tree.ext[-1]
