"""Which variables a frame has to carry across each of its continuation points.

A variable is saved only where it is live and has a value: saving a dead one would stretch its
live range into the hot path. A pinned variable keeps its bytes where they are; it is in the record
from the first time that it is named, since from then on a pointer to it may be kept anywhere, and
what no record names is not kept. That costs the hot path nothing: the record holds its address.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from pycparser import c_ast

from .cfg import Graph, Node, build
from .function import Function, Local, children
from .gnu import OPAQUE
from .points import Placed, Point, Rearm

_UNEVALUATED = ("sizeof", "_Alignof", "__alignof__")


@dataclass
class Liveness:
    """Point id to its live variables, in the order of their declaration."""

    at: dict[int, list[Local]]
    graph: Graph


class _Effects:
    """Uses and definitions of trees as bit sets over the function's locals."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.bit = {v.name: 1 << v.order for v in function.locals}
        self.sizes: dict[str, int] = {}  # what the sizes of variable-length arrays stand in
        self.sizes |= {v.name: self.uses(v.array) for v in function.locals if v.array is not None}
        self.pinned = sum(1 << v.order for v in function.locals if v.pinned)

    def of(self, node: Node) -> tuple[int, int]:
        """(used before defined, certainly defined) of a flow node."""
        tree = node.tree
        if tree is None:
            return 0, 0
        if isinstance(tree, (Point, Rearm)):
            uses = self.uses(tree.call)
            return uses, self.target(tree)
        if isinstance(tree, c_ast.Assignment) and tree.op == "=" and self.plain(tree.lvalue):
            return self.uses(tree.rvalue), self.bit[tree.lvalue.name]
        return self.uses(tree), 0

    def target(self, point: Point | Rearm) -> int:
        if point.target is None:
            return 0
        return self.bit[point.target.name] & ~self.pinned

    def plain(self, node: c_ast.Node) -> bool:
        return isinstance(node, c_ast.ID) and bool(self.bit.get(node.name, 0) & ~self.pinned)

    def uses(self, tree: c_ast.Node | None) -> int:
        if tree is None:
            return 0
        if isinstance(tree, c_ast.ID):
            return self.identifier(tree.name)
        if isinstance(tree, c_ast.IdentifierType):
            return self.identifier(tree.names[0])
        if isinstance(tree, c_ast.StructRef):
            return self.uses(tree.name)
        if isinstance(tree, c_ast.TypeOf):
            return 0
        if isinstance(tree, c_ast.UnaryOp) and tree.op in _UNEVALUATED:
            return self.unevaluated(tree.expr)
        out = 0
        for child in children(tree):
            out |= self.uses(child)
        return out

    def unevaluated(self, operand: c_ast.Node) -> int:
        """What `sizeof` needs: the lengths in a type, and those of variable-length arrays."""
        uses = self.uses(operand)
        return uses if isinstance(operand, c_ast.Typename) or self.needs_size(uses) else 0

    def needs_size(self, uses: int) -> bool:
        return any(uses & self.bit[name] for name in self.sizes)

    def identifier(self, name: str) -> int:
        if OPAQUE.match(name):
            opaque, out = self.function.opaque[name], 0
            for renamed in opaque.renamed.values():
                out |= self.bit.get(renamed, 0)
            return out if not opaque.is_unevaluated or self.needs_size(out) else 0
        return self.bit.get(name, 0) | self.sizes.get(name, 0)

    def assigned(self, node: Node) -> int:
        """May be given a value here: definitions, and anything named in a way that is not plain."""
        tree = node.tree
        if tree is None:
            return 0
        uses, defines = self.of(node)
        if isinstance(tree, (Point, Rearm)):
            return uses | (self.bit[tree.target.name] if tree.target is not None else 0)
        return uses | defines


def _flow_back(graph: Graph, effects: _Effects) -> list[int]:
    """Live-out of each node."""
    live_out = [0] * len(graph.nodes)
    summary = [effects.of(n) for n in graph.nodes]
    work = deque(reversed(graph.nodes))
    queued = [True] * len(graph.nodes)
    while work:
        node = work.popleft()
        queued[node.index] = False
        uses, defines = summary[node.index]
        live_in = uses | (live_out[node.index] & ~defines)
        for p in node.predecessors:
            _add(live_in, live_out, p, work, queued)
    return live_out


def _flow_forward(graph: Graph, effects: _Effects, start: int) -> list[int]:
    """Variables that may have a value before each node."""
    before = [0] * len(graph.nodes)
    before[graph.entry.index] = start
    made = [effects.assigned(n) for n in graph.nodes]
    work = deque(graph.nodes)
    queued = [True] * len(graph.nodes)
    while work:
        node = work.popleft()
        queued[node.index] = False
        after = before[node.index] | made[node.index]
        for s in node.successors:
            _add(after, before, s, work, queued)
    return before


def _add(bits: int, sets: list[int], to: Node, work: deque[Node], queued: list[bool]) -> None:
    """What is new flows on alone: the end of a switch has thousands of predecessors."""
    if not bits & ~sets[to.index]:
        return
    sets[to.index] |= bits
    if not queued[to.index]:
        queued[to.index] = True
        work.append(to)


def analyse(placed: Placed) -> Liveness:
    """Live variables at every point of a placed function."""
    function = placed.function
    graph = build(placed)
    effects = _Effects(function)
    params = sum(1 << v.order for v in function.locals if v.is_param)
    live_out = _flow_back(graph, effects)
    valued = _flow_forward(graph, effects, params | effects.pinned)
    named = _flow_forward(graph, effects, 0)
    at: dict[int, list[Local]] = {}
    everything = _mentioned(graph, effects) if placed.rearms else 0
    for node in graph.nodes:
        if not isinstance(node.tree, Point):
            continue
        bits = live_out[node.index] & ~effects.target(node.tree)
        if node.tree.keeps_arguments:
            bits |= effects.uses(node.tree.call)
        bits |= everything
        bits |= (named[node.index] | effects.uses(node.tree.call)) & effects.pinned
        bits &= valued[node.index] | (effects.uses(node.tree.call) if node.tree.call else 0)
        at[node.tree.id] = [v for v in function.locals if bits >> v.order & 1]
    return Liveness(at, graph)


def _mentioned(graph: Graph, effects: _Effects) -> int:
    """With setjmp in the function, control may come back to it from any point."""
    out = 0
    for node in graph.nodes:
        uses, defines = effects.of(node)
        out |= uses | defines
    return out
