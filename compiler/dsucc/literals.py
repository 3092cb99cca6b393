"""Compound literals whose addresses may be kept, as variables of the block around them.

Before:                                  After:
    p = &(struct s){f(x), 2};                struct s dsu$literal$1f3a;
    q = (int []){1, x};                      int dsu$literal$77c0[2];
                                             p = &*(dsu$literal$1f3a = (struct s){f(x), 2},
                                                    &dsu$literal$1f3a);
                                             q = *(memcpy(&dsu$literal$77c0, &(int [2]){1, x}, ...),
                                                   &dsu$literal$77c0);

Where C evaluates the literal the variable is given its value, in each round of a loop anew. So the
frame need not be kept whole: what it consists of is known. The name follows from the literal's
text, by which the next version of the function finds it, wherever it stands there.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from pycparser import c_ast

from .function import declared
from .nodes import BoundID
from .points import fingerprint

if TYPE_CHECKING:
    from .hoist import Declarations

LITERAL = "dsu$literal$"


class Literals:
    """The literals of a function that have become variables."""

    def __init__(self) -> None:
        self.variables: dict[int, tuple[c_ast.Node, c_ast.Node]] = {}  # by id: it, what it becomes

    def lift(self, scopes: Declarations, node: c_ast.CompoundLiteral) -> None:
        """Makes a variable of it; settle() puts that in its place. Visits its initialiser."""
        name = LITERAL + fingerprint(node, scopes.function.opaque)
        kind = copy.deepcopy(node.type.type)  # the size of an array around it is copied from here
        scopes.visit_type(kind)
        declared(kind).declname = name
        decl = c_ast.Decl(name, [], [], [], [], kind, node.init, None, node.coord)
        (assign,) = scopes.hoist(decl)
        local = scopes.find(name)
        assert local is not None
        local.escapes = True
        variable = c_ast.UnaryOp("&", BoundID(local, node.coord), node.coord)
        both = c_ast.ExprList([assign, variable], node.coord)
        self.variables[id(node)] = node, c_ast.UnaryOp("*", both, node.coord)

    def settle(self, nodes: list[c_ast.Node]) -> None:
        """Puts the variables in their literals' places."""
        stack = list(nodes) if self.variables else []
        while stack:
            node = stack.pop()
            for cls in type(node).__mro__:
                for slot in getattr(cls, "__slots__", ()):
                    self._settle_slot(node, slot, stack)

    def _settle_slot(self, node: c_ast.Node, slot: str, stack: list[c_ast.Node]) -> None:
        value = getattr(node, slot, None)
        if isinstance(value, list):
            value[:] = [self._now(v) for v in value]
            stack += [v for v in value if isinstance(v, c_ast.Node)]
        elif isinstance(value, c_ast.Node):
            setattr(node, slot, self._now(value))
            stack.append(getattr(node, slot))

    def _now(self, node: object) -> object:
        return self.variables[id(node)][1] if id(node) in self.variables else node
