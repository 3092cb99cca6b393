"""Lets functions that are declared never to return come back while a thread unrolls.

In flag-check mode a frame is left by returning from it, and gcc would leave out all that stands
behind the call of a function that never returns. Nothing else of such a program changes: that a
function does not return is up to its body.
"""

from __future__ import annotations

import re

from .reach import Reach
from .toplevel import Item, Kind, Unit

_ATTRIBUTE = re.compile(
    r"__attribute(?:__)?\s*\(\((?:[^()]|\([^()]*\))*\)\)|\[\[[^\]]*\]\]|\b_Noreturn\b"
)
_WORD = re.compile(r"\b(?:__noreturn__|noreturn|_Noreturn)\b")


def let_return(unit: Unit, reach: Reach) -> None:
    """Takes the attribute from the unit's functions that may update; lengths stay as they are."""
    for item in unit.items:
        if not item.system and "oreturn" in item.text and _may(item, reach):
            item.text = _without(item)


def _may(item: Item, reach: Reach) -> bool:
    name = item.name if item.kind is Kind.FUNCTION else item.declared
    return item.kind is Kind.TYPEDEF or reach.may_update(name)


def _without(item: Item) -> str:
    """In the head alone, where there is a body: a strange declaration inside stays."""
    end = item.body if item.body >= 0 else len(item.text)
    return _ATTRIBUTE.sub(_harmless, item.text[:end]) + item.text[end:]


def _harmless(attribute: re.Match[str]) -> str:
    if attribute.group() == "_Noreturn":
        return " " * len("_Noreturn")
    return _WORD.sub(lambda word: "unused".ljust(len(word.group())), attribute.group())
