"""Types of a function's variables, as far as they can be said outside of the function."""

from __future__ import annotations

import re

from . import declare
from .toplevel import Kind, Unit

_ARRAY = re.compile(r"(?P<element>[^\[\]()]*)(?P<bound>\[)")
_WORD = re.compile(r"(?P<part>(?:\.|->)\s*)?(?P<word>(?<![\w$])[A-Za-z_$][\w$]*)")
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
_KEYWORDS = {
    *("char", "short", "int", "long", "signed", "unsigned", "float", "double", "void", "_Bool"),
    *("sizeof", "_Alignof", "struct", "union", "enum", "const", "volatile"),
}


def without_inner_bound(text: str, unit: Unit) -> str:
    """The element's type, where only the function knows what the bound of an array means.

        struct part [sizeof((struct part []){{name, 3}, {NULL, 0}}) / sizeof(struct part)]

    The table of the function's variables has the array's size, so whoever walks over the object
    finds all of its elements.
    """
    found = _ARRAY.match(text)
    if found is None:
        return text
    end = _closing(text, found.start("bound"))
    if not _is_inner(text[found.end() : end], unit):
        return text
    return f"{found['element']}{text[end + 1 :]}".strip()


def _closing(text: str, at: int) -> int:
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "[") - (text[i] == "]")
        if depth == 0:
            return i
    return len(text)


def _is_inner(bound: str, unit: Unit) -> bool:
    """Does it name what is neither a type nor a constant nor a variable of the file's?"""
    for found in _WORD.finditer(_TEXT.sub("0", bound)):
        word = found["word"]
        is_known = word in _KEYWORDS or word in unit.typedefs or word in unit.tags
        if found["part"] or is_known or word in unit.enumerators or word.startswith("__"):
            continue
        if word not in _variables(unit):
            return True
    return False


def _variables(unit: Unit) -> set[str]:
    """Those with file scope."""
    out = set()
    for item in unit.items:
        if item.kind is Kind.DECLARATION:
            out |= {d.name for d in declare.read(item.text).declarators}
    return out
