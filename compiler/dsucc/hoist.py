"""Takes declarations out of blocks: locals to the function's top, statics to file scope."""

from __future__ import annotations

import copy

from pycparser import c_ast

from . import vla
from .ctypes_table import TypeKind
from .function import Local, children, declared
from .gnu import AUTO_TYPE, LABEL, OPAQUE, Untouchable
from .initialise import counted, initialise
from .nodes import Unqualified
from .scoping import Names

_TAGGED = (c_ast.Struct, c_ast.Union)
_HOME_ALIGNMENT = 64


class Declarations(Names):
    """The declarations of a function's blocks."""

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
        node.name = declared(node.type).declname = self.declared_as(name)
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
        base = declared(decl.type)
        if isinstance(base.type, c_ast.IdentifierType) and base.type.names == [AUTO_TYPE]:
            copied = copy.deepcopy(init)
            self.visit(copied)
            value = c_ast.ExprList([c_ast.Constant("int", "0"), copied])
            base.type = c_ast.TypeOf("__typeof__", value)
            local.kind = TypeKind.UNKNOWN
        if isinstance(base.type, c_ast.IdentifierType) and OPAQUE.match(base.type.names[0]):
            base.type = Unqualified(base.type)
        if isinstance(decl.type, c_ast.ArrayDecl) and decl.type.dim is None:
            decl.type.dim = counted(decl, init)
            self.visit(decl.type.dim)
        constant = local.kind is TypeKind.AGGREGATE and self.types.has_const(decl.type)
        return [initialise(local, init, decl.coord, constant)]

    def split_tag(self, decl: c_ast.Decl) -> None:
        """`struct s {...} x;` in a block: the type is kept on its own, x refers to it."""
        base = declared(decl.type)
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
            self.ask(decl.init)
        name = f"{self.function.name}${original}"
        if any(s.name == name for s in self.function.statics):
            name = f"{name}${self.static_count}"
        local.name = name
        decl.name = declared(decl.type).declname = name
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
        inner = declared(decl.type).type
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
