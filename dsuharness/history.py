"""A journal seen as a history: rounds, updates, and the answers of each version."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .journal import Event


@dataclass(frozen=True)
class RoundHistory:
    """All events of one round; `updates` maps step to the version that it leads to.

    `paths` has for each step the versions that it leads through, its own the last:
    a revert goes back by all that lie between.
    """

    arm: str
    number: int
    events: list[Event]
    version: str
    purpose: str
    updates: dict[str, str] = field(default_factory=dict)
    paths: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For people: arm and round."""
        return f"{self.arm} round {self.number + 1}"

    def of(self, name: str) -> list[Event]:
        """Events of one name, in the order of their times."""
        return [e for e in self.events if e.name == name]

    def first(self, name: str) -> Event | None:
        """The first event of that name, if any."""
        return next(iter(self.of(name)), None)

    def asked_at(self, step: str = "") -> int:
        """When a step (the first) was asked for; on an arm without it, when it would have been."""
        for name in ("update-requested", "barrier-reached"):
            for event in self.of(name):
                if step in ("", event["step"]):
                    return event.t
        raise LookupError(f"{self.name} never came to its step {step}")

    def path(self, step: str) -> list[str]:
        """The versions that a step leads through."""
        return self.paths.get(step) or [self.updates[step]]

    @cached_property
    def timeline(self) -> list[str]:
        """The versions that the server goes through, one after the other."""
        return [self.version, *(v for step in self.updates for v in self.path(step))]

    def reachable(self, t: int) -> int:
        """The furthest place in the timeline that the server may have come to at `t`."""
        asked = {e["step"] for e in self.of("update-requested") if e.t <= t}
        return sum(len(self.path(step)) for step in self.updates if step in asked)

    def reached(self, t: int) -> int:
        """The place in the timeline that the server had come to for certain before `t`."""
        over = {e["step"] for e in self.of("update-ended") if e["ended"] < t and went_through(e)}
        return sum(len(self.path(step)) for step in self.updates if step in over)

    def family(self, moment: str, step: str = "") -> list[dict[str, Any]] | None:
        """The server's processes as /proc had them, `before` or `after` a step (the first)."""
        wanted = step or next(iter(self.updates), "")
        for event in self.of("family"):
            if event["moment"] == moment and event.get("step", wanted) == (wanted or event["step"]):
                return list(event["processes"])
        return None


class History:
    """A run's journal, for checks."""

    def __init__(self, events: Iterable[Event]) -> None:
        every = sorted(events, key=lambda e: e.t)
        self.all_rounds = _split(every)
        # Patches are made once an arm, before its first round.
        self._patches = {(e.arm, e["step"]): e for e in every if e.name == "patch-made"}

    def of_patch(self, arm: str, step: str, key: str) -> int | None:
        """Of a step's patch; None if none was made.

        `manual_mappings`: what its user decided by hand; `took_us`: dsupatch, when it made it.
        """
        made = self._patches.get((arm, step))
        return None if made is None else int(made[key])

    @cached_property
    def rounds(self) -> list[RoundHistory]:
        """Rounds that ran the schedule to its end, with or without an update.

        One without an end was cut short by the harness itself, whatever its
        reason; it shows nothing of the subject.
        """
        return [r for r in self.all_rounds if r.purpose == "schedule" and r.first("round-ended")]

    @cached_property
    def updated_rounds(self) -> list[RoundHistory]:
        """Rounds that were to be updated."""
        return [r for r in self.rounds if r.updates]

    @cached_property
    def answers(self) -> dict[str, dict[str, set[str]]]:
        """Command → version → what plain builds of that version answer."""
        table: dict[str, dict[str, set[str]]] = {}
        for part in self.all_rounds:
            for reply in part.of("reply") if part.purpose == "reference" else ():
                by_version = table.setdefault(reply["command"], {})
                by_version.setdefault(part.version, set()).add(reply["text"])
        return table

    def telling_commands(self) -> list[str]:
        """Commands whose answer tells the versions apart."""
        return [
            command
            for command, by_version in self.answers.items()
            if len(by_version) > 1 and not set.intersection(*by_version.values())
        ]

    def places_of(self, reply: Event, part: RoundHistory) -> list[int]:
        """The places in a round's timeline whose version gives this answer."""
        known = self.answers.get(reply["command"], {})
        return [i for i, v in enumerate(part.timeline) if reply["text"] in known.get(v, ())]


def went_through(event: Event) -> bool:
    """Whether what ended here, an update or a revert, did what it was asked for."""
    report = event["report"] or {}
    return report.get("applied") is True or report.get("reverted") is True


def replies_by_session(part: RoundHistory) -> dict[str, list[Event]]:
    """The replies of each session, in the order of their questions."""
    sessions: dict[str, list[Event]] = {}
    for reply in sorted(part.of("reply"), key=lambda e: int(e["sent"])):
        sessions.setdefault(reply["session"], []).append(reply)
    return sessions


def _split(events: list[Event]) -> list[RoundHistory]:
    parts: dict[tuple[str, int], list[Event]] = {}
    for event in events:
        parts.setdefault((event.arm, event.round), []).append(event)
    found = []
    for (arm, number), members in parts.items():
        start = next((e for e in members if e.name == "round-started"), None)
        if start is not None:
            found.append(
                RoundHistory(
                    arm,
                    number,
                    members,
                    start["version"],
                    start["purpose"],
                    start["updates"],
                    start.get("paths") or {},
                )
            )
    return found
