"""One connection to a memcached, speaking its text protocol and telling of everything that it does.

Nothing here reconnects: an error ends the session and is told.
"""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable
from typing import Any

from dsuload.ftp import BLOCK, TIMEOUT, Tell, ends_of, stream


class Refused(OSError):
    """An answer that says no."""


class Session:
    """A connection; its operations are named as FTP's are, which triggers refer to."""

    def __init__(self, host: str, port: int, tell: Tell) -> None:
        self._tell = tell
        self._socket = socket.create_connection((host, port), timeout=TIMEOUT)
        self._replies = self._socket.makefile("rb")
        self._tell("connected", channel="control", **self.ends())

    def login(self, user: str, password: str) -> None:
        """Memcached knows no users."""

    def _line(self) -> str:
        line = self._replies.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError("the server closed the connection")
        return line[:-2].decode()

    def ask(self, command: str, phase: str) -> str:
        """Send a command of one line, tell its answer with both times, and return it."""
        sent = time.monotonic_ns()
        self._socket.sendall(command.encode() + b"\r\n")
        text = self._line()
        received = time.monotonic_ns()
        self._tell("reply", command=command, text=text, sent=sent, received=received, phase=phase)
        return text

    def retrieve(self, path: str, size: int, at: int, pause: Callable[[], None]) -> None:
        """Get a value; having read exactly `at` bytes of it, stop reading for `pause`."""
        sent, began = time.monotonic_ns(), self.ends()
        self._socket.sendall(f"get {path}\r\n".encode())
        head = self._line().split()
        if head[0] != "VALUE":
            raise Refused(f"get {path}: {' '.join(head)}")
        digest, count, length = hashlib.sha256(), 0, int(head[3])
        while count < length:
            if count == at:
                pause()
            limit = min(BLOCK, length - count, at - count if count < at else length)
            block = self._replies.read(limit)
            if not block:
                raise EOFError("the server closed the connection in a value")
            digest.update(block)
            count += len(block)
        self._line()
        self._finish("RETR", path, sent, began, count, size, digest.hexdigest(), self._line())

    def store(self, path: str, size: int, at: int, pause: Callable[[], None], seed: str) -> None:
        """Set a value of `size` reproducible bytes; having written `at` of them, stop."""
        sent, began = time.monotonic_ns(), self.ends()
        digest, count = hashlib.sha256(), 0
        self._socket.sendall(f"set {path} 0 0 {size}\r\n".encode())
        for block in stream(seed, size, at):
            if count == at:
                pause()
            self._socket.sendall(block)
            digest.update(block)
            count += len(block)
        self._socket.sendall(b"\r\n")
        self._finish("STOR", path, sent, began, count, size, digest.hexdigest(), self._line())

    def _finish(
        self,
        op: str,
        path: str,
        sent: int,
        began: dict[str, Any],
        count: int,
        size: int,
        digest: str,
        reply: str,
    ) -> None:
        self._tell(
            "transferred",
            op=op,
            path=path,
            bytes=count,
            wanted=size,
            sha256=digest,
            reply=reply,
            began=began,
            ended=self.ends(),
            sent=sent,
            received=time.monotonic_ns(),
        )

    def ends(self) -> dict[str, Any]:
        """Both ends of the connection, as the kernel has them now."""
        return ends_of(self._socket)

    def quit(self) -> None:
        """Say goodbye and close."""
        self._socket.sendall(b"quit\r\n")
        self._socket.close()
