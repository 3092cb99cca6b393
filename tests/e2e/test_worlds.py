"""Worlds of both backends: what can be done in them, and that nothing of them stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil
import pytest

from dsuharness.backend import Backend, Mount, WorldSpec, choose
from dsuharness.errors import BuildFailed, InfrastructureError
from dsuharness.places import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

BACKENDS = [
    pytest.param("docker", marks=pytest.mark.docker),
    pytest.param("process", marks=pytest.mark.root),
]
SPEC = WorldSpec("test", "vsftpd", (), core=min(os.sched_getaffinity(0)), port=21)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    with choose(request.param) as chosen:
        assert chosen.name == request.param
        yield chosen


def test_commands_and_their_failures(backend: Backend) -> None:
    with backend.open(SPEC) as world:
        done = world.run(["sh", "-c", "echo out; echo err >&2; exit 3"])
        assert (done.code, done.out, done.err) == (3, "out\n", "err\n")
        with pytest.raises(BuildFailed, match="trying: exit code 3"):
            done.or_fail("trying")
        with pytest.raises(InfrastructureError, match="TimeoutExpired"):
            world.run(["sleep", "60"], timeout=0.2)
        assert world.run(["getent", "passwd", "ftp"]).out.split(":")[5] == "/srv/ftp"


def test_mounts_are_read_only_unless_asked(backend: Backend, tmp_path: Path) -> None:
    mounts = (Mount(tmp_path, "/seen"), Mount(tmp_path, "/written", writable=True))
    spec = WorldSpec("test", "vsftpd", mounts, core=SPEC.core)
    with backend.open(spec) as world:
        assert world.run(["touch", "/seen/a"]).code != 0
        assert world.run(["touch", "/written/a"]).code == 0
        assert world.run(["test", "-f", "/seen/a"]).code == 0
    assert (tmp_path / "a").exists()


def test_nothing_that_is_done_inside_shows_outside(backend: Backend, tmp_path: Path) -> None:
    with backend.open(SPEC) as world:
        world.run(["sh", "-c", f"mkdir -p {tmp_path} && touch {tmp_path}/inside"])
        assert world.run(["test", "-f", f"{tmp_path}/inside"]).code == 0
    assert not (tmp_path / "inside").exists()


def test_a_spawned_program_has_a_family_and_ends_with_the_world(backend: Backend) -> None:
    marker = f"31{os.getpid()}"
    with backend.open(SPEC) as world:
        script = f"sleep {marker} & exec sleep {marker}"
        argv = ["sh", "-c", script]
        pid = world.ask("spawn", argv=argv, env={}, cwd="/", log="/dsu/control/log")["pid"]
        wait_until(lambda: len(world.ask("family", pid=pid)["processes"]) == 2)
        assert world.ask("poll", pid=pid)["code"] is None
        assert len(running(marker)) == 2
    wait_until(lambda: not running(marker))


def test_nothing_is_left_by_a_harness_that_is_killed(backend: Backend) -> None:
    marker = f"32{os.getpid()}"
    harness = subprocess.Popen(
        [sys.executable, "-c", KILLED, backend.name, marker], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert harness.stdout is not None
    with harness.stdout as stdout:
        assert stdout.readline() == b"ready\n"
        wait_until(lambda: bool(running(marker)))  # spawned, but perhaps not yet under its name
        harness.send_signal(signal.SIGKILL)
        harness.wait(10)
    wait_until(lambda: not running(marker))
    backend.sweep()
    assert not backend.sweep()


KILLED = """
import os, sys, time
from dsuharness.backend import WorldSpec, choose
spec = WorldSpec("test", "vsftpd", (), core=min(os.sched_getaffinity(0)), port=21)
with choose(sys.argv[1]) as backend, backend.open(spec) as world:
    argv = ["sleep", sys.argv[2]]
    world.ask("spawn", argv=argv, env={}, cwd="/", log="/dsu/control/log")
    print("ready", flush=True)
    time.sleep(600)
"""


def running(marker: str) -> list[int]:
    """Processes of this machine, containers included, that sleep for `marker` seconds."""
    return [
        p.pid for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", marker]
    ]


def wait_until(true: object, seconds: float = 15.0) -> None:
    assert callable(true)
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
