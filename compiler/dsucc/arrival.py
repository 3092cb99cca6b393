"""Does each thread come to an update point, whatever it does?

    first functions of threads -> what each can call -> places where one may stay

An endless loop or a recursion of instrumented code always has an update point. What is left to
doubt: functions that were left untouched, loops that have no point and end by a condition alone,
and library functions that wait by themselves. Works on tokens and errs on the side of doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .difference import Side
from .loops import Loop, loops
from .program import Program, libraries
from .reach import POINTER, STRING, Reach, argument_text, blocking_calls, wrapped_calls
from .stays import GLIBC, LIBC_CALLS_BACK, LIBC_WAITS
from .toplevel import Item, Kind

_STARTS = {"pthread_create": 2, "thrd_create": 1}


@dataclass(frozen=True)
class Doubt:
    """A place where a thread may stay without an update point."""

    file: str
    line: int
    function: str
    why: str


@dataclass
class Thread:
    """A function that threads begin in. `doubts` are those that it can come to."""

    start: str
    place: str
    doubts: list[tuple[Doubt, str]] = field(default_factory=list)  # with the way there


@dataclass
class _Node:
    calls: set[str] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)


def threads(program: Program) -> list[Thread]:
    """Every thread that the program can have, `main` first."""
    return _Program(program).threads()


class _Program:
    def __init__(self, program: Program) -> None:
        self.libraries = libraries(program.path)
        self.nodes: dict[str, _Node] = {}
        self.taken: set[str] = set()  # functions that a pointer may lead to
        self.begun: dict[str, str] = {"main": "the program's start"}
        sides = [Side(meta, meta.unit) for meta in program.units.values()]
        self.defined = {side.symbol(n) for side in sides for n in side.names()}
        for side in sides:
            _Unit(self, side).run()

    def threads(self) -> list[Thread]:
        out = [Thread(start, place) for start, place in self.begun.items()]
        for thread in out:
            thread.doubts = list(self._doubts(thread.start))
        return out

    def _doubts(self, start: str) -> Iterator[tuple[Doubt, str]]:
        """Breadth first, so that the way to each is a short one."""
        ways = {n: n for n in (sorted(self.taken) if start == POINTER else [start])}
        todo = list(ways)
        for name in todo:
            node = self.nodes.get(name, _Node())
            yield from ((d, ways[name]) for d in node.doubts)
            called = node.calls | (self.taken if POINTER in node.calls else set())
            for n in sorted(called - {POINTER} - ways.keys()):
                ways[n] = f"{ways[name]} > {n}"
                todo.append(n)


class _Unit:
    def __init__(self, whole: _Program, side: Side) -> None:
        self.whole, self.side = whole, side
        meta = side.meta
        self.reach = Reach(side.unit, meta.points, frozenset(meta.never), meta.summary)

    def run(self) -> None:
        for name in self.side.names():
            item = self.side.unit.functions[name]
            self.whole.nodes[self.side.symbol(name)] = _Node(
                {self.symbol(c) for c in self.reach.calls[name]}, list(self.doubts(name, item))
            )
        self.pointers()

    def symbol(self, name: str) -> str:
        return self.side.symbol(name) if name in self.side.unit.functions else name

    def pointers(self) -> None:
        """Functions used for anything but a call, and where threads begin."""
        known = set(self.side.unit.functions) | self.whole.defined
        for item in self.side.unit.items:
            if item.system or item.kind is Kind.TYPEDEF:
                continue
            text = STRING.sub(" ", item.text[max(item.body, 0) :])
            for found in re.finditer(r"(?<![\w$.>])([A-Za-z_]\w*)(?![\w$])(?!\s*\()", text):
                if found.group(1) in known:
                    self.whole.taken.add(self.symbol(found.group(1)))
                elif found.group(1) in self.whole.libraries and self.waits(found.group(1)):
                    self.library(found.group(1), item)
            for begins in re.finditer(rf"\b({'|'.join(_STARTS)})\s*\(", text):
                first = argument_text(text, begins.end() - 1, _STARTS[begins.group(1)])
                name = first.strip().lstrip("&").strip()
                start = self.symbol(name) if name in known else POINTER
                self.whole.begun.setdefault(start, f"{begins.group(1)}() in {item.name}()")

    def library(self, name: str, item: Item) -> None:
        """A library's function that is called through a pointer."""
        why = "a library may wait by itself; called through a pointer"
        self.whole.nodes[name] = _Node(doubts=[Doubt(item.file, item.first_line, name, why)])
        self.whole.taken.add(name)

    def doubts(self, name: str, item: Item) -> Iterator[Doubt]:
        line = item.line + item.text[: item.body].count("\n")
        row = self.side.rows.get(name, {})
        if row.get("reason"):
            yield Doubt(item.file, item.first_line, name, str(row["reason"]))
        text = _blank(item.text[item.body :])
        for loop in loops(text):
            if not loop.surely_ends and not self.has_point(name, text[loop.at : loop.end], loop):
                at = line + text[: loop.at].count("\n")
                yield Doubt(item.file, at, name, "a loop without an update point")
        waits = sorted(f"{c}()" for c in self.reach.calls[name] if c and self.waits(c))
        if waits:
            why = f"a library may wait by itself: {', '.join(waits)}"
            yield Doubt(item.file, item.first_line, name, why)

    def has_point(self, name: str, text: str, loop: Loop) -> bool:
        """A loop of an instrumented function that calls what may update, or never ends."""
        if name not in self.reach.updating or self.side.rows.get(name, {}).get("reason"):
            return False
        calls = self.reach._calls(Item(Kind.FUNCTION, text, "", 0, False, 0))
        return loop.is_endless or self.reach.polls_loops or any(map(self.reach.may_update, calls))

    def waits(self, called: str) -> bool:
        if called in self.side.unit.functions or called in self.whole.defined:
            return False
        if called in blocking_calls() | wrapped_calls() or called.startswith(("__", "dsu_")):
            return False
        library = self.whole.libraries.get(called, "libc.")
        known = called in LIBC_WAITS or called in LIBC_CALLS_BACK
        return known or not library.startswith(GLIBC)


def _blank(text: str) -> str:
    """Without strings and markers, the lines as they were."""
    return STRING.sub(lambda m: " " + "\n" * m.group().count("\n"), text)
