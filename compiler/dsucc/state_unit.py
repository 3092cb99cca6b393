"""One unit in both versions: its variables whose types change or lead to such, as C text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from . import declare, tokens
from .convert import impossible
from .ctypes_table import is_arithmetic
from .describe import About, Describer, Shared
from .difference import Difference, Side, UnitDiff
from .facts import ENUMERATOR, TYPE, Variable
from .holders import Evidence
from .keys import keys_of
from .layouts import PREFIX, Layouts, Leads, has_pointers
from .mapfile import Decisions
from .pipeline import abi_expanded
from .program import Program
from .refusal import Refusal, place_of
from .scopes import without_inner_bound
from .state_text import exchanged, plain, rename, without_const, without_named_bodies
from .toplevel import Item, Kind, Unit
from .touched import definitions
from .typegraph import Pointer, Record, Type, TypeGraph, Unknown
from .typemap import TypeRules
from .usercode import place_in
from .valuetype import ValueTypes, is_temporary
from .variables import local_variables

_DROPPED = frozenset(("static", "inline", "__inline"))
_CALLED = re.compile(r"(?<![\w$.>])([A-Za-z_]\w*)\s*\(")
Moved = AbstractSet[tuple[str, str]]
WAS = "dsu$was$"
"""Stands in front of a symbol: what it means in the version that the patch applies to."""


@dataclass(frozen=True)
class Way:
    """Forward, or back: what a symbol of each version is called in the patch.

    `tag` keeps the symbols of both ways' tables apart.
    """

    old: str
    new: str
    tag: str = ""

    @property
    def back(self) -> bool:
        return bool(self.tag)


FORWARD, BACK = Way(WAS, ""), Way("", WAS, "back_")


@dataclass
class Part:
    """A unit's part in C, and the symbols of its tables; empty where it has none."""

    text: str = ""
    roots: str = ""
    locals: str = ""


@dataclass
class _Root:
    """A variable with static storage: `c` is its name in C, the same with the prefix in the old."""

    name: str
    symbol: str
    c: str
    old: Type
    new: Type | None  # None: it stays where it is
    old_text: str  # declarations
    new_text: str
    thread_local: bool = False
    constant: bool = False
    about: About | None = None
    kept: str = ""  # of a key: the type of its values, in C


class StateUnit:
    """One unit in both versions."""

    def __init__(
        self, out: Difference, diff: UnitDiff, decisions: Decisions, twice: set[str],
        moved: Moved = frozenset(), way: Way = FORWARD,
    ) -> None:  # fmt: skip
        assert diff.old is not None
        self.way = way
        self.moved = moved
        self.out, self.diff, self.decisions = out, diff, decisions
        self.old, self.new = diff.old, diff.new
        own = {n: f"{n} of {diff.key}" for n in twice}
        old_graph = TypeGraph(self.old.unit, own)
        new_graph = TypeGraph(self.new.unit, own | decisions.types.renames)
        touched = diff.touched.of_kind(TYPE, ENUMERATOR)
        self.layouts = Layouts(old_graph, new_graph, touched)
        self.old_values, self.new_values = ValueTypes(old_graph), ValueTypes(new_graph)
        self.evidence = Evidence(self)
        self.roots = [*self._roots(), *self._keys()]
        self.unread: list[Refusal] = []
        self.locals = dict(self._locals())
        self.suspected: list[Record] = []
        self.opened: dict[str, Record] = {}  # by name: what others only know to be there

    def changed_records(self) -> Iterator[tuple[str, Record]]:
        """Records that change or lead to such, by each type of pointer to them that has a name."""
        found = list(self._related_records())
        leads = Leads()
        for _, t in found:
            leads.add(t, self.layouts, TypeRules())
        leads.changed = {t.known_as for t in leads.kept if self._changes(t)}
        for record, link, _ in self.evidence.links:
            leads.edges[record.known_as].add(link.known_as)
        leads.settle()
        yield from ((pointer, t) for pointer, t in found if t.known_as in leads.leading)

    def _related_records(self) -> Iterator[tuple[str, Record]]:
        """The same of all whose declarations name what changes, or what names that, and so on."""
        graph = self.layouts.old
        related = self.evidence.related(self.layouts.touched)
        names = [n for n, (item, _) in graph.bodies.items() if not item.system]
        names += [n for n, item in self.old.unit.typedefs.items() if not item.system]
        for name in names:
            if name.rpartition(" ")[2] not in related:
                continue
            keyword, _, tag = name.rpartition(" ")
            if keyword == "enum":
                continue
            t = graph.record(keyword, tag) if keyword else graph.typedef(name)
            pointer = f"{name} *"
            if isinstance(t, Pointer):
                t, pointer = t.to, name
            if isinstance(t, Record) and t.spelled:
                yield pointer, t

    def _changes(self, t: Type) -> bool:
        if not isinstance(t, Record) or not t.complete:
            return False
        new = self.layouts.new.natural(t)
        return isinstance(new, Record) and new.complete and not self.layouts.same(t, new)

    def complete(self, known_as: str) -> Record | None:
        """The struct or union of that name, if this unit says what is in it."""
        keyword, _, tag = known_as.partition(" ")
        item, _ = self.layouts.old.bodies.get(known_as, (None, ""))
        if item is None or item.system or keyword == "enum":
            return None
        found = self.layouts.old.record(keyword, tag)
        return found if found.complete and found.known_as == known_as else None

    # -- variables ----------------------------------------------------------------------------

    def _roots(self) -> Iterator[_Root]:
        kept = definitions(self.new.unit)
        for name, v in definitions(self.old.unit).items():
            symbol = self.old.local_symbol(name, v.is_static)
            now = kept.get(name)
            if now is not None and now.is_static == v.is_static:
                yield from self._root(
                    symbol, name, (v.item, v.declarator), (now.item, now.declarator)
                )
        for function, item in self.old.unit.functions.items():
            if item.system or "static" not in item.text[item.body :]:
                continue
            if self.new.function(function) is None:
                continue
            after = local_variables(self.new, function)
            for symbol, (v, _) in local_variables(self.old, function).items():
                if symbol in after:
                    w = after[symbol][0]
                    c = re.sub(r"\W", "_", symbol)
                    yield from self._root(symbol, c, (v.item, v.declarator), (w.item, w.declarator))

    def _keys(self) -> Iterator[_Root]:
        """Variables that are no more than keys of what each thread keeps."""
        for rule, v in keys_of(self, self.decisions.keys):
            name, symbol = v.name, self.old.local_symbol(v.name, v.is_static)
            text = self._user_variable(v, name, symbol, self.out.old, old=True)
            to = self.layouts.old.of_text(f"{rule.holds} *", self.old.unit.items[0])
            kept = f"__typeof__({self.spelled(rule.holds)} *)"
            yield _Root(name, symbol, name, to, None, text, "", kept=kept)

    def _root(
        self, symbol: str, c: str, old: tuple[Item, declare.Declarator],
        new: tuple[Item, declare.Declarator],
    ) -> Iterator[_Root]:  # fmt: skip
        where = self.out.old.symbols.get(symbol)
        if where is None:
            return
        before, after = declare.read(old[0].text), declare.read(new[0].text)
        old_type = self.layouts.old.variable(old[0], old[1], before.specifiers)
        new_type = self.layouts.new.variable(new[0], new[1], after.specifiers)
        moved = symbol in self.diff.converted or (
            symbol in self.diff.replaced and not self.layouts.same(old_type, new_type)
        )
        replaced = moved and symbol not in self.diff.converted
        if replaced and any(isinstance(t, Unknown) for t in (old_type, new_type)):
            return  # what it held is given up, and nothing is known that could lead into it
        if not moved and (not where.writable or not has_pointers(old_type)):
            return
        size = self.out.new.symbols[symbol].size if symbol in self.out.new.symbols else 0
        yield _Root(
            old[1].name, symbol, c, old_type, new_type if moved else None,
            self._extern(before.specifiers, old[1], c, self.way.old + symbol, where.size, old=True),
            self._extern(after.specifiers, new[1], c, self.way.new + symbol, size, old=False)
            if moved else "",
            before.is_thread_local, symbol not in self.diff.converted,
            About(old[1].name, place_of(old[0]), place_of(new[0]), replaced),
        )  # fmt: skip

    def _extern(
        self, specifiers: str, d: declare.Declarator, c: str, symbol: str, size: int, old: bool
    ) -> str:
        """A declaration of the variable under the C name `c`."""
        bare = without_named_bodies(declare.without(specifiers, declare.STORAGE))
        text = re.sub(rf"(?<![\w$]){re.escape(d.name)}(?![\w$])", "dsu$name", d.text, count=1)
        plain = f"{bare} {text}"
        name = f"{PREFIX}{c}" if old else c
        if old:
            plain = self.spelled(plain)
        plain = without_const(plain).replace("dsu$name", name)
        out = f'extern {plain} __asm__("{symbol}");'
        if d.incomplete and size:
            out += f" extern __typeof__({name}[0]) {name}[{size} / sizeof({name}[0])];"
        return out

    def _locals(self) -> Iterator[tuple[str, list[tuple[str, str, Type, str, Type | None]]]]:
        """Function's key to its frame variables: name, old type in C and read, the new one's."""
        names = {was: name for name, was in self.diff.renamed.items()}
        for name in self.old.names():
            rows = _types_of(self.old, name)
            if not rows:
                continue
            item = self.old.unit.functions[name]
            called = names.get(name, name)
            rows = {k: self.old_values.plain(t, rows, item) for k, t in rows.items()}
            after = _types_of(self.new, called) if self.new.function(called) else {}
            found = []
            for variable, text in rows.items():
                differs = name in names or name in self.diff.changed
                now = after.get(variable, "") if differs else ""
                if now:
                    now = self.new_values.plain(now, after, self.new.unit.functions[called])
                if is_arithmetic(text) and now in ("", text):
                    continue
                text = without_inner_bound(text, self.old.unit)
                now = without_inner_bound(now, self.new.unit)
                old = self.layouts.old.of_text(text, item)
                new: Type | None = None
                if now:
                    new_item = self.new.unit.functions[called]
                    new = self.layouts.new.of_text(now, new_item)
                    new = new if self._becomes(old, new) else None
                if isinstance(old, Unknown) and not is_temporary(text):
                    self.unread.append(self._unread(name, variable, old))
                elif not isinstance(old, Unknown) and (new is not None or has_pointers(old)):
                    found.append((variable, self.spelled(text), old, without_const(now), new))
            if found:
                yield self.old.symbol(name), found

    def _unread(self, function: str, variable: str, type_: Unknown) -> Refusal:
        return Refusal(
            "variable-type", f"{function}: {variable}",
            f"its type cannot be read, so pointers in it cannot be found: {type_.known_as}",
            place_of(self.old.unit.functions[function]), None,
            "declare it in the old version without an expression for its type",
        )  # fmt: skip

    def _becomes(self, old: Type, new: Type) -> bool:
        """Is it another type, that the old value can be made one of?

        Where it cannot, no frame goes on with that name: see mapping.missing().
        """
        if self.layouts.same(old, new):
            return False
        return not impossible(self.layouts, self.decisions.types, old, new, back=self.way.back)

    # -- text ---------------------------------------------------------------------------------

    def spelled(self, text: str) -> str:
        """Old text with the prefix in front of the old version's own names."""
        return rename(text, self.layouts.old.own_names, self.layouts.old.own_tags)

    def declarations(self) -> list[str]:
        """Both versions' types, the old ones under the prefix."""
        old = self._declarations(self.old.unit, old=True)
        return [*self._system(), *old, *self._declarations(self.new.unit, old=False)]

    def with_declarations(self, text: str) -> list[str]:
        """Code of the user's, or with such, behind declarations of all that it names."""
        code = self.decisions.code.front_of(text)
        if self.way.back:
            code = exchanged(code, self.layouts.old)
        both = f"{code}\n{text}"
        declared = [*self.user_variables(tokens.words(both)), *self.user_functions(both)]
        return [*declared, code, text]

    def user_variables(self, words: set[str]) -> Iterator[str]:
        """Declarations of the variables that the user's C text names, in both versions."""
        declared = {r.c for r in self.roots}
        for name, v in definitions(self.new.unit).items():
            symbol = self.new.local_symbol(name, v.is_static)
            if name in words and name not in declared:
                yield self._user_variable(v, name, symbol, self.out.new, old=False)
        for name, v in definitions(self.old.unit).items():
            symbol = self.old.local_symbol(name, v.is_static)
            if PREFIX + name in words and name not in declared:
                yield self._user_variable(v, name, symbol, self.out.old, old=True)

    def user_functions(self, text: str) -> Iterator[str]:
        """Declarations of the program's own functions that it calls; bad ones are noted."""
        called = {m[1]: m.start() for m in _CALLED.finditer(text)}
        for name in [n for n in self.old.names() if n in called.keys() - self.decisions.code.names]:
            item, symbol = self.old.unit.functions[name], self.old.symbol(name)
            why = ""
            if self.old.digest(name):
                why = "which may reach an update point in the middle of an update"
            elif not self.out.old.defines(symbol):
                remedy = "build the old program with __attribute__((used, noinline)) on it"
                why = f"of which gcc has left no code: {remedy}"
            if why:
                said = (
                    f"{place_in(text, called[name])}: this calls '{name}' ({place_of(item)}), {why}"
                )
                self.decisions.wrong.append(said)
            plain = declare.without(item.text[: item.body], _DROPPED)
            yield f'{self.spelled(plain.strip())} __asm__("{symbol}");'

    def _user_variable(
        self, v: Variable, name: str, symbol: str, program: Program, old: bool
    ) -> str:  # fmt: skip
        size = program.symbols[symbol].size if symbol in program.symbols else 0
        specifiers = declare.read(v.item.text).specifiers
        symbol = (self.way.old if old else self.way.new) + symbol
        return self._extern(specifiers, v.declarator, name, symbol, size, old)

    def text(self, shared: Shared) -> Part:
        describer = Describer(self.layouts, shared, self.spelled)
        roots = [self._root_row(r, describer) for r in self.roots]
        tables, rows = self._local_rows(describer)
        opened = [r for name, r in self.opened.items() if name in shared.leads.leading]
        for record in [*self.suspected, *opened]:
            describer.symbol(record, describer.c_old(record, ""))
        if not roots and not rows and not self.suspected and not opened:
            return Part()
        descriptions = describer.finish()
        key = re.sub(r"\W", "_", self.diff.key)
        out = [abi_expanded(), *self.declarations()]
        for r in self.roots:
            out += [r.old_text, r.new_text]
            if r.thread_local:
                out.append(f"static void *at_{r.c}(void) {{ return &{PREFIX}{r.c}; }}")
                if r.new is not None:
                    out.append(f"static void *to_{r.c}(void) {{ return &{r.c}; }}")
        part = Part()
        out += self.with_declarations(descriptions)
        hidden = '__attribute__((visibility("hidden")))'
        if roots:
            part.roots = f"dsu_{self.way.tag}roots_{key}"
            out.append(
                f"{hidden} const struct dsu_root {part.roots}[] = {{{', '.join(roots)}, {{0}}}};"
            )
        if rows:
            part.locals = f"dsu_{self.way.tag}locals_{key}"
            out += tables
            out.append(
                f"{hidden} const struct dsu_locals {part.locals}[] = {{{', '.join(rows)}, {{0}}}};"
            )
        part.text = "\n".join(out) + "\n"
        return part

    def around(self, code: str) -> str:
        """A text by itself for code of the user's."""
        out = [abi_expanded(), *self.declarations()]
        for r in self.roots:
            out += [r.old_text, r.new_text]
        return "\n".join([*out, *self.with_declarations(code)]) + "\n"

    def _root_row(self, r: _Root, describer: Describer) -> str:
        if r.kept:
            symbol = describer.symbol(r.old, r.kept)
            return f"{{{json.dumps(r.name)}, (void *)&{PREFIX}{r.c}, 0, 0, 0, {symbol}, DSU_KEY}}"
        c_old = f"__typeof__({PREFIX}{r.c})"
        if r.new is None:
            links = describer.shared.links.leading("", r.name)
            said = self.decisions.pointees.of(r.name)
            if links:
                symbol, to = describer.linked(r.old, c_old, links), "0, 0"
            elif said:
                symbol, to = describer.told(r.old, c_old, said), "0, 0"
            else:
                symbol, to = describer.symbol(r.old, c_old), "0, 0"
        else:
            symbol = describer.symbol(r.old, c_old, r.new, f"__typeof__({r.c})", r.about)
            to = f"0, to_{r.c}" if r.thread_local else f"(void *)&{r.c}, 0"
        at = f"0, at_{r.c}" if r.thread_local else f"(void *)&{PREFIX}{r.c}, 0"
        flags = "DSU_CONSTANT" if r.constant else "0"
        # On the way back it is the patch's, where only what that has brought is not described.
        if not self.way.back and self.out.old.is_followed(r.symbol):
            flags += " | DSU_FOLLOWED"
        return f"{{{json.dumps(r.name)}, {at}, {to}, {symbol}, {flags}}}"

    def _local_rows(self, describer: Describer) -> tuple[list[str], list[str]]:
        tables, rows = [], []
        for i, (key, found) in enumerate(self.locals.items()):
            entries = []
            for variable, c_old, old, c_new, new in found:
                c = describer.c_old(old, f"__typeof__({c_old})")
                function = key.rpartition("$")[2]
                links = describer.shared.links.leading("", f"{function}.{variable}")
                said = self.decisions.pointees.of(f"{function}.{variable}")
                if new is None:
                    symbol = (
                        describer.linked(old, c, links) if links
                        else describer.told(old, c, said) if said
                        else describer.symbol(old, c)
                    )  # fmt: skip
                    moved = symbol
                else:
                    moved = describer.symbol(old, c) if (key, variable) in self.moved else "0"
                    symbol = describer.symbol(old, c, new, f"__typeof__({c_new})")
                entries.append(f"{{{json.dumps(variable)}, {symbol}, {moved}}}")
            tables.append(f"static const struct dsu_local l{i}[] = {{{', '.join(entries)}}};")
            rows.append(f"{{{json.dumps(key)}, {len(entries)}, l{i}}}")
        return tables, rows

    def _system(self) -> Iterator[str]:
        """System headers, those of both versions."""
        seen = set()
        for unit in (self.new.unit, self.old.unit):
            for item in unit.items:
                if item.system and item.text not in seen:
                    seen.add(item.text)
                    yield item.text

    def _declarations(self, unit: Unit, old: bool) -> Iterator[str]:
        """Types and the names of constants."""
        for item in unit.items:
            if item.system or item.kind not in (Kind.DECLARATION, Kind.TYPEDEF):
                continue
            text = plain(item)
            if text:
                yield f"{self.spelled(text) if old else text}\n"


def _types_of(side: Side, name: str) -> dict[str, str]:
    found = side.rows.get(name, {}).get("variables", {})
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
