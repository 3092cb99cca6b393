"""Compares two instrumented programs: what a patch has to hold, and what it cannot decide.

    units that differ -> declarations that differ -> variables -> functions -> who inlined them

Everything errs on the side of "changed": a function that is in the patch without need costs a few
kilobytes, one that is missing costs the program.
"""

from __future__ import annotations

import re

from . import tokens
from .difference import Difference, Side, UnitDiff
from .facts import FUNCTION, variables
from .gnu import takes_labels
from .mapfile import Decisions
from .meta import UnitMeta
from .program import Program
from .refusal import Refusal, place_of
from .renames import find_renamed
from .toplevel import Item, Kind, Unit
from .touched import address_taken, compare_declarations
from .variables import compare_static_locals, compare_variables

_NOT_INLINED = ("noinline", "noclone")


def compare(old: Program, new: Program, decisions: Decisions) -> Difference:
    """All differences, and all refusals at once."""
    out = Difference(old, new)
    for key, meta in new.units.items():
        before = old.units.get(key)
        if before is None or _as_compiled(before) != _as_compiled(meta):
            out.units[key] = _declarations(before, meta)
    out.removed = {k: Side(m, m.unit) for k, m in old.units.items() if k not in new.units}
    _compare_flags(out)
    for unit in out.units.values():
        unit.renames = decisions.types.renames
    compare_variables(out, decisions)
    for unit in out.units.values():
        _compare_functions(unit)
    find_renamed(out, decisions)
    compare_static_locals(out, decisions)
    _follow_moves(out)
    _check_signatures(out)
    _check_labels(out)
    out.refusals = _distinct(out.refusals)
    return out


def _as_compiled(meta: UnitMeta) -> tuple[object, ...]:
    """All that decides which functions are instrumented, and how."""
    return meta.text, meta.summary, sorted(meta.never), meta.transactions


def _declarations(before: UnitMeta | None, meta: UnitMeta) -> UnitDiff:
    new = Side(meta, meta.unit)
    if before is None:
        return UnitDiff(meta.key, None, new)
    old = Side(before, before.unit)
    return UnitDiff(meta.key, old, new, compare_declarations(old.unit, new.unit))


def _distinct(refusals: list[Refusal]) -> list[Refusal]:
    """Once each: a header's type is refused by every unit that includes it."""
    seen: dict[tuple[str, str, str, str], Refusal] = {}
    for r in refusals:
        seen.setdefault((r.kind, r.name, r.why, str(r.place)), r)
    return list(seen.values())


def _compare_flags(out: Difference) -> None:
    """Flags that change how things lie in memory, or how frames are saved."""
    for unit in out.units.values():
        if unit.old is None:
            continue
        for what, a, b in (
            ("--dsu-capture", unit.old.meta.capture, unit.new.meta.capture),
            ("--dsu-points", unit.old.meta.points, unit.new.meta.points),
            ("flags", _layout(unit.old.meta.flags), _layout(unit.new.meta.flags)),
        ):
            if a != b:
                why = f"compiled with other {what}: '{a}' in the old version, '{b}' in the new one"
                out.refusals.append(Refusal("flags", unit.new.meta.source, why))


def compiled_otherwise(out: Difference) -> list[str]:
    """Of files whose text is the same what their compilation differs in, which no patch brings."""
    files: dict[tuple[str, str], list[str]] = {}
    for key, now in out.new.units.items():
        was = out.old.units.get(key)
        if was is not None and _as_compiled(was) == _as_compiled(now):
            a, b = _flags(was), _flags(now)
            differs = (" ".join(f for f in a if f not in b), " ".join(f for f in b if f not in a))
            if any(differs):
                files.setdefault(differs, []).append(now.source)
    why = "compiled with other flags, which a patch does not bring"
    return [
        f"{found[0]}{f' and {len(found) - 1} more' if found[1:] else ''}: {why}: "
        f"'{a}' in the old version, '{b}' in the new one"
        for (a, b), found in files.items()
    ]


def _flags(meta: UnitMeta) -> list[str]:
    return [f"--dsu-capture={meta.capture}", f"--dsu-points={meta.points}", *meta.flags]


def _layout(flags: list[str]) -> str:
    kept = ("-fpack", "-fshort", "-fsigned", "-funsigned", "-fno-signed", "-fno-unsigned", "-m")
    return " ".join(sorted({f for f in flags if f.startswith(kept)}))


# -- functions ------------------------------------------------------------------------------------


def _compare_functions(unit: UnitDiff) -> None:
    old, new = unit.old, unit.new
    if old is None:
        unit.added = new.names()
        return
    before = set(old.names())
    unit.added = [n for n in new.names() if n not in before]
    unit.removed = [n for n in old.names() if new.function(n) is None]
    for name in new.names():
        reason = _difference(unit, old, name) if name in before else ""
        if reason:
            unit.changed[name] = reason
    _spread_to_inliners(unit, old)


def _difference(unit: UnitDiff, old: Side, name: str) -> str:
    """Why a function of both versions counts as changed; empty if it does not."""
    a, b = old.unit.functions[name], unit.new.unit.functions[name]
    if a.text != b.text and tokens.normal_item(a) != tokens.normal_item(b):
        return "its text differs"
    used = unit.touched.used_by(b)
    if used:
        return f"it uses '{used}': {unit.touched.why[used]}"
    if old.digest(name) != unit.new.digest(name):
        return "its continuation points differ"
    return ""


def _spread_to_inliners(unit: UnitDiff, old: Side) -> None:
    """Into whatever names a changed function of its own unit, gcc may have inlined it."""
    holders = _constant_holders(old.unit)
    todo = [*unit.changed, *unit.removed]
    items = {n: old.unit.functions[n] for n in old.names()}
    names = {n: tokens.words(item.text[item.body :]) for n, item in items.items()}
    while todo:
        inlined = todo.pop()
        head = items[inlined].text[: items[inlined].body]
        if any(attribute in head for attribute in _NOT_INLINED):
            continue
        aliases = {inlined} | {h for h, init in holders.items() if inlined in init}
        for name, used in names.items():
            if used & aliases and name not in unit.changed and unit.new.function(name):
                unit.changed[name] = f"'{inlined}' may have been inlined into it"
                todo.append(name)


def _constant_holders(unit: Unit) -> dict[str, set[str]]:
    """Tables of function pointers that gcc may have looked through, with the names in them."""
    out: dict[str, set[str]] = {}
    for item in unit.items:
        if item.system or item.kind is not Kind.DECLARATION or "=" not in item.text:
            continue
        for v in variables(item, unit):
            out[v.name] = tokens.words(v.declarator.init)
    return out


def _follow_moves(out: Difference) -> None:
    """A global function that now stands in another file is the same function."""
    gone: dict[str, Side] = {}
    for unit in out.units.values():
        if unit.old is not None:
            gone.update({n: unit.old for n in unit.removed if unit.old.symbol(n) == n})
    for side in out.removed.values():
        gone.update({n: side for n in side.names() if side.symbol(n) == n})
    for unit in out.units.values():
        for name in [n for n in unit.added if n in gone and unit.new.symbol(n) == n]:
            why = f"'{name}' has moved here from {gone[name].meta.source}"
            out.refusals.append(
                Refusal(
                    "moved", name, why, place_of(gone[name].unit.functions[name]),
                    place_of(unit.new.unit.functions[name]),
                    "leave the function in its file, or give the new one another name",
                )
            )  # fmt: skip


def _check_signatures(out: Difference) -> None:
    """Whoever calls a function with another signature is recompiled, or could not be found."""
    changed: dict[str, UnitDiff] = {}
    for unit in out.units.values():
        for name in unit.touched.signatures:
            if unit.new.function(name) and unit.old is not None and unit.old.function(name):
                changed[name] = unit
    for name, unit in changed.items():
        assert unit.old is not None
        old = place_of(unit.old.unit.functions[name], _head(unit.old.unit.functions[name]))
        new = place_of(unit.new.unit.functions[name], _head(unit.new.unit.functions[name]))
        taken = _address_taken(out, unit, name)
        if taken:
            why = f"its signature changed and its address is taken ({taken}): pointers to it remain"
            remedy = "keep the old signature, or give the new function another name"
            out.refusals.append(Refusal("signature", name, why, old, new, remedy))
        caller = _unaware_caller(out, unit, name)
        if caller:
            why = f"its signature changed, but {caller} still declares the old one"
            out.refusals.append(Refusal("signature", name, why, old, new))


def _check_labels(out: Difference) -> None:
    """A changed function has its labels elsewhere; where their addresses went nobody knows."""
    for unit in out.units.values():
        for name in unit.changed:
            old = unit.old.unit.functions[name] if unit.old is not None else None
            if old is None or not takes_labels(old.text[old.body :]):
                continue
            why = f"the program may keep addresses of its labels, and {unit.changed[name]}"
            new = unit.new.unit.functions[name]
            out.refusals.append(
                Refusal("labels", name, why, place_of(old, _head(old)), place_of(new, _head(new)))
            )


def _unaware_caller(out: Difference, unit: UnitDiff, name: str) -> str:
    """A source file that calls the function by a declaration of its own that did not change."""
    if unit.new.unit.functions[name].is_static:
        return ""
    call = re.compile(rf"(?<![\w$]){re.escape(name)}\s*\(")
    for key, meta in out.new.units.items():
        if key == unit.key or not call.search(meta.text):
            continue
        aware = key in out.units and name in out.units[key].touched.of_kind(FUNCTION)
        if not aware and name not in meta.unit.functions:
            return meta.source
    return ""


def _head(item: Item) -> str:
    return item.text[: item.body].strip()


def _address_taken(out: Difference, unit: UnitDiff, name: str) -> str:
    """Where, in either version; of a static function in its own unit only."""
    is_local = unit.new.unit.functions[name].is_static
    for program in (out.old, out.new):
        for key, meta in program.units.items():
            if name not in meta.text or (is_local and key != unit.key):
                continue
            found = address_taken(meta.unit, name)
            if found:
                return found
    return ""
