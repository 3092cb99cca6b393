"""Source text as tokens, for comparing two versions of it.

White space, line markers and the places of lines do not count: an integer that equals the number of
the line that it stands on is what `__LINE__` has left behind.
"""

from __future__ import annotations

import re

from .gnu import TOKEN
from .toplevel import Item

_MARKER = re.compile(r"#(?:line)?\s*(\d+)")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_SKIPPED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|^\#[^\n]*', re.MULTILINE)
LINE = "__LINE__"


def normal(text: str, line: int = 0) -> str:
    """`text`, whose first line is number `line`, as its tokens with one space between them."""
    out: list[str] = []
    for found in TOKEN.finditer(text):
        kind, token = found.lastgroup, found.group()
        if kind == "space":
            line += token.count("\n")
        elif kind == "marker":
            marker = _MARKER.match(token)
            line = int(marker.group(1)) - 1 if marker else line
        else:
            out.append(LINE if kind == "number" and line and token == str(line) else token)
    return " ".join(out)


def normal_item(item: Item) -> str:
    """An item's text in normal form."""
    return normal(item.text, item.line)


def words(text: str) -> set[str]:
    """All identifiers and keywords; not those in strings and line markers."""
    return set(_WORD.findall(_SKIPPED.sub(" ", text)))
