"""Stack transformers: the mapping file's `stacks:` against the two programs.

    entry -> functions and points of both chains -> does each frame call the next? -> a source for
    each variable of the new frames -> a use for each of the old ones -> the way back

What does not fit is told all at once, with the mapping file's line. stackfile.py has the section's
form, stacks_text.py what the patch holds of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from .ctypes_table import is_arithmetic
from .difference import Difference
from .mapfile import Decisions, MapError
from .mapping import number_of
from .points import CALL
from .stack_back import invert
from .stack_chain import Chain, Complaints, How, Step
from .stack_values import Values
from .stack_versions import Standing, Versions, version_name
from .stackfile import FrameName, StackEntry
from .touched import address_taken

_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass
class Stacks:
    """All chains, the longest first. `back` are those of a revert, `stays` why there is none."""

    chains: list[Chain] = field(default_factory=list)
    back: list[Chain] = field(default_factory=list)
    stays: str = ""

    def covered(self, symbol: str) -> dict[int, str]:
        """Points of an old function in chains, with their places in the mapping file."""
        links = [(c.place, s) for c in self.chains for s in c.links if s.symbol == symbol]
        return {s.point.id: place for place, s in links}

    def moved(self) -> set[tuple[str, str]]:
        """Old functions' variables that a chain makes another frame's, or another variable."""
        return {
            (chain.links[value.link].symbol, value.source)
            for chain in self.chains
            for step in chain.steps
            for value in step.values
            if value.how is not How.MADE
        }


def resolve_stacks(difference: Difference, decisions: Decisions) -> Stacks:
    """What the mapping file says of stacks; what is wrong goes to `decisions.wrong`."""
    versions, wrong = Versions(difference), Complaints(decisions.wrong)
    found = [_Entry(versions, entry, wrong).run() for entry in decisions.stacks]
    chains = [c for c in found if c is not None]
    for chain, before in _same_frames(chains):
        wrong.add(chain.place, f"the same frames as at {before.place}")
    out = Stacks(sorted(chains, key=lambda c: -len(c.links)))
    for chain in out.chains:
        back, why = invert(chain)
        out.back.append(back)
        line = chain.place.rpartition("/")[2]
        out.stays = out.stays or (f"{line}: {why}" if why else "")
    for chain, _ in _same_frames(out.back):
        line = chain.place.rpartition("/")[2]
        out.stays = out.stays or f"{line}: other frames become the same new ones"
    out.back = [] if out.stays else sorted(out.back, key=lambda c: -len(c.links))
    return out


def _same_frames(chains: list[Chain]) -> list[tuple[Chain, Chain]]:
    """Chains of which one would always be taken in the other's place."""
    seen: dict[tuple[tuple[str, int], ...], Chain] = {}
    out = []
    for chain in chains:
        key = tuple((s.symbol, s.point.id) for s in chain.links)
        if key in seen:
            out.append((chain, seen[key]))
        seen.setdefault(key, chain)
    return out


def check_converted(stacks: Stacks, decisions: Decisions, converts: bool) -> None:
    """Where objects are converted, a pointer that an expression makes would stay behind."""
    wrong = Complaints(decisions.wrong)
    for chain in stacks.chains if converts else ():
        for value in (v for s in chain.steps for v in s.values):
            if value.code is not None and value.inputs and not is_arithmetic(value.type):
                wrong.add(
                    f"{value.code.file}:{value.code.line}", "types change as well, and pointers "
                    f"with them: a '{value.type}' has to be moved as it is, not computed",
                )  # fmt: skip


class _Entry:
    def __init__(self, versions: Versions, entry: StackEntry, out: Complaints) -> None:
        self.versions, self.entry, self.out = versions, entry, out

    def run(self) -> Chain | None:
        """The entry as a chain; None where it does not fit."""
        before = len(self.out.wrong)
        links = self.chain(self.entry.old, is_old=True)
        steps = [Step(at) for at in self.chain(self.entry.new, is_old=False)]
        if len(self.out.wrong) > before:
            self.out.sort(before)
            return None
        self.check_ends(links, [s.at for s in steps])
        if len(self.out.wrong) == before:
            Values(self.versions, self.entry, links, steps, self.out).run()
        if len(self.out.wrong) == before:
            return Chain(self.entry.place, links, steps)
        self.out.sort(before)
        return None

    def chain(self, names: list[FrameName], is_old: bool) -> list[Standing]:
        out = []
        for name in names:
            try:
                out.append(self.standing(name, is_old))
            except MapError as why:
                self.out.add(name.place, str(why))
        if len(out) == len(names):
            self.check_chain(out, is_old)
        return out

    def standing(self, name: FrameName, is_old: bool) -> Standing:
        side, function = self.versions.find(name.function, is_old)
        frames = self.versions.frames(side, function, is_old)
        where = f"'{function}' in {version_name(is_old)}"
        point = frames.points[number_of(name.point, frames, where) - 1]
        return Standing(name, side, function, frames, point, is_old)

    # -- shape ------------------------------------------------------------------------------------

    def check_chain(self, chain: list[Standing], is_old: bool) -> None:
        """Each frame has called the next one, a repeated one itself."""
        for a, b in pairwise(chain):
            self.check_call(a, b, is_old)
            if a.name.times is None:
                continue
            if a.symbol != b.symbol:
                why = f"'{a.function}' may not be there at all: the next frame has to be of it, too"
                self.out.add(a.name.place, why)
            elif is_old and a.point.id == b.point.id:
                self.out.add(b.name.place, "the frame in front of it takes all of these")
        if chain[-1].name.times is not None:
            self.out.add(chain[-1].name.place, "the innermost frame is there once: no 'times'")

    def check_call(self, a: Standing, b: Standing, is_old: bool) -> None:
        called = a.point.callee
        if a.point.kind != CALL:
            why = f"no frame comes after {a.point.name}, which waits by itself"
        elif called == b.function:
            return
        elif self.is_function(called, a, is_old):
            why = f"'{a.function}' calls '{called}' there, not '{b.function}'"
        elif not address_taken(b.side.unit, b.function):
            why = f"'{a.function}' calls {called} there, and no pointer leads to '{b.function}'"
        else:
            return
        found = [p.name for p in a.frames.points if p.callee == b.function]
        want = f"want {' or '.join(found)}" if found else f"it does not call '{b.function}' at all"
        self.out.add(a.name.place, f"{why}; {want}")

    def is_function(self, name: str, at: Standing, is_old: bool) -> bool:
        """Or is it a pointer?"""
        is_local = any(name in (v.original, v.name) for v in at.frames.function.locals)
        sides = self.versions.sides(is_old)
        return not is_local and any(name in side.unit.functions for side in sides)

    def check_ends(self, olds: list[Standing], news: list[Standing]) -> None:
        first, begins = olds[0], news[0]
        if self.versions.counterpart(begins) != first.symbol:
            why = f"'to' begins with '{begins.function}', 'from' with '{first.function}'"
            want = "begin both with the same function, the caller of these if need be"
            self.out.add(begins.name.place, f"{why}: {want}")
        last, ends = olds[-1].point, news[-1].point
        called = last.calling(self.versions.renamed).callee
        if last.kind != ends.kind or called != ends.callee:
            why = f"'to' ends in {ends.name}, 'from' in {last.name}"
            want = "end both with the same call, which goes on"
            self.out.add(news[-1].name.place, f"{why}: {want}")
