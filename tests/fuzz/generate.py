"""One random C program: what Csmith is asked for, all of it drawn from the seed."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from tests import toolchain
from tests.toolchain import INCLUDE, Hang, Outcome

CSMITH_INCLUDE = Path("/usr/include/csmith")
# Processor time at -O0, where nothing is optimised away: gcc -O2 may know the end of a loop of
# 2^32 rounds, which a program with an update point in it has to go through.
PROGRAM_SECONDS = 1
_BLOCK = re.compile(r"^(\s*\{) (/\* block id: \d+ \*/)$", re.MULTILINE)

_SIZES: dict[str, tuple[int, ...]] = {
    "--max-funcs": (1, 3, 5, 6, 7),
    "--max-block-depth": (2, 3, 4),
    "--max-block-size": (3, 4),
    "--max-expr-complexity": (4, 5, 6, 7),
    "--max-pointer-depth": (1, 2, 3, 4),
    "--max-array-dim": (1, 2, 3),
    "--max-array-len-per-dim": (3, 5, 6, 8),
    "--max-struct-fields": (3, 6, 10),
    "--max-union-fields": (2, 3, 5),
}
_BUILTINS = "--builtins --disable-builtin-kinds x86"  # those need processor flags
# What is not named here (unions, bit-fields, packed structs, structs by value, volatile and const,
# long long, pointers to locals, jumps, comma, compound assignment) Csmith makes always.
_VARIATIONS = (
    "--float", "--inline-function", "--strict-volatile-rule", _BUILTINS,
    "--fresh-array-ctrl-var-names", "--const-as-condition",
)  # fmt: skip
_LEFT_OUT = ("--no-volatiles", "--no-packed-struct", "--no-jumps", "--no-consts")
_LEVELS = ("-O2", "-O2", "-O2", "-O2", "-O0", "-O1", "-O3", "-Os")
# As a macro, safe arithmetic is a statement expression around its operands, calls included.
_SAFE_MATH_AS_MACROS = "-DUSE_MATH_MACROS"
_GCC_FLAGS = ("-g", "-fwrapv", "-fno-strict-aliasing", "-fno-inline", "-funsigned-char")


@dataclass
class Baseline:
    """What gcc's program does; `why` it cannot be tested if it cannot."""

    wanted: Outcome | None
    why: str = ""


class Program:
    """One random program; `folder` holds everything that is made of it."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder
        self.random = random.Random(f"dsu {seed}")
        self.source = folder / "program.c"
        self.level = self.random.choice(_LEVELS)
        self.points = self.random.choice(("calls", "calls", "loops", "all"))
        self.share = self.random.choice((0.2, 0.5, 1.0))
        self.csmith = self.draw_csmith()
        self.flags = ["-w", f"-I{CSMITH_INCLUDE}", f"-I{INCLUDE}", *self.draw_flags()]

    def draw_csmith(self) -> list[str]:
        words = [w for k, v in _SIZES.items() for w in (k, str(self.random.choice(v)))]
        words += [w for v in _VARIATIONS if self.chance(0.3) for w in v.split()]
        return words + [v for v in _LEFT_OUT if self.chance(0.1)]

    def draw_flags(self) -> list[str]:
        flags = [f for f in _GCC_FLAGS if self.chance(0.15)]
        macros = self.chance(0.3) and "--float" not in self.csmith  # there are none for floats
        return [*flags, _SAFE_MATH_AS_MACROS] if macros else flags

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def generate(self) -> None:
        """Write the source: Csmith's, with update points at the heads of some blocks."""
        made = toolchain.run(
            ["csmith", "--seed", str(self.seed), *self.csmith], cwd=self.folder, timeout=120
        )
        if made.code:
            raise RuntimeError(f"csmith fails: {made.err}")

        def with_point(found: re.Match[str]) -> str:
            point = " DSU_UPDATE_POINT();" if self.chance(self.share) else ""
            return f"{found.group(1)}{point} {found.group(2)}"

        text = _BLOCK.sub(with_point, made.out.decode())
        self.source.write_text(f'#include "dsu.h"\n{text}')

    def baseline(self) -> Baseline:
        """Gcc's program at -O0, which bounds how long it may run, and at the program's level."""
        slow = self.run_with_gcc("-O0")
        if isinstance(slow, str):
            return Baseline(None, slow)
        fast = self.run_with_gcc(self.level)
        if isinstance(fast, str):
            return Baseline(None, fast)
        if not fast.same_as(slow):
            return Baseline(None, f"gcc's -O0 and {self.level} do not agree")
        return Baseline(fast)

    def run_with_gcc(self, level: str) -> Outcome | str:
        """What the program does, or why it will not do."""
        program = self.folder / "gcc.out"
        done = toolchain.gcc(level, *self.flags, "-o", program, self.source, timeout=120)
        if done.code:
            return "gcc rejects it"
        limited = ["prlimit", f"--cpu={PROGRAM_SECONDS}", str(program)]
        try:
            got = toolchain.run(limited, timeout=60, stacks=False)
        except Hang:
            return "too slow"
        if got.code:
            return "too slow" if got.code in (-9, -24) else f"exit {got.code}"
        return got

    def compile(self, mode: str, points: str) -> tuple[Path, list[str]]:
        """The path of dsucc's program, and the command that makes it."""
        program = self.folder / f"{mode}-{points}.out"
        words = [f"--dsu-capture={mode}", f"--dsu-points={points}", self.level, *self.flags]
        return program, [*words, "-o", str(program), str(self.source)]
