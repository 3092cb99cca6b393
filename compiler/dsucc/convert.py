"""C text that turns one object of an old type into one of a new type, field by field by name.

The old version's names have a prefix (`struct old$session`), so that both versions stand in one
translation unit and the C compiler knows all sizes, offsets and conversions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from .layouts import Layouts, has_address
from .state_text import exchanged
from .typegraph import Array, Enum, Member, Pointer, Record, Scalar, Type, Unknown
from .typemap import NOTHING, Expression, TypeRules

_BOOL = ("_Bool", "bool")


class Unconvertible(Exception):
    """An old value cannot become a new one without the user's word; the text says why."""


@dataclass
class Converter:
    """Writes the statements of one conversion function.

    `call` gives the name of the function that converts between two records.
    """

    layouts: Layouts
    rules: TypeRules
    call: Callable[[Record, str, Record, str], str]
    c_old: str = ""
    c_new: str = ""
    back: bool = False  # the object gets a type that it has had: what is lost was an address
    lines: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    loops: int = 0

    def say(self, line: str) -> None:
        self.lines.append(line)

    def value(self, o: str, n: str, old: Type, new: Type, bits: bool = False) -> None:
        """`n` gets what `o` holds. Raises Unconvertible."""
        if self.layouts.same(old, new) and not bits:
            self.say(f"__builtin_memcpy((void *)&{n}, (const void *)&{o}, sizeof({n}));")
        elif isinstance(old, Array) and isinstance(new, Array):
            self.elements(o, n, old, new)
        elif isinstance(old, Record) and isinstance(new, Record):
            self.structured(o, n, old, new)
        elif isinstance(old, Pointer) and isinstance(new, Pointer):
            self.pointer(o, n, old, new)
        elif isinstance(old, Enum) and isinstance(new, Enum):
            self.enumeration(o, n, old, new)
        elif isinstance(old, (Scalar, Enum)) and isinstance(new, (Scalar, Enum)):
            self.number(o, n, new)
        elif isinstance(old, Unknown) or isinstance(new, Unknown):
            raise Unconvertible(f"its type cannot be read: {old.known_as}")
        else:
            raise Unconvertible(f"'{old.known_as}' does not become '{new.known_as}' by itself")

    def number(self, o: str, n: str, new: Type) -> None:
        if getattr(new, "words", "") in _BOOL:
            self.say(f"{n} = {o} != 0;")
            return
        self.say(f"{n} = {o};")
        self.say(f'if ({n} != {o} || ({n} < 0) != ({o} < 0)) return "a value does not fit";')

    def enumeration(self, o: str, n: str, old: Enum, new: Enum) -> None:
        """By name; a value that has no name is kept."""
        prefix = self.layouts.old_name
        branches = [
            f"if ({o} == {prefix(name)}) {n} = {name};" for name in old.names if name in new.names
        ]
        branches += [
            f'if ({o} == {prefix(name)}) return "{name} is no longer an enumerator";'
            for name in old.names
            if name not in new.names
        ]
        fits = f'if (+{n} != +{o}) return "a value does not fit";'
        self.say(" else ".join([*branches, f"{{ {n} = +{o}; {fits} }}"]))

    def pointer(self, o: str, n: str, old: Pointer, new: Pointer) -> None:
        if not self.layouts.point_alike(old.to, new.to):
            raise Unconvertible(
                f"it points to '{old.to.known_as}' in the old version, "
                f"to '{new.to.known_as}' in the new one"
            )
        self.say(f"__builtin_memcpy((void *)&{n}, (const void *)&{o}, sizeof(void *));")

    def elements(self, o: str, n: str, old: Array, new: Array) -> None:
        if self.back and old.bound != new.bound and has_address(new.of):
            raise Unconvertible("an array of addresses had other bounds")
        self.loops += 1
        i = f"i{self.loops}"
        self.say(
            f"for (unsigned long {i} = 0; {i} < sizeof({o}) / sizeof({o}[0]) && "
            f"{i} < sizeof({n}) / sizeof({n}[0]); {i}++) {{"
        )
        self.value(f"{o}[{i}]", f"{n}[{i}]", old.of, new.of)
        self.say("}")

    def structured(self, o: str, n: str, old: Record, new: Record) -> None:
        if old.is_union != new.is_union:
            raise Unconvertible("it is a union in one version and a struct in the other")
        before, after = anywhere(o, "old", self.c_old), anywhere(n, "new", self.c_new)
        function = self.call(old, before, new, after)
        self.say(f"why = {function}(&{o}, &{n}, sizeof({o})); if (why) return why;")

    # -- bodies of functions ------------------------------------------------------------------

    def record(self, old: Record, new: Record) -> None:
        """From `*old` to `*new`; `size` is that of the old object, its tail included."""
        rule = self.rules.of(new.known_as)
        if rule.forward is not None and rule.forward.transform is not None and rule.back is None:
            self.refused.append("the mapping file says what it becomes, not what it was")
        elif not new.is_union:
            self.check_renames(old, new)
            self.check_anonymous(old, new)
            self.members(old.named, new.members, new, tail_of(old), tail_of(new))
        elif rule.fields or rule.transform:
            for name, code in rule.fields.items():
                if not code.derived:
                    self.assign(name, code)
        else:
            self.union(old, new)
        if rule.transform is not None:
            self.say(self.users(rule.transform).statements())

    def members(
        self, old: dict[str, Member], new: list[Member], record: Record, old_tail: Member | None,
        new_tail: Member | None,
    ) -> None:  # fmt: skip
        for m in new:
            try:
                if m.name:
                    self.named(old, m, record, m is new_tail, old_tail)
                elif isinstance(m.type, Record) and m.type.is_union:
                    self.anonymous_union(old, m.type, record)
                elif isinstance(m.type, Record):
                    self.members(old, m.type.members, record, None, None)
            except Unconvertible as why:
                self.refused.append(str(why))

    def named(
        self, old: dict[str, Member], m: Member, record: Record, is_tail: bool,
        old_tail: Member | None,
    ) -> None:  # fmt: skip
        rule = self.rules.of(record.known_as).fields.get(m.name)
        if rule is not None and rule.text not in old:
            self.assign(m.name, rule)
            return
        was = old.get(rule.text if rule is not None else m.name)
        if rule is None and self.rules.of(record.known_as).leaves_open(m.name, was is not None):
            raise Unconvertible(f"member '{m.name}': the mapping file does not say what it was")
        if was is None:
            if self.back and has_address(m.type):
                raise Unconvertible(f"member '{m.name}' is an address that nobody has kept")
            return  # zero, or what the new version's initialiser says
        if is_tail and was is old_tail:
            self.tail(was, m)
        elif endless(was.type) or endless(m.type):
            raise Unconvertible(f"member '{m.name}' goes on behind the end in one version only")
        else:
            self.member(was, m)

    def assign(self, name: str, code: Expression) -> None:
        """The user's value; `nothing` is left to the transformer."""
        if code.text != NOTHING:
            self.say(self.users(code).assignment(f"{'old' if code.back else 'new'}->{name}"))

    def users(self, code: Expression) -> Expression:
        """Its text as it stands here: on the way back the old version is the new one."""
        return replace(code, text=exchanged(code.text, self.layouts.old)) if code.back else code

    def member(self, was: Member, m: Member) -> None:
        bits = bool(was.bits or m.bits)
        try:
            self.value(f"old->{was.name}", f"new->{m.name}", was.type, m.type, bits)
        except Unconvertible as why:
            raise Unconvertible(f"member '{m.name}': {why}") from None

    def tail(self, was: Member, m: Member) -> None:
        """An array at the end of a struct, as long as the object's block is."""
        assert isinstance(was.type, Array)
        assert isinstance(m.type, Array)
        at = f"__builtin_offsetof(__typeof__(*old), {was.name})"
        each = f"sizeof(old->{was.name}[0])"
        room = f"sizeof(*new) - __builtin_offsetof(__typeof__(*new), {m.name})"
        self.say(
            f"for (unsigned long i = 0, n = ((size & ~DSU_ROOMY) - {at}) / {each}; i < n && "
            f"(size & DSU_ROOMY || (i + 1) * sizeof(new->{m.name}[0]) <= {room}); i++) {{"
        )
        self.value(f"old->{was.name}[i]", f"new->{m.name}[i]", was.type.of, m.type.of)
        self.say("}")

    def union(self, old: Record, new: Record) -> None:
        """Bytes, as long as every old member is still there and the same."""
        self.check_union(old.named, new)
        self.say(
            "__builtin_memcpy((void *)new, (const void *)old, sizeof(*old) < sizeof(*new) ? "
            "sizeof(*old) : sizeof(*new));"
        )

    def anonymous_union(self, old: dict[str, Member], new: Record, record: Record) -> None:
        """All of its members start at one place: copying each copies all bytes."""
        rules = self.rules.of(record.known_as).fields
        for m in new.named.values():
            if m.name in rules:
                self.named(old, m, record, False, None)
        for m in new.named.values() if not rules.keys() & new.named.keys() else ():
            was = old.get(m.name)
            if was is None:
                continue
            if not self.layouts.same(was.type, m.type):
                raise Unconvertible(f"member '{m.name}' of a union changed its type")
            self.member(was, m)

    def check_anonymous(self, old: Record, new: Record) -> None:
        """What an anonymous union holds may be the member that is gone."""
        rule = self.rules.of(new.known_as)
        for union in anonymous_unions(old):
            left = union.named.keys() & new.named.keys()
            gone = union.named.keys() - new.named.keys() if left and not rule.transform else ()
            if not rule.fields.keys() & left:
                self.refused += [f"member '{name}' of a union is gone" for name in sorted(gone)]

    def check_union(self, old: dict[str, Member], new: Record) -> None:
        for name, was in old.items():
            now = new.named.get(name)
            if now is None or not self.layouts.same(was.type, now.type):
                what = "is gone" if now is None else "changed its type"
                raise Unconvertible(f"member '{name}' of a union {what}")

    def check_renames(self, old: Record, new: Record) -> None:
        """A member in the place of another of the same type may be the same by a new name."""
        before, after = list(old.named.values()), list(new.named.values())
        decided = self.rules.of(new.known_as).fields
        matcher = SequenceMatcher(None, [m.name for m in before], [m.name for m in after], False)
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag != "replace" or b - a != d - c:
                continue
            for was, now in zip(before[a:b], after[c:d], strict=True):
                undecided = now.name not in decided
                gone = was.name not in new.named and now.name not in old.named
                if gone and undecided and self.layouts.same(was.type, now.type):
                    self.refused.append(f"member '{now.name}' may be '{was.name}' by a new name")


def anywhere(expression: str, pointer: str, c: str) -> str:
    """The type of a part of an object, told without the pointer to the object."""
    text = re.sub(rf"(?<![\w$]){pointer}(?![\w$])", f"(({c} *)0)", expression)
    first = re.sub(r"\[i[0-9]*\]", "[0]", text)
    return f"__typeof__({first})"


def anonymous_unions(record: Record) -> Iterator[Record]:
    """Those whose members are named as the record's own, each with all that lies in it."""
    for m in record.members:
        if isinstance(m.type, Record) and not m.name:
            if m.type.is_union:
                yield m.type
            else:
                yield from anonymous_unions(m.type)


def endless(t: Type) -> bool:
    """An array that is as long as there is room."""
    return isinstance(t, Array) and t.bound in ("", "0")


def tail_of(record: Record) -> Member | None:
    """The last member, if it is an array that goes on behind the struct's end."""
    last = record.members[-1] if record.members and not record.is_union else None
    if last is None or not isinstance(last.type, Array):
        return None
    is_text = getattr(last.type.of, "words", "") in ("char", "char unsigned", "char signed")
    ends = last.type.bound in ("", "0") or (last.type.bound == "1" and is_text)
    return last if ends else None


def impossible(layouts: Layouts, rules: TypeRules, old: Type, new: Type, back: bool = False) -> str:
    """Why no object of one type can become one of the other; empty if it can."""
    seen: set[tuple[str, str]] = set()

    def call(a: Record, _c: str, b: Record, _d: str) -> str:
        if (a.known_as, b.known_as) not in seen:
            seen.add((a.known_as, b.known_as))
            converter.record(a, b)
        return ""

    converter = Converter(layouts, rules, call, back=back)
    try:
        converter.value("old", "new", old, new)
    except Unconvertible as why:
        return str(why)
    return "; ".join(converter.refused)
