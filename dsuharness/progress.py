"""The live view of a run: what is going on, and the state of each session."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .history import went_through

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from .journal import Event, Journal

STATES = {
    "connected": "connected",
    "ready": "ready",
    "reached": "held",
    "transferred": "transferred",
    "done": "done",
    "failed": "failed",
}
MILESTONES = {
    "server-started": "server up",
    "barrier-reached": "protocol state reached",
    "update-requested": "update asked for",
    "patch-made": "patch made",
}


class View:
    """Follows the journal; drawn a few times a second."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._part = ""
        self._sessions: dict[str, dict[str, str]] = {}
        self._samples: Counter[str] = Counter()

    @contextmanager
    def live(self) -> Iterator[None]:
        """Draw while the context lasts."""
        with Live(
            get_renderable=self._draw, console=self._console, refresh_per_second=8, transient=True
        ):
            yield

    def say(self, line: str) -> None:
        """A line that stays."""
        self._console.print(Text(line, style="dim"))

    def watch(self, journal: Journal) -> None:
        """Follow a journal from now on."""
        journal.observe(self._see)

    def _see(self, event: Event) -> None:
        with self._lock:
            if event.name == "round-started":
                self._part = f"{event.arm}, round {event.round + 1} ({event['version']})"
                self._sessions = {}
            if event.name == "sample":
                self._samples[event.arm] += 1
            state = STATES.get(event.name)
            if state and "session" in event.details:
                self._sessions.setdefault(event["group"], {})[event["session"]] = state
        self._milestone(event)

    def _milestone(self, event: Event) -> None:
        if event.name == "round-started":
            self.say(f"── {self._part}")
        elif event.name == "update-ended":
            report = event["report"] or {}
            word = "done" if went_through(event) else "NOT done"
            total = report.get("total_us")
            took = f" in {total} µs" if total is not None else ""
            self.say(f"   {event['step']} {word}{took}")
        elif event.name in MILESTONES:
            self.say(f"   {MILESTONES[event.name]}")

    def _draw(self) -> RenderableType:
        with self._lock:
            table = Table(title=self._part or "preparing", title_justify="left", box=None)
            table.add_column("sessions")
            table.add_column("state")
            for group, sessions in self._sessions.items():
                counted = Counter(sessions.values())
                states = ", ".join(f"{n} {state}" for state, n in counted.items())
                table.add_row(group, states)
            for arm, count in self._samples.items():
                table.add_row(arm, f"{count} samples")
            return Group(table)
