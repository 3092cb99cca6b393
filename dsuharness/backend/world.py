"""A place where subjects are built and run, and what can be asked of it.

Backends differ only in how they open a world; inside each lives the same agent,
so all that follows is written once.
"""

from __future__ import annotations

import itertools
import json
import queue
import shutil
import socket
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ..errors import BuildFailed, InfrastructureError, StepTimedOut

CONTROL = "/dsu/control"
"""Where the folder shared with the harness (socket, logs, patches) stands in a world."""

AGENT_PATIENCE = 30.0
"""Seconds that a fresh world has for its first word."""


@dataclass(frozen=True)
class Mount:
    """A folder of the harness's machine, and where a world sees it."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class WorldSpec:
    """What a world must have.

    `image` names a folder of images/; `core` is the processor that everything in
    the world is bound to; `port` is the well-known one of the subject, where the
    world has a network of its own.
    """

    run_id: str
    image: str
    mounts: tuple[Mount, ...]
    core: int
    port: int = 0


@dataclass(frozen=True)
class Completed:
    """A command that ran to its end."""

    argv: list[str]
    code: int
    out: str
    err: str
    started_ns: int
    ended_ns: int
    cpu_ns: int

    def or_fail(self, what: str) -> Self:
        """Raise `BuildFailed` with the last output unless it ended with 0."""
        if self.code != 0:
            tail = "\n".join((self.out + self.err).splitlines()[-25:])
            words = " ".join(_shown(word) for word in self.argv)
            raise BuildFailed(f"{what}: exit code {self.code}: {words}\n{tail}")
        return self


def _shown(word: str) -> str:
    """An argument may be a whole script."""
    first, more, _ = word.partition("\n")
    return f"{first} …" if more else first


@dataclass(frozen=True)
class Pending:
    """A request on its way; `wait` blocks for the answer."""

    world: World
    op: str
    box: queue.SimpleQueue[dict[str, Any]] = field(default_factory=queue.SimpleQueue)

    def wait(self, timeout: float) -> dict[str, Any]:
        """The answer; raises with the world's state if none comes."""
        try:
            reply = self.box.get(timeout=timeout)
        except queue.Empty:
            raise StepTimedOut(f"world's '{self.op}'", timeout, self.world.state()) from None
        if "error" in reply:
            raise InfrastructureError(f"{self.world.name}: {self.op}: {reply['error']}")
        value = reply["ok"]
        assert isinstance(value, dict)
        return value


class World:
    """A running agent, and the address at which subjects started by it are reached."""

    name = "world"

    def __init__(self, listener: socket.socket, control: Path, host: str, port: int) -> None:
        self.control = control
        self.host = host
        self.port = port
        self._numbers = itertools.count(1)
        self._pending: dict[int, Pending] = {}
        self._lock = threading.Lock()
        self._connection = self._accept(listener)
        threading.Thread(target=self._read, name="world-reader", daemon=True).start()

    def _accept(self, listener: socket.socket) -> socket.socket:
        listener.settimeout(AGENT_PATIENCE)
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            raise StepTimedOut(
                "first word of a world's agent", AGENT_PATIENCE, self.state()
            ) from None
        finally:
            listener.close()
        connection.settimeout(None)
        return connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the agent and with it all that it started."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the world ended first
        finally:
            self._connection.close()

    def state(self) -> str:
        """What is known when something goes wrong: state and last output."""
        return ""

    def send(self, op: str, **arguments: Any) -> Pending:
        """Ask without waiting."""
        number = next(self._numbers)
        pending = Pending(self, op)
        with self._lock:
            self._pending[number] = pending
            line = json.dumps({"id": number, "op": op, **arguments})
            try:
                self._connection.sendall(line.encode() + b"\n")
            except OSError as error:
                raise InfrastructureError(f"the world is gone: {error}\n{self.state()}") from error
        return pending

    def ask(self, op: str, timeout: float = 60.0, **arguments: Any) -> dict[str, Any]:
        """Ask and wait."""
        return self.send(op, **arguments).wait(timeout)

    def start(
        self, argv: list[str], *, env: dict[str, str] | None = None, cwd: str = "/", timeout: float
    ) -> Pending:
        """Start a command whose end is waited for later."""
        return self.send("run", argv=argv, env=env or {}, cwd=cwd, timeout=timeout)

    def run(
        self,
        argv: list[str],
        *,
        env: dict[str, str] | None = None,
        cwd: str = "/",
        timeout: float = 60.0,
    ) -> Completed:
        """Run a command in the world to its end."""
        pending = self.start(argv, env=env, cwd=cwd, timeout=timeout)
        return Completed(argv=argv, **pending.wait(timeout + 5))

    def _read(self) -> None:
        try:
            with self._connection.makefile("r", encoding="utf-8") as lines:
                for line in lines:
                    reply = json.loads(line)
                    self._pending.pop(reply["id"]).box.put(reply)
        except OSError:
            pass  # closed by us, or the world died; both are told below
        for pending in list(self._pending.values()):
            pending.box.put({"error": f"the world ended\n{self.state()}"})


def control_folder(stack: ExitStack) -> Path:
    """A fresh folder to share with a world, removed with `stack`."""
    folder = Path(tempfile.mkdtemp(prefix="dsu-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    # Open to search, for unprivileged processes of the subject; the agent's
    # socket in it is the owner's alone.
    folder.chmod(0o711)
    return folder


def listen(control: Path) -> socket.socket:
    """The socket that a world's agent will connect to."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(control / "agent.sock"))
    (control / "agent.sock").chmod(0o600)
    listener.listen(1)
    return listener
