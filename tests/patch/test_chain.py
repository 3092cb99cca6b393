"""Patches on patches: one running program through four versions, and back to the first."""

from __future__ import annotations

import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests import toolchain
from tests.patch.test_cases import HERE, controllable, converse, dsuctl, dsupatch, running
from tests.toolchain import MODES

VERSIONS = 4


@pytest.fixture(params=MODES)
def programs(request: pytest.FixtureRequest, tmp_path: Path) -> list[Path]:
    return [build(n, request.param, tmp_path) for n in range(1, VERSIONS + 1)]


def build(number: int, mode: str, folder: Path, chain: str = "chain") -> Path:
    home = folder / str(number)
    home.mkdir()
    for source, name in ((f"{chain}/{number}.c", "program.c"), ("serve.h", "serve.h")):
        (home / name).write_text((HERE / source).read_text())
    flags = ("-O2", f"--dsu-capture={mode}", "-o", "program", "program.c")
    made = toolchain.dsucc(*flags, cwd=home)
    assert made.code == 0, made.err
    return home / "program"


def patches(programs: list[Path], folder: Path) -> list[Path]:
    """Each is made with what it will be applied after."""
    made: list[Path] = []
    for number, (old, new) in enumerate(pairwise(programs)):
        chain: list[str | Path] = ["--base", programs[0]] if made else []
        for earlier in made:
            chain += ["--after", earlier]
        file = folder / f"{number + 2}.patch"
        done = dsupatch(old, new, "-o", file, *chain)
        assert done.code == 0, done.err
        made.append(file)
    return made


def apply(process: subprocess.Popen[str], file: Path) -> None:
    done = dsuctl("apply", str(process.pid), file)
    assert done.code == 0, done.err


def status(process: subprocess.Popen[str]) -> dict[str, Any]:
    out: dict[str, Any] = json.loads(dsuctl("status", str(process.pid), "--json").out)
    return out


def test_through_four_versions_and_back(programs: list[Path], tmp_path: Path) -> None:
    second, third, fourth = patches(programs, tmp_path)
    with running(programs[0]) as process:
        converse(process, [["ab", "one 11 2"], ["abc", "one 12 3"]])
        controllable(process.pid)
        apply(process, second)
        converse(process, [["ab", "two 8 21 20"]])
        apply(process, third)
        converse(process, [["ab", "three 9 51 42 40"]])
        apply(process, fourth)
        converse(process, [["ab", "four 10 52 63"], ["b", "four 11 53 60"]])
        versions = [row["to"] for row in status(process)["patches"]]
        assert len(set(versions)) == 3
        assert status(process)["version"] == versions[-1]
        reverted = dsuctl("revert", str(process.pid), "--steps", "1")
        assert reverted.code == 0, reverted.err
        converse(process, [["ab", "three 12 54 42 40"]])
        reverted = dsuctl("revert", str(process.pid))
        assert reverted.code == 0, reverted.err
        converse(process, [["abc", "one 13 3"]])
        assert status(process)["patches"] == []
        assert [row["to"] for row in status(process)["reverted"]] == versions


def test_a_frame_of_a_new_function_runs_out_first(programs: list[Path], tmp_path: Path) -> None:
    """Version 4's loop() has no place in version 3: a revert is refused while it runs."""
    second, third, fourth = patches(programs, tmp_path)
    with running(programs[0]) as process:
        converse(process, [["a", "one 11 1"]])
        controllable(process.pid)
        for file in (second, third, fourth):
            apply(process, file)
        converse(process, [["a", "four 8 51 3"], ["q", "four 9 52 12000"]])
        refused = dsuctl("revert", str(process.pid), "--timeout", "3", "--json")
        assert refused.code == 1
        report = json.loads(refused.out)
        assert (report["reverted"], report["steps"]) == (False, 0)
        assert "a continuation point has no counterpart: main" in report["reason"]
        converse(process, [["a", "four 10 53 3"]])


def test_out_of_order(programs: list[Path], tmp_path: Path) -> None:
    second, third, fourth = patches(programs, tmp_path)
    one, two, three, four = programs
    output = tmp_path / "never"

    def refused(*words: str | Path, says: str) -> None:
        done = dsupatch(*words, "-o", output)
        assert done.code == 2, done.err
        assert says in done.err, done.err
        assert not output.exists()

    refused(three, four, "--base", one, "--after", third, says="which is where the chain has come")
    refused(three, four, "--base", one, "--after", second, says="the chain leads to")
    refused(two, three, "--base", one, says="go together")
    refused(two, three, "--after", second, says="go together")
    refused(two, three, "--base", one, "--after", one, says="not a patch, or a damaged one")
    refused(two, three, "--base", one, "--after", tmp_path / "x", says="No such file")
    with running(one) as process:
        converse(process, [["a", "one 11 1"]])
        controllable(process.pid)
        for file in (third, fourth):
            done = dsuctl("apply", str(process.pid), file)
            assert done.code == 1
            assert "the patch is for version" in done.err
        converse(process, [["a", "one 12 1"]])


def test_what_one_update_has_left_in_place_the_next_one_knows(tmp_path: Path) -> None:
    """Its block has not the size of the type any more: it would be passed over without a word."""
    programs = [build(n, MODES[0], tmp_path, "left") for n in (1, 2, 3)]
    second, third = patches(programs, tmp_path)
    with running(programs[0]) as process:
        converse(process, [["a", "one x0:1:100 a1:1:101"]])
        controllable(process.pid)
        apply(process, second)
        converse(process, [["?", "two x0:2:100 a1:2:101"]])
        refused = dsuctl("apply", str(process.pid), third, "--timeout", "5")
        assert refused.code == 1
        assert "nothing says what is in the block of memory" in refused.err, refused.err
        converse(process, [["?", "two x0:3:100 a1:3:101"]])
        reverted = dsuctl("revert", str(process.pid))
        assert reverted.code == 0, reverted.err
        converse(process, [["?", "one x0:4:100 a1:4:101"]])
