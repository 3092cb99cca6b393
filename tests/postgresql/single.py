"""Runs a script in a backend of its own, `postgres --single`, always on the same database."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests import toolchain
from tests.toolchain import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.postgresql.tree import Tree
    from tests.toolchain import Outcome

SCRIPT = ROOT / "dsuharness" / "subjects" / "postgresql.sql"
SETTINGS = ("-F", "-c", "autovacuum=off", "-c", "log_line_prefix=", "-c", "lc_messages=C")
USER = "nobody"
"""Who runs the server where we are root: it refuses to be."""


def unprivileged(argv: list[str]) -> list[str]:
    """The command, run by somebody who may run a server."""
    if os.geteuid():
        return argv
    return ["setpriv", f"--reuid={USER}", "--regid=nogroup", "--clear-groups", *argv]


def place(prefix: str) -> Path:
    """A folder that the server's user can reach and write."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=tempfile.gettempdir()))
    made.chmod(0o755)
    if not os.geteuid():
        shutil.chown(made, USER)
    return made


@dataclass(frozen=True)
class Database:
    """A fresh database as `initdb` makes it; each run works on a copy."""

    folder: Path

    @classmethod
    def create(cls, tree: Tree, folder: Path) -> Database:
        """By the programs of `tree`, which may be updating themselves."""
        argv = [str(tree.program("initdb")), "-D", str(folder / "template"), "--no-sync"]
        argv += ["-A", "trust", "-E", "UTF8", "--locale=C", "-U", "tester"]
        env = {"LD_LIBRARY_PATH": str(tree.installed / "lib")}
        done = toolchain.run(unprivileged(argv), env=env, timeout=120, cwd=folder)
        assert done.code == 0, done.out.decode() + done.err
        return cls(folder)

    def run(
        self, tree: Tree, env: Mapping[str, str] | None = None, timeout: float = 120,
        under: Sequence[str] = (),
    ) -> Outcome:  # fmt: skip
        """The script's outcome, both streams; the folder's name is taken out of it.

        `under` is a command that runs another, callgrind for example.
        """
        data = Path(tempfile.mkdtemp(prefix="data", dir=self.folder))
        subprocess.run(["cp", "-a", f"{self.folder / 'template'}/.", data], check=True)
        try:
            argv = [*under, str(tree.program("postgres")), "--single", "-D", str(data), *SETTINGS]
            script = SCRIPT.read_text().replace("@DATA@", str(data))
            done = toolchain.run(
                unprivileged([*argv, "template1"]),
                env=env, timeout=timeout, stdin=script.encode(), cwd=self.folder,
            )  # fmt: skip
        finally:
            shutil.rmtree(data)
        out = done.out.replace(bytes(data), b"@DATA@")
        return toolchain.Outcome(done.code, out, done.err.replace(str(data), "@DATA@"))

    def updating(self, tree: Tree, at: str, timeout: float = 300) -> Outcome:
        """The same, while the backend updates itself to itself at `at`."""
        return self.run(tree, {"DSU_UPDATE_AT": at, "DSU_REPORT": "1"}, timeout)


def messages(outcome: Outcome) -> list[str]:
    """What the server had to say, less the runtime's own line."""
    return [line for line in outcome.err.splitlines() if not line.startswith("dsu: ")]


def differences(wanted: Outcome, got: Outcome) -> Iterator[str]:
    """Where two runs differ."""
    if got.code != wanted.code:
        yield f"exit {got.code} instead of {wanted.code}"
    for what, a, b in (
        ("output", wanted.out.decode().splitlines(), got.out.decode().splitlines()),
        ("messages", messages(wanted), messages(got)),
    ):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(b))
            shown = (" / ".join(x[at : at + 3]) or "nothing" for x in (a, b))
            yield f"{what}, line {at + 1}: wanted {next(shown)}, got {next(shown)}"
