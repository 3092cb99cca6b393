"""dsuctl on families of processes in a sandbox that kills for nearly every system call."""

from __future__ import annotations

import itertools
import os
import signal
import statistics
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.runtime import support
from tests.runtime.conftest import NEW, THIRD
from tests.runtime.support import ctl, servers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_all_at_once(family: Path, patch: Path, next_patch: Path) -> None:
    with servers(family, 10) as s:
        s.expect("old", reject="new")
        answer = ctl("apply", s.pid, patch, "--json")
        assert answer.code == 0, answer
        assert answer.json["applied"]
        assert (answer.json["processes"], answer.json["threads"]) == (10, 10)
        assert answer.json["reason"] is None
        assert 0 < answer.json["stop_us"] <= answer.json["total_us"]
        replies = s.ask()
        assert replies == ["new 02 41 x"] * 10, "locals and new globals"
        answer = ctl("apply", s.pid, next_patch, "--json")
        assert answer.code == 0, answer
        assert s.ask() == ["third 03 41 x"] * 10
        status = ctl("status", s.pid, "--json").json
        assert [p["to"] for p in status["patches"]] == [NEW, THIRD]
        assert status["base"] == support.build_id(family)
        assert {p["version"] for p in status["processes"]} == {THIRD}
        assert len(status["processes"]) == 10


def test_any_process_names_the_family(family: Path, patch: Path) -> None:
    with servers(family, 3) as s:
        s.ask()
        pids = [p["pid"] for p in ctl("status", s.pid, "--json").json["processes"]]
        assert ctl("apply", pids[-1], patch).code == 0
        s.expect("new", reject="old")
        mine = [f for f in ctl("list", "--json").json if f["pid"] == s.pid]
        assert mine[0]["processes"] == 3
        assert mine[0]["patches"] == 1


def test_check_changes_nothing(family: Path, patch: Path) -> None:
    with servers(family, 5) as s:
        s.ask()
        for _ in range(20):
            answer = ctl("check", s.pid, patch, "--json")
            assert answer.code == 0, answer
            assert answer.json["possible"]
            assert not answer.json["applied"]
            s.expect("old", reject="new")
        assert ctl("status", s.pid, "--json").json["patches"] == []


def test_no_counterpart_rolls_back(family: Path, patch: Path, unmappable: Path) -> None:
    with servers(family, 5) as s:
        s.ask()
        answer = ctl("apply", s.pid, unmappable, "--json")
        assert answer.code == 1
        assert not answer.json["applied"]
        assert answer.json["reason"].count("a continuation point has no counterpart: serve") == 5
        s.expect("old", reject="new")
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")


def test_pause_of_twenty_one(
    family: Path, patch: Path, record_property: Callable[[str, object], None]
) -> None:
    totals = []
    for _ in range(7):
        with servers(family, 21) as s:
            s.ask()
            answer = ctl("apply", s.pid, patch, "--json")
            assert answer.code == 0, answer
            assert answer.json["processes"] == 21
            totals.append(answer.json["total_us"])
            s.expect("new", reject="old")
    record_property("total_us", totals)
    print(f"21 processes: total_us median {statistics.median(totals):.0f}, all {totals}")


def test_repeated_while_serving(family: Path, patch: Path) -> None:
    """No reply is lost, and none is of a version that was left."""
    with servers(family, 4, "-u") as s:
        s.ask()
        checker = subprocess.Popen(
            [str(support.DSUCTL), "check", str(s.pid), str(patch)], stdout=subprocess.DEVNULL
        )
        asked = 1
        while checker.poll() is None or asked < 500:
            s.expect("old", reject="new")
            asked += 1
        assert checker.returncode == 0
        applier = subprocess.Popen(
            [str(support.DSUCTL), "apply", str(s.pid), str(patch)], stdout=subprocess.DEVNULL
        )
        seen = [["old"] for _ in s.sockets]
        while applier.poll() is None or len(seen[0]) < 200:
            for i, reply in enumerate(s.ask()):
                asked_here, version = reply.split()[1], reply.split()[0]
                seen[i].append(version)
                assert asked_here == f"{(asked + 1) % 100:02}", "a request was lost or repeated"
            asked += 1
        assert applier.returncode == 0
        for versions in seen:
            switches = [a for a, b in itertools.pairwise(versions) if a != b]
            assert switches == ["old"]


# ---- faults ----


@pytest.mark.parametrize("step", ["stop", "unroll"])
def test_dsuctl_dies_before_the_decision(family: Path, patch: Path, step: str) -> None:
    with servers(family, 6) as s:
        s.ask()
        assert ctl("apply", s.pid, patch, fault=f"{step}:kill").code == -signal.SIGKILL
        s.expect("old", reject="new")
        assert ctl("status", s.pid, "--json").json["patches"] == []
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")


def test_dsuctl_dies_before_it_says_commit(family: Path, patch: Path) -> None:
    with servers(family, 6) as s:
        s.ask()
        assert ctl("apply", s.pid, patch, fault="commit:kill").code == -signal.SIGKILL
        s.expect("old", reject="new")


def test_dsuctl_dies_after_the_decision(family: Path, patch: Path, next_patch: Path) -> None:
    """The first entry is redirected, the second is not: the leader finishes it."""
    with servers(family, 6) as s:
        s.ask()
        assert ctl("apply", s.pid, patch, fault="redirect:kill").code == -signal.SIGKILL
        s.expect("new", reject="old")
        assert [p["to"] for p in ctl("status", s.pid, "--json").json["patches"]] == [NEW]
        assert ctl("apply", s.pid, next_patch).code == 0
        s.expect("third", reject="new")


def test_a_process_dies_while_it_stands(family: Path, patch: Path) -> None:
    with servers(family, 4) as s:
        s.ask()
        stalled = subprocess.Popen(
            [str(support.FAULTY), "apply", str(s.pid), str(patch)],
            env=support.environment("stop:stall"),
        )
        pids = [p["pid"] for p in ctl("status", s.pid, "--json").json["processes"]]
        deadline = time.monotonic() + support.DEADLINE
        while ctl("status", s.pid, "--json").out.count('"stopped"') < 4:
            assert time.monotonic() < deadline
        os.kill(pids[-1], signal.SIGKILL)
        stalled.kill()
        stalled.wait()
        assert [r.split()[0] for r in s.ask(range(3))] == ["old"] * 3
        answer = ctl("apply", s.pid, patch, "--json")
        assert answer.code == 0, answer
        assert answer.json["processes"] == 3
        assert [r.split()[0] for r in s.ask(range(3))] == ["new"] * 3


def test_two_at_once(family: Path, patch: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        stalled = subprocess.Popen(
            [str(support.FAULTY), "apply", str(s.pid), str(patch)],
            env=support.environment("stop:stall"),
        )
        deadline = time.monotonic() + support.DEADLINE
        while ctl("status", s.pid, "--json").out.count('"stopped"') < 2:
            assert time.monotonic() < deadline
        answer = ctl("apply", s.pid, patch, "--json")
        stalled.kill()
        stalled.wait()
        assert answer.code == 1
        assert "another dsuctl" in answer.json["reason"]
        s.expect("old", reject="new")


def test_two_race(family: Path, patch: Path, next_patch: Path) -> None:
    """Whoever comes second is refused for a reason that is true, or finds the way free."""
    with servers(family, 4, "-u") as s:
        s.ask()
        refused = 0
        for _ in range(15):
            ctls = [
                subprocess.Popen(
                    [str(support.DSUCTL), "apply", str(s.pid), str(p)],
                    stderr=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    text=True,
                    env=support.environment(),
                )
                for p in (patch, next_patch, patch)
            ]
            said = [c.communicate(timeout=30)[1] for c in ctls]
            for c, text in zip(ctls, said, strict=True):
                assert c.returncode in (0, 1)
                true = ("another dsuctl is updating this program", "the patch is for version")
                assert (c.returncode == 0) != any(t in text for t in true), text
                refused += "another dsuctl" in text
            versions = {r.split()[0] for r in s.ask()}
            status = ctl("status", s.pid, "--json").json
            assert versions == {("old", "new", "third")[len(status["patches"])]}
            assert {p["version"] for p in status["processes"]} == {status["version"]}
            assert sum(c.returncode == 0 for c in ctls) == len(status["patches"])
            if status["patches"]:
                assert ctl("revert", s.pid).code == 0
        assert refused > 0
