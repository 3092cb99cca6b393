"""From checks, thresholds and metrics to the one verdict of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .checks import TIMINGS, Verdict
from .errors import ExitCode
from .history import went_through
from .units import Threshold

if TYPE_CHECKING:
    from .history import History, RoundHistory
    from .scenario import Scenario

WORDS = {
    ExitCode.PASS: "pass",
    ExitCode.CORRECTNESS: "fail",
    ExitCode.INCONCLUSIVE: "inconclusive",
    ExitCode.INFRASTRUCTURE: "infrastructure",
    ExitCode.INVALID_SCENARIO: "invalid",
    ExitCode.THRESHOLD_MISSED: "threshold-missed",
}


def updates(history: History) -> list[dict[str, Any]]:
    """The result's `updates`: one entry an update of each round."""
    found = []
    for part in history.updated_rounds:
        for event in part.of("update-ended"):
            report = event["report"] or {}
            step = event["step"]
            found.append(
                {
                    "id": step,
                    "arm": part.arm,
                    "round": part.number,
                    "from": _before(part, step),
                    "to": part.updates[step],
                    "applied": went_through(event),
                    # A revert's figures are the sum of its steps.
                    "steps": report.get("steps", 1),
                    "trigger": _trigger(part.of("reached")),
                    "manual_mappings": history.of_patch(part.arm, step, "manual_mappings"),
                    "patch_us": history.of_patch(part.arm, step, "took_us"),
                    **{key: report.get(key) for key in ("processes", "threads", "tries", *TIMINGS)},
                    "reason": report.get("reason") or (None if report else event["said"].strip()),
                }
            )
    return found


def _before(part: RoundHistory, step: str) -> str:
    """The version that a step starts from."""
    steps = list(part.updates)
    at = steps.index(step)
    return part.updates[steps[at - 1]] if at else part.version


def _trigger(reached: list[Any]) -> dict[str, Any]:
    return {"op": reached[0]["op"], "bytes": reached[0]["bytes"]} if reached else {}


def thresholds(scenario: Scenario, done: list[dict[str, Any]]) -> list[Verdict]:
    """Each limit of the scenario, judged over all rounds; no figure is `unknown`."""
    found = []
    for metric, limits in scenario.thresholds.items():
        key = metric.removeprefix("update.")
        single = [u for u in done if u["applied"] and u.get("steps", 1) == 1]
        values = [float(u[key]) for u in single if u[key] is not None]
        for text in limits:
            limit = Threshold.parse(text)
            name = f"{metric} {text}"
            if not values:
                found.append(Verdict(name, "unknown", "no update was applied"))
                continue
            outcome = "pass" if limit.holds(values) else "fail"
            evidence = f"{limit.figure(values):g} over {len(values)} updates"
            found.append(Verdict(name, "pass" if outcome == "pass" else "fail", evidence))
    return found


def conclude(checks: list[Verdict], limits: list[Verdict], metrics: dict[str, Any]) -> ExitCode:
    """Wrong beats unknown, unknown beats slow, slow beats undecided.

    Whoever lets a slow run pass must not let a check pass that has shown nothing.
    """
    measured = [arm["verdict"] for metric in metrics.values() for arm in metric["arms"].values()]
    if any(v.verdict == "fail" for v in checks):
        return ExitCode.CORRECTNESS
    if any(v.verdict == "unknown" for v in checks):
        return ExitCode.INCONCLUSIVE
    if "fail" in measured or any(v.verdict == "fail" for v in limits):
        return ExitCode.THRESHOLD_MISSED
    if any(not metric["arms"] for metric in metrics.values()):
        return ExitCode.INCONCLUSIVE  # the baseline alone shows nothing
    if "inconclusive" in measured or any(v.verdict == "unknown" for v in limits):
        return ExitCode.INCONCLUSIVE
    return ExitCode.PASS
