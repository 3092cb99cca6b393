"""What an initialiser becomes where a declaration has left its place: an assignment or a copy."""

from __future__ import annotations

import copy
import re

from pycparser import c_ast

from .ctypes_table import TypeKind
from .function import Local, declared
from .nodes import BoundID, TypeOfLocal


def initialise(local: Local, init: c_ast.Node, coord: object, constant: bool = False) -> c_ast.Node:
    """The assignment that an initialiser becomes; a copy where members may be `constant`."""
    decl = local.decl
    # Bound names: a fresh ID follows its local's final name.
    target = BoundID(local, coord)
    is_array = isinstance(decl.type, c_ast.ArrayDecl)
    if not is_array and not isinstance(init, c_ast.InitList):
        if not constant:
            return c_ast.Assignment("=", target, init, coord)
        init = c_ast.InitList([init])
        literal = c_ast.CompoundLiteral(TypeOfLocal(local, "[1]"), init, [], coord)
        return _copy_to(local, literal, coord)
    if local.kind is TypeKind.SCALAR:  # int x = {1}; it may be a vector, too
        value = init if init.exprs else c_ast.InitList([c_ast.Constant("int", "0")])
        literal = c_ast.CompoundLiteral(TypeOfLocal(local), value, [], coord)
        return c_ast.Assignment("=", target, literal, coord)
    if _is_zero(_as_list(init)):
        return call(
            "__builtin_memset",
            [c_ast.UnaryOp("&", target), c_ast.Constant("int", "0"), _size_of(local, coord)],
            coord,
        )
    literal = c_ast.CompoundLiteral(TypeOfLocal(local), _as_list(init), [], coord)
    if local.kind is TypeKind.AGGREGATE and not constant:
        return c_ast.Assignment("=", target, literal, coord)
    return _copy_to(local, literal, coord)


def counted(decl: c_ast.Decl, init: c_ast.Node) -> c_ast.Node:
    """The size of `T x[] = init`: sizeof((T[])init) / sizeof(T)."""
    literal = c_ast.CompoundLiteral(
        _typename(copy.deepcopy(decl.type)), _as_list(copy.deepcopy(init)), []
    )
    element = _typename(copy.deepcopy(decl.type.type))
    return c_ast.BinaryOp("/", c_ast.UnaryOp("sizeof", literal), c_ast.UnaryOp("sizeof", element))


def _as_list(init: c_ast.Node) -> c_ast.InitList:
    return init if isinstance(init, c_ast.InitList) else c_ast.InitList([init])


def _is_zero(init: c_ast.InitList) -> bool:
    values = init.exprs or []
    return not values or (
        len(values) == 1
        and isinstance(values[0], c_ast.Constant)
        and bool(re.fullmatch(r"0+|'\\0'", values[0].value))
    )


def _typename(node: c_ast.Node) -> c_ast.Typename:
    declared(node).declname = None
    return c_ast.Typename(None, [], None, node)


def _size_of(local: Local, coord: object) -> c_ast.Node:
    return c_ast.UnaryOp("sizeof", BoundID(local, coord))


def _copy_to(local: Local, literal: c_ast.Node, coord: object) -> c_ast.Node:
    target = c_ast.UnaryOp("&", BoundID(local, coord))
    source = c_ast.UnaryOp("&", literal)
    return call("__builtin_memcpy", [target, source, _size_of(local, coord)], coord)


def call(name: str, args: list[c_ast.Node], coord: object) -> c_ast.FuncCall:
    """A call of a function by its name."""
    return c_ast.FuncCall(c_ast.ID(name), c_ast.ExprList(args), coord)
