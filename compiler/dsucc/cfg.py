"""The control flow of a lowered body: one node a simple statement, condition or point."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from pycparser import c_ast

from .gnu import GOTO
from .points import Placed, Point, Rearm


@dataclass(eq=False)
class Node:
    """A place in the flow. `tree` is what is evaluated here, None for joins."""

    tree: c_ast.Node | None
    successors: list[Node] = field(default_factory=list)
    predecessors: list[Node] = field(default_factory=list)
    index: int = 0


@dataclass
class Graph:
    """All nodes, entry first; unreachable ones included."""

    nodes: list[Node]
    entry: Node
    exit: Node

    def returns(self, ends: Collection[str]) -> bool:
        """May the function return, if those called `ends` do not?"""
        seen, todo = {self.entry}, [self.entry]
        while todo:
            node = todo.pop()
            if node is self.exit:
                return True
            if _called(node.tree) not in ends:
                todo += [n for n in node.successors if n not in seen]
                seen.update(node.successors)
        return False


def _called(tree: c_ast.Node | None) -> str:
    """The function that a statement calls and does nothing else."""
    call = tree.call if isinstance(tree, Point) else tree
    if isinstance(call, c_ast.FuncCall) and isinstance(call.name, c_ast.ID):
        return str(call.name.name)
    return ""


class _Builder:
    def __init__(self, labels: list[str]) -> None:
        self.addressed = labels  # where a computed goto may lead
        self.nodes: list[Node] = []
        self.exit = self.make(None)
        self.labels: dict[str, Node] = {}
        self.breaks: list[Node] = []
        self.continues: list[Node] = []
        self.switches: list[Node] = []

    def make(self, tree: c_ast.Node | None) -> Node:
        node = Node(tree, index=len(self.nodes))
        self.nodes.append(node)
        return node

    def link(self, a: Node | None, b: Node) -> None:
        if a is not None:
            a.successors.append(b)
            b.predecessors.append(a)

    def then(self, at: Node | None, tree: c_ast.Node | None) -> Node:
        node = self.make(tree)
        self.link(at, node)
        return node

    def label(self, name: str) -> Node:
        if name not in self.labels:
            self.labels[name] = self.make(None)
        return self.labels[name]

    def block(self, trees: list[c_ast.Node] | None, at: Node | None) -> Node | None:
        for tree in trees or []:
            at = self.statement(tree, at)
        return at

    def statement(self, tree: c_ast.Node, at: Node | None) -> Node | None:
        """Adds a statement behind `at`; gives the node flow falls out of, None if it does not."""
        method = getattr(self, "st_" + type(tree).__name__, None)
        if method is not None:
            out: Node | None = method(tree, at)
            return out
        return self.then(at, tree)

    def st_Compound(self, tree: c_ast.Compound, at: Node | None) -> Node | None:
        return self.block(tree.block_items, at)

    def st_EmptyStatement(self, tree: c_ast.Node, at: Node | None) -> Node | None:
        return at

    st_Pragma = st_EmptyStatement

    def st_If(self, tree: c_ast.If, at: Node | None) -> Node | None:
        cond = self.then(at, tree.cond)
        join = self.make(None)
        self.link(self.statement(tree.iftrue, cond), join)
        self.link(self.statement(tree.iffalse, cond) if tree.iffalse else cond, join)
        return join

    def loop(self, body: c_ast.Node, start: Node | None, again: Node, leave: Node) -> Node | None:
        self.breaks.append(leave)
        self.continues.append(again)
        end = self.statement(body, start)
        self.continues.pop()
        self.breaks.pop()
        return end

    def st_While(self, tree: c_ast.While, at: Node | None) -> Node | None:
        cond, leave = self.then(at, tree.cond), self.make(None)
        self.link(self.loop(tree.stmt, cond, cond, leave), cond)
        self.link(cond, leave)
        return leave

    def st_DoWhile(self, tree: c_ast.DoWhile, at: Node | None) -> Node | None:
        start, cond, leave = self.then(at, None), self.make(tree.cond), self.make(None)
        self.link(self.loop(tree.stmt, start, cond, leave), cond)
        self.link(cond, start)
        self.link(cond, leave)
        return leave

    def st_For(self, tree: c_ast.For, at: Node | None) -> Node | None:
        cond, step, leave = self.then(at, tree.cond), self.make(tree.next), self.make(None)
        self.link(self.loop(tree.stmt, cond, step, leave), step)
        self.link(step, cond)
        if tree.cond is not None:
            self.link(cond, leave)
        return leave

    def st_Switch(self, tree: c_ast.Switch, at: Node | None) -> Node | None:
        cond, leave = self.then(at, tree.cond), self.make(None)
        self.switches.append(cond)
        self.breaks.append(leave)
        self.link(self.statement(tree.stmt, None), leave)
        self.breaks.pop()
        self.switches.pop()
        self.link(cond, leave)
        return leave

    def st_Case(self, tree: c_ast.Case, at: Node | None) -> Node | None:
        start = self.then(at, None)
        self.link(self.switches[-1], start)
        return self.block(tree.stmts, start)

    st_Default = st_Case

    def st_Label(self, tree: c_ast.Label, at: Node | None) -> Node | None:
        node = self.label(tree.name)
        self.link(at, node)
        return self.statement(tree.stmt, node) if tree.stmt is not None else node

    def st_Goto(self, tree: c_ast.Goto, at: Node | None) -> Node | None:
        self.link(at, self.label(tree.name))
        return None

    def st_FuncCall(self, tree: c_ast.FuncCall, at: Node | None) -> Node | None:
        node = self.then(at, tree)
        if not (isinstance(tree.name, c_ast.ID) and tree.name.name == GOTO):
            return node
        for name in self.addressed:
            self.link(node, self.label(name))
        return None

    def st_Break(self, tree: c_ast.Node, at: Node | None) -> Node | None:
        self.link(at, self.breaks[-1])
        return None

    def st_Continue(self, tree: c_ast.Node, at: Node | None) -> Node | None:
        self.link(at, self.continues[-1])
        return None

    def st_Return(self, tree: c_ast.Return, at: Node | None) -> Node | None:
        self.link(self.then(at, tree.expr), self.exit)
        return None


def build(placed: Placed) -> Graph:
    """The graph of a placed function."""
    builder = _Builder(placed.function.labels)
    entry = builder.make(None)
    end = builder.block(placed.body, entry)
    builder.link(end, builder.exit)
    return Graph(builder.nodes, entry, builder.exit)


__all__ = ["Graph", "Node", "Point", "Rearm", "build"]
