"""PostgreSQL's build trees: by gcc, once and kept; by dsucc, wholly or in part, made anew.

A tree is installed where everybody may read it, since the server refuses to run as root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from dsuharness.build import check_capture
from dsuharness.cache import cache_dir, locked
from dsuharness.sources import SourceSpec, fetch
from dsuharness.subjects.postgresql import CHANGES, NEVER
from tests.toolchain import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dsuharness.scenario import Capture

SOURCE = SourceSpec("postgresql-13", "13.16-0+deb11u1", "bullseye", fallback=True)
DSUCC = ROOT / ".venv" / "bin" / "dsucc"

# Folders whose code is on every stack: the main loop, the executor, sorting, calls of functions.
SUBSET = ("main", "tcop", "executor", "utils/sort", "utils/fmgr")
LIBRARIES = ("src/pl/plpgsql/src",)

_CAPTURES: dict[str, Capture] = {
    "baseline": "none",
    "landing-pad": "landing-pad",
    "flag-check": "flag-check",
}

# Part of the key: raise it when the way of building changes.
LAYOUT = 1


class BuildError(Exception):
    """PostgreSQL did not build; the text is the end of what make said."""


@dataclass(frozen=True)
class Tree:
    """A built source tree and where it is installed."""

    source: Path
    installed: Path
    report: Path | None = None

    def program(self, name: str) -> Path:
        """An installed program."""
        return self.installed / "bin" / name


def kept(folder: Path, arm: str) -> Tree:
    """One of the trees that run.py has kept, `baseline` or a mode's; BuildFailed if it is not."""
    home = folder / arm
    tree = Tree(home / "source", home / "installed", home / "report.jsonl")
    check_capture(tree.program("postgres"), _CAPTURES[arm])
    return tree


def public(tree: Tree, folder: Path) -> Tree:
    """The tree, installed in `folder`: the server's user cannot see into the cache."""
    installed = folder / "installed"
    if not installed.exists():
        subprocess.run(["cp", "-a", f"{tree.installed}/.", installed], check=True)
    return Tree(tree.source, installed, tree.report)


def make(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> str:
    """Runs make; gives what it said. Raises BuildError."""
    command = ["make", f"-j{len(os.sched_getaffinity(0))}", *words]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "MAKELEVEL": "0", **(env or {})},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    text = done.stdout.decode(errors="replace")
    if done.returncode:
        raise BuildError(f"{' '.join(command)} in {folder}:\n{text[-4000:]}")
    return text


def configure(source: Path, installed: Path, compiler: str, *flags: str) -> None:
    """PostgreSQL's own configure. Raises BuildError."""
    command = ["./configure", f"--prefix={installed}", f"CC={compiler}", *flags]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{' '.join(command)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def plain() -> Tree:
    """Built by gcc; kept for as long as source and gcc stay the same."""
    source = fetch(SOURCE)
    gcc = subprocess.run(["gcc", "-v"], capture_output=True, text=True, check=True).stderr
    key = sha256(f"{LAYOUT} {source.digest} {gcc}".encode()).hexdigest()[:16]
    home = cache_dir("postgresql") / key
    tree = Tree(home / "source", home / "installed")
    with locked(f"postgresql-{key}"):
        if not (home / "complete").is_file():
            shutil.rmtree(home, ignore_errors=True)
            whole(home, None)
            (home / "complete").touch()
    return tree


def settings(tree: Tree, mode: str | None) -> dict[str, str]:
    """The environment of a build; nothing for gcc's."""
    if mode is None:
        return {}
    own = {"capture": mode, "never": ",".join(NEVER), "report": tree.report}
    own["summary"] = tree.source / "dsu.summary"
    return {"DSU_FLAGS": " ".join(f"--dsu-{name}={value}" for name, value in own.items())}


def partly_instrumented(
    base: Tree, folder: Path, mode: str, compiler: str = str(DSUCC), only: Iterable[str] = ()
) -> Tree:
    """A copy of `base` with the server's core and PL/pgSQL compiled by dsucc, the rest as it is.

    With `only`, just these objects of src/backend are compiled again.
    """
    tree = Tree(folder / "source", folder / "installed", folder / "report.jsonl")
    for made, kept in ((tree.source, base.source), (tree.installed, base.installed)):
        if not made.exists():
            subprocess.run(["cp", "-a", "--reflink=auto", f"{kept}/.", made], check=True)
    backend = tree.source / "src" / "backend"
    libraries = [] if only else [tree.source / library for library in LIBRARIES]
    stale = [backend / o for o in only] or [o for d in SUBSET for o in (backend / d).glob("*.o")]
    # make takes a missing object for an intermediate file unless the list of objects is gone, too.
    lists = {o.with_name("objfiles.txt") for o in stale}
    for made in [*lists, *stale, *(f for d in libraries for f in d.glob("*.[os]*"))]:
        made.unlink(missing_ok=True)
    env = settings(tree, mode)
    make(tree.source, "-C", "src/backend", f"CC={compiler}", env=env)
    shutil.copy2(backend / "postgres", tree.program("postgres"))
    for library in libraries:
        make(library, f"CC={compiler}", env=env)
        for made in library.glob("*.so"):
            shutil.copy2(made, tree.installed / "lib" / "postgresql")
    return tree


def changed(base: Tree, folder: Path, mode: str, version: str) -> Tree:
    """The server of `base` as one of the subject's changed versions, in a copy of its source.

    One that was made before is made anew in what has changed.
    """
    home = folder / f"{mode}-{version}"
    tree = Tree(home / "source", home / "installed", home / "report.jsonl")
    if not tree.source.exists():
        home.mkdir()
        subprocess.run(["cp", "-a", "--reflink=auto", base.source, tree.source], check=True)
        for file, script in CHANGES[version].items():
            before = (tree.source / file).read_bytes()
            subprocess.run(["sed", "-i", script, file], cwd=tree.source, check=True)
            if (tree.source / file).read_bytes() == before:
                raise BuildError(f"{file}: version {version} changes nothing in it")
    make(tree.source, "-C", "src/backend", f"CC={DSUCC}", "postgres", env=settings(tree, mode))
    tree.program("postgres").parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(tree.source / "src" / "backend" / "postgres", tree.program("postgres"))
    return tree


def whole(folder: Path, mode: str | None, *options: str) -> Tree:
    """All of PostgreSQL, configure's own probes too, by dsucc or (without a mode) by gcc.

    What dsucc compiles is kept by content: who ended it in the middle, or changed a suite, goes on.
    """
    tree = Tree(folder / "source", folder / "installed", folder / "report.jsonl")
    shutil.copytree(fetch(SOURCE).path, tree.source, symlinks=True)
    env = {**settings(tree, mode), "DSU_CACHE": str(cache_dir("objects"))}
    configure(tree.source, tree.installed, str(DSUCC) if mode else "gcc", *options)
    for target in ("all", "install"):
        make(tree.source, target, env=env)
        make(tree.source, "-C", "contrib/amcheck", target, env=env)
    return tree
