"""The harness's end of the load generator's process."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self

from .errors import InfrastructureError, StepTimedOut
from .journal import Scribe
from .places import PROJECT


class Load:
    """A running load generator; its events go to the journal as they come."""

    def __init__(self, order: dict[str, Any], core: int, log: Path, scribe: Scribe) -> None:
        self._log = log
        self._scribe = scribe
        self._wire, theirs = socket.socketpair()
        path = os.pathsep.join(
            filter(None, [str(PROJECT / "loadgen"), os.environ.get("PYTHONPATH")])
        )
        with log.open("ab") as sink, theirs:
            self._process = subprocess.Popen(
                ["taskset", "-c", str(core), sys.executable, "-m", "dsuload", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )
        self._send(order)
        self._reader = threading.Thread(target=self._relay, name="load-reader", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The generator exits when its wire ends; a stuck one is killed."""
        with self._wire:
            if self._process.poll() is None:
                self._wire.shutdown(socket.SHUT_RDWR)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
            self._reader.join(5)

    def release(self, latch: str) -> None:
        """Open a latch that sessions wait at."""
        self._send({"release": latch})

    def wait_end(self, seconds: float) -> None:
        """Wait until every session has ended and the summary is in the journal."""
        self._reader.join(seconds)
        if self._reader.is_alive():
            raise StepTimedOut("end of the load", seconds, self.state())
        code = self._process.wait(10)
        if code != 0:
            raise InfrastructureError(f"the load generator ended with {code}\n{self.state()}")

    def state(self) -> str:
        """Whether it runs, and the end of what it said."""
        code = self._process.poll()
        said = self._log.read_text(errors="replace")[-2000:]
        return f"load generator {'runs' if code is None else f'ended with {code}'}\n{said}"

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._wire.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise InfrastructureError(f"the load generator is gone\n{self.state()}") from error

    def _relay(self) -> None:
        try:
            with self._wire.makefile("r", encoding="utf-8") as lines:
                for line in lines:
                    self._scribe.relay(json.loads(line))
        except OSError:
            pass  # our own shutdown; the event below tells the rest
        self._scribe.note("load-ended", error="the load generator ended")
