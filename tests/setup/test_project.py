"""The project's own files agree with each other."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACT_TARGETS = ("demo", "test", "check", "fuzz", "bench", "nightly", "clean", "help")


@pytest.mark.parametrize(
    ("package", "home"),
    [("dsuharness", "."), ("dsucc", "compiler"), ("dsuload", "loadgen")],
)
def test_each_package_comes_from_its_own_root(package: str, home: str) -> None:
    assert list(importlib.import_module(package).__path__) == [str(ROOT / home / package)]


def test_the_lock_pins_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = {normal(line) for line in (ROOT / "requirements.lock").read_text().splitlines()}
    assert {normal(name) for name in wanted} <= pinned


def normal(requirement: str) -> str:
    name = re.split(r"[=<>!~ \[#]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_pycparser_is_exactly_the_one_that_dsucc_was_written_for() -> None:
    assert importlib.metadata.version("pycparser") == "3.12"


def test_make_alone_prints_every_target_with_what_it_does() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True,
        env=own_make_environment(),
    ).stdout  # fmt: skip
    listed = set(re.findall(r"^  make ([a-z-]+) +\S", shown, re.MULTILINE))
    phony = re.findall(r"^\.PHONY: ([a-z-]+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(CONTRACT_TARGETS) <= set(phony)
    assert listed == set(phony) - {"help"}


def own_make_environment() -> dict[str, str]:
    """Return our environment without the settings of the make that runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def test_missing_packages_are_named_to_who_cannot_install_them(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    tools = tmp_path / "tools"
    tools.mkdir()
    script = tools / "install-packages"
    script.write_text((ROOT / "tools/install-packages").read_text())
    (tools / "apt-packages.txt").write_text("make  # there\nno-such-package  # not there\n")
    result = subprocess.run(
        ["bash", script], capture_output=True, text=True, check=False,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert result.returncode == 1
    assert "apt-get install --no-install-recommends no-such-package\n" in result.stderr


def test_every_script_parses() -> None:
    for script in (ROOT / ".ci/run", ROOT / "tools/install-packages"):
        subprocess.run(["bash", "-n", script], check=True)
        assert os.access(script, os.X_OK)


def test_no_address_of_a_mirror_or_registry_is_written_down() -> None:
    """Mirrors come from the machine's configuration; docs/*.md may name projects."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "dsuharness", "images", "tools", "Makefile", ".ci"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    address = re.compile(r"https?://[\w.-]*(debian\.org|docker\.|pypi|npmjs)")
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file():
            assert not address.search(path.read_text(errors="replace")), name
