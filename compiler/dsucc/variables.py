"""Variables of two versions: which keep their storage, which are new, which cannot be decided."""

from __future__ import annotations

import re

from . import declare, tokens
from .constant import integer, is_constant, is_constant_at, is_untouched_while
from .difference import Difference, Side, UnitDiff
from .facts import ENUMERATOR, TYPE, VARIABLE, Variable, variables
from .mapfile import KEEP, REPLACE, Decisions
from .refusal import Refusal
from .statics import local_symbols, static_locals
from .toplevel import Item, Kind, Unit
from .touched import definitions

_INIT = (
    "its initial value changed: the running program's value may be meant to stay, or to be replaced"
)
_DECIDE = "say which in a mapping file: globals: {{{name}: keep}} or {{{name}: replace}}"


Local = tuple[Variable, int]  # a static local, and where its name stands in the unit's text


def compare_variables(out: Difference, decisions: Decisions) -> None:
    """Fills in each unit's variables; follows constants into all units that name them."""
    pending: list[tuple[UnitDiff, str]] = []
    for unit in list(out.units.values()):
        _compare_unit(out, unit, decisions, pending)
    for unit, name in pending:
        _replace(out, unit, name)
    _refuse_moves(out, decisions)


def _compare_unit(
    out: Difference, unit: UnitDiff, decisions: Decisions, pending: list[tuple[UnitDiff, str]]
) -> None:
    new = definitions(unit.new.unit)
    old = definitions(unit.old.unit) if unit.old is not None else {}
    unit.removed_variables = [n for n in old if n not in new]
    for name, v in new.items():
        symbol = unit.new.local_symbol(name, v.is_static)
        if name in old:
            _compare_pair(out, unit, old[name], v, decisions, pending)
        elif not out.old.defines(symbol):
            unit.new_variables.append(symbol)


def _compare_pair(
    out: Difference, unit: UnitDiff, old: Variable, new: Variable, decisions: Decisions,
    pending: list[tuple[UnitDiff, str]],
) -> None:  # fmt: skip
    name = new.name
    if old.is_static != new.is_static:
        why = "it is static in one version and not in the other: its storage cannot be found again"
        out.refusals.append(Refusal("linkage", name, why, old.place, new.place))
        return
    if _moves_to_threads(out, name, old, new):
        return
    if _type_changes(out, unit, old, new):
        _convert(out, unit, new, decisions, pending)
    elif old.init != decisions.as_before(new.init) or _uses_touched(unit, new):
        _decide(out, unit, old, new, decisions, pending)


def _moves_to_threads(out: Difference, name: str, old: Variable, new: Variable) -> bool:
    """Has each thread its own in one version, and all of them the same in the other?"""
    if old.is_thread_local == new.is_thread_local:
        return False
    why = "it is thread-local in one version and not in the other: whose value is meant?"
    remedy = "give it another name: then it is a new variable"
    out.refusals.append(Refusal("thread-local", name, why, old.place, new.place, remedy))
    return True


def _type_changes(out: Difference, unit: UnitDiff, old: Variable, new: Variable) -> bool:
    """Must the object be another one, because its bytes mean something else or are too few?"""
    before, after = declare.read(old.item.text), declare.read(new.item.text)
    layouts = unit.layouts
    if not layouts.same(
        layouts.old.variable(old.item, old.declarator, before.specifiers),
        layouts.new.variable(new.item, new.declarator, after.specifiers),
    ):
        return True
    symbol = unit.new.local_symbol(new.name, new.is_static)
    a, b = out.old.symbols.get(symbol), out.new.symbols.get(symbol)
    return a is not None and b is not None and new.declarator.incomplete and a.size != b.size


def _convert(
    out: Difference, unit: UnitDiff, new: Variable, decisions: Decisions,
    pending: list[tuple[UnitDiff, str]],
) -> None:  # fmt: skip
    symbol = unit.new.local_symbol(new.name, new.is_static)
    pending.append((unit, new.name))
    decided = decisions.for_global(new.name, symbol) == REPLACE
    if _is_stored(out, unit, new) and not decided and not _is_constant(out, unit, new):
        unit.converted.add(symbol)


def _is_constant(out: Difference, unit: UnitDiff, v: Variable) -> bool:
    return v.is_const or (bool(v.init) and proven_constant(out, unit, v))


def _uses_touched(unit: UnitDiff, v: Variable) -> bool:
    """Does its initial value follow from a constant that changed, or from a type's size?"""
    words = tokens.words(v.declarator.init)
    measures = bool(words & {"sizeof", "_Alignof", "__alignof__", "__builtin_offsetof"})
    kinds = (TYPE, ENUMERATOR) if measures else (ENUMERATOR,)
    return bool(words & unit.touched.of_kind(*kinds))


def _is_stored(out: Difference, unit: UnitDiff, v: Variable) -> bool:
    """Has the old program an object of it? Otherwise gcc has put its value where it is used."""
    return out.old.defines(unit.new.local_symbol(v.name, v.is_static))


def _decide(
    out: Difference, unit: UnitDiff, old: Variable, new: Variable, decisions: Decisions,
    pending: list[tuple[UnitDiff, str]],
) -> None:  # fmt: skip
    name = new.name
    decision = decisions.for_global(name, unit.new.local_symbol(name, new.is_static))
    stored = _is_stored(out, unit, new)
    if decision == REPLACE or not stored or (not decision and proven_constant(out, unit, new)):
        pending.append((unit, name))
    elif decision != KEEP and not _has_initial(out, unit, old, new):
        out.refusals.append(
            Refusal("initialiser", name, _INIT, old.place, new.place, _DECIDE.format(name=name))
        )


def _has_initial(out: Difference, unit: UnitDiff, old: Variable, new: Variable) -> bool:
    """The same for a variable of file scope; one that other files cannot write."""
    if not old.is_static or unit.old is None:
        return False
    at = 0
    for item in unit.old.unit.items:
        if item is old.item:
            symbol = unit.new.local_symbol(new.name, True)
            return _take_initial(out, unit, symbol, (old, at + old.declarator.at), new)
        at += len(item.text)
    return False


def _take_initial(out: Difference, unit: UnitDiff, symbol: str, old: Local, new: Variable) -> bool:
    """An integer that is only ever set to other values: as long as it has its first, it was not."""
    was, at = old
    before, after = integer(was.init or "0"), integer(new.init or "0")
    words = tokens.words(was.type_text) - {was.name}
    if before is None or after is None or not words <= _INTEGERS or "[" in was.type_text:
        return False
    if "*" in was.type_text or out.old.symbols[symbol].size not in (1, 2, 4, 8):
        return False
    assert unit.old is not None
    scope = _scope(unit.old.unit, at)
    if not is_untouched_while(unit.old.meta, at, was.name, before, scope):
        return False
    unit.initials[symbol] = (before, after)
    return True


def _scope(unit: Unit, at: int) -> tuple[int, int]:
    """Where in the unit's text a variable declared at `at` is known: its function, or all."""
    start = 0
    for item in unit.items:
        end = start + len(item.text)
        if start <= at < end and item.kind is Kind.FUNCTION:
            return start, end
        start = end
    return 0, start


_INTEGERS = {"char", "short", "int", "long", "signed", "unsigned", "volatile"}


def proven_constant(out: Difference, unit: UnitDiff, v: Variable) -> bool:
    """Does no unit of either version write it? Of a static only its own unit counts."""
    for program in (out.old, out.new):
        for key, meta in program.units.items():
            if v.is_static and key != unit.key:
                continue
            if re.search(rf"(?<![\w$]){re.escape(v.name)}(?![\w$])", meta.text):
                parts = meta.unit
                if _declares(parts.items, v.name) and not is_constant(parts, meta, v.name):
                    return False
    return True


def _declares(items: list[Item], name: str) -> bool:
    return any(name in i.text for i in items if i.kind is Kind.DECLARATION)


def _replace(out: Difference, unit: UnitDiff, name: str) -> None:
    """New storage: whoever names the object is changed, and so are objects that point to it."""
    v = definitions(unit.new.unit)[name]
    symbol = unit.new.local_symbol(name, v.is_static)
    unit.replaced.add(symbol)
    why = "its type changed" if symbol in unit.converted else "a constant with another value"
    unit.touched.add(name, VARIABLE, why)
    if v.is_static:
        return
    word = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    for key, meta in out.new.units.items():
        if not word.search(meta.text):
            continue
        if key not in out.units and key in out.old.units:
            old = Side(out.old.units[key], meta.unit)
            out.units[key] = UnitDiff(key, old, Side(meta, meta.unit))
        out.units[key].touched.add(name, VARIABLE, why)


def _refuse_moves(out: Difference, decisions: Decisions) -> None:
    """A static that one file loses and another gains may be the same state under a new symbol."""
    gone: dict[str, Variable] = {}
    for side in [u.old for u in out.units.values() if u.old is not None] + [*out.removed.values()]:
        new = out.units[side.meta.key].new.unit if side.meta.key in out.units else None
        kept = definitions(new) if new is not None else {}
        gone |= {
            name: v
            for name, v in definitions(side.unit).items()
            if v.is_static and name not in kept and out.old.defines(side.local_symbol(name, True))
        }
    for unit in out.units.values():
        for name, v in definitions(unit.new.unit).items():
            symbol = unit.new.local_symbol(name, v.is_static)
            was = gone.get(name)
            if was is None or symbol not in unit.new_variables:
                continue
            if was.type_text == v.type_text and decisions.for_global(name, symbol) != REPLACE:
                why = "it may be the variable that another file has lost, whose value would be gone"
                remedy = f"if it is not: globals: {{{symbol}: {REPLACE}}}"
                out.refusals.append(Refusal("moved", name, why, was.place, v.place, remedy))


# -- static locals --------------------------------------------------------------------------------


def compare_static_locals(out: Difference, decisions: Decisions) -> None:
    """Static variables of changed functions: the same rules."""
    for unit in out.units.values():
        for name in unit.changed:
            if unit.old is not None:
                _compare_locals(out, unit, unit.old, name, decisions)
        for name in unit.added:
            unit.new_variables += local_variables(unit.new, name)


def _refuse_confusion(
    out: Difference, function: str, old: dict[str, Local], new: dict[str, Local]
) -> None:
    """Statics of one name in several blocks are told apart by their order alone."""
    for name in sorted({v.name for v, _ in new.values()}):
        before = [(s, v.type_text) for s, (v, _) in old.items() if v.name == name]
        after = [(s, v.type_text) for s, (v, _) in new.items() if v.name == name]
        if before and before != after and max(len(before), len(after)) > 1:
            was = next(v for v, _ in old.values() if v.name == name)
            v = next(v for v, _ in new.values() if v.name == name)
            why = "several static variables of this name, and not the same ones in both versions"
            remedy = "give them different names"
            what = f"{function}: static {name}"
            out.refusals.append(Refusal("static-local", what, why, was.place, v.place, remedy))


def local_variables(side: Side, function: str) -> dict[str, Local]:
    """A function's static variables by symbol, each with its name's offset in the unit's text."""
    item = side.unit.functions[function]
    base = 0
    for other in side.unit.items:
        if other is item:
            break
        base += len(other.text)
    out: dict[str, Local] = {}
    symbol = local_symbols(side.symbol(function))
    for start, end in static_locals(item.text, item.body):
        line = item.line + item.text[:start].count("\n")
        part = Item(Kind.DECLARATION, item.text[start:end], item.file, line, item.system)
        for v in variables(part, side.unit):
            out[symbol(v.name)] = (v, base + start + v.declarator.at)
    return out


def _compare_locals(
    out: Difference, unit: UnitDiff, before: Side, function: str, decisions: Decisions
) -> None:
    old, new = local_variables(before, function), local_variables(unit.new, function)
    _refuse_confusion(out, function, old, new)
    for symbol, (v, at) in new.items():
        if symbol not in old:
            unit.new_variables.append(symbol)
            continue
        was, old_at = old[symbol]
        name = f"{function}: static {v.name}"
        if not out.old.defines(symbol) or _moves_to_threads(out, name, was, v):
            continue
        changes = _type_changes(out, unit, was, v)
        if changes or was.init != decisions.as_before(v.init):
            decision = decisions.for_global(v.name, symbol)
            constant = is_constant_at(before.meta, [old_at]) and is_constant_at(unit.new.meta, [at])
            if changes and decision != REPLACE and not constant:
                unit.converted.add(symbol)
                unit.replaced.add(symbol)
            elif decision == REPLACE or (not decision and constant):
                unit.replaced.add(symbol)
            elif decision != KEEP and (
                changes or not _take_initial(out, unit, symbol, (was, old_at), v)
            ):
                remedy = _DECIDE.format(name=symbol)
                out.refusals.append(Refusal("initialiser", name, _INIT, was.place, v.place, remedy))
