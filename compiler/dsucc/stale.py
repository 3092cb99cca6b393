"""Compiles again, at a link, what took a function for one that cannot reach an update point.

Each object carries its preprocessed text and its flags, so that it can be made anew where it
stands: as a file on the command line, or as a member of an archive.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from . import argv, meta, summary
from .argv import CommandLine, Input
from .build import compile_source
from .summary import Stale


def compile_again(gcc: str, line: CommandLine, stale: list[Stale]) -> list[Stale]:
    """Renews the objects of these units; gives those whose objects are not to be found."""
    wanted = {s.unit.key: s for s in stale}
    for given in line.inputs:
        path = Path(given.path)
        if given.language or not wanted or not path.is_file():
            continue
        if path.suffix == ".a":
            _members(gcc, path, line, wanted)
        else:
            _object(gcc, path, line, wanted)
    return list(wanted.values())


def _object(gcc: str, path: Path, line: CommandLine, wanted: dict[str, Stale]) -> bool:
    """Renews an object of one wanted unit."""
    try:
        units = meta.read(path)
    except meta.MetaError:
        return False
    if len(units) != 1 or units[0].key not in wanted:
        return False
    _compile(gcc, units[0], line, path)
    del wanted[units[0].key]
    return True


def _members(gcc: str, archive: Path, line: CommandLine, wanted: dict[str, Stale]) -> None:
    """Renews members of an archive."""
    with tempfile.TemporaryDirectory(prefix="dsucc-") as folder:
        whole = str(archive.absolute())
        if subprocess.run(["ar", "x", whole], cwd=folder, check=False).returncode:
            return
        for member in sorted(Path(folder).iterdir()):
            if _object(gcc, member, line, wanted):
                subprocess.run(["ar", "r", whole, str(member)], capture_output=True, check=True)


def _compile(gcc: str, unit: meta.UnitMeta, line: CommandLine, output: Path) -> None:
    own = [f"--dsu-capture={unit.capture}", f"--dsu-points={unit.points}"]
    own += [f"--dsu-never={','.join(unit.never)}"] if unit.never else []
    own += [f"--dsu-summary={line.own['summary']}"]
    with tempfile.TemporaryDirectory(prefix="dsucc-") as folder:
        text = Path(folder) / "unit.i"
        text.write_text(unit.text, "utf-8", "surrogateescape")
        words = [*own, *unit.flags, "-w", "-c", "-o", str(output), str(text)]
        again = argv.parse(words)
        compile_source(gcc, again, Input(str(text), "cpp-output"), str(output))


def renew(gcc: str, line: CommandLine, program: Path) -> tuple[list[Stale], list[Stale]]:
    """Behind a link: (units that have been compiled again, units that would have to be)."""
    found = summary.renew(Path(line.own["summary"]), program)
    missing = compile_again(gcc, line, found) if found else []
    return [s for s in found if s not in missing], missing
