"""One FTP session, byte by byte, telling of everything that it does.

Nothing here reconnects: an error ends the session and is told.
"""

from __future__ import annotations

import ftplib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dsuload.transfer import BLOCK, TIMEOUT, Content, Tell, Transfer, ends_of, stream


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
        transfer = Transfer("RETR", path, size, Content(self._way.ascii))
        data = self._ftp.transfercmd(f"RETR {path}")
        transfer.began, count = self._told_connected("data", data), 0
        while True:
            if count == at:
                pause()
            limit = min(BLOCK, at - count) if count < at else BLOCK
            block = data.recv(limit)
            if not block:
                break
            transfer.content.add(block)
            count += len(block)
        self._finish(transfer, data)

    def store(self, path: str, size: int, at: int, pause: Callable[[], None], seed: str) -> None:
        """Send `size` reproducible bytes; having written `at` of them, stop for `pause`."""
        transfer = Transfer("STOR", path, size, Content(self._way.ascii))
        data = self._ftp.transfercmd(f"STOR {path}")
        transfer.began, count = self._told_connected("data", data), 0
        for block in stream(seed, size, at, self._way.ascii):
            if count == at:
                pause()
            data.sendall(block)
            transfer.content.add(block)
            count += len(block)
        self._finish(transfer, data)

    def _finish(self, transfer: Transfer, data: socket.socket) -> None:
        transfer.ended = ends_of(data)
        if isinstance(data, ssl.SSLSocket):
            data.unwrap()
        data.close()
        transfer.told(self._tell, self._ftp.voidresp())

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
