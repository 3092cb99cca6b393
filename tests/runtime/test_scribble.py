"""A process that was taken over writes what it likes into the control block: the others live."""

from __future__ import annotations

import mmap
import os
import random
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.runtime import support
from tests.runtime.support import ctl, servers

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = 16  # magic, ABI and size: dsuctl leaves a block with others alone
ROUNDS = 25
WORDS = r"""
#include <stddef.h>
#include <stdio.h>
#include "block.h"
#define AT(f) printf(#f " %zu\n", offsetof(struct dsu_block, f))
int main(void) { AT(phase); AT(fds); AT(resolves); AT(states); AT(slots); }
"""


@pytest.fixture(scope="module")
def at(built: Path) -> dict[str, int]:
    """Where the parts of the block are."""
    source = built / "words.c"
    source.write_text(WORDS)
    root = support.RUNTIME
    folders = [f"-I{root / name}" for name in ("src", "include", "arch/x86_64")]
    program = built / "words"
    command = ["gcc", "-D_GNU_SOURCE", *folders, str(source), "-o", str(program)]
    subprocess.run(command, check=True)
    shown = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    return {name: int(n) for name, n in (line.split() for line in shown.splitlines())}


@contextmanager
def block(s: support.Servers) -> Iterator[mmap.mmap]:
    """The control block, as each of the processes has it."""
    s.ask()  # they have begun
    fds = Path(f"/proc/{s.pid}/fd").iterdir()
    path = next(p for p in fds if str(p.readlink()).startswith("/memfd:dsu-control"))
    fd = os.open(path, os.O_RDWR)
    try:
        with mmap.mmap(fd, 0) as words:
            yield words
    finally:
        os.close(fd)


def get(words: mmap.mmap, where: int) -> int:
    return int.from_bytes(words[where : where + 4], "little")


def put(words: mmap.mmap, where: int, value: int) -> None:
    words[where : where + 4] = value.to_bytes(4, "little")


def mend(words: mmap.mmap, at: dict[str, int], before: bytes, number: int) -> None:
    """As it was, but for the round: one that comes twice holds updates up, no more."""
    words[HEAD:] = before[HEAD:]
    put(words, at["phase"], number << 8)


def scribble(words: mmap.mmap, at: dict[str, int], chance: random.Random) -> None:
    low, high = chance.choice(
        [(HEAD, at["resolves"]), (HEAD, at["resolves"]), (at["resolves"], at["states"]),
         (at["states"], at["states"] + 64), (at["slots"], at["slots"] + 4096)]
    )  # fmt: skip
    for _ in range(chance.choice([1, 3, 40])):
        where = chance.randrange(low, high, 4)
        odd = [0, 0xFFFFFFFF, 0x80000000, get(words, at["phase"]) + 256 & 0xFFFFFFFF]
        value = chance.choice([*odd, chance.randrange(256), chance.randrange(1 << 32)])
        put(words, where, value)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scribbling_before_an_update(
    family: Path, patch: Path, at: dict[str, int], seed: int
) -> None:
    chance = random.Random(seed)
    with servers(family, 4) as s:
        s.ask()
        with block(s) as words:
            for k in range(ROUNDS):
                before = words[:]
                scribble(words, at, chance)
                answer = ctl("check", s.pid, patch, "--timeout", 0.2, "--json")
                assert answer.code in (0, 1, -signal.SIGKILL), answer  # by its watchdog
                mend(words, at, before, 1000 * (k + 1))
                s.expect("old", reject="new")
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")


def meanwhile(words: mmap.mmap, where: int, value: bytes, stop: threading.Event) -> None:
    while not stop.is_set():
        words[where : where + len(value)] = value


@contextmanager
def writing(words: mmap.mmap, where: int, value: bytes) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=meanwhile, args=(words, where, value, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_another_answer_than_the_leaders(family: Path, patch: Path, at: dict[str, int]) -> None:
    """Where a library has what the patch calls: each process looks for itself."""
    wrong = (0x1000).to_bytes(8, "little") * 16
    refused = 0
    said: list[str] = []
    with servers(family, 3) as s, block(s) as words:
        end = time.monotonic() + 6 * support.DEADLINE  # it is a race, to be won once
        while not refused and time.monotonic() < end:
            with writing(words, at["resolves"], wrong):
                # Too short for another try, which could be one that wins.
                answer = ctl("apply", s.pid, patch, "--json", "--timeout", 0.015)
            if answer.code == 0:
                s.expect("new", reject="old")
                assert ctl("revert", s.pid).code == 0
            else:
                said.append(answer.json["reason"])
                refused += "linked to another symbol" in answer.json["reason"]
            s.expect("old", reject="new")
        assert refused, said
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")


@pytest.mark.parametrize("kind", [3, 4, 6, 9, 40, 255])
def test_a_phase_that_nobody_has_said(
    family: Path, patch: Path, at: dict[str, int], kind: int
) -> None:
    """All stop for a dry run, and one of them says that it is decided: forward, or anything."""
    with servers(family, 3) as s, block(s) as words:
        for number in range(1000, 6000, 1000):
            put(words, at["phase"], number << 8)
            before = words[:]
            forged = ((number + 1) << 8 | kind).to_bytes(4, "little")
            with writing(words, at["phase"], forged):
                answer = ctl("check", s.pid, patch, "--json", "--timeout", 0.3)
            assert answer.code in (0, 1, -signal.SIGKILL), answer
            mend(words, at, before, number + 500)
            s.expect("old", reject="new")
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")


def test_what_it_cannot_write_to(family: Path, patch: Path) -> None:
    """What is in force, what is announced, whose patches are taken: mapped to be read only."""
    with servers(family, 2) as s:
        s.ask()
        assert ctl("apply", s.pid, patch).code == 0
        for row in ctl("status", s.pid, "--json").json["processes"]:
            maps = Path(f"/proc/{row['pid']}/maps").read_text().splitlines()
            arenas = [line.split()[1] for line in maps if "/memfd:dsu-arena" in line]
            assert arenas
            assert not any("w" in flags for flags in arenas), maps
            fds = Path(f"/proc/{row['pid']}/fd")
            ours = [p for p in fds.iterdir() if "/memfd:dsu-arena" in str(p.readlink())]
            assert ours
            for p in ours:
                info = Path(f"/proc/{row['pid']}/fdinfo/{p.name}").read_text()
                assert int(info.split()[3], 8) & os.O_ACCMODE == os.O_RDONLY
