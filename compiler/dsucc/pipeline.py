"""The passes over one translation unit, in order.

source -> cpp -> split -> (functions) parse -> normalise -> place points -> liveness -> emit
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from . import verify
from .again import Copies
from .backend import GCC, LANDING_PAD, Backend
from .ctypes_table import TypeTable
from .dump import Dump
from .emit import FunctionEmitter, wrapped_declarations
from .gnu import Untouchable
from .live import Liveness, analyse
from .normalise import normalise
from .parse import parse_function
from .place import place
from .points import Placed
from .reach import NOTHING_KNOWN, Reach, include_dir, wrapped_calls
from .regions import guard
from .returning import let_return
from .statics import function_label, label_locals, label_prototypes, label_variables, unit_key
from .stays import Stacks
from .summary import Summary, UnitReach
from .toplevel import Item, Kind, Unit, split
from .transactions import Region


@dataclass
class Options:
    """What the command line asks of the compiler proper."""

    capture: str = LANDING_PAD
    points: str = "calls"
    verify: bool = False
    dump: str = ""
    never: frozenset[str] = frozenset()
    summary: Summary = NOTHING_KNOWN
    regions: Mapping[str, Sequence[Region]] = field(default_factory=dict)  # by function
    unwinds: bool = False  # the user's own code has cleanups that an unwinding must run
    backend: Backend = GCC
    folder: str = ""  # where the compiler stands, beneath the project's top folder


@dataclass
class FunctionReport:
    """One line of the build report. `reason` is empty for instrumented functions.

    For the others `blocks` says whether they can be on a stack that blocks, and `way` shows it.
    """

    name: str
    file: str
    line: int
    points: int = 0
    digest: str = ""
    reason: str = ""
    blocks: str = ""
    way: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)


@dataclass
class Result:
    """An instrumented translation unit."""

    text: str
    unit: Unit
    key: str
    functions: list[FunctionReport] = field(default_factory=list)
    reach: UnitReach | None = None
    wrong: list[str] = field(default_factory=list)  # regions that the unit does not have


@cache
def abi_text() -> str:
    """dsu_abi.h, as it stands in front of every unit."""
    return f'# 1 "dsu_abi.h" 3\n{(include_dir() / "dsu_abi.h").read_text()}'


@cache
def abi_expanded() -> str:
    """The ABI's declarations without preprocessor lines: the unit is past its preprocessor."""
    out, values = [], {}
    text = _without_comments(abi_text()).replace("\\\n", " ")
    for line in text.splitlines():
        words = line.split(None, 2)
        if line.startswith("#define") and len(words) == 3:
            values[words[1]] = words[2].strip()
        elif not line.startswith("#"):
            out.append(line)
    constants = "".join(
        f"enum {{ {n} = {v.rstrip('uUlL')} }};\n" for n, v in values.items() if v[0].isdigit()
    )
    return '# 1 "dsu_abi.h" 3\n' + constants + "\n".join(out) + "\n"


def _without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def instrument(
    text: str,
    options: Options,
    skip: Collection[str] = (),
    reasons: dict[str, str] | None = None,
    unfit: Collection[str] = (),
) -> Result:
    """Instruments preprocessed C. `skip` names functions to leave alone, `reasons` says why.

    `unfit` are those of which it is known that resume variants cannot enter them (again.py).
    """
    unit = split(text)
    reach = Reach(unit, options.points, options.never, options.summary)
    result = Result("", unit, unit_key(unit.source, options.folder))
    result.reach = reach_of(unit, reach, result.key, options)
    worker = UnitWorker(unit, reach, options, result, set(skip), reasons or {}, unfit)
    body = worker.items()
    if worker.copies.missing:
        return instrument(text, options, skip, reasons, {*unfit, *worker.copies.missing})
    result.text = f"{main_file(unit)}{abi_expanded()}{body}" if worker.uses_abi else body
    judge(result.functions, result)
    return result


def judge(rows: Iterable[FunctionReport], result: Result) -> None:
    """Says of each untouched function whether it can be on a stack that blocks."""
    untouched = [row for row in rows if row.reason]
    if untouched and result.reach is not None:
        stacks = Stacks([result.reach])
        for row in untouched:
            verdict = stacks.verdict(symbol_of(result.unit.functions[row.name], result.key))
            row.blocks, row.way = verdict.blocks, verdict.way


def main_file(unit: Unit) -> str:
    """The first marker is taken for the unit's name, by which debuggers know it."""
    return f"# 0 {json.dumps(unit.source)}\n" if unit.source else ""


class UnitWorker:
    """Turns items into text, one after the other."""

    def __init__(
        self, unit: Unit, reach: Reach, options: Options, result: Result, skip: set[str],
        reasons: dict[str, str], unfit: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.unit, self.reach, self.options, self.result = unit, reach, options, result
        self.ends = unit.declared_noreturn()
        if options.capture != LANDING_PAD:
            let_return(unit, reach)
        self.skip, self.reasons = skip, reasons
        self.types = TypeTable(unit)
        self.copies = Copies(unit, reach, options.backend.cold, self.enters(), {*skip, *unfit})
        self.dump = Dump(options.dump)
        self.dump.split(unit)
        self.wrapped = wrapped_calls() & unit.foreign
        self.undeclared = self.wrapped | self.reach.blocking
        self.waiting: set[str] = set()
        self.uses_abi = False

    def enters(self) -> bool:
        """Is there code that gcc may inline? Flag-check's tables hold all functions' addresses."""
        return self.options.capture == LANDING_PAD and self.options.backend.enters

    def items(self) -> str:
        """The whole unit."""
        return "".join(self.item(i) + self.owed(i) for i in self.unit.items)

    def owed(self, item: Item) -> str:
        """What could not be written in front of this item."""
        copies = self.copies.behind(item) if item.kind is Kind.FUNCTION else ""
        return f"\n{copies}{marker(item, at_end=True)}" if copies else ""

    def item(self, item: Item) -> str:
        if item.system:
            self.notice(item)
            return self.apart(item) if self.reach.calls_back(item) else self.leaf(item) or item.text
        if item.kind is Kind.OTHER:
            return item.text
        front = self.wrapper_prototypes() if self.waiting else ""
        if item.kind is not Kind.FUNCTION or not item.name:
            text = self.leaf(item) or label_variables(item, self.result.key)
            if self.options.backend.family == "clang" and item.may_declare(self.statics.keys()):
                text = label_prototypes(text, self.statics)
        elif item.name in self.reach.never:
            text = self.never(item)
        elif self.reach.may_update(item.name):
            text = self.function(item)
        else:
            text = self.untouched(item)
        labelled = item.name and item.is_static and not item.is_old_style
        if labelled:
            front += attributed(self.undeclared_leaf(item), function_label(item, self.result.key))
        else:
            text = attributed(self.undeclared_leaf(item), text)
        return f"{front}\n{marker(item)}{text}" if front else text

    def notice(self, item: Item) -> None:
        """Headers may come between functions: a wrapper is declared behind what it wraps."""
        if item.kind in (Kind.DECLARATION, Kind.FUNCTION) and item.may_declare(self.undeclared):
            self.waiting |= {item.declared} & self.undeclared

    def wrapper_prototypes(self) -> str:
        """Of the wrappers that stand for what libc's headers have declared since the last time."""
        names, self.waiting = self.waiting, set()
        self.undeclared -= names
        redirected = "".join(
            f'extern __typeof__({n}) {n} __asm__("dsu_sys_{n}");\n'
            for n in sorted(names & self.wrapped)
        )
        text = redirected + wrapped_declarations(names & self.reach.blocking)
        return f'\n# 1 "dsu_blocking.h" 3\n{text}' if text else ""

    @cached_property
    def leaves(self) -> set[str]:
        """Functions that never unwind: they are called here and cannot reach an update point."""
        if self.options.unwinds or self.options.capture != LANDING_PAD:
            return set()
        called = set().union(*self.reach.calls.values()) if self.reach.updating else set()
        return {c for c in called if c and not self.reach.may_update(c)}

    @cached_property
    def statics(self) -> dict[str, str]:
        """The symbols of static functions."""
        return {
            n: symbol_of(i, self.result.key)
            for n, i in self.unit.functions.items()
            if i.is_static and not i.is_old_style and not i.system
        }

    def leaf(self, item: Item) -> str:
        """The first declaration of one of `leaves`, as one that never unwinds; else nothing.

        A call that may unwind has a landing pad, whether it is a continuation point or not: the
        number of the point before it would have to be kept for it in a register. gcc heeds
        `nothrow` only where a function is first declared.
        """
        if item.kind is not Kind.DECLARATION or not item.text.endswith(");"):
            return ""
        if not item.may_declare(self.leaves) or item.declared not in self.leaves:
            return ""
        self.leaves.remove(item.declared)
        return item.text[:-1] + " __attribute__((nothrow));"

    def undeclared_leaf(self, item: Item) -> str:
        """The same where a definition is the first declaration: its attribute."""
        if item.kind is not Kind.FUNCTION or item.name not in self.leaves:
            return ""
        self.leaves.remove(item.name)
        return "__attribute__((nothrow))"

    def function(self, item: Item) -> str:
        report = FunctionReport(item.name, item.file, item.first_line)
        self.result.functions.append(report)
        try:
            if item.name in self.skip:
                raise Untouchable(self.reasons.get(item.name, "left out"))
            text = self.instrument(item, report)
        except Untouchable as reason:
            report.reason = str(reason)
            return self.opaque(item)
        except RecursionError:
            report.reason = "statements nested too deeply"
            return self.opaque(item)
        return text

    def untouched(self, item: Item) -> str:
        """A function without continuation points: the user's text, its statics with symbols."""
        return label_locals(item, self.result.key)

    def never(self, item: Item) -> str:
        """A function that the user's recipe keeps updates out of."""
        reason = "never updated inside (--dsu-never, --dsu-transactions)"
        self.result.functions.append(FunctionReport(item.name, item.file, item.line, reason=reason))
        calls = self.reach.calls[item.name] - {item.name}
        if any(self.reach.may_update(c) for c in calls):
            return self.opaque(item)
        return self.untouched(item)

    def opaque(self, item: Item) -> str:
        """An untouched function that may call instrumented ones.

        It is listed: its own cleanups, and functions inlined into it, have landing pads that would
        make the dry walk take it for an instrumented one.
        """
        return self.apart(item) + (
            f"\nstatic const void *const {item.name}$opaque "
            f'__attribute__((used, section("dsu_opaque"))) = (const void *){item.name};\n'
        )

    def apart(self, item: Item) -> str:
        """Always a frame of its own, which the dry walk sees.

        Inlined, or gone when it jumps to what it calls last, it would leave its caller seeming to
        stand at a continuation point.
        """
        if "gnu_inline" in item.text[: item.body] and not item.is_static:
            return f"{item.text[: item.body]};\n{marker(item, at_end=True)}"  # only for inlining
        text = item.text if item.system else self.untouched(item)
        text = text.replace("always_inline", "noinline")
        return attributed(self.options.backend.apart, text)

    def emitter(self, item: Item, placed: Placed, live: Liveness) -> FunctionEmitter:
        """What writes the function."""
        key = symbol_of(item, self.result.key)
        wrapped = frozenset(self.reach.blocking)
        options = self.options
        return FunctionEmitter(
            placed, live, key, options.capture, wrapped, self.copies, options.backend
        )

    def instrument(self, item: Item, report: FunctionReport) -> str:
        if "inline" in item.bare.split() and not item.is_static:
            raise Untouchable("inline with external linkage")
        if self.options.capture != LANDING_PAD and item.name in self.unit.noreturn:
            raise Untouchable("never returns, and would have to in flag-check mode")
        parsed = parse_function(item, self.unit, self.reach)
        if self.options.verify:
            verify.check_round_trip(parsed, self.unit)
        self.dump.parse(parsed)
        function = normalise(parsed, self.types, self.unit)
        self.dump.normalise(function)
        placed = place(function, self.reach)
        self.dump.points(placed)
        if not placed.points:
            self.result.functions.pop()
            return self.untouched(item)
        self.result.wrong += guard(placed, self.options.regions.get(item.name, ()))
        live = analyse(placed)
        self.dump.live(placed, live)
        if self.options.verify:
            verify.check(placed, live, self.reach)
        emitter = self.emitter(item, placed, live)
        emitter.final = not live.graph.returns(self.ends)
        emitted = emitter.emit()
        self.dump.emit(item.name, emitted.text)
        report.points, report.digest = emitted.points, emitted.digest
        report.variables = emitted.variables
        self.uses_abi = True
        return f"\n{marker(item)}{emitted.text}\n{marker(item, at_end=True)}"


def attributed(attribute: str, text: str) -> str:
    """A declaration with an attribute in front, on the line on which it begins."""
    if not attribute:
        return text
    blank = len(text) - len(text.lstrip())
    return f"{text[:blank]}{attribute} {text[blank:]}"


def reach_of(unit: Unit, reach: Reach, key: str, options: Options) -> UnitReach:
    """What the whole-program summary needs of a unit."""
    symbols = {n: symbol_of(unit.functions[n], key) for n in reach.calls}
    return UnitReach(
        key, unit.source,
        {symbols[n]: sorted(symbols.get(c, c) for c in reach.outward(n)) for n in reach.calls},
        {symbols[n]: sorted(symbols.get(c, c) for c in reach.beside(n)) for n in reach.calls},
        [symbols[n] for n in reach.calls if reach.alone(n)],
        reach.assumed, sorted(options.never),
    )  # fmt: skip


def symbol_of(item: Item, key: str) -> str:
    """The symbol of a function in the unit `key`; it is also the function's key."""
    return f"{key}${item.name}" if item.is_static else item.name


def marker(item: Item, at_end: bool = False) -> str:
    """The line marker for an item's first line, or for the line that its text ends on."""
    line = item.last_line if at_end else item.line
    return f"# {line} {json.dumps(item.file)}\n"
