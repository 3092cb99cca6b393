"""One connection to a memcached, speaking its text protocol and telling of everything that it does.

Nothing here reconnects: an error ends the session and is told.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from dsuload.transfer import BLOCK, TIMEOUT, Tell, Transfer, ends_of, stream


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
        transfer = Transfer("RETR", path, size, began=self.ends())
        self._socket.sendall(f"get {path}\r\n".encode())
        head = self._line().split()
        if head[0] != "VALUE":
            raise Refused(f"get {path}: {' '.join(head)}")
        count, length = 0, int(head[3])
        while count < length:
            if count == at:
                pause()
            limit = min(BLOCK, length - count, at - count if count < at else length)
            block = self._replies.read(limit)
            if not block:
                raise EOFError("the server closed the connection in a value")
            transfer.content.add(block)
            count += len(block)
        self._line()
        reply, transfer.ended = self._line(), self.ends()
        transfer.told(self._tell, reply)

    def store(self, path: str, size: int, at: int, pause: Callable[[], None], seed: str) -> None:
        """Set a value of `size` reproducible bytes; having written `at` of them, stop."""
        transfer, count = Transfer("STOR", path, size, began=self.ends()), 0
        self._socket.sendall(f"set {path} 0 0 {size}\r\n".encode())
        for block in stream(seed, size, at):
            if count == at:
                pause()
            self._socket.sendall(block)
            transfer.content.add(block)
            count += len(block)
        self._socket.sendall(b"\r\n")
        reply, transfer.ended = self._line(), self.ends()
        transfer.told(self._tell, reply)

    def ends(self) -> dict[str, Any]:
        """Both ends of the connection, as the kernel has them now."""
        return ends_of(self._socket)

    def quit(self) -> None:
        """Say goodbye and close."""
        self._socket.sendall(b"quit\r\n")
        self._socket.close()
