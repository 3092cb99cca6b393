"""Declarations of a version as text: its own names under a prefix, variables without `const`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import declare
from .layouts import PREFIX
from .toplevel import Item, Kind

if TYPE_CHECKING:
    from .typegraph import TypeGraph

_KEPT = "dsu$kept$"


def without_named_bodies(specifiers: str) -> str:
    """Types that have a name have been defined before the variables."""
    for _, name, body in declare.tags(specifiers):
        if name:
            specifiers = specifiers.replace("{" + body + "}", "", 1)
    return specifiers


def plain(item: Item) -> str:
    """A declaration less initialisers, storage and functions."""
    text = re.sub(r"(?m)^\#.*$", "", item.text)
    if item.kind is Kind.TYPEDEF:
        return without_const(text)
    if text.lstrip().startswith(("asm", "__asm", "_Static_assert")) or not text.strip(" ;\n\t"):
        return ""
    declaration = declare.read(text)
    bare = declare.without(declaration.specifiers, declare.STORAGE)
    if not declaration.declarators:
        return without_const(f"{bare};")
    return (
        without_const(f"{bare};")
        if any(n for _, n, _ in declare.tags(bare)) or "enum" in bare
        else ""
    )


def without_const(text: str) -> str:
    """Without `const`: new objects are written once."""
    out, last = [], 0
    for t in declare.tokens(text):
        if t.text in ("const", "__const"):
            out.append(text[last : t.start])
            last = t.end
    return "".join(out) + text[last:]


def rename(text: str, names: set[str], tags: set[str]) -> str:
    """Puts the prefix in front of names and tags, those of members left as they are."""
    at_tags, bodies = _tagged(text)
    members = {at for begin in bodies for at in _members(text, begin)}
    out, last, before = [], 0, ""
    for t in declare.tokens(text):
        known = tags if t.start in at_tags else names
        is_name = t.kind == "name" and t.text in known and before not in (".", "->")
        if is_name and t.start not in members:
            out += [text[last : t.start], PREFIX]
            last = t.start
        before = t.text
    return "".join(out) + text[last:]


def exchanged(text: str, graph: TypeGraph) -> str:
    """The user's text where both versions have changed places: the prefix stands for the other.

    `graph` is of the version that is called the old one there.
    """
    kept = re.sub(rf"(?<![\w$]){re.escape(PREFIX)}(?=[A-Za-z_])", _KEPT, text)
    return rename(kept, graph.own_names, graph.own_tags).replace(_KEPT, "")


def _tagged(text: str) -> tuple[set[int], list[int]]:
    """Where tags stand, behind their keyword and its attributes, and where members begin."""
    at_tags: set[int] = set()
    bodies: list[int] = []
    keyword, depth, named = "", 0, False
    for t in declare.tokens(text):
        depth += (t.text == "(") - (t.text == ")")
        if t.text in ("struct", "union", "enum"):
            keyword, depth, named = t.text, 0, False
        elif not keyword or depth or t.text in (")", "__attribute__", "__attribute"):
            continue
        elif t.kind == "name" and not named:
            at_tags.add(t.start)
            named = True
        else:
            if t.text == "{" and keyword != "enum":
                bodies.append(t.end)
            keyword = ""
    return at_tags, bodies


def _members(text: str, begin: int) -> Iterator[int]:
    """Where the declarators of the members that begin there stand."""
    depth, at = 1, begin
    while at < len(text) and depth:
        depth += (text[at] == "{") - (text[at] == "}")
        if text[at] == ";" and depth == 1:
            yield from (begin + d.at for d in declare.read(text[begin : at + 1]).declarators)
            begin = at + 1
        at += 1
