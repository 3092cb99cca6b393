"""What becomes of each member of a type that changes, for the report."""

from __future__ import annotations

from dataclasses import dataclass

from .layouts import Layouts
from .typegraph import Enum, Member, Record, Type
from .typemap import NOTHING, TypeRules


@dataclass(frozen=True)
class Fate:
    """A part of a type and how it gets its value; `by` is who says so."""

    type: str
    part: str
    how: str
    by: str

    def row(self) -> list[str]:
        return [self.type, self.part, self.how, self.by]


GENERATED = "dsupatch"


def fates(old: Type, new: Type, layouts: Layouts, rules: TypeRules) -> list[Fate]:
    """All parts of a record or an enumeration that do not simply stay as they are."""
    if isinstance(old, Record) and isinstance(new, Record):
        return _record(old, new, layouts, rules)
    if isinstance(old, Enum) and isinstance(new, Enum):
        gone = [n for n in old.names if n not in new.names]
        return [Fate(new.known_as, n, "is gone: a value of it is refused", GENERATED) for n in gone]
    return []


def _record(old: Record, new: Record, layouts: Layouts, rules: TypeRules) -> list[Fate]:
    rule, name = rules.of(new.known_as), new.known_as
    before, out = old.named, []
    taken = set()
    for m in new.named.values():
        said = rule.fields.get(m.name)
        was = before.get(said.text if said is not None else m.name)
        taken |= {was.name} if was is not None else set()
        if said is not None:
            how = f"from '{said.text}'" if was is not None else f"is {said.text}"
            how = "is left to the transformer" if said.text == NOTHING and was is None else how
            out.append(Fate(name, m.name, how, f"{said.file}:{said.line}"))
        elif was is None:
            out.append(Fate(name, m.name, "new: zero, or its initial value", GENERATED))
        elif not _stays(was, m, layouts):
            how = f"from '{was.type.known_as}' to '{m.type.known_as}'"
            out.append(Fate(name, m.name, how, GENERATED))
    gone = [m for m in before if m not in taken]
    out += [Fate(name, m, "is gone", GENERATED) for m in gone]
    if rule.transform is not None:
        place = f"{rule.transform.file}:{rule.transform.line}"
        out.append(Fate(name, "(all of it)", rule.transform.text.strip(), place))
    return out


def _stays(was: Member, now: Member, layouts: Layouts) -> bool:
    return was.bits == now.bits and layouts.same(was.type, now.type)
