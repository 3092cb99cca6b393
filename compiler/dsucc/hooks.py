"""C text of the hooks of a mapping file, one text for each unit whose names they use.

Around it stand the declarations of both versions, as around conversions: see state_unit.py.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field

from .difference import Difference
from .hookfile import Entry
from .mapfile import Decisions, MapError
from .state import all_units
from .state_unit import StateUnit
from .typemap import Expression

_HIDDEN = '__attribute__((visibility("hidden")))'
STAYS = "the mapping file's hooks have changed data"


KINDS = ("hook", "file", "allocator")
"""`struct dsu_hook` and so on in dsu_abi.h."""


@dataclass
class HookTexts:
    """Texts by unit, and the symbols of the tables' rows by kind."""

    units: dict[str, str] = field(default_factory=dict)
    rows: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def tables(self) -> list[str]:
        """C for the patch's own table: `hooks` and so on, each ending with a null."""
        out = []
        for kind, names in self.rows.items():
            out += [f"extern const struct dsu_{kind} {n} {_HIDDEN};" for n in names]
            row = "".join(f"&{n}, " for n in names)
            out.append(f"static const struct dsu_{kind} *const {kind}s[] = {{{row}0}};")
        return out


def texts(difference: Difference, decisions: Decisions) -> HookTexts:
    """Everything that runs around the decision. Raises MapError."""
    out, said = HookTexts(), decisions.hooks
    wanted: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
    for kind, found in zip(KINDS, (said.hooks, said.files, said.allocators), strict=True):
        for entry in found:
            wanted[entry.unit].append((kind, entry))
    if not wanted:
        return out
    units = {u.key: u for u in all_units(difference)}
    for key, entries in wanted.items():
        if key not in units:
            place, known = entries[0][1].place, ", ".join(sorted(units))
            raise MapError(f"{place}: no source file is called '{key}'; known: {known}")
        unit = StateUnit(difference, units[key], decisions, set())
        rows = [_row(out, kind, entry) for kind, entry in entries]
        out.units[key] = unit.around("\n".join(rows))
    if said.hooks or said.files:
        difference.stays = STAYS
    return out


def _row(out: HookTexts, kind: str, entry: Entry) -> str:
    digest = hashlib.sha256(f"{kind} {entry.name}".encode()).hexdigest()[:12]
    symbol = f"dsu_{kind}_{digest}"
    out.rows[kind].append(symbol)
    names, functions = [], []
    for f in _FUNCTIONS[kind]:
        code = entry.parts.get(f.part)
        names.append(f"{f.part}_{symbol}" if code else "0")
        if code:
            functions.append(f.text(names[-1], code))
    name = json.dumps(entry.place if kind == "hook" else entry.name)
    row = f"{_HIDDEN} const struct dsu_{kind} {symbol} = {{{name}, {', '.join(names)}}};"
    return "\n".join([*functions, row])


@dataclass(frozen=True)
class _Function:
    """What the code of one part becomes: `end` follows statements; an expression is returned."""

    part: str
    returns: str
    parameters: str
    end: str | None = None

    def text(self, name: str, code: Expression) -> str:
        body = f"{code.statements()}{self.end}"
        if self.end is None:
            body = code.marked(f"return ({code.text});")
        return f"static {self.returns} {name}({self.parameters})\n{{{body}}}"


# In the order of the structs' members.
_FUNCTIONS = {
    "hook": (
        _Function("prepare", "const char *", "void", "return 0;"),
        _Function("commit", "void", "void", ""),
        _Function("undo", "void", "void", ""),
    ),
    "file": (
        _Function("descriptor", "int", "void"),
        _Function("path", "const char *", "void"),
        _Function("rewrite", "const char *", "int from, int to", "return 0;"),
        _Function("position", "long", "long at"),
    ),
    "allocator": (
        _Function("block", "void *", "void *p, unsigned long *size"),
        _Function("allocate", "void *", "void *p, unsigned long size"),
        _Function("release", "void", "void *p", ""),
    ),
}
