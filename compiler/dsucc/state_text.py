"""Declarations of a version as text: its own names under a prefix, variables without `const`."""

from __future__ import annotations

import re

from . import declare
from .gnu import TOKEN
from .layouts import PREFIX
from .toplevel import Item, Kind


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


def rename(text: str, names: set[str]) -> str:
    """Puts the prefix in front of names, those of members left as they are."""
    members = _member_names(text, 0)
    out, last, before = [], 0, ""
    for found in TOKEN.finditer(text):
        if found.lastgroup in ("space", "marker"):
            continue
        word = found.group()
        is_name = found.lastgroup == "name" and word in names and before not in (".", "->")
        if is_name and found.start() not in members:
            out += [text[last : found.start()], PREFIX]
            last = found.start()
        before = word
    return "".join(out) + text[last:]


def _member_names(text: str, base: int) -> set[int]:
    """Where the declarators of struct and union members stand."""
    out: set[int] = set()
    for found in re.finditer(r"\b(?:struct|union)\b[^{};()]*\{", text):
        start = found.end()
        depth, at, begin = 1, start, start
        while at < len(text) and depth:
            depth += (text[at] == "{") - (text[at] == "}")
            if text[at] == ";" and depth == 1:
                part = text[begin : at + 1]
                out |= {base + begin + d.at for d in declare.read(part).declarators}
                begin = at + 1
            at += 1
    return out
