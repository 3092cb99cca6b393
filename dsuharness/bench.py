"""Comparison of a subject's builds: interleaved rounds, and exact instruction counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile

from . import stats
from .errors import ToolMissing
from .journal import Scribe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .backend import World
    from .backend.world import Completed
    from .build import Build
    from .journal import Event, Journal
    from .scenario import Compare, Metric, Scenario
    from .subject import Benchmark

AGAIN = "again"
"""The arm that is the baseline once more: what it differs by is noise."""

CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--")
COLLECTED = re.compile(r"Collected *: *(\d+)")

PER_SECOND = "1/s"
COMPILE_TIME = "dsucc.compile_time"

SAMPLE_SECONDS = 600.0
"""It ends what hangs; on a machine that does other work a sample takes minutes."""


@dataclass(frozen=True)
class Comparison:
    """What is compared, in one world that sees all builds."""

    scenario: Scenario
    benchmark: Benchmark
    builds: Mapping[str, Build]
    journal: Journal

    def run(self, world: World) -> None:
        """Warm up, count instructions once an arm, then take the rounds' times."""
        compare = self._compare
        for arm, build in self.builds.items():
            self._run(world, build).or_fail(f"warming up {arm}")
            self._count(world, arm, build)
            self._weigh(arm, build)
        for number, order in enumerate(self._order()):
            for arm in order:
                build = self.builds[compare.against if arm == AGAIN else arm]
                self._time(world, arm, number, build)

    @property
    def _compare(self) -> Compare:
        assert self.scenario.compare is not None
        return self.scenario.compare

    def _order(self) -> list[list[str]]:
        arms = [*self.builds, AGAIN]
        return stats.abba(arms, self._compare.design.rounds, self.scenario.seed)

    def _time(self, world: World, arm: str, number: int, build: Build) -> None:
        done = self._run(world, build).or_fail(f"timing {arm}")
        for metric, sample in self.benchmark.samples(done).items():
            self._note(arm, number, metric, sample.value, sample.unit)

    def _run(self, world: World, build: Build) -> Completed:
        plain = self.builds[self._compare.against].program
        argv = self.benchmark.timed(build.program, plain, self.scenario.subject.with_)
        return world.run(argv, timeout=SAMPLE_SECONDS)

    def _count(self, world: World, arm: str, build: Build) -> None:
        options = self.scenario.subject.with_
        argv = self.benchmark.counted(build.program, options, CALLGRIND)
        done = world.run(argv, timeout=10 * SAMPLE_SECONDS).or_fail(f"counting {arm}")
        found = COLLECTED.search(done.err)
        if not found:
            raise ToolMissing(f"callgrind did not say how much it collected:\n{done.err[-1000:]}")
        self._note(arm, 0, f"{self.benchmark.name}.instructions", float(found[1]), "instructions")

    def _weigh(self, arm: str, build: Build) -> None:
        """What the build itself came to."""
        with (build.folder / "tree" / build.product).open("rb") as stream:
            sections = ELFFile(stream).iter_sections()
            text = sum(s["sh_size"] for s in sections if s["sh_flags"] & SH_FLAGS.SHF_EXECINSTR)
        self._note(arm, 0, "text.size", float(text), "bytes")
        self._note(arm, 0, COMPILE_TIME, build.seconds, "s")

    def _note(self, arm: str, number: int, metric: str, value: float, unit: str) -> None:
        Scribe(self.journal, arm, number).note("sample", metric=metric, value=value, unit=unit)


def metrics(scenario: Scenario, events: list[Event]) -> dict[str, Any]:
    """The result's `metrics`, from the samples in a journal."""
    assert scenario.compare is not None
    result: dict[str, Any] = {}
    for name, wanted in scenario.compare.metrics.items():
        samples = _samples(events, name)
        if scenario.compare.against in samples:
            result[name] = _metric(scenario, wanted, samples, _unit(events, name))
    return result


def _metric(
    scenario: Scenario, wanted: Metric, samples: dict[str, list[float]], unit: str
) -> dict[str, Any]:
    assert scenario.compare is not None
    against = samples[scenario.compare.against]
    exact = len(against) == 1
    floor = 0.0
    if not exact:
        again = stats.paired_ratio(against, samples[AGAIN], wanted.confidence, scenario.seed)
        floor = stats.floor_of(again)
    arms = {}
    for arm in scenario.arms:
        if arm == scenario.compare.against or arm not in samples:
            continue
        values = samples[arm]
        if exact:
            ratio = stats.Ratio(*[values[0] / against[0]] * 3)
        elif unit == PER_SECOND:  # more is better: how much longer each takes
            ratio = stats.paired_ratio(values, against, wanted.confidence, scenario.seed)
        else:
            ratio = stats.paired_ratio(against, values, wanted.confidence, scenario.seed)
        judged = arm in wanted.judge or not wanted.judge
        verdict = _verdict(ratio, wanted.overhead, floor) if judged else "reported"
        arms[arm] = {
            "ratio": round(ratio.ratio, 5),
            "low": round(ratio.low, 5),
            "high": round(ratio.high, 5),
            "floor": round(floor, 5),
            "verdict": verdict,
        }
    middle = sorted(against)[len(against) // 2]
    return {"unit": unit, "baseline": round(middle, 3), "overhead": wanted.overhead, "arms": arms}


def _verdict(ratio: stats.Ratio, overhead: str, floor: float) -> str:
    limit = overhead.removeprefix("<=").strip()
    if limit == "floor":
        return stats.judge_within_floor(ratio, floor)
    return stats.judge(ratio, float(limit.removesuffix("%")) / 100)


def _samples(events: list[Event], metric: str) -> dict[str, list[float]]:
    samples: dict[str, list[float]] = {}
    for event in sorted(events, key=lambda e: e.round):
        if event.name == "sample" and event["metric"] == metric:
            samples.setdefault(event.arm, []).append(float(event["value"]))
    return samples


def _unit(events: list[Event], metric: str) -> str:
    return next(str(e["unit"]) for e in events if e.name == "sample" and e["metric"] == metric)
