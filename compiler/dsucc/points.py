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

import copy
import hashlib
from dataclasses import dataclass
from enum import Enum

from pycparser import c_ast

from .ctypes_table import TypeKind
from .function import Function, Local, children
from .gnu import ELVIS, GOTO, Opaque, Untouchable
from .nodes import Own
from .parse import StatementExpr, nothing, without_statements
from .reach import CALLS, SETJMP, UPDATE_POINT, Reach, certainly_returns

CALL, POINT, BLOCK = 0, 1, 2
ARMED = "dsu$armed"
NAMELESS = "update-point"  # how people call one without a call
INSIDE = "int, in place of a condition that now stands inside"

_UNEVALUATED = {"sizeof", "_Alignof", "alignof"}
_UNEVALUATED_CALLS = {
    "__builtin_constant_p", "__builtin_object_size", "__builtin_dynamic_object_size",
    "__builtin_classify_type",
}  # fmt: skip
_NOT_ALL_EVALUATED = {"__builtin_choose_expr"}


class Point(Own):
    """A continuation point: `target = call`, or an update point without a call.

    `waits`: of a library that may wait in it (DSU_WAITS), so that its arguments are kept.
    """

    __slots__ = ("call", "coord", "id", "kind", "target", "waits")

    def __init__(
        self,
        number: int,
        kind: int,
        call: c_ast.FuncCall | None,
        target: c_ast.ID | None,
        coord: object,
        waits: bool,
    ) -> None:
        self.id, self.kind, self.call = number, kind, call
        self.target, self.coord, self.waits = target, coord, waits

    @property
    def keeps_arguments(self) -> bool:
        return self.kind == BLOCK or self.waits

    def children(self) -> tuple[tuple[str, c_ast.Node], ...]:
        return (("call", self.call),) if self.call is not None else ()


class Rearm(Own):
    """`target = setjmp(*env)` number `index` of its function; resumed by calling it again."""

    __slots__ = ("call", "coord", "env", "index", "target")

    def __init__(
        self, index: int, call: c_ast.FuncCall, env: str, target: c_ast.ID, coord: object
    ) -> None:
        self.index, self.call, self.env, self.target, self.coord = index, call, env, target, coord

    def children(self) -> tuple[tuple[str, c_ast.Node], ...]:
        return (("call", self.call), ("target", self.target))


def value_type(expr: c_ast.Node) -> c_ast.TypeOf:
    """`typeof(0, e)`: the type of e's value, without its qualifiers, as a temporary's type."""
    return c_ast.TypeOf(
        "__typeof__", c_ast.ExprList([c_ast.Constant("int", "0"), without_statements(expr)])
    )


def fingerprint(node: c_ast.Node, opaque: dict[str, Opaque]) -> str:
    """32 bits over an expression's text; what was set aside counts by its content."""
    words: list[str] = []
    stack = [node]
    while stack:
        n = stack.pop()
        values = [str(getattr(n, a)) for a in getattr(n, "attr_names", ())]
        words += [type(n).__name__, *values]
        words += [" ".join(opaque[v].tokens) for v in values if v in opaque]
        stack.extend(children(n))
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:8]


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


class Placer:
    """One function's lowering."""

    def __init__(self, function: Function, reach: Reach) -> None:
        self.function = function
        self.reach = reach
        self.names = function.by_name
        self.points: list[Point] = []
        self.rearms: list[Rearm] = []
        self.loops: list[_Loop | None] = []
        self.labels = 0
        self.roles: dict[str, int] = {}

    # -- questions ----------------------------------------------------------------------------

    def kind_of(self, call: c_ast.FuncCall) -> int | None:
        """The kind of continuation point that a call is; None if it is none."""
        callee = call.name
        if not isinstance(callee, c_ast.ID) or callee.name in self.names:
            return CALL
        if callee.name == GOTO or callee.name.startswith("__dsu_asm_"):
            return None
        if callee.name in self.reach.blocking:
            return None if self.returns_at_once(call) else BLOCK
        if callee.name == UPDATE_POINT:
            return POINT
        return CALL if self.reach.may_update(callee.name) else None

    def waits(self, call: c_ast.FuncCall) -> bool:
        """Is it a library's function that may wait in a system call of its own?"""
        callee = call.name
        return (
            isinstance(callee, c_ast.ID)
            and callee.name not in self.names
            and callee.name in self.reach.waiting
        )

    def returns_at_once(self, call: c_ast.FuncCall) -> bool:
        """Is this call of a blocking function one that never blocks?"""
        arguments = call.args.exprs if call.args is not None else []

        def text(place: int) -> str:
            found = arguments[place] if place < len(arguments) else None
            return found.value if isinstance(found, c_ast.Constant) else ""

        return certainly_returns(call.name.name, text)

    def has_point(self, node: c_ast.Node | None) -> bool:
        if node is None:
            return False
        if isinstance(node, c_ast.UnaryOp) and node.op in _UNEVALUATED:
            return False
        if isinstance(node, (c_ast.Typename, c_ast.TypeOf)) or _asks_only(node):
            return False
        if isinstance(node, StatementExpr):  # it may have jumps in it, too
            return True
        if isinstance(node, c_ast.FuncCall) and self.kind_of(node) is not None:
            return True
        if isinstance(node, c_ast.GenericSelection):  # its controlling expression is not evaluated
            return any(self.has_point(c) for c in list(children(node))[1:])
        return any(self.has_point(c) for c in children(node))

    def recurses_outside_loops(self) -> bool:
        """A recursion whose every step passes a loop's update point needs none at its entry."""
        if self.function.name not in self.reach.recursive:
            return False

        def outside(node: c_ast.Node) -> bool:
            loop = isinstance(node, (c_ast.While, c_ast.DoWhile, c_ast.For))
            if loop and not never_repeats(node):
                return False
            return self.is_recursive_call(node) or any(outside(c) for c in children(node))

        return any(outside(s) for s in self.function.body)

    def recurses(self, node: c_ast.Node) -> bool:
        """Is there a call in it that may be a step of a recursion?"""
        if self.function.name not in self.reach.recursive:
            return False
        return self.is_recursive_call(node) or any(map(self.recurses, children(node)))

    def is_recursive_call(self, node: c_ast.Node) -> bool:
        by_name = isinstance(node, c_ast.FuncCall) and isinstance(node.name, c_ast.ID)
        return by_name and node.name.name in self.reach.recursive

    def always_blocks(self, body: c_ast.Node) -> bool:
        """Does each round of a loop pass a blocking call, itself an update point?"""
        for statement in getattr(body, "block_items", None) or []:
            if isinstance(statement, c_ast.Assignment) and statement.op == "=":
                statement = statement.rvalue
            if isinstance(statement, c_ast.FuncCall) and self.kind_of(statement) == BLOCK:
                return True
            if not isinstance(statement, (c_ast.Assignment, c_ast.FuncCall)):
                return False
        return False

    # -- makers -------------------------------------------------------------------------------

    def temporary(
        self, type_node: c_ast.Node, hint: str = "t", name: str = "", role: str = ""
    ) -> c_ast.ID:
        name = name or f"dsu${hint}{len(self.function.locals)}"
        decl = c_ast.Decl(
            name, [], [], [], [], c_ast.TypeDecl(name, [], None, type_node), None, None
        )
        local = Local(
            name, decl, TypeKind.SCALAR, name=name, order=len(self.function.locals), role=role
        )
        self.function.locals.append(local)
        self.names[name] = local
        return c_ast.ID(name)

    def int_temporary(self, role: str) -> c_ast.ID:
        return self.temporary(c_ast.IdentifierType(["int"]), role=role)

    def role(self, what: str, node: c_ast.Node) -> str:
        """A temporary's role: what it is of which expression; equal ones are counted."""
        role = f"dsu${what}${fingerprint(node, self.function.opaque)}"
        self.roles[role] = count = self.roles.get(role, 0) + 1
        return role if count == 1 else f"{role}${count}"

    def point(
        self, kind: int, call: c_ast.FuncCall | None, target: c_ast.ID | None, coord: object
    ) -> Point:
        waits = call is not None and self.waits(call)
        made = Point(len(self.points) + 1, kind, call, target, coord, waits)
        self.points.append(made)
        return made

    def poll(self, coord: object) -> Point:
        return self.point(POINT, None, None, coord)

    def new_label(self) -> str:
        self.labels += 1
        return f"dsu$C{self.labels}"

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
        value = self.temporary(value_type(_copy(node.result)), role=role)
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
            if isinstance(arg, c_ast.Constant) or (waits and _is_size(arg)):
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
        after.append(c_ast.Assignment("=", c_ast.ID(value.name), _truth(right), node.coord))
        test: c_ast.Node = c_ast.ID(value.name)
        if node.op == "||":
            test = c_ast.UnaryOp("!", test)
        before.append(c_ast.Assignment("=", value, _truth(left), node.coord))
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
        value = self.temporary(value_type(_copy(node)), role=self.role("choice", node))
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
        value = self.temporary(value_type(_copy(node)), role=self.role("choice", node))
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
        if isinstance(node, c_ast.Cast) and _is_void(node.to_type):
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

    # -- statements ---------------------------------------------------------------------------

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


def never_repeats(node: c_ast.Node) -> bool:
    """Is it a `do { … } while (0)`, of which macros are made?"""
    cond = node.cond if isinstance(node, c_ast.DoWhile) else None
    return isinstance(cond, c_ast.Constant) and cond.value.strip("uUlL") == "0"


def _truth(node: c_ast.Node) -> c_ast.Node:
    return c_ast.BinaryOp("!=", node, c_ast.Constant("int", "0"))


def _asks_only(node: c_ast.Node) -> bool:
    """A builtin that says something of its arguments and evaluates none."""
    by_name = isinstance(node, c_ast.FuncCall) and isinstance(node.name, c_ast.ID)
    return by_name and node.name.name in _UNEVALUATED_CALLS


def _copy(node: c_ast.Node) -> c_ast.Node:
    return copy.deepcopy(node)


def _always(cond: c_ast.Node) -> bool:
    return (
        isinstance(cond, c_ast.Constant) and cond.type == "int" and cond.value.strip("uUlL") != "0"
    )


def _is_size(node: c_ast.Node) -> bool:
    return isinstance(node, c_ast.UnaryOp) and node.op == "sizeof"


def _is_void(node: c_ast.Node) -> bool:
    inner = node.type
    return (
        isinstance(inner, c_ast.TypeDecl)
        and isinstance(inner.type, c_ast.IdentifierType)
        and inner.type.names == ["void"]
    )


def _is_elvis(node: c_ast.TernaryOp) -> bool:
    return isinstance(node.iftrue, c_ast.ID) and node.iftrue.name == ELVIS


@dataclass
class Placed:
    """A function with its points: `body` is its statements, `points[i].id == i + 1`."""

    function: Function
    body: list[c_ast.Node]
    points: list[Point]
    rearms: list[Rearm]


def place(function: Function, reach: Reach) -> Placed:
    """Lowers a function's body to statements between continuation points."""
    placer = Placer(function, reach)
    head: list[c_ast.Node] = []
    if reach.polls_entry(function.name) or placer.recurses_outside_loops():
        head.append(placer.poll(function.parsed.tree.coord))
    body = placer.block(function.body)
    if placer.rearms:
        head.insert(0, c_ast.Assignment("=", placer.armed(), c_ast.Constant("int", "0")))
    body = head + body
    return Placed(function, body, placer.points, placer.rearms)
