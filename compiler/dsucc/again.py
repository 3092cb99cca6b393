"""What resume variants call instead of a static function that is called once.

gcc inlines such a function however large it is: KissFFT's butterflies stand inside the function
that calls them. A second call, from the resume variant, would undo that in the hot path. So resume
variants call a cold copy of a leaf, and enter a function with points at the beginning of its own
resume variant, which is such a copy already.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property

from .reach import STRING, Reach
from .toplevel import Item, Unit, without_noise

# An entry's only frame is its caller's, a resume variant: options of both have to be equal.
ENTRY = 'inline __attribute__((always_inline, optimize("Og")))'
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_STATIC = re.compile(r"\bstatic\b")
# A prototype ends with its list of parameters.
_LAST_LIST = re.compile(r"([A-Za-z_$][\w$]*)\s*\([^=]*$")


# Functions that gcc never inlines: nothing is won.
_APART = ("noinline", "noclone")


class Copies:
    """The functions of a unit that are called once, and the copies made so far.

    `entered` says whether functions with points are entered; `unfit` are those that cannot be.
    """

    def __init__(
        self, unit: Unit, reach: Reach, attributes: str, entered: bool, unfit: Collection[str]
    ) -> None:
        self.unit = unit
        self.reach = reach
        self.attributes = attributes
        self.entered = entered
        self.unfit = unfit
        self.awaited: set[str] = set()
        self.defined: set[str] = set()
        self.made: set[str] = set()
        self.passed: set[str] = set()
        self.owed: dict[str, str] = {}
        self.counted: dict[str, bool] = {}

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
    def with_points(self) -> set[str]:
        """Static functions with update points, whose resume variants can take what they are given.

        What a prototype does not say, or a list without end holds, cannot be handed on.
        """
        return {
            n
            for n, i in self.unit.functions.items()
            if self.entered
            and n not in self.unfit
            and i.is_static
            and not i.system
            and not i.is_old_style
            and n not in self.unit.noreturn
            and n not in self.reach.never
            and self.reach.may_update(n)
            and "..." not in i.bare
            and not any(word in i.text[: i.body] for word in _APART)
        }

    def enters(self, name: str) -> bool:
        """Is it a function with points that is called once, and not named otherwise?"""
        return name in self.with_points and self._is_called_once(name)

    def entry(self, name: str) -> str:
        """Declares the entry of `name`; a caller may stand in front of it."""
        return f"static {ENTRY} __typeof__({name}) {self.name(name)};\n"

    @property
    def missing(self) -> set[str]:
        """Functions that are to be entered and turned out not to be instrumented."""
        return self.awaited - self.defined

    @cached_property
    def texts(self) -> list[str]:
        """Where functions are used: the unit's own items, of functions the bodies; no strings."""
        return [STRING.sub(" ", i.text[max(i.body, 0) :]) for i in self.unit.items if not i.system]

    def once(self, name: str) -> bool:
        """Is it one of the leaves, and called once, and not named otherwise?"""
        return name in self.leaves and self._is_called_once(name)

    def _is_called_once(self, name: str) -> bool:
        if name not in self.counted:
            self.counted[name] = self._uses(name) == ["("]
        return self.counted[name]

    def _uses(self, name: str) -> list[str]:
        """What follows its name: "(" where it is called, nothing where its address is taken.

        Declarations of its own are not counted. The address of a copy would not be the function's.
        """
        word = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])\s*(\(?)")
        found = (t for t in self.texts if name in t and not self._declares(t, name))
        return [use for text in found for use in word.findall(text)]

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
