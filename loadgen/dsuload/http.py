"""One HTTP connection, kept alive, telling of everything that it does.

Nothing here reconnects: an error ends the session and is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from dsuload.transfer import BLOCK, TIMEOUT, Tell, Transfer, ends_of, stream

# What differs between two servers of one version, or from one second to the next.
_OF_THE_MOMENT = {"date", "etag", "expires", "last-modified"}


class Refused(OSError):
    """An answer that says no, or none that HTTP knows."""


class Session:
    """A connection; its operations are named as FTP's are, which triggers refer to."""

    def __init__(self, host: str, port: int, tell: Tell) -> None:
        self._tell = tell
        self._http = HTTPConnection(host, port, timeout=TIMEOUT)
        self._http.connect()
        # Without it, http.client would open another connection in silence.
        self._http.auto_open = 0
        self._tell("connected", channel="control", **self.ends())

    def login(self, user: str, password: str) -> None:
        """Nobody logs in here."""

    def ask(self, command: str, phase: str) -> str:
        """Send a request such as `GET /path`; tell the answer with both times, and return it."""
        sent = time.monotonic_ns()
        answer = self._answer(*command.split(maxsplit=1))
        body = answer.read()
        received = time.monotonic_ns()
        text = _comparable(answer, body)
        self._tell("reply", command=command, text=text, sent=sent, received=received, phase=phase)
        return text

    def retrieve(self, path: str, size: int, at: int, pause: Callable[[], None]) -> None:
        """Get `path`; having read exactly `at` bytes of it, stop reading for `pause`."""
        transfer, count = Transfer("RETR", path, size, began=self.ends()), 0
        answer = self._answer("GET", path)
        if answer.status != 200:
            raise Refused(f"GET {path}: {answer.status} {answer.reason}")
        while True:
            if count == at:
                pause()
            block = answer.read(min(BLOCK, at - count) if count < at else BLOCK)
            if not block:
                break
            transfer.content.add(block)
            count += len(block)
        transfer.ended = self.ends()
        transfer.told(self._tell, f"{answer.status} {answer.reason}")

    def store(self, path: str, size: int, at: int, pause: Callable[[], None], seed: str) -> None:
        """Put `size` reproducible bytes; having written `at` of them, stop for `pause`."""
        transfer, count = Transfer("STOR", path, size, began=self.ends()), 0
        self._http.putrequest("PUT", path)
        self._http.putheader("Content-Length", str(size))
        self._http.endheaders()
        for block in stream(seed, size, at):
            if count == at:
                pause()
            self._http.send(block)
            transfer.content.add(block)
            count += len(block)
        answer = self._next_answer(f"PUT {path}")
        answer.read()
        reply = f"{answer.status} {answer.reason}"
        if answer.status not in (201, 204):
            raise Refused(f"PUT {path}: {reply}")
        transfer.ended = self.ends()
        transfer.told(self._tell, reply)

    def _answer(self, method: str, path: str) -> HTTPResponse:
        self._http.request(method, path)
        return self._next_answer(f"{method} {path}")

    def _next_answer(self, request: str) -> HTTPResponse:
        try:
            return self._http.getresponse()
        except HTTPException as error:
            raise Refused(f"{request}: {type(error).__name__}: {error}") from error

    def ends(self) -> dict[str, Any]:
        """Both ends of the connection, as the kernel has them now."""
        if self._http.sock is None:
            raise EOFError("the server closed the connection")
        return ends_of(self._http.sock)

    def quit(self) -> None:
        """Close."""
        self._http.close()


def _comparable(answer: HTTPResponse, body: bytes) -> str:
    """Status, headers and body of an answer, less what is of the moment only."""
    headers = [
        f"{name}: {value}"
        for name, value in sorted(answer.getheaders())
        if name.lower() not in _OF_THE_MOMENT
    ]
    return "\n".join([f"{answer.status} {answer.reason}", *headers, "", body.decode("latin-1")])
