"""What a scenario would do, in the order in which it would do it; nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .bench import AGAIN
from .stats import abba
from .units import show_size
from .versions import DebianSource, changes

if TYPE_CHECKING:
    from .scenario import Load, Scenario, Sessions, Step

DOES = {
    "idle": "log in, ask, keep silent until the update is over, ask again",
    "retrieve": "fetch",
    "store": "send",
    "steady": "ask and fetch over and over, until the end",
    "visit": "come",
}


def lines(scenario: Scenario) -> Iterator[str]:
    """The schedule, a line a happening."""
    yield f"{scenario.name}: {scenario.title}"
    yield ""
    yield from _builds(scenario)
    yield ""
    if scenario.compare is not None:
        yield from _comparison(scenario)
    elif scenario.load is not None:
        yield from _schedule(scenario, scenario.load)
    if scenario.checks:
        yield ""
        yield f"checks: {', '.join(scenario.checks)}"
    for metric, limits in scenario.thresholds.items():
        yield f"threshold: {metric} {', '.join(limits)}"


def _builds(scenario: Scenario) -> Iterator[str]:
    for name, source in scenario.sources.items():
        changed = ", ".join(changes(source))
        by = "Debian's " if isinstance(source, DebianSource) else ""
        how = f"with {changed}" if changed else "as released"
        yield f"version {name}: {by}{source.origin} {how}"
    for name, arm in scenario.arms.items():
        compiler = "gcc" if arm.capture == "none" else f"dsucc --dsu-capture={arm.capture}"
        everywhere = ", exempt functions too" if arm.everywhere else ""
        yield f"arm {name}: {scenario.subject.uses} built by {compiler}{everywhere}"


def _comparison(scenario: Scenario) -> Iterator[str]:
    assert scenario.compare is not None
    arms = [*scenario.arms, AGAIN]
    yield f"'{AGAIN}' is {scenario.compare.against} once more: the noise floor"
    for number, order in enumerate(abba(arms, scenario.compare.design.rounds, scenario.seed)):
        yield f"round {number + 1}: {' '.join(order)}"
    for metric, wanted in scenario.compare.metrics.items():
        judged = ", ".join(wanted.judge) or "every arm"
        yield f"claim: {metric} overhead {wanted.overhead} for {judged}"


def _schedule(scenario: Scenario, load: Load) -> Iterator[str]:
    yield f"each version, built by gcc, is asked: {', '.join(load.probe) or 'nothing'}"
    for number, order in enumerate(abba(list(scenario.arms), scenario.rounds, scenario.seed)):
        yield f"round {number + 1}: {', then '.join(order)}"
    yield ""
    yield "in each round:"
    yield f"  start {scenario.subject.uses} in version {scenario.first_version}"
    for name, sessions in load.sessions.items():
        if sessions.does != "visit":
            yield f"  {sessions.count} × {name}: {_does(sessions)}"
    for step in scenario.steps:
        yield from _step(scenario, step, load)
    for name, sessions in load.sessions.items():
        if sessions.does == "visit":
            yield f"  {sessions.count} × {name}: {_does(sessions)} after {sessions.after}"


def _step(scenario: Scenario, step: Step, load: Load) -> Iterator[str]:
    yield f"  step {step.id}: wait until"
    yield "    every session has logged in and asked"
    for when in step.when:
        yield f"    {when.session} has reached byte {when.at.bytes} of its {when.op}"
    if step.with_ is None:
        yield f"  revert to {scenario.path(step)[-1]} (the plain arm: {step.on_baseline})"
    else:
        way = f"{step.with_.from_} → {step.with_.to}"
        yield f"  update {way} (the plain arm: {step.on_baseline})"
    for policy, moment in (("until-requested", "asked for"), ("until-applied", "over")):
        for name, sessions in load.sessions.items():
            if scenario.releases(step, policy, sessions.hold):
                yield f"    {name} goes on once the update is {moment}"


def _does(sessions: Sessions) -> str:
    what = DOES[sessions.does]
    if sessions.does in ("retrieve", "store"):
        tls = " over TLS" if sessions.tls else ""
        what += f" {show_size(sessions.size)} ({sessions.type}, {sessions.data}{tls})"
    if sessions.hold:
        what += f", stop at byte {sessions.hold.at}"
    return what
