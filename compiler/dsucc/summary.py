"""The whole-program summary: which functions of other units can reach an update point.

A unit by itself has to take any function that it does not define for one that may. The summary, a
file that is kept with the build, says what is known of the others:

    -name    cannot reach an update point
    ?name    may, as far as a survey of the sources can tell
    +name    may: a compiled program has shown it
    *name    may, and lies on a cycle of calls through several units that needs a point of its own
    %name    the same, as far as a survey can tell

It is made by a survey of all sources beneath its folder (survey.py) when it is not there, read by
each compile, and set right by each link from what the linked units left in section `.dsu_reach`.
What a unit took for granted and is no longer so is found at the link, and the unit is compiled
again (stale.py): a call that is no continuation point may not be under way when stacks are taken
apart.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .graph import Graph

SECTION = ".dsu_reach"
MAGIC = b"DSURECH1"
CANNOT, SURVEYED, MAY, CYCLE, SURVEYED_CYCLE = "-", "?", "+", "*", "%"
_STATES = CANNOT + SURVEYED + MAY + CYCLE + SURVEYED_CYCLE
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
HEAD = "# dsucc: which functions may reach an update point; made anew where it is missing\n"


@dataclass(frozen=True)
class Summary:
    """What a compile knows of other units."""

    leaves: frozenset[str] = frozenset()
    cycles: frozenset[str] = frozenset()

    def about(self, text: str) -> list[str]:
        """What it says of the names in a unit's text, in the file's own form."""
        names = set(_WORD.findall(text)) if self.leaves or self.cycles else set()
        out = [CANNOT + n for n in names & self.leaves] + [CYCLE + n for n in names & self.cycles]
        return sorted(out)


@dataclass
class UnitReach:
    """One unit's part of the call graph; functions are known by their symbols.

    `calls` are those that an update could reach into, `beside` all others (stays.py). `assumed` are
    functions of other units that it took for ones that cannot.
    """

    key: str
    source: str
    calls: dict[str, list[str]] = field(default_factory=dict)
    beside: dict[str, list[str]] = field(default_factory=dict)
    alone: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)


# -- the file -------------------------------------------------------------------------------------


def load(path: Path, points: str, never: frozenset[str]) -> Summary:
    """Reads the summary; surveys the sources beneath its folder where there is none."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        text = _first(path, points, never)
    known = text.split()
    return Summary(
        frozenset(w[1:] for w in known if w[0] == CANNOT),
        frozenset(w[1:] for w in known if w[0] in (CYCLE, SURVEYED_CYCLE)),
    )


def _first(path: Path, points: str, never: frozenset[str]) -> str:
    from .survey import Survey  # noqa: PLC0415 - one compile of a build needs it

    with _locked(path):
        if not path.is_file():
            _write(path, Survey(path.parent, points, never).states())
        return path.read_text()


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One at a time, also between processes."""
    lock = path.with_name(f".{path.name}.lock")
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _write(path: Path, states: dict[str, str]) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(HEAD + "".join(f"{s}{n}\n" for n, s in sorted(states.items())))
    aside.replace(path)


def _states(path: Path) -> dict[str, str]:
    with contextlib.suppress(FileNotFoundError):
        lines = path.read_text().splitlines()
        return {w[1:]: w[0] for w in lines if w and w[0] in _STATES}
    return {}


# -- what units leave ------------------------------------------------------------------------------


def pack(unit: UnitReach) -> bytes:
    """The blob of one unit: MAGIC, 8 bytes of length, compressed JSON."""
    data = zlib.compress(json.dumps(asdict(unit), separators=(",", ":")).encode(), 1)
    return MAGIC + len(data).to_bytes(8, "little") + data


def unpack(data: bytes) -> list[UnitReach]:
    """All units of a section's content; what is damaged ends it."""
    units, at = [], 0
    while data[at : at + 8] == MAGIC:
        size = int.from_bytes(data[at + 8 : at + 16], "little")
        units.append(UnitReach(**json.loads(zlib.decompress(data[at + 16 : at + 16 + size]))))
        at += 16 + size
    return units


def read(program: Path) -> list[UnitReach]:
    """The units of a linked program or object."""
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415 - a compile need not wait for it

    with program.open("rb") as stream:
        section = ELFFile(stream).get_section_by_name(SECTION)
        return unpack(section.data()) if section is not None else []


# -- the link -------------------------------------------------------------------------------------


@dataclass
class Stale:
    """A unit that took a function for one that cannot reach an update point, and it can."""

    unit: UnitReach
    names: list[str]

    def __str__(self) -> str:
        names = ", ".join(self.names)
        return f"{self.unit.source}: {names} can reach an update point and could not before"


def renew(path: Path, program: Path) -> list[Stale]:
    """Sets the summary right by a linked program; gives what was compiled by a stale one."""
    units = read(program)
    with _locked(path):
        states = _states(path)
        graph = _graph(units, states)
        own = {n for u in units for n in u.calls if "$" not in n}
        for name in own:
            states[name] = _state(name, graph, states.get(name, ""))
        _write(path, states)
    stale = [Stale(u, sorted(set(u.assumed) & graph.updating & own)) for u in units]
    return [s for s in stale if s.names]


def _state(name: str, graph: Graph, before: str) -> str:
    if name in graph.unbounded:
        return CYCLE
    if name in graph.updating:
        return before if before == CYCLE else MAY
    return before if before in (MAY, CYCLE) else CANNOT  # another program's may reach one


def _graph(units: list[UnitReach], states: dict[str, str]) -> Graph:
    calls: dict[str, set[str]] = {}
    for unit in units:
        for name, called in unit.calls.items():
            # Two files of one name may each have a static function of one name.
            calls.setdefault(name, set()).update(called)
    everything = {c for cs in calls.values() for c in cs}
    foreign = {c for c in everything - calls.keys() if states.get(c) != CANNOT}
    never = {n for u in units for n in u.never}
    return Graph(calls, {n for u in units for n in u.alone} | foreign, never)
