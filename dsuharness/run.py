"""Runs a scenario: sources → builds → rounds (journal) → checks → verdict → report."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass

from typing import TYPE_CHECKING, Any

import psutil

from . import bench, checks, report, store, subject, toolchain, verdict
from .backend import WorldSpec, choose
from .build import Build, Builder, source_of
from .errors import InvalidScenario, ToolMissing
from .history import History
from .journal import Journal, Scribe
from .serve import Cores, Round
from .stats import abba
from .subject import Benchmark, Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from .backend import Backend, Choice, World
    from .scenario import Scenario
    from .sources import Fetched
    from .toolchain import Toolchain

REFERENCE = "reference"
"""Part of the journal in which plain builds answer the probe's questions."""

Builds = dict[tuple[str, str], Build]
"""Arm and version → build."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to; `result` is what stands in `result.json`."""

    folder: store.RunFolder
    result: dict[str, Any]


class Run:
    """One run of one scenario."""

    def __init__(
        self, scenario: Scenario, backend: Choice, arms: list[str], say: Callable[[str], None]
    ) -> None:
        unknown = [arm for arm in arms if arm not in scenario.arms]
        if unknown:
            raise InvalidScenario([f"the scenario has no arm '{arm}'" for arm in unknown])
        self.scenario = scenario
        self.arms = arms or list(scenario.arms)
        self.say = say
        self.subject = subject.load(scenario.subject.uses)
        self.folder = store.create(scenario.name)
        self.run_id = f"{scenario.name}-{self.folder.path.name}"
        self.backend: Backend = choose(backend)

    def run(self, watch: Callable[[Journal], None]) -> Outcome:
        """Run all of it; `watch` gets the journal before anything is in it."""
        for removed in self.backend.sweep():
            self.say(f"removed what a dead run left: {removed}")
        sources = self._sources()
        tools = self._toolchain()
        builds = self._builds(sources, tools)
        with Journal(self.folder.journal) as journal:
            watch(journal)
            if self.scenario.compare:
                self._compare(builds, journal)
            else:
                self._serve(builds, tools, journal)
        result = self._judge(journal, self._environment(sources, tools, builds))
        self.folder.write_result(result)
        report.write(self.folder, self.scenario, result, journal.events)
        return Outcome(self.folder, result)

    def _sources(self) -> dict[str, Fetched]:
        found = {}
        for name, version in self.scenario.versions.items():
            package = version.debian
            self.say(f"source {name}: {package.package} {package.version} [{package.suite}]")
            found[name] = source_of(package)
        return found

    def _toolchain(self) -> Toolchain | None:
        if all(self.scenario.arms[arm].capture == "none" for arm in self.arms):
            return None
        self.say("tools: dsucc, dsupatch, dsuctl, libdsu")
        return toolchain.ensure(self.backend, self.run_id, self.subject.image)

    def _builds(self, sources: dict[str, Fetched], tools: Toolchain | None) -> Builds:
        """Every version for every arm; a plain one of each besides, to learn its answers."""
        builder = Builder(self.backend, self.subject, self.run_id)
        builds: Builds = {}
        for arm in self.arms:
            plain = self.scenario.arms[arm].capture == "none"
            if not plain and tools is None:
                raise ToolMissing(f"arm {arm} needs the tools")
            for name, source in sources.items():
                self.say(f"build {arm} of {name}")
                settings = self.scenario.arms[arm]
                used = None if plain else tools
                builds[arm, name] = builder.build(name, source, arm, settings, used)
        return builds

    def _serve(self, builds: Builds, tools: Toolchain | None, journal: Journal) -> None:
        server = self.subject
        if not isinstance(server, Server):
            raise InvalidScenario([f"subject '{server.name}' takes no connections, so no 'load'"])
        plain = self._plain_arm()
        for number, version in enumerate(self.scenario.versions):
            part = self._round(server, builds[plain, version], {}, journal, REFERENCE, number)
            with self._world([part.build], tools) as world:
                part.run_reference(world)
        for number, order in enumerate(abba(self.arms, self.scenario.rounds, self.scenario.seed)):
            for arm in order:
                build = builds[arm, self.scenario.first_version]
                targets = {} if arm == plain else self._targets(builds, arm)
                part = self._round(server, build, targets, journal, arm, number)
                with self._world([build, *targets.values()], tools) as world:
                    part.run(world)

    def _targets(self, builds: Builds, arm: str) -> dict[str, Build]:
        return {step.id: builds[arm, step.with_.to] for step in self.scenario.steps}

    def _plain_arm(self) -> str:
        """The arm whose builds show what each version answers."""
        for arm in self.arms:
            if self.scenario.arms[arm].capture == "none":
                return arm
        raise InvalidScenario(["the old-or-new oracle needs an arm with 'capture: none'"])

    def _round(
        self,
        server: Server,
        build: Build,
        targets: dict[str, Build],
        journal: Journal,
        arm: str,
        number: int,
    ) -> Round:
        return Round(
            scenario=self.scenario,
            server=server,
            build=build,
            targets=targets,
            scribe=Scribe(journal, arm, number),
            logs=self.folder.logs(arm, number),
            cores=_cores(),
        )

    def _compare(self, builds: Builds, journal: Journal) -> None:
        benchmark = self.subject
        if not isinstance(benchmark, Benchmark):
            raise InvalidScenario([f"subject '{benchmark.name}' does not measure itself"])
        version = next(iter(self.scenario.versions))
        chosen = {arm: builds[arm, version] for arm in self.arms}
        with self._world(list(chosen.values()), None) as world:
            bench.Comparison(self.scenario, benchmark, chosen, journal).run(world)

    def _world(self, builds: list[Build], tools: Toolchain | None) -> Any:
        mounts = {build.digest: build.mount for build in builds}
        shown = (*mounts.values(), *([tools.mount] if tools else []))
        port = getattr(self.subject, "port", 0)
        return self.backend.open(
            WorldSpec(self.run_id, self.subject.image, shown, _cores().server, port)
        )

    def _judge(self, journal: Journal, environment: dict[str, Any]) -> dict[str, Any]:
        history = History(journal.events)
        verdicts = checks.judge_all(self.scenario.checks, history)
        updates = verdict.updates(history)
        limits = verdict.thresholds(self.scenario, updates)
        metrics = bench.metrics(self.scenario, journal.events) if self.scenario.compare else {}
        code = verdict.conclude(verdicts, limits, metrics)
        return {
            "schema": 1,
            "scenario": self.scenario.name,
            "verdict": verdict.WORDS[code],
            "exit_code": int(code),
            "seed": self.scenario.seed,
            "environment": environment,
            "updates": updates,
            "metrics": metrics,
            "checks": [asdict(v) for v in [*verdicts, *limits]],
            "load": _load(journal),
        }

    def _environment(
        self, sources: dict[str, Fetched], tools: Toolchain | None, builds: Builds
    ) -> dict[str, Any]:
        return {
            **self.backend.describe(),
            "system": platform.platform(),
            "cores": psutil.cpu_count(),
            "arms": self.arms,
            "toolchain": tools.digest if tools else None,
            "sources": {
                name: {"version": s.version, "digest": s.digest, "used_fallback": s.used_fallback}
                for name, s in sources.items()
            },
            "builds": {
                f"{arm} {version}": {"digest": b.digest, "seconds": round(b.seconds, 3)}
                for (arm, version), b in builds.items()
            },
        }


def _cores() -> Cores:
    """Two different processors, or the same one where there is only that."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(server=allowed[0], load=allowed[-1])


def _load(journal: Journal) -> dict[str, Any]:
    summaries = [e for e in journal.events if e.name == "summary"]
    floors = [float(e["generator_floor_us"]) for e in summaries]
    return {
        "requests": sum(e["requests"] for e in summaries),
        "failures": sum(e["failures"] for e in summaries),
        # Sessions ask one thing at a time and wait for it, so nothing is dropped
        # unless the run was cut short.
        "dropped": sum(1 for e in journal.events if e.name == "cut-short"),
        "generator_floor_us": max(floors, default=0),
        "generator_share": max((float(e["generator_share"]) for e in summaries), default=0),
    }


