"""Processes that fork, and end, while an update is under way: none is missed, none is harmed."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.conftest import NEW

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_updates_in_a_storm_of_forks(built: Path, tmp_path: Path, mode: str) -> None:
    program = tmp_path / "forkers"
    source = support.PROGRAMS / "forkers.c"
    made = toolchain.dsucc(f"--dsu-capture={mode}", "-O2", "-o", program, source)
    assert made.code == 0, made.err
    old = support.build_id(program)
    empty = support.build_patch("empty_patch", built / f"empty-{mode}", old=old, new=NEW)
    process = subprocess.Popen([str(program), "4"], stdout=subprocess.PIPE)
    deadline = time.monotonic() + support.DEADLINE
    while support.ctl("status", process.pid).code != 0:
        assert time.monotonic() < deadline
    done, sizes = 0, set()
    while process.poll() is None:
        answer = support.ctl("check", process.pid, empty, "--json")
        if answer.code == 3:
            assert process.wait(support.DEADLINE) == 0, answer
        elif process.poll() is None:
            assert answer.code == 0, answer
            done += 1
            sizes.add(answer.json["processes"])
    out, _ = process.communicate()
    assert process.returncode == 0
    assert int(out.split()[0]) > 50
    assert done > 50
    assert max(sizes) > 2, "some updates must have met several processes"


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_processes_end_in_the_middle_of_updates(built: Path, mode: str) -> None:
    """By any of their threads, while others stand at update points; each with its own status."""
    program, empty = support.dsucc_program("leaving", built, mode)
    process = subprocess.Popen([str(program), "4"], stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + support.DEADLINE
    while support.ctl("status", process.pid).code != 0:
        assert time.monotonic() < deadline
    done, applied, sizes = 0, False, set()
    while process.poll() is None:
        words = ["revert", process.pid] if applied else ["apply", process.pid, empty]
        answer = support.ctl(*words, "--timeout", "10", "--json")
        if answer.code == 3 or process.poll() is not None:
            break
        assert answer.code == 0, answer
        applied = not applied
        done += 1
        sizes.add((answer.json["processes"], answer.json["threads"]))
    out, _ = process.communicate(timeout=support.DEADLINE)
    assert process.returncode == 0, out
    assert int(out.split()[0]) > 20, out
    assert done > 20
    assert any(processes == 2 and threads > 4 for processes, threads in sizes), sizes
