"""What a comparison of two programs has found: the data that the steps hand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from .facts import ENUMERATOR, TYPE
from .layouts import Layouts
from .meta import UnitMeta
from .program import Program
from .refusal import Refusal
from .toplevel import Item, Unit
from .touched import Touched
from .typegraph import TypeGraph


@dataclass
class Side:
    """One version of a unit."""

    meta: UnitMeta
    unit: Unit

    @property
    def rows(self) -> dict[str, dict[str, object]]:
        """The build report by function."""
        return {str(r["name"]): r for r in self.meta.functions}

    def digest(self, name: str) -> str:
        """Of an instrumented function; empty for all others."""
        row = self.rows.get(name, {})
        return "" if row.get("reason") else str(row.get("digest", ""))

    def function(self, name: str) -> Item | None:
        """A function that an update can change: not one from a system header."""
        item = self.unit.functions.get(name)
        return None if item is None or item.system else item

    def names(self) -> list[str]:
        """All such functions, in order."""
        return [n for n, i in self.unit.functions.items() if not i.system]

    def symbol(self, name: str) -> str:
        """A function's symbol, which is its key as well."""
        return self.local_symbol(name, self.unit.functions[name].is_static)

    def local_symbol(self, name: str, is_static: bool) -> str:
        """The symbol of something of this unit."""
        return f"{self.meta.key}${name}" if is_static else name


@dataclass
class UnitDiff:
    """A unit that the patch has a part of.

    `changed` gives the reason for each function, `replaced` the symbols of variables that get new
    storage, `converted` those among them whose value is carried over into another type. `initials`
    are integers that hold their initial value until they are set: where one still does, it gets the
    new one (old and new value). `old` is None for a source file that is new. `renames` are types,
    `renamed` functions (new name to old), which are among `added` and `removed` as well.
    """

    key: str
    old: Side | None
    new: Side
    touched: Touched = field(default_factory=Touched)
    changed: dict[str, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    new_variables: list[str] = field(default_factory=list)
    removed_variables: list[str] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)
    converted: set[str] = field(default_factory=set)
    initials: dict[str, tuple[int, int]] = field(default_factory=dict)
    renames: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)

    @cached_property
    def layouts(self) -> Layouts:
        """The types of both versions, of a unit that both have."""
        assert self.old is not None
        touched = self.touched.of_kind(TYPE, ENUMERATOR)
        return Layouts(TypeGraph(self.old.unit), TypeGraph(self.new.unit, self.renames), touched)

    def reversed(self) -> UnitDiff:
        """What a revert needs of the comparison from the new version to the old one."""
        assert self.old is not None
        return UnitDiff(
            self.key, self.new, self.old, self.touched, changed=self.changed,
            replaced=self.replaced, converted=self.converted,
            renames={was: now for now, was in self.renames.items()},
            renamed={was: now for now, was in self.renamed.items()},
        )  # fmt: skip

    @property
    def is_empty(self) -> bool:
        return not (
            self.changed or self.added or self.removed or self.new_variables or self.replaced
            or self.initials
        )  # fmt: skip


@dataclass
class Difference:
    """The whole comparison."""

    old: Program
    new: Program
    units: dict[str, UnitDiff] = field(default_factory=dict)
    removed: dict[str, Side] = field(default_factory=dict)  # source files that are gone
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)  # whose objects are converted
    stays: str = ""  # why the patch could not be taken back; empty if it can

    @property
    def is_empty(self) -> bool:
        return all(u.is_empty for u in self.units.values()) and not self.removed
