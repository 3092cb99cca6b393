"""Variable-length arrays as blocks from alloca, which a frame can carry.

Before:                 After:
    int a[n][m];            a$rows = n; a$rows$2 = m;
    a[i][0] = f(a);         if (a$room <= sizeof(int [a$rows][a$rows$2])) {
                                a$room = sizeof(int [a$rows][a$rows$2]) + 1; a = alloca(a$room); }
                            (*(int (*)[a$rows][a$rows$2])a)[i][0] = f(*(int (*)[..][..])a);

The writer spells the second line's uses; here `a` becomes a pointer. An array that is declared
again in a loop takes its old block if that is large enough: the old array is dead by then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycparser import c_ast

from .gnu import Untouchable
from .nodes import BoundID, RawID

if TYPE_CHECKING:
    from .function import Local
    from .hoist import Declarations

_ALLOCA = "__builtin_alloca"


def lower(scopes: Declarations, decl: c_ast.Decl) -> list[c_ast.Node]:
    """The statements that take a variable-length array's declaration's place."""
    if decl.align:
        raise Untouchable("an aligned variable-length array")
    array, coord = decl.type, decl.coord
    before = _keep_sizes(scopes, decl.name, array)
    decl.type = c_ast.PtrDecl([], _named(decl.name, "char"))
    pointer = scopes.add(decl, is_param=False)
    pointer.array = array
    room = _size_variable(scopes, f"{decl.name}$room")
    scopes.function.body.append(_assign(room, c_ast.Constant("int", "0")))
    scopes.function.keeps_frame = scopes.function.hides_objects = True
    size = c_ast.UnaryOp("sizeof", c_ast.Typename(None, [], None, array))
    larger = c_ast.BinaryOp("+", size, c_ast.Constant("int", "1"))
    block = c_ast.FuncCall(c_ast.ID(_ALLOCA), c_ast.ExprList([BoundID(room)]))
    take = [_assign(room, larger), c_ast.Assignment("=", RawID(pointer), block, coord)]
    test = c_ast.BinaryOp("<=", BoundID(room), size)
    return [*before, c_ast.If(test, c_ast.Compound(take, coord), None, coord)]


def _keep_sizes(scopes: Declarations, name: str, array: c_ast.Node) -> list[c_ast.Node]:
    """Puts a variable in each dimension's place; gives the assignments to them."""
    out: list[c_ast.Node] = []
    node = array
    while isinstance(node, c_ast.ArrayDecl):
        if not scopes.is_constant(node.dim):
            rows = _size_variable(scopes, f"{name}$rows")
            out.append(_assign(rows, node.dim))
            node.dim = BoundID(rows)
        node = node.type
    scopes.reject_variable_length(node)
    bottom = node
    while not isinstance(bottom, c_ast.TypeDecl):
        bottom = bottom.type
    bottom.declname = None
    return out


def _size_variable(scopes: Declarations, name: str) -> Local:
    named = c_ast.TypeDecl(name, [], None, c_ast.IdentifierType(["unsigned", "long"]))
    return scopes.add(c_ast.Decl(name, [], [], [], [], named, None, None), is_param=False)


def _named(name: str, type_name: str) -> c_ast.TypeDecl:
    return c_ast.TypeDecl(name, [], None, c_ast.IdentifierType([type_name]))


def _assign(target: Local, value: c_ast.Node) -> c_ast.Node:
    return c_ast.Assignment("=", BoundID(target), value)
