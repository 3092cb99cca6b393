"""Splits preprocessed C into its external declarations without parsing them.

Headers are most of a translation unit's text and the compiler never looks inside most of it: an
item is found by brackets and semicolons alone and carried through as text. Only the bodies that
will be instrumented are parsed (see parse.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, wraps
from typing import Any, TypeVar

_STRUCTURE = re.compile(
    r'"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|^\#[^\n]*\n"
    r"|[{}();=]",
    re.MULTILINE,
)
# A whole declaration without braces, initialiser or marker in it; most of a header is made of them.
# Its brackets are nested three deep at most: __attribute__ ((__nonnull__ (1))).
_SIMPLE = re.compile(
    r"[^;{}()=#\"']*(?:\((?:[^(){};#\"']|\((?:[^(){};#\"']|\([^(){};#\"']*\))*\))*\)"
    r"[^;{}()=#\"']*)*;"
)
_PROTOTYPE = re.compile(
    r"[\s\w*]*?(?!__attribute|__asm|__typeof|asm|typeof|_Alignas)\b([A-Za-z_$][\w$]*)\s*"
    r"\([^*^()][^()]*\)\s*(?:__attribute__\s*\(\([^;]*)?;"
)
_MARKER = re.compile(r'^\#(?:line)?\s*(\d+)\s+"((?:[^"\\]|\\.)*)"([\d ]*)')
_BEFORE_PARAMETERS = re.compile(r"([A-Za-z_$][\w$]*)[\s)]*\(")
_NOISE = re.compile(
    r"__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)"
    r"|__(?:asm|asm__|typeof|typeof__)\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
    r"|\basm\s*\((?:[^()]|\([^()]*\))*\)"
    r"|\btypeof\s*\((?:[^()]|\([^()]*\))*\)"
    r"|^\#[^\n]*$",
    re.MULTILINE,
)
_MARKER_LINE = re.compile(r"^\#(?:line)?\s*(\d+)[^\n]*\n", re.MULTILINE)
_TAG = re.compile(r"\b(?:struct|union|enum)\s+([A-Za-z_$][\w$]*)")
_KEYWORD_CALLS = re.compile(r"\b_Alignas\s*\([^()]*\)")
_OLD_STYLE = re.compile(
    r"\s*(?:[\w$]+[\s*]+)*(?!_Alignas|_Atomic)[\w$]+\s*\([\w$\s,]+\)\s*[A-Za-z_$]"
)
_CALLED = re.compile(r"([A-Za-z_$][\w$]*)\s*\(")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_TYPEDEF = re.compile(r"\s*(?:__extension__\s+)*typedef\b")


class Kind(Enum):
    """What an external declaration is, as far as the split needs to know."""

    FUNCTION = "function"
    TYPEDEF = "typedef"
    DECLARATION = "declaration"
    OTHER = "other"


def without_noise(text: str, instead: str = " ") -> str:
    """The text less attributes, asm labels, typeofs and line markers; most text has none."""
    if "__" in text or "#" in text or "asm" in text or "typeof" in text:
        return _NOISE.sub(instead, text)
    return text


@dataclass
class Item:
    """One external declaration: `text` begins at `line` of `file`, line markers included.

    `body` is the offset of a function's opening brace in `text`.
    """

    kind: Kind
    text: str
    file: str
    line: int
    system: bool
    body: int = -1

    @cached_property
    def bare(self) -> str:
        """The text without attributes, asm labels and line markers; of functions, the head only."""
        head = self.text[: self.body] if self.body >= 0 else self.text
        return without_noise(head).strip()

    @cached_property
    def name(self) -> str:
        """The function's name; empty for everything else and for heads that hide it."""
        if self.kind is not Kind.FUNCTION:
            return ""
        return declared_function(self.bare)

    @property
    def first_line(self) -> int:
        """The line of its first word."""
        return self.line + self.text[: len(self.text) - len(self.text.lstrip())].count("\n")

    @property
    def last_line(self) -> int:
        """The line that its text ends on."""
        markers = list(_MARKER_LINE.finditer(self.text))
        if not markers:
            return self.line + self.text.count("\n")
        return int(markers[-1].group(1)) + self.text.count("\n", markers[-1].end())

    @cached_property
    def declared(self) -> str:
        """The name of the function, or else of the variable, that a declaration declares first."""
        simple = _PROTOTYPE.fullmatch(self.text) if self.body < 0 else None
        return simple.group(1) if simple else declared_function(self.bare)

    def may_declare(self, names: Collection[str]) -> bool:
        """Can `declared` be one of the names? To ask this first is much cheaper."""
        head = self.text[: self.body] if self.body >= 0 else self.text
        return any(word in names for word in _BEFORE_PARAMETERS.findall(head))

    @cached_property
    def is_old_style(self) -> bool:
        """Are its parameters declared behind its head?"""
        return self.bare.endswith(";")

    @cached_property
    def is_static(self) -> bool:
        return bool(re.search(r"\bstatic\b", self.bare))


@dataclass
class Unit:
    """A translation unit as its items, in order; `"".join(texts)` is the input."""

    items: list[Item] = field(default_factory=list)
    source: str = ""
    kept: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def functions(self) -> dict[str, Item]:
        """Name to definition."""
        return {i.name: i for i in self.items if i.kind is Kind.FUNCTION and i.name}

    @cached_property
    def typedefs(self) -> dict[str, Item]:
        """Name to the typedef that declares it."""
        return {n: i for i in self.items if i.kind is Kind.TYPEDEF for n in typedef_names(i.text)}

    @cached_property
    def foreign(self) -> set[str]:
        """Names declared in system headers: code that no update can reach into."""
        names: set[str] = set()
        for item in self.items:
            if item.system and item.kind in (Kind.DECLARATION, Kind.FUNCTION):
                names.add(item.declared)
        return names

    @cached_property
    def noreturn(self) -> set[str]:
        """Names of functions that are declared never to return."""
        return self.declared_noreturn()

    def declared_noreturn(self) -> set[str]:
        """The same by what the items say now: the compiler may take it from some (returning.py)."""
        names: set[str] = set()
        for item in self.items:
            head = item.text[: item.body] if item.body >= 0 else item.text
            # A line marker may name a file after it.
            says = "oreturn" in head and "oreturn" in _MARKER_LINE.sub("", head)
            if says and item.kind is not Kind.TYPEDEF:
                names.update(_CALLED.findall(_KEYWORD_CALLS.sub(" ", item.bare)))
        return names

    @cached_property
    def tags(self) -> set[str]:
        """All tags of structs, unions and enums at file scope."""
        return {n for i in self.items if _TAG.search(i.text) for n in _TAG.findall(i.bare)}

    @cached_property
    def enumerators(self) -> set[str]:
        """All enumeration constants at file scope."""
        names: set[str] = set()
        for item in self.items:
            if "enum" not in item.text:
                continue
            for body in re.findall(r"\benum\b[^{};()]*\{([^}]*)\}", item.bare):
                names.update(
                    re.findall(r"(?:^|,)\s*([A-Za-z_]\w*)", re.sub(r"(?m)^\#.*$", "", body))
                )
        return names

    @cached_property
    def ordinary(self) -> set[str]:
        """Names at file scope that are no objects or functions."""
        return self.typedefs.keys() | self.enumerators


_Answer = TypeVar("_Answer")


def kept_with_unit(ask: Callable[[Unit], _Answer]) -> Callable[[Unit], _Answer]:
    """What a function says of a unit, found out once: a patch's makers ask again and again."""

    @wraps(ask)
    def answer(unit: Unit) -> _Answer:
        if ask not in unit.kept:
            unit.kept[ask] = ask(unit)
        known: _Answer = unit.kept[ask]
        return known

    return answer


def declared_function(declarator: str) -> str:
    """The name in `int f(int)`, `int (f)(int)`, `int (*f(int))(int)`; empty if there is none."""
    opening = declarator.find("(")
    if opening < 0:
        words = _IDENTIFIER.findall(declarator)
        return words[-1] if words else ""
    depth = 0
    for i in range(opening, len(declarator)):
        depth += {"(": 1, ")": -1}.get(declarator[i], 0)
        if depth == 0:
            inside = declarator[opening + 1 : i].lstrip()
            if inside[:1] == "*" or declarator[i + 1 :].lstrip()[:1] in ("(", "["):
                return declared_function(inside)
            break
    return declared_function(declarator[:opening])


def without_groups(text: str, opening: str = "{", closing: str = "}") -> str:
    """`text` less everything between outermost brackets."""
    if opening not in text:
        return text
    out, depth, start = [], 0, 0
    for found in re.finditer(f"[{opening}{closing}]", text):
        if found.group() == opening:
            if depth == 0:
                out.append(text[start : found.start()])
            depth += 1
        elif depth:
            depth -= 1
            start = found.end()
    return "".join(out) + text[start:] if depth == 0 else "".join(out)


def typedef_names(text: str) -> list[str]:
    """The names that a typedef declares: `typedef int a, *b, (*c)(int);` gives a, b, c."""
    bare = without_groups(without_noise(text)).strip().rstrip(";")
    names = []
    for part in split_commas(bare):
        name = declared_function(re.sub(r"\[[^\]]*\]", "[]", part))
        if name:
            names.append(name)
    return names


def split_commas(text: str) -> list[str]:
    """`text` cut at commas that stand outside all brackets."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


class _Splitter:
    """The state of one pass over the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.unit = Unit()
        self.file, self.line, self.system = "", 1, False
        self.mark = 0  # where line counting stands
        self.restart(0)

    def restart(self, at: int) -> None:
        self.start = at
        self.start_line, self.start_file = self.line, self.file
        self.depth = self.parens = 0
        self.brace = -1
        self.assigned = self.old_style = False

    def count_lines(self, to: int) -> None:
        self.line += self.text.count("\n", self.mark, to)
        self.mark = to

    def marker(self, line: str, end: int) -> None:
        found = _MARKER.match(line)
        if found:
            self.line, self.mark = int(found.group(1)), end
            self.file, self.system = found.group(2), "3" in found.group(3).split()
            if not self.unit.source and not self.file.startswith("<"):
                self.unit.source = self.file

    def finish(self, end: int, kind: Kind) -> None:
        text = self.text[self.start : end]
        if kind is Kind.DECLARATION and "typedef" in text:
            kind = Kind.TYPEDEF if _TYPEDEF.match(without_noise(text, "")) else kind
        body = self.brace - self.start if kind is Kind.FUNCTION else -1
        self.count_lines(end)
        # Where it begins; markers of macros from system headers may stand anywhere inside.
        line, file = self.start_line, self.start_file
        self.unit.items.append(Item(kind, text, file, line, self.system, body))
        self.restart(end)

    def closes_function(self) -> bool:
        """At a closing outer brace: is what stands before the opening one a function's head?"""
        head = without_noise(self.text[self.start : self.brace]).rstrip()
        return not self.assigned and (self.old_style or head.endswith((")", "]")))

    def declares_parameters(self, end: int) -> bool:
        """At a semicolon: does it end a parameter's declaration in an old-style head?"""
        bare = without_noise(self.text[self.start : end])
        self.old_style = not self.assigned and bool(_OLD_STYLE.match(bare))
        return self.old_style

    def token(self, t: str, at: int) -> None:
        if t == "(":
            self.parens += 1
        elif t == ")":
            self.parens -= 1
        elif t == "{":
            if self.depth == 0:
                self.brace = at
            self.depth += 1
        elif t == "}":
            self.depth -= 1
            if self.depth == 0 and self.parens == 0 and self.closes_function():
                self.finish(at + 1, Kind.FUNCTION)
        elif self.depth == 0 and self.parens == 0:
            if t == "=":
                self.assigned = True
            elif not self.declares_parameters(at):
                self.finish(at + 1, Kind.DECLARATION)

    def run(self) -> Unit:
        at = 0
        while True:
            if at == self.start:
                at = self.simple_declarations()
            found = _STRUCTURE.search(self.text, at)
            if found is None:
                break
            at = found.end()
            t = found.group()
            if t[0] in "\"'":
                continue
            if t[0] == "#":
                blank = not self.text[self.start : found.start()].strip()
                self.marker(t, found.end())
                if blank and self.depth == 0:
                    self.finish_blank(found.end())
            else:
                self.token(t, found.start())
        if self.text[self.start :]:
            self.finish(len(self.text), Kind.OTHER)
        return self.unit

    def simple_declarations(self) -> int:
        """Between items: takes all that are found at one look; gives the place behind them."""
        while True:
            found = _SIMPLE.match(self.text, self.start)
            if found is None or not _ends_plainly(found.group()):
                return self.start
            self.finish(found.end(), Kind.DECLARATION)

    def finish_blank(self, end: int) -> None:
        """A marker between items: carried through as text of its own."""
        text = self.text[self.start : end]
        self.unit.items.append(Item(Kind.OTHER, text, self.file, self.line, self.system))
        self.restart(end)


def _ends_plainly(declaration: str) -> bool:
    """Is there nothing behind the last bracket? In an old-style head, a parameter stands there."""
    last = declaration.rfind(")")
    return last < 0 or not declaration[last + 1 : -1].strip()


def split(text: str) -> Unit:
    """Splits the output of `gcc -E` into a Unit."""
    return _Splitter(text).run()
