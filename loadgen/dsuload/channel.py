"""The wire to the harness: one JSON object a line, both ways.

From the harness: first the order (see `plan`), then {"release": latch}, which
opens a latch that sessions wait at.  To it: events, each with `t`, the
CLOCK_MONOTONIC time in nanoseconds, which is also the harness's clock.  When
the harness is gone the wire ends, and so does this process.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections import defaultdict
from typing import Any

import gevent
from gevent.event import Event
from gevent.lock import BoundedSemaphore


class Channel:
    """Events out, latches in."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._sending = BoundedSemaphore()
        self._latches: dict[str, Event] = defaultdict(Event)

    def receive_order(self) -> dict[str, Any]:
        """The first line: what is to be generated."""
        order: dict[str, Any] = json.loads(self._lines.readline())
        gevent.spawn(self._listen)
        return order

    def emit(self, event: str, **details: Any) -> None:
        """Tell the harness what happened just now."""
        line = json.dumps({"t": time.monotonic_ns(), "event": event, **details})
        with self._sending:
            self._socket.sendall(line.encode() + b"\n")

    def wait(self, latch: str) -> None:
        """Stand at a latch until the harness releases it."""
        self._latches[latch].wait()

    def released(self, latch: str) -> bool:
        """Whether a latch is open, without waiting."""
        return bool(self._latches[latch].is_set())

    def _listen(self) -> None:
        for line in self._lines:
            self._latches[json.loads(line)["release"]].set()
        # Nobody is left to tell anything to.
        os._exit(1)
