"""Resolve pyproject.toml's dependencies afresh and print requirements.lock.

In a virtual environment of its own, so that nothing that merely happens to be
installed is written down as needed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

HEADER = """\
# Every package of the virtual environment, at the version that was tested.
# pyproject.toml says what is needed and why; this file says what is installed.
# To renew it: make lock
"""
# `editables` is what hatchling asks for at the time of an editable install.
BUILD_BACKEND_EXTRAS = ["editables"]


def requirements(project: Path) -> list[str]:
    """Return everything that `project` asks for: at run time, to develop, and to build."""
    table = tomllib.loads(project.read_text())
    declared = table["project"]
    optional = [name for names in declared["optional-dependencies"].values() for name in names]
    build = [*table["build-system"]["requires"], *BUILD_BACKEND_EXTRAS]
    return [*declared["dependencies"], *optional, *build]


def resolve(wanted: list[str]) -> str:
    """Install `wanted` into a fresh environment; return the versions that it then has."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [str(Path(folder, "bin", "pip")), "--disable-pip-version-check", "-qq"]
        subprocess.run([*pip, "install", *wanted], check=True, stdout=sys.stderr)
        frozen = subprocess.run([*pip, "freeze"], check=True, capture_output=True, text=True)
    return frozen.stdout


if __name__ == "__main__":
    sys.stdout.write(HEADER + resolve(requirements(Path("pyproject.toml"))))
