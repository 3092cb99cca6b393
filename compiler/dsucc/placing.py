"""Which calls are continuation points, and the temporaries that lowering needs."""

from __future__ import annotations

from pycparser import c_ast

from .ctypes_table import TypeKind
from .function import Function, Local, children
from .gnu import GOTO
from .parse import StatementExpr
from .points import BLOCK, CALL, POINT, Point, Rearm, fingerprint
from .reach import UPDATE_POINT, Reach, certainly_returns

_UNEVALUATED = {"sizeof", "_Alignof", "alignof"}
_UNEVALUATED_CALLS = {
    "__builtin_constant_p", "__builtin_object_size", "__builtin_dynamic_object_size",
    "__builtin_classify_type",
}  # fmt: skip


class Placing:
    """One function's lowering: what is known of it, and what it is made of."""

    def __init__(self, function: Function, reach: Reach) -> None:
        self.function = function
        self.reach = reach
        self.names = function.by_name
        self.points: list[Point] = []
        self.rearms: list[Rearm] = []
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
        if isinstance(node, (c_ast.Typename, c_ast.TypeOf)) or asks_only(node):
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

    def guards(self, body: list[c_ast.Node]) -> int:
        """How many statements a function begins with that may end it, and do nothing else.

        Its update point stands behind them: who leaves there makes no step of a recursion, and
        gcc needs no frame for it yet.
        """
        found = 0
        for i, statement in enumerate(body):
            if self.has_point(statement):
                break
            if _leaves(statement):
                found = i + 1
            elif not isinstance(statement, (c_ast.Assignment, c_ast.EmptyStatement)):
                break
        return found

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


def _leaves(node: c_ast.Node) -> bool:
    """Is it `if (…) return …;`?"""
    if not isinstance(node, c_ast.If) or node.iffalse is not None:
        return False
    inside = node.iftrue
    items = inside.block_items or [] if isinstance(inside, c_ast.Compound) else [inside]
    return len(items) == 1 and isinstance(items[0], c_ast.Return)


def never_repeats(node: c_ast.Node) -> bool:
    """Is it a `do { … } while (0)`, of which macros are made?"""
    cond = node.cond if isinstance(node, c_ast.DoWhile) else None
    return isinstance(cond, c_ast.Constant) and cond.value.strip("uUlL") == "0"


def asks_only(node: c_ast.Node) -> bool:
    """A builtin that says something of its arguments and evaluates none."""
    by_name = isinstance(node, c_ast.FuncCall) and isinstance(node.name, c_ast.ID)
    return by_name and node.name.name in _UNEVALUATED_CALLS


def is_size(node: c_ast.Node) -> bool:
    """Is it `sizeof x`, which is no pointer?"""
    return isinstance(node, c_ast.UnaryOp) and node.op == "sizeof"
