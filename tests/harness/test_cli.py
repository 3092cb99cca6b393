"""The commands that run nothing, through the program itself."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from dsuharness.places import PROJECT


def dsuharness(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dsuharness.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        timeout=60,
    )


def test_valid_files() -> None:
    done = dsuharness("validate", "scenarios/vsftpd-one.yml", "scenarios/kissfft-overhead.yml")
    assert done.returncode == 0
    assert done.stdout.count("valid") == 2


@pytest.mark.parametrize("command", ["validate", "plan", "run", "build"])
def test_an_invalid_file_is_refused_by_every_command(command: str) -> None:
    before = sorted((PROJECT / "results").glob("*"))
    done = dsuharness(command, "scenarios/refuse/leads-nowhere.yml")
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 9
    assert "leads-nowhere.yml:14:18: there is no subject 'vsftp'" in done.stderr
    assert sorted((PROJECT / "results").glob("*")) == before


def test_problems_of_several_files_come_together() -> None:
    done = dsuharness("validate", "scenarios/refuse/empty.yml", "scenarios/refuse/not-yaml.yml")
    assert done.returncode == 4
    assert "empty.yml:1:1" in done.stderr
    assert "not-yaml.yml:5:11" in done.stderr


def test_schema_is_json() -> None:
    done = dsuharness("validate", "--schema")
    assert json.loads(done.stdout)["title"] == "dsuharness scenario"


def test_plan_tells_what_waits_for_what() -> None:
    done = dsuharness("plan", "scenarios/vsftpd-one.yml")
    assert done.returncode == 0
    assert "download has reached byte 16777216 of its RETR" in done.stdout
    assert "upload goes on once the update is over" in done.stdout


def test_plan_of_a_comparison_shows_each_round() -> None:
    done = dsuharness("plan", "scenarios/kissfft-overhead.yml")
    rounds = [line for line in done.stdout.splitlines() if line.startswith("round ")]
    assert len(rounds) == 30
    assert all("again" in line for line in rounds)


def test_help_shows_every_command_and_exit_code() -> None:
    done = dsuharness("--help")
    for word in (
        "run",
        "validate",
        "plan",
        "build",
        "report",
        "compare",
        "history",
        "gc",
        "99",
        "explore",
        "replay",
    ):
        assert word in done.stdout


def test_an_arm_that_is_not_there() -> None:
    done = dsuharness("run", "scenarios/vsftpd-one.yml", "--arm", "other")
    assert done.returncode == 4
    assert "no arm 'other' (it has baseline, landing-pad)" in done.stderr


def test_no_run_of_that_name() -> None:
    done = dsuharness("report", "never-run")
    assert done.returncode == 3
    assert "there is no run 'never-run'" in done.stderr


def test_no_moment_of_that_id() -> None:
    done = dsuharness("replay", "0123456789")
    assert done.returncode == 3
    assert "has a moment '0123456789'" in done.stderr


def test_a_mutation_that_is_not_there() -> None:
    done = dsuharness("run", "scenarios/vsftpd-one.yml", "--mutate", "other")
    assert done.returncode == 4
    assert "vsftpd has no mutation 'other' (known: lost-descriptor" in done.stderr
