"""A thread that waits in a library which is not instrumented is updated there."""

from __future__ import annotations

import json
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from tests import toolchain
from tests.patch.test_cases import HERE, controllable, converse, dsuctl, dsupatch, running

SOURCES = HERE / "library"


def build(folder: Path, version: int) -> Path:
    """The library by gcc alone, the program by dsucc."""
    library = folder / "libwaits.so"
    if not library.exists():
        source = SOURCES / "waits.c"
        gcc = ["gcc", "-O2", "-fPIC", "-shared", "-o", str(library), str(source)]
        subprocess.run(gcc, check=True)
    home = folder / str(version)
    home.mkdir()
    for source in (SOURCES / "program.c", SOURCES / "waits.h", HERE / "serve.h"):
        (home / source.name).write_text(source.read_text())
    made = toolchain.dsucc(
        *("-O2", f"-DVERSION={version}", "-o", "program", "program.c", "-pthread"),
        *(f"-L{folder}", f"-Wl,-rpath,{folder}", "-lwaits"),
        cwd=home,
    )  # fmt: skip
    assert made.code == 0, made.err
    return home / "program"


def patches(folder: Path, versions: int) -> tuple[Path, list[Path]]:
    programs = [build(folder, n + 1) for n in range(versions)]
    made: list[Path] = []
    for old, new in pairwise(programs):
        chain: list[str | Path] = ["--base", programs[0]] if made else []
        for earlier in made:
            chain += ["--after", earlier]
        file = folder / f"{new.parent.name}.patch"
        done = dsupatch(old, new, "-o", file, *chain)
        assert done.code == 0, done.err
        made.append(file)
    return programs[0], made


@pytest.mark.parametrize("where", ["main", "thread"])
def test_updated_while_it_waits_in_the_library(tmp_path: Path, where: str) -> None:
    """Each line is read by one call that begins in one version and ends in the next."""
    first, made = patches(tmp_path, 4)
    with running(first, where) as process:
        controllable(process.pid)
        converse(process, [("a", "1 a 2 3")])
        for number, file in enumerate(made, 2):
            applied = dsuctl("apply", str(process.pid), file)
            assert applied.code == 0, applied.out.decode() + applied.err
            # A value from before the call is the old version's, the code is the new one's.
            converse(process, [(f"b{number}", f"{number} b{number} 4 {3 * (number - 1)}")])
            converse(process, [("cde", f"{number} cde 6 {3 * number}")])
        back = dsuctl("revert", str(process.pid))
        assert back.code == 0, back.err
        converse(process, [("back", "1 back 8 12"), ("end", "1 end 6 3")])
        assert process.wait(5) == 0


def test_one_call_lives_through_many_updates(tmp_path: Path) -> None:
    first, made = patches(tmp_path, 4)
    with running(first) as process:
        controllable(process.pid)
        assert process.stdin is not None
        process.stdin.write("ha")
        process.stdin.flush()
        depths = []
        for _ in range(10):
            for file in made:
                assert dsuctl("apply", str(process.pid), file).code == 0
            assert dsuctl("revert", str(process.pid)).code == 0
            depths.append(stack_of(process.pid))
        # 36 updates later: a signal's handler may have gone a page deeper, no more.
        assert depths[-1] - depths[0] <= 4, f"the stack grows with updates: {depths}"
        assert dsuctl("apply", str(process.pid), made[0]).code == 0
        converse(process, [("lf", "2 half 8 3"), ("end", "2 end 6 6")])
        assert process.wait(5) == 0


def test_a_library_that_has_called_back_is_waited_for(tmp_path: Path) -> None:
    """No frame of the program may stand between the library's: here none does while it waits."""
    first, made = patches(tmp_path, 2)
    with running(first, "calls-back") as process:
        controllable(process.pid)
        applied = dsuctl("apply", str(process.pid), made[0], "--json")
        assert json.loads(applied.out)["applied"], applied.out
        converse(process, [("ABC", "2 abc 6 3")])


def streams(folder: Path) -> tuple[Path, Path]:
    """A program that waits in libc's streams, and its patch."""
    programs = []
    for version in (1, 2):
        home = folder / str(version)
        home.mkdir()
        for source in (SOURCES / "stream.c", HERE / "serve.h"):
            (home / source.name).write_text(source.read_text())
        flags = ("-O2", f"-DVERSION={version}", "-o", "program", "-pthread")
        made = toolchain.dsucc(*flags, "stream.c", cwd=home)
        assert made.code == 0, made.err
        programs.append(home / "program")
    done = dsupatch(*programs, "-o", folder / "patch")
    assert done.code == 0, done.err
    return programs[0], folder / "patch"


def test_updated_while_it_waits_in_a_stream(tmp_path: Path) -> None:
    """Part of the line has come already. What the thread keeps under a key moves, too."""
    program, patch = streams(tmp_path)
    with running(program) as process:
        controllable(process.pid)
        converse(process, [("a", "1 a 1 11")])
        assert process.stdin is not None
        process.stdin.write("ha")
        process.stdin.flush()
        applied = dsuctl("apply", str(process.pid), patch, "--timeout", "10")
        assert applied.code == 0, applied.err
        converse(process, [("lf", "2 half 2 12"), ("b", "2 b 3 13")])


def test_what_a_stream_writes_to_stays(tmp_path: Path) -> None:
    """The library has been given an address inside of what would move: refused, and it goes on."""
    program, patch = streams(tmp_path)
    with running(program, "inside") as process:
        controllable(process.pid)
        converse(process, [("a", "1 a 1 11")])
        refused = dsuctl("apply", str(process.pid), patch, "--timeout", "1")
        assert refused.code == 1
        assert "a library that waits may point to what changes: struct session" in refused.err
        converse(process, [("b", "1 b 2 12")])


def stack_of(pid: int) -> int:
    """KiB that the kernel has given to the main stack."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmStk:")[1].split()[0])
