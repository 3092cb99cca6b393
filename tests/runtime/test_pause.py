"""What is done before the pause is not done in it: names looked up, pages mapped."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path

import pytest

from tests.runtime import support
from tests.runtime.support import ctl, servers

FAULTS = 9  # a process; nearly all copy a page that is written to. It was 16.
STARTS = 5  # how a stack lies in its pages is another at each: one more, or two, are by chance
LEDGER = r"""
#include <stddef.h>
#include <stdio.h>
#include "block.h"
#define AT(f) printf(#f " %zu\n", offsetof(struct dsu_ledger, f))
int main(void) { AT(nresolved); AT(names); AT(nbound); }
"""


@pytest.fixture(scope="module")
def at(built: Path) -> dict[str, int]:
    """Where the parts of the ledger are."""
    source, program = built / "ledger.c", built / "ledger"
    source.write_text(LEDGER)
    folders = [f"-I{support.RUNTIME / name}" for name in ("src", "include", "arch/x86_64")]
    command = ["gcc", "-D_GNU_SOURCE", *folders, str(source), "-o", str(program)]
    subprocess.run(command, check=True)
    shown = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return {name: int(n) for name, n in (line.split() for line in shown.splitlines())}


def ledger(pid: int) -> bytes:
    fds = Path(f"/proc/{pid}/fd").iterdir()
    path = next(p for p in fds if str(p.readlink()).startswith("/memfd:dsu-arena"))
    with path.open("rb") as file:
        return file.read(1 << 20)


def faults(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[7])


def test_only_names_that_the_program_does_not_have_are_asked(
    family: Path, patch: Path, at: dict[str, int]
) -> None:
    with servers(family, 2) as s:
        s.ask()
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")
        words = ledger(s.pid)
        asked = int.from_bytes(words[at["nresolved"] :][:4], "little")
        assert words[at["names"] :].split(b"\0")[:asked] == [b"rawmemchr"]
        assert int.from_bytes(words[at["nbound"] :][:4], "little") > 20


def page_faults(family: Path, patch: Path) -> list[int]:
    """Of an update, in each of the processes that have been forked."""
    with servers(family, 9) as s:
        s.ask()
        pids = [row["pid"] for row in ctl("status", s.pid, "--json").json["processes"]]
        before = {pid: faults(pid) for pid in pids}
        assert ctl("apply", s.pid, patch).code == 0
        return [faults(pid) - before[pid] for pid in pids if pid != s.pid]


def test_a_forked_process_has_few_page_faults(family: Path, patch: Path) -> None:
    had = [page_faults(family, patch) for _ in range(STARTS)]
    assert min(map(min, had)) <= FAULTS, had


def switches(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("voluntary_ctxt_switches:")[1].split()[0])


def wait_until_all_wait(pids: list[int]) -> None:
    end = time.monotonic() + support.DEADLINE
    stats = [Path(f"/proc/{pid}/stat") for pid in pids]
    while any(path.read_text().rpartition(")")[2].split()[0] != "S" for path in stats):
        assert time.monotonic() < end, "they do not go back to what they waited for"


def test_a_lone_thread_waits_only_once(family: Path, patch: Path) -> None:
    """The patch leaves a name open, so all wait for UNROLL; taking it back leaves none.

    Who comes last may find that it need not wait any more.
    """
    with servers(family, 9) as s:
        s.ask()
        pids = [row["pid"] for row in ctl("status", s.pid, "--json").json["processes"]]
        waits = []
        wait_until_all_wait(pids)
        for command in (["apply", s.pid, patch], ["revert", s.pid]):
            before = {pid: switches(pid) for pid in pids}
            assert ctl(*command).code == 0
            wait_until_all_wait(pids)
            waits.append(statistics.median(switches(pid) - before[pid] for pid in pids))
        s.expect("old", reject="new")
        assert waits == [3, 2], (waits, "one of them in the call that the update came into")
