"""steady.c as a running family: built in two versions, asked, and looked at from outside."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tests import toolchain
from tests.runtime import support
from tests.runtime.support import ctl

if TYPE_CHECKING:
    from collections.abc import Iterator


def build(folder: Path, mode: str) -> tuple[Path, Path]:
    """The old version, and the patch to the new one."""
    programs: list[Path] = []
    for define in ((), ("-DNEW",)):
        home = folder / f"steady-{mode}-{len(programs)}"
        home.mkdir()
        source = home / "steady.c"
        source.write_text((support.PROGRAMS / "steady.c").read_text())
        flags = (f"--dsu-capture={mode}", "-O2", "-pthread")
        made = toolchain.dsucc(*flags, *define, "-o", "steady", source.name, cwd=home)
        assert made.code == 0, made.err
        programs.append(home / "steady")
    patch = folder / f"steady-{mode}.dsu"
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


def wait_until_all_wait(pid: int, threads: int) -> None:
    """All have been made, and none runs."""
    end = time.monotonic() + 60
    while True:
        rows = ctl("status", pid, "--json").json.get("processes", [])
        if sum(row["threads"] for row in rows) == threads:
            return
        assert time.monotonic() < end, "not all have begun"
        time.sleep(0.1)


@contextmanager
def running(
    program: Path,
    processes: int,
    threads: int,
    alone: bool = True,
    *by: str,
    others: int | None = None,
    **env: str,
) -> Iterator[Threads]:
    """Each thread has a socket of its own, or all have one from which nothing comes.

    `others`: how many threads each process but the first one has.
    """
    others = threads if others is None else others
    count = threads + (processes - 1) * others
    pairs = [socket.socketpair() for _ in range(count if alone else 1)]
    theirs = [b.fileno() for _, b in pairs] * (1 if alone else count)
    process = subprocess.Popen(
        [*by, program, str(processes), f"{threads},{others}", *map(str, theirs)],
        pass_fds=[b.fileno() for _, b in pairs],
        env=support.environment(**env),
        start_new_session=True,
    )
    for mine, his in pairs:
        his.close()
        mine.settimeout(support.DEADLINE)
    try:
        wait_until_all_wait(process.pid, count)
        yield Threads(process.pid, [mine for mine, _ in pairs])
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for mine, _ in pairs:
            mine.close()
