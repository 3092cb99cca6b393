"""DSU_UPDATE_AT: recursion, pinned locals and a qsort() frame, updated at every point."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support

if TYPE_CHECKING:
    from pathlib import Path


def run(program: Path, at: str | None, rounds: int = 20) -> tuple[str, tuple[int, ...]]:
    """Return the output, and updates, blocked, points."""
    more = {} if at is None else {"DSU_UPDATE_AT": at, "DSU_REPORT": "1"}
    done = subprocess.run(
        [str(program), str(rounds)],
        env=support.environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    counts = re.search(r"dsu: (\d+) updates, (\d+) blocked, (\d+) points", done.stderr)
    return done.stdout, tuple(map(int, counts.groups())) if counts else ()


def test_every_point(selfupdate: Path) -> None:
    plain, _ = run(selfupdate, None, 8)
    _, (_, _, points) = run(selfupdate, "0", 8)
    for k in range(1, points + 1):
        out, (updates, _, seen) = run(selfupdate, str(k), 8)
        assert (out, updates, seen) == (plain, 1, points), k


@pytest.mark.parametrize("at", ["*/1", "*/2", "*/7", "5,150,300"])
def test_many_points(selfupdate: Path, at: str) -> None:
    plain, _ = run(selfupdate, None)
    out, (updates, blocked, _) = run(selfupdate, at)
    assert out == plain
    assert updates > 1
    assert blocked > 0, "qsort() must have been in the way"


def test_thousands_do_not_grow_the_stack(selfupdate: Path) -> None:
    plain, _ = run(selfupdate, None, 10_000)
    limited = subprocess.run(
        ["bash", "-c", 'ulimit -s 256; exec "$0" 10000', str(selfupdate)],
        env=support.environment(DSU_UPDATE_AT="*/1", DSU_REPORT="1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert limited.stdout == plain
    assert "49994 updates" in limited.stderr


@pytest.mark.parametrize("mode", toolchain.MODES)
@pytest.mark.usefixtures("built")
def test_literals_do_not_grow_the_stack(tmp_path: Path, mode: str) -> None:
    """A frame that is kept whole takes its size again with each update."""
    program, _ = support.dsucc_program("literals", tmp_path, mode)
    plain, _ = run(program, None, 2_000)
    limited = subprocess.run(
        ["bash", "-c", 'ulimit -s 256; exec "$0" 2000', str(program)],
        env=support.environment(DSU_UPDATE_AT="*/1", DSU_REPORT="1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert limited.stdout == plain
    counts = re.search(r"dsu: (\d+) updates, 0 blocked, (\d+) points", limited.stderr)
    assert counts, limited.stderr
    assert int(counts[1]) == int(counts[2]) > 8_000


def test_off(selfupdate: Path) -> None:
    done = subprocess.run(
        [str(selfupdate)],
        env=support.environment(DSU_OFF="1", DSU_UPDATE_AT="*/1"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == (run(selfupdate, None)[0], "")
