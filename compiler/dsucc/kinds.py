"""The part of the mapping file that tells apart what begins alike.

types:
  struct node:
    kinds:
      struct number: old->tag == old$NUMBER

A `struct node *` may lead to any of several types that begin with one, as a tagged tree's nodes do.
The first whose condition is true is what the block holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .holders import beginnings

if TYPE_CHECKING:
    from .mapfile import Decisions
    from .state_unit import StateUnit


def check_kinds(units: list[StateUnit], decisions: Decisions) -> None:
    """Notes as wrong what the old version does not have, and what does not begin alike."""
    for known_as, rule in decisions.types.rules.items():
        for text, code in rule.kinds.items():
            why = _wrong(units, known_as, text)
            if why:
                where = f"{code.file}:{code.line}: types: {known_as}: kinds: {text}"
                decisions.wrong.append(f"{where}: {why}")


def _wrong(units: list[StateUnit], known_as: str, text: str) -> str:
    found = False
    for unit in units:
        kind = unit.layouts.old.named(text)
        if kind is not None and kind.complete:
            found = True
            if any(t.known_as == known_as for t in beginnings(kind)):
                return ""
    if found:
        return f"a '{text}' does not begin with a '{known_as}'"
    return f"the old version has no type '{text}'"
