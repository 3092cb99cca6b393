"""Programs with many threads: all of them stop, are taken apart, and go on."""

from __future__ import annotations

import re
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.conftest import NEW
from tests.runtime.support import ctl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Built = tuple[Path, Path]


@pytest.fixture(scope="session", params=toolchain.MODES)
def threads(built: Path, request: pytest.FixtureRequest) -> Built:
    """threads.c in one of the modes, and a patch for it that changes nothing."""
    return support.dsucc_program("threads", built, request.param)


@contextmanager
def running(
    program: Path, *options: object, fault: str = "", inside: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """Run it, perhaps by other commands: then those are the process."""
    process = subprocess.Popen(
        [*inside, str(program), *map(str, options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=support.environment(fault),
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen[str]) -> str:
    """End the program by a line; what it says then."""
    try:
        out, _ = process.communicate("stop\n", timeout=support.DEADLINE)
    except subprocess.TimeoutExpired:
        raise AssertionError(support.stacks(process.pid)) from None
    assert process.returncode == 0, (process.returncode, out)
    return out.strip()


@pytest.mark.parametrize("count", [1, 12, 64])
def test_all_threads_are_taken_apart(threads: Built, count: int) -> None:
    program, empty = threads
    with running(program, count) as process:
        for _ in range(30):
            answer = ctl("check", process.pid, empty, "--timeout", "20", "--json")
            assert answer.code == 0, answer
            assert (answer.json["processes"], answer.json["threads"]) == (1, count + 1)
        assert ctl("apply", process.pid, empty).code == 0
        (row,) = ctl("status", process.pid, "--json").json["processes"]
        assert (row["version"], row["threads"]) == (NEW, count + 1)
        assert finish(process) == f"ok 1 {count // 4} 1"


def test_threads_that_come_and_go(threads: Built) -> None:
    program, empty = threads
    sizes = set()
    with running(program, 6, "churn") as process:
        for _ in range(60):
            answer = ctl("check", process.pid, empty, "--timeout", "20", "--json")
            assert answer.code == 0, answer
            sizes.add(answer.json["threads"])
        assert finish(process) == "ok 1 1 1"
    assert max(sizes) > 7, "no update met one of the brief threads"


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_no_wake_up_is_lost_or_made_up(built: Path, mode: str) -> None:
    program, empty = support.dsucc_program("traffic", built, mode)
    with running(program) as process:
        for i in range(40):
            answer = ctl("check", process.pid, empty, "--timeout", "20", "--json")
            assert answer.code == 0, (i, answer)
        assert ctl("apply", process.pid, empty).code == 0
        passed, spurious, balanced, enough, stepped, counted = finish(process).split()
    assert spurious == "0"
    assert [passed, balanced, enough, stepped, counted] == ["1"] * 5


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_cancelled_after_updates(built: Path, mode: str) -> None:
    """Cleanup handlers run once each, in frames that have been taken apart and rebuilt."""
    program, empty = support.dsucc_program("cancelled", built, mode)
    with running(program) as process:
        assert process.stdin
        assert process.stdout
        for _ in range(3):
            answer = ctl("check", process.pid, empty, "--timeout", "20", "--json")
            assert answer.code == 0, answer
        process.stdin.write("on\n")
        process.stdin.flush()
        assert process.stdout.readline() == "left 3 1\n"
        for _ in range(3):
            answer = ctl("check", process.pid, empty, "--timeout", "20", "--json")
            assert answer.code == 0, answer
        assert finish(process) == "5 6 2"


def innermost(pid: int) -> int:
    """Return the last one of a chain of processes, each the only child of the one before."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return innermost(int(children[0])) if children else pid


def test_threads_in_nested_pid_namespaces(threads: Built) -> None:
    """There main() is 1 and each thread has other numbers than the ones that dsuctl signals."""
    program, empty = threads
    within = ("unshare", "--pid", "--fork", "--kill-child")
    with running(program, 8, "churn", inside=(*within, *within)) as process:
        pid = innermost(process.pid)
        names = Path(f"/proc/{pid}/status").read_text()
        assert re.search(rf"^NSpid:\t{pid}\t\d+\t1$", names, re.MULTILINE), names
        for _ in range(20):
            answer = ctl("check", pid, empty, "--timeout", "20", "--json")
            assert answer.code == 0, answer
            assert answer.json["threads"] >= 9
        assert ctl("apply", pid, empty).code == 0
        assert ctl("revert", pid).code == 0
        assert ctl("apply", pid, empty).code == 0
        assert finish(process) == "ok 1 2 1"


@pytest.mark.parametrize("step", ["stop", "unroll"])
def test_dsuctl_dies_while_all_wait(threads: Built, step: str) -> None:
    program, empty = threads
    with running(program, 12) as process:
        for _ in range(5):
            ctl("check", process.pid, empty, fault=f"{step}:kill")
            assert ctl("check", process.pid, empty, "--timeout", "20").code == 0
        assert finish(process) == "ok 1 3 1"


def test_eight_hundred(threads: Built, record_property: Callable[[str, object], None]) -> None:
    program, empty = threads
    with running(program, 800) as process:
        time.sleep(0.5)
        stops = []
        for _ in range(5):
            answer = ctl("check", process.pid, empty, "--timeout", "20", "--json")
            assert answer.code == 0, answer
            assert answer.json["threads"] == 801
            stops.append(answer.json["stop_us"])
        record_property("stop_us", stops)
        print(f"801 threads: stop_us {stops}")
        assert finish(process) == "ok 1 200 1"


@pytest.mark.parametrize("mode", toolchain.MODES)
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("region", "a transaction is open: region"),
        ("whole", "an untouched function is active: whole"),
    ],
)
def test_no_update_inside_a_transaction(built: Path, mode: str, kind: str, reason: str) -> None:
    """Whatever other threads do; the report says which thread is in it."""
    never = "--dsu-never=whole"
    program, empty = support.dsucc_program("transactions", built, mode, never, "-fno-inline")
    with running(program, kind) as process:
        assert process.stdin
        assert process.stdout
        answer = ctl("check", process.pid, empty, "--timeout", "0.5", "--json")
        assert answer.code == 1
        assert re.search(rf"thread \d+: .*{reason}", answer.json["reason"]), answer
        process.stdin.write("on\n")
        process.stdin.flush()
        assert process.stdout.readline() == "on\n"
        answer = ctl("check", process.pid, empty, "--timeout", "20", "--json")
        assert answer.code == 0, answer
        assert finish(process) == "on"
