"""Single patches out of a package's `debian/patches`, applied to the pristine source.

Debian applies its patches as a series; a scenario wants one of them as *the*
difference between two versions of a server.  What such a patch changes in
documentation or in build files may depend on the patches before it and does
not matter here; what it changes in compiled code must apply in full.
"""

from __future__ import annotations

import difflib
import re
import subprocess
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from dsuharness.errors import InvalidScenario

if TYPE_CHECKING:
    from pathlib import Path

COMPILED_SUFFIXES = frozenset({".c", ".h", ".y", ".l"})
_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


@dataclass(frozen=True)
class Section:
    """The part of a patch that changes one file."""

    target: str
    text: str

    @property
    def is_compiled(self) -> bool:
        """Whether the file's text reaches the compiler."""
        return PurePosixPath(self.target).suffix in COMPILED_SUFFIXES


def find(patches: Path, name: str) -> Path:
    """Return the file of patch `name`; InvalidScenario with the nearest names if there is none."""
    path = patches / name
    if path.is_file():
        return path
    known = sorted(str(file.relative_to(patches)) for file in patches.rglob("*") if file.is_file())
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise InvalidScenario([f"debian/patches has no {name}{hint}"])


def apply(patch: Path, tree: Path) -> list[str]:
    """Apply `patch` to `tree`; return notes on what did not apply or applied inexactly.

    Raises InvalidScenario if a change to compiled code does not apply.
    """
    notes: list[str] = []
    for section in split(patch.read_text(encoding="utf-8", errors="surrogateescape")):
        result = subprocess.run(
            ["patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch", "--reject-file=-"],
            input=section.text.encode("utf-8", errors="surrogateescape"),
            cwd=tree,
            capture_output=True,
            check=False,
        )
        said = (result.stdout + result.stderr).decode(errors="replace").strip()
        if result.returncode != 0 and section.is_compiled:
            raise InvalidScenario(
                [f"patch {patch.name} does not apply to {section.target}:\n{said}"]
            )
        if result.returncode != 0:
            notes.append(f"{patch.name}: left out its change to {section.target}")
        elif "fuzz" in said:
            notes.append(f"{patch.name}: applied to {section.target} with fuzz")
    return notes


def split(text: str) -> list[Section]:
    """Split a unified diff by file; what stands between the parts is dropped.

    A line `--- x` inside a hunk is a removed line `-- x`, so hunks are skipped
    by the lengths that their headers give.
    """
    lines = text.splitlines(keepends=True)
    sections: list[Section] = []
    at = 0
    while at < len(lines) - 1:
        if not (lines[at].startswith("--- ") and lines[at + 1].startswith("+++ ")):
            at += 1
            continue
        start, at = at, at + 2
        while at < len(lines) and _HUNK.match(lines[at]):
            at = _end_of_hunk(lines, at)
        sections.append(Section(_target(lines[start : start + 2]), "".join(lines[start:at])))
    return sections


def _end_of_hunk(lines: list[str], at: int) -> int:
    header = _HUNK.match(lines[at])
    assert header is not None, "called on a hunk's header only"
    old, new = (int(count) if count else 1 for count in header.groups())
    at += 1
    while at < len(lines) and (old > 0 or new > 0):
        mark = lines[at][:1]
        # Some editors strip the blank that stands for an empty context line.
        old -= mark in " -\n"
        new -= mark in " +\n"
        at += 1
    if at < len(lines) and lines[at].startswith("\\"):
        at += 1
    return at


def _target(header: list[str]) -> str:
    old, new = (line[4:].split("\t")[0].split(" ")[0].strip() for line in header)
    name = old if new == "/dev/null" else new
    return name.split("/", 1)[-1]
