"""Worlds without an engine: PID and mount namespaces over the machine's own files.

The root of such a world is an overlay: the machine's file system below, a tmpfs
above, so users, folders and files that a subject needs are made by the same
`provision.sh` as in an image, and vanish with the world.
"""

from __future__ import annotations

import json
import platform
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Self

from ..errors import InfrastructureError
from ..places import IMAGES
from .world import CONTROL, Mount, World, WorldSpec, control_folder, listen

NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"]


class ProcessWorld(World):
    """A world whose first process is a child of ours."""

    name = "process"

    def __init__(
        self, listener: socket.socket, control: Path, port: int, child: subprocess.Popen[bytes]
    ) -> None:
        self._child = child
        super().__init__(listener, control, "127.0.0.1", port)

    def state(self) -> str:
        """Exit code of the first process, and the end of its log."""
        log = (self.control / "world.log").read_text(errors="replace")[-2000:]
        return f"first process: exit code {self._child.poll()}\n{log}"

    def close(self) -> None:
        """End the agent; kill the namespace if it does not follow."""
        super().close()
        try:
            self._child.wait(5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(5)


class ProcessBackend:
    """The machine itself, as far as its namespaces are open to us."""

    name = "process"

    def __init__(self) -> None:
        trial = subprocess.run([*NAMESPACES, "true"], capture_output=True, text=True, check=False)
        if trial.returncode != 0:
            raise InfrastructureError(
                "the process backend needs mount and PID namespaces, which this machine refuses: "
                f"{trial.stderr.strip()} (run as root, or use --backend docker)"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass  # there is nobody to let go of

    def identity(self, image: str) -> str:
        """The compiler and the C library are those of the machine."""
        gcc = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True)
        return (
            f"process {platform.platform()} {gcc.stdout.splitlines()[0]} {_provision_digest(image)}"
        )

    def describe(self) -> dict[str, str]:
        """For the result's `environment`."""
        return {"backend": "process", "machine": platform.platform()}

    def sweep(self) -> list[str]:
        """Nothing outlives its agent here: the kernel ends a namespace with it."""
        return []

    @contextmanager
    def open(self, spec: WorldSpec) -> Iterator[World]:
        """A fresh world on an overlay of the machine's root."""
        with ExitStack() as stack:
            control = control_folder(stack)
            listener = listen(control)
            child = _enter(_order(spec, control), control / "world.log")
            world = stack.enter_context(ProcessWorld(listener, control, _free_port(), child))
            provision = f"/dsu/images/{spec.image}/provision.sh"
            world.run(["sh", provision], timeout=60).or_fail(f"setting up {spec.image}")
            yield world


def _enter(order: dict[str, object], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as sink:
        child = subprocess.Popen(
            [*NAMESPACES, sys.executable, "-I", str(Path(__file__).with_name("enter.py"))],
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=sink,
        )
    assert child.stdin is not None
    with child.stdin as stdin:
        stdin.write(json.dumps(order).encode())
    return child


def _order(spec: WorldSpec, control: Path) -> dict[str, object]:
    mounts = [
        *spec.mounts,
        Mount(control, CONTROL, writable=True),
        Mount(IMAGES, "/dsu/images"),
        Mount(Path(__file__).parent, "/dsu/agent"),
    ]
    return {
        "mounts": [[str(m.source), m.target, m.writable] for m in mounts],
        "core": spec.core,
        "socket": f"{CONTROL}/agent.sock",
    }


def _free_port() -> int:
    """A port nobody listens on now; the world shares the machine's network."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _provision_digest(image: str) -> str:
    script = IMAGES / image / "provision.sh"
    return sha256(script.read_bytes()).hexdigest()[:16]
