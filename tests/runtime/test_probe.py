"""dsuctl probe: stops without an update, how long each takes, and who comes last."""

from __future__ import annotations

import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.support import ctl, servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCE = support.PROGRAMS / "slow.c"
SLOW_LINE = 1 + next(
    i for i, line in enumerate(SOURCE.read_text().splitlines()) if "the slow point" in line
)


@pytest.fixture(scope="session", params=toolchain.MODES)
def slow(built: Path, request: pytest.FixtureRequest) -> Path:
    program, _ = support.dsucc_program("slow", built, request.param, "-g")
    return program


@contextmanager
def running(program: Path, *words: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [str(program), *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        env=support.environment(),
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_slow_region_is_named(slow: Path) -> None:
    with running(slow, 30) as process:
        answer = ctl("probe", process.pid, "--count", 60, "--json")
        assert answer.code == 0, answer
        said = answer.json
        assert (said["stops"], said["missed"], said["reason"]) == (60, 0, None)
        assert (said["processes"], said["threads"]) == (1, 1)
        figures = [said[f"{k}_us"] for k in ("min", "median", "p90", "p99", "max")]
        assert figures == sorted(figures)
        assert 0 < figures[0] < 20_000 < figures[-1]
        first = said["slowest"][0]
        assert (first["function"], first["line"]) == ("slow", SLOW_LINE)
        assert first["file"].endswith("/slow.c")
        assert first["max_us"] == said["max_us"]
        assert sum(s["stops"] for s in said["slowest"]) == 60
        others = {s["function"] for s in said["slowest"][1:]}
        assert others <= {"quick", "main"}
        assert process.poll() is None


def test_as_text(slow: Path) -> None:
    with running(slow, 10) as process:
        answer = ctl("probe", process.pid, "--count", 40)
        assert answer.code == 0, answer
        assert answer.out.startswith("40 stops of 1 process, 1 thread")
        for word in ("min ", "median ", "p90 ", "p99 ", "max ", f"slow (slow.c:{SLOW_LINE})"):
            assert word in answer.out, answer.out


def test_stripped_of_debug_information(slow: Path, tmp_path: Path) -> None:
    """Functions are still named by the symbol table."""
    plain = tmp_path / "plain"
    subprocess.run(["objcopy", "--strip-debug", slow, plain], check=True)
    with running(plain, 30) as process:
        first = ctl("probe", process.pid, "--count", 40, "--json").json["slowest"][0]
        assert (first["function"], first["file"], first["line"]) == ("slow", None, 0)


def test_a_deadline_that_is_missed(slow: Path) -> None:
    """The program goes on, and the first miss ends it: those that have stopped had to wait."""
    with running(slow, 20_000) as process:
        answer = ctl("probe", process.pid, "--timeout", "0.3", "--count", 40, "--json")
        assert answer.code == 1, answer
        assert answer.json["missed"] == 1
        assert "reached no update point in time" in answer.json["reason"]
        assert process.poll() is None


def test_no_request_is_lost_meanwhile(family: Path, patch: Path) -> None:
    """Sandboxed processes serve while they are probed; nothing is applied."""
    with servers(family, 6) as s:
        s.ask()
        prober = subprocess.Popen(
            [str(support.DSUCTL), "probe", str(s.pid), "--count", "50", "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        asked = 1
        while prober.poll() is None or asked < 300:
            asked += 1
            assert s.ask() == [f"old {asked % 100:02}"] * 6
        assert prober.returncode == 0
        assert prober.communicate()[0].count('"function": "serve"') == 1
        assert ctl("status", s.pid, "--json").json["patches"] == []
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")
        answer = ctl("probe", s.pid, "--count", 5, "--json")
        assert answer.code == 0, answer
        (where,) = answer.json["slowest"]
        assert (where["function"], where["patch"]) == ("serve2_resume", 1)
        s.expect("new", reject="old")


def test_dsuctl_dies_while_all_wait(family: Path, patch: Path) -> None:
    with servers(family, 6) as s:
        s.ask()
        answer = ctl("probe", s.pid, "--count", 5, fault="stop:kill")
        assert answer.code == -signal.SIGKILL
        s.expect("old", reject="new")
        assert ctl("probe", s.pid, "--count", 5).code == 0
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")


@pytest.mark.parametrize("words", [["probe"], ["probe", "1", "2"], ["probe", "1", "--count", "0"],
                                   ["status", "1", "--count", "3"]])  # fmt: skip
def test_usage(words: list[str]) -> None:
    assert ctl(*words).code == 2
