"""One FTP session, byte by byte, telling of everything that it does.

Nothing here reconnects: an error ends the session and is told.
"""

from __future__ import annotations

import ftplib
import hashlib
import random
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

Tell = Callable[..., None]

BLOCK = 256 << 10
"""Bytes a read or a write; 8 KiB cost up to half of the throughput."""

TIMEOUT = 60.0
"""Seconds that a server may stay silent; longer than any pause that is to be measured."""


class Session:
    """A control connection and at most one transfer at a time."""

    def __init__(self, host: str, port: int, tell: Tell) -> None:
        self._tell = tell
        self._ftp = ftplib.FTP(timeout=TIMEOUT)
        self._ftp.connect(host, port)
        self._told_connected("control", self._control)

    @property
    def _control(self) -> socket.socket:
        assert self._ftp.sock is not None
        return self._ftp.sock

    def login(self, user: str, password: str) -> None:
        """Log in, binary from then on."""
        self._ftp.login(user, password)
        self._ftp.voidcmd("TYPE I")

    def ask(self, command: str, phase: str) -> str:
        """Send a command, tell the reply with both times, and return it."""
        sent = time.monotonic_ns()
        try:
            text = self._ftp.sendcmd(command)
        except (ftplib.error_perm, ftplib.error_temp) as error:
            text = str(error)  # a refusal is a reply, and is compared like one
        received = time.monotonic_ns()
        self._tell("reply", command=command, text=text, sent=sent, received=received, phase=phase)
        return text

    def retrieve(self, path: str, size: int, at: int, pause: Callable[[], None]) -> None:
        """Fetch `path`; having read exactly `at` bytes, stop reading for `pause`."""
        sent = time.monotonic_ns()
        data = self._ftp.transfercmd(f"RETR {path}")
        began = self._told_connected("data", data)
        digest, count = hashlib.sha256(), 0
        while True:
            if count == at:
                pause()
            limit = min(BLOCK, at - count) if count < at else BLOCK
            block = data.recv(limit)
            if not block:
                break
            digest.update(block)
            count += len(block)
        self._finish("RETR", path, data, began, sent, count, size, digest.hexdigest())

    def store(self, path: str, size: int, at: int, pause: Callable[[], None], seed: str) -> None:
        """Send `size` reproducible bytes; having written `at` of them, stop for `pause`."""
        sent = time.monotonic_ns()
        data = self._ftp.transfercmd(f"STOR {path}")
        began = self._told_connected("data", data)
        digest, count = hashlib.sha256(), 0
        for block in stream(seed, size, at):
            if count == at:
                pause()
            data.sendall(block)
            digest.update(block)
            count += len(block)
        self._finish("STOR", path, data, began, sent, count, size, digest.hexdigest())

    def _finish(
        self,
        op: str,
        path: str,
        data: socket.socket,
        began: dict[str, Any],
        sent: int,
        count: int,
        size: int,
        digest: str,
    ) -> None:
        ended = ends_of(data)
        data.close()
        reply = self._ftp.voidresp()
        self._tell(
            "transferred",
            op=op,
            path=path,
            bytes=count,
            wanted=size,
            sha256=digest,
            reply=reply,
            began=began,
            ended=ended,
            sent=sent,
            received=time.monotonic_ns(),
        )

    def ends(self) -> dict[str, Any]:
        """Both ends of the control connection, as the kernel has them now."""
        return ends_of(self._control)

    def quit(self) -> None:
        """Say goodbye and close."""
        self._ftp.quit()

    def _told_connected(self, channel: str, connection: socket.socket) -> dict[str, Any]:
        ends = ends_of(connection)
        self._tell("connected", channel=channel, **ends)
        return ends


def ends_of(connection: socket.socket) -> dict[str, Any]:
    """Both ends of a connection."""
    return {"local": connection.getsockname()[:2], "remote": connection.getpeername()[:2]}


def stream(seed: str, size: int, at: int) -> Iterator[bytes]:
    """`size` bytes in blocks, one of which begins at byte `at`."""
    source, count = random.Random(seed), 0
    while count < size:
        length = min(BLOCK, size - count, at - count if count < at else size)
        yield source.randbytes(length)
        count += length
