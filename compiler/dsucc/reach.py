"""Which functions can reach an update point at all.

A call that cannot is no continuation point: it stays where it stands in its expression and costs
nothing. The summary works on tokens, so that functions without update points are never parsed; it
errs on the side of "may".
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from pathlib import Path

from .toplevel import Item, Kind, Unit

_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|^\#[^\n]*', re.MULTILINE)
_CALL = re.compile(r"(->|\.)?\s*\b([A-Za-z_$][\w$]*)\s*\(")
_INDIRECT = re.compile(r"\]\s*\(|\)\s*\(")
_CAST_LIKE = re.compile(r"\b(?:if|while|for|switch|return|sizeof|else)\b")
_ENDLESS = re.compile(r"\bfor\s*\([^;()]*;\s*(?:1\s*)?;|\bwhile\s*\(\s*(?:1|!0|true)\s*\)")
_LOOP = re.compile(r"\b(?:for|while|do)\b")

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

# --dsu-points: where update points stand beside blocking calls and recursive entries.
CALLS, LOOPS, EVERYWHERE = "calls", "loops", "all"


@cache
def blocking_calls() -> frozenset[str]:
    """The names in runtime/include/dsu_blocking.h: libc calls that the runtime wraps."""
    header = include_dir() / "dsu_blocking.h"
    return frozenset(re.findall(r"^DSU_BLOCKING\((\w+)", header.read_text(), re.MULTILINE))


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
        self, unit: Unit, points: str = CALLS, never: frozenset[str] = frozenset()
    ) -> None:
        self.unit = unit
        self._never_named = never
        self.never = never & unit.functions.keys()
        self.points = points
        # A fortified header defines read() and recv() itself, inline: still libc's.
        own = {n for n, i in unit.functions.items() if not i.system}
        self.blocking = blocking_calls() & unit.foreign - own
        self.calls = {n: self._calls(i) for n, i in unit.functions.items() if not i.system}
        self.recursive = _in_cycles(self.calls)
        self.updating = self._fixpoint()

    def _calls(self, item: Item) -> set[str]:
        """Names that `item` calls; "" stands for a call through a pointer."""
        body = _STRING.sub(" ", item.text[item.body :])
        names = set()
        for member, name in _CALL.findall(body):
            if name not in KEYWORDS:
                names.add("" if member else name)
        if any(not self._is_cast(body, m.start()) for m in _INDIRECT.finditer(body)):
            names.add("")
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
        text = _STRING.sub(" ", self.unit.functions[name].text)
        if self.points == EVERYWHERE or _ENDLESS.search(text):
            return True
        if self.points == LOOPS and _LOOP.search(text):
            return True
        return any(c not in self.calls and self.may_update(c) for c in self.calls[name])

    @property
    def polls_loops(self) -> bool:
        """Does every loop get an update point?"""
        return self.points != CALLS

    def polls_entry(self, name: str) -> bool:
        """Does the function begin with an update point whatever it does?"""
        return self.points == EVERYWHERE and name in self.calls

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
        if name in self.blocking or name == UPDATE_POINT or name in SETJMP:
            return True
        builtin = name in KEYWORDS or name.startswith(_BUILTIN)
        return not builtin and name not in self.unit.foreign


def _in_cycles(calls: dict[str, set[str]]) -> set[str]:
    """Names on a cycle of the call graph (Tarjan's components, iterative)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    cyclic: set[str] = set()
    for root, called in calls.items():
        if root in index:
            continue
        work = [(root, iter(sorted(called & calls.keys())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while work:
            node, successors = work[-1]
            advanced = False
            for s in successors:
                if s not in index:
                    index[s] = low[s] = len(index)
                    stack.append(s)
                    work.append((s, iter(sorted(calls[s] & calls.keys()))))
                    advanced = True
                    break
                if s in stack:
                    low[node] = min(low[node], index[s])
            if advanced:
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                component = stack[stack.index(node) :]
                del stack[stack.index(node) :]
                if len(component) > 1 or node in calls[node]:
                    cyclic.update(component)
    return cyclic
