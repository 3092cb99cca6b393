"""Gives every local of a function one scope, one name and no initialiser.

Before:                                   After:
    for (int i = 0; i < n; i++) {             int i; char b[8]; int i$2;
        char b[8] = "x";                      for (i = 0; i < n; i++) {
        { int i = f(b); g(i); }                   memcpy(b, (typeof(b)){"x"}, sizeof b);
    }                                             { i$2 = f(b); g(i$2); }
                                              }

So a frame is a flat list of variables, and a resume variant may jump into any block. Locals with
static storage move to file scope, where the hot and the resume variant share them.
"""

from __future__ import annotations

from pycparser import c_ast

from .ctypes_table import TypeKind, TypeTable
from .function import Function, children, declared
from .gnu import OPAQUE, Untouchable
from .hoist import Declarations
from .initialise import call
from .literals import Literals
from .nodes import BoundID
from .parse import Parsed, StatementExpr, without_statements
from .toplevel import Unit

VA_START = "__builtin_va_start"


class _Walk(Declarations):
    """Goes through the body: binds names in expressions, makes a block of each inner statement."""

    def __init__(self, function: Function, types: TypeTable, unit: Unit) -> None:
        super().__init__(function, types, unit)
        self.literals = Literals()
        self.addressed: set[c_ast.Node] = set()  # literals of which more than the value may be used

    def visit(self, node: c_ast.Node | None) -> None:
        """Binds the names of an expression."""
        if node is not None:
            getattr(self, "see_" + type(node).__name__, self.see_children)(node)

    def see_children(self, node: c_ast.Node) -> None:
        for child in children(node):
            self.visit(child)

    def see_ID(self, node: c_ast.ID) -> None:
        self.use(node)

    def see_BoundID(self, node: BoundID) -> None:
        self.use(node)

    def see_StructRef(self, node: c_ast.StructRef) -> None:
        self.address_literal(node)
        self.visit(node.name)

    def see_NamedInitializer(self, node: c_ast.NamedInitializer) -> None:
        for part in node.name:
            if not isinstance(part, c_ast.ID) or OPAQUE.match(part.name):
                self.visit(part)
        self.visit(node.expr)

    def see_Typename(self, node: c_ast.Typename) -> None:
        self.visit_type(node.type)
        self.reject_tag(node)

    def see_CompoundLiteral(self, node: c_ast.CompoundLiteral) -> None:
        self.reject_tag(node.type)
        kind = self.types.kind(node.type, self.typedefs)
        is_value = kind in (TypeKind.SCALAR, TypeKind.AGGREGATE)
        has_address = node in self.addressed or not is_value
        if has_address and not self.asking:
            if is_value or isinstance(node.type.type, c_ast.ArrayDecl):
                self.literals.lift(self, node)
                return
            self.function.keeps_frame = self.function.keeps_all = True
            self.function.hides_objects |= self.types.may_hold_own(node.type)
        self.visit(node.type)
        self.visit(node.init)

    def see_FuncCall(self, node: c_ast.FuncCall) -> None:
        if _calls(node, VA_START):
            self.start_arguments(node)
            return
        if isinstance(node.name, c_ast.ID) and self.types.returns_const(node.name.name):
            self.function.const_results.add(node.name.name)
        self.see_children(node)

    def see_UnaryOp(self, node: c_ast.UnaryOp) -> None:
        if node.op == "&":
            self.escape(node.expr)
            self.address_literal(node.expr)
        if node.op in ("sizeof", "_Alignof"):
            self.ask(node.expr)
            node.expr = without_statements(node.expr)
        else:
            self.visit(node.expr)

    def see_GenericSelection(self, node: c_ast.GenericSelection) -> None:
        self.see_children(node)
        node.expr = without_statements(node.expr)

    def see_StatementExpr(self, node: StatementExpr) -> None:
        self.blocks.append(node)
        node.block_items = self.block(node.block_items)
        self.blocks.pop()

    def start_arguments(self, node: c_ast.FuncCall) -> None:
        """`va_start(ap, last)` copies a list started at entry: only there is that possible."""
        if self.arguments is None:
            named = c_ast.TypeDecl("dsu$va", [], None, c_ast.IdentifierType(["__builtin_va_list"]))
            decl = c_ast.Decl("dsu$va", [], [], [], [], named, None, None)
            self.arguments = self.add(decl, is_param=False)
            start = call(VA_START, [BoundID(self.arguments), *node.args.exprs[1:]], None)
            self.function.prologue.append(start)
            for argument in node.args.exprs[1:]:
                self.visit(argument)
        self.function.keeps_frame = True
        node.name = c_ast.ID("__builtin_va_copy")
        self.visit(node.args.exprs[0])
        node.args.exprs[1:] = [BoundID(self.arguments)]

    def reject_tag(self, node: c_ast.Typename) -> None:
        inner = declared(node.type).type
        if getattr(inner, "decls", None):
            raise Untouchable("a type declared inside an expression")

    def escape(self, node: c_ast.Node) -> None:
        """`&x`, `&x.a.b`: x has to stay where it is."""
        while isinstance(node, c_ast.StructRef) and node.type == ".":
            node = node.name
        if isinstance(node, c_ast.ID):
            local = self.find(node.name)
            if local and local.array is None:
                local.escapes = True

    def address_literal(self, node: c_ast.Node) -> None:
        """`&(T){0}`, `(T){0}.a`: more than its value may be used."""
        while isinstance(node, c_ast.StructRef) and node.type == ".":
            node = node.name
        if isinstance(node, c_ast.CompoundLiteral):
            self.addressed.add(node)

    def block(self, items: list[c_ast.Node] | None) -> list[c_ast.Node]:
        self.scopes.append({})
        out = [s for item in items or [] for s in self.statement(item)]
        self.scopes.pop()
        return out

    def statement(self, node: c_ast.Node | None) -> list[c_ast.Node]:
        """The statements that `node` becomes."""
        if node is None:
            return []
        method = getattr(self, "do_" + type(node).__name__, None)
        if method is not None:
            result: list[c_ast.Node] = method(node)
            return result
        self.visit(node)
        return [node]

    def do_Decl(self, node: c_ast.Decl) -> list[c_ast.Node]:
        return self.declare(node)

    def do_DeclList(self, node: c_ast.DeclList) -> list[c_ast.Node]:
        return [s for d in node.decls for s in self.declare(d)]

    def do_Typedef(self, node: c_ast.Typedef) -> list[c_ast.Node]:
        self.typedef(node)
        return []

    def do_Pragma(self, node: c_ast.Pragma) -> list[c_ast.Node]:
        return [node]

    def do_StaticAssert(self, node: c_ast.Node) -> list[c_ast.Node]:
        return []

    def do_Compound(self, node: c_ast.Compound) -> list[c_ast.Node]:
        return [self.inner_block(node.block_items, node.coord)]

    def inner_block(self, items: list[c_ast.Node] | None, coord: object) -> c_ast.Compound:
        """A block as a node, which its variables refer to."""
        made = c_ast.Compound(None, coord)
        self.blocks.append(made)
        made.block_items = self.block(items)
        self.blocks.pop()
        return made

    def single(self, node: c_ast.Node | None) -> c_ast.Node:
        """A statement in a place that takes one; always a block, so that it may grow."""
        if isinstance(node, c_ast.Compound):
            return self.do_Compound(node)[0]
        return self.inner_block([node] if node is not None else [], getattr(node, "coord", None))

    def do_If(self, node: c_ast.If) -> list[c_ast.Node]:
        self.visit(node.cond)
        node.iftrue = self.single(node.iftrue)
        node.iffalse = self.single(node.iffalse) if node.iffalse is not None else None
        return [node]

    def do_While(self, node: c_ast.While) -> list[c_ast.Node]:
        self.visit(node.cond)
        node.stmt = self.single(node.stmt)
        return [node]

    def do_DoWhile(self, node: c_ast.DoWhile) -> list[c_ast.Node]:
        node.stmt = self.single(node.stmt)
        self.visit(node.cond)
        return [node]

    def do_For(self, node: c_ast.For) -> list[c_ast.Node]:
        self.scopes.append({})
        before = self.statement(node.init)
        self.visit(node.cond)
        self.visit(node.next)
        node.stmt = self.single(node.stmt)
        self.scopes.pop()
        node.init = None
        return [*before, node]

    def do_Switch(self, node: c_ast.Switch) -> list[c_ast.Node]:
        self.visit(node.cond)
        node.stmt = self.single(node.stmt)
        return [node]

    def do_Case(self, node: c_ast.Case) -> list[c_ast.Node]:
        self.visit(node.expr)
        node.stmts = [s for item in node.stmts or [] for s in self.statement(item)]
        return [node]

    def do_Default(self, node: c_ast.Default) -> list[c_ast.Node]:
        node.stmts = [s for item in node.stmts or [] for s in self.statement(item)]
        return [node]

    def do_Label(self, node: c_ast.Label) -> list[c_ast.Node]:
        inner = self.statement(node.stmt)
        node.stmt = c_ast.EmptyStatement(node.coord)
        return [node, *inner]


def _calls(node: c_ast.FuncCall, name: str) -> bool:
    return isinstance(node.name, c_ast.ID) and node.name.name == name


def _settle_bound(nodes: list[c_ast.Node]) -> None:
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if isinstance(node, BoundID):
            node.name = node.local.name
        stack.extend(children(node))


def parameters(tree: c_ast.FuncDef) -> list[c_ast.Node]:
    """A definition's parameters; `f(a, b) char b; {...}` declares them behind its head."""
    given = tree.decl.type.args.params if tree.decl.type.args else []
    behind = {d.name: d for d in tree.param_decls or []}
    return [behind.get(p.name) or _int(p) if isinstance(p, c_ast.ID) else p for p in given]


def _int(name: c_ast.ID) -> c_ast.Decl:
    named = c_ast.TypeDecl(name.name, [], None, c_ast.IdentifierType(["int"]))
    return c_ast.Decl(name.name, [], [], [], [], named, None, None, name.coord)


def normalise(parsed: Parsed, types: TypeTable, unit: Unit) -> Function:
    """The function with its frame laid flat. Raises Untouchable."""
    tree = parsed.tree
    function = Function(tree.decl.name, parsed)
    scopes = _Walk(function, types, unit)
    head = tree.decl.type
    result = head.type
    function.returns_void = isinstance(result, c_ast.TypeDecl) and (
        isinstance(result.type, c_ast.IdentifierType) and result.type.names == ["void"]
    )
    for param in parameters(tree):
        if isinstance(param, c_ast.EllipsisParam):
            function.keeps_frame = True
        elif isinstance(param, c_ast.Decl) and param.name:
            scopes.visit_type(param.type)
            outer = param.type.type if isinstance(param.type, c_ast.ArrayDecl) else param.type
            scopes.reject_variable_length(outer)
            scopes.add(param, is_param=True)
    body = scopes.block(tree.body.block_items)
    function.body += body
    scopes.literals.settle(function.body)
    scopes.settle_names()
    _settle_bound(function.body)
    _settle_bound(function.prologue)
    for static in (*function.statics, *function.tables):
        _settle_bound([static])
    for local in function.locals:
        _settle_bound([local.decl] if local.array is None else [local.decl, local.array])
    return function
