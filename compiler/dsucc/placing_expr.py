"""Expressions between continuation points: their calls come first, in C's order."""

from __future__ import annotations

import copy

from pycparser import c_ast

from .gnu import ELVIS, Untouchable
from .parse import StatementExpr, nothing
from .placing import Placing, is_size
from .points import ARMED, BLOCK, CALL, POINT, Rearm, value_type
from .reach import SETJMP

_NOT_ALL_EVALUATED = {"__builtin_choose_expr"}


class Expressions(Placing):
    """Each gives the statements in front of an expression, and what is left of it."""

    def block(self, nodes: list[c_ast.Node]) -> list[c_ast.Node]:
        """Statements, each lowered; see place.py."""
        raise NotImplementedError

    # -- expressions --------------------------------------------------------------------------

    def expr(self, node: c_ast.Node) -> tuple[list[c_ast.Node], c_ast.Node]:
        """Statements that run first, and what is then left of the expression."""
        if not self.has_point(node):
            return [], node
        method = getattr(self, "ex_" + type(node).__name__, None)
        if method is None:
            return self.ex_children(node)
        out: tuple[list[c_ast.Node], c_ast.Node] = method(node)
        return out

    def ex_children(self, node: c_ast.Node) -> tuple[list[c_ast.Node], c_ast.Node]:
        """Operators whose operands are unsequenced: each operand's calls go first."""
        before: list[c_ast.Node] = []
        for slot in node.__slots__:
            child = getattr(node, slot, None)
            if isinstance(child, c_ast.Node) and not isinstance(child, c_ast.Typename):
                more, rest = self.expr(child)
                before += more
                setattr(node, slot, rest)
            elif isinstance(child, list):
                for i, element in enumerate(child):
                    if isinstance(element, c_ast.Node):
                        more, child[i] = self.expr(element)
                        before += more
        return before, node

    def ex_FuncCall(self, node: c_ast.FuncCall) -> tuple[list[c_ast.Node], c_ast.Node]:
        if (
            isinstance(node.name, c_ast.ID)
            and node.name.name in SETJMP
            and node.name.name not in self.names
        ):
            return self.setjmp(node)
        kind = self.kind_of(node)
        role = self.role("result", node) if kind is not None else ""
        before = self.operands(node)
        if kind is None:
            return before, node
        before += self.keep_arguments(node)
        target = self.temporary(value_type(node), role=role)
        return [*before, self.point(kind, node, target, node.coord)], target

    def ex_StatementExpr(self, node: StatementExpr) -> tuple[list[c_ast.Node], c_ast.Node]:
        """`({ f(); x; })` is a block that leaves x in a temporary."""
        if node.result is None:
            return self.opened(node, node.block_items or []), nothing()
        role = self.role("value", node)
        value = self.temporary(value_type(copied(node.result)), role=role)
        keep = c_ast.Assignment("=", value, node.result, node.coord)
        return self.opened(node, [*node.block_items[:-1], keep]), c_ast.ID(value.name)

    def opened(self, node: StatementExpr, items: list[c_ast.Node]) -> list[c_ast.Node]:
        """Its statements as an ordinary block, to which its variables belong from now on."""
        block = c_ast.Compound(self.block(items), node.coord)
        for v in self.function.locals:
            if v.block is node:
                v.block = block
        return [block]

    def ex_GenericSelection(self, node: c_ast.Node) -> tuple[list[c_ast.Node], c_ast.Node]:
        raise Untouchable("a call inside _Generic")

    def operands(self, node: c_ast.FuncCall) -> list[c_ast.Node]:
        before: list[c_ast.Node] = []
        not_all = isinstance(node.name, c_ast.ID) and node.name.name in _NOT_ALL_EVALUATED
        if not_all and self.has_point(node.args):
            raise Untouchable(f"a call inside {node.name.name}")
        if not isinstance(node.name, c_ast.ID):
            more, node.name = self.expr(node.name)
            before += more
        # Last to first, which C leaves open and gcc does on most processors.
        for i in reversed(range(len(node.args.exprs) if node.args else 0)):
            more, node.args.exprs[i] = self.expr(node.args.exprs[i])
            before += more
        return before

    def keep_arguments(self, node: c_ast.FuncCall) -> list[c_ast.Node]:
        """Temporaries for arguments: of a call that may be issued again, or waits by itself."""
        before: list[c_ast.Node] = []
        waits = self.waits(node)
        if not waits and self.kind_of(node) != BLOCK:
            return before
        for i, arg in enumerate(node.args.exprs if node.args else []):
            if isinstance(arg, c_ast.Constant) or (waits and is_size(arg)):
                continue
            # Live at this point alone, so that its position says enough.
            kept = self.temporary(value_type(arg), role=f"dsu$argument${i}")
            before.append(c_ast.Assignment("=", kept, arg, node.coord))
            node.args.exprs[i] = c_ast.ID(kept.name)
        return before

    def setjmp(self, node: c_ast.FuncCall) -> tuple[list[c_ast.Node], c_ast.Node]:
        role = self.role("setjmp", node)
        before = self.operands(node)
        env = node.args.exprs[0]
        kept = self.temporary(value_type(env), "env", role=f"{role}$env")
        before.append(c_ast.Assignment("=", kept, env, node.coord))
        node.args.exprs[0] = c_ast.ID(kept.name)
        armed = c_ast.Constant("int", str(1 << len(self.rearms)))
        before.append(c_ast.Assignment("|=", self.armed(), armed, node.coord))
        target = self.int_temporary(role)
        rearm = Rearm(len(self.rearms), node, kept.name, target, node.coord)
        self.rearms.append(rearm)
        return [*before, rearm], c_ast.ID(target.name)

    def armed(self) -> c_ast.ID:
        """The set of setjmp sites that this activation has executed."""
        if ARMED not in self.names:
            self.temporary(c_ast.IdentifierType(["int"]), name=ARMED)
        return c_ast.ID(ARMED)

    def ex_BinaryOp(self, node: c_ast.BinaryOp) -> tuple[list[c_ast.Node], c_ast.Node]:
        if node.op not in ("&&", "||") or not self.has_point(node.right):
            return self.ex_children(node)
        value = self.int_temporary(self.role("truth", node))
        before, left = self.expr(node.left)
        after, right = self.expr(node.right)
        after.append(c_ast.Assignment("=", c_ast.ID(value.name), truth(right), node.coord))
        test: c_ast.Node = c_ast.ID(value.name)
        if node.op == "||":
            test = c_ast.UnaryOp("!", test)
        before.append(c_ast.Assignment("=", value, truth(left), node.coord))
        before.append(c_ast.If(test, c_ast.Compound(after, node.coord), None, node.coord))
        return before, c_ast.ID(value.name)

    def ex_TernaryOp(self, node: c_ast.TernaryOp) -> tuple[list[c_ast.Node], c_ast.Node]:
        if not (self.has_point(node.iftrue) or self.has_point(node.iffalse)):
            before, node.cond = self.expr(node.cond)
            if isinstance(node.iftrue, c_ast.ID) and node.iftrue.name == ELVIS:
                return before, node
            return before, node
        if isinstance(node.iftrue, c_ast.ID) and node.iftrue.name == ELVIS:
            return self.elvis(node)
        value = self.temporary(value_type(copied(node)), role=self.role("choice", node))
        before, cond = self.expr(node.cond)
        branches = []
        for branch in (node.iftrue, node.iffalse):
            inner, rest = self.expr(branch)
            inner.append(c_ast.Assignment("=", c_ast.ID(value.name), rest, node.coord))
            branches.append(c_ast.Compound(inner, node.coord))
        before.append(c_ast.If(cond, branches[0], branches[1], node.coord))
        return before, value

    def elvis(self, node: c_ast.TernaryOp) -> tuple[list[c_ast.Node], c_ast.Node]:
        """`a ?: b` evaluates a once."""
        value = self.temporary(value_type(copied(node)), role=self.role("choice", node))
        before, cond = self.expr(node.cond)
        before.append(c_ast.Assignment("=", value, cond, node.coord))
        inner, rest = self.expr(node.iffalse)
        inner.append(c_ast.Assignment("=", c_ast.ID(value.name), rest, node.coord))
        test = c_ast.UnaryOp("!", c_ast.ID(value.name))
        before.append(c_ast.If(test, c_ast.Compound(inner, node.coord), None, node.coord))
        return before, c_ast.ID(value.name)

    def ex_ExprList(self, node: c_ast.ExprList) -> tuple[list[c_ast.Node], c_ast.Node]:
        """The comma operator: all but the last are statements."""
        before = [s for e in node.exprs[:-1] for s in self.effect(e)]
        more, last = self.expr(node.exprs[-1])
        return before + more, last

    def ex_Assignment(self, node: c_ast.Assignment) -> tuple[list[c_ast.Node], c_ast.Node]:
        before, node.lvalue = self.expr(node.lvalue)
        more, node.rvalue = self.expr(node.rvalue)
        return before + more, node

    # -- expressions for their effect -----------------------------------------------------------

    def effect(self, node: c_ast.Node) -> list[c_ast.Node]:
        """The statements of an expression whose value nobody wants."""
        if not self.has_point(node):
            return [node]
        if isinstance(node, c_ast.Cast) and is_void(node.to_type):
            return self.effect(node.expr)
        if isinstance(node, c_ast.FuncCall):
            return self.effect_call(node)
        if isinstance(node, StatementExpr):
            return self.opened(node, node.block_items or [])
        if isinstance(node, c_ast.ExprList):
            return [s for e in node.exprs for s in self.effect(e)]
        if isinstance(node, c_ast.TernaryOp) and not _is_elvis(node):
            before, cond = self.expr(node.cond)
            yes = c_ast.Compound(self.effect(node.iftrue), node.coord)
            no = c_ast.Compound(self.effect(node.iffalse), node.coord)
            return [*before, c_ast.If(cond, yes, no, node.coord)]
        if isinstance(node, c_ast.Assignment) and node.op == "=":
            return self.assignment(node)
        before, rest = self.expr(node)
        return before if isinstance(rest, c_ast.ID) else [*before, rest]

    def effect_call(self, node: c_ast.FuncCall) -> list[c_ast.Node]:
        if (
            isinstance(node.name, c_ast.ID)
            and node.name.name in SETJMP
            and node.name.name not in self.names
        ):
            return self.setjmp(node)[0]
        kind = self.kind_of(node)
        before = self.operands(node)
        if kind is None:
            return [*before, node]
        before += self.keep_arguments(node)
        return [*before, self.point(kind, None if kind == POINT else node, None, node.coord)]

    def assignment(self, node: c_ast.Assignment) -> list[c_ast.Node]:
        """`x = f()` for a plain local needs no temporary."""
        call, target = node.rvalue, node.lvalue
        direct = (
            isinstance(target, c_ast.ID)
            and target.name in self.names
            and not self.names[target.name].pinned
            and isinstance(call, c_ast.FuncCall)
            and self.kind_of(call) in (CALL, BLOCK)
            and not (isinstance(call.name, c_ast.ID) and call.name.name in SETJMP)
        )
        if not direct:
            before, rest = self.ex_Assignment(node)
            return [*before, rest]
        before = self.operands(call)
        before += self.keep_arguments(call)
        return [*before, self.point(self.kind_of(call) or CALL, call, target, node.coord)]


def truth(node: c_ast.Node) -> c_ast.Node:
    """What a condition says of a value."""
    return c_ast.BinaryOp("!=", node, c_ast.Constant("int", "0"))


def copied(node: c_ast.Node) -> c_ast.Node:
    """A tree that shares nothing with another."""
    return copy.deepcopy(node)


def is_void(node: c_ast.Node) -> bool:
    """Is a cast one to void?"""
    inner = node.type
    return (
        isinstance(inner, c_ast.TypeDecl)
        and isinstance(inner.type, c_ast.IdentifierType)
        and inner.type.names == ["void"]
    )


def _is_elvis(node: c_ast.TernaryOp) -> bool:
    return isinstance(node.iftrue, c_ast.ID) and node.iftrue.name == ELVIS
