"""Copies of leaf functions for resume variants.

gcc inlines a static function that is called once, however large it is: KissFFT's butterflies stand
inside the function that calls them. A second call, from the resume variant, would undo that in the
hot path. So resume variants call a cold copy of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property

from .reach import Reach
from .toplevel import Item, Unit

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_STATIC = re.compile(r"\bstatic\b")


class Copies:
    """The leaves of a unit that are called once, and the copies made so far."""

    def __init__(self, unit: Unit, reach: Reach, attributes: str) -> None:
        self.unit = unit
        self.reach = reach
        self.attributes = attributes
        self.made: set[str] = set()
        self.passed: set[str] = set()
        self.owed: dict[str, str] = {}

    @cached_property
    def once(self) -> dict[str, Item]:
        """Static functions without update points that are named once outside their declarations.

        A copy of a function with static variables would have its own set of them.
        """
        leaves = {
            n: i
            for n, i in self.unit.functions.items()
            if i.is_static and not i.system and not self.reach.may_update(n)
        }
        if not leaves:
            return {}
        uses: Counter[str] = Counter()
        for item in self.unit.items:
            if not item.system:
                uses.update(w for w in _WORD.findall(self._body(item, leaves)) if w in leaves)
        return {
            n: i for n, i in leaves.items() if uses[n] == 1 and not _STATIC.search(i.text[i.body :])
        }

    @staticmethod
    def _body(item: Item, leaves: dict[str, Item]) -> str:
        """The part of an item that uses names; a prototype only declares its own."""
        if item.body >= 0:
            return item.text[item.body :]
        found = re.search(r"([A-Za-z_$][\w$]*)\s*\([^=]*$", item.bare)
        return "" if found and found.group(1) in leaves else item.text

    def name(self, callee: str) -> str:
        """What a resume variant calls instead of `callee`."""
        return f"{callee}$again"

    def needed(self, names: set[str]) -> str:
        """What a caller of the copies of `names` has to have in front of it.

        That is their text, and that of what they call in turn. A function that is only declared so
        far is only declared here, too: what its body needs may not be there yet.
        """
        out = ""
        for name in sorted(names & self.once.keys() - self.made):
            self.made.add(name)
            item = self.once[name]
            inner = set(_WORD.findall(item.text[item.body :])) & self.once.keys()
            declaration, text = self._copy(item, inner | {name})
            if name in self.passed:
                out += declaration + self.needed(inner) + text
            else:
                out += declaration
                self.owed[name] = text
        return out

    def behind(self, item: Item) -> str:
        """The copy that is owed since a caller stood in front of its original."""
        self.passed.add(item.name)
        text = self.owed.pop(item.name, "")
        inner = set(_WORD.findall(item.text[item.body :])) & self.once.keys() if text else set()
        return self.needed(inner) + text

    def _copy(self, item: Item, renamed: set[str]) -> tuple[str, str]:
        """The copy's declaration and its definition."""
        text = re.sub(
            r"(?<![\w$])(" + "|".join(map(re.escape, sorted(renamed))) + r")(?![\w$])",
            lambda m: self.name(m.group(1)),
            item.text,
        )
        head = text[: self._brace(text, item)]
        return f"{head.rstrip()} {self.attributes};\n", f"{text}\n"

    @staticmethod
    def _brace(text: str, item: Item) -> int:
        """The body's brace after renaming: as many braces stand before it as before."""
        before = item.text[: item.body].count("{")
        at = -1
        for _ in range(before + 1):
            at = text.index("{", at + 1)
        return at
