"""The record of a run: every event with its time, one JSON object a line.

Checks and reports are computed from it afterwards, and from nothing else, so a
verdict can be computed again from what is on disk.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

Observer = Callable[["Event"], None]


@dataclass(frozen=True)
class Event:
    """Something that happened: `t` is CLOCK_MONOTONIC in nanoseconds.

    `source` is harness or load; `arm` and `round` say in which part of the run.
    """

    t: int
    source: str
    arm: str
    round: int
    name: str
    details: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.details[key]

    def get(self, key: str, default: Any = None) -> Any:
        """A detail, or `default` where the event has none of that name."""
        return self.details.get(key, default)

    def line(self) -> str:
        """As it stands in the file."""
        head = {"t": self.t, "source": self.source, "arm": self.arm, "round": self.round}
        return json.dumps({**head, "event": self.name, **self.details})


class Journal:
    """Appends events to a file and shows them to observers, from any thread."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._lock = threading.Lock()
        self._observers: list[Observer] = []
        self.events: list[Event] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def observe(self, observer: Observer) -> None:
        """Have `observer` called with each event from now on."""
        self._observers.append(observer)

    @contextmanager
    def observed(self, observer: Observer) -> Iterator[None]:
        """Have `observer` called with each event while the context lasts."""
        self.observe(observer)
        try:
            yield
        finally:
            self._observers.remove(observer)

    def add(self, event: Event) -> None:
        """Record one event."""
        with self._lock:
            self.events.append(event)
            self._file.write(event.line() + "\n")
            self._file.flush()
        for observer in list(self._observers):
            observer(event)

    def of_round(self, arm: str, number: int) -> list[Event]:
        """What has been recorded of one round so far."""
        with self._lock:
            return [e for e in self.events if e.arm == arm and e.round == number]


@dataclass(frozen=True)
class Scribe:
    """Writes into one part of the journal."""

    journal: Journal
    arm: str
    round: int

    def note(self, name: str, **details: Any) -> Event:
        """Record something that the harness did or saw just now."""
        event = Event(time.monotonic_ns(), "harness", self.arm, self.round, name, details)
        self.journal.add(event)
        return event

    def so_far(self) -> list[Event]:
        """What has been recorded of this part."""
        return self.journal.of_round(self.arm, self.round)

    def relay(self, record: dict[str, Any]) -> Event:
        """Record an event of the load generator, with the time that it gave."""
        details = {k: v for k, v in record.items() if k not in ("t", "event")}
        event = Event(record["t"], "load", self.arm, self.round, record["event"], details)
        self.journal.add(event)
        return event


def read(path: Path) -> list[Event]:
    """The events of a journal on disk."""
    return list(_events(path))


def _events(path: Path) -> Iterator[Event]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            head = [record.pop(key) for key in ("t", "source", "arm", "round", "event")]
            yield Event(head[0], head[1], head[2], head[3], head[4], record)
