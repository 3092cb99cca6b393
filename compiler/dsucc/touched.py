"""Which declarations differ between two versions of a unit, and what follows for others."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from . import tokens
from .facts import ENUMERATOR, FUNCTION, TYPE, VARIABLE, Fact, Variable, facts, variables
from .refusal import place_of
from .toplevel import Item, Kind, Unit, kept_with_unit

_SIGNATURE = "its signature changed"


@dataclass
class Touched:
    """Names that mean something else now: `why` for the report, by kind in `kinds`."""

    why: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, kind: str, why: str) -> None:
        self.why.setdefault(name, why)
        self.kinds.setdefault(name, kind)

    @property
    def signatures(self) -> set[str]:
        """Functions whose own declaration differs, not only a type that it names."""
        return {n for n in self.of_kind(FUNCTION) if self.why[n] == _SIGNATURE}

    def of_kind(self, *kinds: str) -> set[str]:
        """Names of these kinds."""
        return {n for n, k in self.kinds.items() if k in kinds}

    def used_by(self, item: Item) -> str:
        """A touched name that a function uses, other than its own; empty if it uses none."""
        if not self.why:
            return ""
        found = tokens.words(item.text) & self.why.keys() - {item.name}
        own = self.kinds.get(item.name) == FUNCTION
        return min(found) if found else item.name if own else ""


def compare_declarations(old: Unit, new: Unit) -> Touched:
    """Types, constants, prototypes and types of variables; the refusals that are certain."""
    return _Comparison(old, new).run()


class _Comparison:
    def __init__(self, old: Unit, new: Unit) -> None:
        self.old, self.new = old, new
        self.out = Touched()

    def run(self) -> Touched:
        a, b = differing_items(self.old, self.new)
        before, after = _by_name(a, self.old), _by_name(b, self.new)
        for key in sorted(before.keys() & after.keys()):
            self.pair(key, before[key], after[key])
        self.removed_enumerators(before, after)
        self.spread()
        return self.out

    def pair(self, key: tuple[str, str], before: list[Fact], after: list[Fact]) -> None:
        kind, name = key
        if {f.text for f in before} == {f.text for f in after}:
            return
        old = _all_texts(self.old, kind, name)
        new = _all_texts(self.new, kind, name)
        if old == new:
            return
        if kind == TYPE:
            self.out.add(name, TYPE, "this type changed")
        elif kind == ENUMERATOR:
            self.out.add(name, ENUMERATOR, "its value changed")
        elif kind == FUNCTION:
            self.out.add(name, FUNCTION, _SIGNATURE)
        elif kind == VARIABLE and not old & new:
            self.out.add(name, VARIABLE, "its type changed")

    def removed_enumerators(
        self, before: dict[tuple[str, str], list[Fact]], after: dict[tuple[str, str], list[Fact]]
    ) -> None:
        """Objects of the enum may hold the value of one that is gone."""
        for kind, name in before.keys() - after.keys():
            if kind == ENUMERATOR and not _all_texts(self.new, kind, name):
                self.out.add(name, ENUMERATOR, "this enumerator is gone")

    def spread(self) -> None:
        """What is declared by means of a touched type or constant is touched as well."""
        more = self.out.of_kind(TYPE, ENUMERATOR)
        while more:
            search = re.compile(
                r"(?<![\w$.])(?:" + "|".join(map(re.escape, sorted(more))) + r")(?![\w$])"
            )
            more = set()
            for item in self.new.items:
                if item.kind in (Kind.OTHER, Kind.FUNCTION):
                    continue
                cause = search.search(item.text)
                if cause is not None:
                    more |= self.dependents(item, cause.group())

    def dependents(self, item: Item, cause: str) -> set[str]:
        more: set[str] = set()
        for fact in facts(item, self.new):
            if fact.name in self.out.why or fact.kind == ENUMERATOR:
                continue
            if not re.search(rf"(?<![\w$]){re.escape(cause)}(?![\w$])", fact.text):
                continue
            self.out.add(fact.name, fact.kind, f"it depends on '{cause}': {self.out.why[cause]}")
            if fact.kind == TYPE:
                more.add(fact.name)
        return more


def differing_items(old: Unit, new: Unit) -> tuple[list[Item], list[Item]]:
    """The items, without functions' bodies, that have no equal in the other version."""
    a, b = {i.text for i in old.items}, {i.text for i in new.items}
    left = [i for i in old.items if i.text not in b and i.kind is not Kind.OTHER]
    right = [i for i in new.items if i.text not in a and i.kind is not Kind.OTHER]
    left_normal = {tokens.normal(_declaring(i), 0) for i in left}
    right_normal = {tokens.normal(_declaring(i), 0) for i in right}
    return (
        [i for i in left if tokens.normal(_declaring(i), 0) not in right_normal],
        [i for i in right if tokens.normal(_declaring(i), 0) not in left_normal],
    )


def _declaring(item: Item) -> str:
    return item.text[: item.body] if item.kind is Kind.FUNCTION else item.text


def _by_name(items: list[Item], unit: Unit) -> dict[tuple[str, str], list[Fact]]:
    out: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for item in items:
        for fact in facts(item, unit):
            out[fact.kind, fact.name].append(fact)
    return out


def _all_texts(unit: Unit, kind: str, name: str) -> set[str]:
    """Everything that the unit says of a name."""
    out: set[str] = set()
    for item in unit.items:
        if name in item.text and (item.kind is not Kind.FUNCTION or item.name == name):
            out |= {f.text for f in facts(item, unit) if f.kind == kind and f.name == name}
    return out


def is_used(unit: Unit, name: str) -> bool:
    """Does anything but the declarations of `name` itself name it?"""
    word = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    for item in unit.items:
        if item.kind is Kind.OTHER or not word.search(item.text):
            continue
        if item.kind is Kind.FUNCTION or all(f.name != name for f in facts(item, unit)):
            return True
    return False


def address_taken(unit: Unit, name: str) -> str:
    """The first place where a function's name is used for anything but a call; empty if nowhere."""
    use = re.compile(rf"(?<![\w$.>]){re.escape(name)}(?![\w$])(?!\s*\()")
    for item in unit.items:
        if item.system or name not in item.text:
            continue
        if item.kind is Kind.FUNCTION:
            text, line = item.text[item.body :], item.line + item.text[: item.body].count("\n")
            found = use.search(text)
            if found:
                return f"{item.file}:{line + text[: found.start()].count(chr(10))}"
        elif any(use.search(v.declarator.init) for v in variables(item, unit)):
            return str(place_of(item))
    return ""


@kept_with_unit
def definitions(unit: Unit) -> dict[str, Variable]:
    """The variables of file scope that the unit defines; of several declarations the fullest."""
    out: dict[str, Variable] = {}
    for item in unit.items:
        if item.system or item.kind is not Kind.DECLARATION:
            continue
        for v in variables(item, unit):
            if v.defines and (v.name not in out or v.declarator.init):
                out[v.name] = v
    return out
