"""Runs a scenario: sources → builds → rounds (journal) → checks → verdict → report."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import psutil

from . import bench, checks, report, store, subject, upstream, verdict
from .backend import WorldSpec, choose
from .errors import HarnessError, InvalidScenario
from .history import History
from .journal import Journal, Scribe
from .patching import Change, Patches
from .prepare import REFERENCE, Preparation, chosen_arms
from .serve import Cores, Round
from .stats import abba
from .subject import Benchmark, Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from .backend import Backend, Choice, World
    from .build import Build
    from .journal import Event
    from .prepare import Builds, Prepared
    from .scenario import Scenario
    from .toolchain import Toolchain


@dataclass(frozen=True)
class Outcome:
    """What a run came to; `result` is what stands in `result.json`."""

    folder: store.RunFolder
    result: dict[str, Any]


class Run:
    """One run of one scenario."""

    def __init__(
        self,
        scenario: Scenario,
        backend: Choice,
        arms: list[str],
        say: Callable[[str], None],
        mutation: str | None = None,
    ) -> None:
        self.scenario = scenario
        self.mutation = mutation
        self.arms = chosen_arms(scenario, arms)
        self.say = say
        self.subject = subject.load(scenario.subject.uses)
        self._wrong = subject.mutation(self.subject, mutation)
        upstream.require(scenario.sources, scenario.sources_folder)
        self.folder = store.create(scenario.name)
        self.run_id = f"{scenario.name}-{self.folder.path.name}"
        self.backend: Backend = choose(backend)

    def run(self, watch: Callable[[Journal], None]) -> Outcome:
        """Run all of it; `watch` gets the journal before anything is in it."""
        with self.backend:
            return self._run(watch)

    def _run(self, watch: Callable[[Journal], None]) -> Outcome:
        for removed in self.backend.sweep():
            self.say(f"removed what a dead run left: {removed}")
        prepared: Prepared | None = None
        stopped: HarnessError | None = None
        with Journal(self.folder.journal) as journal:
            watch(journal)
            try:
                prepared = self._prepare()
                self._rounds(prepared, journal)
            except HarnessError as error:
                stopped = error
        result = self._judge(journal.events, self._environment(prepared), stopped)
        self.folder.write_result(result)
        report.write(self.folder, self.scenario, result, journal.events)
        return Outcome(self.folder, result)

    def _prepare(self) -> Prepared:
        return Preparation(
            self.scenario, self.backend, self.run_id, self.arms, self.say, self._wrong
        ).prepare()

    def _rounds(self, prepared: Prepared, journal: Journal) -> None:
        if self.scenario.compare:
            self._compare(prepared.builds, journal)
        else:
            self._serve(prepared, journal)

    def _serve(self, prepared: Prepared, journal: Journal) -> None:
        """First what each version answers, then the rounds."""
        self._learn_answers(prepared, journal)
        for arm in self.arms:
            self._make_patches(prepared, arm, journal)
        for number, order in enumerate(abba(self.arms, self.scenario.rounds, self.scenario.seed)):
            for arm in order:
                self._play(self.scenario, prepared, journal, arm, number)

    def _learn_answers(self, prepared: Prepared, journal: Journal) -> None:
        for number, version in enumerate(self.scenario.versions):
            build = prepared.builds[REFERENCE, version]
            part = self._round(self.scenario, build, {}, journal, REFERENCE, number)
            with self._world([build], prepared.tools) as world:
                part.run_reference(world)

    def _play(
        self, scenario: Scenario, prepared: Prepared, journal: Journal, arm: str, number: int
    ) -> None:
        """One round of a scenario: ours, or one made of it."""
        build = prepared.builds[arm, scenario.first_version]
        targets = self._targets(scenario, prepared.builds, arm)
        part = self._round(scenario, build, targets, journal, arm, number)
        with self._world([build, *targets.values()], prepared.tools, part.patches) as world:
            part.run(world)

    def _make_patches(self, prepared: Prepared, arm: str, journal: Journal) -> None:
        if not self._targets(self.scenario, prepared.builds, arm):
            return
        assert prepared.tools is not None
        builds, beside = prepared.builds, self.scenario.beside
        base = builds[arm, self.scenario.first_version]
        changes: dict[str, Change] = {}
        for step in self.scenario.updates:
            assert step.with_ is not None
            old, new = builds[arm, step.with_.from_], builds[arm, step.with_.to]
            mapping = beside(step.with_.map) if step.with_.map else None
            wrong = self._wrong.mapping if self._wrong and not changes else {}
            changes[step.id] = Change(base, old, new, mapping, wrong)
        spec = WorldSpec(self.run_id, self.subject.image, (), _cores().server)
        scribe = Scribe(journal, arm, 0)
        self._patches(arm).make(self.backend, spec, prepared.tools, changes, scribe)

    def _patches(self, arm: str) -> Patches:
        return Patches(self.folder.patches(arm))

    def _targets(self, scenario: Scenario, builds: Builds, arm: str) -> dict[str, Build]:
        """The builds that each step leads to; none on an arm that cannot be updated."""
        if scenario.arms[arm].capture == "none":
            return {}
        return {step.id: builds[arm, scenario.path(step)[-1]] for step in scenario.steps}

    def _round(
        self,
        scenario: Scenario,
        build: Build,
        targets: dict[str, Build],
        journal: Journal,
        arm: str,
        number: int,
    ) -> Round:
        server = self.subject
        if not isinstance(server, Server):
            raise InvalidScenario([f"subject '{server.name}' takes no connections, so no 'load'"])
        return Round(
            scenario=scenario,
            server=server,
            build=build,
            targets=targets,
            patches=self._patches(arm),
            scribe=Scribe(journal, arm, number),
            logs=self.folder.logs(arm, number),
            cores=_cores(),
        )

    def _compare(self, builds: Builds, journal: Journal) -> None:
        benchmark = self.subject
        if not isinstance(benchmark, Benchmark):
            raise InvalidScenario([f"subject '{benchmark.name}' does not measure itself"])
        compare = self.scenario.compare
        if compare is not None and compare.against not in self.arms:
            raise InvalidScenario([f"nothing can be compared without arm '{compare.against}'"])
        version = next(iter(self.scenario.versions))
        chosen = {arm: builds[arm, version] for arm in self.arms}
        with self._world(list(chosen.values()), None) as world:
            bench.Comparison(self.scenario, benchmark, chosen, journal).run(world)

    def _world(
        self, builds: list[Build], tools: Toolchain | None, patches: Patches | None = None
    ) -> AbstractContextManager[World]:
        mounts = {build.digest: build.mount for build in builds}
        others = [part.mount for part in (tools, patches) if part is not None]
        shown = (*mounts.values(), *others)
        port = getattr(self.subject, "port", 0)
        return self.backend.open(
            WorldSpec(self.run_id, self.subject.image, shown, _cores().server, port)
        )

    def _judge(
        self, events: list[Event], environment: dict[str, Any], stopped: HarnessError | None
    ) -> dict[str, Any]:
        history = History(events)
        verdicts = checks.judge_all(self.scenario.checks, history)
        updates = verdict.updates(history)
        limits = verdict.thresholds(self.scenario, updates)
        # A comparison that was cut short has unpaired samples, which show nothing.
        compared = self.scenario.compare is not None and stopped is None
        metrics = bench.metrics(self.scenario, events) if compared else {}
        code = stopped.exit_code if stopped else verdict.conclude(verdicts, limits, metrics)
        return {
            "schema": 1,
            "scenario": self.scenario.name,
            "verdict": verdict.WORDS[code],
            "exit_code": int(code),
            "reason": str(stopped) if stopped else None,
            "seed": self.scenario.seed,
            "mutation": self.mutation,
            "environment": environment,
            "updates": updates,
            "metrics": metrics,
            "checks": [asdict(v) for v in [*verdicts, *limits]],
            "load": _load(events),
        }

    def _environment(self, prepared: Prepared | None) -> dict[str, Any]:
        machine = {
            **self.backend.describe(),
            "system": platform.platform(),
            "cores": psutil.cpu_count(),
            "arms": self.arms,
        }
        if prepared is None:
            return machine
        return {
            **machine,
            "toolchain": prepared.tools.digest if prepared.tools else None,
            "sources": {
                name: {"version": s.version, "digest": s.digest, "used_fallback": s.used_fallback}
                for name, s in prepared.sources.items()
            },
            "builds": {
                f"{arm} {version}": {"digest": b.digest, "seconds": round(b.seconds, 3)}
                for (arm, version), b in prepared.builds.items()
            },
        }


def _cores() -> Cores:
    """Two different processors, or the same one where there is only that."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(server=allowed[0], load=allowed[-1])


def _load(events: list[Event]) -> dict[str, Any]:
    summaries = [e for e in events if e.name == "summary"]
    floors = [float(e["generator_floor_us"]) for e in summaries]
    return {
        "requests": sum(e["requests"] for e in summaries),
        "failures": sum(e["failures"] for e in summaries),
        # Sessions ask one thing at a time and wait for it, so nothing is dropped
        # unless the run was cut short.
        "dropped": sum(1 for e in events if e.name == "cut-short"),
        "generator_floor_us": max(floors, default=0),
        "generator_share": max((float(e["generator_share"]) for e in summaries), default=0),
    }
