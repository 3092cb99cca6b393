"""dsuctl revert: back through a chain of patches, each step for the whole family or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.runtime import support
from tests.runtime.conftest import NEW, THIRD
from tests.runtime.support import ctl, servers


def entries(family: Path) -> list[int]:
    """Where the entries of the replaced functions are in the program's file."""
    symbols = subprocess.run(["nm", family], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in symbols.splitlines()]
    return [int(row[0], 16) for row in rows if row[-1] in ("serve", "reply")]


def memory(pid: int, family: Path) -> list[bytes]:
    """What a process has in front of the entries of `serve` and `reply`, and at them."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    base = next(int(line.split("-")[0], 16) for line in maps if str(family) in line)
    with Path(f"/proc/{pid}/mem").open("rb") as mem:
        found = [os.pread(mem.fileno(), 16, base + at - 14) for at in entries(family)]
    assert len(found) == 2
    return found


def test_back_to_the_start(family: Path, patch: Path, next_patch: Path) -> None:
    with servers(family, 6) as s:
        s.expect("old", reject="new")
        pristine = memory(s.pid, family)
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")
        assert memory(s.pid, family) != pristine
        assert ctl("apply", s.pid, next_patch).code == 0
        s.expect("third", reject="new")
        answer = ctl("revert", s.pid, "--json")
        assert answer.code == 0, answer
        assert (answer.json["reverted"], answer.json["steps"]) == (True, 2)
        assert answer.json["processes"] == 6
        assert answer.json["version"] == support.build_id(family)
        assert 0 < answer.json["longest_us"] <= answer.json["total_us"]
        assert s.ask() == ["old 04"] * 6, "locals live on"
        assert memory(s.pid, family) == pristine
        status = ctl("status", s.pid, "--json").json
        assert status["patches"] == []
        assert [p["to"] for p in status["reverted"]] == [NEW, THIRD]
        assert {p["version"] for p in status["processes"]} == {support.build_id(family)}


def test_one_step_and_forward_again(family: Path, patch: Path, next_patch: Path) -> None:
    with servers(family, 3) as s:
        s.ask()
        for _ in range(5):
            assert ctl("apply", s.pid, patch).code == 0
            s.expect("new", reject="old")
            assert ctl("apply", s.pid, next_patch).code == 0
            s.expect("third", reject="new")
            answer = ctl("revert", s.pid, "--steps", 1)
            assert answer.code == 0, answer
            assert answer.out.startswith("reverted: 1 patch, 3 processes")
            s.expect("new", reject="third")
            assert [p["to"] for p in ctl("status", s.pid, "--json").json["patches"]] == [NEW]
            assert ctl("revert", s.pid).code == 0
            s.expect("old", reject="new")


def test_over_and_over(family: Path, patch: Path) -> None:
    """The unwinder finds frames of patches that were reverted, too: their tables stay."""
    with servers(family, 4, "-u") as s:
        for _ in range(20):
            s.ask()
            assert ctl("apply", s.pid, patch).code == 0
            s.expect("new", reject="old")
            assert ctl("revert", s.pid).code == 0
            s.expect("old", reject="new")


def test_nothing_to_revert(family: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        answer = ctl("revert", s.pid, "--json")
        assert answer.code == 1
        assert answer.json["reason"].startswith("no patch is in force")
        assert (answer.json["reverted"], answer.json["steps"]) == (False, 0)
        s.expect("old", reject="new")


def test_a_patch_that_stays(family: Path, patch: Path, staying: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        assert ctl("apply", s.pid, patch).code == 0
        assert ctl("apply", s.pid, staying).code == 0
        answer = ctl("revert", s.pid)
        assert answer.code == 1
        assert "the patch cannot be taken back: it has eaten the old state" in answer.err
        s.expect("third", reject="old")


def test_usage_of_steps(family: Path) -> None:
    for words in (["revert", "1", "--steps", "0"], ["revert", "1", "--steps", "1.5"],
                  ["status", "1", "--steps", "2"], ["revert"], ["revert", "1", "2"]):  # fmt: skip
        answer = ctl(*words)
        assert answer.code == 2, words


@pytest.mark.parametrize("step", ["stop", "unroll", "commit"])
def test_dsuctl_dies_before_the_decision(family: Path, patch: Path, step: str) -> None:
    with servers(family, 5) as s:
        s.ask()
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")
        assert ctl("revert", s.pid, fault=f"{step}:kill").code == -signal.SIGKILL
        s.expect("new", reject="old")
        assert len(ctl("status", s.pid, "--json").json["patches"]) == 1
        assert ctl("revert", s.pid).code == 0
        s.expect("old", reject="new")


def test_dsuctl_dies_after_the_decision(family: Path, patch: Path) -> None:
    """One entry is put back, the other is not: the leader does it."""
    with servers(family, 5) as s:
        s.ask()
        pristine = memory(s.pid, family)
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")
        assert ctl("revert", s.pid, fault="redirect:kill").code == -signal.SIGKILL
        s.expect("old", reject="new")
        deadline = time.monotonic() + support.DEADLINE
        while ctl("status", s.pid, "--json").json["patches"]:
            assert time.monotonic() < deadline
        assert memory(s.pid, family) == pristine
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")
