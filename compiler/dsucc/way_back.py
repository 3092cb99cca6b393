"""The way back of a patch that converts objects: what it says of types, the other way round.

The new version is described as what is there, the old one as what it becomes. A part that both
have is carried back. What only the old version has becomes zero in objects on the heap and in
frames, and in a variable what it was at the time of the update, since its storage is still there.
An address is neither: what it led to may be gone. Where a patch would need one, or the mapping file
makes values out of others and does not say the way back of these (`back`), it says why it stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import declare
from .difference import Difference, Side, UnitDiff
from .facts import ENUMERATOR, TYPE, Variable
from .layouts import PREFIX, has_address
from .mapfile import REPLACE, Decisions
from .stacks import Stacks
from .state import State, all_units, describe
from .state_unit import BACK
from .touched import definitions
from .typegraph import TypeGraph
from .variables import local_variables

CONVERTED = "objects have been converted to other types"


def describe_back(out: Difference, decisions: Decisions, stacks: Stacks) -> tuple[State, str]:
    """All that a revert needs of types; or why there is no way back."""
    why = _decided(out, decisions, stacks) or next(_left_behind(out), "")
    if why:
        return State(), f"{CONVERTED}, and {why}"
    said = Decisions(
        links=decisions.links, keys=decisions.keys, types=decisions.types.reverted(),
        pointees=decisions.pointees.reverted(decisions.types.called), code=decisions.code,
        wrong=decisions.wrong,
    )  # fmt: skip
    state = describe(_reversed(out), said, frozenset(), BACK)
    if state.refusals:
        r, left = state.refusals[0], State(refusals=state.refusals)
        return left, f"{CONVERTED}, and {r.name} does not become what it was: {r.why}"
    return state, ""


def _decided(out: Difference, decisions: Decisions, stacks: Stacks) -> str:
    """What the mapping file says it says of the way forward."""
    if stacks.chains:
        return "the mapping file says what frames become, not what they were"
    if decisions.hooks.allocators:
        gone = sorted(_named_in_old(decisions) & _not_as_it_was(out))
        if gone:
            return f"the allocator that the mapping file tells of is asked by '{PREFIX}{gone[0]}'"
    if REPLACE in decisions.globals.values():
        return "the mapping file replaces variables"
    return ""


def _named_in_old(decisions: Decisions) -> set[str]:
    """What the code of allocators names of the old version."""
    texts = [code.text for a in decisions.hooks.allocators for code in a.parts.values()]
    texts += [decisions.code.code.text] if decisions.code.code is not None else []
    return set(re.findall(rf"(?<![\w$]){re.escape(PREFIX)}(\w+)", "\n".join(texts)))


def _not_as_it_was(out: Difference) -> set[str]:
    """Types, constants and variables that mean, or lie, something else in the new version."""
    names: set[str] = set()
    for unit in out.units.values():
        names |= unit.touched.of_kind(TYPE, ENUMERATOR)
        names |= {symbol.rpartition("$")[2] for symbol in unit.replaced | unit.converted}
    return names


def _reversed(out: Difference) -> Difference:
    """The comparison of the same programs from the new one to the old one."""
    units = {k: u.reversed() for k, u in out.units.items() if u.old is not None}
    return Difference(out.new, out.old, units)


def _left_behind(out: Difference) -> Iterator[str]:
    """Variables of the old version alone that hold addresses: nobody has kept them right since."""
    for unit in all_units(out):
        assert unit.old is not None
        yield from _variables_left(unit, unit.old)
    for side in out.removed.values():
        graph = TypeGraph(side.unit)
        for name, v in definitions(side.unit).items():
            yield from _holds(graph, v, name)


def _variables_left(unit: UnitDiff, old: Side) -> Iterator[str]:
    graph = TypeGraph(old.unit)
    kept = definitions(unit.new.unit)
    for name, v in definitions(old.unit).items():
        if name not in kept or kept[name].is_static != v.is_static:
            yield from _holds(graph, v, name)
    for function, item in old.unit.functions.items():
        if item.system or "static" not in item.text[item.body :]:
            continue
        after = local_variables(unit.new, function) if unit.new.function(function) else {}
        for symbol, (v, _) in local_variables(old, function).items():
            if symbol not in after:
                yield from _holds(graph, v, f"{v.name} of {function}")


def _holds(graph: TypeGraph, v: Variable, name: str) -> Iterator[str]:
    t = graph.variable(v.item, v.declarator, declare.read(v.item.text).specifiers)
    if has_address(t):
        yield f"the variable '{name}', which only the old version has, holds addresses"
