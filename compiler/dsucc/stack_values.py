"""Where each variable of a new chain's frames comes from, and what becomes of each old one.

Nothing is guessed: a variable of a new frame has the value of the same variable of the same
function, or what the mapping file says. A variable of an old frame is used, or dropped in so
many words.
"""

from __future__ import annotations

import re

from .ctypes_table import is_arithmetic
from .function import Local
from .points import ARMED
from .stack_chain import Complaints, How, Step, Value, find_variable
from .stack_code import make
from .stack_versions import Standing, Versions, is_users
from .stackfile import StackEntry
from .typemap import Expression

_PLAIN = re.compile(r"([A-Za-z_]\w*)\.([A-Za-z_][\w$]*)")
_ARGUMENT = "dsu$argument$"


class Values:
    """Of one entry. Fills in `values` of the steps; what is wrong goes to `out`."""

    def __init__(
        self, versions: Versions, entry: StackEntry, links: list[Standing], steps: list[Step],
        out: Complaints,
    ) -> None:  # fmt: skip
        self.versions, self.entry, self.out = versions, entry, out
        self.links, self.steps = links, steps
        self.kept: set[tuple[int, str]] = set()  # old variables whose home goes on
        self.used: set[tuple[int, str]] = set()  # old variables

    def run(self) -> None:
        """All of them."""
        for step in self.steps:
            if step.at.name.times is not None:
                step.times = self.made(step, "", step.at.name.times, "unsigned long")
        asked = set()
        for i, step in enumerate(self.steps):
            for v in step.at.live:
                key = step.at.shown(v)
                asked.add(key)
                said = self.entry.values.get(key)
                made = self.natural(i, v) if said is None else self.said(step, v, said)
                step.values += [made] if made is not None else []
        for key, said in self.entry.values.items():
            if key not in asked:
                self.unasked(key, said)
        self.check_dropped()

    def unasked(self, key: str, said: Expression) -> None:
        alias, _, name = key.partition(".")
        place, frames = f"{said.file}:{said.line}", [s.at for s in self.steps]
        at = next((s for s in frames if s.name.alias == alias), None)
        if at is None:
            find_variable(frames, alias, name, False, place, self.out)
            return
        where = f"at {at.point.name} of the new '{at.function}'"
        self.out.add(place, f"'{name}' needs no value {where}; what does: {at.names()}")

    # -- what the mapping file says ---------------------------------------------------------------

    def said(self, step: Step, v: Local, said: Expression) -> Value | None:
        place = f"{said.file}:{said.line}"
        plain = _PLAIN.fullmatch(said.text.strip())
        c = step.at.frames.type_of(v)
        if plain is None:
            return self.made(step, v.known_as, said, c)
        alias, name = plain.groups()
        link = find_variable(self.links, alias, name, True, place, self.out)
        if link is None:
            return None
        at = self.links[link]
        was = at.find(name)
        assert was is not None
        before = at.frames.type_of(was)
        numbers = is_arithmetic(before) and is_arithmetic(c) and before != c
        if numbers or at.repeats:
            return self.made(step, v.known_as, said, c)
        return self.move(step, v, link, was, place)

    def made(self, step: Step, variable: str, said: Expression, c: str) -> Value:
        value = make(self.links, self.steps, said, variable, c, self.out)
        self.used |= {(n.frame, n.variable) for n in value.inputs}
        if {self.links[n.frame].side.meta.key for n in value.inputs} - {step.at.side.meta.key}:
            why = f"an expression is over frames of its own file, {step.at.side.meta.source}"
            self.out.add(f"{said.file}:{said.line}", why)
        return value

    def move(self, step: Step, v: Local, link: int, was: Local, place: str) -> Value:
        at = self.links[link]
        before, after = at.frames.type_of(was), step.at.frames.type_of(v)
        why = "" if v.role else self.versions.differs(at, before, step.at, after)
        if why:
            what = f"{at.shown(was)} does not become {step.at.shown(v)} by itself"
            self.out.add(place, f"{what}: {why}; want a C expression")
        key = link, was.known_as
        self.used.add(key)
        if key in self.kept or step.times is not None:
            return Value(v.known_as, How.COPIED, link, was.known_as)
        self.kept.add(key)
        return Value(v.known_as, How.MOVED, link, was.known_as)

    # -- what it does not say ---------------------------------------------------------------------

    def natural(self, i: int, v: Local) -> Value | None:
        step = self.steps[i]
        found = self.same_variable(i, v)
        if found is not None:
            return self.move(step, v, *found, step.at.name.place)
        if not (v.pinned and step.at.frames.begins_later(v, step.at.point.id)):
            self.out.add(step.at.name.place, self.no_value(step.at, v))
        return None  # or the runtime makes it a home

    def no_value(self, at: Standing, v: Local) -> str:
        if v.name == ARMED:
            return f"'{at.function}' has called setjmp(), and no old frame is of it"
        if v.role and not v.role.startswith(_ARGUMENT):
            what = v.role.split("$")[1]
            return f"{at.point.name} needs the {what} of a call that came before it"
        key = at.shown(v)
        return f"'{key}' has no value: want under 'values:' {key}: ... ({at.frames.type_of(v)})"

    def same_variable(self, i: int, v: Local) -> tuple[int, Local] | None:
        """Of the only frame of the same function; an argument of the call that goes on."""
        at = self.steps[i].at
        links = self.only_frame(i)
        if v.role.startswith(_ARGUMENT):
            links = [len(self.links) - 1] if i == len(self.steps) - 1 else []
        for link in links:
            for was in self.links[link].live:
                if was.known_as == v.known_as and _alike(self.links[link], at, v):
                    return link, was
        return None

    def only_frame(self, i: int) -> list[int]:
        symbol = self.versions.counterpart(self.steps[i].at)
        olds = [k for k, s in enumerate(self.links) if s.symbol == symbol and not s.repeats]
        news = [s for s in self.steps if self.versions.counterpart(s.at) == symbol]
        alone = len(olds) == 1 and len(news) == 1 and news[0].times is None
        return olds if alone else []

    # -- what nobody uses -------------------------------------------------------------------------

    def check_dropped(self) -> None:
        known = set()
        for i, at in enumerate(self.links):
            for v in at.live:
                is_used = (i, v.known_as) in self.used
                if v.name == ARMED and not is_used:
                    why = f"'{at.function}' has called setjmp(): its frame has to go on"
                    self.out.add(at.name.place, why)
                if is_users(v):
                    known.add(at.shown(v))
                    self.check_use(at, at.shown(v), is_used)
        for key, place in self.entry.drop.items():
            if key not in known:
                want = ", ".join(sorted(known)) or "none"
                self.out.add(place, f"drop: there is no '{key}'; what has a value: {want}")

    def check_use(self, at: Standing, key: str, is_used: bool) -> None:
        if not is_used and key not in self.entry.drop:
            why = f"nothing becomes of '{key}': use it under 'values:', or say drop: [{key}]"
            self.out.add(at.name.place, why)
        elif is_used and key in self.entry.drop:
            self.out.add(self.entry.drop[key], f"drop: '{key}' is used in the new frames")


def _alike(old: Standing, new: Standing, v: Local) -> bool:
    """Is it the same variable by its name? Not among several, nor with other setjmp() calls."""
    if v.name == ARMED:
        return old.frames.setjmps == new.frames.setjmps
    before = old.frames.types_of_name.get(v.original, [])
    after = new.frames.types_of_name.get(v.original, [])
    return bool(v.role) or before == after or max(len(before), len(after)) == 1
