"""Chains of frames that fit both programs: what the steps of stacks.py hand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from .stack_versions import Standing
from .typemap import Expression


@dataclass(frozen=True)
class FrameVariable:
    """A variable of a frame, of which C text speaks: `c` is what it is called there."""

    frame: int
    variable: str  # as records know it
    type: str
    c: str


class How(Enum):
    """Where a variable of a new frame comes from; the values are the ABI's names."""

    MOVED = "DSU_MOVED"  # variable `source` of old frame `link`
    COPIED = "DSU_COPIED"  # the same, whose home is another variable's
    MADE = "DSU_MADE"  # by C text


@dataclass
class Value:
    """A variable of a new frame; `variable` and `source` as records know them."""

    variable: str
    how: How
    link: int = 0
    source: str = ""
    code: Expression | None = None  # with the C names of what is below
    type: str = ""
    inputs: list[FrameVariable] = field(default_factory=list)  # of old frames: their values
    homes: list[FrameVariable] = field(default_factory=list)  # of new frames: their addresses


@dataclass
class Step:
    """A frame of the new chain."""

    at: Standing
    values: list[Value] = field(default_factory=list)
    times: Value | None = None


@dataclass
class Chain:
    """An entry that fits both programs."""

    place: str
    links: list[Standing]
    steps: list[Step]

    def told(self) -> tuple[str, str]:
        """Both chains for people."""
        return _told(self.links), _told([s.at for s in self.steps])


def _told(frames: list[Standing]) -> str:
    """Outermost first; what may be there several times with a star."""
    stars = ["" if s.name.times is None else "*" for s in frames]
    pairs = zip(frames, stars, strict=True)
    return " > ".join(f"{s.function}: {s.point.name}{star}" for s, star in pairs)


class Complaints:
    """Where what does not fit is collected; each with its place in the mapping file."""

    def __init__(self, wrong: list[str]) -> None:
        self.wrong = wrong

    def add(self, place: str, why: str) -> None:
        self.wrong.append(f"{place}: stacks: {why}")

    def sort(self, begin: int) -> None:
        """Those of one entry, from `begin` on, by their lines."""

        def line(text: str) -> int:
            return int(text.partition(": stacks: ")[0].rpartition(":")[2])

        self.wrong[begin:] = sorted(self.wrong[begin:], key=line)


def find_variable(
    frames: list[Standing], alias: str, name: str, is_old: bool, place: str, out: Complaints
) -> int | None:
    """Which of the frames has the variable `alias.name`; complains if none has."""
    section, version = ("from", "old") if is_old else ("to", "new")
    at = next((i for i, s in enumerate(frames) if s.name.alias == alias), None)
    if at is None:
        known = ", ".join(s.name.alias for s in frames)
        out.add(place, f"no frame under '{section}' is called '{alias}': want one of {known}")
        return None
    frame = frames[at]
    if frame.find(name) is None:
        where = f"at {frame.point.name} of the {version} '{frame.function}'"
        out.add(place, f"'{name}' has no value {where}; what has: {frame.names()}")
        return None
    return at
