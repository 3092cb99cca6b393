"""Sources that lie on the machine: tarballs as upstream releases them, and directories.

The tarballs are made here, of a Debian source package.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dsuharness import scenario, upstream
from dsuharness.places import PROJECT
from dsuharness.sources import SourceSpec, fetch
from tests.e2e.test_scenarios import run, run_correctly

pytestmark = pytest.mark.network

PAPER = PROJECT / "scenarios" / "vsftpd-2002-2008.yml"
UTF8, FILENAMES = "0007-utf8.patch", "0065-upload_download_filename_pattern.patch"

SHORT = """\
schema: 1
name: upstream
title: A release becomes another, and that a tree of one's own
subject: {{ uses: vsftpd }}
versions:
  old: {{ tarball: {{ file: vsftpd-1.tar.gz, sha256: {sha256} }} }}
  utf8: {{ after: old, patches: [0007-utf8.patch] }}
  mine: {{ directory: {{ path: mine }} }}
arms: {{ landing-pad: {{ capture: landing-pad }} }}
load:
  probe: [FEAT, PWD]
  sessions:
    silent: {{ does: idle, count: 2 }}
    up: {{ does: store, size: 4MiB, hold: {{ at: 1MiB, until: until-applied, step: mine }} }}
steps:
  - id: utf8
    uses: update
    with: {{ from: old, to: utf8 }}
    when: [{{ session: up, op: STOR, at: {{ bytes: 1MiB }} }}]
  - {{ id: mine, uses: update, with: {{ from: utf8, to: mine }} }}
checks: [load-ran, mid-transfer, transfers-intact, old-or-new, idle-alive, update-applied]
"""


def debian(*patches: str) -> Path:
    """A tree of vsFTPd with some of Debian's patches."""
    return fetch(SourceSpec("vsftpd", "3.0.5-0.2", "trixie", patches, fallback=True)).path


def pack(tree: Path, tarball: Path) -> str:
    """What upstream would release of it, with a folder around; returns its SHA-256."""
    folder = tarball.name.removesuffix(".tar.gz")
    words: list[str | Path] = [
        "tar",
        "-czf",
        tarball,
        "-C",
        tree,
        f"--transform=s,^\\.,{folder},",
        ".",
    ]
    subprocess.run(words, check=True)
    return hashlib.sha256(tarball.read_bytes()).hexdigest()


def harness(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dsuharness.cli", *words],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        check=False,
        timeout=300,
    )


@pytest.fixture
def short(tmp_path: Path) -> Path:
    """A scenario of three versions; its sources are in a folder `releases`."""
    releases = tmp_path / "releases"
    releases.mkdir()
    sha256 = pack(debian(), releases / "vsftpd-1.tar.gz")
    shutil.copy(debian().parent / "packaging" / "patches" / UTF8, releases)
    shutil.copytree(debian(UTF8, FILENAMES), releases / "mine")
    (tmp_path / "s.yml").write_text(SHORT.format(sha256=sha256))
    return tmp_path / "s.yml"


@pytest.mark.docker
def test_a_release_becomes_another_and_that_a_tree(short: Path) -> None:
    releases = short.parent / "releases"
    code, result, said = run(str(short), "--backend", "docker", "--sources", str(releases))
    assert (code, result["verdict"]) == (0, "pass"), said
    sources = result["environment"]["sources"]
    assert [s["version"] for s in sources.values()] == ["vsftpd-1", "vsftpd-1", "mine"]
    assert len({s["digest"] for s in sources.values()}) == 3


def test_all_that_is_missing_is_said_at_once(short: Path) -> None:
    folder = short.parent / "elsewhere"
    (folder / "mine").mkdir(parents=True)
    (folder / "vsftpd-1.tar.gz").write_bytes(b"not it")
    for command in ("run", "build", "plan", "explore"):
        done = harness(command, short, "--sources", folder)
        assert done.returncode == 3, (command, done)
        lines = done.stderr.splitlines()
        assert len(lines) == 4, lines
        assert lines[0].startswith(f"{folder}/vsftpd-1.tar.gz has the SHA-256 ")
        assert lines[0].endswith("(version old): it is another file")
        assert "(version utf8): it is another file" in lines[1]
        assert lines[2] == f"{folder} has no patch {UTF8} (version utf8)"
        assert "--sources DIR" in lines[3]


def test_a_tree_that_changes_is_another_source(short: Path) -> None:
    releases = short.parent / "releases"
    found = upstream.Local(releases / "mine", None, ())
    first = upstream.fetch(found)
    assert upstream.fetch(found) == first
    with (releases / "mine" / "main.c").open("a") as file:
        file.write("/* changed */\n")
    second = upstream.fetch(found)
    assert second.digest != first.digest
    assert (second.path / "main.c").read_text().endswith("/* changed */\n")
    assert not (first.path / "main.c").read_text().endswith("/* changed */\n")


def test_what_the_papers_releases_need() -> None:
    """Nothing of them is here: it plans, and a run says what it lacks."""
    versions = scenario.load(PAPER).versions
    assert len(versions) == 14
    done = harness("plan", PAPER)
    assert done.returncode == 0
    assert "update 2.0.5 → 2.0.6" in done.stdout
    done = harness("run", PAPER)
    assert done.returncode == 3
    for name in versions:
        assert f"has no tarball vsftpd-{name}.tar.gz (version {name})" in done.stderr


@pytest.mark.docker
@pytest.mark.nightly  # Twenty-eight builds of their own.
@pytest.mark.timeout(2000)
def test_the_papers_scenario_on_releases_of_todays(tmp_path: Path) -> None:
    """Fourteen tarballs under the names that it wants, made of another chain of versions."""
    today = scenario.load(PROJECT / "scenarios" / "vsftpd-13.yml").sources.values()
    for name, source in zip(scenario.load(PAPER).versions, today, strict=True):
        pack(debian(*source.patches), tmp_path / f"vsftpd-{name}.tar.gz")
    steps = [step.id for step in scenario.load(PAPER).steps]
    result = run_correctly("vsftpd-2002-2008", "docker", steps, 1800, "--sources", str(tmp_path))
    assert [u["manual_mappings"] for u in result["updates"]] == [0] * 13
