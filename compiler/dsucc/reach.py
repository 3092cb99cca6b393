"""Which functions can reach an update point at all.

A call that cannot is no continuation point: it stays where it stands in its expression and costs
nothing. The summary works on tokens, so that functions without update points are never parsed; it
errs on the side of "may".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from .graph import in_cycles
from .summary import Summary
from .toplevel import Item, Kind, Unit

STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|^\#[^\n]*', re.MULTILINE)
_CALL = re.compile(r"(->|\.)?\s*\b([A-Za-z_$][\w$]*)\s*\(")
_INDIRECT = re.compile(r"\]\s*\(|\)\s*\(")
_CAST_LIKE = re.compile(r"\b(?:if|while|for|switch|return|sizeof|else)\b")
_ENDLESS = re.compile(r"\bfor\s*\([^;()]*;\s*(?:1\s*)?;|\bwhile\s*\(\s*(?:1|!0|true)\s*\)")
_LOOP = re.compile(r"\b(?:for|while|do)\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_TAGGED = re.compile(r"\b(?:struct|union|enum)\s+\w+")
_DECLARES = re.compile(r"\b(?!return\b|else\b|goto\b|case\b)\w+[\s*]*\s([A-Za-z_]\w*)\s*[=;,]")

KEYWORDS = frozenset(
    [
        "if",
        "while",
        "for",
        "switch",
        "return",
        "sizeof",
        "do",
        "else",
        "case",
        "goto",
        "typeof",
        "__typeof__",
        "__typeof",
        "_Alignof",
        "__alignof__",
        "__attribute__",
        "__attribute",
        "asm",
        "__asm__",
        "__asm",
        "_Generic",
        "_Static_assert",
        "defined",
        "volatile",
        "__volatile__",
        "__volatile",
        "__extension__",
        "int",
        "char",
        "long",
        "short",
        "unsigned",
        "signed",
        "float",
        "double",
        "void",
        "struct",
        "union",
        "enum",
        "const",
    ]
)
_BUILTIN = ("__builtin_", "__sync_", "__atomic_")
# The last one is what pthread_cleanup_push() is made of.
SETJMP = frozenset({"setjmp", "_setjmp", "sigsetjmp", "__sigsetjmp", "__sigsetjmp_cancel"})
UPDATE_POINT = "dsu_update_point"
POINTER, ENDLESS = "", "for"  # among the names that a function calls; no function has such a name
_ALWAYS = SETJMP | {UPDATE_POINT}
NOTHING_KNOWN = Summary()

# --dsu-points: where update points stand beside blocking calls and recursive entries.
CALLS, LOOPS, EVERYWHERE = "calls", "loops", "all"


@cache
def blocking_calls() -> frozenset[str]:
    """The names in runtime/include/dsu_blocking.h: libc calls that the runtime wraps."""
    header = include_dir() / "dsu_blocking.h"
    return frozenset(re.findall(r"^DSU_BLOCKING\((\w+)", header.read_text(), re.MULTILINE))


@cache
def waiting_calls() -> frozenset[str]:
    """Functions of other libraries that may wait in a system call of their own."""
    header = include_dir() / "dsu_blocking.h"
    return frozenset(re.findall(r"^DSU_WAITS\((\w+)", header.read_text(), re.MULTILINE))


@cache
def conditions() -> dict[str, tuple[int, frozenset[str]]]:
    """Calls that block only for some values of one argument: its place from 0, the values."""
    header = (include_dir() / "dsu_blocking.h").read_text()
    out: dict[str, tuple[int, frozenset[str]]] = {}
    rows = re.findall(r"^DSU_ONLY\((\w+), (\d+), \w+, (\d+)\)", header, re.MULTILINE)
    for name, place, value in rows:
        out[name] = int(place) - 1, out.get(name, (0, frozenset()))[1] | {value}
    return out


def certainly_returns(name: str, argument: Callable[[int], str]) -> bool:
    """Is this call of a blocking function one that never blocks? `argument` gives their texts."""
    if name not in conditions():
        return False
    place, values = conditions()[name]
    value = argument(place).strip().rstrip("uUlL")
    return value.isdigit() and value not in values


def argument_text(text: str, at: int, place: int) -> str:
    """The text of an argument, by its place from 0, of the call whose bracket opens at `at`."""
    depth, start, count = 0, at + 1, 0
    for i in range(at, len(text)):
        c = text[i]
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 or (depth == 1 and c == ","):
            if count == place:
                return text[start:i]
            count, start = count + 1, i + 1
            if depth == 0:
                break
    return ""


@cache
def wrapped_calls() -> frozenset[str]:
    """Libc calls that the runtime takes over without being continuation points."""
    header = include_dir() / "dsu_blocking.h"
    return frozenset(re.findall(r"^DSU_WRAPPED\((\w+)", header.read_text(), re.MULTILINE))


@cache
def include_dir() -> Path:
    """The runtime's headers: beside this package in a checkout, inside it when installed."""
    checkout = Path(__file__).resolve().parents[2] / "runtime" / "include"
    return checkout if checkout.is_dir() else Path(str(resources.files(__package__))) / "include"


class Reach:
    """The summary for one translation unit."""

    def __init__(
        self, unit: Unit, points: str = CALLS, never: frozenset[str] = frozenset(),
        summary: Summary = NOTHING_KNOWN,
    ) -> None:  # fmt: skip
        self.unit = unit
        self.summary = summary
        self._never_named = never
        self.never = never & unit.functions.keys()
        self.points = points
        # A fortified header defines read() and recv() itself, inline: still libc's.
        own = {n for n, i in unit.functions.items() if not i.system}
        self.blocking = blocking_calls() & unit.foreign - own
        self.waiting = waiting_calls() & unit.foreign - own
        self.calls = {n: self._calls(i) for n, i in unit.functions.items() if not i.system}
        self.recursive = in_cycles(self.calls)
        self.updating = self._fixpoint()

    def _calls(self, item: Item) -> set[str]:
        """Names that `item` calls; "" stands for a call through a pointer."""
        body = STRING.sub(" ", item.text[item.body :])
        names, variables = set(), _variables(item, body)
        for found in _CALL.finditer(body):
            member, name = found.groups()
            if name not in KEYWORDS and not _returns_at_once(body, found):
                names.add(POINTER if member or name in variables else name)
        if any(not self._is_cast(body, m.start()) for m in _INDIRECT.finditer(body)):
            names.add(POINTER)
        return names

    def _is_cast(self, body: str, at: int) -> bool:
        """Is the `)` at `at` the end of a cast or of a keyword's condition?"""
        if body[at] == "]":
            return False
        depth, i = 0, at
        while i >= 0:
            depth += (body[i] == ")") - (body[i] == "(")
            if depth == 0:
                break
            i -= 1
        inside = body[i + 1 : at].strip().rstrip("*").strip()
        if _CAST_LIKE.search(body[max(0, i - 8) : i]):
            return True
        words = inside.split()
        return bool(words) and all(w in KEYWORDS or w in self.unit.typedefs or
                                   words[max(0, n - 1)] in ("struct", "union", "enum")
                                   for n, w in enumerate(words))  # fmt: skip

    def _fixpoint(self) -> set[str]:
        candidates = self.calls.keys() - self.never
        updating = {n for n in candidates if n in self.recursive or self._reaches_by_itself(n)}
        changed = True
        while changed:
            more = {n for n in candidates - updating if self.calls[n] & updating}
            updating |= more
            changed = bool(more)
        return updating

    def _reaches_by_itself(self, name: str) -> bool:
        if self._polls(name) or name in self.summary.cycles:
            return True
        return any(c not in self.calls and self.may_update(c) for c in self.calls[name])

    def _polls(self, name: str) -> bool:
        """Does it have an update point of its own?"""
        text = STRING.sub(" ", self.unit.functions[name].text)
        if self.points == EVERYWHERE or _ENDLESS.search(text):
            return True
        return self.points == LOOPS and bool(_LOOP.search(text))

    @property
    def polls_loops(self) -> bool:
        """Does every loop get an update point?"""
        return self.points != CALLS

    def polls_entry(self, name: str) -> bool:
        """Does the function pass an update point, whatever it does, unless it leaves at once?"""
        if self.points == EVERYWHERE or name in self.summary.cycles:
            return name in self.calls
        return False

    def calls_back(self, item: Item) -> bool:
        """Does a system header's function (bsearch, for example) call what its caller gave it?"""
        if item.kind is not Kind.FUNCTION:
            return False
        known = self.unit.foreign | self.unit.typedefs.keys()
        return any(
            not name or not (name in known or name in KEYWORDS or name.startswith(_BUILTIN))
            for name in self._calls(item)
        )

    def may_update(self, name: str) -> bool:
        """Can a call of `name` from this unit reach an update point?

        `name` is a function's; "" asks for a call through a pointer.
        """
        if name in self._never_named:
            return False
        if name in self.unit.functions and not self.unit.functions[name].system:
            return name in getattr(self, "updating", self.unit.functions)
        if name in self.blocking or name in self.waiting or name in _ALWAYS:
            return True
        if name in self.summary.leaves:
            return False
        builtin = name in KEYWORDS or name.startswith(_BUILTIN)
        return not builtin and name not in self.unit.foreign

    # -- for the summary ----------------------------------------------------------------------

    @cached_property
    def assumed(self) -> list[str]:
        """Functions of other units that this one takes for leaves, on the summary's word."""
        called = set().union(*self.calls.values()) if self.calls else set()
        return sorted(called & self.summary.leaves - self.unit.functions.keys() - self._never_named)

    def alone(self, name: str) -> bool:
        """Does a function reach an update point whatever the functions that it names do?"""
        if name in self.recursive or self._polls(name):
            return True
        named = self.calls[name]
        always = self.blocking | self.waiting | _ALWAYS
        return any(c in always or not c for c in named - self._never_named)

    def outward(self, name: str) -> set[str]:
        """The functions that it calls by name and that an update could reach into."""
        known = self.calls[name] - self._never_named - KEYWORDS - {""}
        own = {c for c in known if c in self.calls}
        others = known - own - self.unit.foreign - self.blocking - _ALWAYS
        return own | {c for c in others if not c.startswith(_BUILTIN)}

    def beside(self, name: str) -> set[str]:
        """All other calls, POINTER for those through pointers, ENDLESS where it has such a loop."""
        calls = self.calls[name] - self.outward(name) - KEYWORDS - _ALWAYS
        endless = _ENDLESS.search(STRING.sub(" ", self.unit.functions[name].text))
        return {c for c in calls if not c.startswith(_BUILTIN)} | ({ENDLESS} if endless else set())


def _variables(item: Item, body: str) -> set[str]:
    """Names that may be a function's parameters or locals; to call one is to call a pointer.

    `int (*f)(int)` is seen as a call through a pointer wherever it stands.
    """
    head = _TAGGED.sub(" ", item.text[: item.body])  # `struct stat *` does not hide `stat()`
    named = re.search(rf"\b{re.escape(item.name)}\b[\s)]*\(", head)  # not behind an attribute's
    parameters = head[named.end() :] if named else ""
    return {*_WORD.findall(parameters), *_DECLARES.findall(body)}


def _returns_at_once(body: str, call: re.Match[str]) -> bool:
    return certainly_returns(
        call.group(2), lambda place: argument_text(body, call.end() - 1, place)
    )
