"""Which changed types the old program keeps behind pointers of another type.

A `void *`, or a pointer to a member that a macro takes back to the whole, may be all that leads to
an object. The C compiler tells where a `void *` becomes a pointer to one of these types by itself,
and the text where a cast does. What an allocator has just returned is no such case. If a program
does this with a type, pointers that do not say what they lead to are looked at as the update
happens: one to a block that could hold the type and that nothing else explains is refused.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from .meta import UnitMeta
from .toplevel import Kind, Unit

_FLAGS = (
    "-fsyntax-only", "-Wc++-compat", "-fdiagnostics-column-unit=byte", "-x", "cpp-output", "-",
)  # fmt: skip
_IMPLICIT = re.compile(
    r"^(.*?):(\d+):(\d+): warning: request for implicit conversion"
    r" from '[^']*'(?: \{aka '[^']*'\})? to '([^']*)'(?: \{aka '([^']*)'\})? not",
    re.MULTILINE,
)
_ALLOCATION = r"\w*(?:alloc|dup|new|create)\w*\s*\("
_ALLOCATES = re.compile(_ALLOCATION, re.IGNORECASE)
_HARMLESS = re.compile(rf"\s*(?:{_ALLOCATION}|0\s*[;,)]|\(\s*void\s*\*\s*\)\s*0)", re.IGNORECASE)

Names = dict[str, str]
"""A pointer type as the text has it, "struct s *" or "s_ptr", to the type that it points to."""


def suspects(units: Iterable[tuple[UnitMeta, Unit, Names]]) -> set[str]:
    """Those types that the units reach through pointers to something else.

    Each unit has names of its own: two may call different types alike.
    """
    todo = [unit for unit in units if unit[2]]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return set().union(*pool.map(lambda unit: set(_of_unit(*unit)), todo))


def _of_unit(meta: UnitMeta, unit: Unit, names: Names) -> Iterator[str]:
    for pointer, name in names.items():
        spelled = r"\s*".join(map(re.escape, pointer.split()))
        cast = re.compile(rf"\(\s*(?:const\s+)?{spelled}\s*\)")
        for item in unit.items:
            if item.system or item.kind is not Kind.FUNCTION:
                continue
            text = item.text[item.body :]
            if any(not _HARMLESS.match(text, m.end()) for m in cast.finditer(text)):
                yield name
                break
    yield from _implicit(meta, unit, names)


def _implicit(meta: UnitMeta, unit: Unit, names: Names) -> Iterator[str]:
    for file, line, column, *both in _IMPLICIT.findall(said_of(meta, meta.text)):
        for to in both:
            name = names.get(re.sub(r"\bconst\b\s*", "", to).strip())
            if name and not _ALLOCATES.search(_value(unit, file, int(line), int(column))):
                yield name


def said_of(meta: UnitMeta, text: str) -> str:
    """What the C compiler says of a unit's text, with its flags and without compiling it."""
    command = [os.environ.get("DSU_CC", "gcc"), *meta.flags, *_FLAGS]
    data, env = text.encode("utf-8", "surrogateescape"), {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, input=data, stderr=subprocess.PIPE, env=env, check=False)
    return done.stderr.decode("utf-8", "replace")


def _value(unit: Unit, file: str, line: int, column: int) -> str:
    """What is converted there, as a function's text has it: from its beginning or its `=` on."""
    for item in unit.items:
        if item.file == file and item.line <= line <= item.last_line and item.kind is Kind.FUNCTION:
            lines = item.text.split("\n")
            at = line - item.line
            text = lines[at] if at < len(lines) else ""
            if not at:
                return text
            return expression_of(text.encode()[column - 1 :].decode(errors="replace"))
    return ""


def expression_of(text: str) -> str:
    """Text up to where the expression ends that it begins with."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth < 0 or (depth == 0 and c in ",;"):
            return text[:i]
    return text
