"""Runs a moment again that was explored: the same schedule, and is the verdict the same?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import scenario as scenarios
from . import store, verdict
from .errors import ExitCode, InfrastructureError, InvalidScenario
from .explore import Scheduled, digest_of
from .places import RESULTS
from .schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backend import Choice
    from .errors import HarnessError
    from .explore import Moment
    from .journal import Event
    from .scenario import Scenario


@dataclass(frozen=True)
class Recorded:
    """A moment as an exploration has left it, and the whole result that it stands in."""

    moment: dict[str, Any]
    result: dict[str, Any]

    @property
    def schedule(self) -> Schedule:
        """What was run."""
        return Schedule.read(self.moment["schedule"])

    def scenario(self, sources_folder: Path | None = None) -> Scenario:
        """Its scenario, which must be what it was; `InvalidScenario` if it is not."""
        file = Path(self.result["scenario_file"])
        found = scenarios.load(file, sources_folder)
        if digest_of(found) != self.result["scenario_digest"]:
            raise InvalidScenario(
                [
                    f"{file} has changed since {self.moment['id']} was explored, so its schedule "
                    f"may mean something else now; explore it again: dsuharness explore {file}"
                ]
            )
        return found

    def changes(self, environment: dict[str, Any]) -> list[str]:
        """Builds of now that are others than those recorded."""
        before = self.result["environment"].get("builds") or {}
        now = environment.get("builds") or {}
        return [
            f"{name}: {before[name]['digest']}, now {now[name]['digest']}"
            for name in before.keys() & now.keys()
            if before[name]["digest"] != now[name]["digest"]
        ]


def find(name: str, root: Path = RESULTS) -> Recorded:
    """The newest moment of that ID; `InfrastructureError` if no exploration has it."""
    for folder in reversed(list(store.all_runs(root))):
        result = folder.result()
        for moment in result.get("moments") or ():
            if moment["id"] == name and "explored" in result:
                return Recorded(moment, result)
    raise InfrastructureError(
        f"no exploration in {root} has a moment '{name}'; "
        "its ID is in what 'dsuharness explore' has printed, and in its result.json"
    )


class Replay(Scheduled):
    """One recorded moment, once more."""

    def __init__(
        self,
        recorded: Recorded,
        sources_folder: Path | None,
        backend: Choice,
        say: Callable[[str], None],
    ) -> None:
        result = recorded.result
        self._recorded = recorded
        scenario = recorded.scenario(sources_folder)
        super().__init__(
            scenario, backend, result["environment"]["arms"][0], say, result["mutation"]
        )

    def _schedules(self, attempt: Callable[[Schedule], Moment]) -> None:
        self.say(f"── again: {self._recorded.schedule}")
        attempt(self._recorded.schedule)

    def _judge(
        self, events: list[Event], environment: dict[str, Any], stopped: HarnessError | None
    ) -> dict[str, Any]:
        result = super()._judge(events, environment, stopped)
        moment = self._recorded.moment
        same = result["exit_code"] == moment["exit_code"]
        if same and result["exit_code"] == ExitCode.CORRECTNESS:
            same = bool(set(moment["failed"]) & set(self.moments[0].failed))
        return {
            **result,
            "replayed": {
                "id": moment["id"],
                "recorded": verdict.WORDS[ExitCode(moment["exit_code"])],
                "failed": moment["failed"],
                "same": same,
                "other_builds": self._recorded.changes(environment),
            },
        }
