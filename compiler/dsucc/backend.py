"""What dsucc must know of the C compiler behind it, and of the processor that it compiles for.

All that one compiler or one processor alone understands stands here: two tables, and the questions
that the other modules ask. Which one it is, the compiler itself says (`-v`): neither its name nor
where it lies tells, and a cross compiler is like any other.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
from dataclasses import dataclass

LANDING_PAD, FLAG_CHECK = "landing-pad", "flag-check"
# Linkers put what is unlikely in front of all other code: hot functions stay side by side.
RESUME_SECTION = ".text.unlikely.dsu_resume"


class BackendError(Exception):
    """The compiler does not run, or is none that is known; the text says what would do."""


@dataclass(frozen=True)
class _Family:
    """A compiler."""

    # Inlining and cloning stay visible to the patch generator; nothing assumes that a static is
    # only used where the compiler saw it used.
    code: tuple[str, ...]
    checked: tuple[str, ...]  # flag-check mode
    no_tail_calls: str  # attributes
    small: str


_FAMILIES = {
    "gcc": _Family(
        (
            "-flive-patching=inline-clone",
            "-fno-partial-inlining",
            "-fno-ipa-cp",
            "-fno-ipa-sra",
        ),
        ("-fno-reorder-blocks-and-partition",),
        'optimize("no-optimize-sibling-calls")',
        'optimize("Og")',
    ),
    "clang": _Family(("-fbracket-depth=65536",), (), "disable_tail_calls", "minsize"),
}


@dataclass(frozen=True)
class _Machine:
    """A processor."""

    # Room in front of each function, in no-ops, for the jump of a redirected entry
    # (runtime/arch/*/arch.h). Their bytes are a multiple of what functions are aligned to: an entry
    # that is not aligned may have but a few bytes of its line of the cache.
    room: int
    # dsu_push() in a landing pad, where only the result's register changes (arch/*/push.S).
    push: str
    # A frame's own addresses are made in the pad: gcc would make them once, in the hot path, and
    # keep them in a register across the call.
    keep: str
    # A relocation of 64 bits by the distance from its place; an operand that is a symbol's address.
    distance: str
    address: str
    # gcc's alone. A call that may unwind ends a block. Where arguments are pushed for it, gcc
    # cannot tell the stack pointer behind it: the function gets a frame pointer, and loses a
    # register.
    gcc_unwind: tuple[str, ...] = ()


_VECTORS = ", ".join(f'"xmm{i}"' for i in range(16))
_MACHINES = {
    "x86_64": _Machine(
        16,
        # In braces: AT&T's syntax and Intel's.
        '__asm__ volatile("call {*dsu_push_keeping@GOTPCREL(%%rip)'
        '|[QWORD PTR dsu_push_keeping@GOTPCREL[rip]]}" : "=a"(r) : "D"(c->d), "S"(c->cp)'
        f' : "cc", "memory", {_VECTORS});',
        '__asm__("lea {%1, %0|%0, %1}" : "=r"(h) : "m"(*(char *)h));',
        "R_X86_64_PC64",
        "i",
        ("-maccumulate-outgoing-args",),
    ),
    "aarch64": _Machine(
        3,
        '{ register const struct dsu_func *x0 __asm__("x0") = c->d; '
        'register long x1 __asm__("x1") = c->cp; __asm__ volatile("bl dsu_push_keeping" : "+r"(x0) '
        ': "r"(x1) : "x16", "x17", "x30", "cc", "memory"); r = (char *)x0; }',
        '__asm__("" : "+r"(h));',
        "R_AARCH64_PREL64",
        "S",
    ),
}


@dataclass(frozen=True)
class Backend:
    """A C compiler: how it is called, what it is, for which processor it compiles."""

    command: str = "gcc"
    family: str = "gcc"
    machine: str = "x86_64"

    @property
    def _family(self) -> _Family:
        return _FAMILIES[self.family]

    @property
    def _machine(self) -> _Machine:
        return _MACHINES[self.machine]

    def code_flags(self, capture: str) -> list[str]:
        """What instrumented code is compiled with, behind the user's own flags."""
        room, machine = self._machine.room, self._machine.gcc_unwind if self.family == "gcc" else ()
        own = ("-fexceptions", *machine) if capture == LANDING_PAD else self._family.checked
        return [f"-fpatchable-function-entry={room},{room}", *self._family.code, *own]

    @property
    def cold(self) -> str:
        """The attributes of resume variants and of what only they call."""
        return f'__attribute__((cold, noinline, {self._family.small}, section("{RESUME_SECTION}")))'

    @property
    def apart(self) -> str:
        """The attributes of a function that always has a frame of its own."""
        return f"__attribute__((noinline, {self._family.no_tail_calls}))"

    @property
    def unset(self) -> str:
        """In front of what a flag-check function returns while it unrolls: any value.

        clang takes a value that was never set for whatever suits it, and callers for told of it.
        """
        return "static " if self.family == "clang" else ""

    @property
    def patches(self) -> bool:
        """Can programs of this compiler be patched, and not only be updated to themselves?

        clang tells callers what a function's body is (its result, which registers it spares) and
        leaves no trace of it that says which callers have changed with it.
        """
        return self.family == "gcc" and self.machine == "x86_64"

    @property
    def enters(self) -> bool:
        """May resume variants enter others at their beginning, so that callees stay called once?

        gcc inlines what is called once. For clang a description that may not be there (a weakref)
        is another one than the unit's own; on aarch64 `addresses.c` and `pg_try.c` lost values.
        """
        return self.family == "gcc" and self.machine == "x86_64"

    def escapes(self, address: str) -> str:
        """A statement from which on the memory at `address`, a local's, may be read by any call.

        gcc takes an address that is stored anywhere for one that is known everywhere. clang sees
        that records are written at the end alone, and kept such a variable in a register.
        """
        clang = self.family == "clang"
        return f'__asm__ volatile("" : : "r"({address}) : "memory"); ' if clang else ""

    @property
    def pretty_tells_types(self) -> bool:
        """Is __PRETTY_FUNCTION__ more than the function's name?"""
        return self.family == "clang"

    def resumed_by(self, description: str, resume: str) -> str:
        """A statement that makes no code: where a description's resume variant is.

        C has no constant for the distance between two objects. The member must not be zero: for
        gas, zeros that lie side by side are nothing that a relocation could be for.
        """
        relocation, address = self._machine.distance, self._machine.address
        return (
            f'__asm__ __inline__ __volatile__(".reloc %c0+%c2, {relocation}, %c1" : : '
            f'"{address}"(&{description}), "{address}"({resume}), '
            '"i"(__builtin_offsetof(struct dsu_func, resume))); '
        )

    @property
    def push(self) -> str:
        """Pushes a record in a landing pad: `r` from `c->d` and `c->cp`."""
        return self._machine.push

    @property
    def keep(self) -> str:
        """Makes `h`, an address in the frame, here and nowhere else."""
        return self._machine.keep


GCC = Backend()
_VERSION = re.compile(r"^.*\b(gcc|clang) version (\d+)", re.MULTILINE)
_TARGET = re.compile(r"^Target: ([^-\s]+)", re.MULTILINE)


def chosen() -> str:
    """The compiler that the environment names."""
    return os.environ.get("DSU_CC") or "gcc"


@functools.cache
def identify(command: str, target: tuple[str, ...] = ()) -> Backend:
    """Asks a compiler what it is; `target` are the flags that choose a processor. BackendError."""
    try:
        done = subprocess.run(
            [command, *target, "-v"], capture_output=True, text=True, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except OSError as error:
        raise BackendError(f"{command}: {error.strerror}: no such C compiler") from None
    version, machine = _VERSION.search(done.stderr), _TARGET.search(done.stderr)
    if version is None or machine is None:
        raise BackendError(
            f"{command}: not a C compiler that is known: '{command} -v' says neither "
            "'gcc version' nor 'clang version'"
        )
    if machine[1] not in _MACHINES:
        known = ", ".join(_MACHINES)
        raise BackendError(f"{command}: compiles for {machine[1]}; known processors: {known}")
    return Backend(command, version[1], machine[1])
