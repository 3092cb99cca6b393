"""The project's scenarios, run for real on both backends."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from dsuharness import scenario
from dsuharness.places import PROJECT

BACKENDS = [
    pytest.param("docker", marks=pytest.mark.docker),
    pytest.param("process", marks=pytest.mark.root),
]

pytestmark = pytest.mark.network


def run(*arguments: str, seconds: int = 900) -> tuple[int, dict[str, Any], str]:
    """Exit code, result and messages of `dsuharness run`."""
    done = subprocess.run(
        [sys.executable, "-m", "dsuharness.cli", "run", "--json", *arguments],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        timeout=seconds,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout), done.stderr


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: f"{check['verdict']}: {check['evidence']}" for check in result["checks"]}


def run_correctly(
    name: str, backend: str, steps: list[str], seconds: int = 900, *more: str
) -> dict[str, Any]:
    """The result of a scenario all of whose checks pass.

    The pause is a figure of the benchmarks: on a busy machine it may be longer than its threshold,
    but then that is all that is wrong.  It is printed.
    """
    path = PROJECT / "scenarios" / f"{name}.yml"
    code, result, said = run(str(path), "--backend", backend, *more, seconds=seconds)
    found = verdicts(result)
    limits = {n: found.pop(n) for n in list(found) if n.startswith("update.")}
    print(f"{name} on {backend}: {limits}")
    assert list(found) == scenario.load(path).checks
    assert all(v.startswith("pass: ") for v in found.values()), (found, said)
    assert all(v.startswith(("pass: ", "fail: ")) for v in limits.values()), limits
    missed = any(v.startswith("fail: ") for v in limits.values())
    assert (code, result["verdict"]) == ((99, "threshold-missed") if missed else (0, "pass"))
    assert [(u["id"], u["applied"]) for u in result["updates"]] == [(s, True) for s in steps]
    assert result["environment"]["backend"] == backend
    assert result["load"]["failures"] == 0
    return result


@pytest.mark.parametrize("backend", BACKENDS)
def test_vsftpd_takes_a_patch_in_mid_transfer(backend: str) -> None:
    run_correctly("vsftpd-one", backend, ["utf8"] * 3)


@pytest.mark.parametrize("backend", BACKENDS)
def test_vsftpd_gets_new_code_for_the_transfers_it_is_in(backend: str) -> None:
    """Two rounds of two arms."""
    run_correctly("vsftpd-transfer", backend, ["filenames"] * 4)


@pytest.mark.timeout(1000)
@pytest.mark.parametrize(
    ("backend", "name"),
    [
        pytest.param("docker", "vsftpd-13", marks=pytest.mark.docker),
        pytest.param("docker", "vsftpd-13-tls", marks=[pytest.mark.docker, pytest.mark.nightly]),
        # Twenty-eight builds more; the same server, the same patches.
        pytest.param("process", "vsftpd-13", marks=[pytest.mark.root, pytest.mark.nightly]),
        pytest.param("process", "vsftpd-13-tls", marks=[pytest.mark.root, pytest.mark.nightly]),
        pytest.param("docker", "vsftpd-13-idle", marks=[pytest.mark.docker, pytest.mark.nightly]),
        pytest.param("process", "vsftpd-13-idle", marks=[pytest.mark.root, pytest.mark.nightly]),
    ],
)
def test_vsftpd_takes_thirteen_patches_and_gives_them_back(backend: str, name: str) -> None:
    steps = [step.id for step in scenario.load(PROJECT / "scenarios" / f"{name}.yml").steps]
    assert len(steps) == 14
    result = run_correctly(name, backend, steps)
    assert [u["manual_mappings"] for u in result["updates"][:13]] == [0] * 13


@pytest.mark.nightly  # Eighteen builds of a hundred files, each configured by itself.
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("backend", BACKENDS)
def test_lighttpd_takes_eight_parts_of_a_later_release_and_gives_them_back(backend: str) -> None:
    steps = [step.id for step in scenario.load(PROJECT / "scenarios" / "lighttpd.yml").steps]
    assert len(steps) == 9
    result = run_correctly("lighttpd", backend, steps, seconds=3500)
    assert [u["manual_mappings"] for u in result["updates"][:8]] == [0] * 8


@pytest.mark.nightly  # Four builds of a hundred files.
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("backend", BACKENDS)
def test_lighttpd_takes_eight_parts_at_once(backend: str) -> None:
    result = run_correctly("lighttpd-short", backend, ["later", "back"], seconds=1700)
    assert result["updates"][0]["manual_mappings"] == 0


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
