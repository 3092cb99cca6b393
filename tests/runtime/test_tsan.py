"""Threads of a program that is built for TSan, updated and taken back: TSan finds nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import steady, support

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

SUPPRESSIONS = Path(__file__).with_name("tsan.supp")
THREADS = 4


@pytest.fixture(scope="module", autouse=True)
def library() -> Path:
    make = ["make", "-s", "-C", str(support.RUNTIME), "TSAN=1"]
    subprocess.run(["flock", str(support.RUNTIME / "Makefile"), *make], check=True)
    return support.RUNTIME / "build" / "tsan" / "libdsu.a"


def build(folder: Path, library: Path, mode: str, *more: str) -> Path:
    folder.mkdir()
    shutil.copy(support.PROGRAMS / "steady.c", folder)
    flags = (f"--dsu-capture={mode}", "-O1", "-g", "-fsanitize=thread", "-pthread", *more)
    made = toolchain.dsucc(
        *flags, "-o", "steady", "steady.c", cwd=folder, env={"DSU_LIB": str(library)}
    )
    assert made.code == 0, made.err
    return folder / "steady"


def running(program: Path, log: Path) -> AbstractContextManager[steady.Threads]:
    """Not at random addresses: gcc's TSan does not know those of newer kernels."""
    options = f"log_path={log} suppressions={SUPPRESSIONS}"
    return steady.running(program, 1, THREADS, True, "setarch", "-R", TSAN_OPTIONS=options)


def found(log: Path) -> str:
    return "".join(p.read_text() for p in log.parent.glob(f"{log.name}.*"))


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_nothing_is_found(tmp_path: Path, library: Path, mode: str) -> None:
    old = build(tmp_path / "old", library, mode)
    new = build(tmp_path / "new", library, mode, "-DNEW")
    made = toolchain.dsupatch(old, new, "-o", tmp_path / "patch")
    assert made.code == 0, made
    with running(old, tmp_path / "log") as t:
        for _ in range(3):
            for words in (("probe", t.pid, "--count", 3), ("apply", t.pid, tmp_path / "patch")):
                answer = support.ctl(*words)
                assert answer.code == 0, answer
            t.depths("new")
            answer = support.ctl("revert", t.pid)
            assert answer.code == 0, answer
            t.depths("old")
    assert not found(tmp_path / "log")


def test_a_race_is_found(tmp_path: Path, library: Path) -> None:
    with running(build(tmp_path / "old", library, "landing-pad", "-DRACY"), tmp_path / "log") as t:
        assert support.ctl("probe", t.pid, "--count", 3).code == 0
        for _ in range(20):
            t.depths("old")
    assert "data race" in found(tmp_path / "log")
