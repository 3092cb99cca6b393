"""What dsuctl does not do, and what it says: the program runs on."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.runtime import support
from tests.runtime.conftest import NEW, THIRD
from tests.runtime.support import MAGIC, build_patch, ctl, seal, servers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TRAILER = 32 + len(MAGIC)
MACHINE = 18  # offset of e_machine


@pytest.fixture(scope="module")
def running(family: Path) -> Iterator[support.Servers]:
    with servers(family, 2) as s:
        s.ask()
        yield s


def refused(running: support.Servers, path: Path, *words: str) -> None:
    answer = ctl("apply", running.pid, path, "--json")
    assert answer.code == 1, answer
    assert not answer.json["applied"]
    for word in words:
        assert word in answer.json["reason"], answer
    running.expect("old", reject="new")


def test_not_there(running: support.Servers, tmp_path: Path) -> None:
    refused(running, tmp_path / "missing", "missing", "No such file")


def test_a_folder(running: support.Servers, tmp_path: Path) -> None:
    refused(running, tmp_path, "not a file")


@pytest.mark.parametrize("text", [b"", b"#!/bin/sh\n", b"x" * 5000])
def test_not_a_patch(running: support.Servers, tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "text"
    path.write_bytes(text)
    path.chmod(0o644)
    refused(running, path, "not a patch")


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_truncated(
    running: support.Servers, altered: Callable[[Callable[[bytes], bytes]], Path], keep: float
) -> None:
    refused(running, altered(lambda b: b[: int(len(b) * keep)]), "truncated")


@pytest.mark.parametrize("at", [0.1, 0.5, 0.95])
def test_one_bit_flipped(
    running: support.Servers, altered: Callable[[Callable[[bytes], bytes]], Path], at: float
) -> None:
    def flip(image: bytes) -> bytes:
        k = int(len(image) * at)
        return image[:k] + bytes([image[k] ^ 4]) + image[k + 1 :]

    refused(running, altered(flip), "damaged")


def test_other_processor(running: support.Servers, patch: Path, tmp_path: Path) -> None:
    image = bytearray(patch.read_bytes()[:-TRAILER])
    image[MACHINE : MACHINE + 2] = (183).to_bytes(2, "little")
    refused(running, seal(tmp_path / "arm", bytes(image)), "another processor")


def test_other_version(running: support.Servers, next_patch: Path) -> None:
    refused(running, next_patch, f"for version {NEW}", "the program is at")


def test_garbage_behind_a_good_digest(
    running: support.Servers, patch: Path, tmp_path: Path
) -> None:
    """The digest says that a file is whole, not that it is sane."""
    image = patch.read_bytes()[:-TRAILER]
    for k in range(16, len(image), 97):
        bad = image[:k] + b"\xff" * 16 + image[k + 16 :]
        answer = ctl("check", running.pid, seal(tmp_path / "bad", bad[: len(image)]), "--json")
        assert answer.code in (0, 1), (k, answer)
        if answer.code == 1:
            assert answer.json["reason"]
        if k > 0x158:
            break  # beyond the headers garbage is code like any other
    running.expect("old", reject="new")


def test_others_may_write_to_it(running: support.Servers, patch: Path, tmp_path: Path) -> None:
    path = tmp_path / "open"
    shutil.copy(patch, path)
    path.chmod(0o666)
    refused(running, path, "others than its owner may write")


@pytest.mark.root
def test_of_another_user(running: support.Servers, patch: Path, tmp_path: Path) -> None:
    path = tmp_path / "theirs"
    shutil.copy(patch, path)
    os.chown(path, 12345, 12345)
    refused(running, path, "belongs to user 12345")


def test_unknown_symbol(running: support.Servers, family: Path, tmp_path: Path) -> None:
    path = build_patch(
        "family_patch",
        tmp_path / "unknown",
        old=support.build_id(family),
        new=THIRD,
        stpcpy="no_such_function_anywhere",
    )
    refused(running, path, "no_such_function_anywhere", "neither the program nor its libraries")


def chained(family: Path, tmp_path: Path, **wrong: int | str) -> Path:
    """A patch that has a chain of frames."""
    numbers: dict[str, int | str] = {"NFROM": 1, **wrong}
    old = support.build_id(family)
    return build_patch("family_patch", tmp_path / "chained", old=old, new=THIRD, **numbers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NFROM", 0),
        ("NFROM", 0x7FFFFFFF),
        ("LINK_REPEATS", 1),
        ("VALUE_LINK", 1),
        ("VALUE_HOW", 3),
        ("VALUE_HOW", "DSU_MADE"),
        ("VALUE_NAME", "(const char*)8"),
        ("HOME_FRAME", 1),
        ("STEP_CP", 0),
    ],
)
def test_chains_of_frames_that_make_no_sense(
    running: support.Servers, family: Path, tmp_path: Path, name: str, value: int | str
) -> None:
    path = chained(family, tmp_path, **{name: value})
    refused(running, path, "the patch's chains of frames make no sense")


def test_a_chain_that_leads_nowhere(running: support.Servers, family: Path, tmp_path: Path) -> None:
    """Found out as frames are mapped: all processes go back."""
    path = chained(family, tmp_path, STEP_CP=7)
    refused(running, path, "a continuation point that is not there")


def test_a_chain_that_fits(family: Path, tmp_path: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        answer = ctl("apply", s.pid, chained(family, tmp_path), "--json")
        assert answer.code == 0, answer
        s.expect("new", reject="old")


def test_not_ours(patch: Path) -> None:
    for words in (["status"], ["apply", patch], ["check", patch]):
        answer = ctl(words[0], os.getpid(), *words[1:])
        assert answer.code == 3
        assert f"process {os.getpid()} does not run under libdsu" in answer.err


def test_no_such_process(patch: Path) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    answer = ctl("apply", process.pid, patch, "--json")
    assert answer.code == 3
    assert answer.json["reason"] == f"there is no process {process.pid}"


@pytest.mark.parametrize(
    "words",
    [[], ["update"], ["status"], ["status", "x"], ["status", "-1"], ["apply", "1"], ["list", "1"],
     ["status", "1", "--jsno"], ["apply", "1", "p", "--timeout", "soon"]],
)  # fmt: skip
def test_usage(words: list[str]) -> None:
    answer = ctl(*words)
    assert answer.code == 2
    assert "--help" in answer.err


def test_help_teaches() -> None:
    answer = ctl("--help")
    assert answer.code == 0
    for word in ("list", "status", "check", "apply", "--timeout", "--json", "Exit codes"):
        assert word in answer.out
