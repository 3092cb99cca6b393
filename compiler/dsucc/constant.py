"""Proves that an object is never written: the C compiler accepts it as `const`.

A table without `const` whose rows change between two versions is either state, which is never
guessed away, or a constant that nobody marked. Where the unit compiles without a new complaint
after `const` is put in front of the object's name, no code of the unit writes it or hands out a
pointer through which it could be written.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from functools import cache

from . import declare
from .meta import UnitMeta
from .toplevel import Item, Kind, Unit

_FLAGS = (
    "-fsyntax-only", "-Wdiscarded-qualifiers", "-Wdiscarded-array-qualifiers", "-Wcast-qual",
    "-Wincompatible-pointer-types", "-fno-diagnostics-show-caret", "-x", "cpp-output", "-",
)  # fmt: skip
_COMPLAINT = re.compile(r"^(.*?:\d+):\d+: (?:warning|error): (.*)$", re.MULTILINE)


def is_constant(unit: Unit, meta: UnitMeta, name: str) -> bool:
    """Can the file-scope object `name` be `const` in this unit?"""
    spots = []
    at = 0
    for item in unit.items:
        spots += [at + spot for spot in _spots(item, name)]
        at += len(item.text)
    return bool(spots) and is_constant_at(meta, spots)


def is_constant_at(meta: UnitMeta, spots: Iterable[int]) -> bool:
    """Does the unit compile as before with `const` put in at these offsets of its text?"""
    text = meta.text
    for spot in sorted(spots, reverse=True):
        text = f"{text[:spot]} const {text[spot:]}"
    flags = tuple(meta.flags)
    return _complaints(text, flags) == _complaints(meta.text, flags)


def is_untouched_while(
    meta: UnitMeta, spot: int, name: str, value: int, scope: tuple[int, int]
) -> bool:
    """Does the integer `name`, declared at `spot`, hold its initial `value` only until it is set?

    So it is where all that is ever assigned to it are other constants, and nothing else writes it.
    Outside of `scope` the name means something else.
    """
    text = meta.text
    assignment = re.compile(rf"(?<![\w$.>]){re.escape(name)}\s*=\s*([-\w\s]+?)\s*(?=;)")
    found = [m for m in assignment.finditer(text, *scope) if m.start() != spot]
    if any(integer(m.group(1)) in (None, value) for m in found):
        return False
    for m in found:
        text = text[: m.start()] + "0".ljust(m.end() - m.start()) + text[m.end() :]
    flags = tuple(meta.flags)
    without = text
    return _complaints(f"{text[:spot]} const {text[spot:]}", flags) == _complaints(without, flags)


def integer(text: str) -> int | None:
    """The value of an integer literal, or None."""
    plain = re.fullmatch(r"(-?)(0[xX][\da-fA-F]+|\d+)[uUlL]*", "".join(text.split()))
    if plain is None:
        return None
    digits = plain.group(2)
    is_octal = digits[0] == "0" and digits.isdigit() and len(digits) > 1
    value = int(digits, 8 if is_octal else 0)
    return -value if plain.group(1) else value


def _spots(item: Item, name: str) -> list[int]:
    if item.kind is not Kind.DECLARATION or name not in item.text:
        return []
    return [d.at for d in declare.read(item.text).declarators if d.name == name]


@cache
def _complaints(text: str, flags: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What gcc says of a unit: the lines, without columns, and the messages."""
    command = [os.environ.get("DSU_CC", "gcc"), *flags, *_FLAGS]
    done = subprocess.run(
        command, input=text.encode("utf-8", "surrogateescape"), stderr=subprocess.PIPE, check=False
    )
    found = _COMPLAINT.findall(done.stderr.decode("utf-8", "replace"))
    return tuple(sorted(set(found)))
