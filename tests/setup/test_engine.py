"""The engine: reached if it runs, started if we may, and refused with a reason if not."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsuharness import engine
from dsuharness.engine import Daemon
from dsuharness.errors import InfrastructureError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator


def nowhere(folder: Path, *arguments: str) -> Daemon:
    return Daemon(
        url=f"unix://{folder}/docker.sock",
        run_dir=folder,
        arguments=arguments,
        log=folder / "dockerd.log",
    )


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """Return a folder whose sockets fit into the 108 bytes that an address may have."""
    with tempfile.TemporaryDirectory(prefix="dsu-") as folder:
        yield Path(folder)
        # A daemon that did not end well leaves its data folder mounted on itself.
        subprocess.run(["umount", "--lazy", "--quiet", f"{folder}/data"], check=False)


@pytest.mark.docker
def test_a_running_engine_is_used_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_start", lambda _: pytest.fail("started a second engine"))
    with closing(engine.ensure_running()) as client:
        assert client.ping()


@pytest.mark.docker
@pytest.mark.root
def test_an_engine_is_started_where_none_runs(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second `dockerd`, with folders and socket of its own, beside the machine's.

    In a network namespace of its own too: `--bridge=none` would not leave the
    network alone but remove the first daemon's bridge.
    """
    program(short_path, "dockerd", f'exec unshare --net {shutil.which("dockerd")} "$@"')
    monkeypatch.setenv("PATH", str(short_path), prepend=os.pathsep)
    daemon = nowhere(
        short_path,
        f"--host=unix://{short_path}/docker.sock",
        f"--data-root={short_path}/data",
        f"--exec-root={short_path}/exec",
        f"--pidfile={short_path}/docker.pid",
    )
    with closing(engine.ensure_running(daemon)) as client:
        pid = int((short_path / "docker.pid").read_text())
        try:
            assert client.info()["DockerRootDir"] == f"{short_path}/data"
            assert os.getsid(pid) == pid, "a Ctrl-C in our terminal would end it"
            engine.ensure_running(daemon).close()
            assert int((short_path / "docker.pid").read_text()) == pid
        finally:
            end(pid)


def end(pid: int) -> None:
    """Stop a daemon that is a child of ours, and wait until it is gone."""
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    for process in engine._left_running:
        if process.pid == pid:
            process.wait(deadline - time.monotonic())


@pytest.mark.root
def test_an_engine_that_cannot_start_shows_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "dockerd", "echo 'no space left on device' >&2; exit 7")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(InfrastructureError, match=r"status 7(.|\n)*no space left on device"):
        engine.ensure_running(nowhere(tmp_path))


@pytest.mark.root
def test_an_engine_that_never_answers_is_given_up_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "dockerd", f"echo $$ > {tmp_path}/pid; echo waiting; exec sleep 60")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(engine, "START_TIMEOUT_SECONDS", 1)
    with pytest.raises(InfrastructureError, match=r"did not answer within 1 s(.|\n)*waiting"):
        engine.ensure_running(nowhere(tmp_path))
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


@pytest.mark.root
def test_a_missing_dockerd_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match=r"docker\.io"):
        engine.ensure_running(nowhere(tmp_path))


def test_an_engine_elsewhere_is_not_ours_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/remote.sock")
    with pytest.raises(InfrastructureError, match="DOCKER_HOST names the engine"):
        engine.ensure_running()


def test_without_root_the_ways_out_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(InfrastructureError, match="--backend process"):
        engine.ensure_running(nowhere(tmp_path))


def test_pid_files_of_other_programs_are_removed(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "docker.pid", tmp_path / "docker/containerd/containerd.pid"
    theirs.parent.mkdir(parents=True)
    ours.write_text(str(os.getpid()))
    theirs.write_text("999999999")
    engine._remove_stale_pid_files(tmp_path)
    assert not ours.exists()
    assert not theirs.exists()
