"""Copies of leaf functions for resume variants.

gcc inlines a static function that is called once, however large it is: KissFFT's butterflies stand
inside the function that calls them. A second call, from the resume variant, would undo that in the
hot path. So resume variants call a cold copy of their own.
"""

from __future__ import annotations

import re
from functools import cached_property

from .reach import Reach
from .toplevel import Item, Unit, without_noise

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_STATIC = re.compile(r"\bstatic\b")
# A prototype ends with its list of parameters.
_LAST_LIST = re.compile(r"([A-Za-z_$][\w$]*)\s*\([^=]*$")


class Copies:
    """The leaves of a unit that are called once, and the copies made so far."""

    def __init__(self, unit: Unit, reach: Reach, attributes: str) -> None:
        self.unit = unit
        self.reach = reach
        self.attributes = attributes
        self.made: set[str] = set()
        self.passed: set[str] = set()
        self.owed: dict[str, str] = {}
        self.counted: dict[str, int] = {}

    @cached_property
    def leaves(self) -> dict[str, Item]:
        """Static functions without update points.

        A copy of a function with static variables would have its own set of them.
        """
        return {
            n: i
            for n, i in self.unit.functions.items()
            if i.is_static
            and not i.system
            and not self.reach.may_update(n)
            and not _STATIC.search(i.text, i.body)
        }

    @cached_property
    def texts(self) -> list[str]:
        """Where functions are used: the unit's own items, of functions the bodies only."""
        return [i.text[max(i.body, 0) :] for i in self.unit.items if not i.system]

    def once(self, name: str) -> bool:
        """Is it one of the leaves, and named once outside of its declarations?"""
        if name not in self.leaves:
            return False
        if name not in self.counted:
            self.counted[name] = self._uses(name)
        return self.counted[name] == 1

    def _uses(self, name: str) -> int:
        """How often it is named, declarations of its own not counted."""
        word = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
        return sum(
            len(word.findall(text))
            for text in self.texts
            if name in text and not self._declares(text, name)
        )

    @staticmethod
    def _declares(text: str, name: str) -> bool:
        """Is it a prototype of `name`?"""
        if text.startswith("{"):
            return False
        found = _LAST_LIST.search(without_noise(text))
        return found is not None and found.group(1) == name

    def name(self, callee: str) -> str:
        """What a resume variant calls instead of `callee`."""
        return f"{callee}$again"

    def needed(self, names: set[str]) -> str:
        """What a caller of the copies of `names` has to have in front of it.

        That is their text, and that of what they call in turn. A function that is only declared so
        far is only declared here, too: what its body needs may not be there yet.
        """
        out = ""
        for name in sorted(n for n in names - self.made if self.once(n)):
            self.made.add(name)
            item = self.leaves[name]
            inner = self._inner(item)
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
        inner = self._inner(item) if text else set()
        return self.needed(inner) + text

    def _inner(self, item: Item) -> set[str]:
        """What a function's body names that has a copy, too."""
        return {w for w in set(_WORD.findall(item.text, item.body)) if self.once(w)}

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
