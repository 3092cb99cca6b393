"""Blocking calls, interrupted by updates: never a spurious EINTR, time-outs honoured."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.runtime import support
from tests.runtime.support import ctl, interrupt, waiting

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

TIMED = ["poll", "ppoll", "select", "pselect", "epoll_wait"]
SLEEPS = ["nanosleep", "clock_nanosleep", "usleep", "sleep"]
LENGTH = 1000
SLACK = 250  # ms; what a busy machine may add


def calling(
    program: Path, call: str, *options: str, **env: str
) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run one call until it blocks."""
    return waiting(program, call, LENGTH, *options, **env)


def result(process: subprocess.Popen[bytes]) -> tuple[int, str, int, str]:
    """Return what the call gave: value, error, milliseconds, the rest."""
    assert process.stdout
    line = process.stdout.readline().decode()
    value, error, ms, rest = line.rstrip("\n").split(" ", 3)
    return int(value), error, int(ms), rest


@pytest.mark.parametrize("call", TIMED + SLEEPS)
def test_what_is_left_of_a_timeout(blocking: Path, empty: Path, call: str) -> None:
    with calling(blocking, call) as process:
        interrupt(process, empty, 6)
        value, error, ms, _ = result(process)
    assert (value, error) == (0, "0")
    assert LENGTH <= ms < LENGTH + SLACK


@pytest.mark.parametrize("call", TIMED + SLEEPS)
def test_updated_at_the_call_itself(blocking: Path, call: str) -> None:
    with calling(blocking, call, DSU_UPDATE_AT="*/1") as process:
        value, error, ms, _ = result(process)
    assert (value, error) == (0, "0")
    assert LENGTH <= ms < LENGTH + SLACK


@pytest.mark.parametrize("call", TIMED)
def test_ready_after_updates(blocking: Path, empty: Path, call: str) -> None:
    with calling(blocking, call) as process:
        interrupt(process, empty, 3)
        assert process.stdin
        process.stdin.write(b"!")
        process.stdin.flush()
        value, error, ms, _ = result(process)
    assert (value, error) == (1, "0")
    assert ms < LENGTH


def test_no_byte_is_lost(blocking: Path, empty: Path) -> None:
    with calling(blocking, "read") as process:
        interrupt(process, empty, 5)
        assert process.stdin
        process.stdin.write(b"hello")
        process.stdin.flush()
        value, error, _, rest = result(process)
    assert (value, error) == (5, "0")
    assert rest.endswith("text=hello")


def test_wait_for_a_child(blocking: Path, empty: Path) -> None:
    with calling(blocking, "wait") as process:
        deadline = time.monotonic() + 0.8
        while time.monotonic() < deadline:
            # The child sleeps where it cannot be updated: refused, and still no EINTR.
            answer = ctl("check", process.pid, empty, "--timeout", "0.1", "--json")
            assert answer.code == 1, answer
        value, error, _, _ = result(process)
    assert (value, error) == (1, "0")


@pytest.mark.parametrize("call", ["read", *TIMED, "nanosleep", "pause", "sigsuspend"])
def test_own_signals_still_interrupt(blocking: Path, empty: Path, call: str) -> None:
    with calling(blocking, call) as process:
        interrupt(process, empty, 3)
        process.send_signal(signal.SIGUSR1)
        value, error, ms, rest = result(process)
    assert (value, error) == (-1, "EINTR")
    assert "signals=1" in rest
    assert ms < LENGTH


def test_restarting_handler_restarts(blocking: Path, empty: Path) -> None:
    with calling(blocking, "read", "restart") as process:
        interrupt(process, empty, 2)
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.1)
        interrupt(process, empty, 2)
        assert process.stdin
        process.stdin.write(b"late")
        process.stdin.flush()
        value, error, _, rest = result(process)
    assert (value, error) == (4, "0")
    assert "signals=1" in rest


@pytest.mark.parametrize("step", ["stop", "unroll"])
def test_signal_while_stopped_is_held_and_interrupts(
    blocking: Path, empty: Path, step: str
) -> None:
    """The handler waits for the update's end; then the call fails with EINTR, not hangs."""
    with calling(blocking, "read") as process:
        stalled = subprocess.Popen(
            [str(support.FAULTY), "check", str(process.pid), str(empty)],
            env=support.environment(f"{step}:stall"),
        )
        wanted = {"stop": '"stopped"', "unroll": '"unrolled"'}[step]
        deadline = time.monotonic() + support.DEADLINE
        while wanted not in ctl("status", process.pid, "--json").out:
            assert time.monotonic() < deadline
        os.kill(process.pid, signal.SIGUSR1)
        time.sleep(0.1)
        stalled.kill()
        stalled.wait()
        value, error, _, rest = result(process)
    assert (value, error) == (-1, "EINTR")
    assert "signals=1" in rest
