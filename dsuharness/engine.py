"""The container engine: reach it, and start it where no init system does.

`python -m dsuharness.engine` makes sure that one runs and says which.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException

from dsuharness.cache import cache_dir, locked
from dsuharness.errors import HarnessError, InfrastructureError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_URL = "unix:///var/run/docker.sock"
PING_TIMEOUT_SECONDS = 10
# An image import moves hundreds of megabytes through one request.
REQUEST_TIMEOUT_SECONDS = 300
START_TIMEOUT_SECONDS = 90
LOG_TAIL_LINES = 15

# Daemons outlive us on purpose; holding their handles keeps Python from
# warning that a child was never waited for.
_left_running: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Daemon:
    """How a `dockerd` is reached and, if need be, started.

    `url` is None for wherever the environment (DOCKER_HOST) or Docker's own
    default points.  `run_dir` holds its pid files, `arguments` go to `dockerd`.
    """

    url: str | None = None
    run_dir: Path = Path("/var/run")
    arguments: Sequence[str] = ()
    log: Path = field(default_factory=lambda: cache_dir() / "dockerd.log")


def connect(daemon: Daemon | None = None) -> docker.DockerClient:
    """Return a client of a running engine; InfrastructureError if none answers."""
    url = (daemon.url if daemon else None) or os.environ.get("DOCKER_HOST") or DEFAULT_URL
    client = None
    try:
        _check_that_someone_listens(url)
        if daemon and daemon.url:
            client = docker.DockerClient(base_url=url, timeout=PING_TIMEOUT_SECONDS)
        else:
            client = docker.from_env(timeout=PING_TIMEOUT_SECONDS)
        client.ping()
    except (DockerException, OSError) as error:
        if client is not None:
            client.close()
        raise InfrastructureError(f"no container engine answers at {url}: {error}") from error
    client.api.timeout = REQUEST_TIMEOUT_SECONDS
    return client


def _check_that_someone_listens(url: str) -> None:
    """Raise OSError if nobody does; the SDK would leave its sockets open on its way out."""
    if url.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(url.removeprefix("unix://"))


def ensure_running(daemon: Daemon | None = None) -> docker.DockerClient:
    """Return a client, starting `dockerd` in the background if no engine answers.

    Only root can start one, and only where DOCKER_HOST does not point
    elsewhere: a remote engine that is down is not ours to replace.
    """
    daemon = daemon or Daemon()
    with locked("engine"):
        try:
            return connect(daemon)
        except InfrastructureError as error:
            _refuse_if_not_ours_to_start(daemon, error)
        _remove_stale_pid_files(daemon.run_dir)
        return _start(daemon)


def _refuse_if_not_ours_to_start(daemon: Daemon, cause: InfrastructureError) -> None:
    if daemon.url is None and os.environ.get("DOCKER_HOST"):
        raise InfrastructureError(
            f"{cause}\nDOCKER_HOST names the engine; start it there"
        ) from cause
    if os.geteuid() != 0:
        raise InfrastructureError(
            f"{cause}\nstart one (systemctl start docker), or run as root to have it started, "
            "or choose --backend process"
        ) from cause
    if shutil.which("dockerd") is None:
        raise ToolMissing("dockerd is not installed: make packages (Debian's docker.io)") from cause


def _remove_stale_pid_files(run_dir: Path) -> None:
    """Remove pid files whose number now belongs to another program.

    After an unclean end `dockerd` believes its old pid file if *any* process
    has the number, and refuses to start; the same goes for its containerd.
    """
    for name, program in (
        ("docker.pid", "dockerd"),
        ("docker/containerd/containerd.pid", "containerd"),
    ):
        path = run_dir / name
        try:
            pid = int(path.read_text())
        except (OSError, ValueError):
            continue
        if _program_of(pid) != program:
            path.unlink(missing_ok=True)


def _program_of(pid: int) -> str | None:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return None


def _start(daemon: Daemon) -> docker.DockerClient:
    with daemon.log.open("ab") as log:
        process = subprocess.Popen(
            ["dockerd", "--log-level=warn", *daemon.arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # A Ctrl-C in our terminal must not stop the engine under a run's containers.
            start_new_session=True,
        )
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _failed(daemon, f"dockerd ended with status {process.returncode}")
        try:
            client = connect(daemon)
        except InfrastructureError:
            time.sleep(0.2)
            continue
        _left_running.append(process)
        return client
    process.terminate()
    process.wait()
    raise _failed(daemon, f"dockerd did not answer within {START_TIMEOUT_SECONDS} s")


def _failed(daemon: Daemon, what: str) -> InfrastructureError:
    tail = daemon.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
    lines = "\n".join(f"    {line}" for line in tail)
    return InfrastructureError(f"{what}; the end of {daemon.log}:\n{lines}")


def main() -> int:
    """Make sure that an engine runs; print its version and storage driver."""
    try:
        with closing(ensure_running()) as client:
            info = client.info()
    except HarnessError as error:
        sys.stderr.write(f"engine: {error}\n")
        return int(error.exit_code)
    sys.stdout.write(f"engine: Docker {info['ServerVersion']}, {info['Driver']}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
