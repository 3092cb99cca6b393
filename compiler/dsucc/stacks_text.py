"""What a patch holds of stacks: C functions that make values, and tables of struct dsu_chain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from . import tokens
from .difference import Difference
from .emit_frame import label
from .mapfile import Decisions
from .pipeline import abi_expanded
from .stack_chain import Chain, FrameVariable, How, Step, Value
from .stack_versions import Standing, Versions
from .stacks import Stacks
from .state_text import without_const
from .state_unit import WAS, StateUnit
from .typemap import Expression

_HIDDEN = '__attribute__((visibility("hidden")))'
_IN = (
    "const void *const *const *dsu$in, const unsigned long *dsu$times, void *const *dsu$homes, "
    "unsigned long dsu$index, void *dsu$to"
)


@dataclass
class StacksText:
    """C text by unit, and the two tables as C for the patch's own."""

    units: dict[str, str] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    nchains: int = 0
    nback: int = 0


def write(stacks: Stacks, difference: Difference, decisions: Decisions) -> StacksText:
    """All of it."""
    out = StacksText(nchains=len(stacks.chains), nback=len(stacks.back))
    _Tables("chains", stacks.chains, "", out).run(difference, decisions)
    _Tables("chains_back", stacks.back, WAS, out).run(difference, decisions)
    return out


class _Tables:
    """Of one direction. `was` stands in front of symbols of the version that is gone back to."""

    def __init__(self, name: str, chains: list[Chain], was: str, out: StacksText) -> None:
        self.name, self.chains, self.was, self.out = name, chains, was, out
        self.functions: dict[str, list[str]] = {}  # by unit
        self.units: dict[str, StateUnit] = {}
        self.made = 0

    def run(self, difference: Difference, decisions: Decisions) -> None:
        versions = Versions(difference)
        for key in {s.at.side.meta.key for c in self.chains for s in c.steps}:
            if any(v.code for c in self.chains for s in c.steps for v in (*s.values, s.times) if v):
                self.units[key] = StateUnit(difference, versions.unit_of(key), decisions, set())
        rows = [self.chain(i, c) for i, c in enumerate(self.chains)]
        table = ", ".join(rows) or "{0}"
        self.say(f"static const struct dsu_chain {self.name}[] = {{{table}}};")
        for key, functions in self.functions.items():
            parts = [abi_expanded(), *self.units[key].declarations(), *functions]
            self.out.units[key] = "\n".join(parts) + "\n"

    def say(self, line: str) -> None:
        self.out.tables.append(line)

    def chain(self, i: int, c: Chain) -> str:
        """A row of the table; its parts go in front of it."""
        at, told = f"{self.name}{i}", _Told(c)
        links = ", ".join(map(_link, c.links))
        self.say(f"static const struct dsu_link {at}_from[] = {{{links}}};")
        steps = ", ".join(self.step(f"{at}_{k}", told, s) for k, s in enumerate(c.steps))
        self.say(f"static const struct dsu_step {at}_to[] = {{{steps}}};")
        for name, variables in ("in", told.inputs), ("homes", told.homes):
            rows = ", ".join(f"{{{n.frame}, {json.dumps(n.variable)}}}" for n in variables)
            self.say(f"static const struct dsu_framevar {at}_{name}[] = {{{rows or '{0}'}}};")
        counts = f"{len(c.links)}, {len(c.steps)}, {len(told.inputs)}, {len(told.homes)}"
        return f"{{{counts}, {at}_from, {at}_to, {at}_in, {at}_homes}}"

    def step(self, at: str, told: _Told, s: Step) -> str:
        rows = [self.value(told, s, v) for v in s.values]
        table = ", ".join(rows) or "{0}"
        desc = self.was + label(s.at.symbol, "desc")
        self.say(f'extern const struct dsu_func {at}_func __asm__("{desc}");')
        self.say(f"static const struct dsu_value {at}_values[] = {{{table}}};")
        times = self.function(told, s, s.times) if s.times is not None else "0"
        return f"{{&{at}_func, {s.at.point.id}, {len(rows)}, {at}_values, {times}}}"

    def value(self, told: _Told, s: Step, v: Value) -> str:
        name = json.dumps(v.variable)
        if v.how is How.MADE:
            return f"{{{name}, 0, {v.how.value}, 0, {self.function(told, s, v)}}}"
        return f"{{{name}, {v.link}, {v.how.value}, {json.dumps(v.source)}, 0}}"

    def function(self, told: _Told, s: Step, v: Value) -> str:
        """A C function for a value, or for the number of frames; gives its name."""
        name = f"dsu_{self.name}_make{self.made}"
        self.made += 1
        key = s.at.side.meta.key
        text = told.function(name, s, v, self.units[key])
        self.functions.setdefault(key, []).append(text)
        self.say(f"extern void {name}({_IN}) {_HIDDEN};")
        return name


def _link(at: Standing) -> str:
    repeats = int(at.repeats)
    digest = at.side.digest(at.function)
    return f"{{{json.dumps(at.symbol)}, 0x{digest}ull, {at.point.id}, {repeats}}}"


class _Told:
    """What a chain's C functions are told of: all of them get the same tables."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.inputs: list[FrameVariable] = []
        self.homes: list[FrameVariable] = []

    def function(self, name: str, s: Step, v: Value, unit: StateUnit) -> str:
        assert v.code is not None
        lines = [f"{_HIDDEN} void {name}({_IN})", "{"]
        for n in v.inputs:
            at = _index(self.inputs, n)
            c = unit.spelled(n.type)
            lines.append(f"__typeof__({c}) *const *{n.c} = (void *)dsu$in[{at}];")
        for n in v.homes:
            at = _index(self.homes, n)
            lines.append(f"__typeof__({without_const(n.type)}) *{n.c} = dsu$homes[{at}];")
        for i, link in enumerate(self.chain.links):
            if link.repeats and link.name.times is not None:
                lines.append(f"unsigned long {link.name.times.text} = dsu$times[{i}];")
        if s.at.name.index:
            lines.append(f"unsigned long {s.at.name.index} = dsu$index;")
        lines += [*_declared(s.at, v.type), f"__typeof__({without_const(v.type)}) *new = dsu$to;"]
        return "\n".join([*lines, _body(v.code), "}"])


def _index(table: list[FrameVariable], n: FrameVariable) -> int:
    if n not in table:
        table.append(n)
    return table.index(n)


def _declared(at: Standing, c: str) -> Iterator[str]:
    """The frame's variables that a temporary's type is told by: `typeof(0, size)`."""
    words = tokens.words(c)
    for v in at.frames.function.locals:
        if v.name in words:
            yield f"__typeof__({without_const(at.frames.type_of(v))}) {v.name};"


def _body(code: Expression) -> str:
    if code.text.lstrip().startswith("{"):
        return code.statements()
    return code.assignment("*new") if code.text else ""
