"""dsuctl apply --trial: an update is taken back by itself when the program takes harm."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.conftest import NEW
from tests.runtime.support import ctl, servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def crashing(family: Path) -> Path:
    """From `old` to `new`, which crashes when it is asked for "!"."""
    base = support.build_id(family)
    to = family.with_name("crashing")
    return support.build_patch("family_patch", to, old=base, new=NEW, CRASH="'!'")


@contextmanager
def on_trial(pid: int, patch: Path, *options: object) -> Iterator[subprocess.Popen[str]]:
    """Run a trial meanwhile; the block begins when the update is applied."""
    with subprocess.Popen(
        [support.DSUCTL, "apply", str(pid), patch, "--json", *map(str, options)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=support.environment(),
    ) as process:  # fmt: skip
        try:
            wait_for_patches(pid, 1)
            yield process
        finally:
            process.kill()


def wait_for_patches(pid: int, count: int) -> None:
    end = time.monotonic() + support.DEADLINE
    while len(ctl("status", pid, "--json").json["patches"]) != count:
        assert time.monotonic() < end
        time.sleep(0.01)


def outcome(process: subprocess.Popen[str]) -> support.Answer:
    out, err = process.communicate(timeout=30)
    return support.Answer(process.returncode, out, err)


def test_nothing_happens(family: Path, patch: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    health = f"echo $DSU_PID >>{seen}"
    with servers(family, 3) as s:
        s.ask()
        answer = ctl("apply", s.pid, patch, "--trial", 0.4, "--health", health, "--json")
        assert answer.code == 0, answer
        trial = answer.json["trial"]
        assert (answer.json["applied"], answer.json["reason"]) == (True, None)
        assert (trial["seconds"], trial["passed"], trial["reverted"]) == (0.4, True, False)
        assert trial["watched_s"] >= 0.4
        assert seen.read_text().split() == [str(s.pid)] * 2, "at once, and at the end"
        s.expect("new", reject="old")


def test_a_process_crashes(family: Path, crashing: Path) -> None:
    with servers(family, 4) as s:
        s.ask()
        with on_trial(s.pid, crashing, "--trial", 20) as process:
            s.sockets.pop().sendall(b"!\n")
            answer = outcome(process)
        assert answer.code == 1, answer
        assert answer.json["applied"] is False
        assert "crashed: Illegal instruction" in answer.json["reason"]
        trial = answer.json["trial"]
        assert (trial["passed"], trial["reverted"], trial["stuck"]) == (False, True, None)
        assert trial["watched_s"] < 15
        s.expect("old", reject="new")
        status = ctl("status", s.pid, "--json").json
        assert status["patches"] == []
        assert len(status["reverted"]) == 1


def test_a_process_ends(family: Path, patch: Path) -> None:
    """A session that is over is no crash."""
    with servers(family, 4) as s:
        s.ask()
        with on_trial(s.pid, patch, "--trial", 1) as process:
            s.sockets.pop().close()
            answer = outcome(process)
        assert answer.code == 0, answer
        s.expect("new", reject="old")


def test_all_end(family: Path, patch: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        with on_trial(s.pid, patch, "--trial", 20) as process:
            while s.sockets:
                s.sockets.pop().close()
            s.process.wait()
            answer = outcome(process)
        assert answer.code == 1, answer
        assert answer.json["reason"] == "no process of the program lives any more"
        assert answer.json["trial"]["reverted"] is False


@pytest.mark.parametrize(
    ("health", "reason"),
    [("exit 7", "exit code 7"), ("kill -9 $$", "Killed"), ("sleep 60", "did not end within 0.6")],
)
def test_health(family: Path, patch: Path, health: str, reason: str) -> None:
    with servers(family, 3) as s:
        s.ask()
        words = ["--trial", 20, "--health", health, "--timeout", 0.6]
        answer = ctl("apply", s.pid, patch, *words, "--json")
        assert answer.code == 1, answer
        assert "the health command" in answer.json["reason"]
        assert reason in answer.json["reason"]
        assert answer.json["trial"]["reverted"] is True
        s.expect("old", reject="new")
        answer = ctl("apply", s.pid, patch, *words)
        assert answer.code == 1
        assert "taken back" in answer.err
        s.expect("old", reject="new")


def test_one_that_fails_late(family: Path, patch: Path, tmp_path: Path) -> None:
    gone = tmp_path / "well"
    gone.touch()
    with servers(family, 2) as s:
        s.ask()
        with on_trial(s.pid, patch, "--trial", 20, "--health", f"test -e {gone}") as process:
            s.expect("new", reject="old")
            gone.unlink()
            answer = outcome(process)
        assert answer.code == 1, answer
        assert answer.json["reason"] == "the health command failed: exit code 1"
        s.expect("old", reject="new")


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_dsuctl_is_asked_to_end(family: Path, patch: Path, by: signal.Signals) -> None:
    with servers(family, 2) as s:
        s.ask()
        with on_trial(s.pid, patch, "--trial", 20) as process:
            process.send_signal(by)
            answer = outcome(process)
        assert answer.code == 1, answer
        assert "asked to end" in answer.json["reason"]
        s.expect("old", reject="new")


def test_nobody_else_updates_meanwhile(family: Path, patch: Path, next_patch: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        with on_trial(s.pid, patch, "--trial", 20):
            for words in (["apply", s.pid, next_patch], ["revert", s.pid]):
                answer = ctl(*words)
                assert answer.code == 1
                assert "another dsuctl is updating this program" in answer.err
            s.expect("new", reject="old")


def test_needs_a_way_back(family: Path, patch: Path, staying: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        assert ctl("apply", s.pid, patch).code == 0
        answer = ctl("apply", s.pid, staying, "--trial", 1, "--json")
        assert answer.code == 1
        assert "cannot be taken back: it has eaten the old state" in answer.json["reason"]
        s.expect("new", reject="third")


@contextmanager
def reaper(program: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=support.environment(),
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def ask(process: subprocess.Popen[bytes], what: bytes) -> bytes:
    assert process.stdin
    assert process.stdout
    process.stdin.write(what)
    process.stdin.flush()
    return process.stdout.readline()


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_a_worker_that_is_reaped_at_once(built: Path, mode: str) -> None:
    """By the time that dsuctl looks only its parent knows how it ended."""
    programs = []
    for define in ("-DOLD", "-DNEW"):
        folder = built / f"reaper-{mode}{define}"
        folder.mkdir()
        programs.append(support.dsucc_program("reaper", folder, mode, define)[0])
    patch = built / f"reaper-{mode}-patch"
    made = toolchain.dsupatch(*programs, "-o", patch)
    assert made.code == 0, made.err
    with reaper(programs[0]) as process:
        assert ask(process, b"x") == b"old\n"
        with on_trial(process.pid, patch, "--trial", 1) as trial:
            assert ask(process, b"qx") == b"new\n", "one that ends is no crash"
            answer = outcome(trial)
        assert answer.code == 0, answer
        assert ctl("revert", process.pid).code == 0
        with on_trial(process.pid, patch, "--trial", 20) as trial:
            ask(process, b"!x")
            answer = outcome(trial)
        assert answer.code == 1, answer
        assert "crashed: Aborted" in answer.json["reason"]
        assert ask(process, b"x") == b"old\n"


@pytest.mark.parametrize(
    "words",
    [["apply", "1", "p", "--trial", "0"], ["check", "1", "p", "--trial", "2"],
     ["apply", "1", "p", "--health", "true"], ["revert", "1", "--trial", "2"]],
)  # fmt: skip
def test_usage_of_trial(words: list[str]) -> None:
    assert ctl(*words).code == 2
