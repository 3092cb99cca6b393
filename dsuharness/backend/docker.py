"""Worlds in containers.

Everything made here carries the label `dsuharness=<run id>` and the identity of
the process that made it.  A container ends with its agent and the agent with
its connection to us, so even a harness killed by SIGKILL leaves none running;
what it may leave (an ended container, its network) the next run's sweep or
`dsuharness gc` removes.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil
from docker.errors import APIError, BuildError, DockerException, ImageNotFound, NotFound

from dsuharness import base_image, engine

from ..cache import locked
from ..errors import BuildFailed, InfrastructureError
from ..places import IMAGES
from .world import CONTROL, Mount, World, WorldSpec, control_folder, listen

if TYPE_CHECKING:
    from docker.models.containers import Container
    from docker.models.networks import Network

LABEL = "dsuharness"
OWNER = "dsuharness.owner"
REMOVALS = 25

CAPABILITIES = [
    "SYS_ADMIN",  # vsFTPd's stock isolation: sessions in PID and network namespaces of their own
    "SYS_PTRACE",  # dsuctl looks into processes that changed their user
    "SYS_NICE",  # dsuctl waits for no processor while the program stands
]


class DockerWorld(World):
    """A world that is a container."""

    name = "docker"

    def __init__(
        self, listener: socket.socket, control: Path, container: Container, port: int
    ) -> None:
        self._container = container
        container.reload()
        networks = container.attrs["NetworkSettings"]["Networks"]
        host = next((n["IPAddress"] for n in networks.values() if n["IPAddress"]), "")
        super().__init__(listener, control, host, port)

    def state(self) -> str:
        """The container's state and the end of its output."""
        try:
            self._container.reload()
            output = self._container.logs(tail=20).decode(errors="replace")
        except DockerException as error:
            return f"container is gone: {error}"
        return f"container is {self._container.status}\n{output}"


class DockerBackend:
    """The engine that answers on this machine."""

    name = "docker"

    def __init__(self) -> None:
        self._client = engine.connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def identity(self, image: str) -> str:
        """The image's tag, which is a digest of all that it was made of."""
        return f"docker {self._image(image)}"

    def describe(self) -> dict[str, str]:
        """For the result's `environment`."""
        version = self._client.version()
        return {
            "backend": "docker",
            "engine": version["Version"],
            "kernel": version["KernelVersion"],
        }

    def sweep(self) -> list[str]:
        """Remove containers and networks whose harness is no longer alive."""
        removed = []
        # Others sweep, too: a container may go between its being listed and asked about.
        listed = self._client.containers.list(
            all=True, filters={"label": OWNER}, ignore_removed=True
        )
        for container in listed:
            if not _alive(container.labels[OWNER]):
                _remove_container(container)
                removed.append(f"container {container.name}")
        for network in self._client.networks.list(filters={"label": OWNER}):
            if not _alive(network.attrs["Labels"][OWNER]):
                _remove_network(network)
                removed.append(f"network {network.name}")
        return removed

    @contextmanager
    def open(self, spec: WorldSpec) -> Iterator[World]:
        """A fresh container on a network of its own that leads nowhere else."""
        image = self._image(spec.image)
        with contextlib.ExitStack() as stack:
            control = control_folder(stack)
            listener = listen(control)
            try:
                network = self._client.networks.create(
                    control.name, internal=True, labels=_labels(spec)
                )
                stack.callback(_remove_network, network)
                container = self._client.containers.create(
                    image,
                    ["python3", "-I", "/dsu/agent/agent.py", f"{CONTROL}/agent.sock"],
                    network=network.name,
                    **_settings(spec, control),
                )
                stack.callback(_remove_container, container)
                container.start()
            except APIError as error:
                raise InfrastructureError(f"the engine refuses: {error.explanation}") from error
            yield stack.enter_context(DockerWorld(listener, control, container, spec.port))

    def _image(self, name: str) -> str:
        """The tag of images/<name>, built if this engine does not have it."""
        base = base_image.ensure(self._client)
        tag = f"{LABEL}/{name}:{_folder_digest(IMAGES / name, base)}"
        with locked(f"image-{name}"):
            try:
                self._client.images.get(tag)
            except ImageNotFound:
                self._build(name, base, tag)
        return tag

    def _build(self, name: str, base: str, tag: str) -> None:
        try:
            self._client.images.build(
                path=str(IMAGES / name),
                tag=tag,
                buildargs={"BASE": base},
                labels={LABEL: "image"},
                network_mode="none",
                rm=True,
                forcerm=True,
            )
        except BuildError as error:
            lines = [str(entry.get("stream", "")) for entry in error.build_log]
            raise BuildFailed(f"image {name}: {error.msg}\n{''.join(lines)[-2000:]}") from error


def _settings(spec: WorldSpec, control: Path) -> dict[str, Any]:
    mounts = [
        *spec.mounts,
        Mount(control, CONTROL, writable=True),
        Mount(Path(__file__).parent, "/dsu/agent"),
    ]
    return {
        "labels": _labels(spec),
        "cap_add": CAPABILITIES,
        "cpuset_cpus": str(spec.core),
        "volumes": [f"{m.source}:{m.target}:{'rw' if m.writable else 'ro'}" for m in mounts],
        # As in the process backend: transfers must not measure a disk.
        "tmpfs": {"/srv": "mode=755", "/tmp": "mode=1777", "/run": "mode=755"},
    }


def _labels(spec: WorldSpec) -> dict[str, str]:
    return {LABEL: spec.run_id, OWNER: _owner()}


def _remove_container(container: Container) -> None:
    """It may be ending by itself; then the engine can neither kill nor remove it for an instant."""
    for left in reversed(range(REMOVALS)):
        try:
            container.remove(force=True)
        except NotFound:
            return
        except APIError as error:
            if not left:
                raise InfrastructureError(f"the engine refuses: {error.explanation}") from error
            time.sleep(0.2)
        else:
            return


def _remove_network(network: Network) -> None:
    with contextlib.suppress(NotFound):
        network.remove()


def _folder_digest(folder: Path, base: str) -> str:
    digest = sha256(base.encode())
    for file in sorted(folder.iterdir()):
        digest.update(f"\n{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _owner() -> str:
    """Process id and start time: ids are used again, pairs are not."""
    return f"{os.getpid()}-{psutil.Process().create_time():.2f}"


def _alive(owner: str) -> bool:
    pid, _, started = owner.partition("-")
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" == started
    except (psutil.NoSuchProcess, ValueError):
        return False
