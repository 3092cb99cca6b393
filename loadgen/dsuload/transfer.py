"""What all protocols have in common: reproducible bytes, and what is told of a transfer."""

from __future__ import annotations

import hashlib
import random
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Tell = Callable[..., None]

BLOCK = 256 << 10
"""Bytes a read or a write; 8 KiB cost up to half of the throughput."""

TIMEOUT = 60.0
"""Seconds that a server may stay silent; longer than any pause that is to be measured."""


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


@dataclass
class Transfer:
    """One transfer on its way, and the ends of its connection when it began and when it ended."""

    op: str
    path: str
    wanted: int
    content: Content = field(default_factory=lambda: Content(is_text=False))
    began: dict[str, Any] = field(default_factory=dict)
    ended: dict[str, Any] = field(default_factory=dict)
    sent: int = field(default_factory=time.monotonic_ns)

    def told(self, tell: Tell, reply: str) -> None:
        """Tell that it is over, with the server's last word."""
        tell(
            "transferred",
            op=self.op,
            path=self.path,
            bytes=self.content.size,
            wanted=self.wanted,
            sha256=self.content.digest.hexdigest(),
            reply=reply,
            began=self.began,
            ended=self.ended,
            sent=self.sent,
            received=time.monotonic_ns(),
        )


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
