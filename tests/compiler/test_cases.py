"""Each construct of C: equal output with gcc, with dsucc, and updated to itself anywhere.

A case is a file in cases/, or a folder cases/multi_* of files that are linked together. Comments
in (the first file of) it say more:

    dsu: updates             at least one update must have happened: nothing passes vacuously
    dsu: blocked             at least one update must have had to wait
    dsu: no updates          only run, never updated
    dsu: untouched NAME WHY  the build report lists NAME, with WHY in the reason
    dsu: flag-check leaves NAME untouched
                             that mode, or a compiler by its name, cannot take NAME
    dsu: gcc only            other compilers refuse it, with dsucc as without
    dsu: x86_64 only         it has that processor's instructions
    dsu: gap on BACKEND WHY  known to fail there
    dsu: no points in NAME   it cannot reach an update point, and is compiled as it stands
    dsu: flags ...           for both compilers
    dsu: plain FILE          FILE of a folder is compiled by gcc
    dsu: shared FILE         FILE of a folder becomes a shared object beside the program
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.backends import AARCH64, CLANG, GCC, Backend
from tests.toolchain import INCLUDE, MODES, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    Compiler = Callable[..., Outcome]

CASES = Path(__file__).parent / "cases"
_DIRECTIVE = re.compile(r"/\* dsu: (.*?) \*/")

# What depends most on how the surrounding code is optimised.
_EVERY_LEVEL = (
    "addresses", "arguments", "arrays", "bit_fields", "floating", "inline_functions", "liveness",
    "logic", "long_loop", "loop_conditions", "pg_try", "recursion", "register_pressure", "setjmp",
    "shadowing", "statics", "struct_values", "switch", "variadic",
)  # fmt: skip

# What the other compilers' ordinary run takes: a case of each mechanism.
_EVERYWHERE = ("addresses", "generic", "pg_try", "recursion")
OTHERS = (CLANG, AARCH64)


@dataclass(frozen=True)
class Case:
    """A program in one file, or in one folder."""

    path: Path

    @cached_property
    def sources(self) -> list[Path]:
        if not self.path.is_dir():
            return [self.path]
        return sorted(self.path.glob("*.c"), key=lambda p: (p.name != "main.c", p.name))

    @cached_property
    def directives(self) -> list[str]:
        return _DIRECTIVE.findall(self.sources[0].read_text())

    def says(self, directive: str) -> bool:
        return directive in self.directives

    def values(self, directive: str) -> list[str]:
        found = [d.partition(directive + " ")[2] for d in self.directives]
        return [value for value in found if value]

    @property
    def flags(self) -> list[str]:
        return [f"-I{INCLUDE}", *(w for value in self.values("flags") for w in value.split())]


def all_cases() -> list[Case]:
    return [Case(p) for p in sorted([*CASES.glob("*.c"), *CASES.glob("multi_*")])]


def configurations() -> list[object]:
    """(backend, case, mode, optimisation): all at -O2, some at every level.

    Of the other backends the long run alone takes all.
    """
    chosen: list[object] = []
    for case in all_cases():
        every_level = case.path.stem in _EVERY_LEVEL
        levels = ["-O2"] + (["-O0", "-O1", "-Os", "-O3"] if every_level else [])
        for mode in MODES:
            chosen += [configuration(GCC, case, mode, level) for level in levels]
            for backend in OTHERS:
                if backend.runner and case.says("x86_64 only"):
                    continue
                chosen += [configuration(backend, case, mode, level) for level in ("-O2", "-O0")]
    return chosen


def configuration(backend: Backend, case: Case, mode: str, level: str) -> object:
    """One set of parameters."""
    first = "" if backend is GCC else f"{backend.name}-"
    gaps = [pytest.mark.xfail(strict=True, reason=w) for w in case.values(f"gap on {backend.name}")]
    often = backend is GCC or (level == "-O2" and case.path.stem in _EVERYWHERE)
    return pytest.param(
        backend, case, mode, level, id=f"{first}{case.path.stem}-{mode}{level}",
        marks=gaps if often else [*gaps, pytest.mark.nightly],
    )  # fmt: skip


def build_baseline(backend: Backend, case: Case, level: str, folder: Path) -> Path:
    return link(case, case.sources, backend.plain, level, folder / "plain")


def link(case: Case, sources: list[Path], compiler: Compiler, level: str, folder: Path) -> Path:
    """The program in `folder`, and beside it the shared objects that it loads."""
    folder.mkdir()
    program, loaded = folder / "program", case.values("shared")
    linked = [source for source in sources if source.name not in loaded]
    done = compiler(level, "-o", program, *linked, *case.flags)
    assert done.code == 0, done.err
    for name in loaded:
        shared = ["-shared", "-fPIC", "-o", (folder / name).with_suffix(".so")]
        done = compiler(level, *shared, case.path / name, *case.flags)
        assert done.code == 0, done.err
    return program


def build(backend: Backend, case: Case, mode: str, level: str, folder: Path) -> tuple[Path, Path]:
    """The program that dsucc makes, and its build report."""
    report = folder / "report.jsonl"
    compiler = backend.dsucc(f"--dsu-capture={mode}", f"--dsu-report={report}")
    sources: list[Path] = []
    for source in case.sources:
        if source.name in case.values("plain"):
            plain = folder / f"{source.stem}.o"
            assert backend.plain(level, "-c", "-o", plain, source, *case.flags).code == 0
            sources.append(plain)
        else:
            sources.append(source)
    return link(case, sources, compiler, level, folder / "dsucc"), report


def show(case: Case, at: str, wanted: Outcome, got: Outcome) -> str:
    return (
        f"{case.path.name} with DSU_UPDATE_AT={at!r}: exit {got.code}, plain one's {wanted.code}\n"
        f"--- plain\n{wanted.out.decode(errors='replace')}\n"
        f"--- dsucc\n{got.out.decode(errors='replace')}\n--- stderr\n{got.err}"
    )


@pytest.mark.parametrize(("backend", "case", "mode", "level"), configurations())
def test_equal_with_and_without_updates(
    backend: Backend, case: Case, mode: str, level: str, tmp_path: Path
) -> None:
    backend.make_runtime()
    if case.says("gcc only") and backend.family != "gcc":
        refused = [
            cc(level, "-o", tmp_path / "none", *case.sources, *case.flags)
            for cc in (backend.plain, backend.dsucc(f"--dsu-capture={mode}"))
        ]
        assert all(done.code and "error" in done.err for done in refused)
        return
    wanted = toolchain.run([*backend.runner, build_baseline(backend, case, level, tmp_path)])
    program, report = build(backend, case, mode, level, tmp_path)
    check_report(backend, case, mode, report)

    got = toolchain.run([*backend.runner, program])
    assert got.same_as(wanted), show(case, "", wanted, got)
    if not case.says("no updates"):
        check_updates(backend, case, program, wanted, f"{case.path.stem}{level}")


def check_report(backend: Backend, case: Case, mode: str, report: Path) -> None:
    reasons = {row["name"]: str(row["reason"]) for row in toolchain.read_report(report)}
    for value in case.values("untouched"):
        name, _, why = value.partition(" ")
        assert why in reasons.get(name, "(instrumented)"), f"{name}: {reasons.get(name)}"
    assert not reasons.keys() & set(case.values("no points in"))
    wanted = {value.split()[0] for value in case.values("untouched")}
    for limit in (mode, backend.name):
        wanted |= {value.split()[0] for value in case.values(f"{limit} leaves")}
    if case.says("updates"):
        untouched = {name: why for name, why in reasons.items() if why and name not in wanted}
        assert not untouched


def check_updates(backend: Backend, case: Case, program: Path, wanted: Outcome, seed: str) -> None:
    counted = toolchain.run_updating(program, "0", runner=backend.runner)
    assert counted.same_as(wanted), show(case, "0", wanted, counted)
    # A program that leaves by _exit() or a signal says nothing; then it is tried blindly.
    points = counted.counts.points if counted.counts else 40
    updates = blocked = 0
    for at in toolchain.schedules(points, seed):
        got = toolchain.run_updating(program, at, runner=backend.runner)
        assert got.same_as(wanted), show(case, at, wanted, got)
        if got.counts:
            updates += got.counts.updates
            blocked += got.counts.blocked
    if case.says("updates"):
        assert updates, f"{case.path.name}: {points} points, {blocked} blocked, never updated"
    if case.says("blocked"):
        assert blocked, f"{case.path.name}: no update was ever blocked"


def test_every_case_says_what_it_pins_down() -> None:
    silent = [c.path.name for c in all_cases() if not c.sources[0].read_text().startswith("/* ")]
    assert not silent
    assert len(all_cases()) >= 90
