"""C text that describes types to the runtime: sizes, where pointers are, how objects convert.

Each description is defined in one unit's text and hidden in the patch; the others refer to it by a
symbol made of the type's name. See `struct dsu_type` in dsu_abi.h.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from .convert import Converter, Unconvertible, endless, impossible, tail_of
from .layouts import Layouts, Leads, has_link, has_pointers
from .links import Links
from .refusal import Place, Refusal
from .state_text import exchanged
from .transformers import Fate, fates
from .typegraph import Array, Enum, Member, Pointer, Record, Scalar, Type
from .typemap import NOTHING, Expression, TypeRule, TypeRules

_REMEDY = "say how in a mapping file: types: {{{name}: {{fields: {{NEW: OLD or a C expression}}}}}}"
_WHEN = "say when in a mapping file: types: {{{name}: {{when: {{{path}: EXPRESSION OVER old}}}}}}"


@dataclass
class Shared:
    """Of all units: what has been defined already, what leads where, what cannot be converted."""

    leads: Leads
    rules: TypeRules
    links: Links
    tag: str = ""  # of the way; empty: forward
    defined: set[str] = field(default_factory=set)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    fates: dict[str, list[Fate]] = field(default_factory=dict)  # by type, for the report


@dataclass
class _Wanted:
    key: str
    old: Type
    c_old: str
    new: Type | None
    c_new: str
    about: About | None = None
    walked: bool = True  # its pointers are not those of what it lies in


@dataclass(frozen=True)
class _Spot:
    """A member that may hold pointers: `path` from the object of type `c`; all of it if empty."""

    type: Type
    c: str
    path: str
    owner: Record | None = None
    is_tail: bool = False
    union: Record | None = None

    @property
    def whole(self) -> str:
        return f"(({self.c} *)0)->{self.path}" if self.path else f"(*({self.c} *)0)"

    @property
    def offset(self) -> str:
        return f"__builtin_offsetof({self.c}, {self.path})" if self.path else "0"


@dataclass(frozen=True)
class About:
    """A variable whose own type changes, for refusals."""

    name: str
    old: Place | None
    new: Place | None
    replaced: bool = False  # the new version's initial value is what it gets: nothing is converted


class Describer:
    """Of one unit. `spell` gives an old name its prefix."""

    def __init__(self, layouts: Layouts, shared: Shared, spell: Callable[[str], str]) -> None:
        self.layouts, self.shared, self.spell = layouts, shared, spell
        self.declared: set[str] = set()
        self.functions: dict[str, _Wanted] = {}
        self.todo: list[_Wanted] = []
        self.front: list[str] = []
        self.out: list[str] = []

    # -- what types are called ----------------------------------------------------------------

    def c_old(self, t: Type, path: str) -> str:
        """How an old type is written; `path` is used where it has no name."""
        return self.spell(t.spelled) if isinstance(t, Record) and t.spelled else path

    def changed(self, old: Type) -> Type | None:
        """What an object of this type becomes by itself, if that is another type."""
        new = self.layouts.new.natural(old)
        if isinstance(old, Record) and (old.system or not old.complete):
            return None
        if new is None or (isinstance(new, Record) and not new.complete):
            return None
        return None if self.layouts.same(old, new) else new

    def is_leaf(self, t: Type) -> bool:
        """Has it no pointers, has not changed, and can what it lies in not be meant?"""
        links = self.shared.leads.links
        meant = t.known_as in links or has_link(t, links)
        return not meant and not has_pointers(t) and self.changed(t) is None

    # -- references ---------------------------------------------------------------------------

    def symbol(
        self, old: Type, c_old: str, new: Type | None = None, c_new: str = "",
        about: About | None = None,
    ) -> str:  # fmt: skip
        """The C name of a description, which will be there; of a variable's own conversion."""
        itself = self.layouts.new.natural(old)
        natural = new is None or new is itself
        natural |= itself is not None and new is not None and itself.known_as == new.known_as
        if natural:
            new = self.changed(old)
            c_new = self.c_new(new)
        key = old.known_as if natural else f"{old.known_as} to {new.known_as if new else ''}"
        return self.want(_Wanted(key, old, c_old, new, c_new, about))

    def c_new(self, new: Type | None, path: str = "") -> str:
        """How a new type is written; `path` is used where there is one and the type has no name."""
        if new is None:
            return ""
        if isinstance(new, Record) and new.spelled:
            return new.spelled
        if path:
            return path
        if isinstance(new, Array):
            return f"__typeof__({self.c_new(new.of)}[{new.bound or 0}])"
        if isinstance(new, Pointer):
            return f"__typeof__({self.c_new(new.to)} *)"
        return new.known_as

    def want(self, wanted: _Wanted) -> str:
        name = _name("t", wanted.key)
        if name in self.declared:
            return f"&{name}"
        self.declared.add(name)
        complete = not isinstance(wanted.old, Record) or wanted.old.complete
        ours = complete and wanted.key not in self.shared.defined
        if ours:
            self.shared.defined.add(wanted.key)
            self.todo.append(wanted)
        weak = "" if ours else "weak, "
        symbol = type_symbol(wanted.key, self.shared.tag)
        self.front.append(
            f'extern const struct dsu_type {name} __asm__("{symbol}") '
            f'__attribute__(({weak}visibility("hidden")));'
        )
        return f"&{name}"

    def pointee(self, t: Type, path: str) -> str:
        """The description of what a pointer points to; 0 for what need not be followed."""
        if isinstance(t, Record) and not t.system and not t.complete:
            return self.symbol(t, "")
        if self.is_leaf(t):
            return "0"
        return self.symbol(t, self.c_old(t, path))

    # -- definitions --------------------------------------------------------------------------

    def finish(self) -> str:
        """All descriptions that have been asked for, and those that they ask for."""
        while self.todo:
            self.define(self.todo.pop())
        return "\n".join([*self.front, *self.out]) + "\n"

    def define(self, w: _Wanted) -> None:
        name = _name("t", w.key)
        parts = list(self.parts(w.old, w.c_old, new_layout=False)) if w.walked else []
        to, convert, moves = "0", "0", []
        if w.new is not None:
            to = self.new_layout(w.new, w.c_new, f"{w.key} anew")
        if w.new is not None and not self.is_replaced(w, w.new):
            if w.walked:
                convert = self.function(w.key, w.old, w.c_old, w.new, w.c_new, w.about)
            moves = list(self.moves(w.old, w.c_old, w.new, w.c_new))
        leads = w.new is not None or w.old.known_as in self.shared.leads.leading
        flags = "DSU_LEADS" if leads else "0"
        flags += " | DSU_SYSTEM" if isinstance(w.old, Record) and w.old.system else ""
        if leads and w.old.known_as in self.shared.leads.links:
            flags += " | DSU_LINK"
        if w.new is not None and (ends := self.only_ends(w, w.new)):
            flags += f" | ({ends} ? DSU_ENDS : 0u)"
        rest = f"{flags}, {self.tables(name, parts, moves)}, {to}, {convert}, {self.kinds(w)}"
        self.out.append(f"const {_head(name, w.old, w.c_old)}, {rest}}};")

    def only_ends(self, w: _Wanted, new: Type) -> str:
        """In C, whether one version is the beginning of the other; empty: not by its members.

        Nothing of the longer one's end may lie where the shorter one has padding, which may be
        written to. And it leads to nothing that changes, since nobody looks what it leads to.
        """
        old, leads = w.old, self.shared.leads
        if (
            not (isinstance(old, Record) and isinstance(new, Record))
            or old.is_union
            or new.is_union
        ):
            return ""
        rule = self.shared.rules.of(old.known_as)
        said = rule.fields or rule.transform or rule.when or rule.kinds or rule.points
        tails = tail_of(old) or tail_of(new)
        (shorter, c_short), (longer, c_long) = sorted(
            ((old, w.c_old), (new, w.c_new)), key=lambda one: len(one[0].members)
        )
        n = len(shorter.members)
        if said or tails or not n or n == len(longer.members) or old.attributes != new.attributes:
            return ""
        first = longer.members[n]
        if (
            first.bits
            or not first.name
            or any(m.type.known_as in leads.leading for m in longer.members)
        ):
            return ""
        both = zip(old.members[:n], new.members[:n], strict=True)
        if not all(self.layouts.same_member(x, y) for x, y in both):
            return ""
        return f"__builtin_offsetof({c_long}, {first.name}) >= sizeof({c_short})"

    def is_replaced(self, w: _Wanted, new: Type) -> bool:
        """Is it a variable's own type alone, of which nothing can be carried over, nor need be?"""
        replaced = w.about is not None and w.about.replaced
        return replaced and bool(impossible(self.layouts, self.shared.rules, w.old, new))

    def kinds(self, w: _Wanted) -> str:
        """The table of the types that begin with it, and how they are told apart; 0 for none."""
        rows = []
        for text, code in self.shared.rules.of(w.old.known_as).kinds.items():
            kind = self.layouts.old.named(text)
            if kind is not None:
                symbol = self.symbol(kind, self.c_old(kind, self.spell(text)))
                rows.append(f"{{{symbol}, {self.predicate(w.c_old, text, code)}}}")
        if not rows:
            return "0"
        name = _name("i", w.key)
        self.out.append(f"static const struct dsu_kind {name}[] = {{{', '.join(rows)}, {{0}}}};")
        return name

    def new_layout(self, new: Type, c_new: str, key: str) -> str:
        """Where the pointers of a new object are: for redirecting them, not for following."""
        name = _name("t", key)
        if name not in self.declared:
            self.declared.add(name)
            self.front.append(f"static const struct dsu_type {name};")
            parts = list(self.parts(new, c_new, new_layout=True))
            rest = f"0, {self.tables(name, parts, [])}, 0, 0"
            self.out.append(f"static const {_head(name, new, c_new)}, {rest}}};")
        return f"&{name}"

    def tables(self, name: str, parts: list[str], moves: list[str]) -> str:
        """Defines the parts and moves of a description; gives its four members about them."""
        p, m = _name("p", name), _name("m", name)
        self.out += [
            f"static const struct dsu_part {p}[] = {{{', '.join(parts) or '{0}'}}};",
            f"static const struct dsu_move {m}[] = {{{', '.join(moves) or '{0}'}}};",
        ]
        return f"{len(parts)}, {len(moves)}, {p}, {m}"

    # -- where pointers are -------------------------------------------------------------------

    def parts(self, t: Type, c: str, new_layout: bool) -> Iterator[str]:
        """The rows of a type's table of parts."""
        if not isinstance(t, Record):
            yield from self.part(_Spot(t, c, ""), new_layout)
            return
        tail = tail_of(t)
        for path, m, union in flat_paths(t):
            spot = _Spot(m.type, c, path, t, m is tail, union)
            yield from self.part(spot, new_layout)

    def part(self, spot: _Spot, new_layout: bool) -> Iterator[str]:
        expr, inner = spot.whole, spot.type
        while isinstance(inner, Array):
            inner, expr = inner.of, f"{expr}[0]"
        kind, target, of, when = "", "0", "0", "0"
        if isinstance(inner, Pointer) and has_pointers(inner):
            kind, of = "DSU_POINTER", _leaf(inner.to)
            if self.rule(spot).points.get(spot.path) == NOTHING:
                of = json.dumps(NOTHING)  # no `void *`, which may lead to anything
            if not new_layout:
                target, when = self.target(spot, inner, expr)
        elif (
            isinstance(inner, Record) and not inner.closed and (inner is not spot.type or spot.path)
        ):
            named = self.c_inner(inner, expr, new_layout)
            if new_layout and has_pointers(inner):
                kind = "DSU_INSIDE"
                target = self.new_layout(inner, named, f"{inner.known_as} within anew")
            elif not new_layout and not self.is_leaf(inner):
                kind, target = "DSU_INSIDE", self.symbol(inner, named)
        if spot.is_tail:
            kind = f"{kind or 'DSU_BYTES'} | DSU_TAIL"
        if kind:
            count = "0" if spot.is_tail else f"sizeof({spot.whole}) / sizeof({expr})"
            name = json.dumps(spot.path or "it")
            at = f"{spot.offset}, {count}, sizeof({expr})"
            links = "0" if new_layout else self.links_of(spot)
            yield f"{{{kind}, {at}, {target}, {name}, {of}, {when}, {links}}}"

    def links_of(self, spot: _Spot) -> str:
        """What the mapping file says that the links in a member lead to."""
        owner = spot.owner.known_as if spot.owner is not None else ""
        return self.links_table(self.shared.links.leading(owner, spot.path))

    def links_table(self, types: Iterable[str]) -> str:
        """A table of descriptions of types by name; 0 for none."""
        found = (self.layouts.old.named(name) for name in types)
        symbols = [self.symbol(t, self.c_old(t, "")) for t in found if t is not None]
        if not symbols:
            return "0"
        name = _name("k", " ".join(symbols))
        if name not in self.declared:
            self.declared.add(name)
            table = ", ".join([*symbols, "0"])
            self.front.append(f"static const struct dsu_type *const {name}[] = {{{table}}};")
        return name

    def linked(self, t: Type, c: str, types: Iterable[str]) -> str:
        """The description of one variable whose links lead to these types alone."""
        inner, expr = t, f"(*({c} *)0)"
        while isinstance(inner, Array):
            inner, expr = inner.of, f"{expr}[0]"
        links = self.links_table(types)
        kind, of, to = "DSU_INSIDE", inner, f"__typeof__({expr})"
        if isinstance(inner, Pointer):
            kind, of, to = "DSU_POINTER", inner.to, f"__typeof__(*{expr})"
        row = f'{_all_of(c, expr, kind)}, {self.pointee(of, to)}, "it", {_leaf(of)}, 0, {links}}}'
        return self.variable(t, c, row)

    def told(self, t: Type, c: str, said: str) -> str:
        """The description of one variable whose pointers lead to what the mapping file says."""
        inner, expr = t, f"(*({c} *)0)"
        while isinstance(inner, Array):
            inner, expr = inner.of, f"{expr}[0]"
        to, of = "0", json.dumps(NOTHING)
        if said != NOTHING and isinstance(inner, Pointer):
            of = _leaf(inner.to)
            found = self.layouts.old.of_text(said, self.layouts.old.unit.items[0])
            to = self.pointee(found, f"__typeof__({self.spell(said)})")
        return self.variable(t, c, f'{_all_of(c, expr, "DSU_POINTER")}, {to}, "it", {of}, 0, 0}}')

    def variable(self, t: Type, c: str, row: str) -> str:
        """The description of one variable, all of which is this part."""
        name = _name("v", f"{c} {row}")
        if name not in self.declared:
            self.declared.add(name)
            rest = f"DSU_LEADS, {self.tables(name, [row], [])}, 0, 0"
            self.out.append(f"static const {_head(name, t, c)}, {rest}}};")
        return f"&{name}"

    def rule(self, spot: _Spot) -> TypeRule:
        """What the mapping file says of the type that a member belongs to."""
        return self.shared.rules.of(spot.owner.known_as) if spot.owner is not None else TypeRule()

    def target(self, spot: _Spot, pointer: Pointer, expr: str) -> tuple[str, str]:
        """What a pointer leads to, and the function that says when."""
        rule = self.rule(spot)
        said = rule.points.get(spot.path, "")
        if said == NOTHING:
            return "0", "0"
        path = f"__typeof__(*{expr})"
        to = pointer.to
        if said and isinstance(spot.owner, Record) and spot.owner.place is not None:
            to = self.layouts.old.of_text(said, self.layouts.old.unit.items[0])
            path = f"__typeof__({self.spell(said)})"
        condition = rule.when.get(spot.path)
        if condition is not None:
            return self.pointee(to, path), self.predicate(spot.c, spot.path, condition)
        if spot.union is not None and not said:
            self.check_union(pointer, spot)
            return "0", "0"
        return self.pointee(to, path), "0"

    def predicate(self, c: str, what: str, code: Expression) -> str:
        """A function that says whether an object, of the type `c` in C, has or is that."""
        name = _name("w", f"{c} {what}")
        self.front.append(f"static int {name}(const void *object);")
        said = exchanged(code.text, self.layouts.old) if code.back else code.text
        text = code.marked(f"return !!({said});")
        given = "new" if code.back else "old"
        self.out.append(
            f"static int {name}(const void *object)\n{{ {c} *{given} = (void *)object;{text}}}"
        )
        return name

    def check_union(self, pointer: Pointer, spot: _Spot) -> None:
        """What a union's pointer leads to is not known to be what it points to."""
        if pointer.to.known_as in self.shared.leads.leading and spot.owner is not None:
            name, path = spot.owner.known_as, spot.path
            why = f"'{path}' is in a union and leads to '{pointer.to.known_as}', which changed"
            remedy = _WHEN.format(name=name, path=path)
            now = self.layouts.new.natural(spot.owner)
            place = now.place if isinstance(now, Record) else None
            refusal = Refusal("union", name, why, spot.owner.place, place, remedy)
            self.shared.refusals.setdefault(f"{name}.{path}", refusal)

    def c_inner(self, t: Record, expr: str, new_layout: bool) -> str:
        if t.spelled:
            return t.spelled if new_layout else self.spell(t.spelled)
        return f"__typeof__({expr})"

    # -- where bytes go -----------------------------------------------------------------------

    def moves(self, old: Type, c_old: str, new: Type, c_new: str) -> Iterator[str]:
        if isinstance(old, Array) and isinstance(new, Array):
            ends = f"(*({c_old} *)0)[0]", f"(*({c_new} *)0)[0]"
            element = self.element_move(old.of, ends[0], new.of, ends[1])
            yield f"{{0, sizeof({c_old}), 0, {element}, {_leaf(old)}}}"
        if not isinstance(old, Record) or not isinstance(new, Record):
            return
        before = {m.name: (path, m) for path, m, _ in named_paths(old)}
        for path, m, _ in named_paths(new):
            rule = self.shared.rules.of(new.known_as).fields.get(m.name)
            was_path, was = before.get(rule.text if rule else m.name, ("", m))
            if not was_path or m.bits or was.bits:
                continue
            whole, now = f"(({c_old} *)0)->{was_path}", f"(({c_new} *)0)->{path}"
            of, element = was.type, "0"
            if isinstance(of, Array) and isinstance(m.type, Array):
                element = self.element_move(of.of, f"{whole}[0]", m.type.of, f"{now}[0]")
            elif not self.layouts.same(was.type, m.type) and isinstance(of, Record) and of.is_union:
                element = self.union_move(of, whole, m.type, now)
            elif not self.layouts.same(was.type, m.type) and isinstance(was.type, Record):
                element = self.element_move(was.type, whole, m.type, now)
            size = "1u << 30" if endless(of) else f"sizeof({whole})"
            yield (
                f"{{__builtin_offsetof({c_old}, {was_path}), {size}, "
                f"__builtin_offsetof({c_new}, {path}), {element}, {_leaf(of)}}}"
            )
            for inner, t in beginnings(was.type) if element == "0" else ():
                yield (
                    f"{{__builtin_offsetof({c_old}, {was_path}{inner}), sizeof({whole}{inner}), "
                    f"__builtin_offsetof({c_new}, {path}), 0, {_leaf(t)}}}"
                )

    def union_move(self, old: Record, expr: str, new: Type, now: str) -> str:
        """The same of a member that is a union: what it lies in has described its pointers."""
        c_old = self.c_old(old, f"__typeof__({expr})")
        c_new = self.c_new(new, f"__typeof__({now})")
        key = f"{old.known_as} to {new.known_as} within"
        return self.want(_Wanted(key, old, c_old, new, c_new, walked=False))

    def element_move(self, old: Type, expr: str, new: Type, now: str) -> str:
        """The description of elements that change themselves; 0 for those that do not."""
        if self.layouts.same(old, new):
            return "0"
        if isinstance(old, (Record, Array)) and self.changed(old) is not None:
            return self.symbol(old, self.c_old(old, f"__typeof__({expr})"))
        return self.symbol(old, f"__typeof__({expr})", new, self.c_new(new, f"__typeof__({now})"))

    # -- conversion ---------------------------------------------------------------------------

    def call(self, old: Record, c_old: str, new: Record, c_new: str) -> str:
        return self.function(f"{old.known_as} to {new.known_as}", old, c_old, new, c_new)

    def function(
        self, key: str, old: Type, c_old: str, new: Type, c_new: str, about: About | None = None
    ) -> str:
        """A function that converts one object."""
        if isinstance(old, Record) and isinstance(new, Record):
            key = f"{old.known_as} to {new.known_as}"
            c_old, c_new = self.c_old(old, c_old), self.c_new(new, c_new)
        name = _name("c", key)
        if name in self.functions:
            return name
        self.functions[name] = _Wanted(key, old, c_old, new, c_new)
        head = f"static const char *{name}(const void *from, void *to, unsigned long size)"
        self.front.append(f"{head};")
        told = fates(old, new, self.layouts, self.shared.rules)
        self.shared.fates.setdefault(new.known_as, told)
        back = bool(self.shared.tag)
        writer = Converter(self.layouts, self.shared.rules, self.call, c_old, c_new, back)
        try:
            if isinstance(old, Record) and isinstance(new, Record):
                writer.record(old, new)
            else:
                writer.value("(*old)", "(*new)", old, new)
        except Unconvertible as why:
            writer.refused.append(str(why))
        for reason in writer.refused:
            self.refuse(old, new, reason, about)
        body = "\n".join(writer.lines)
        self.out.append(
            f"{head}\n{{ {c_old} *old = (void *)from; {c_new} *new = to; const char *why;\n"
            f"(void)old; (void)new; (void)why; (void)size;\n{body}\nreturn 0; }}"
        )
        return name

    def refuse(self, old: Type, new: Type, why: str, about: About | None) -> None:
        places = [t.place if isinstance(t, (Record, Enum)) else None for t in (old, new)]
        remedy = _REMEDY.format(name=json.dumps(new.known_as)) if isinstance(new, Record) else ""
        name = new.known_as
        if about is not None and not isinstance(new, Record):
            name, places = about.name, [about.old, about.new]
            remedy = f"globals: {{{name}: replace}} gives it its new initial value"
        self.shared.refusals.setdefault(
            f"{name}: {why}", Refusal("type", name, why, places[0], places[1], remedy)
        )


def type_symbol(key: str, tag: str) -> str:
    """The symbol of a type's description; the key is the type's name where it is not a pair's."""
    return f"dsu$type${tag}{_name('t', key)}"


def named_paths(t: Record) -> Iterator[tuple[str, Member, bool]]:
    """All members that can be named from the record itself, and whether a union has them."""
    for m in t.members:
        if m.name:
            yield m.name, m, t.is_union
        elif isinstance(m.type, Record):
            for path, inner, in_union in named_paths(m.type):
                yield path, inner, in_union or t.is_union


def beginnings(t: Type, path: str = "") -> Iterator[tuple[str, Type]]:
    """What a member that stays as it is begins with: a pointer there may be to that."""
    while isinstance(t, Array) and not endless(t):
        t, path = t.of, f"{path}[0]"
    if isinstance(t, Record) and not t.closed:
        for m in t.members if t.is_union else t.members[:1]:
            if m.name and not m.bits:
                yield f"{path}.{m.name}", m.type
            if not m.bits:
                yield from beginnings(m.type, f"{path}.{m.name}" if m.name else path)


def flat_paths(
    t: Record, union: Record | None = None
) -> Iterator[tuple[str, Member, Record | None]]:
    """The same with the members of unions, `u.item`, and the outermost union around each."""
    union = union or (t if t.is_union else None)
    for m in t.members:
        inner = m.type
        if isinstance(inner, Record) and not inner.closed and (not m.name or inner.is_union):
            for path, found, around in flat_paths(inner, union):
                yield f"{m.name}.{path}" if m.name else path, found, around
        elif m.name:
            yield m.name, m, union


def _head(name: str, t: Type, c: str) -> str:
    return f"struct dsu_type {name} = {{{json.dumps(t.known_as)}, sizeof({c})"


def _all_of(c: str, expr: str, kind: str) -> str:
    """How the row of a part begins that is all of an object."""
    return f"{{{kind}, 0, sizeof({c}) / sizeof({expr}), sizeof({expr})"


def _leaf(t: Type) -> str:
    while isinstance(t, Array):
        t = t.of
    return json.dumps(t.words if isinstance(t, Scalar) else t.known_as)


def _name(prefix: str, key: str) -> str:
    return f"{prefix}_{hashlib.sha256(key.encode()).hexdigest()[:12]}"
