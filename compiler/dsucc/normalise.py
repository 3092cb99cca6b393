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

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pycparser import c_ast

from . import vla
from .ctypes_table import TypeKind, TypeTable
from .gnu import AUTO_TYPE, LABEL, OPAQUE, Opaque, Untouchable
from .nodes import BoundID, TypeOfLocal, Unqualified
from .parse import Parsed, StatementExpr, without_statements
from .toplevel import Unit


@dataclass(eq=False)
class Local:
    """A variable of the frame. `name` is unique in its function, `original` is the user's.

    `role` names a temporary in a way that the next version of the function keeps: the argument of
    a blocking call, the result of a call with this very text. Within the variables of one
    continuation point it is unique. `block` is the innermost block around the declaration, None for
    the function's own: outside of it the variable has no value.
    """

    original: str
    decl: c_ast.Decl
    kind: TypeKind
    is_param: bool = False
    escapes: bool = False
    name: str = ""
    order: int = 0
    role: str = ""
    block: c_ast.Node | None = None
    array: c_ast.Node | None = None  # of a pointer to a variable-length array: the array's type
    travels: bool = False  # a struct that may be moved as a value

    @property
    def known_as(self) -> str:
        """The name under which the next version looks for the variable's value."""
        return self.role or self.name

    @property
    def pinned(self) -> bool:
        """Must it keep its address for as long as its frame is active?"""
        return self.escapes or not (self.kind is TypeKind.SCALAR or self.travels)

    @property
    def is_struct(self) -> bool:
        """A struct or union whose records hold its bytes."""
        return self.travels and not self.escapes


@dataclass
class Function:
    """A function on its way through the passes."""

    name: str
    parsed: Parsed
    body: list[c_ast.Node] = field(default_factory=list)
    locals: list[Local] = field(default_factory=list)
    statics: list[c_ast.Decl] = field(default_factory=list)
    types: list[c_ast.Node] = field(default_factory=list)
    returns_void: bool = False
    prologue: list[c_ast.Node] = field(default_factory=list)  # of the hot variant alone
    labels: list[str] = field(default_factory=list)  # whose addresses are taken
    tables: list[c_ast.Decl] = field(default_factory=list)  # statics that hold such addresses
    const_results: set[str] = field(default_factory=set)  # whose results cannot be assigned
    keeps_frame: bool = False  # memory of the frame other than named locals may be referred to

    @property
    def opaque(self) -> dict[str, Opaque]:
        return self.parsed.opaque

    def local(self, name: str) -> Local | None:
        return self.by_name.get(name)

    @property
    def by_name(self) -> dict[str, Local]:
        return {v.name: v for v in self.locals}


VA_START = "__builtin_va_start"
_TAGGED = (c_ast.Struct, c_ast.Union)
_HOME_ALIGNMENT = 64
KEEPS_FRAME = {"alloca", "__builtin_alloca", "__builtin_alloca_with_align"}


def children(node: c_ast.Node) -> Iterator[c_ast.Node]:
    """Direct children, whatever their slot."""
    return iter(node)


class _Scopes:
    """Resolves names to locals while taking declarations out of blocks."""

    def __init__(self, function: Function, types: TypeTable, unit: Unit) -> None:
        self.function = function
        self.types = types
        self.unit = unit
        self.scopes: list[dict[str, Local | c_ast.Node | None]] = [{}]
        self.blocks: list[c_ast.Node | None] = [None]
        self.bound: list[tuple[c_ast.ID, Local]] = []
        self.opaque_bound: list[tuple[Opaque, str, Local]] = []
        self.global_names: set[str] = set()
        self.typedefs: dict[str, c_ast.Node] = {}
        self.declared: dict[tuple[str, str], int] = {}
        self.split_types: list[c_ast.Node] = []
        self.ordinary = unit.ordinary
        self.static_count = 0
        self.arguments: Local | None = None

    # -- names --------------------------------------------------------------------------------

    def find(self, name: str) -> Local | None:
        for scope in reversed(self.scopes):
            if name in scope:
                found = scope[name]
                return found if isinstance(found, Local) else None
        return None

    def declared_as(self, name: str) -> str:
        """What a typedef or an enumerator of this name is called at the function's top."""
        found = next((s[name] for s in reversed(self.scopes) if name in s), None)
        return str(found.name) if isinstance(found, (c_ast.Enumerator, c_ast.Typedef)) else name

    def tag(self, name: str) -> str:
        """What a tag is called at the function's top."""
        key = f"tag {name}"
        found = next((s[key] for s in reversed(self.scopes) if key in s), None)
        return name if found is None else str(found.name)

    def use(self, node: c_ast.ID) -> None:
        if OPAQUE.match(node.name):
            self.use_opaque(self.function.opaque[node.name])
            return
        label = LABEL.match(node.name)
        if label:
            if label.group(1) not in self.function.labels:
                self.function.labels.append(label.group(1))
            return
        node.name = self.declared_as(node.name)
        local = self.find(node.name)
        if local:
            self.bound.append((node, local))
        else:
            self.global_names.add(node.name)
            if node.name in KEEPS_FRAME:
                self.function.keeps_frame = True

    def use_opaque(self, opaque: Opaque) -> None:
        if not opaque.name.startswith("__dsu_type"):
            self.function.keeps_frame = self.function.keeps_frame or not opaque.is_asm
        addressed = opaque.addressed()
        for name in opaque.identifiers():
            local = self.find(name)
            if local:
                self.opaque_bound.append((opaque, name, local))
                if local.array is None:
                    local.escapes |= name in addressed
                elif opaque.name.startswith("__dsu_type"):
                    raise Untouchable("the type of a variable-length array")
            else:
                self.rename_in(opaque, name, self.declared_as(name))
                self.global_names.add(self.declared_as(name))
        hidden = [t for t in opaque.tags() if self.tag(t) != t]
        if hidden:
            raise Untouchable(f"a local type '{hidden[0]}' that hides another, in opaque text")

    def rename_in(self, opaque: Opaque, name: str, now: str) -> None:
        if opaque.renamed.get(name, now) != now:
            raise Untouchable(f"'{name}' names two things inside an opaque text")
        if now != name:
            opaque.renamed[name] = now

    def settle_names(self) -> None:
        """Renames where two locals, or a local and something global, share a name."""
        taken = dict.fromkeys(self.global_names, 0)
        for local in self.function.locals:
            base = local.original
            count = taken.get(base, -1) + 1
            taken[base] = count
            local.name = base if count == 0 else f"{base}${count + 1}"
            _declared(local.decl.type).declname = local.decl.name = local.name
        for node, local in self.bound:
            node.name = local.name
        for opaque, name, local in self.opaque_bound:
            self.rename_in(opaque, name, local.name)
            opaque.renamed[name] = local.name

    # -- declarations -------------------------------------------------------------------------

    def declare(self, decl: c_ast.Decl) -> list[c_ast.Node]:
        """Takes a block's declaration apart; gives the statements that stay in its place."""
        if decl.name is None and isinstance(decl.type, _TAGGED) and decl.type.decls is None:
            self.first_tag(decl.type)  # `struct s;` begins a type that hides an outer one
        if "static" in decl.storage:
            self.take_tag_along(decl)
        self.visit_type(decl.type)
        if decl.name is None:
            self.function.types.append(decl)
            return []
        if "extern" in decl.storage or isinstance(decl.type, c_ast.FuncDecl):
            self.scopes[-1][decl.name] = decl
            self.function.types.append(decl)
            return []
        if "static" in decl.storage or "_Thread_local" in decl.storage:
            self.hoist_static(decl)
            return []
        for alignment in decl.align or []:
            if not _is_small(alignment.alignment):
                raise Untouchable("a local aligned to more than new homes are")
        return self.hoist(decl)

    def typedef(self, node: c_ast.Typedef) -> None:
        self.visit_type(node.type)
        name = node.name
        if name not in self.scopes[-1]:  # a type may be named twice
            self.scopes[-1][name] = node
            node.name = self.first("", name, name in self.ordinary)
        node.name = _declared(node.type).declname = self.declared_as(name)
        self.typedefs[node.name] = node.type
        self.global_names.add(node.name)
        self.function.types.append(node)

    def hoist(self, decl: c_ast.Decl) -> list[c_ast.Node]:
        """A local variable: declared once at the top, assigned here if it has an initialiser."""
        init, decl.init = decl.init, None
        if isinstance(decl.type, c_ast.ArrayDecl) and self.has_variable_length(decl.type):
            return vla.lower(self, decl)
        self.reject_variable_length(decl.type)
        self.split_tag(decl)
        local = self.add(decl, is_param=False)
        if init is None:
            return []
        self.visit(init)
        base = _declared(decl.type)
        if isinstance(base.type, c_ast.IdentifierType) and base.type.names == [AUTO_TYPE]:
            copied = copy.deepcopy(init)
            self.visit(copied)
            value = c_ast.ExprList([c_ast.Constant("int", "0"), copied])
            base.type = c_ast.TypeOf("__typeof__", value)
            local.kind = TypeKind.UNKNOWN
        if isinstance(base.type, c_ast.IdentifierType) and OPAQUE.match(base.type.names[0]):
            base.type = Unqualified(base.type)
        if isinstance(decl.type, c_ast.ArrayDecl) and decl.type.dim is None:
            decl.type.dim = _counted(decl, init)
            self.visit(decl.type.dim)
        constant = local.kind is TypeKind.AGGREGATE and self.types.has_const(decl.type)
        return [_initialise(local, init, decl.coord, constant)]

    def split_tag(self, decl: c_ast.Decl) -> None:
        """`struct s {...} x;` in a block: the type is kept on its own, x refers to it."""
        base = _declared(decl.type)
        inner = base.type
        if not _has_members(inner):
            return
        if inner not in self.split_types:  # `struct s {...} x, y;` declares it once
            self.split_types.append(inner)
            if inner.name is None:
                inner.name = f"{self.function.name}$t{len(self.function.types)}"
            self.function.types.append(c_ast.Decl(None, [], [], [], [], inner, None, None))
        args = (None, None) if isinstance(inner, c_ast.Enum) else (None,)
        base.type = type(inner)(inner.name, *args)

    def add(self, decl: c_ast.Decl, is_param: bool) -> Local:
        kind = self.types.kind(decl.type, self.typedefs)
        if is_param and kind in (TypeKind.ARRAY, TypeKind.FUNCTION):
            kind = TypeKind.SCALAR  # really a pointer
        local = Local(decl.name, decl, kind, is_param, order=len(self.function.locals))
        local.block = self.blocks[-1]
        local.travels = kind is TypeKind.AGGREGATE and self.travels(decl.type)
        _drop_const(decl)
        self.function.locals.append(local)
        self.scopes[-1][decl.name] = local
        return local

    def travels(self, node: c_ast.Node) -> bool:
        """May it be moved as a value, and is its type known in front of the function, too?"""
        inner = getattr(node, "type", None)
        names = getattr(inner, "names", None) or [f"tag {getattr(inner, 'name', None)}"]
        is_local = any(name in scope for scope in self.scopes for name in names)
        return not is_local and self.types.travels(node)

    def hoist_static(self, decl: c_ast.Decl) -> None:
        """Moves to file scope under a name of its own."""
        if self.function.types and self.mentions_local_type(decl):
            raise Untouchable(f"static '{decl.name}' of a type local to the function")
        self.static_count += 1
        original = decl.name
        local = Local(original, decl, TypeKind.UNKNOWN, name="")
        self.scopes[-1][original] = local
        if decl.init is not None:
            self.visit(decl.init)
        name = f"{self.function.name}${original}"
        if any(s.name == name for s in self.function.statics):
            name = f"{name}${self.static_count}"
        local.name = name
        decl.name = _declared(decl.type).declname = name
        if _names_labels(decl.init):
            self.table(decl)
        else:
            self.function.statics.append(decl)

    def table(self, decl: c_ast.Decl) -> None:
        """A static with addresses of labels stays where those are known."""
        is_array = isinstance(decl.type, c_ast.ArrayDecl)
        if is_array and decl.type.dim is None:
            if any(isinstance(e, c_ast.NamedInitializer) for e in decl.init.exprs):
                raise Untouchable(f"'{decl.name}', a table of labels without a length")
            decl.type.dim = c_ast.Constant("int", str(len(decl.init.exprs)))
        self.function.tables.append(decl)

    def take_tag_along(self, decl: c_ast.Decl) -> None:
        """`static struct s {...} x;` declares s at file scope, too: under a name of its own."""
        inner = _declared(decl.type).type
        if _has_members(inner) and inner.name is not None:
            self.scopes[-1][f"tag {inner.name}"] = inner
            inner.name = f"{self.function.name}${inner.name}"

    def mentions_local_type(self, decl: c_ast.Decl) -> bool:
        tags = {
            t.type.name
            for t in self.function.types
            if isinstance(t, c_ast.Decl) and hasattr(t.type, "name")
        }
        found = []

        def walk(node: c_ast.Node) -> None:
            if isinstance(node, (c_ast.Struct, c_ast.Union, c_ast.Enum)) and node.name in tags:
                found.append(node)
            if isinstance(node, c_ast.IdentifierType) and node.names[0] in self.typedefs:
                found.append(node)
            for child in children(node):
                walk(child)

        walk(decl)
        return bool(found)

    def reject_variable_length(self, node: c_ast.Node) -> None:
        if self.has_variable_length(node):
            raise Untouchable("a pointer to a variable-length array")

    def has_variable_length(self, node: c_ast.Node) -> bool:
        while not isinstance(node, (c_ast.TypeDecl, c_ast.FuncDecl)):
            sized = isinstance(node, c_ast.ArrayDecl) and node.dim is not None
            if sized and not self.is_constant(node.dim):
                return True
            node = node.type
        return False

    def is_constant(self, node: c_ast.Node) -> bool:
        if isinstance(node, c_ast.UnaryOp) and node.op in ("sizeof", "_Alignof"):
            return not self.names_array(node.expr)
        if isinstance(node, c_ast.ID) and OPAQUE.match(node.name):
            return self.function.opaque[node.name].is_constant
        if isinstance(node, c_ast.ID):
            return node.name in self.unit.enumerators or self.is_local_enumerator(node.name)
        if isinstance(node, c_ast.FuncCall):
            return False
        if isinstance(node, (c_ast.Typename, c_ast.Constant)):
            return True
        return all(self.is_constant(c) for c in children(node))

    def names_array(self, node: c_ast.Node) -> bool:
        """Does an expression name a variable-length array?"""
        if isinstance(node, c_ast.ID):
            local = self.find(node.name)
            return local is not None and local.array is not None
        return any(self.names_array(c) for c in children(node))

    def is_local_enumerator(self, name: str) -> bool:
        return any(name in s and isinstance(s[name], c_ast.Enumerator) for s in self.scopes)

    # -- the walk -----------------------------------------------------------------------------

    def first_tag(self, node: c_ast.Node) -> None:
        """A tag declared in a block."""
        key = f"tag {node.name}"
        if node.name and key not in self.scopes[-1]:
            self.scopes[-1][key] = node
            node.name = self.first("tag", node.name, node.name in self.unit.tags)

    def first(self, space: str, name: str, known: bool) -> str:
        """A name for a type or constant: all of a function go to its top, where none may hide."""
        count = self.declared.get((space, name), 1 if known else 0) + 1
        self.declared[space, name] = count
        return name if count == 1 else f"{name}${count}"

    def visit_type(self, node: c_ast.Node) -> None:
        """Names inside a type: array sizes, typeof, enumerators."""
        if isinstance(node, c_ast.IdentifierType):
            self.visit_type_names(node)
        elif node in self.split_types:
            return
        elif isinstance(node, c_ast.Enum):
            self.visit_enumerators(node)
        elif isinstance(node, (c_ast.Struct, c_ast.Union)):
            self.visit_members(node)
        elif isinstance(node, c_ast.FuncDecl):
            self.visit_type(node.type)
        else:
            if isinstance(node, c_ast.ArrayDecl) and node.dim is not None:
                self.visit(node.dim)
            inner = getattr(node, "type", None)
            if isinstance(inner, c_ast.Node):
                self.visit_type(inner)

    def visit_type_names(self, node: c_ast.IdentifierType) -> None:
        for name in node.names:
            if OPAQUE.match(name):
                self.use_opaque(self.function.opaque[name])
            elif name in self.unit.typedefs:
                self.global_names.add(name)
        node.names = [self.declared_as(name) for name in node.names]

    def visit_enumerators(self, node: c_ast.Enum) -> None:
        if node.values is None:
            node.name = self.tag(node.name)
            return
        self.first_tag(node)
        for enumerator in node.values.enumerators:
            name = enumerator.name
            if enumerator.value is not None:
                self.visit(enumerator.value)
            enumerator.name = self.first("", name, name in self.ordinary)
            self.scopes[-1][name] = self.scopes[-1][enumerator.name] = enumerator
            self.global_names.add(enumerator.name)

    def visit_members(self, node: c_ast.Struct | c_ast.Union) -> None:
        if node.decls is not None:
            self.first_tag(node)
        elif node.name:
            node.name = self.tag(node.name)
        for member in node.decls or []:
            if isinstance(member, c_ast.Decl):
                self.visit_type(member.type)
                if member.bitsize is not None:
                    self.visit(member.bitsize)

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
        self.function.keeps_frame = True
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
        self.visit(node.expr)
        if node.op in ("sizeof", "_Alignof"):
            node.expr = without_statements(node.expr)

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
            start = _call(VA_START, [BoundID(self.arguments), *node.args.exprs[1:]], None)
            self.function.prologue.append(start)
            for argument in node.args.exprs[1:]:
                self.visit(argument)
        self.function.keeps_frame = True
        node.name = c_ast.ID("__builtin_va_copy")
        self.visit(node.args.exprs[0])
        node.args.exprs[1:] = [BoundID(self.arguments)]

    def reject_tag(self, node: c_ast.Typename) -> None:
        inner = _declared(node.type).type
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


def _is_small(alignment: c_ast.Node) -> bool:
    """The runtime gives new homes this alignment (map.c); old ones stay where they are."""
    if isinstance(alignment, c_ast.Typename):
        return True
    is_number = isinstance(alignment, c_ast.Constant) and alignment.type.endswith("int")
    return is_number and int(alignment.value.rstrip("uUlL"), 0) <= _HOME_ALIGNMENT


def _has_members(node: c_ast.Node) -> bool:
    """Does a type's node declare a struct, union or enum?"""
    return bool(getattr(node, "decls", None) or getattr(node, "values", None))


def _names_labels(node: c_ast.Node | None) -> bool:
    if node is None:
        return False
    if isinstance(node, c_ast.ID):
        return bool(LABEL.match(node.name))
    return any(_names_labels(c) for c in children(node))


def _declared(node: c_ast.Node) -> c_ast.TypeDecl:
    """The TypeDecl at the bottom of a declarator."""
    while not isinstance(node, c_ast.TypeDecl):
        node = node.type
    return node


def _drop_const(decl: c_ast.Decl) -> None:
    """A hoisted local is assigned to, so the object itself (not what it points at) loses const."""
    node = decl.type
    while isinstance(node, c_ast.ArrayDecl):
        node = node.type
    if isinstance(node, (c_ast.TypeDecl, c_ast.PtrDecl)):
        node.quals = [q for q in node.quals or [] if q != "const"]
    if isinstance(node, c_ast.TypeDecl):
        decl.quals = [q for q in decl.quals or [] if q != "const"]
    decl.storage = [s for s in decl.storage if s not in ("register", "auto")]


def _counted(decl: c_ast.Decl, init: c_ast.Node) -> c_ast.Node:
    """The size of `T x[] = init`: sizeof((T[])init) / sizeof(T)."""
    literal = c_ast.CompoundLiteral(
        _typename(copy.deepcopy(decl.type)), _as_list(copy.deepcopy(init)), []
    )
    element = _typename(copy.deepcopy(decl.type.type))
    return c_ast.BinaryOp("/", c_ast.UnaryOp("sizeof", literal), c_ast.UnaryOp("sizeof", element))


def _typename(node: c_ast.Node) -> c_ast.Typename:
    _declared(node).declname = None
    return c_ast.Typename(None, [], None, node)


def _as_list(init: c_ast.Node) -> c_ast.InitList:
    return init if isinstance(init, c_ast.InitList) else c_ast.InitList([init])


def _is_zero(init: c_ast.InitList) -> bool:
    values = init.exprs or []
    return not values or (
        len(values) == 1
        and isinstance(values[0], c_ast.Constant)
        and bool(re.fullmatch(r"0+|'\\0'", values[0].value))
    )


def _initialise(
    local: Local, init: c_ast.Node, coord: object, constant: bool = False
) -> c_ast.Node:
    """The assignment that an initialiser becomes; a copy where members may be `constant`."""
    decl = local.decl
    # Bound names: a fresh ID follows its local's final name.
    target = BoundID(local, coord)
    is_array = isinstance(decl.type, c_ast.ArrayDecl)
    if not is_array and not isinstance(init, c_ast.InitList):
        if not constant:
            return c_ast.Assignment("=", target, init, coord)
        init = c_ast.InitList([init])
        literal = c_ast.CompoundLiteral(TypeOfLocal(local, "[1]"), init, [], coord)
        return _copy_to(local, literal, coord)
    if local.kind is TypeKind.SCALAR:  # int x = {1};
        value = init.exprs[0] if init.exprs else c_ast.Constant("int", "0")
        return c_ast.Assignment("=", target, value, coord)
    if _is_zero(_as_list(init)):
        return _call(
            "__builtin_memset",
            [c_ast.UnaryOp("&", target), c_ast.Constant("int", "0"), _size_of(local, coord)],
            coord,
        )
    literal = c_ast.CompoundLiteral(TypeOfLocal(local), _as_list(init), [], coord)
    if local.kind is TypeKind.AGGREGATE and not constant:
        return c_ast.Assignment("=", target, literal, coord)
    return _copy_to(local, literal, coord)


def _size_of(local: Local, coord: object) -> c_ast.Node:
    return c_ast.UnaryOp("sizeof", BoundID(local, coord))


def _copy_to(local: Local, literal: c_ast.Node, coord: object) -> c_ast.Node:
    target = c_ast.UnaryOp("&", BoundID(local, coord))
    source = c_ast.UnaryOp("&", literal)
    return _call("__builtin_memcpy", [target, source, _size_of(local, coord)], coord)


def _calls(node: c_ast.FuncCall, name: str) -> bool:
    return isinstance(node.name, c_ast.ID) and node.name.name == name


def _call(name: str, args: list[c_ast.Node], coord: object) -> c_ast.FuncCall:
    return c_ast.FuncCall(c_ast.ID(name), c_ast.ExprList(args), coord)


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
    scopes = _Scopes(function, types, unit)
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
    scopes.settle_names()
    _settle_bound(function.body)
    _settle_bound(function.prologue)
    for static in (*function.statics, *function.tables):
        _settle_bound([static])
    for local in function.locals:
        _settle_bound([local.decl] if local.array is None else [local.decl, local.array])
    return function
