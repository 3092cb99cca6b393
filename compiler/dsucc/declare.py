"""Takes a declaration apart into specifiers and declarators, by tokens.

static struct s { int a; } x[] = { {1} }, *y;
---------specifiers------- ^^^   -init-   ^^
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from .gnu import TOKEN

_ATTRIBUTE = {"__attribute__", "__attribute"}
_ASM = {"asm", "__asm__", "__asm"}
_GROUPED = _ATTRIBUTE | {"typeof", "__typeof__", "__typeof", "_Alignas", "__declspec", "_Atomic"}
_TAGGED = {"struct", "union", "enum"}
_QUALIFIERS = {
    "const", "volatile", "restrict", "__const", "__restrict", "__restrict__", "__volatile__",
    "__extension__", "__inline", "__inline__", "inline",
}  # fmt: skip
_THREAD = {"__thread", "_Thread_local"}
STORAGE = frozenset(("static", "extern", "inline", "__inline", "__inline__", "register", "auto"))


@dataclass(frozen=True)
class Token:
    """A significant token and where it stands."""

    text: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Declarator:
    """One declared name, at offset `at`: `plain label attributes = init`.

    `label` is an asm label, and `label_at` the offset where it stands, or would.
    """

    name: str
    at: int
    plain: str
    attributes: str
    init: str
    label: str
    is_function: bool
    incomplete: bool
    label_at: int

    @property
    def text(self) -> str:
        """Neither initialiser nor asm label."""
        return f"{self.plain} {self.attributes}".rstrip()

    def labelled(self, label: str = "") -> str:
        """With an asm label, its own if none is given; gcc wants it in front of the attributes."""
        return " ".join(t for t in (self.plain, label or self.label, self.attributes) if t)


@dataclass
class Declaration:
    """A declaration; no declarators for one that only declares a tag."""

    specifiers: str
    declarators: list[Declarator] = field(default_factory=list)

    @cached_property
    def outer_words(self) -> set[str]:
        """The words of the specifiers outside braces and parentheses."""
        return {t.text for t in outer(tokens(self.specifiers))}

    @property
    def is_static(self) -> bool:
        return "static" in self.outer_words

    @property
    def is_extern(self) -> bool:
        return "extern" in self.outer_words

    @property
    def is_thread_local(self) -> bool:
        return bool(self.outer_words & _THREAD)


def tokens(text: str) -> list[Token]:
    """Significant tokens; a line marker is white space."""
    return [
        Token(m.group(), m.start(), m.end(), m.lastgroup or "")
        for m in TOKEN.finditer(text)
        if m.lastgroup not in ("space", "marker")
    ]


def outer(todo: list[Token]) -> list[Token]:
    """Tokens outside all brackets."""
    out, depth = [], 0
    for t in todo:
        depth -= t.text in (")", "]", "}")
        if depth == 0 and t.text not in (")", "]", "}"):
            out.append(t)
        depth += t.text in ("(", "[", "{")
    return out


@lru_cache(maxsize=1 << 16)
def without(text: str, unwanted: frozenset[str]) -> str:
    """`text` less some words of its outermost level; everything else keeps its place."""
    out, last = [], 0
    for t in outer(tokens(text)):
        if t.text in unwanted:
            out.append(text[last : t.start])
            last = t.end
    return "".join(out) + text[last:]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)

    def word(self, i: int) -> str:
        return self.tokens[i].text if i < len(self.tokens) else ""

    def group_end(self, i: int) -> int:
        """Behind the bracket that closes the one at `i`."""
        depth = 0
        for j in range(i, len(self.tokens)):
            depth += (self.word(j) in ("(", "[", "{")) - (self.word(j) in (")", "]", "}"))
            if depth == 0:
                return j + 1
        return len(self.tokens)

    def skip_attributes(self, i: int) -> int:
        while self.word(i) in _ATTRIBUTE:
            i = self.group_end(i + 1)
        return i

    def specifiers_end(self) -> int:
        """The index of the first declarator's first token, or of the semicolon."""
        i, typed = 0, False
        while i < len(self.tokens):
            word = self.word(i)
            if word in _GROUPED and self.word(i + 1) == "(":
                typed |= word not in _ATTRIBUTE
                i = self.group_end(i + 1)
            elif word in _TAGGED:
                i = self.skip_attributes(i + 1)
                i += self.tokens[i].kind == "name"
                i = self.group_end(i) if self.word(i) == "{" else i
                typed = True
            elif word in ("*", "(", ";") or self.names_declarator(i, typed):
                return i
            else:
                typed |= word not in STORAGE | _QUALIFIERS | _THREAD
                i += 1
        return i

    def names_declarator(self, i: int, typed: bool) -> bool:
        """Is the name at `i` declared? `typed`: a type stands before it."""
        if self.tokens[i].kind != "name" or self.word(i) in _QUALIFIERS:
            return False
        after = self.skip_attributes(i + 1)
        if self.word(after) == "(" and not typed:
            return False  # the int of `int (*f)(void)`
        return self.word(after) in ("=", ",", ";", "[", "(", ":") or self.word(after) in _ASM

    def declarator_end(self, i: int) -> int:
        """The index of the `=`, `,` or `;` behind the declarator that begins at `i`."""
        while i < len(self.tokens) and self.word(i) not in ("=", ",", ";"):
            i = self.group_end(i) if self.word(i) in ("(", "[", "{") else i + 1
        return i

    def init_end(self, i: int) -> int:
        while i < len(self.tokens) and self.word(i) not in (",", ";"):
            i = self.group_end(i) if self.word(i) in ("(", "[", "{") else i + 1
        return i

    def name_index(self, start: int, end: int) -> int:
        i = start
        while i < end:
            if self.word(i) in _ATTRIBUTE:
                i = self.group_end(i + 1)
            elif self.tokens[i].kind == "name" and self.word(i) not in _QUALIFIERS:
                return i
            else:
                i += 1
        return -1

    def slice(self, start: int, end: int) -> str:
        if start >= end:
            return ""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]

    def declarator(self, start: int, end: int, init: str) -> Declarator | None:
        at = self.name_index(start, end)
        if at < 0:
            return None
        label = self.plain_end(at, end)
        behind = self.group_end(label + 1) if self.word(label) in _ASM else label
        follows = self.word(at + 1)
        wrapped = follows == ")" and self.word(at - 1) == "(" and self.word(at + 2) == "("
        return Declarator(
            self.word(at), self.tokens[at].start,
            self.slice(start, label), self.slice(behind, end), init,
            self.slice(label, behind), follows == "(" or wrapped,
            follows == "[" and self.word(at + 2) == "]",
            self.tokens[label].start if label < end else self.tokens[end - 1].end,
        )  # fmt: skip

    def plain_end(self, name: int, end: int) -> int:
        """Behind the declarator, in front of its asm label and attributes."""
        i = name
        while i < end and self.word(i) not in _ATTRIBUTE | _ASM:
            i = self.group_end(i) if self.word(i) in ("(", "[", "{") else i + 1
        return i

    def run(self) -> Declaration:
        first = self.specifiers_end()
        out = Declaration(self.slice(0, first))
        i = first
        while i < len(self.tokens) and self.word(i) != ";":
            end = self.declarator_end(i)
            after = self.init_end(end) if self.word(end) == "=" else end
            made = self.declarator(i, end, self.slice(end + 1, after))
            if made is not None:
                out.declarators.append(made)
            i = after + 1
        return out


@lru_cache(maxsize=1 << 16)
def read(text: str) -> Declaration:
    """Takes one declaration apart. The same text, a header's for example, is asked for often."""
    return _Reader(text).run()


_BRACE = re.compile(r"[{}]")
# A tag that a system's macro was given, as TAILQ_HEAD is, stands between two line markers.
_GAP = r"(?:\s|(?m:^\#[^\n]*$))*"
_TAG = re.compile(
    rf"\b(struct|union|enum)\b{_GAP}(?:__attribute__\s*\(\([^{{}};]*?\)\){_GAP})?"
    rf"([A-Za-z_$][\w$]*)?{_GAP}\{{"
)


@lru_cache(maxsize=1 << 16)
def tags(text: str) -> tuple[tuple[str, str, str], ...]:
    """The struct, union and enum types that a text defines: (keyword, name or "", body)."""
    if "{" not in text:
        return ()
    return tuple(
        (found.group(1), found.group(2) or "", text[found.end() : _closing(text, found.end())])
        for found in _TAG.finditer(text)
    )


def _closing(text: str, begin: int) -> int:
    """Where the brace stands that closes the one in front of `begin`."""
    depth = 1
    for brace in _BRACE.finditer(text, begin):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return brace.start()
    return len(text) - 1


def without_braces(text: str) -> str:
    """`struct s { int a; }` as `struct s`."""
    for _, _, body in tags(text):
        text = text.replace("{" + body + "}", "", 1)
    return text
