"""What stands before the first round: sources, tools, and every build that a scenario needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import bench, subject, toolchain, upstream
from .build import Build, Builder, source_of
from .errors import InvalidScenario, ToolMissing
from .scenario import Arm

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backend import Backend
    from .scenario import Scenario
    from .sources import Fetched
    from .subject import Mutation, Subject
    from .toolchain import Toolchain

REFERENCE = "reference"
"""The plain builds of each version, which show what that version answers."""

Builds = dict[tuple[str, str], Build]
"""Arm (or `REFERENCE`) and version → build."""


@dataclass(frozen=True)
class Prepared:
    """All that rounds are made of."""

    sources: dict[str, Fetched]
    tools: Toolchain | None
    builds: Builds


@dataclass(frozen=True)
class Preparation:
    """Prepares the arms named, or all; `say` gets a line for each thing that is begun.

    With a mutation, what the updates lead to is made wrong on purpose.
    """

    scenario: Scenario
    backend: Backend
    run_id: str
    arms: list[str]
    say: Callable[[str], None]
    mutation: Mutation | None = None

    def prepare(self) -> Prepared:
        """Fetch, build the tools if an arm needs them, build the subject."""
        sources = self._sources()
        tools = self._tools()
        return Prepared(sources, tools, self._builds(sources, tools))

    @property
    def _subject(self) -> Subject:
        return subject.load(self.scenario.subject.uses)

    def _sources(self) -> dict[str, Fetched]:
        found, folder = {}, self.scenario.sources_folder
        upstream.require(self.scenario.sources, folder)
        for name, source in self.scenario.sources.items():
            self.say(f"source {name}: {source.origin}")
            found[name] = source_of(source, folder)
        return found

    def _tools(self) -> Toolchain | None:
        if all(self.scenario.arms[arm].capture == "none" for arm in self.arms):
            return None
        self.say("tools: dsucc, dsupatch, dsuctl, libdsu")
        return toolchain.ensure(self.backend, self.run_id, self._subject.image)

    def _arms(self) -> dict[str, Arm]:
        """Where clients are served, the reference too; it costs nothing beside a plain arm."""
        chosen = {arm: self.scenario.arms[arm] for arm in self.arms}
        return {REFERENCE: Arm(capture="none"), **chosen} if self.scenario.load else chosen

    def _builds(self, sources: dict[str, Fetched], tools: Toolchain | None) -> Builds:
        compare = self.scenario.compare
        keeps = compare is None or bench.COMPILE_TIME not in compare.metrics
        builder = Builder(self.backend, self._subject, self.run_id, keeps)
        builds: Builds = {}
        for arm, settings in self._arms().items():
            used = None if settings.capture == "none" else tools
            if used is None and settings.capture != "none":
                raise ToolMissing(f"arm {arm} needs the tools")
            for name, source in sources.items():
                self.say(f"build {arm} of {name}")
                wrong = self.mutation if used and name != self.scenario.first_version else None
                builds[arm, name] = builder.build(name, source, arm, settings, used, wrong)
        return builds


def chosen_arms(scenario: Scenario, arms: list[str]) -> list[str]:
    """The arms asked for, all if none; `InvalidScenario` for one that is not there."""
    unknown = [arm for arm in arms if arm not in scenario.arms]
    if unknown:
        known = ", ".join(scenario.arms)
        raise InvalidScenario(
            [f"the scenario has no arm '{arm}' (it has {known})" for arm in unknown]
        )
    return arms or list(scenario.arms)
