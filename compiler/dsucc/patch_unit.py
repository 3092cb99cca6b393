"""The C text of one unit's part in a patch.

It is the new version's unit, item by item, with what the running program already has taken out:

    a function that did not change   a declaration of the program's own
    a changed function               its body under another symbol; its name is the old entry
    a new function or variable       as it is, exported for the patches to come
    a variable of both versions      a declaration of the program's own
    what gcc left no symbol of       as it is, local to the patch, if the patch needs it

A function's address never changes, so calls and pointers in a patch mean the old entry, which will
jump to the new body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from . import declare, tokens
from .declare import Declaration, Declarator
from .difference import Side, UnitDiff
from .emit import FunctionEmitter
from .live import Liveness
from .pipeline import Options, Result, UnitWorker, abi_expanded, marker, symbol_of
from .points import Placed
from .program import Program
from .reach import Reach
from .refusal import Place, Refusal
from .renames import keeps_signature
from .statics import local_symbols, static_locals
from .toplevel import Item, Kind
from .touched import definitions, is_used
from .variants import Variant
from .writer import rename_head

_INLINE = {"inline", "__inline", "__inline__"}
_DROPPED = frozenset(("static", *_INLINE))
_LINKAGE = frozenset(("static", "extern"))
_FUNC = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|(?<![\w$])(?:__func__|__FUNCTION__|__PRETTY_FUNCTION__)(?![\w$])'
)


class Fate(Enum):
    """What becomes of a function of the new version."""

    DECLARED = "declared"  # the program's own
    REPLACED = "replaced"  # a new body behind the program's entry
    DEFINED = "defined"  # the patch's own, exported
    LOCAL = "local"  # a copy that only the patch uses


@dataclass
class Redirect:
    """A jump from one symbol to another."""

    old: str
    new: str


@dataclass
class PatchText:
    """The text, and what the patch's tables will refer to in it."""

    text: str
    redirects: list[Redirect] = field(default_factory=list)
    descriptions: dict[str, str] = field(default_factory=dict)  # function: its struct dsu_func
    refusals: list[Refusal] = field(default_factory=list)  # variables that gcc left out


class PatchWorker(UnitWorker):
    """Writes one unit's part."""

    def __init__(self, diff: UnitDiff, old: Program, symbols: set[str]) -> None:
        """`symbols` are all that the program defines and the patch does not replace."""
        meta, unit = diff.new.meta, diff.new.unit
        never = frozenset(meta.never)
        reasons = {n: str(r["reason"]) for n, r in diff.new.rows.items() if r.get("reason")}
        super().__init__(
            unit, Reach(unit, meta.points, never, meta.summary),
            Options(
                meta.capture, meta.points, never=never, regions=meta.transactions,
                backend=meta.backend,
            ),
            Result("", unit, meta.key), set(reasons), reasons,
        )  # fmt: skip
        self.diff, self.old, self.symbols = diff, old, symbols
        self.side: Side = diff.new
        self.variables = definitions(unit)
        self.out = PatchText("")
        self.exported: list[str] = []  # static locals that have stayed in their blocks
        self.fates = {n: self.fate(n) for n in self.side.names()}
        self.needed = self.closure()

    def enters(self) -> bool:
        """A patch's functions are called by the program's, too, through their old entries."""
        return False

    # -- decisions ----------------------------------------------------------------------------

    def old_entry(self, name: str) -> str:
        """The symbol of the program's own function, if it has one that is not inlined away."""
        before = self.diff.old
        was = self.diff.renamed.get(name)
        if was is not None and before is not None and keeps_signature(self.diff, name):
            symbol = before.symbol(was)
            return symbol if self.old.defines(symbol) else ""
        if name in self.diff.added or before is None or before.function(name) is None:
            return ""
        symbol = "dsu$main" if name == "main" else before.symbol(name)
        return symbol if self.old.defines(symbol) else ""

    def fate(self, name: str) -> Fate:
        inline = bool(_INLINE & self.head_words(name))
        if name in self.diff.changed or name in self.diff.added:
            if self.old_entry(name) in ("dsu$main", self.side.symbol(name)):
                return Fate.REPLACED
            return Fate.LOCAL if inline else Fate.DEFINED
        return Fate.DECLARED if self.old_entry(name) and not inline else Fate.LOCAL

    def head_words(self, name: str) -> set[str]:
        item = self.unit.functions[name]
        return {t.text for t in declare.outer(declare.tokens(item.text[: item.body]))}

    def is_stored(self, name: str) -> bool:
        """Does the running program have this variable?"""
        v = self.variables.get(name)
        return v is not None and self.side.local_symbol(name, v.is_static) in self.symbols

    def closure(self) -> set[str]:
        """Everything that the patch has to define, from what changed on downwards."""
        todo = [n for n, f in self.fates.items() if f in (Fate.REPLACED, Fate.DEFINED)]
        todo += [n for n, f in self.fates.items() if f is Fate.LOCAL and n in self.diff.changed]
        created = {*self.diff.new_variables, *self.diff.replaced}
        todo += [
            n for n, v in self.variables.items()
            if self.side.local_symbol(n, v.is_static) in created
        ]  # fmt: skip
        needed: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in needed:
                needed.add(name)
                todo += [w for w in self.mentioned(name) if self.is_copied(w)]
        return needed

    def mentioned(self, name: str) -> set[str]:
        item = self.unit.functions.get(name)
        if item is not None:
            return tokens.words(item.text)
        return tokens.words(self.variables[name].declarator.init)

    def is_copied(self, name: str) -> bool:
        if name in self.fates:
            return self.fates[name] is Fate.LOCAL
        return name in self.variables and not self.is_stored(name)

    # -- items --------------------------------------------------------------------------------

    def run(self) -> PatchText:
        """The whole text."""
        body = self.items()
        self.out.text = abi_expanded() + body + self.globalised()
        return self.out

    def item(self, item: Item) -> str:
        if item.system:
            return super().item(item)
        if item.kind is Kind.FUNCTION and item.name:
            return self.definition(item)
        if item.text.lstrip().startswith(("asm", "__asm")) or item.bare.strip() == ";":
            return ""
        return self.declaration(item) if item.kind is Kind.DECLARATION else item.text

    def declaration(self, item: Item) -> str:
        """A declaration of variables or prototypes, each declarator on its own."""
        declaration = declare.read(item.text)
        if not any(self.is_ours(declaration, d) for d in declaration.declarators):
            return item.text
        blank = item.text[: len(item.text) - len(item.text.lstrip())]
        blank = blank[: blank.rfind("\n") + 1] or "\n"  # a marker begins its line
        specifiers = declaration.specifiers
        out = []
        for d in declaration.declarators:
            out.append(self.declarator(declaration, specifiers, d))
            specifiers = _without_bodies(specifiers)
        return f"{blank}{marker(item)}{''.join(out)}\n{marker(item, at_end=True)}"

    def is_ours(self, declaration: Declaration, d: Declarator) -> bool:
        """Must a declarator be written differently? Not if it names something of another unit."""
        if d.is_function or d.name in self.unit.functions:
            return d.name in self.fates
        return not declaration.is_extern or bool(d.init)

    def declarator(self, declaration: Declaration, specifiers: str, d: Declarator) -> str:
        init = f" = {d.init}" if d.init else ""
        plain = f"{specifiers} {d.labelled()}{init};"
        if d.is_function or d.name in self.unit.functions:
            return self.prototype(specifiers, d) if d.name in self.fates else plain
        if declaration.is_extern and not d.init:
            return plain
        symbol = self.side.local_symbol(d.name, declaration.is_static)
        if d.name not in self.needed and not self.is_stored(d.name):
            return plain
        return self.storage(specifiers, d, symbol, declaration.is_static)

    def storage(self, specifiers: str, d: Declarator, symbol: str, is_static: bool) -> str:
        """A variable: the program's own, or one that the patch brings."""
        named = d.labelled(f'__asm__("{symbol}")' if is_static else "")
        bare = declare.without(specifiers, _LINKAGE)
        if symbol not in self.symbols:
            if self.is_lost(d.name, symbol) and "const" not in tokens.words(f"{bare} {d.text}"):
                self.refuse_lost(d.name)
            init = f" = {d.init}" if d.init else ""
            return f"{bare} {named}{init};"
        text = f"extern {bare} {named};"
        if d.incomplete:
            size = self.old.symbols[symbol].size
            text += f" extern __typeof__({d.name}[0]) {d.name}[{size} / sizeof({d.name}[0])];"
        return text

    def is_lost(self, name: str, symbol: str) -> bool:
        """Has the old version used this variable, and has gcc left no trace of it?"""
        if symbol in self.diff.new_variables or symbol in self.diff.replaced:
            return False
        old = self.diff.old
        return old is not None and (name not in self.variables or is_used(old.unit, name))

    def refuse_lost(self, name: str) -> None:
        v = self.variables.get(name)
        place = v.place if v is not None else Place(self.unit.source, 0, "")
        why = "gcc has left it out of the old program, so its value there is not known"
        remedy = "build the old program with __attribute__((used)) on it"
        self.out.refusals.append(Refusal("lost", name, why, None, place, remedy))

    # -- functions ----------------------------------------------------------------------------

    def prototype(self, specifiers: str, d: Declarator) -> str:
        """An early declaration of a function of this unit."""
        if self.fates[d.name] is Fate.LOCAL:
            return f"{specifiers} {d.labelled()};"
        return f"{declare.without(specifiers, _DROPPED)} {d.labelled(self.label(d.name))};"

    def label(self, name: str) -> str:
        """The asm label of what a function's name means in the patch."""
        is_own = self.fates[name] is Fate.DEFINED
        symbol = "" if is_own else self.old_entry(name)
        symbol = symbol or self.side.symbol(name)
        item = self.unit.functions[name]
        return f'__asm__("{symbol}")' if symbol != name or item.is_static else ""

    def definition(self, item: Item) -> str:
        """A function with a body."""
        fate = self.fates[item.name]
        front = self.wrapper_prototypes()
        if fate is Fate.DECLARED:
            return f"{front}{self.declare_only(item)}"
        if fate is Fate.LOCAL:
            if item.name not in self.needed:
                return "" if item.is_static else f"{front}{self.declare_only(item)}"
            return f"{front}\n{marker(item)}{self.body(item)}"
        own = self.side.symbol(item.name)
        entry = self.old_entry(item.name)
        if fate is Fate.REPLACED:
            self.out.redirects.append(Redirect(entry, f"{own}$new"))
            front += self.declare_only(item)
            front += self.head(item, self.hot_name(item.name), f"{own}$new", hidden=True)
        else:
            if entry:
                self.out.redirects.append(Redirect(entry, own))
            front += self.head(item, item.name, own, hidden=False)
        return f"{front}\n{marker(item)}{self.body(item)}"

    def body(self, item: Item) -> str:
        """The definition itself: instrumented, or as the user wrote it."""
        if item.name in self.reach.never:
            return self.never(item)
        return self.function(item) if self.reach.may_update(item.name) else self.untouched(item)

    def untouched(self, item: Item) -> str:
        """The user's text under the body's name, with the program's static locals."""
        if self.fates[item.name] is Fate.LOCAL:
            return self.with_locals(item, item.text)
        head = _stripped(rename_head(item.text[: item.body], item.name, self.hot_name(item.name)))
        body = self.with_locals(item, item.text)[item.body :]
        name = json.dumps(item.name)
        return head + _FUNC.sub(lambda m: m.group() if m.group()[0] == '"' else name, body)

    def with_locals(self, item: Item, text: str) -> str:
        symbol = local_symbols(symbol_of(item, self.result.key))
        out, last = [], 0
        for start, end in static_locals(text, item.body):
            is_local = self.fates[item.name] is Fate.LOCAL
            out += [text[last:start], self.inner_static(text[start:end], symbol, is_local)]
            last = end
        return "".join(out) + text[last:]

    def inner_static(self, text: str, symbol: Callable[[str], str], is_local: bool) -> str:
        """A static local that stays in its block: the program's own, or one more.

        One more is known to the patch's tables and to later patches, unless the function is a copy.
        """
        declaration = declare.read(text)
        specifiers = declaration.specifiers
        out = []
        for d in declaration.declarators:
            name = symbol(d.name)
            if name in self.symbols:
                out.append(self.storage(specifiers, d, name, is_static=True))
            else:
                init = f" = {d.init}" if d.init else ""
                out.append(f'{specifiers} {d.labelled(f"""__asm__("{name}")""")}{init};')
                self.exported += [] if is_local else [name]
            specifiers = _without_bodies(specifiers)
        return "".join(out) + "\n" * text.count("\n")

    def opaque(self, item: Item) -> str:
        entry = f"(const void *){self.hot_name(item.name)};"
        return super().opaque(item).replace(f"(const void *){item.name};", entry)

    def declare_only(self, item: Item) -> str:
        """A declaration in place of a definition."""
        head = _prototype(_stripped(item.text[: item.body]))
        head = head.replace("always_inline", "noinline").replace("gnu_inline", "unused")
        return f"\n{marker(item)}{head} {self.label(item.name)};"

    def head(self, item: Item, name: str, symbol: str, hidden: bool) -> str:
        """Declares a body of the patch: its C name, its symbol."""
        head = _prototype(_stripped(rename_head(item.text[: item.body], item.name, name)))
        visible = ' __attribute__((visibility("hidden")))' if hidden else ""
        return f'\n{marker(item)}{head} __asm__("{symbol}"){visible};\n'

    def hot_name(self, name: str) -> str:
        """The C name of a function's body."""
        return f"{name}$new" if self.fates[name] is Fate.REPLACED else name

    def emitter(self, item: Item, placed: Placed, live: Liveness) -> FunctionEmitter:
        made = _PatchEmitter(self, item, placed, live)
        self.out.descriptions[item.name] = made.label("desc")
        return made

    def globalised(self) -> str:
        """Lets the patch's tables, and later patches, refer to descriptions and static locals."""
        own = [*self.out.descriptions.values(), *self.exported]
        names = "".join(f".globl {n}\\n" for n in own)
        return f'\n__asm__("{names}");\n' if names else ""

    def static_local(self, text: str, symbol: Callable[[str], str]) -> str:
        """The declaration of a function's static variables, in a patch."""
        declaration = declare.read(text)
        specifiers = declaration.specifiers
        out = []
        for d in declaration.declarators:
            out.append(self.storage(specifiers, d, symbol(d.name), is_static=True))
            specifiers = _without_bodies(specifiers)
        return "".join(out) + "\n"


class _PatchEmitter(FunctionEmitter):
    """Writes a function whose name is taken by the old entry."""

    def __init__(self, worker: PatchWorker, item: Item, placed: Placed, live: Liveness) -> None:
        key = symbol_of(item, worker.result.key)
        wrapped = frozenset(worker.reach.blocking)
        options = worker.options
        super().__init__(
            placed, live, key, options.capture, wrapped, worker.copies, options.backend
        )
        self.worker = worker
        self.is_local = worker.fates[item.name] is Fate.LOCAL
        self.hot_name = worker.hot_name(item.name)

    def hot(self) -> str:
        text = super().hot()
        item = self.function.parsed.item
        head = rename_head(item.text[: item.body], self.name, self.hot_name)
        return text if self.is_local else _stripped(head) + text[len(head) :]

    def writer(self, cls: type[Variant]) -> Variant:
        made = super().writer(cls)
        made.constants["__func__"] = json.dumps(self.name)
        made.constants["__PRETTY_FUNCTION__"] = json.dumps(self.name)
        return made

    def digest(self, hot: str) -> str:
        """That of the new version's build: its frames and the patch's are the same."""
        return self.worker.side.digest(self.name) or super().digest(hot)

    def static(self, text: str) -> str:
        prefix = self.key.removesuffix(self.name)
        return self.worker.static_local(text, lambda name: prefix + name)

    def program_entry(self) -> str:
        return ""


def _stripped(head: str) -> str:
    """A head without storage class: what it declares is visible in the whole patch."""
    return declare.without(head, _DROPPED)


def _prototype(head: str) -> str:
    """A head as a declaration; an old-style one loses its parameters."""
    text = head.strip()
    return re.sub(r"\([^()]*\)[^()]*;\s*$", "()", text) if text.endswith(";") else text


def _without_bodies(specifiers: str) -> str:
    """The specifiers of a second declarator: the type has been declared by the first."""
    return declare.without_braces(specifiers)
