"""KissFFT's own benchmark, `test/benchkiss.c`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..subject import Recipe, Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..backend.world import Completed

SOURCES = (
    "kiss_fft.c",
    "kiss_fftr.c",
    "kiss_fftnd.c",
    "kiss_fftndr.c",
    "test/benchkiss.c",
    "test/pstats.c",
)

FLAGS = ("-O2", "-I.", "-Itest", "-Dkiss_fft_scalar=float")
"""Not the makefile's -O3 -ffast-math: -O2 is what the figures are claimed for."""


NEVER = {
    "kf_work": "recurses in the innermost loop, where gcc spills around any landing pad; it ends "
    "with its transform (0.1 ms for 1800 points), and the caller's loop is an update point",
}


class KissFft:
    """The subject; see the module."""

    name = "kissfft"
    image = "kissfft"
    options: Mapping[str, type] = MappingProxyType(
        {"points": int, "transforms": int, "counted-transforms": int}
    )

    def recipe(self, compiler: str, version: str) -> Recipe:  # noqa: ARG002 - one for all
        """One object a file, as its makefiles do; they would also look for FFTW."""
        objects = tuple(source.removesuffix(".c").replace("/", "-") + ".o" for source in SOURCES)
        compiles = tuple(
            (compiler, *FLAGS, "-c", source, "-o", target)
            for source, target in zip(SOURCES, objects, strict=True)
        )
        link = (compiler, "-O2", *objects, "-o", "benchkiss", "-lm")
        return Recipe(commands=(*compiles, link), product="benchkiss", never=NEVER)

    def timed(self, program: str, plain: str, options: dict[str, Any]) -> list[str]:  # noqa: ARG002
        """One run of the benchmark; its defaults are those of KissFFT's `make test`."""
        points, transforms = options.get("points", 1800), options.get("transforms", 10000)
        return [program, "-n", str(points), "-x", str(transforms)]

    def samples(self, done: Completed) -> dict[str, Sample]:
        """Processor time: being preempted is the machine's doing, not the build's."""
        return {"kissfft.time": Sample(done.cpu_ns / 1e6, "ms")}

    def counted(self, program: str, options: dict[str, Any], counter: Sequence[str]) -> list[str]:
        """The same with fewer transforms: counting is fifty times slower, and exact."""
        points, transforms = options.get("points", 1800), options.get("counted-transforms", 200)
        return [*counter, program, "-n", str(points), "-x", str(transforms)]


SUBJECT = KissFft()
