"""Writes instrumented functions as C: the hot variant, its save code, and the resume variant.

The hot variant keeps its state in ordinary locals. A context of pointers to them is handed to a
cleanup function that gcc inlines into the landing pads of the calls, where it becomes stores into
the frame's record; on the normal path nothing of it is left (see ARCHITECTURE.md). In flag-check
mode the same stores stand behind a test of `dsu_unrolling` after each call.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from pycparser import c_ast
from pycparser.c_generator import CGenerator

from .again import Copies
from .backend import FLAG_CHECK, LANDING_PAD, Backend
from .ctypes_table import TypeKind
from .function import Local
from .gnu import ELVIS, GOTO, LABEL, OPAQUE, Opaque
from .live import Liveness
from .nodes import RawID, TypeOfLocal, Unqualified
from .parse import StatementExpr
from .points import BLOCK, CALL, POINT, Placed, Point, Rearm
from .statics import label_text
from .tables import Description, Variable

_WAIT = 3  # DSU_CP_WAIT: of one description only, no other part of the compiler sees a kind in it

# Keeps gcc from making one vector store of two: it would load the two as a vector in the hot path.
_APART = '__asm__("" : "+r"(r));'


def where(coord: object) -> str:
    """The line marker for a coordinate of the user's source."""
    line, file = getattr(coord, "line", None), getattr(coord, "file", None)
    return f"# {line} {json.dumps(file)}\n" if line and file else ""


class Writer(CGenerator):
    """pycparser's generator, with opaque texts, pins and line markers."""

    def __init__(self, opaque: dict[str, Opaque]) -> None:
        super().__init__()
        self.opaque = opaque
        self.pinned: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.arrays: dict[str, c_ast.Node] = {}  # of variable length: their types
        self.markers = True

    def spell(self, name: str) -> str:
        """How a variable is written in this variant."""
        plain: str = self.pinned.get(name) or self.renamed.get(name, name)
        if name not in self.arrays:
            return plain
        pointer = self._generate_type(c_ast.PtrDecl([], self.arrays[name]))
        return f"(*({pointer}){plain})"

    def visit_RawID(self, n: RawID) -> str:
        return str(n.name)

    def set_aside(self, name: str) -> str:
        """The text that a placeholder stands for; the placeholder itself where none is known."""
        return self.opaque[name].text(self.spell) if name in self.opaque else name

    def visit_ID(self, n: c_ast.ID) -> str:
        if OPAQUE.match(n.name):
            return self.set_aside(n.name)
        if n.name in self.constants:
            return self.constants[n.name]
        return self.spell(n.name)

    visit_BoundID = visit_ID

    def visit_StructRef(self, n: c_ast.StructRef) -> str:
        return f"{self._parenthesize_unless_simple(n.name)}{n.type}{n.field.name}"

    def visit_NamedInitializer(self, n: c_ast.NamedInitializer) -> str:
        out = ""
        for part in n.name:
            field = isinstance(part, c_ast.ID) and not OPAQUE.match(part.name)
            index = part.expr if isinstance(part, c_ast.ArrayDesignator) else part
            out += f".{part.name}" if field else f"[{self.visit(index)}]"
        return f"{out} = {self._visit_expr(n.expr)}"

    def visit_FuncCall(self, n: c_ast.FuncCall) -> str:
        is_asm = isinstance(n.name, c_ast.ID) and n.name.name.startswith("__dsu_asm_")
        if is_asm and n.name.name in self.opaque:
            return self.set_aside(n.name.name)
        return str(super().visit_FuncCall(n))

    def visit_IdentifierType(self, n: c_ast.IdentifierType) -> str:
        return " ".join(self.set_aside(x) if OPAQUE.match(x) else x for x in n.names)

    def visit_TypeOfLocal(self, n: TypeOfLocal) -> str:
        return f"__typeof__({self.visit(n.operand)}){n.suffix}"

    def visit_Unqualified(self, n: Unqualified) -> str:
        """The comma's value has no qualifiers; an array, which it would make a pointer, stays."""
        given = self.visit(n.type)
        value = f"(0, *({given} *)0)"
        is_value = f"__builtin_types_compatible_p({given}, __typeof__({value}))"
        return f"__typeof__(__builtin_choose_expr({is_value}, {value}, *({given} *)0))"

    def visit_TernaryOp(self, n: c_ast.TernaryOp) -> str:
        if self.markers and isinstance(n.iftrue, c_ast.ID) and n.iftrue.name == ELVIS:
            return f"({self._visit_expr(n.cond)}) ? : ({self._visit_expr(n.iffalse)})"
        return str(super().visit_TernaryOp(n))

    def visit_StatementExpr(self, n: StatementExpr) -> str:
        return f"({self.visit_Compound(n)})"

    def _make_indent(self) -> str:
        """None: `else if`s are nested in each other, and each level copies all that it holds."""
        return ""

    def visit_Pragma(self, n: c_ast.Pragma) -> str:
        return f"\n{super().visit_Pragma(n)}"

    def _generate_stmt(self, n: c_ast.Node, add_indent: bool = False) -> str:
        text: str = super()._generate_stmt(n, add_indent)
        if isinstance(n, StatementExpr):
            text += ";"
        coord = getattr(n, "coord", None)
        unmarked = isinstance(n, (c_ast.Compound, c_ast.Label, c_ast.Case, c_ast.Default))
        if unmarked or coord is None or not self.markers:
            return text
        return where(coord) + text

    def declaration(self, decl: c_ast.Decl) -> str:
        """A declaration without its semicolon."""
        return str(self.visit(decl))


@dataclass
class Emitted:
    """What one function became. `prelude` belongs at file scope in front of everything."""

    text: str
    digest: str
    points: int
    variables: dict[str, str]  # of its frames: their types as text


class _Variant(Writer):
    """A body in one of its two variants; subclasses differ in how points look."""

    def __init__(self, placed: Placed, live: Liveness, mode: str) -> None:
        super().__init__(placed.function.opaque)
        self.placed = placed
        self.live = live
        self.mode = mode
        self.arrays = {v.name: v.array for v in placed.function.locals if v.array is not None}

    @property
    def cp(self) -> str:
        return "dsu$c.cp" if self.mode == LANDING_PAD else "dsu$cp"

    def check(self) -> str:
        """Flag-check mode: what stands behind each call."""
        if self.mode == LANDING_PAD:
            return ""
        return " if (__builtin_expect(dsu_unrolling, 0)) goto dsu$save;"

    def finish(self) -> str:
        return "dsu$c.done = 1; " if self.mode == LANDING_PAD else ""

    def visit_Return(self, n: c_ast.Return) -> str:
        return f"{{ {self.finish()}{super().visit_Return(n)} }}"

    def call(self, n: Point) -> str:
        call = self.visit(n.call)
        return self.kept(n, call, call)

    def kept(self, n: Point, call: str, made: str) -> str:
        """`made` yields what `call` would; it goes to the point's target."""
        if n.target is None:
            return f"{made};"
        target = self.visit(n.target)
        callee = n.call.name if n.call is not None else None
        if isinstance(callee, c_ast.ID) and callee.name in self.placed.function.const_results:
            return (
                f"{{ __typeof__({call}) dsu$i = {made}; "
                f"__builtin_memcpy((void *)&{target}, &dsu$i, sizeof dsu$i); }}"
            )
        return f"{target} = {made};"

    def visit_Point(self, n: Point) -> str:
        if n.kind == POINT:
            return (
                '__asm__ volatile("" : "+m"(dsu_request)); '
                "if (__builtin_expect(dsu_request, 0) && dsu_point()) "
                f"{{ {self.unwind_here(n)} }} {self.behind(n)}"
            )
        if n.kind == BLOCK:
            return f"{self.behind(n)} {self.cp} = {n.id}; {self.call(n)}{self.check()}"
        return f"{self.cp} = {n.id}; {self.call(n)}{self.check()} {self.behind(n)}"

    def unwind_here(self, n: Point) -> str:
        """At an update point the frame saves itself, in a branch that is never taken otherwise."""
        if self.mode == FLAG_CHECK:
            return f"{self.cp} = {n.id}; goto dsu$save;"
        stores = "".join(store(v) for v in self.live.at[n.id])
        pushed = f"char *dsu$r = dsu_push(&dsu$desc.func, {n.id});"
        return f"{pushed} {stores} dsu$c.done = 1; dsu_unwind();"

    def visit_Rearm(self, n: Rearm) -> str:
        return f"{self.visit(n.target)} = {self.visit(n.call)}; {self.after_setjmp(n)}"

    def behind(self, n: Point) -> str:
        """Where a resume variant enters the body."""
        return ""

    def after_setjmp(self, n: Rearm) -> str:
        return ""

    def visit_ID(self, n: c_ast.ID) -> str:
        found = LABEL.match(n.name)
        return self.label_address(found.group(1)) if found else super().visit_ID(n)

    def label_address(self, label: str) -> str:
        return f"&&{label}"

    def computed_goto(self, where_to: str) -> str:
        return f"goto *({where_to})"

    def visit_FuncCall(self, n: c_ast.FuncCall) -> str:
        if isinstance(n.name, c_ast.ID) and n.name.name == GOTO:
            return self.computed_goto(self.visit(n.args))
        if isinstance(n.name, c_ast.ID) and n.name.name in self.wrapped:
            plain = c_ast.FuncCall(c_ast.ID("dsu_sys_" + n.name.name), n.args)
            return super().visit_FuncCall(plain)
        return super().visit_FuncCall(n)

    wrapped: frozenset[str] = frozenset()


class _Resume(_Variant):
    copies: Copies

    def unwind_here(self, n: Point) -> str:
        if self.mode == FLAG_CHECK:
            return super().unwind_here(n)
        return f"dsu$c.cp = {n.id}; dsu_save(&dsu$c); dsu$c.done = 1; dsu_unwind();"

    def __init__(self, placed: Placed, live: Liveness, mode: str) -> None:
        super().__init__(placed, live, mode)
        self.leaves: set[str] = set()
        self.entered: set[str] = set()

    def spell(self, name: str) -> str:
        if self.copies.once(name) and name not in self.placed.function.by_name:
            self.leaves.add(name)
            return self.copies.name(name)
        return super().spell(name)

    def visit_FuncCall(self, n: c_ast.FuncCall) -> str:
        name = n.name.name if isinstance(n.name, c_ast.ID) else ""
        if not self.copies.enters(name) or name in self.placed.function.by_name:
            return super().visit_FuncCall(n)
        self.entered.add(name)
        self.copies.awaited.add(name)
        return super().visit_FuncCall(c_ast.FuncCall(c_ast.ID(self.copies.name(name)), n.args))

    def label_address(self, label: str) -> str:
        """The hot variant's: the program may keep it, and both variants have to know it."""
        function = self.placed.function
        return f"((void *){function.name}$labels[{function.labels.index(label)}])"

    def computed_goto(self, where_to: str) -> str:
        labels, name = self.placed.function.labels, self.placed.function.name
        cases = " ".join(f"case {i}: goto {label};" for i, label in enumerate(labels))
        return (
            f"{{ const void *dsu$to = ({where_to}); int dsu$i = 0; "
            f"while (dsu$i < {len(labels)} && {name}$labels[dsu$i] != dsu$to) dsu$i++; "
            f"switch (dsu$i) {{ {cases} }} __builtin_trap(); }}"
        )

    @property
    def cp(self) -> str:
        return "dsu$c.cp"

    def behind(self, n: Point) -> str:
        return f"dsu$L{n.id}:;"

    def after_setjmp(self, n: Rearm) -> str:
        return f"dsu$J{n.index}:;"


class FunctionEmitter:
    """Emits one function. `key` is unique in the program; calls of `wrapped` go to the runtime."""

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

    # -- pieces -------------------------------------------------------------------------------

    def writer(self, cls: type[_Variant]) -> _Variant:
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
            f"{self.name}$resume",
            _flags(self.mode, self.function.keeps_frame, self.function.hides_objects),
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

    # -- landing pads ---------------------------------------------------------------------------

    def save_function(self) -> str:
        """The cleanup function: folds, in each landing pad, to the stores of that point."""
        members = "".join(self.place_of(v) for v in self.saved)
        calls = [p for p in self.placed.points if p.kind != POINT]
        cases = self.cases(calls, self.pad_store)
        return (
            f"struct {self.name}$ctx {{ int cp, done; const struct dsu_func *d;{members} }};\n"
            f"static inline __attribute__((always_inline)) void {self.name}$save("
            f"struct {self.name}$ctx *c)\n"
            f"{{ char *r; if (c->done) return; {self.backend.push} if (!r) return;\n"
            f"switch (c->cp) {{ {cases} }} }}\n"
        )

    def place_of(self, v: Local) -> str:
        """The context's members for a variable: where it is, and its size or its type."""
        i = self.index[v.name]
        if not v.is_struct:
            return f" void *p{i}; unsigned long s{i};"
        pointer = c_ast.PtrDecl([], v.decl.type)
        return f" {self.declared(self.writer(_Variant), pointer, f'p{i}')}; unsigned long s{i};"

    def cases(self, points: list[Point], stored: Callable[[Local], str]) -> str:
        """The cases that store each point's variables.

        Points with the same variables share one: gcc puts all cases into each landing pad before it
        finds out which of them is meant.
        """
        sharing: dict[str, list[int]] = {}
        for point in points:
            stores = "".join(stored(v) for v in self.live.at[point.id])
            sharing.setdefault(stores, []).append(point.id)
        return " ".join(
            "".join(f"case {i}: " for i in ids) + f"{stores} break;"
            for stores, ids in sharing.items()
            if stores
        )

    def pad_store(self, v: Local) -> str:
        i = self.index[v.name]
        pointer = f"{self.backend.keep} __builtin_memcpy(r, &h, sizeof h); r += sizeof h; {_APART}"
        if v.pinned:
            return f"{{ void *h = c->p{i}; {pointer} }}"
        if v.is_struct:
            return f"{assigned('r', f'*c->p{i}')} r += c->s{i}; {_APART}"
        return (
            f"if (c->s{i} == sizeof(void *)) {{ void *h; "
            f"__builtin_memcpy(&h, c->p{i}, sizeof h); {pointer} }} "
            f"else {{ __builtin_memcpy(r, c->p{i}, c->s{i}); r += c->s{i}; {_APART} }}"
        )

    def context(self) -> str:
        values = "".join(
            f", (void *)&{v.name}, " + ("0" if v.pinned else f"sizeof({v.name})")
            for v in self.saved
        )
        return (
            f"struct {self.name}$ctx dsu$c __attribute__((cleanup({self.name}$save))) = "
            f"{{0, 0, &dsu$desc.func{values}}};\n"
        )

    # -- flag checks ----------------------------------------------------------------------------

    def save_label(self) -> str:
        """Where a checked call goes when the thread unrolls: save, and return something."""
        cases = self.cases(self.placed.points, store)
        return (
            "dsu$save:; { char *dsu$r = dsu_push(&dsu$desc.func, dsu$cp); if (dsu$r) "
            f"switch (dsu$cp) {{ {cases} }} }} {self.unwound_return()}\n"
        )

    def unwound_return(self) -> str:
        return "return;" if self.function.returns_void else "return dsu$none;"

    def unwound_result(self, writer: Writer) -> str:
        """What a flag-check function returns while it unrolls: anything of its type."""
        if self.mode == LANDING_PAD or self.function.returns_void:
            return ""
        return f"{self.backend.unset}{self.result_declaration(writer, 'dsu$none')};\n"

    # -- variants -------------------------------------------------------------------------------

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

    def mode_locals(self, writer: Writer) -> str:
        if self.mode == LANDING_PAD:
            return self.context()
        return f"int dsu$cp = 0; {self.unwound_result(writer)}\n"

    def ending(self) -> str:
        zero = "return 0; " if self.name == "main" else ""
        if self.mode == LANDING_PAD:
            return f"dsu$c.done = 1; {zero}\n"
        return f"{zero or self.unwound_return()}\n{self.save_label()}"

    def resume_ending(self) -> str:
        zero = "return 0; " if self.name == "main" else ""
        if self.mode == LANDING_PAD:
            return f"dsu$c.done = 1; {zero}\n"
        out = self.unwound_return()
        return f"{zero or out}\ndsu$save: dsu_save(&dsu$c); {out}\n"

    def hot(self) -> str:
        writer = self.writer(_Variant)
        if self.hot_name != self.name:
            writer.constants["__func__"] = json.dumps(self.name)
            writer.constants["__PRETTY_FUNCTION__"] = json.dumps(self.name)
        item = self.function.parsed.item
        head = item.text[: item.body]
        if self.hot_name != self.name:
            head = rename_head(head, self.name, self.hot_name)
        locals_ = "".join(
            writer.declaration(v.decl) + ";\n" for v in self.function.locals if not v.is_param
        )
        statements = [*self.function.prologue, *self.placed.body]
        body = "".join(writer._generate_stmt(s) for s in statements)
        return head + flat(
            f"{{\n{self.types(writer)}{self.label_tables(writer)}{locals_}{self.tables()}"
            f"{self.mode_locals(writer)}{self.known()}{body}\n{self.ending()}}}\n"
        )

    def resume_head(self, writer: Writer) -> str:
        result = self.function.parsed.tree.decl.type.type
        head = self.declared(writer, result, f"{self.name}$resume(void *const *dsu$given)")
        return f"static {head}"

    def resume(self) -> str:
        writer = _Resume(self.placed, self.live, self.mode)
        writer.wrapped, writer.copies = self.wrapped, self.copies
        if self.name == "main":
            writer.renamed["main"] = self.hot_name
        writer.constants["__func__"] = json.dumps(self.name)
        writer.constants["__PRETTY_FUNCTION__"] = json.dumps(self.name)
        if self.has_pretty:
            writer.constants["__PRETTY_FUNCTION__"] = f"{self.name}$pretty"
        for v in self.function.locals:
            if v.pinned:
                writer.pinned[v.name] = f"(*{v.name}$pin)"
        declarations = self.types(writer) + self.foreign_tables(writer)
        for v in self.function.locals:
            declarations += self.resume_local(writer, v)
        body = "".join(writer._generate_stmt(s) for s in self.placed.body)
        reload = self.reload(writer)
        entries = "".join(map(self.copies.entry, sorted(writer.entered)))
        return (
            f"{self.copies.needed(writer.leaves)}{entries}{self.itself()}"
            f"{self.resume_head(writer)}\n{{\n{declarations}{self.unwound_result(writer)}"
            f"{reload}{self.begin()}{body}\n{self.resume_ending()}}}\n{self.entry()}"
        )

    @property
    def is_entered(self) -> bool:
        """Do other resume variants call this one at its beginning?"""
        return self.copies.enters(self.name)

    @property
    def given(self) -> list[Local]:
        """What an entry hands over: the parameters, and homes for all that is pinned."""
        return [v for v in self.function.locals if v.is_param or v.pinned]

    def entry(self) -> str:
        """What a resume variant calls instead of the function: this resume variant, from the start.

        It is part of its caller's frame, and so are the homes.
        """
        if not self.is_entered:
            return ""
        self.copies.defined.add(self.name)
        writer = self.writer(_Variant)
        writer.markers = False
        item = self.function.parsed.item
        head = rename_head(item.text[: item.body], self.name, self.copies.name(self.name))
        homes = "".join(
            writer.declaration(v.decl) + ";\n" for v in self.function.locals if not v.is_param
        )
        addresses = ", ".join(f"(void *)&{v.name}" for v in self.given)
        result = "" if self.function.returns_void else "return "
        return (
            f"{self.copies.entry(self.name)}{head}\n{{ {self.types(writer)}{homes}"
            f"void *const dsu$given[] = {{{addresses or '0'}}};\n"
            f"{result}{self.name}$resume(dsu$given); }}\n"
        )

    def takes(self) -> str:
        """In a resume variant that is entered: takes what it is given, and begins."""
        if not self.is_entered:
            return ""
        out = "".join(
            f"{v.name}$pin = dsu$given[{i}]; "
            if v.pinned
            else f"__builtin_memcpy((void *)&{v.name}, dsu$given[{i}], sizeof {v.name}); "
            for i, v in enumerate(self.given)
        )
        return f"if (dsu$given) {{ {out}dsu$c.func = &{self.name}$self; goto dsu$L0; }}\n"

    def itself(self) -> str:
        """Its description, which stands in the hot variant: gcc drops both where none calls it."""
        if not self.is_entered:
            return ""
        attribute = f'__attribute__((weakref("{self.label("desc")}")))'
        return f"static const struct dsu_func {self.name}$self {attribute};\n"

    def begin(self) -> str:
        """Where such a variant begins."""
        return "dsu$L0:;\n" if self.is_entered else ""

    def resume_local(self, writer: Writer, v: Local) -> str:
        """A local of the resume variant: its own variable, or a pointer to its old home."""
        decl_type = v.decl.type
        if v.is_param:
            array = isinstance(decl_type, c_ast.ArrayDecl)
            decl_type = self.adjusted(writer, decl_type.type if array else decl_type, array)
        if not v.pinned:
            return f"{self.declared(writer, decl_type, v.name)};\n"
        return f"{self.declared(writer, c_ast.PtrDecl([], decl_type), v.name + '$pin')};\n"

    def adjusted(self, writer: Writer, decl_type: c_ast.Node, array: bool) -> c_ast.Node:
        """A parameter's real type: of arrays and functions, typedef names too, it is a pointer."""
        if array or isinstance(decl_type, c_ast.FuncDecl):
            return c_ast.PtrDecl([], decl_type)
        if not isinstance(decl_type, c_ast.TypeDecl) or not isinstance(
            decl_type.type, c_ast.IdentifierType
        ):
            return decl_type
        text = f"__typeof__(0, *({self.declared(writer, decl_type, '')} *)0)"
        return c_ast.TypeDecl(None, [], None, c_ast.IdentifierType([text]))

    def reload(self, writer: _Variant) -> str:
        """Pops the record, fills the locals, arms setjmps again, and enters the body."""
        homes = ", ".join(
            f"&{v.name}$pin" if v.pinned else f"(void *)&{v.name}" for v in self.saved
        )
        cleanup = " __attribute__((cleanup(dsu_save)))" if self.mode == LANDING_PAD else ""
        return (
            f"void *const dsu$v[] = {{{homes or '0'}}};\n"
            f"struct dsu_resumed dsu$c{cleanup} = {{0, 0, 0, dsu$v}};\n"
            f"{self.takes()}int dsu$at = dsu_load(&dsu$c);\n{self.rearm(writer)}"
            f"{self.enters(writer)}__builtin_unreachable();\n"
        )

    def enters(self, writer: _Variant) -> str:
        """Goes to where the frame stood; at calls, runs the rest of the frame that was called.

        Points that call the same function for the same variable share that call.
        """
        sharing: dict[str, tuple[str, list[int]]] = {}
        for point in self.placed.points:
            shared, text = self.enter(writer, point)
            sharing.setdefault(shared, (text, []))[1].append(point.id)
        calls = "\n".join(
            "".join(f"case {i}: " for i in ids) + f"{text} break;"
            for text, ids in sharing.values()
            if text
        )
        places = " ".join(f"case {p.id}: goto dsu$L{p.id};" for p in self.placed.points)
        return f"switch (dsu$at) {{\n{calls}\n}}\nswitch (dsu$at) {{ {places} }}\n"

    def enter(self, writer: _Variant, point: Point) -> tuple[str, str]:
        """(what points have in common that may share the text, the text)."""
        if point.kind != CALL or point.call is None:
            return "", ""
        call = writer.visit(point.call)
        made = f"((__typeof__({call}) (*)(void *const *))dsu_next())(0)"
        target = writer.visit(point.target) if point.target is not None else ""
        by_name = isinstance(point.call.name, c_ast.ID)
        shared = f"{target} = {point.call.name.name if by_name else call}"
        return shared, writer.kept(point, call, made) + writer.check()

    def rearm(self, writer: _Variant) -> str:
        out = ""
        for r in self.placed.rearms:
            call, target = writer.visit(r.call), writer.visit(r.target)
            out += (
                f"if (dsu$armed & {1 << r.index}) {{ {target} = {call}; "
                f"if ({target}) goto dsu$J{r.index}; }}\n"
            )
        return out

    def entry_table(self) -> str:
        """Flag-check mode: the walk knows instrumented functions by their entries."""
        if self.mode == LANDING_PAD:
            return ""
        return "".join(
            f"static const void *const {self.name}${tag} "
            '__attribute__((used, section("dsu_entries"))) = '
            f"(const void *){name};\n"
            for tag, name in (("entry", self.hot_name), ("rentry", f"{self.name}$resume"))
        )

    def digest(self, hot: str) -> str:
        """What tells this version of the function from any other."""
        return _digest(hot)

    def program_entry(self) -> str:
        """The real main(), behind the function that was the user's."""
        if self.name != "main":
            return ""
        flags = 1 if self.mode == FLAG_CHECK else 0
        return (
            "int main(int argc, char **argv, char **envp) { return dsu_run_main("
            f"(int (*)(int, char **, char **)){self.hot_name}, argc, argv, envp, {flags}u); }}\n"
        )

    def emit(self) -> Emitted:
        """The C text that replaces the function's item."""
        writer = self.writer(_Variant)
        item = self.function.parsed.item
        quiet = f"# {item.first_line} {json.dumps(item.file)} 3\n"
        first = (
            quiet + self.statics(writer)
            + f"{self.resume_head(writer)} {self.backend.cold};\n"
            + (self.save_function() if self.mode == LANDING_PAD else "")
        )  # fmt: skip
        loud = f"# {item.line} {json.dumps(item.file)}\n"
        hot, resume = self.hot(), self.resume()
        digest = self.digest(hot)
        tail = self.entry_table() + self.program_entry()
        text = flat(first) + loud + hot + quiet + flat(resume) + tail
        return Emitted(
            text.replace("DSU_DIGEST", f"0x{digest}ull"), digest, len(self.placed.points),
            self.variables(),
        )  # fmt: skip

    def variables(self) -> dict[str, str]:
        """The types of what frames keep, for a patch that has to follow the pointers in it."""
        writer = self.writer(_Variant)
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


def assigned(to: str, value: str) -> str:
    """Puts a struct at an address of any alignment.

    As an assignment: gcc takes a struct apart into its members, which may then be in registers, but
    not where all of its bytes are copied as one number.
    """
    plain = f"__typeof__((0, {value}))"  # of a constant one, too
    return f"((struct {{ {plain} v; }} __attribute__((packed)) *){to})->v = {value};"


def store(v: Local) -> str:
    """Appends what a record holds of `v` at dsu$r."""
    apart = '__asm__("" : "+r"(dsu$r));'
    size = f"sizeof({v.name})"
    if v.is_struct:
        return f"{assigned('dsu$r', v.name)} dsu$r += {size}; {apart}"
    if not v.pinned:
        return f"__builtin_memcpy(dsu$r, (void *)&{v.name}, {size}); dsu$r += {size}; {apart}"
    return (
        f"{{ void *dsu$h = (void *)&{v.name}; __builtin_memcpy(dsu$r, &dsu$h, sizeof dsu$h);"
        f" dsu$r += sizeof(void *); }} {apart}"
    )


def rename_head(head: str, old: str, new: str) -> str:
    """A function's head with the function's name changed."""
    return re.sub(rf"(?<![\w$]){re.escape(old)}(?=\s*[()])", lambda _: new, head, count=1)


def flat(text: str) -> str:
    """One line for all that stands between two markers: no line number runs past the user's."""
    out: list[str] = []
    for line in text.splitlines():
        if line.startswith("#") or not out or out[-1].startswith("#"):
            out.append(line)
        else:
            out[-1] += " " + line
    return "\n".join(out) + "\n"


def _flags(mode: str, keeps_frame: bool, hides_objects: bool) -> int:
    """DSU_FLAG_CHECK, DSU_KEEPS_FRAME and DSU_LISTS_ALL."""
    return (mode == FLAG_CHECK) | keeps_frame << 1 | (not hides_objects) << 2


def _digest(text: str) -> str:
    """64 bits over a function's normalised text; where its lines stand does not count.

    A constant that equals the number of the line that it stands on is taken for `__LINE__`.
    """
    lines, here = [], ""
    for line in text.splitlines():
        if line.startswith("#"):
            here = line.split(None, 2)[1] if line.startswith("# ") else ""
            continue
        if here and here in line:
            line = re.sub(rf"(?<![\w.$]){here}(?![\w.$])", "__LINE__", line)
        here = ""
        lines.append(line.strip())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def wrapped_declarations(names: set[str]) -> str:
    """Prototypes of the runtime's wrappers, taken from libc's own."""
    return "".join(f"extern __typeof__({n}) dsu_sys_{n};\n" for n in sorted(names))
