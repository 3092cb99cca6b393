"""The audit log: who changed which program, when, to what, and what came of it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.runtime import support
from tests.runtime.conftest import NEW
from tests.runtime.support import ctl, servers

if TYPE_CHECKING:
    from pathlib import Path

TRAILER = 32 + len(support.MAGIC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_apply_and_revert(family: Path, patch: Path, log: Path) -> None:
    base = support.build_id(family)
    with servers(family, 2) as s:
        s.ask()
        assert ctl("apply", s.pid, patch, DSU_AUDIT=str(log)).code == 0
        assert ctl("revert", s.pid, DSU_AUDIT=str(log)).code == 0
        asked, applied, asked_back, reverted = events(log)
    assert [e["outcome"] for e in (asked, applied)] == ["asked", "applied"]
    assert [e["outcome"] for e in (asked_back, reverted)] == ["asked", "reverted"]
    assert [e["version"] for e in events(log)] == [base, NEW, NEW, base]
    for e in (asked, applied):
        assert e["patch"] == hashlib.sha256(patch.read_bytes()[:-TRAILER]).hexdigest()
        assert (e["command"], e["from"], e["to"]) == ("apply", base, NEW)
        assert (e["file"], e["exe"], e["program"]) == (str(patch), str(family), s.pid)
        assert e["uid"] == os.getuid()
        assert e["reason"] is None
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", e["time"])
    assert asked["pid"] == applied["pid"] != asked_back["pid"]
    assert log.stat().st_mode & 0o777 == 0o600


def test_what_is_refused(family: Path, unmappable: Path, log: Path, tmp_path: Path) -> None:
    missing = tmp_path / 'no "such"\nfile'
    with servers(family, 2) as s:
        s.ask()
        log.write_text("")
        log.chmod(0o600)
        assert ctl("apply", s.pid, missing, DSU_AUDIT=str(log)).code == 1
        words = ["--timeout", 0.3]
        assert ctl("apply", s.pid, unmappable, *words, DSU_AUDIT=str(log)).code == 1
        assert ctl("revert", s.pid, DSU_AUDIT=str(log)).code == 1
        assert ctl("check", s.pid, unmappable, *words, DSU_AUDIT=str(log)).code == 1
    first, asked, refused, reverted = events(log)
    assert (first["outcome"], first["file"]) == ("refused", str(missing))
    assert "No such file" in first["reason"]
    assert (asked["outcome"], refused["outcome"]) == ("asked", "refused")
    assert "no counterpart" in refused["reason"]
    assert refused["version"] == refused["from"]
    assert (reverted["command"], reverted["outcome"]) == ("revert", "refused")


def test_a_trial(family: Path, patch: Path, log: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        words = ["--trial", 5, "--health", "false"]
        assert ctl("apply", s.pid, patch, *words, DSU_AUDIT=str(log)).code == 1
    outcomes = [(e["outcome"], e["version"] == NEW) for e in events(log)]
    assert outcomes == [("asked", False), ("on trial", True), ("trial failed, reverted", False)]
    assert events(log)[-1]["reason"] == "the health command failed: exit code 1"


def test_dsuctl_dies(family: Path, patch: Path, log: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        answer = ctl("apply", s.pid, patch, fault="committed:kill", DSU_AUDIT=str(log))
        assert answer.code == -signal.SIGKILL
        assert [e["outcome"] for e in events(log)] == ["asked"]


def test_only_ever_appended_to(family: Path, patch: Path, log: Path) -> None:
    """Many at a time: every line is whole, and none is lost."""
    with servers(family, 2) as s:
        s.ask()
        ctl("apply", s.pid, patch, DSU_AUDIT=str(log))
        before = log.read_text()
        with ThreadPoolExecutor(8) as pool:
            commands = [["revert"], ["apply", patch]] * 20
            list(pool.map(lambda c: ctl(c[0], s.pid, *c[1:], DSU_AUDIT=str(log)), commands))
        assert log.read_text().startswith(before)
        by_pid: dict[int, list[str]] = {}
        for e in events(log)[2:]:
            by_pid.setdefault(e["pid"], []).append(e["outcome"])
        assert len(by_pid) == len(commands)
        assert all(o[-1] != "asked" for o in by_pid.values()), by_pid


def place(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "open":
        path.touch()
        path.chmod(0o622)
    elif kind == "link":
        (tmp_path / "real").touch()
        path.symlink_to(tmp_path / "real")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "no":
        return tmp_path / "no" / "folder"
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("folder", "directory"), ("open", "others than its owner may write"), ("link", "symbolic"),
     ("pipe", ""), ("no", "No such file")],
)  # fmt: skip
def test_no_log_no_update(
    family: Path, patch: Path, tmp_path: Path, kind: str, reason: str
) -> None:
    with servers(family, 2) as s:
        s.ask()
        bad = str(place(tmp_path, kind))
        for words in (["apply", s.pid, patch], ["revert", s.pid]):
            answer = ctl(*words, "--json", DSU_AUDIT=bad)
            assert answer.code == 1, answer
            assert f"the audit log {bad}" in answer.json["reason"]
            assert reason in answer.json["reason"]
        s.expect("old", reject="new")


def test_disk_full(family: Path, patch: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        answer = ctl("apply", s.pid, patch, DSU_AUDIT="/dev/full")
        assert answer.code == 1, answer
        s.expect("old", reject="new")


def test_the_usual_place(family: Path, patch: Path, others: support.Others) -> None:
    """Under the user's own state. Root's place is the machine's, and not for tests."""
    told = {"DSU_AUDIT": "", "XDG_STATE_HOME": str(others.home / "state")}
    program, copy = others.copy(family), others.copy(patch)
    with servers(program, 2, user=others.user) as s:
        s.ask()
        answer = ctl("apply", s.pid, copy, user=others.user, **told)
        assert answer.code == 0, answer
    log = others.home / "state" / "dsu" / "audit.jsonl"
    assert [e["outcome"] for e in events(log)] == ["asked", "applied"]
    assert {e["uid"] for e in events(log)} == {others.user or os.getuid()}
    assert log.parent.stat().st_mode & 0o777 == 0o700
