"""A thousand updates in a row: memory, mappings, descriptors and stacks stay as they were."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import steady as family
from tests.runtime import support
from tests.runtime.steady import running
from tests.runtime.support import ctl

if TYPE_CHECKING:
    from pathlib import Path

    Built = tuple[Path, Path]

UPDATES = 1000
WARM = 20  # until then memory is used for the first time
GROWTH = 64 << 10  # bytes of a process, in all


@pytest.fixture(scope="session", params=toolchain.MODES)
def steady(built: Path, request: pytest.FixtureRequest) -> Built:
    return family.build(built, request.param)


@pytest.mark.parametrize(("processes", "threads"), [(5, 1), (1, 8), (2, 3)])
def test_a_thousand_in_a_row(steady: Built, processes: int, threads: int) -> None:
    """There and back again, each a whole update of all stacks."""
    program, patch = steady
    with running(program, processes, threads) as t:
        before, deep = t.holds(), t.depths("old")
        for i in range(UPDATES // 2):
            if i == WARM:
                before, deep = t.holds(), t.depths("old")
            words = ["--timeout", "20", "--json"]
            answer = ctl("apply", t.pid, patch, *words)
            assert answer.code == 0, (i, answer)
            assert answer.json["threads"] == processes * threads
            if i % 50 == 0:
                t.depths("new")
            answer = ctl("revert", t.pid, *words)
            assert answer.code == 0, (i, answer)
        assert t.depths("old") == deep
        after = t.holds()
    assert after.keys() == before.keys()
    for pid, (fds, mappings, private, shared) in after.items():
        assert (fds, mappings) == before[pid][:2]
        assert private - before[pid][2] < GROWTH
        assert shared - before[pid][3] < GROWTH


def test_one_process_of_threads_and_others_without(steady: Built) -> None:
    """These take themselves apart as they stop, and wait while that one's threads are told to."""
    program, patch = steady
    with running(program, 4, 3, others=1) as t:
        for _ in range(WARM):
            assert ctl("apply", t.pid, patch, "--timeout", "20").code == 0
            t.depths("new")
            assert ctl("revert", t.pid, "--timeout", "20").code == 0
            t.depths("old")


@pytest.mark.parametrize(("processes", "threads"), [(5, 1), (1, 8)])
def test_a_chain_of_a_thousand(steady: Built, tmp_path: Path, processes: int, threads: int) -> None:
    """Patches that stay need room for what is in them; nothing else grows."""
    program, _ = steady
    version = support.build_id(program)
    first = support.build_patch("empty_patch", tmp_path / "first", old=version, new="00" * 20)
    image = first.read_bytes()[: -32 - len(support.MAGIC)]
    source = bytes.fromhex(version)
    with running(program, processes, threads) as t:
        before, deep = t.holds(), t.depths("old")
        for i in range(UPDATES):
            if i == WARM:
                before, deep = t.holds(), t.depths("old")
            to = (i + 1).to_bytes(20, "big")
            made = image.replace(bytes.fromhex(version) + bytes(20), source + to)
            answer = ctl("apply", t.pid, support.seal(tmp_path / "next", made), "--json")
            assert answer.code == 0, (i, answer)
            source = to
        assert t.depths("old") == deep
        after = t.holds()
        assert len(ctl("status", t.pid, "--json").json["patches"]) == UPDATES
    for pid, (fds, mappings, private, _) in after.items():
        assert (fds, mappings) == before[pid][:2]
        assert private - before[pid][2] < GROWTH


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_frames_that_are_kept_whole_are_kept_once(built: Path, mode: str) -> None:
    """alloca and variable-length arrays: updates, tried ones too, take no more of the stack."""
    program, empty = support.dsucc_program("blocks", built, mode)
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=0,
        env=support.environment(),
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout

        def depth(line: str) -> int:
            assert process.stdin
            assert process.stdout
            process.stdin.write(line)
            process.stdin.flush()
            right, bytes_ = process.stdout.readline().split()
            assert right == "1"
            return int(bytes_)

        def update(*words: object) -> None:
            answer = support.ctl(*words, "--timeout", "20", "--json")
            assert answer.code == 0, answer

        depth("x")
        seen = []
        for more in ("x", "m", "x"):
            update("check", process.pid, empty)
            depth(more)
            for _ in range(10):
                update("check", process.pid, empty)
                update("apply", process.pid, empty)
                update("revert", process.pid)
                seen.append(depth("x"))
        process.stdin.close()
        assert process.wait(support.DEADLINE) == 0
    assert max(seen[1:10]) == seen[0], seen
    assert max(seen[11:]) == seen[10] < seen[0] + 4096, seen
