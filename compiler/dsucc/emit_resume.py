"""The resume variant: a record becomes a frame again, which goes on where it stood."""

from __future__ import annotations

import json

from pycparser import c_ast

from .backend import LANDING_PAD
from .emit_save import SaveEmitter
from .function import Local
from .points import CALL, Point
from .variants import Resume, Variant
from .writer import Writer, rename_head


class ResumeEmitter(SaveEmitter):
    """How the function goes on from a record."""

    def resume_head(self, writer: Writer) -> str:
        result = self.function.parsed.tree.decl.type.type
        head = self.declared(writer, result, f"{self.name}$resume(void *const *dsu$given)")
        return f"static {head}"

    def resume(self) -> str:
        writer = Resume(self.placed, self.live, self.mode)
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
        writer = self.writer(Variant)
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

    def reload(self, writer: Variant) -> str:
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

    def enters(self, writer: Variant) -> str:
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

    def enter(self, writer: Variant, point: Point) -> tuple[str, str]:
        """(what points have in common that may share the text, the text)."""
        if point.kind != CALL or point.call is None:
            return "", ""
        call = writer.visit(point.call)
        made = f"((__typeof__({call}) (*)(void *const *))dsu_next())(0)"
        target = writer.visit(point.target) if point.target is not None else ""
        by_name = isinstance(point.call.name, c_ast.ID)
        shared = f"{target} = {point.call.name.name if by_name else call}"
        return shared, writer.kept(point, call, made) + writer.check()

    def rearm(self, writer: Variant) -> str:
        out = ""
        for r in self.placed.rearms:
            call, target = writer.visit(r.call), writer.visit(r.target)
            out += (
                f"if (dsu$armed & {1 << r.index}) {{ {target} = {call}; "
                f"if ({target}) goto dsu$J{r.index}; }}\n"
            )
        return out
