"""Run all overhead scenarios, one after the other, and put their figures into one table.

Writes results/bench/STAMP/result.json and points results/bench/latest at it.  Ends
with the line `bench: N metrics, verdict` and the worst exit code of the runs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dsuharness.errors import ExitCode

# By glob, so that an overhead scenario cannot exist without being measured.
SCENARIOS = "scenarios/*-overhead.yml"
RESULTS = Path("results")
# From harmless to severe; a run that says nothing is an infrastructure error.
SEVERITY = [
    ExitCode.PASS,
    ExitCode.INCONCLUSIVE,
    ExitCode.THRESHOLD_MISSED,
    ExitCode.INVALID_SCENARIO,
    ExitCode.INFRASTRUCTURE,
    ExitCode.CORRECTNESS,
]


def run(scenario: Path) -> tuple[ExitCode, dict[str, Any]]:
    """Run one scenario; return its exit code and result, an empty one if it left none."""
    latest = RESULTS / scenario.stem / "latest"
    before = latest.resolve()
    tool = Path(sys.executable).with_name("dsuharness")
    code = _exit_code(subprocess.run([tool, "run", scenario], check=False).returncode)
    file = latest / "result.json"
    # The link of an earlier run must not pass for this one's.
    if latest.resolve() == before or not file.is_file():
        return max(code, ExitCode.INFRASTRUCTURE, key=SEVERITY.index), {}
    return code, json.loads(file.read_text())


def _exit_code(status: int) -> ExitCode:
    try:
        return ExitCode(status)
    except ValueError:
        return ExitCode.INFRASTRUCTURE


def table(metrics: dict[str, Any]) -> Table:
    """Return a row for each metric and arm: ratio to the baseline, bounds, A/A floor, verdict."""
    drawn = Table("metric", "arm", "baseline", "overhead", "bounds", "A/A floor", "verdict")
    for name, metric in sorted(metrics.items()):
        for arm, figures in metric["arms"].items():
            drawn.add_row(
                name,
                arm,
                f"{metric['baseline']:,.6g} {metric['unit']}",
                _percent(figures["ratio"] - 1),
                f"{_percent(figures['low'] - 1)} to {_percent(figures['high'] - 1)}",
                _percent(figures["floor"]),
                figures["verdict"],
            )
    return drawn


def _percent(share: float) -> str:
    return f"{share:+.2%}"


def record(result: dict[str, Any]) -> Path:
    """Write the joint result and move `latest` to it; return the file."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = RESULTS / "bench" / stamp
    folder.mkdir(parents=True)
    file = folder / "result.json"
    file.write_text(json.dumps(result, indent=2) + "\n")
    latest = folder.with_name("latest")
    latest.unlink(missing_ok=True)
    latest.symlink_to(stamp)
    return file


def main() -> int:
    """Run, join, print; return the severest exit code."""
    runs = {path.stem: run(path) for path in sorted(Path().glob(SCENARIOS))}
    codes = [code for code, _ in runs.values()] or [ExitCode.INFRASTRUCTURE]
    worst = max(codes, key=SEVERITY.index)
    metrics = {
        name: metric
        for _, result in runs.values()
        for name, metric in result.get("metrics", {}).items()
    }
    verdict = worst.name.lower().replace("_", "-")
    file = record(
        {
            "schema": 1,
            "scenario": "bench",
            "verdict": verdict,
            "exit_code": int(worst),
            "runs": {name: result for name, (_, result) in runs.items()},
            "metrics": metrics,
        }
    )
    console = Console()
    console.print(table(metrics))
    console.print(f"written to {file}")
    console.print(f"bench: {len(metrics)} metrics of {len(runs)} scenarios, {verdict}")
    return int(worst)


if __name__ == "__main__":
    raise SystemExit(main())
