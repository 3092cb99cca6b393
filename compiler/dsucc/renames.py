"""Functions that go on under another name, as the mapping file says it.

functions: {new: {from: old}}

Frames of the old function become frames of the new one, and the old entry leads to the new body
wherever its address is kept. Nothing is guessed: without the user's word a function that is gone
and one that is new have nothing to do with each other.
"""

from __future__ import annotations

from .difference import Difference, UnitDiff
from .facts import signature
from .mapfile import Decisions, Renamed
from .refusal import Refusal, place_of
from .toplevel import Item, Unit
from .touched import address_taken
from .variables import local_variables


def find_renamed(out: Difference, decisions: Decisions) -> None:
    """Fills `renamed` of the units; what is wrong goes to `decisions.wrong`."""
    for new, said in decisions.renamed.items():
        why = _rename(out, new, said)
        if why:
            decisions.wrong.append(f"{said.place}: functions: {new}: {why}")


def _rename(out: Difference, name: str, said: Renamed) -> str:
    """Notes one; says why it cannot be."""
    for unit in out.units.values():
        new = _named(name, unit.added, unit.new.symbol)
        if new and unit.old is not None:
            old = _named(said.old, unit.removed, unit.old.symbol)
            if not old:
                return _no_old(out, unit, said.old)
            if old in unit.renamed.values():
                return f"'{said.old}' goes on under another name already"
            unit.renamed[new] = old
            _check(out, unit, new, old)
            return ""
    return f"no function of that name is new; new are: {_list(out, added=True)}"


def _named(name: str, among: list[str], symbol: object) -> str:
    """The function that is meant by its name or its symbol; empty if there is none."""
    assert callable(symbol)
    return next((n for n in among if name in (n, symbol(n))), "")


def _no_old(out: Difference, unit: UnitDiff, name: str) -> str:
    for other in out.units.values():
        if other.old is not None and name in other.removed:
            return (
                f"'{name}' was in {other.old.meta.source}, the new function is in "
                f"{unit.new.meta.source}: want both in one file"
            )
        if name in other.new.unit.functions and other is unit:
            return f"'{name}' is in the new version, too: want one of {_list(out, added=False)}"
    return f"no function '{name}' is gone from the file; gone are: {_list(out, added=False)}"


def _list(out: Difference, added: bool) -> str:
    found = [n for u in out.units.values() for n in (u.added if added else u.removed)]
    return ", ".join(sorted(found)) or "none"


def keeps_signature(unit: UnitDiff, new: str) -> bool:
    """May callers of a renamed function's old name call the new body?"""
    assert unit.old is not None
    return _signature(unit.old.unit, unit.renamed[new]) == _signature(unit.new.unit, new)


def _signature(unit: Unit, name: str) -> str:
    item = unit.functions[name]
    return signature(_head(item), item, unit)


def _head(item: Item) -> str:
    return item.text[: item.body].strip()


def _check(out: Difference, unit: UnitDiff, new: str, old: str) -> None:
    """What a new name may not do to pointers and static variables."""
    assert unit.old is not None
    before, after = unit.old.unit.functions[old], unit.new.unit.functions[new]
    places = place_of(before, _head(before)), place_of(after, _head(after))
    taken = address_taken(unit.old.unit, old)
    if taken and not keeps_signature(unit, new):
        why = f"its signature changed with its name and '{old}' is pointed to ({taken})"
        out.refusals.append(Refusal("signature", new, why, *places, "keep the old signature"))
    lost = [v.name for v, _ in local_variables(unit.old, old).values()]
    if lost:
        why = f"the static variables of '{old}' would begin anew: {', '.join(lost)}"
        remedy = "keep the function's name as long as it has static variables"
        out.refusals.append(Refusal("static-local", new, why, *places, remedy))
