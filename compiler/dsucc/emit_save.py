"""Save code: what takes a frame apart, in landing pads or behind checks."""

from __future__ import annotations

from collections.abc import Callable

from pycparser import c_ast

from .backend import LANDING_PAD
from .emit_frame import FrameEmitter
from .function import Local
from .points import POINT, Point
from .variants import Variant, assigned, store
from .writer import Writer

# Keeps gcc from making one vector store of two: it would load the two as a vector in the hot path.
_APART = '__asm__("" : "+r"(r));'


class SaveEmitter(FrameEmitter):
    """How the function's frame becomes a record."""

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
        return f" {self.declared(self.writer(Variant), pointer, f'p{i}')}; unsigned long s{i};"

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
