"""A thousand updates in a row: memory, mappings, descriptors and stacks stay as they were."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.support import ctl

if TYPE_CHECKING:
    from collections.abc import Iterator

    Built = tuple[Path, Path]

UPDATES = 1000
WARM = 20  # until then memory is used for the first time
GROWTH = 64 << 10  # bytes of a process, in all


@pytest.fixture(scope="session", params=toolchain.MODES)
def steady(built: Path, request: pytest.FixtureRequest) -> Built:
    """The old version, and the patch to the new one."""
    programs: list[Path] = []
    for define in ((), ("-DNEW",)):
        folder = built / f"steady-{request.param}-{len(programs)}"
        folder.mkdir()
        source = folder / "steady.c"
        source.write_text((support.PROGRAMS / "steady.c").read_text())
        flags = (f"--dsu-capture={request.param}", "-O2", "-pthread")
        made = toolchain.dsucc(*flags, *define, "-o", "steady", source.name, cwd=folder)
        assert made.code == 0, made.err
        programs.append(folder / "steady")
    patch = built / f"steady-{request.param}.dsu"
    made = toolchain.dsupatch(*programs, "-o", patch)
    assert made.code == 0, made.err
    return programs[0], patch


class Threads:
    """The running family and a socket to each of its threads."""

    def __init__(self, pid: int, sockets: list[socket.socket]) -> None:
        self.pid, self.sockets, self.asked = pid, sockets, 0

    def depths(self, version: str) -> list[int]:
        """All answer as this version; how deep their stacks are, in bytes."""
        self.asked += 1
        for s in self.sockets:
            s.sendall(b"x")
        replies = [s.recv(100).decode().split() for s in self.sockets]
        assert [r[:2] for r in replies] == [[version, str(self.asked)]] * len(replies)
        return [int(r[2]) for r in replies]

    def holds(self) -> dict[int, tuple[int, int, int, int]]:
        """Of each process: descriptors, mappings, private and shared memory in bytes."""
        rows = ctl("status", self.pid, "--json").json["processes"]
        return {row["pid"]: held_by(row["pid"]) for row in rows}


def held_by(pid: int) -> tuple[int, int, int, int]:
    proc = Path(f"/proc/{pid}")
    kib = dict(re.findall(r"(\w+):\s+(\d+) kB", (proc / "status").read_text()))
    return (
        len(list((proc / "fd").iterdir())),
        len((proc / "maps").read_text().splitlines()),
        int(kib["RssAnon"]) << 10,
        int(kib["RssShmem"]) << 10,
    )


@contextmanager
def running(program: Path, processes: int, threads: int) -> Iterator[Threads]:
    pairs = [socket.socketpair() for _ in range(processes * threads)]
    process = subprocess.Popen(
        [program, str(processes), str(threads), *(str(b.fileno()) for _, b in pairs)],
        pass_fds=[b.fileno() for _, b in pairs],
        env=support.environment(),
        start_new_session=True,
    )
    for mine, his in pairs:
        his.close()
        mine.settimeout(support.DEADLINE)
    try:
        yield Threads(process.pid, [mine for mine, _ in pairs])
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for mine, _ in pairs:
            mine.close()


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
