"""Triggers by protocol state: a barrier that opens when every condition has been seen."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import StepTimedOut

if TYPE_CHECKING:
    from .journal import Event, Scribe


@dataclass(frozen=True)
class Condition:
    """`count` different sessions of `group` must have had the event `name`.

    With `op` and `bytes`, only an event that carries just these counts.
    """

    group: str
    count: int
    name: str
    op: str | None = None
    bytes: int | None = None

    def met_by(self, event: Event) -> bool:
        """Whether one event counts towards this condition."""
        return (
            event.name == self.name
            and event.get("group") == self.group
            and (self.op is None or event.get("op") == self.op)
            and (self.bytes is None or event.get("bytes") == self.bytes)
        )

    def __str__(self) -> str:
        where = f" {self.op} byte {self.bytes}" if self.op else ""
        return f"{self.count} × {self.group} {self.name}{where}"


class Barrier:
    """Fed with events from any thread; `wait` returns once all conditions are met.

    A session that fails can never meet its condition, so its failure ends the
    wait at once.
    """

    def __init__(self, conditions: list[Condition]) -> None:
        self._seen: dict[Condition, set[str]] = {condition: set() for condition in conditions}
        self._failure: str | None = None
        self._changed = threading.Condition()

    def feed(self, event: Event) -> None:
        """Take notice of an event."""
        with self._changed:
            for condition, sessions in self._seen.items():
                if condition.met_by(event):
                    sessions.add(str(event["session"]))
            if event.name in ("failed", "load-ended"):
                self._failure = f"{event.get('session', 'load')}: {event.get('error', event.name)}"
            self._changed.notify_all()

    def missing(self) -> list[str]:
        """Conditions that are not met yet, with how far they are."""
        return [
            f"{condition} ({len(sessions)} so far)"
            for condition, sessions in self._seen.items()
            if len(sessions) < condition.count
        ]

    def wait(self, what: str, seconds: float) -> None:
        """Return when all is met; `StepTimedOut` says what was missing."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while missing := self.missing():
                left = deadline - time.monotonic()
                if left <= 0 or self._failure:
                    state = "\n".join([*missing, self._failure or ""])
                    raise StepTimedOut(what, seconds - max(left, 0), f"still missing:\n{state}")
                self._changed.wait(left)


def wait_for(scribe: Scribe, conditions: list[Condition], what: str, seconds: float) -> None:
    """Return once this part of the journal meets all conditions, past events included."""
    barrier = Barrier(conditions)
    with scribe.journal.observed(barrier.feed):
        # Events that come between the two are fed twice, which changes nothing.
        for event in scribe.so_far():
            barrier.feed(event)
        barrier.wait(what, seconds)
