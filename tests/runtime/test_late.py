"""Threads that could hardly be asked, or had no processor: they come, or it is said."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.runtime import support
from tests.runtime.support import ctl, servers, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Built = tuple[Path, Path]


@pytest.fixture(scope="session")
def locks(built: Path) -> Built:
    return support.dsucc_program("locks", built, "landing-pad")


def room(pid: int, signals: str) -> None:
    """Let so many signals wait, and no more; where there is no room real-time ones are refused."""
    subprocess.run(["prlimit", "--pid", str(pid), f"--sigpending={signals}:"], check=True)


def test_no_room_for_the_signal_that_asks(family: Path, patch: Path) -> None:
    with servers(family, 3) as s:
        s.ask()
        for row in ctl("status", s.pid, "--json").json["processes"]:
            room(row["pid"], "0")
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")


def test_no_room_for_a_threads(locks: Built) -> None:
    program, empty = locks
    with waiting(program, "mutex", 30_000) as process:  # two threads, and both wait
        room(process.pid, "0")
        answer = ctl("check", process.pid, empty, "--timeout", 1, "--json")
        while answer.code == 0:  # what is meant for the first may come to the other one
            answer = ctl("check", process.pid, empty, "--timeout", 1, "--json")
        assert "thread" in answer.json["reason"]
        assert "it could not be asked, as many signals wait" in answer.json["reason"], answer
        assert answer.json["tries"] > 1, "what the others hold back may be what fills it"
        room(process.pid, "1000")
        assert ctl("apply", process.pid, empty).code == 0


@contextmanager
def hog(cpu: int) -> Iterator[None]:
    """Keep a processor busy, before all others of the scheduler's group that we are in."""
    turn = ["taskset", "-c", str(cpu), "nice", "-n", "-20", "sh", "-c", "while :; do :; done"]
    busy = subprocess.Popen(turn)
    try:
        yield
    finally:
        busy.kill()
        busy.wait()


@pytest.mark.root
def test_whoever_had_no_processor(locks: Built) -> None:
    program, empty = locks
    cpu = max(os.sched_getaffinity(0))
    said = ""
    with waiting(program, "mutex", 30_000) as process, hog(cpu):
        pid = str(process.pid)
        for command in (
            ["taskset", "-acp", str(cpu)],
            ["chrt", "--all-tasks", "--idle", "-p", "0"],
        ):
            subprocess.run([*command, pid], check=True, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 2 * support.DEADLINE  # it is mostly the first time
        while "had a processor for" not in said and time.monotonic() < end:
            answer = ctl("check", process.pid, empty, "--timeout", 0.3)
            said = answer.err
            # It may be too late to let all go, too: by dsuctl's watchdog, and the next one waits.
            assert answer.code in (0, 1, -signal.SIGKILL), answer
    assert "in time: it was ready to run, and had a processor for" in said


@pytest.mark.root
def test_dsuctl_waits_for_no_processor_in_the_pause(locks: Built) -> None:
    program, empty = locks
    urgent = os.SCHED_RR | os.SCHED_RESET_ON_FORK
    may = (
        subprocess.run(
            ["chrt", "--rr", "1", "true"], check=False, stderr=subprocess.DEVNULL
        ).returncode
        == 0
    )
    seen: set[int] = set()
    with waiting(program, "mutex", 30_000) as process:
        room(process.pid, "0")  # so that it stands for a while
        command = [str(support.DSUCTL), "check", str(process.pid), str(empty), "--timeout", "0.6"]
        end = time.monotonic() + support.DEADLINE
        while not seen or (may and urgent not in seen and time.monotonic() < end):
            asking = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while asking.poll() is None:
                seen.add(os.sched_getscheduler(asking.pid))
                assert os.sched_getscheduler(process.pid) == os.SCHED_OTHER
                time.sleep(0.001)
    assert seen == ({os.SCHED_OTHER, urgent} if may else {os.SCHED_OTHER})
