"""The small tools behind make's targets."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from dsuharness.errors import ExitCode
from tools import bench, lock
from tools.outcome import outcome

RESULT: dict[str, Any] = {
    "verdict": "pass",
    "updates": [
        {"applied": True, "total_us": 900},
        {"applied": True, "total_us": 1100},
        {"applied": False, "total_us": 0},
    ],
    "checks": [{"verdict": "pass"}, {"verdict": "unknown"}],
}
METRIC = {
    "unit": "us",
    "baseline": 100.0,
    "arms": {
        "landing-pad": {
            "ratio": 1.005, "low": 0.99, "high": 1.02, "floor": 0.01, "verdict": "pass",
        }
    },
}  # fmt: skip


def test_outcome_says_what_was_applied_and_how_long_it_took() -> None:
    assert outcome(RESULT) == (
        "pass, 2 of 3 updates applied, median pause 1000 us, 1 of 2 checks passed"
    )


def test_outcome_of_a_run_that_updated_nothing() -> None:
    assert outcome({"verdict": "inconclusive"}) == (
        "inconclusive, 0 of 0 updates applied, 0 of 0 checks passed"
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with two overhead scenarios and a stand-in for dsuharness.

    It runs `<scenario>.sh` beside the scenario file.
    """
    (tmp_path / "scenarios").mkdir()
    tool = tmp_path / "bin" / "dsuharness"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nname=$(basename "$2" .yml)\n. ./scenarios/$name.sh\n')
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tool.with_name("python")))
    return tmp_path


def scenario(project: Path, name: str, status: int, metrics: dict[str, Any] | None) -> None:
    """Write a scenario that leaves `metrics` behind (nothing if None) and ends with `status`."""
    (project / "scenarios" / f"{name}.yml").touch()
    home = project / "results" / name
    script = ""
    if metrics is not None:
        new = home / "2"
        new.mkdir(parents=True)
        (new / "result.json").write_text(json.dumps({"metrics": metrics}))
        script = f"ln -sfn 2 {home}/latest\n"
    (project / "scenarios" / f"{name}.sh").write_text(f"{script}exit {status}\n")


def latest(project: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((project / "results/bench/latest/result.json").read_text())
    return result


def test_bench_joins_all_metrics(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario(project, "a-overhead", 0, {"a.time": METRIC})
    scenario(project, "b-overhead", 0, {"b.time": METRIC})
    assert bench.main() == ExitCode.PASS
    assert set(latest(project)["metrics"]) == {"a.time", "b.time"}
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last == "bench: 2 metrics of 2 scenarios, pass"


def test_bench_ends_with_the_severest_of_its_runs(project: Path) -> None:
    scenario(project, "a-overhead", ExitCode.THRESHOLD_MISSED, {"a.time": METRIC})
    scenario(project, "b-overhead", ExitCode.INCONCLUSIVE, {"b.time": METRIC})
    assert bench.main() == ExitCode.THRESHOLD_MISSED
    assert latest(project)["verdict"] == "threshold-missed"


def test_bench_does_not_take_an_old_result_for_a_new_one(project: Path) -> None:
    scenario(project, "a-overhead", 0, None)
    old = project / "results/a-overhead/1"
    old.mkdir(parents=True)
    (old / "result.json").write_text(json.dumps({"metrics": {"a.time": METRIC}}))
    (old.parent / "latest").symlink_to("1")
    assert bench.main() == ExitCode.INFRASTRUCTURE
    assert latest(project)["metrics"] == {}


def test_bench_without_a_scenario_is_not_a_pass(project: Path) -> None:
    assert project.is_dir()
    assert bench.main() == ExitCode.INFRASTRUCTURE


def test_lock_asks_for_the_build_backend_too() -> None:
    wanted = lock.requirements(Path(__file__).parents[2] / "pyproject.toml")
    assert {"pycparser==3.12", "hypothesis", "hatchling", "editables"} <= set(wanted)
