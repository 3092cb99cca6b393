"""Waits for locks, conditions and threads, interrupted by updates: POSIX's semantics are kept.

In each of them a thread holds at an update point what another one waits for.
"""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.support import ctl, interrupt, interrupt_until, waiting

if TYPE_CHECKING:
    from pathlib import Path

    Built = tuple[Path, Path]

NAMES = re.findall(r'^\t\{"(\w+)"', (support.PROGRAMS / "locks.c").read_text(), re.MULTILINE)
TIMED = [n for n in NAMES if "timed" in n or n in ("clocklock", "cond_monotonic")]
LENGTH = 1000  # ms


@pytest.fixture(scope="session", params=toolchain.MODES)
def locks(built: Path, request: pytest.FixtureRequest) -> Built:
    return support.dsucc_program("locks", built, request.param)


def result(process: subprocess.Popen[bytes]) -> tuple[str, int, int]:
    """Return what the wait gave: error, milliseconds, how often it came back without a reason."""
    assert process.stdout
    error, ms, spurious = process.stdout.readline().decode().split()
    return error, int(ms), int(spurious)


@pytest.mark.parametrize("name", NAMES)
def test_waits_are_taken_apart_and_go_on(locks: Built, name: str) -> None:
    program, empty = locks
    with waiting(program, name, 30_000) as process:
        interrupt(process, empty, 4)
        assert ctl("apply", process.pid, empty).code == 0
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
        error, ms, spurious = result(process)
        assert process.wait(support.DEADLINE) == 0
    assert error == "0"
    assert 50 <= ms < 20_000
    assert spurious == 0 or "shared" in name


@pytest.mark.parametrize("name", TIMED)
def test_timeouts_end_when_they_would_have(locks: Built, name: str) -> None:
    program, empty = locks
    with waiting(program, name, LENGTH) as process:
        interrupt_until(process, empty, time.monotonic() + 0.7 * LENGTH / 1000)
        error, ms, spurious = result(process)
    assert error == "ETIMEDOUT"
    assert LENGTH <= ms < 1.5 * LENGTH, "begun anew by an update"
    assert spurious == 0 or "shared" in name
