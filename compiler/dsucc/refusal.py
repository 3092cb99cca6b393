"""What the patch generator cannot decide: each refusal names the thing and shows both versions."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from .toplevel import Item

_COLUMN = 48
_MEMBER = re.compile(r"member '([^']+)'|^'([^']+)' is in a union")


@dataclass(frozen=True)
class Place:
    """A piece of source text and where it stands."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Refusal:
    """One reason why no patch can be written without the user's word.

    `kind` is stable for scripts: type, enumerator, initialiser, variable-type, linkage, signature,
    thread-local, points, flags, labels, number.
    """

    kind: str
    name: str
    why: str
    old: Place | None = None
    new: Place | None = None
    remedy: str = ""
    decide: tuple[tuple[str, str], ...] = ()  # lines of a skeleton: each with what may stand there

    @property
    def place(self) -> Place | None:
        """Where to point the user at: the new version if there is one."""
        return self.new or self.old

    def text(self) -> str:
        """The refusal for people: one line, then the declarations side by side."""
        where = f"{self.place}: " if self.place else ""
        lines = [f"{where}{self.name}: {self.why}"]
        if self.old is not None or self.new is not None:
            lines += side_by_side(self.old, self.new)
        if self.remedy:
            lines.append(f"    {self.remedy}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """The refusal for scripts."""
        return asdict(self)


def member_of(r: Refusal) -> str:
    """The member of a type that it is about; empty: all of it."""
    found = _MEMBER.search(r.why)
    return (found.group(1) or found.group(2)) if found and not r.why.endswith("is gone") else ""


def side_by_side(old: Place | None, new: Place | None) -> list[str]:
    """Two texts in two columns, the longer one cut where they have stopped differing."""
    left = [str(old) if old else "(not in the old version)", *_lines(old)]
    right = [str(new) if new else "(not in the new version)", *_lines(new)]
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    rows = []
    for i, (a, b) in enumerate(zip(left, right, strict=True)):
        mark = " " if i == 0 or a == b else "|"
        rows.append(f"    {_fit(a):<{_COLUMN}} {mark} {_fit(b)}".rstrip())
    return _shortened(rows)


def _lines(place: Place | None) -> list[str]:
    if place is None:
        return []
    kept = [line.expandtabs(4).rstrip() for line in place.text.split("\n")]
    return [line for line in kept if line and not line.startswith("#")]


def _fit(line: str) -> str:
    return line if len(line) <= _COLUMN else line[: _COLUMN - 1] + "…"


def _shortened(rows: list[str], context: int = 2, limit: int = 24) -> list[str]:
    """All rows of a short table; of a long one those around differences."""
    if len(rows) <= limit:
        return rows
    differing = [i for i, row in enumerate(rows) if i and row[_COLUMN + 5 : _COLUMN + 6] == "|"]
    keep = {0, 1} | {j for i in differing[:6] for j in range(i - context, i + context + 1)}
    out: list[str] = []
    for i, row in enumerate(rows):
        if i in keep:
            out.append(row)
        elif out[-1] != "    …":
            out.append("    …")
    return out


def place_of(item: Item, text: str = "") -> Place:
    """Where an item begins, less the blank lines and markers in front of it."""
    line, lines = item.line, item.text.split("\n")
    while lines and (not lines[0].strip() or lines[0].startswith("#")):
        marker = lines[0].split()
        line = int(marker[1]) if len(marker) > 1 and marker[1].isdigit() else line + 1
        lines.pop(0)
    return Place(item.file, line, text or "\n".join(lines))
