"""Parses the functions that will be instrumented, and nothing else."""

from __future__ import annotations

import re
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
_parser = CParser()


@dataclass
class Parsed:
    """A function's tree, and the opaque texts that its placeholders stand for."""

    item: Item
    tree: c_ast.FuncDef
    opaque: dict[str, Opaque]


def parse_function(item: Item, unit: Unit, reach: Reach) -> Parsed:
    """The tree of one function. Raises Untouchable with the reason where that cannot be had."""
    text, opaque = standardise(item.text, reach.may_update)
    function = parse_text(text, item, unit, list(opaque))
    if not isinstance(function, c_ast.FuncDef) or is_old_style(function):
        raise Untouchable("old-style definition")
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


def is_old_style(function: c_ast.FuncDef) -> bool:
    """`f(a) int a; {...}`, or `f(a) {...}` without types."""
    args = function.decl.type.args
    return bool(function.param_decls) or any(isinstance(p, c_ast.ID) for p in args or [])
