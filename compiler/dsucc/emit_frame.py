"""What both variants of a function share: its types, its statics, the description of its frame."""

from __future__ import annotations

from pycparser import c_ast

from .again import Copies
from .backend import FLAG_CHECK, Backend
from .ctypes_table import TypeKind
from .function import Function, Local
from .live import Liveness
from .points import Placed
from .statics import label_text
from .tables import Description, Variable
from .variants import Variant
from .writer import Writer

_WAIT = 3  # DSU_CP_WAIT: of one description only, no other part of the compiler sees a kind in it


class FrameEmitter:
    """One function. `key` is unique in the program; calls of `wrapped` go to the runtime."""

    def __init__(
        self, placed: Placed, live: Liveness, key: str, mode: str, wrapped: frozenset[str],
        copies: Copies, backend: Backend,
    ) -> None:  # fmt: skip
        self.copies, self.backend = copies, backend
        self.placed, self.live, self.key, self.mode, self.wrapped = placed, live, key, mode, wrapped
        self.function = placed.function
        saved = {v.name for vs in live.at.values() for v in vs}
        self.saved = [v for v in self.function.locals if v.name in saved]
        self.index = {v.name: i for i, v in enumerate(self.saved)}
        self.name = self.function.name
        self.hot_name = "dsu$main" if self.name == "main" else self.name

    def writer(self, cls: type[Variant]) -> Variant:
        made = cls(self.placed, self.live, self.mode)
        made.wrapped = self.wrapped
        if self.name == "main":
            made.renamed["main"] = self.hot_name
        return made

    def statics(self, writer: Writer) -> str:
        return "".join(self.static(writer.declaration(d) + ";\n") for d in self.function.statics)

    def static(self, text: str) -> str:
        """A static local's declaration, at file scope; its symbol is unique like its function's."""
        prefix = self.key.removesuffix(self.name)
        return label_text(text, prefix.__add__) if prefix else text

    def known(self) -> str:
        """Where the C compiler has to be told that pinned variables' addresses are known."""
        pinned = [f"(void *)&{v.name}" for v in self.saved if v.pinned]
        return "".join(map(self.backend.escapes, pinned)) + "\n"

    def resumed_by(self) -> str:
        """Where the resume variant is: a part of tables() that only a statement can say."""
        return self.backend.resumed_by("dsu$desc.func", f"{self.name}$resume")

    def label_tables(self, writer: Writer) -> str:
        """Static tables of labels, and the list of all labels whose addresses are taken."""
        out = ""
        for d in self.function.tables:
            attributed = f"__attribute__((used)) {writer.declaration(d)};\n"
            out += self.labelled(attributed, d.name)
        if self.has_pretty:
            out += (
                f'static const char *const {self.name}$pretty __asm__("{self.label("pretty")}") '
                "__attribute__((used)) = __PRETTY_FUNCTION__;\n"
            )
        if self.function.labels:
            addresses = ", ".join(f"&&{label}" for label in self.function.labels)
            out += (
                f'static const void *const {self.name}$labels[] __asm__("{self.label("labels")}") '
                f"__attribute__((used)) = {{{addresses}}};\n"
            )
        return out

    @property
    def has_pretty(self) -> bool:
        """Does the resume variant have to take __PRETTY_FUNCTION__ from the hot one?"""
        named = "__PRETTY_FUNCTION__" in self.function.parsed.item.text
        return named and self.backend.pretty_tells_types and self.hot_name == self.name

    def foreign_tables(self, writer: Writer) -> str:
        """The same for the resume variant: they stand in the hot one."""
        out = ""
        for d in self.function.tables:
            type_text = self.declared(writer, d.type, d.name)
            out += self.labelled(f"extern {' '.join(d.quals)} {type_text};\n", d.name)
        if self.has_pretty:
            symbol = self.label("pretty")
            out += f'extern const char *const {self.name}$pretty __asm__("{symbol}");\n'
        if self.function.labels:
            symbol = self.label("labels")
            out += f'extern const void *const {self.name}$labels[] __asm__("{symbol}");\n'
        return out

    def labelled(self, text: str, name: str) -> str:
        """A declaration of one name, with the symbol that other statics of the function have."""
        prefix = self.key.removesuffix(self.name)
        return label_text(text, lambda _: prefix + name)

    def types(self, writer: Writer) -> str:
        return "".join(writer.visit(t) + ";\n" for t in self.function.types)

    def tables(self) -> str:
        """The function's description, inside the hot variant where sizeof knows its locals."""
        return Description(
            self.key,
            self.label("desc"),
            _flags(self.mode, self.function),
            [Variable(v.known_as, f"sizeof({v.name})", self.flags(v)) for v in self.saved],
            [
                (_WAIT if p.waits else p.kind, [self.index[v.name] for v in self.live.at[p.id]])
                for p in self.placed.points
            ],
        ).text()

    def flags(self, v: Local) -> str:
        """DSU_PINNED and DSU_ADDRESS; gcc knows of what type a temporary is."""
        if v.kind is not TypeKind.SCALAR:
            return str(int(v.pinned))
        return f"{int(v.pinned)}|(__builtin_classify_type({v.name})==5?2:0)"

    def label(self, what: str) -> str:
        return label(self.key, what)

    def result_declaration(self, writer: Writer, name: str) -> str:
        """A variable of the function's return type."""
        result = self.function.parsed.tree.decl.type.type
        return self.declared(writer, result, name)

    def declared(self, writer: Writer, type_node: c_ast.Node, name: str) -> str:
        node = type_node
        while not isinstance(node, c_ast.TypeDecl):
            node = node.type
        old, node.declname = node.declname, name
        text: str = writer._generate_type(type_node)
        node.declname = old
        return text

    def variables(self) -> dict[str, str]:
        """The types of what frames keep, for a patch that has to follow the pointers in it."""
        writer = self.writer(Variant)
        writer.markers = False
        out = {}
        for v in self.saved:
            node = v.decl.type
            if v.is_param and isinstance(node, c_ast.ArrayDecl):
                node = c_ast.PtrDecl([], node.type)
            out[v.known_as] = " ".join(self.declared(writer, node, "").split())
        return out


def label(key: str, what: str) -> str:
    """The symbol of something that belongs to the function `key`."""
    return f"{key}${what}" if "$" in key else f"{key}$${what}"


def _flags(mode: str, f: Function) -> int:
    """DSU_FLAG_CHECK, DSU_KEEPS_FRAME, DSU_LISTS_ALL and DSU_KEEPS_ALL."""
    bits = (mode == FLAG_CHECK, f.keeps_frame, not f.hides_objects, f.keeps_all)
    return sum(bit << i for i, bit in enumerate(bits))
