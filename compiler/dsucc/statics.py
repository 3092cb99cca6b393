"""Gives file-local names a symbol that is unique in the program: `ls.c$filter`.

Patches link to statics like to anything else, so their symbols must not collide. The names are
asm labels: C code goes on calling them what it called them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .gnu import TOKEN
from .toplevel import Item, Kind

_ATTRIBUTES = ("__attribute__", "__attribute")
_BAD = re.compile(r"[^A-Za-z0-9_.$]")
_PROTOTYPE = re.compile(
    r"(?:^|[^\w$])(?!__attribute__|__asm__|__typeof__)([A-Za-z_$][\w$]*)\s*\(\s*[^*\s]"
)


def unit_key(path: str) -> str:
    """A source path as the first part of a symbol: "a/b-c.c" gives "a.b_c.c"."""
    return _BAD.sub("_", path.removeprefix("./").replace("../", "").replace("/", "."))


def function_label(item: Item, key: str) -> str:
    """A declaration that names a static function's symbol; stands right before its definition."""
    head = item.text[: item.body].rstrip()
    return f'{head} __asm__("{key}${item.name}");\n'


def label_variables(item: Item, key: str) -> str:
    """The text of a static variable's declaration, each declarator with its asm label."""
    if item.kind is not Kind.DECLARATION or not re.match(r"(?:\w+\s+)*?static\b", item.bare):
        return item.text
    return label_text(item.text, f"{key}$".__add__)


def label_text(text: str, symbol: Callable[[str], str]) -> str:
    """Gives each variable that a declaration declares its symbol."""
    return _Labeller(text, symbol).run()


def label_locals(item: Item, key: str) -> str:
    """A function's text with its static locals labelled: `ls.c$filter$count`.

    They are the names that static locals get where they move to file scope (normalise.py), so a
    static keeps its symbol when its function begins or ceases to be instrumented.
    """
    if "static" not in item.text[item.body :]:
        return item.text
    symbol = local_symbols(f"{key}${item.name}" if item.is_static else item.name)
    out, last = [], 0
    for start, end in static_locals(item.text, item.body):
        out += [item.text[last:start], label_text(item.text[start:end], symbol)]
        last = end
    return "".join(out) + item.text[last:]


def local_symbols(owner: str) -> Callable[[str], str]:
    """What gives the static locals of the function `owner` their symbols, one after the other."""
    taken: list[str] = []

    def symbol(name: str) -> str:
        wanted = f"{owner}${name}"
        taken.append(f"{wanted}${len(taken) + 1}" if wanted in taken else wanted)
        return taken[-1]

    return symbol


def static_locals(text: str, body: int) -> list[tuple[int, int]]:
    """Where in a function's text its declarations of static locals stand, semicolon included."""
    found: list[tuple[int, int]] = []
    start, depth = -1, 0
    for m in TOKEN.finditer(text, body):
        t = m.group()
        if start < 0:
            start = m.start() if t == "static" else -1
            depth = 0
        elif m.lastgroup == "punct":
            depth += (t in "([{") - (t in ")]}")
            if t == ";" and depth == 0:
                found.append((start, m.end()))
                start = -1
    return found


class _Labeller:
    """Puts an asm label behind each declarator of variables; `symbol` gives a name's symbol."""

    def __init__(self, text: str, symbol: Callable[[str], str]) -> None:
        self.symbol = symbol
        self.tokens = [m for m in TOKEN.finditer(text)]
        self.text = text

    def run(self) -> str:
        inserts: list[tuple[int, str]] = []
        depth, name, called, done, labelled = 0, "", False, False, False
        resume = 0
        for i, m in enumerate(self.tokens):
            t, kind = m.group(), m.lastgroup
            if kind in ("space", "marker") or i < resume:
                continue
            if t in _ATTRIBUTES and not self.ends_declarator(i):
                resume = self.group_end(i)
                continue
            if kind == "punct" and t in "([{":
                called |= t == "(" and depth == 0 and bool(name) and not self.pointer_next(i)
                depth += 1
            elif kind == "punct" and t in ")]}":
                depth -= 1
            elif (
                kind == "name"
                and depth == 0
                and t in ("__attribute__", "__asm__", "asm", "__attribute")
            ):
                labelled |= "asm" in t
                if name and not done and not called and not labelled:
                    inserts.append((m.start(), name))
                done = done or bool(name)
                called = True  # its parentheses are not a parameter list
            elif kind == "name" and not done and not called and (depth == 0 or self.declares(i)):
                name = t
            elif depth == 0 and t in ("=", ",", ";"):
                if name and not done and not called and not labelled:
                    inserts.append((m.start(), name))
                done = t == "="
                if t == ",":
                    name, called, done, labelled = "", False, False, False
        out, last = [], 0
        for at, found in inserts:
            out += [self.text[last:at], f' __asm__("{self.symbol(found)}") ']
            last = at
        return "".join(out) + self.text[last:]

    def group_end(self, i: int) -> int:
        """The index behind the parentheses that follow the token at `i`."""
        depth = 0
        for j in range(i + 1, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.tokens[j].group(), 0)
            if depth == 0 and self.tokens[j].group() == ")":
                return j + 1
        return len(self.tokens)

    def ends_declarator(self, i: int) -> bool:
        """Does the attribute at `i` stand behind a declarator, not among its specifiers?"""
        follows = self.after(self.group_end(i) - 1)
        return follows in ("=", ",", ";") or follows in _ATTRIBUTES or "asm" in follows

    def pointer_next(self, i: int) -> bool:
        """`(*name)(...)` and `(*name[3])`: the parenthesis belongs to the declarator."""
        return self.after(i) == "*"

    def declares(self, i: int) -> bool:
        """Is the name at `i`, inside a parenthesis, the one of `(*name`?"""
        return self.before(i) == "*" and self.opens(i)

    def opens(self, i: int) -> bool:
        j = i - 1
        while j >= 0 and (self.tokens[j].lastgroup == "space" or self.tokens[j].group() == "*"):
            j -= 1
        return self.tokens[j].group() == "("

    def after(self, i: int) -> str:
        return next((m.group() for m in self.tokens[i + 1 :] if m.lastgroup != "space"), "")

    def before(self, i: int) -> str:
        return next((m.group() for m in reversed(self.tokens[:i]) if m.lastgroup != "space"), "")
