"""Patches that are damaged, cut off or others': refused with a reason, and the program serves."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.runtime import support
from tests.runtime.support import MAGIC, ctl, seal, servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRAILER = 32 + len(MAGIC)
FLIPS = 250


@pytest.fixture(scope="module")
def running(family: Path) -> Iterator[support.Servers]:
    with servers(family, 2) as s:
        s.ask()
        yield s


def refused(running: support.Servers, image: bytes, to: Path) -> str:
    """The reason, of a file that must not be taken."""
    to.write_bytes(image)
    answer = ctl("apply", running.pid, to, "--json")
    assert answer.code == 1, answer
    assert answer.json["applied"] is False
    assert answer.json["reason"]
    return str(answer.json["reason"])


def boundaries(patch: Path) -> list[int]:
    """Where a part of the file begins or ends: headers, sections, the parts of the trailer."""
    size = patch.stat().st_size
    out = {0, 1, 4, 16, 64, size - TRAILER, size - len(MAGIC), size}
    shown = subprocess.run(["readelf", "-SW", patch], capture_output=True, text=True, check=True)
    for line in shown.stdout.splitlines():
        fields = line.partition("]")[2].split()
        if len(fields) > 5 and fields[1].isupper():
            start = int(fields[3], 16)
            out |= {start, start + int(fields[4], 16)}
    assert len(out) > 20
    return sorted(out)


def test_cut_off_at_every_kind_of_length(
    running: support.Servers, patch: Path, tmp_path: Path
) -> None:
    image = patch.read_bytes()
    lengths = {at + k for at in boundaries(patch) for k in (-1, 0, 1)}
    lengths |= set(range(len(image) - TRAILER, len(image)))
    for n in sorted(lengths & set(range(len(image)))):
        reason = refused(running, image[:n], tmp_path / "cut")
        assert "not a patch" in reason, (n, reason)
    running.expect("old", reject="new")


def test_one_that_is_longer(running: support.Servers, patch: Path, tmp_path: Path) -> None:
    for more in (b"\0", b"x" * 100, MAGIC, patch.read_bytes()):
        refused(running, patch.read_bytes() + more, tmp_path / "longer")
    running.expect("old", reject="new")


def flip(image: bytes, bit: int) -> bytes:
    out = bytearray(image)
    out[bit // 8] ^= 1 << bit % 8
    return bytes(out)


def test_any_bit_flipped(running: support.Servers, patch: Path, tmp_path: Path) -> None:
    image = patch.read_bytes()
    chosen = random.Random(7).sample(range(8 * len(image)), FLIPS)
    for bit in [*range(8), *chosen, *range(8 * (len(image) - TRAILER), 8 * len(image), 29)]:
        reason = refused(running, flip(image, bit), tmp_path / "flipped")
        assert "damaged" in reason or "not a patch" in reason, (bit, reason)
    running.expect("old", reject="new")


def test_any_bit_flipped_behind_a_good_digest(
    running: support.Servers, patch: Path, tmp_path: Path
) -> None:
    """Whoever makes a patch may run any code, so its code is his affair; but not a dry run."""
    image = patch.read_bytes()[:-TRAILER]
    for bit in random.Random(8).sample(range(8 * len(image)), FLIPS):
        to = seal(tmp_path / "flipped", flip(image, bit))
        answer = ctl("check", running.pid, to, "--json")
        assert answer.code in (0, 1), (bit, answer)
        assert answer.json["possible"] == (answer.code == 0)
        assert (answer.json["reason"] is None) == (answer.code == 0), (bit, answer)
        assert running.process.poll() is None, bit
    running.expect("old", reject="new")


def relocations(patch: Path) -> list[int]:
    """Where in the file the addends of its relocations are."""
    shown = subprocess.run(["readelf", "-rW", patch], capture_output=True, text=True, check=True)
    tables = re.findall(r"at offset 0x(\w+) contains (\d+) entr", shown.stdout)
    assert len(tables) == 2, shown.stdout
    return [int(at, 16) + 24 * i + 16 for at, count in tables for i in range(int(count))]


@pytest.mark.parametrize("byte", [3, 7], ids=["far", "nowhere"])
def test_tables_that_point_nowhere(
    running: support.Servers, patch: Path, tmp_path: Path, byte: int
) -> None:
    """Two of three thousand random flips killed a program: of pointers to descriptions."""
    image = patch.read_bytes()[:-TRAILER]
    possible = 0
    for at in relocations(patch):
        to = seal(tmp_path / "wild", flip(image, 8 * (at + byte)))
        answer = ctl("check", running.pid, to, "--json")
        assert answer.code in (0, 1), (at, answer)
        possible += answer.json["possible"]
        assert running.process.poll() is None, at
    assert 0 < possible < len(relocations(patch)), "code is not looked at, tables are"
    running.expect("old", reject="new")


def test_a_pipe(running: support.Servers, tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    answer = ctl("apply", running.pid, path, "--json")
    assert answer.code == 1
    assert "not a file" in answer.json["reason"]


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602, 0o664])
def test_others_may_write_to_it(
    running: support.Servers, patch: Path, tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "open"
    shutil.copy(patch, path)
    path.chmod(mode)
    answer = ctl("apply", running.pid, path, "--json")
    assert answer.code == 1
    assert f"others than its owner may write to it (mode {mode:03o})" in answer.json["reason"]
    running.expect("old", reject="new")


@pytest.mark.root
def test_another_users_program(
    running: support.Servers, patch: Path, others: support.Others
) -> None:
    copy = others.copy(patch)
    for words in (["status", running.pid], ["apply", running.pid, copy], ["revert", running.pid],
                  ["check", running.pid, copy], ["probe", running.pid]):  # fmt: skip
        answer = ctl(*words, user=others.user, DSU_AUDIT=str(others.home / "log"))
        assert answer.code == 1, answer
        assert f"process {running.pid}: not permitted" in answer.err
    running.expect("old", reject="new")


@pytest.mark.root
def test_a_patch_that_the_owner_cannot_read(
    family: Path, patch: Path, others: support.Others
) -> None:
    copy = others.home / "patch"
    shutil.copy(patch, copy)
    copy.chmod(0o600)
    with servers(others.copy(family), 2, user=others.user) as s:
        s.ask()
        log = str(others.home / "log")
        answer = ctl("apply", s.pid, copy, user=others.user, DSU_AUDIT=log)
        assert answer.code == 1, answer
        assert "Permission denied" in answer.err
        s.expect("old", reject="new")
        answer = ctl("apply", s.pid, copy)
        assert answer.code == 0, "root's patch, brought by root: the program itself reads no file"
        s.expect("new", reject="old")


@pytest.mark.root
def test_root_brings_a_patch_of_a_third_user(
    family: Path, patch: Path, others: support.Others
) -> None:
    copy = others.copy(patch)
    os.chown(copy, 12346, 12346)
    with servers(others.copy(family), 2, user=others.user) as s:
        s.ask()
        answer = ctl("apply", s.pid, copy)
        assert answer.code == 1, answer
        assert f"belongs to user 12346, not to the program's owner ({others.user})" in answer.err
        s.expect("old", reject="new")


def test_a_patch_for_another_program(running: support.Servers, empty: Path) -> None:
    answer = ctl("apply", running.pid, empty, "--json")
    assert answer.code == 1
    assert "the patch is for version" in answer.json["reason"]
    running.expect("old", reject="new")
