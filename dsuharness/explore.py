"""Explores update moments: many short runs of one scenario, and the smallest one that fails.

    moments → one round each → checks → the first that fails → smaller and smaller → replay ID

Builds, patches and what each version answers are made once; each moment then is a
round of its own, judged by itself from the run's journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from . import checks, verdict
from .errors import ExitCode, HarnessError, InvalidScenario
from .history import History
from .prepare import REFERENCE
from .run import Run
from .schedule import Schedule, enumerate_moments, smaller

if TYPE_CHECKING:
    from .backend import Choice
    from .checks import Verdict
    from .journal import Event, Journal
    from .prepare import Prepared
    from .scenario import Scenario


@dataclass(frozen=True)
class Moment:
    """A schedule that was run, and what came of it; `failed` names the checks that did."""

    id: str
    round: int
    schedule: Schedule
    code: ExitCode
    failed: list[str]
    evidence: str

    def stored(self) -> dict[str, Any]:
        """As it stands in `result.json`."""
        return {
            "id": self.id,
            "round": self.round,
            "schedule": asdict(self.schedule),
            "moment": str(self.schedule),
            "exit_code": int(self.code),
            "verdict": verdict.WORDS[self.code],
            "failed": self.failed,
            "evidence": self.evidence,
        }


class Scheduled(Run):
    """A run whose rounds follow schedules instead of the scenario's own rounds."""

    def __init__(
        self,
        scenario: Scenario,
        backend: Choice,
        arm: str | None,
        say: Callable[[str], None],
        mutation: str | None = None,
    ) -> None:
        super().__init__(scenario, backend, [updated_arm(scenario, arm)], say, mutation)
        self.moments: list[Moment] = []

    @property
    def arm(self) -> str:
        """The only one."""
        return self.arms[0]

    def _serve(self, prepared: Prepared, journal: Journal) -> None:
        self._learn_answers(prepared, journal)
        self._make_patches(prepared, self.arm, journal)
        self._schedules(lambda schedule: self._try(schedule, prepared, journal))

    def _schedules(self, attempt: Callable[[Schedule], Moment]) -> None:
        raise NotImplementedError

    def _try(self, schedule: Schedule, prepared: Prepared, journal: Journal) -> Moment:
        """Run one schedule as a round and judge that round alone."""
        number = len(self.moments)
        stopped: HarnessError | None = None
        try:
            self._play(schedule.applied(self.scenario), prepared, journal, self.arm, number)
        except HarnessError as error:
            stopped = error
        found = self._judged(schedule, self._events_of(journal, number))
        code = stopped.exit_code if stopped else verdict.conclude(found, [], {})
        name = schedule.id(digest_of(self.scenario), self.arm, self.mutation)
        failed = [v.name for v in found if v.verdict == "fail"]
        moment = Moment(name, number, schedule, code, failed, _evidence(found, stopped))
        self.moments.append(moment)
        self.say(f"   {verdict.WORDS[code]}: {schedule}")
        return moment

    def _judged(self, schedule: Schedule, events: list[Event]) -> list[Verdict]:
        """All checks, less those that look only at sessions which the schedule leaves out."""
        found = checks.judge_all(self.scenario.checks, History(events))
        whole = schedule.sessions.keys() >= Schedule.whole(self.scenario).sessions.keys()
        kept = [v for v in found if whole or v.evidence != checks.NOTHING]
        return kept or found

    def _events_of(self, journal: Journal, number: int) -> list[Event]:
        return [
            e
            for e in journal.events
            if e.arm == REFERENCE or e.name == "patch-made" or e.round == number
        ]

    def _judge(
        self, events: list[Event], environment: dict[str, Any], stopped: HarnessError | None
    ) -> dict[str, Any]:
        """All rounds together; a moment is judged by the checks, never by how long it took."""
        result = super()._judge(events, environment, stopped)
        code = stopped.exit_code if stopped else worst(self.moments)
        return {
            **result,
            "verdict": verdict.WORDS[code],
            "exit_code": int(code),
            "scenario_file": str(self.scenario.file.resolve()),
            "scenario_digest": digest_of(self.scenario),
            "moments": [moment.stored() for moment in self.moments],
        }


class Exploration(Scheduled):
    """Runs `count` moments chosen by `seed`, and makes the first failing one smaller."""

    def __init__(
        self,
        scenario: Scenario,
        backend: Choice,
        arm: str | None,
        say: Callable[[str], None],
        mutation: str | None = None,
        count: int = 12,
        seed: int | None = None,
        shrink_runs: int = 60,
    ) -> None:
        self.seed = scenario.seed if seed is None else seed
        self._planned = enumerate_moments(scenario, count, self.seed)
        self._shrink_runs = shrink_runs
        self.smallest: Moment | None = None
        super().__init__(scenario, backend, arm, say, mutation)

    def _schedules(self, attempt: Callable[[Schedule], Moment]) -> None:
        tried = []
        for number, schedule in enumerate(self._planned):
            self.say(f"── moment {number + 1} of {len(self._planned)}: {schedule}")
            tried.append(attempt(schedule))
        failing = next((m for m in tried if m.code == ExitCode.CORRECTNESS), None)
        if failing is not None:
            self.say(f"── looking for less that still fails {', '.join(failing.failed)}")
            self.smallest = shrink(failing, attempt, self._shrink_runs)

    def _judge(
        self, events: list[Event], environment: dict[str, Any], stopped: HarnessError | None
    ) -> dict[str, Any]:
        result = super()._judge(events, environment, stopped)
        smallest = self.smallest.stored() if self.smallest else None
        return {
            **result,
            "seed": self.seed,
            "explored": len(self._planned),
            "smallest": smallest,
            "replay": f"dsuharness replay {smallest['id']}" if smallest else None,
        }


def shrink(failing: Moment, attempt: Callable[[Schedule], Moment], runs: int) -> Moment:
    """The smallest schedule found that fails one of the same checks, within so many runs."""
    return _Shrinker(failing, attempt, runs).smallest()


class _Shrinker:
    """Takes away what is not needed; then, of each transfer, bytes."""

    def __init__(self, failing: Moment, attempt: Callable[[Schedule], Moment], runs: int) -> None:
        self._best = failing
        self._wanted = set(failing.failed)
        self._attempt = attempt
        self._left = runs

    def smallest(self) -> Moment:
        while any(self._still_fails(candidate) for candidate in smaller(self._best.schedule)):
            pass
        for group in list(self._best.schedule.at):
            self._lower(group)
        return self._best

    def _still_fails(self, schedule: Schedule) -> bool:
        if not self._left:
            return False
        self._left -= 1
        moment = self._attempt(schedule)
        if moment.code != ExitCode.CORRECTNESS or not self._wanted & set(moment.failed):
            return False
        self._best = moment
        return True

    def _lower(self, group: str) -> None:
        """Halve the distance to the lowest byte that fails; takes it that all above do, too."""
        passes = 0
        while self._left and self._best.schedule.at[group] - passes > 1:
            schedule = self._best.schedule
            # The very first byte is worth a try: most of what fails anywhere fails there.
            middle = 1 if passes == 0 else (passes + schedule.at[group]) // 2
            if not self._still_fails(replace(schedule, at={**schedule.at, group: middle})):
                passes = middle


def worst(moments: list[Moment]) -> ExitCode:
    """Wrong beats broken, broken beats unknown."""
    order = (ExitCode.CORRECTNESS, ExitCode.INFRASTRUCTURE, ExitCode.INCONCLUSIVE)
    codes = {moment.code for moment in moments}
    return next((code for code in order if code in codes), ExitCode.PASS)


def updated_arm(scenario: Scenario, arm: str | None) -> str:
    """The arm asked for, or the first that can be updated."""
    can = [name for name, settings in scenario.arms.items() if settings.capture != "none"]
    if not can:
        raise InvalidScenario([f"'{scenario.name}' has no arm that can be updated"])
    if arm is not None and arm not in can:
        raise InvalidScenario([f"arm '{arm}' cannot be explored (known: {', '.join(can)})"])
    return arm or can[0]


def digest_of(scenario: Scenario) -> str:
    """Of the scenario's file as it is now."""
    return sha256(scenario.file.read_bytes()).hexdigest()


def _evidence(found: list[Verdict], stopped: HarnessError | None) -> str:
    if stopped is not None:
        return str(stopped)
    telling = [v for v in found if v.verdict == "fail"] or [v for v in found if v.verdict != "pass"]
    return "; ".join(f"{v.name}: {v.evidence}" for v in telling)
