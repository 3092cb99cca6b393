"""The C compilers and processors that the tests of compiler and runtime go through."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tests import toolchain

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.toolchain import Outcome


@dataclass(frozen=True)
class Backend:
    """A compiler, and what runs the programs that it makes."""

    name: str
    cc: str
    runner: tuple[str, ...] = ()
    family: str = "gcc"

    def plain(self, *words: str | Path) -> Outcome:
        """Compile without us."""
        return toolchain.run([self.cc, *words])

    def dsucc(self, *own: str) -> Callable[..., Outcome]:
        """Give what compiles with dsucc and its options `own`."""
        return partial(toolchain.dsucc, f"--dsu-cc={self.cc}", *own)

    def make_runtime(self) -> None:
        """For a foreign processor; under a lock: test workers share the build folder."""
        if not self.runner:
            return
        folder = toolchain.ROOT / "runtime"
        make = ["make", "-s", "-C", str(folder), f"CC={self.cc}"]
        subprocess.run(["flock", str(folder / "Makefile"), *make], check=True)


GCC = Backend("gcc", "gcc")
CLANG = Backend("clang", "clang", family="clang")
AARCH64 = Backend(
    "aarch64", "aarch64-linux-gnu-gcc", ("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu")
)
