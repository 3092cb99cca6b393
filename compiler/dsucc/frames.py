"""What the compiler knows of one version's functions: continuation points and live variables."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

from pycparser import c_ast

from . import tokens
from .emit import FunctionEmitter
from .function import Local
from .live import Liveness
from .meta import UnitMeta
from .pipeline import Options, Result, UnitWorker
from .points import INSIDE, NAMELESS, Placed, Point
from .reach import Reach
from .toplevel import Item, Unit
from .typegraph import TypeGraph
from .valuetype import ValueTypes
from .writer import Writer

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_BRANCHES = {"iftrue": "then", "iffalse": "else"}
_LOOPS = (c_ast.While, c_ast.DoWhile, c_ast.For)


@dataclass(frozen=True)
class PointView:
    """A continuation point as it is compared. `path` is its nesting, outermost first."""

    id: int
    kind: int
    callee: str
    text: str
    path: tuple[str, ...]
    conditions: tuple[str, ...]
    blocks: frozenset[int]  # ids of the blocks around it
    endless: int  # number of the innermost endless loop around it; 0 for none
    line: int
    variables: frozenset[str]  # the user's locals that the call names
    occurrence: int = 1  # which of the calls of this callee, in the function

    @property
    def name(self) -> str:
        """How people and mapping files call it: `read#2` is the second call of read."""
        return f"{self.callee or NAMELESS}#{self.occurrence}"

    def calling(self, renamed: dict[str, str]) -> PointView:
        """The same with other names for the functions that it calls."""
        if not renamed.keys() & tokens.words(" ".join((self.text, *self.conditions))):
            return self

        def told(text: str) -> str:
            return _WORD.sub(lambda m: renamed.get(m.group(), m.group()), text)

        return replace(
            self, callee=told(self.callee), text=told(self.text),
            conditions=tuple(map(told, self.conditions)),
        )  # fmt: skip


class Frames:
    """One function's frames."""

    def __init__(
        self, placed: Placed, live: Liveness, digest: str, types: ValueTypes, item: Item
    ) -> None:
        self.placed, self.live, self.digest = placed, live, digest
        self.value_types, self.item = types, item
        self.function = placed.function
        self.writer = Writer(self.function.opaque)
        self.writer.markers = False
        self.writer.renamed = {v.name: v.role for v in self.function.locals if v.role}

    @cached_property
    def points(self) -> list[PointView]:
        """All points in the order of their ids."""
        walk = _Walk(self.writer, {v.name for v in self.function.locals if not v.role})
        walk.block(self.placed.body, (), ())
        seen: Counter[str] = Counter()
        out = []
        for view in sorted(walk.views, key=lambda v: v.id):
            seen[view.callee] += 1
            out.append(replace(view, occurrence=seen[view.callee]))
        return out

    def live_at(self, point: int) -> list[Local]:
        return self.live.at[point]

    def begins_later(self, v: Local, point: int) -> bool:
        """Has this variable no value at a point, because its block is entered only after it?"""
        return v.block is not None and id(v.block) not in self.points[point - 1].blocks

    def type_of(self, v: Local) -> str:
        """A variable's type as text, without the expression that may have given it."""
        return self.value_types.plain(self.declared_type(v), self.declared_types, self.item)

    @cached_property
    def declared_types(self) -> dict[str, str]:
        return {v.known_as: self.declared_type(v) for v in self.function.locals}

    def declared_type(self, v: Local) -> str:
        """A variable's type as it is declared."""
        node = v.decl.type
        while not isinstance(node, c_ast.TypeDecl):
            node = node.type
        name, node.declname = node.declname, None
        text: str = self.writer._generate_type(v.decl.type)
        node.declname = name
        return " ".join(text.split())

    @cached_property
    def types_of_name(self) -> dict[str, list[str]]:
        """The user's name to the types of all variables of that name, in order."""
        out: dict[str, list[str]] = {}
        for v in self.function.locals:
            if not v.role:
                out.setdefault(v.original, []).append(self.type_of(v))
        return out

    @cached_property
    def setjmps(self) -> list[str]:
        """The places where the function may be jumped back to."""
        return [self.writer.visit(r.call) for r in self.placed.rearms]


class _Walk:
    """Finds points with their nesting."""

    def __init__(self, writer: Writer, variables: set[str]) -> None:
        self.writer, self.variables = writer, variables
        self.views: list[PointView] = []
        self.loops = 0
        self.endless: list[int] = []
        self.blocks: list[int] = []

    def block(
        self, nodes: list[c_ast.Node], path: tuple[str, ...], conditions: tuple[str, ...]
    ) -> None:
        for node in nodes:
            self.node(node, path, conditions)

    def node(self, node: c_ast.Node, path: tuple[str, ...], conditions: tuple[str, ...]) -> None:
        if isinstance(node, Point):
            self.point(node, path, conditions)
            return
        label, condition = self.label(node)
        is_endless = isinstance(node, _LOOPS) and _is_endless(node)
        if is_endless:
            self.loops += 1
            self.endless.append(self.loops)
        self.blocks.append(id(node))
        for slot, child in node.children():
            inner = (*path, label + _BRANCHES.get(slot, "")) if label else path
            self.node(child, inner, (*conditions, condition) if label else conditions)
        self.blocks.pop()
        if is_endless:
            self.endless.pop()

    def label(self, node: c_ast.Node) -> tuple[str, str]:
        """How a construct appears in a path; nothing for what is only brackets."""
        if isinstance(node, (c_ast.If, c_ast.Switch, *_LOOPS)):
            return type(node).__name__, self.text(node.cond)
        if isinstance(node, c_ast.Case):
            return "Case", self.text(node.expr)
        return ("Default", "") if isinstance(node, c_ast.Default) else ("", "")

    def text(self, node: c_ast.Node | None) -> str:
        return "" if node is None else " ".join(self.writer.visit(node).split())

    def point(self, node: Point, path: tuple[str, ...], conditions: tuple[str, ...]) -> None:
        callee = self.text(node.call.name) if node.call is not None else ""
        target = self.text(node.target)
        call = self.text(node.call)
        line = getattr(node.coord, "line", 0) or 0
        loop = self.endless[-1] if self.endless else 0
        text = f"{target} = {call}" if target else call
        self.views.append(
            PointView(
                node.id, node.kind, callee, text, path, conditions, frozenset(self.blocks), loop,
                line, frozenset(tokens.words(call) & self.variables),
            )
        )  # fmt: skip


def _is_endless(loop: c_ast.Node) -> bool:
    cond = loop.cond
    if cond is None:
        return True
    constant = isinstance(cond, c_ast.Constant) and cond.type != INSIDE
    return constant and cond.value.strip("uUlL") != "0"


class UnitFrames(UnitWorker):
    """Analyses functions of one version of a unit, one at a time."""

    def __init__(self, meta: UnitMeta, unit: Unit) -> None:
        never = frozenset(meta.never)
        options = Options(
            meta.capture, meta.points, never=never, regions=meta.transactions,
            backend=meta.backend,
        )  # fmt: skip
        reach = Reach(unit, meta.points, never, meta.summary)
        super().__init__(unit, reach, options, Result("", unit, meta.key), set(), {})
        self.found: Frames | None = None
        self.types_of_values = ValueTypes(TypeGraph(unit))

    def frames(self, name: str) -> Frames | None:
        """A function's frames; None where the compiler leaves it untouched."""
        item = self.unit.functions[name]
        self.found = None
        if name not in self.reach.never and self.reach.may_update(name):
            self.function(item)
        return self.found

    def emitter(self, item: Item, placed: Placed, live: Liveness) -> FunctionEmitter:
        """Remembers the analysis on its way to the text, which only the digest is made of."""
        made = super().emitter(item, placed, live)
        digest = made.digest(made.hot())
        self.found = Frames(placed, live, digest, self.types_of_values, item)
        return made
