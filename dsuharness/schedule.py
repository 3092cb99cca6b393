"""Update moments: what of a scenario may be varied while it stays the same scenario.

A schedule says which sessions take part, at which byte each held transfer stands
when the update comes, and how many of the steps are done.  Scenario and schedule
together give a scenario, which is run like any other.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .errors import InvalidScenario

if TYPE_CHECKING:
    from .scenario import Hold, Scenario, Sessions, Step


@dataclass(frozen=True)
class Schedule:
    """How many `sessions` of each group, none if not named; `at`: where the held ones stand."""

    steps: int
    sessions: dict[str, int]
    at: dict[str, int]

    @classmethod
    def whole(cls, scenario: Scenario) -> Schedule:
        """The scenario as it is written."""
        groups = groups_of(scenario)
        held = {name: hold.at for name, (hold, _) in held_of(scenario).items()}
        return cls(len(scenario.steps), {name: g.count for name, g in groups.items()}, held)

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Schedule:
        """What `asdict` gave."""
        return cls(stored["steps"], dict(stored["sessions"]), dict(stored["at"]))

    def __str__(self) -> str:
        held = [f"{name} at byte {at}" for name, at in self.at.items()]
        free = [
            name if count == 1 else f"{count} × {name}"
            for name, count in self.sessions.items()
            if name not in self.at
        ]
        beside = f"; beside it {', '.join(free)}" if free else ""
        steps = f"; {self.steps} steps" if self.steps > 1 else ""
        return f"{', '.join(held) or 'nothing held'}{beside}{steps}"

    def id(self, scenario_digest: str, arm: str, mutation: str | None) -> str:
        """A short name for just this schedule of just this scenario."""
        parts = [scenario_digest, arm, mutation, asdict(self)]
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:10]

    def applied(self, scenario: Scenario) -> Scenario:
        """The scenario that does just this."""
        assert scenario.load is not None
        steps = [self._step(step) for step in scenario.steps[: self.steps]]
        kept = {step.id for step in steps}
        sessions = {
            name: self._sessions(name, group, steps[-1].id, kept)
            for name, group in scenario.load.sessions.items()
            if self.sessions.get(name) and (group.after is None or group.after in kept)
        }
        load = scenario.load.model_copy(update={"sessions": sessions})
        return scenario.varied(steps, load)

    def _step(self, step: Step) -> Step:
        when = [
            w.model_copy(update={"at": w.at.model_copy(update={"bytes": self.at[w.session]})})
            for w in step.when
            if w.session in self.at
        ]
        return step.model_copy(update={"when": when})

    def _sessions(self, name: str, group: Sessions, last: str, kept: set[str]) -> Sessions:
        hold = group.hold
        if hold is not None and name in self.at:
            step = hold.step if hold.step is None or hold.step in kept else last
            hold = hold.model_copy(update={"at": self.at[name], "step": step})
        return group.model_copy(update={"count": self.sessions[name], "hold": hold})


def groups_of(scenario: Scenario) -> dict[str, Sessions]:
    """The scenario's session groups."""
    return scenario.load.sessions if scenario.load else {}


def held_of(scenario: Scenario) -> dict[str, tuple[Hold, int]]:
    """The groups whose transfer waits at a byte for an update, and how long the transfer is."""
    return {
        name: (group.hold, group.size)
        for name, group in groups_of(scenario).items()
        if group.hold is not None and group.hold.until != "none"
    }


def enumerate_moments(scenario: Scenario, count: int, seed: int) -> list[Schedule]:
    """`count` moments: the scenario's own, the first byte, the last, then all over the transfers.

    Each held transfer is cut into as many parts as there are moments left, and each moment
    takes another part of each, in an order by `seed` (a Latin square): also pairs of
    positions are spread.  In turn all held groups take part, or one of them.
    """
    sizes = {name: size for name, (_, size) in held_of(scenario).items() if size > 1}
    if not sizes:
        raise InvalidScenario(
            [f"'{scenario.name}' holds no transfer ('hold' in 'sessions'): no moment to choose"]
        )
    whole = Schedule.whole(scenario)
    edges = [dict.fromkeys(sizes, 1), {name: size - 1 for name, size in sizes.items()}]
    spread = _spread(sizes, max(count - 1 - len(edges), 0), random.Random(seed))
    moments = [whole, *(_with_held(whole, at) for at in [*edges, *spread])]
    return list({str(moment): moment for moment in moments}.values())[:count]


def _with_held(whole: Schedule, at: dict[str, int]) -> Schedule:
    """Of the held groups only those of `at`, standing there."""
    left = {n: c for n, c in whole.sessions.items() if n in at or n not in whole.at}
    return replace(whole, sessions=left, at=at)


def _spread(sizes: dict[str, int], count: int, chance: random.Random) -> Iterator[dict[str, int]]:
    parts = {name: chance.sample(range(count), count) for name in sizes}
    sets = [list(sizes), *([name] for name in sizes if len(sizes) > 1)]
    for number in range(count):
        position = {
            name: 1 + int((parts[name][number] + chance.random()) * (size - 1) / count)
            for name, size in sizes.items()
        }
        yield {name: position[name] for name in sets[number % len(sets)]}


def smaller(schedule: Schedule) -> Iterator[Schedule]:
    """Schedules with a part less each, the largest part first; bytes are another matter."""
    for steps in range(1, schedule.steps):
        yield replace(schedule, steps=steps)
    for name in schedule.sessions:
        left = {n: c for n, c in schedule.sessions.items() if n != name}
        if left:
            held = {n: at for n, at in schedule.at.items() if n != name}
            yield replace(schedule, sessions=left, at=held)
    for name, count in schedule.sessions.items():
        if count > 1:
            yield replace(schedule, sessions={**schedule.sessions, name: 1})
