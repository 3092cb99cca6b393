"""Parses the functions that will be instrumented, and nothing else."""

from __future__ import annotations

import copy
import re
import sys
from dataclasses import dataclass

from pycparser import c_ast
from pycparser.c_lexer import Token
from pycparser.c_parser import CParser, ParseError, _TokenStream

from .gnu import AUTO_TYPE, Opaque, Untouchable, standardise
from .lexer import Lexer
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


class _Tokens(_TokenStream):
    """All of a text's tokens, with None behind them."""

    def __init__(self, tokens: list[Token | None]) -> None:
        super().__init__(lambda: None)
        self._buffer = tokens


class _Parser(CParser):
    """Tells a block in an expression's place from one that is a statement.

    It is pycparser's, with its looks at the next tokens made shorter: there are four a token.
    """

    clex: Lexer
    _scope_stack: list[dict[str, bool]]

    def __init__(self) -> None:
        super().__init__(lexer=Lexer)

    def parse(self, text: str, filename: str = "", debug: bool = False) -> c_ast.FileAST:
        """As CParser.parse()."""
        self._scope_stack = [{}]
        self._typedef_checked_token = None
        self.clex.input(text, filename)
        self._tokens = _Tokens(self.clex.all())
        tree: c_ast.FileAST = self._parse_translation_unit_or_empty()
        self._end_of_input()
        return tree

    def _end_of_input(self) -> None:
        left = self._peek()
        if left is not None:
            self._parse_error(f"before: {left.value}", self._tok_coord(left))

    def _peek(self, k: int = 1) -> Token | None:
        stream = self._tokens
        token: Token | None = stream._buffer[stream._index + k - 1]
        if token is not self._typedef_checked_token:
            self._classify_identifier(token)
        return token

    def _peek_type(self, k: int = 1) -> str | None:
        stream = self._tokens
        token: Token | None = stream._buffer[stream._index + k - 1]
        if token is not self._typedef_checked_token:
            self._classify_identifier(token)
        return token.type if token is not None else None

    def _classify_identifier(self, tok: Token | None) -> None:
        if tok is not None and tok.type in _NAMES:
            tok.type = "TYPEID" if self._is_type_in_scope(tok.value) else "ID"
        self._typedef_checked_token = tok

    def _parse_primary_expression(self) -> c_ast.Node:
        made = super()._parse_primary_expression()
        if type(made) is c_ast.Compound:
            return StatementExpr(made.block_items, made.coord)
        return made


_NAMES = frozenset(("ID", "TYPEID"))
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
    return parse_with(text, known_types(text, unit), placeholders, item.file, item.line)


def known_types(text: str, unit: Unit) -> tuple[str, ...]:
    """The names in a text that are types in the unit."""
    words = set(_NAME.findall(text))
    return tuple(sorted((words & unit.typedefs.keys()) | (words & _BUILTIN_TYPES)))


def parse_with(
    text: str, types: tuple[str, ...], placeholders: list[str], file: str = "", line: int = 1
) -> c_ast.Node:
    """The same, where the names of types are all that has to be known of the unit."""
    names = [*types, *(n for n in placeholders if n.startswith("__dsu_type_"))]
    prelude = "".join(f"typedef int {t};" for t in names)
    try:
        tree = _parser.parse(f'{prelude}\n# {line} "{file}"\n{text}', file)
    except ParseError as error:
        raise Untouchable(f"cannot be parsed: {error}") from None
    return tree.ext[-1]
