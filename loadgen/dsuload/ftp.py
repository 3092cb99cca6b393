"""One FTP session, byte by byte, telling of everything that it does.

Nothing here reconnects: an error ends the session and is told.
"""

from __future__ import annotations

import ftplib
import hashlib
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Tell = Callable[..., None]

BLOCK = 256 << 10
"""Bytes a read or a write; 8 KiB cost up to half of the throughput."""

TIMEOUT = 60.0
"""Seconds that a server may stay silent; longer than any pause that is to be measured."""


@dataclass(frozen=True)
class Way:
    """How a session transfers: text or bytes, who connects, and whether over TLS."""

    ascii: bool = False
    active: bool = False
    tls: bool = False


class Secure(ftplib.FTP_TLS):
    """FTP over TLS whose data connections resume the control connection's TLS session.

    Servers ask for that, to know that both are the same client's; ftplib does not do it.
    """

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, Any]:
        """A data connection; see `ftplib.FTP.ntransfercmd`."""
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        assert isinstance(self.sock, ssl.SSLSocket)
        wrapped = self.context.wrap_socket(
            plain, server_hostname=self.host, session=self.sock.session
        )
        return wrapped, size


def _secure() -> Secure:
    """The certificate is the scenario's own; TLS 1.2, whose sessions can be resumed at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return Secure(timeout=TIMEOUT, context=context)


class Session:
    """A control connection and at most one transfer at a time."""

    def __init__(self, host: str, port: int, way: Way, tell: Tell) -> None:
        self._tell = tell
        self._way = way
        self._ftp = _secure() if way.tls else ftplib.FTP(timeout=TIMEOUT)
        self._ftp.connect(host, port)
        self._ftp.set_pasv(not way.active)
        self._told_connected("control", self._control)

    @property
    def _control(self) -> socket.socket:
        assert self._ftp.sock is not None
        return self._ftp.sock

    def login(self, user: str, password: str) -> None:
        """Log in, and say how transfers will be."""
        self._ftp.login(user, password)
        if isinstance(self._ftp, Secure):
            self._ftp.prot_p()
        self._ftp.voidcmd("TYPE A" if self._way.ascii else "TYPE I")

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
        content, count = Content(self._way.ascii), 0
        while True:
            if count == at:
                pause()
            limit = min(BLOCK, at - count) if count < at else BLOCK
            block = data.recv(limit)
            if not block:
                break
            content.add(block)
            count += len(block)
        self._finish("RETR", path, data, began, sent, content, size)

    def store(self, path: str, size: int, at: int, pause: Callable[[], None], seed: str) -> None:
        """Send `size` reproducible bytes; having written `at` of them, stop for `pause`."""
        sent = time.monotonic_ns()
        data = self._ftp.transfercmd(f"STOR {path}")
        began = self._told_connected("data", data)
        content, count = Content(self._way.ascii), 0
        for block in stream(seed, size, at, self._way.ascii):
            if count == at:
                pause()
            data.sendall(block)
            content.add(block)
            count += len(block)
        self._finish("STOR", path, data, began, sent, content, size)

    def _finish(
        self,
        op: str,
        path: str,
        data: socket.socket,
        began: dict[str, Any],
        sent: int,
        content: Content,
        size: int,
    ) -> None:
        ended = ends_of(data)
        if isinstance(data, ssl.SSLSocket):
            data.unwrap()
        data.close()
        reply = self._ftp.voidresp()
        self._tell(
            "transferred",
            op=op,
            path=path,
            bytes=content.size,
            wanted=size,
            sha256=content.digest.hexdigest(),
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


class Content:
    """What was transferred, less what the wire adds to text: a CR before each LF."""

    def __init__(self, is_text: bool) -> None:
        self.digest, self.size = hashlib.sha256(), 0
        self._is_text, self._kept = is_text, b""

    def add(self, block: bytes) -> None:
        """The next bytes of the wire."""
        if self._is_text:
            block = self._kept + block
            self._kept = b"\r" if block.endswith(b"\r") else b""
            block = block.removesuffix(self._kept).replace(b"\r\n", b"\n")
        self.digest.update(block)
        self.size += len(block)


def stream(seed: str, size: int, at: int, is_text: bool = False) -> Iterator[bytes]:
    """`size` bytes in blocks, one of which begins at byte `at` of the wire."""
    count = 0
    for block in _wire(random.Random(seed), size, is_text):
        cut = at - count if count < at < count + len(block) else len(block)
        yield block[:cut]
        if block[cut:]:
            yield block[cut:]
        count += len(block)


def _wire(source: random.Random, size: int, is_text: bool) -> Iterator[bytes]:
    for count in range(0, size, BLOCK):
        block = source.randbytes(min(BLOCK, size - count))
        yield text(block).replace(b"\n", b"\r\n") if is_text else block


_LETTERS = bytes(32 + i % 95 for i in range(256))


def text(data: bytes) -> bytes:
    """As many bytes of text, in lines of 64."""
    out = bytearray(data.translate(_LETTERS))
    out[63::64] = b"\n" * len(out[63::64])
    return bytes(out)
