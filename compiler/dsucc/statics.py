"""Gives file-local names a symbol that is unique in the program: `ls.c$filter`.

Patches link to statics like to anything else, so their symbols must not collide. The names are
asm labels: C code goes on calling them what it called them.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from . import declare
from .gnu import TOKEN
from .toplevel import Item, Kind

_BAD = re.compile(r"[^A-Za-z0-9_.$]")


def unit_key(path: str, folder: str = "") -> str:
    """A source path as the first part of a symbol: "a/b-c.c" gives "a.b_c.c".

    `folder` is where the compiler stands, if it is known beneath what: makes that go from folder to
    folder compile several files under one name.
    """
    if folder and not path.startswith(("/", "<")):
        path = posixpath.normpath(posixpath.join(folder, path))
    return _BAD.sub("_", path.removeprefix("./").replace("../", "").replace("/", "."))


def function_label(item: Item, key: str) -> str:
    """A declaration that names a static function's symbol; stands right before its definition."""
    head = item.text[: item.body].rstrip()
    return f'{head} __asm__("{key}${item.name}");\n'


def label_prototypes(text: str, symbols: dict[str, str]) -> str:
    """The text of a declaration, functions of `symbols` with their asm labels.

    clang takes a label only in front of the first use.
    """
    out, last = [], 0
    for d in declare.read(text).declarators:
        if d.is_function and not d.label and d.name in symbols:
            out += [text[last : d.label_at], f' __asm__("{symbols[d.name]}") ']
            last = d.label_at
    return "".join(out) + text[last:]


def label_variables(item: Item, key: str) -> str:
    """The text of a static variable's declaration, each declarator with its asm label."""
    if item.kind is not Kind.DECLARATION or not re.match(r"(?:\w+\s+)*?static\b", item.bare):
        return item.text
    return label_text(item.text, f"{key}$".__add__)


def label_text(text: str, symbol: Callable[[str], str]) -> str:
    """Gives each variable that a declaration declares its symbol."""
    out, last = [], 0
    for d in declare.read(text).declarators:
        if not d.is_function and not d.label:
            out += [text[last : d.label_at], f' __asm__("{symbol(d.name)}") ']
            last = d.label_at
    return "".join(out) + text[last:]


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
