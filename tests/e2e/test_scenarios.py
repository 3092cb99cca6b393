"""The project's scenarios, run for real on both backends."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from dsuharness.places import PROJECT

BACKENDS = [
    pytest.param("docker", marks=pytest.mark.docker),
    pytest.param("process", marks=pytest.mark.root),
]

pytestmark = pytest.mark.network


def run(*arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, result and messages of `dsuharness run`."""
    done = subprocess.run(
        [sys.executable, "-m", "dsuharness.cli", "run", "--json", *arguments],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        timeout=500,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: f"{check['verdict']}: {check['evidence']}" for check in result["checks"]}


@pytest.mark.parametrize("backend", BACKENDS)
def test_vsftpd_takes_a_patch_in_mid_transfer(backend: str) -> None:
    code, result, said = run("scenarios/vsftpd-one.yml", "--backend", backend)
    # The pause is a figure of the benchmarks; on a busy machine it may be longer.
    correct = {n: v for n, v in verdicts(result).items() if not n.startswith("update.")}
    assert all(v.startswith("pass: ") for v in correct.values()), (correct, said)
    assert len(correct) == 11
    assert code in (0, 99)
    assert [u["applied"] for u in result["updates"]] == [True] * 3
    assert result["environment"]["backend"] == backend
    assert result["load"]["failures"] == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_arm_without_the_update_is_inconclusive_about_it(backend: str) -> None:
    code, result, _ = run("scenarios/vsftpd-one.yml", "--backend", backend, "--arm", "baseline")
    assert code == 2
    found = verdicts(result)
    assert found["transfers-intact"].startswith("pass")
    assert found["mid-transfer"].startswith("pass")
    assert found["update-applied"].startswith("unknown")


@pytest.mark.parametrize("backend", BACKENDS)
def test_kissfft_is_compared(backend: str) -> None:
    code, result, said = run("scenarios/kissfft-overhead.yml", "--backend", backend)
    assert code in (0, 2, 99), said
    metrics = result["metrics"]
    assert set(metrics) == {"kissfft.instructions", "kissfft.time"}
    for metric in metrics.values():
        assert {"landing-pad", "flag-check"} < set(metric["arms"])
        assert metric["baseline"] > 0
    # Exact, and the claim itself, so it may be a test.
    assert metrics["kissfft.instructions"]["arms"]["landing-pad"]["verdict"] == "pass"


def test_a_source_that_no_mirror_has(tmp_path: Any) -> None:
    text = (PROJECT / "scenarios" / "vsftpd-one.yml").read_text()
    (tmp_path / "s.yml").write_text(text.replace("version: 3.0.5-0.2", "version: 9.9.9-1"))
    done = subprocess.run(
        [sys.executable, "-m", "dsuharness.cli", "build", str(tmp_path / "s.yml")],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        timeout=300,
    )
    assert done.returncode == 3
    for word in ("vsftpd", "9.9.9-1", "trixie"):
        assert word in done.stderr
