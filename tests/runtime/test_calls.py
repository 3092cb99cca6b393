"""Every blocking call that servers use: taken apart in it, and it goes on as if nothing was."""

from __future__ import annotations

import os
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

NAMES = re.findall(r'^\t\{"(\w+)"', (support.PROGRAMS / "calls.c").read_text(), re.MULTILINE)
TIMED = {
    "epoll_pwait2": "0",
    "sigtimedwait": "EAGAIN",
    "mq_timedreceive": "ETIMEDOUT",
    "mq_timedsend": "ETIMEDOUT",
    "semtimedop": "EAGAIN",
    "futex": "ETIMEDOUT",
    "ppoll_by_number": "0",
    "poll_by_number": "0",
}
LENGTH = 1000  # ms


@pytest.fixture(scope="session", params=toolchain.MODES)
def calls(built: Path, request: pytest.FixtureRequest) -> Built:
    return support.dsucc_program("calls", built, request.param)


def result(process: subprocess.Popen[bytes]) -> tuple[bool, str, int]:
    """Return whether the call gave what it should, its error, and milliseconds."""
    assert process.stdout
    right, error, ms = process.stdout.readline().decode().split()
    return right == "1", error, int(ms)


@pytest.mark.parametrize("name", NAMES)
def test_goes_on_after_updates(calls: Built, name: str) -> None:
    program, empty = calls
    with waiting(program, name, 30_000) as process:
        interrupt(process, empty, 3)
        assert ctl("apply", process.pid, empty).code == 0
        assert process.stdin
        process.stdin.write(b"go\n")
        process.stdin.flush()
        right, error, ms = result(process)
        assert (right, error) == (True, "0")
        assert process.wait(support.DEADLINE) == 0
    assert 100 <= ms < 20_000


@pytest.mark.parametrize("name", TIMED)
def test_times_out_when_it_would_have(calls: Built, name: str) -> None:
    program, empty = calls
    with waiting(program, name, LENGTH) as process:
        interrupt_until(process, empty, time.monotonic() + 0.7 * LENGTH / 1000)
        _, error, ms = result(process)
    assert error == TIMED[name]
    assert LENGTH <= ms < 1.5 * LENGTH, "begun anew by an update"


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_time_outs_of_sockets_are_not_begun_anew(built: Path, mode: str) -> None:
    program, empty = support.dsucc_program("timed", built, mode)
    with subprocess.Popen(
        [program, "1500"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=support.environment(),
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == "ready\n"
        start, done = time.monotonic(), 0
        while time.monotonic() < start + 1:
            words = ["revert", process.pid] if done % 2 else ["apply", process.pid, empty]
            answer = support.ctl(*words, "--json")
            assert answer.code == 0, answer
            done += 1
            time.sleep(0.05)
        process.stdin.write("x")
        process.stdin.flush()
        out, _ = process.communicate(timeout=support.DEADLINE)
    assert process.returncode == 0
    got = {name: (what, int(ms)) for name, what, ms in map(str.split, out.splitlines())}
    assert len(got) == 8, out
    what, ms = got.pop("answer")
    assert what == "right", out
    assert 900 <= ms < 1500, out
    for what, ms in got.values():
        assert what == "EAGAIN", out
        assert 1500 <= ms < 2200, out


IN_LIBC = re.findall(r'^\t\{"(\w+)"', (support.PROGRAMS / "in_libc.c").read_text(), re.MULTILINE)


@pytest.fixture(scope="session")
def in_libc(built: Path) -> Built:
    return support.dsucc_program("in_libc", built, "landing-pad")


@pytest.mark.parametrize("name", IN_LIBC)
def test_updated_while_libc_waits(in_libc: Built, name: str, tmp_path: Path) -> None:
    program, empty = in_libc
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with subprocess.Popen(
        [program, name, str(fifo)], stdout=subprocess.PIPE, text=True, env=support.environment()
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            for words in (["apply", process.pid, empty], ["revert", process.pid]) * 2:
                answer = ctl(*words, "--timeout", "5", "--json")
                assert answer.code == 0, answer
            with fifo.open("w") as other:
                other.write("line\n")
            assert process.wait(support.DEADLINE) == 0
        finally:
            process.kill()
