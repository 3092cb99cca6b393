"""Where the old program makes addresses of changed objects out of numbers.

    (struct node *)(n->link ^ (uintptr_t)before)        a list whose links are two addresses in one
    (struct pair *)(value & ~7ul)                       a value with its kind in its lowest bits

No pointer leads to such an object, so nothing can be followed nor redirected: whoever writes the
mapping file has to say that no number holds such an address as the update comes. Whether a cast's
operand is a number is the C compiler's answer: a unary plus is an error in front of any pointer.

What is no such case: a constant (`(struct node *)-1`), a number made of a pointer in the same cast
(`(char *)(uintptr_t)p`, which takes a `const` away), and the way back from a member to the whole,
which holders.py knows.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .refusal import Place
from .suspect import expression_of, said_of
from .toplevel import Item, Kind, Unit

if TYPE_CHECKING:
    from .meta import UnitMeta
    from .suspect import Names

_FILE = "dsu$number"
_ERROR = re.compile(rf"(?m)^{re.escape(_FILE)}:(\d+):\d+: error:")
_OTHERS = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
_OPERAND = r"""(?=\s*[\w(&*~!"'+-])"""
_IN_BETWEEN = re.compile(
    r"\s*\(\s*(?:[\w\s]+\*[\s*]*|(?:(?:unsigned|signed|long|int|const)\s*)+|\w+_t)\s*\)" + _OPERAND
)
_BEFORE = re.compile(r"(\w+)\s*$")
_STATEMENTS = {"return", "else", "do", "case"}
_CONSTANT = re.compile(
    r"[\s(]*[-~]?[\s(]*(?:0[xX][0-9a-fA-F]+|\d+)[uUlL]*[\s)]*(?:$|[=!]=|[?:]|\|\||&&)"
)
_OF_A_MEMBER = re.compile(r"__builtin_offsetof|\*\s*\)\s*0\s*\)*\s*->")
_MARKER = re.compile(r'^#\s*(?:line\s+)?(\d+) "', re.MULTILINE)


@dataclass(frozen=True)
class _Cast:
    name: str  # of the type that it makes a pointer to
    item: Item
    start: int  # in the item's text
    operand: int  # there its operand begins

    @property
    def place(self) -> Place:
        """Its line, by the last marker in front of it."""
        line, at = self.item.line, 0
        for m in _MARKER.finditer(self.item.text, 0, self.start):
            line, at = int(m[1]) - 1, m.end()
        return Place(
            self.item.file,
            line + self.item.text.count("\n", at, self.start),
            self.item.text[self.start : self.operand]
            + expression_of(self.item.text[self.operand :]),
        )


def made_of_numbers(units: Iterable[tuple[UnitMeta, Unit, Names]]) -> dict[str, Place]:
    """Types' names, with the first place where a number becomes a pointer to one."""
    found: dict[str, Place] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        todo = [unit for unit in units if unit[2]]
        for places in pool.map(lambda unit: _of_unit(*unit), todo):
            found = places | found
    return found


def _of_unit(meta: UnitMeta, unit: Unit, names: Names) -> dict[str, Place]:
    casts = [cast for item in unit.items for cast in _casts(item, names)]
    if not casts:
        return {}
    of_pointers = {int(n) for n in _ERROR.findall(said_of(meta, _tried(unit, casts)))}
    found: dict[str, Place] = {}
    for n, cast in enumerate(casts, 1):
        if n not in of_pointers:
            found.setdefault(cast.name, cast.place)
    return found


def _casts(item: Item, names: Names) -> Iterator[_Cast]:
    if item.system or item.kind is not Kind.FUNCTION:
        return
    text = item.text
    for m in _pattern(names).finditer(text, item.body):
        before = _BEFORE.search(text, 0, m.start())
        if not m["type"] or (before and before[1] not in _STATEMENTS):
            continue
        at = m.end()
        while inner := _IN_BETWEEN.match(text, at):
            at = inner.end()
        operand = expression_of(text[at:])
        if not _CONSTANT.match(operand) and not _OF_A_MEMBER.search(operand):
            name = " ".join(m["type"].replace("*", " * ").split())
            yield _Cast(names[name], item, m.start(), at)


def _pattern(names: Names) -> re.Pattern[str]:
    spelled = (r"\s*".join(map(re.escape, p.split())) for p in sorted(names, key=len, reverse=True))
    return re.compile(rf"{_OTHERS}|\(\s*(?:const\s+)?(?P<type>{'|'.join(spelled)})\s*\){_OPERAND}")


def _tried(unit: Unit, casts: list[_Cast]) -> str:
    """The unit's text with a plus in front of each operand, on a line that tells which it is."""
    by_item: dict[int, list[tuple[int, int]]] = {}
    for n, cast in enumerate(casts, 1):
        by_item.setdefault(id(cast.item), []).append((cast.operand, n))
    out = []
    for item in unit.items:
        last = 0
        for at, n in sorted(by_item.get(id(item), [])):
            out += [item.text[last:at], f'\n# {n} "{_FILE}"\n+']
            last = at
        out.append(item.text[last:])
    return "".join(out)
