"""A journal seen as a history: rounds, updates, and the answers of both versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from .journal import Event

Answer = Literal["old", "new", "both", "neither"]


@dataclass(frozen=True)
class RoundHistory:
    """All events of one round; `updates` maps step to the version that it leads to."""

    arm: str
    number: int
    events: list[Event]
    version: str
    purpose: str
    updates: dict[str, str] = field(default_factory=dict)

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

    def asked_at(self) -> int:
        """When the update was asked for; on an arm without it, when it would have been."""
        event = self.first("update-requested") or self.first("barrier-reached")
        if event is None:
            raise LookupError(f"{self.name} never came to its update")
        return event.t

    def asked_by(self, t: int) -> bool:
        """Whether an update had been asked for at `t`."""
        event = self.first("update-requested")
        return event is not None and event.t <= t

    def updated_by(self, t: int) -> bool:
        """Whether an update was over, and had been applied, before `t`."""
        return any(
            e["ended"] < t and (e["report"] or {}).get("applied") is True
            for e in self.of("update-ended")
        )

    def family(self, moment: str) -> list[dict[str, Any]] | None:
        """The server's processes as /proc had them, `before` or `after` the update."""
        found = next((e for e in self.of("family") if e["moment"] == moment), None)
        return None if found is None else list(found["processes"])


class History:
    """A run's journal, for checks."""

    def __init__(self, events: Iterable[Event]) -> None:
        every = sorted(events, key=lambda e: e.t)
        self.all_rounds = _split(every)
        # Patches are made once an arm, before its first round.
        self._patches = {(e.arm, e["step"]): e for e in every if e.name == "patch-made"}

    def manual_mappings(self, arm: str, step: str) -> int | None:
        """Decisions that a user took by hand for a step's patch; None if it was not made."""
        made = self._patches.get((arm, step))
        return None if made is None else int(made["manual_mappings"])

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

    def version_of(self, reply: Event, part: RoundHistory) -> Answer:
        """Whose answer a reply is, in a round."""
        known = self.answers.get(reply["command"], {})
        is_old = reply["text"] in known.get(part.version, ())
        targets = part.updates.values()
        is_new = any(reply["text"] in known.get(target, ()) for target in targets)
        if is_old and is_new:
            return "both"
        if is_old:
            return "old"
        return "new" if is_new else "neither"


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
                    arm, number, members, start["version"], start["purpose"], start["updates"]
                )
            )
    return found
