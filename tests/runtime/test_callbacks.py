"""A library's function that ends with a jump to its callback is gone, and not forgotten."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.support import PROGRAMS, ctl

if TYPE_CHECKING:
    from pathlib import Path


def library(kind: str, folder: Path) -> tuple[str, ...]:
    """What a link takes of the library."""
    flags = ["-fPIC", "-shared"] if kind == "shared" else ["-c"]
    made = folder / ("libcallback.so" if kind == "shared" else "callback.o")
    command = ["gcc", "-O2", *flags, f"-I{PROGRAMS}", "-o", str(made), f"{PROGRAMS}/callback.c"]
    subprocess.run(command, check=True)
    return (f"-Wl,-rpath,{folder}", str(made))


@pytest.mark.parametrize("mode", toolchain.MODES)
@pytest.mark.parametrize("kind", ["shared", "object"])
@pytest.mark.parametrize("linkage", ["-fplt", "-fno-plt"])
def test_waits_until_the_callback_is_over(
    kind: str, linkage: str, mode: str, tmp_path: Path
) -> None:
    include = ("-isystem", str(PROGRAMS), "-fexceptions", linkage)
    program, empty = support.dsucc_program(
        "called_back", tmp_path, mode, *include, *library(kind, tmp_path)
    )
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=support.environment(),
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout

        def turn(*wanted: str) -> None:
            assert process.stdin
            assert process.stdout
            process.stdin.write("x")
            process.stdin.flush()
            for text in wanted:
                assert process.stdout.readline() == f"{text}\n", process.poll()

        assert process.stdout.readline() == "ready\n"
        answer = ctl("apply", process.pid, empty, "--timeout", "3", "--json")
        assert answer.code == 1, answer
        assert "has ended with a jump to its callback: main" in answer.json["reason"], answer
        turn("back 1", "main 1")
        answer = ctl("apply", process.pid, empty, "--timeout", "10", "--json")
        assert answer.code == 0, answer
        turn()
        turn("back 2", "main 2")
        process.kill()


@pytest.mark.parametrize("more", [[], ["process"]])
@pytest.mark.parametrize("mode", toolchain.MODES)
def test_a_lock_that_one_who_stands_holds(mode: str, more: list[str], built: Path) -> None:
    """Waited for beneath a library's frame: nobody stands still for what cannot be."""
    program, empty = support.dsucc_program("beneath", built, mode)
    with subprocess.Popen(
        [program, "900", *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=support.environment(),
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        answer = ctl("apply", process.pid, empty, "--timeout", "20", "--json")
        assert answer.code == 0, answer
        assert 2 <= answer.json["tries"] <= 5, answer
        assert answer.json["stop_us"] < 900_000, answer
        out, _ = process.communicate("on\n", timeout=support.DEADLINE)
        assert (process.returncode, out.split()[0]) == (0, "1")


@pytest.mark.parametrize("way", ["apply", "check"])
def test_one_that_can_never_come(way: str, built: Path) -> None:
    """All others run for most of the time until the update is refused."""
    program, empty = support.dsucc_program("beneath", built, "landing-pad")
    with subprocess.Popen(
        [program, "-1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=support.environment(),
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        answer = ctl(way, process.pid, empty, "--timeout", "3", "--json")
        assert (answer.code, answer.json["tries"]) == (1, 4), answer
        assert "a function without a continuation point" in answer.json["reason"], answer
        out, _ = process.communicate("on\n", timeout=support.DEADLINE)
        assert process.returncode == 0
        assert 300 < int(out.split()[1]) < 1500, out
