"""A function's body in its two variants, which differ in how continuation points look."""

from __future__ import annotations

from pycparser import c_ast

from .again import Copies
from .backend import FLAG_CHECK, LANDING_PAD
from .function import Local
from .gnu import GOTO, LABEL
from .live import Liveness
from .points import BLOCK, POINT, Placed, Point, Rearm
from .writer import Writer


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


class Variant(Writer):
    """The hot variant; the other one differs in how points look."""

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


class Resume(Variant):
    """The resume variant. What is called once is called in copies of its own."""

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
