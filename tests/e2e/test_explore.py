"""Updates that are wrong on purpose are caught, found, made small and run again."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from dsuharness.places import PROJECT

SCENARIO = "tests/e2e/moments.yml"

pytestmark = [pytest.mark.network, pytest.mark.root, pytest.mark.xdist_group("explore")]


def dsuharness(command: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and result, on plain processes."""
    done = subprocess.run(
        [sys.executable, "-m", "dsuharness.cli", command, *arguments, "--json"],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        timeout=300,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def verdicts(result: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["verdict"] for check in result["checks"]}


def test_a_good_update_fails_at_no_moment_and_a_moment_is_replayed() -> None:
    code, found = dsuharness("explore", SCENARIO, "--backend", "process", "--moments", "3")
    assert code == 0, found["moments"]
    assert [m["verdict"] for m in found["moments"]] == ["pass"] * 3
    assert found["smallest"] is None
    places = [m["schedule"]["at"] for m in found["moments"]]
    assert places[1:3] == [
        {"download": 1, "upload": 1},
        {"download": (128 << 10) - 1, "upload": (128 << 10) - 1},
    ]
    moment = found["moments"][1]
    code, again = dsuharness("replay", moment["id"], "--backend", "process")
    assert code == 0
    assert again["replayed"] == {
        "id": moment["id"],
        "recorded": "pass",
        "failed": [],
        "same": True,
        "other_builds": [],
    }
    assert again["moments"][0]["schedule"] == moment["schedule"]
    assert again["updates"][0]["trigger"]["bytes"] == 1


def test_a_lost_descriptor_is_found_and_made_small() -> None:
    wrong = ("--mutate", "lost-descriptor")
    code, found = dsuharness("explore", SCENARIO, "--backend", "process", "--moments", "3", *wrong)
    assert code == 1
    assert [m["verdict"] for m in found["moments"][:3]] == ["fail"] * 3
    # Whatever is left out next still fails until the upload alone is there, at its first byte.
    smallest = found["smallest"]
    assert "transfers-intact" in smallest["failed"]
    assert smallest["schedule"] == {"steps": 1, "sessions": {"upload": 1}, "at": {"upload": 1}}
    assert found["replay"] == f"dsuharness replay {smallest['id']}"
    code, again = dsuharness("replay", smallest["id"], "--backend", "process")
    assert code == 1
    assert again["replayed"]["same"] is True
    assert again["moments"][0]["failed"] == smallest["failed"]


@pytest.mark.parametrize(
    ("mutation", "code", "caught"),
    [
        ("stall", 99, {"update.total_us max<=100000"}),
        ("dropped-field", 1, {"load-ran", "newcomers-served"}),
    ],
)
def test_a_wrong_update_is_caught(mutation: str, code: int, caught: set[str]) -> None:
    got, result = dsuharness("run", SCENARIO, "--backend", "process", "--mutate", mutation)
    assert got == code, result["checks"]
    # How much else a broken server takes along depends on when it is met.
    assert caught <= {name for name, verdict in verdicts(result).items() if verdict == "fail"}
    assert result["mutation"] == mutation
