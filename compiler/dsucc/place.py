"""Places the continuation points: every call that may reach an update point becomes a statement.

Before:                                   After:
    while (a && f(x)) s += g(h(y));           while (1) {
                                                  t1 = a != 0; if (t1) { t2 = f(x); t1 = t2 != 0; }
                                                  if (!t1) break;
                                                  t3 = h(y); t4 = g(t3); s += t4;
                                                  POINT;
                                              }

C's sequencing (&&, ||, ?:, the comma, loop conditions) is kept; what C leaves unsequenced is
evaluated calls first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pycparser import c_ast

from .function import Function
from .placing import never_repeats
from .placing_expr import Expressions
from .points import INSIDE, Placed
from .reach import CALLS, Reach


class Poll(Enum):
    """Where the update point of a loop is.

    At the end of each round: who leaves a loop in its first round, as most searches of endless
    loops do, passes none.
    """

    NONE, FIRST, LAST = range(3)

    @property
    def rest(self) -> Poll:
        """What is left to place when the condition has been moved inside."""
        return Poll.NONE if self is Poll.FIRST else self


@dataclass
class _Loop:
    """A loop whose `continue` may have to become a goto."""

    label: str
    rewrites: bool
    used: bool = False


class Placer(Expressions):
    """Statements: loops, branches, returns."""

    def __init__(self, function: Function, reach: Reach) -> None:
        super().__init__(function, reach)
        self.loops: list[_Loop | None] = []

    def block(self, nodes: list[c_ast.Node]) -> list[c_ast.Node]:
        return [s for n in nodes for s in self.statement(n)]

    def statement(self, node: c_ast.Node) -> list[c_ast.Node]:
        method = getattr(self, "st_" + type(node).__name__, None)
        if method is not None:
            out: list[c_ast.Node] = method(node)
            return out
        return self.effect(node)

    def st_Compound(self, node: c_ast.Compound) -> list[c_ast.Node]:
        node.block_items = self.block(node.block_items or [])
        return [node]

    def same(self, node: c_ast.Node) -> list[c_ast.Node]:
        return [node]

    st_EmptyStatement = st_Goto = st_Label = st_Pragma = st_Break = same

    def st_Continue(self, node: c_ast.Continue) -> list[c_ast.Node]:
        loop = next((x for x in reversed(self.loops) if x is not None), None)
        if loop is not None and loop.rewrites:
            loop.used = True
            return [c_ast.Goto(loop.label, node.coord)]
        return [node]

    def st_If(self, node: c_ast.If) -> list[c_ast.Node]:
        before, node.cond = self.expr(node.cond)
        self.st_Compound(node.iftrue)
        if node.iffalse is not None:
            self.st_Compound(node.iffalse)
        return [*before, node]

    def st_Return(self, node: c_ast.Return) -> list[c_ast.Node]:
        if node.expr is None:
            return [node]
        if self.function.returns_void:
            before = self.effect(node.expr)
            node.expr = None
        else:
            before, node.expr = self.expr(node.expr)
        return [*before, node]

    def st_Switch(self, node: c_ast.Switch) -> list[c_ast.Node]:
        before, node.cond = self.expr(node.cond)
        self.st_Compound(node.stmt)
        return [*before, node]

    def st_Case(self, node: c_ast.Case) -> list[c_ast.Node]:
        node.stmts = self.block(node.stmts or [])
        return [node]

    st_Default = st_Case

    def poll_of(self, node: c_ast.Node, cond: c_ast.Node | None) -> Poll:
        """Where a loop has its update point."""
        if never_repeats(node) or (self.reach.points == CALLS and self.always_blocks(node.stmt)):
            return Poll.NONE
        if not (self.reach.polls_loops or self.has_point(node) or cond is None or _always(cond)):
            return Poll.NONE
        # A recursion that leaves its loops in mid-round has to pass the point all the same.
        return Poll.FIRST if self.recurses(node) else Poll.LAST

    def loop_body(self, node: c_ast.Node, poll: Poll, closing: bool) -> list[c_ast.Node]:
        """The body between its update points; `closing`: more will follow that `continue` runs."""
        rewrites = closing or poll is Poll.LAST
        loop = _Loop(self.new_label() if rewrites else "", rewrites)
        self.loops.append(loop)
        head: list[c_ast.Node] = [self.poll(node.coord)] if poll is Poll.FIRST else []
        body = [*head, *self.st_Compound(node.stmt)]
        self.loops.pop()
        if loop.used:
            body.append(c_ast.Label(loop.label, c_ast.EmptyStatement(node.coord), node.coord))
        if poll is Poll.LAST:
            body.append(self.poll(node.coord))
        return body

    def st_While(self, node: c_ast.While) -> list[c_ast.Node]:
        poll = self.poll_of(node, node.cond)
        head = self.condition_inside(node, poll)
        if head:
            poll = poll.rest
        node.stmt = c_ast.Compound(head + self.loop_body(node, poll, closing=False), node.coord)
        return [node]

    def condition_inside(self, node: c_ast.While | c_ast.For, poll: Poll) -> list[c_ast.Node]:
        """What a loop begins with whose condition has points: its own first, then the condition."""
        if not self.has_point(node.cond):
            return []
        first: list[c_ast.Node] = [self.poll(node.coord)] if poll is Poll.FIRST else []
        first += self.leave_unless(node.cond, node.coord)
        node.cond = c_ast.Constant(INSIDE, "1")
        return first

    def leave_unless(self, cond: c_ast.Node, coord: object) -> list[c_ast.Node]:
        before, rest = self.expr(cond)
        leave = c_ast.Compound([c_ast.Break(coord)], coord)
        return [*before, c_ast.If(c_ast.UnaryOp("!", rest), leave, None, coord)]

    def st_DoWhile(self, node: c_ast.DoWhile) -> list[c_ast.Node]:
        poll = self.poll_of(node, node.cond)
        inside = self.has_point(node.cond)
        body = self.loop_body(node, poll, closing=inside)
        if inside:
            body += self.leave_unless(node.cond, node.coord)
            node.cond = c_ast.Constant(INSIDE, "1")
        node.stmt = c_ast.Compound(body, node.coord)
        return [node]

    def st_For(self, node: c_ast.For) -> list[c_ast.Node]:
        poll = self.poll_of(node, node.cond)
        head = self.condition_inside(node, poll)
        if head:
            poll = poll.rest
        steps = self.has_point(node.next)
        body = self.loop_body(node, poll, closing=steps)
        if steps:
            body += self.effect(node.next)
            node.next = None
        node.stmt = c_ast.Compound(head + body, node.coord)
        return [node]


def _always(cond: c_ast.Node) -> bool:
    return (
        isinstance(cond, c_ast.Constant) and cond.type == "int" and cond.value.strip("uUlL") != "0"
    )


def place(function: Function, reach: Reach) -> Placed:
    """Lowers a function's body to statements between continuation points."""
    placer = Placer(function, reach)
    polls = reach.polls_entry(function.name) or placer.recurses_outside_loops()
    guards = placer.guards(function.body) if polls else 0
    body = placer.block(function.body[:guards])
    if polls:
        body.append(placer.poll(function.parsed.tree.coord))
    body += placer.block(function.body[guards:])
    if placer.rearms:
        body.insert(0, c_ast.Assignment("=", placer.armed(), c_ast.Constant("int", "0")))
    return Placed(function, body, placer.points, placer.rearms)
