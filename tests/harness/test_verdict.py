from __future__ import annotations

from typing import Any, Literal

import pytest

from dsuharness import scenario, verdict
from dsuharness.checks import Verdict
from dsuharness.errors import ExitCode
from dsuharness.history import History
from dsuharness.places import PROJECT

Outcome = Literal["pass", "fail", "unknown"]


def said(*outcomes: Outcome) -> list[Verdict]:
    return [Verdict(f"check-{i}", outcome, "") for i, outcome in enumerate(outcomes)]


def measured(*verdicts: str) -> dict[str, Any]:
    return {"metric": {"arms": {str(i): {"verdict": v} for i, v in enumerate(verdicts)}}}


@pytest.mark.parametrize(
    ("checks", "limits", "metrics", "code"),
    [
        (said("pass"), said("pass"), {}, ExitCode.PASS),
        (said("pass", "fail"), said("fail"), {}, ExitCode.CORRECTNESS),
        (said("unknown"), said("fail"), {}, ExitCode.INCONCLUSIVE),
        (said("pass", "unknown"), said("fail"), {}, ExitCode.INCONCLUSIVE),
        (said("unknown", "fail"), said("fail"), {}, ExitCode.CORRECTNESS),
        (said("pass"), said("unknown", "fail"), {}, ExitCode.THRESHOLD_MISSED),
        (said("unknown"), said("pass"), {}, ExitCode.INCONCLUSIVE),
        (said("pass"), said("unknown"), {}, ExitCode.INCONCLUSIVE),
        ([], [], measured("pass", "reported"), ExitCode.PASS),
        ([], [], measured("pass", "fail"), ExitCode.THRESHOLD_MISSED),
        ([], [], measured("inconclusive"), ExitCode.INCONCLUSIVE),
        ([], [], measured(), ExitCode.INCONCLUSIVE),
    ],
)
def test_wrong_beats_slow_beats_undecided(
    checks: list[Verdict], limits: list[Verdict], metrics: dict[str, Any], code: ExitCode
) -> None:
    assert verdict.conclude(checks, limits, metrics) is code


def one_update(total_us: float) -> dict[str, Any]:
    return {"applied": True, "total_us": total_us}


def test_thresholds_are_judged_over_all_rounds() -> None:
    wanted = scenario.load(PROJECT / "scenarios" / "vsftpd-one.yml")
    rounds = [one_update(4000), one_update(4900), one_update(90000)]
    assert [v.verdict for v in verdict.thresholds(wanted, rounds)] == ["pass"]
    rounds[0] = one_update(5001)
    assert [v.verdict for v in verdict.thresholds(wanted, rounds)] == ["fail"]
    assert [v.verdict for v in verdict.thresholds(wanted, [])] == ["unknown"]


def test_updates_carry_the_contract(good: Any) -> None:
    history: History = good.history
    (update,) = verdict.updates(history)
    assert update["trigger"] == {"op": "RETR", "bytes": 16}
    assert (update["from"], update["to"], update["applied"]) == ("v1", "v2", True)
    assert update["total_us"] == 900.0
    assert update["manual_mappings"] == 2
    assert update["patch_us"] == 1500
