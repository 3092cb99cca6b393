"""Other compilers and processors: what dsucc and dsupatch say of them; libdsu built by clang."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dsucc import backend
from tests import toolchain
from tests.backends import AARCH64, CLANG, GCC, Backend

HELLO = "int main(void) { return 0; }\n"


@pytest.mark.parametrize(
    ("with_", "family", "machine"),
    [(GCC, "gcc", "x86_64"), (CLANG, "clang", "x86_64"), (AARCH64, "gcc", "aarch64")],
    ids=lambda x: x.name if isinstance(x, Backend) else x,
)
def test_a_compiler_says_what_it_is(with_: Backend, family: str, machine: str) -> None:
    found = backend.identify(with_.cc)
    assert (found.family, found.machine) == (family, machine)


def test_what_is_no_compiler_is_refused_by_name(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text(HELLO)
    for cc, why in (("/nonexistent/cc", "no such C compiler"), ("true", "says neither")):
        done = toolchain.dsucc(f"--dsu-cc={cc}", "-c", source, "-o", tmp_path / "a.o")
        assert done.code == 1
        assert why in done.err
        assert cc in done.err
    assert not (tmp_path / "a.o").exists()


def test_the_option_goes_before_the_environment(tmp_path: Path) -> None:
    source, made = tmp_path / "a.c", tmp_path / "a.o"
    source.write_text(HELLO)
    done = toolchain.dsucc("--dsu-cc=gcc", "-c", source, "-o", made, env={"DSU_CC": "/none"})
    assert (done.code, made.exists()) == (0, True), done.err


@pytest.mark.parametrize("with_", [CLANG, AARCH64], ids=lambda b: b.name)
def test_dsupatch_refuses_what_it_cannot_patch(with_: Backend, tmp_path: Path) -> None:
    with_.make_runtime()
    source, program = tmp_path / "a.c", tmp_path / "program"
    source.write_text(HELLO)
    done = with_.dsucc()("-O2", source, "-o", program)
    assert done.code == 0, done.err
    done = toolchain.dsupatch(program, program, "-o", tmp_path / "patch")
    assert done.code not in (0, 4)
    assert f"compiled by {with_.family} for " in done.err
    assert not (tmp_path / "patch").exists()


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_the_runtime_built_by_clang_updates_a_program(mode: str, tmp_path: Path) -> None:
    make = [
        "make",
        "-s",
        "-C",
        str(toolchain.ROOT / "runtime"),
        "CC=clang",
        f"BUILD={tmp_path}/build",
    ]
    subprocess.run([*make, f"{tmp_path}/build/libdsu.a"], check=True)
    case = Path(__file__).parent / "cases" / "recursion.c"
    program = tmp_path / "program"
    own = (f"--dsu-capture={mode}", "-O2", f"-I{toolchain.INCLUDE}")
    lib = {"DSU_LIB": str(tmp_path / "build" / "libdsu.a")}
    done = CLANG.dsucc(*own)(case, "-o", program, env=lib)
    assert done.code == 0, done.err
    wanted = toolchain.run([program])
    got = toolchain.run_updating(program, "*/1")
    assert got.same_as(wanted)
    assert got.counts is not None
    assert got.counts.updates == got.counts.points > 0
