"""Compiles again, at a link, what took a function for one that cannot reach an update point.

Each object carries its preprocessed text and its flags, so that it can be made anew where it
stands: as a file on the command line, or as a member of an archive.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import re
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from . import argv, meta, summary
from .argv import CommandLine, Input
from .backend import Backend
from .build import compile_source
from .summary import Stale


@dataclass
class _Job:
    """A unit to compile, to `output`; that is a member of `archive`, if there is one."""

    unit: meta.UnitMeta
    output: Path
    archive: Path | None = None


def compile_again(backend: Backend, line: CommandLine, stale: list[Stale]) -> list[Stale]:
    """Renews the objects of these units; gives those whose objects are not to be found."""
    wanted = list(stale)
    with ExitStack() as folders:
        jobs: list[_Job] = []
        for path in [*_named(line), *_found_by_name(line)]:
            if not wanted or not path.is_file():
                continue
            if path.suffix == ".a":
                folder = folders.enter_context(tempfile.TemporaryDirectory(prefix="dsucc-"))
                jobs += _members(path, Path(folder), wanted)
            else:
                jobs += _object(path, wanted)
        _all(backend, line, jobs)
    return wanted


def _named(line: CommandLine) -> list[Path]:
    """Objects and archives on the command line."""
    return [Path(i.path) for i in line.inputs if not i.language]


def _found_by_name(line: CommandLine) -> list[Path]:
    """The archives of -lNAME that lie in a folder of -L."""
    folders = [Path(f) for f in _values(line.flags, "-L")]
    archives = [f"lib{name}.a" for name in _values(line.flags, "-l")]
    return [folder / archive for archive in archives for folder in folders]


def _values(flags: list[str], option: str) -> list[str]:
    """What an option is given, with or without a space."""
    apart = [b for a, b in itertools.pairwise(flags) if a == option]
    return apart + [f.removeprefix(option) for f in flags if f.startswith(option) and f != option]


def _object(path: Path, wanted: list[Stale], archive: Path | None = None) -> list[_Job]:
    """The job for an object of one wanted unit, which is wanted no longer; or none."""
    try:
        units = meta.read(path)
    except meta.MetaError:
        return []
    for stale in wanted if len(units) == 1 else []:
        # Files of one name may be in several folders.
        if (stale.unit.key, stale.unit.assumed) == (units[0].key, units[0].leaves):
            wanted.remove(stale)
            break
    else:
        return []
    return [_Job(units[0], path, archive)]


def _members(archive: Path, folder: Path, wanted: list[Stale]) -> list[_Job]:
    """The jobs for an archive's members."""
    whole = archive.absolute()
    if subprocess.run(["ar", "x", str(whole)], cwd=folder, check=False).returncode:
        return []
    return [job for m in sorted(folder.iterdir()) for job in _object(m, wanted, whole)]


def _all(backend: Backend, line: CommandLine, jobs: list[_Job]) -> None:
    """Does the jobs, several at a time."""
    todo = [(backend, job.unit, line, job.output) for job in jobs]
    workers = min(_workers(), len(todo))
    if workers > 1:
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            pool.starmap(_compile, todo, chunksize=1)
    else:
        for words in todo:
            _compile(*words)
    for job in jobs:
        if job.archive:
            command = ["ar", "r", str(job.archive), str(job.output)]
            subprocess.run(command, capture_output=True, check=True)


def _workers() -> int:
    """How many compilers may run: one under a `make` that was not told -j."""
    told = os.environ.get("MAKEFLAGS")
    if told is not None and not re.search(r"(^|\s)-?[a-zA-Z]*j", told):
        return 1
    return len(os.sched_getaffinity(0))


def _compile(backend: Backend, unit: meta.UnitMeta, line: CommandLine, output: Path) -> None:
    own = [f"--dsu-capture={unit.capture}", f"--dsu-points={unit.points}"]
    own += [f"--dsu-never={','.join(unit.never)}"] if unit.never else []
    own += [f"--dsu-summary={line.own['summary']}"]
    with tempfile.TemporaryDirectory(prefix="dsucc-") as folder:
        text = Path(folder) / "unit.i"
        text.write_text(unit.text, "utf-8", "surrogateescape")
        words = [*own, *unit.flags, "-w", "-c", "-o", str(output), str(text)]
        again = argv.parse(words)
        source = Input(str(text), "cpp-output")
        compile_source(backend, again, source, str(output), unit.transactions, unit.folder)


def renew(backend: Backend, line: CommandLine, program: Path) -> tuple[list[Stale], list[Stale]]:
    """Behind a link: (units that have been compiled again, units that would have to be)."""
    found = summary.renew(Path(line.own["summary"]), program)
    missing = compile_again(backend, line, found) if found else []
    return [s for s in found if s not in missing], missing
