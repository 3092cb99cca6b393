"""Which local a name means, and what types and constants of blocks are called at the top."""

from __future__ import annotations

from pycparser import c_ast

from .ctypes_table import TypeTable
from .function import Function, Local, declared
from .gnu import LABEL, OPAQUE, Opaque, Untouchable
from .toplevel import Unit

KEEPS_FRAME = {"alloca", "__builtin_alloca", "__builtin_alloca_with_align"}


class Names:
    """Resolves names scope by scope; what moves to the function's top gets a name of its own."""

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
        self.asking = 0  # inside of an operand that is not evaluated, or has no frame

    def visit(self, node: c_ast.Node | None) -> None:
        """Binds the names of an expression."""
        raise NotImplementedError

    def ask(self, node: c_ast.Node) -> None:
        """Binds the names of what is not evaluated in this frame."""
        self.asking += 1
        self.visit(node)
        self.asking -= 1

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
                self.function.keeps_frame = self.function.hides_objects = True
                # gcc makes a variable of a block whose size it knows.
                self.function.keeps_all |= node.name == "__builtin_alloca_with_align"

    def use_opaque(self, opaque: Opaque) -> None:
        if not opaque.name.startswith("__dsu_type"):
            self.function.keeps_frame |= not opaque.is_asm
            self.function.keeps_all |= not opaque.is_asm
            self.function.hides_objects |= not opaque.is_asm
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
            declared(local.decl.type).declname = local.decl.name = local.name
        for node, local in self.bound:
            node.name = local.name
        for opaque, name, local in self.opaque_bound:
            self.rename_in(opaque, name, local.name)
            opaque.renamed[name] = local.name

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
