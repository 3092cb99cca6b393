"""Signals rain upon programs that are updated: none is lost, none is made up, the work goes on."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.support import ctl

if TYPE_CHECKING:
    from pathlib import Path

SECONDS, UPDATES = 3, 30  # at least
SIZE = 1 << 16  # of the file that both programs map


@pytest.fixture(scope="session")
def rainmaker(built: Path) -> Path:
    """Compile the sender by gcc alone: nobody updates it."""
    to = built / "rainmaker"
    source = support.PROGRAMS / "rainmaker.c"
    made = toolchain.gcc("-D_GNU_SOURCE", "-O2", "-o", to, source)
    assert made.code == 0, made.err
    return to


@pytest.fixture(scope="session", params=toolchain.MODES)
def rain(built: Path, request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """rain.c in one of the modes, and a patch for it that changes nothing."""
    return support.dsucc_program("rain", built, request.param, "-D_GNU_SOURCE", "-pthread")


@pytest.mark.parametrize(("processes", "threads"), [(1, 1), (1, 8), (5, 1), (3, 4)])
def test_none_is_lost(
    rain: tuple[Path, Path], rainmaker: Path, tmp_path: Path, processes: int, threads: int
) -> None:
    program, empty = rain
    file = tmp_path / "rain"
    file.write_bytes(bytes(SIZE))
    victim = subprocess.Popen(
        [program, file, str(processes), str(threads)],
        env=support.environment(),
        start_new_session=True,
    )
    sender = subprocess.Popen(
        [rainmaker, file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert sender.stdout
    try:
        assert sender.stdout.readline() == "raining\n"
        end = time.monotonic() + SECONDS
        for i in itertools.count():
            update(victim.pid, empty, "apply" if i % 8 == 0 else "check")
            if time.monotonic() > end and i > UPDATES:
                break
        out, err = sender.communicate(timeout=60)
        assert victim.wait(timeout=support.DEADLINE) == 0
    finally:
        sender.kill()
        with suppress(ProcessLookupError):
            os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
    lost, disordered, spurious, sent, rounds = map(int, out.split())
    assert lost == 0, err
    assert (disordered, spurious) == (0, 0)
    assert sent > 300 * SECONDS
    assert rounds > 50


def update(pid: int, empty: Path, command: str) -> None:
    answer = ctl(command, pid, empty, "--timeout", "20", "--json")
    assert answer.code == 0, (answer, support.stacks(pid))
    if command == "apply":
        answer = ctl("revert", pid, "--timeout", "20", "--json")
        assert answer.code == 0, answer
