"""Takes GNU C apart so that a standard parser can read it.

`int x = ({ f(); 1; });` becomes `int x = __dsu_expr_0;` and the text of the statement expression is
kept aside: what the parser cannot read is carried through as opaque text, provided its effect on
control flow is known. Otherwise the function is `Untouchable` and is compiled as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<marker>^\#[^\n]*)"
    r'|(?P<string>(?:u8|[LuU])?"(?:[^"\\\n]|\\.)*")'
    r"|(?P<char>[LuU]?'(?:[^'\\\n]|\\.)*')"
    r"|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)"
    r"|(?P<punct>\.\.\.|<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)",
    re.MULTILINE,
)

_SYNONYMS = {
    "__const": "const", "__const__": "const", "__volatile": "volatile", "__volatile__": "volatile",
    "__inline": "inline", "__inline__": "inline", "__restrict": "restrict",
    "__restrict__": "restrict", "__signed": "signed", "__signed__": "signed",
    "__complex__": "_Complex", "__complex": "_Complex", "__thread": "_Thread_local",
    "__extension__": "", "__int128_t": "__int128", "__FUNCTION__": "__func__",
}  # fmt: skip

_HARMLESS = {
    "unused", "maybe_unused", "fallthrough", "nonnull", "warn_unused_result", "cold", "hot", "pure",
    "const", "deprecated", "nonstring", "format", "noreturn", "noinline", "nothrow", "leaf",
    "malloc", "returns_nonnull", "sentinel", "used", "noclone", "unlikely", "likely",
}  # fmt: skip

_IMAGINARY = re.compile(r"[ijIJ]")
_BEFORE_UNARY = re.compile(r"[-+*/%&|^~!=<>?:;,({\[]|&&|\|\|")
_TYPE_OPERATORS = {"typeof", "__typeof__", "__typeof"}
_ASM = {"asm", "__asm__", "__asm"}
_TEXT_CALLS = {
    "__builtin_offsetof", "__builtin_types_compatible_p", "__builtin_convertvector", "_Alignof",
    "__alignof__", "__alignof",
}  # fmt: skip

# Nothing in their brackets is evaluated.
_TYPES_ONLY = _TEXT_CALLS - {"__builtin_offsetof", "__builtin_convertvector"}
_CONSTANT_CALLS = _TEXT_CALLS - {"__builtin_convertvector"}
_TAGGED = ("struct", "union", "enum")
_JUMPS = {"goto", "break", "continue", "case", "default", "return"}

GOTO = "__dsu_goto"  # goto *x; as a call
LABEL = re.compile(r"__dsu_label_([A-Za-z_$][\w$]*)$")  # &&x as a name
OPAQUE = re.compile(r"__dsu_(?:expr|asm|type)_\d+$")
ELVIS = "__dsu_elvis"
AUTO_TYPE = "__dsu_auto"


class Untouchable(Exception):
    """A function cannot be instrumented; the text says why and is shown in the build report."""


@dataclass
class Opaque:
    """Text that is carried through. `tokens` are the source's; `renamed` maps identifiers in it."""

    name: str
    tokens: list[str]
    is_asm: bool = False
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def is_constant(self) -> bool:
        """Is it a constant expression? `offsetof(struct s, a[i])` need not be one."""
        return self.tokens[0] in _CONSTANT_CALLS and "[" not in self.tokens

    @property
    def is_unevaluated(self) -> bool:
        """Are its names there for their types alone?"""
        return self.is_constant or self.tokens[0] in _TYPE_OPERATORS

    def identifiers(self) -> list[str]:
        """Identifiers that may name variables, in order, members and asm operand names left out."""
        return [t for i, t in enumerate(self.tokens) if self._is_variable(i)]

    def _is_variable(self, i: int) -> bool:
        t = self.tokens[i]
        if not (t[0].isalpha() or t[0] in "_$") or t[-1] in "\"'":
            return False
        before = next((x for x in reversed(self.tokens[:i]) if not x.isspace()), "")
        after = next((x for x in self.tokens[i + 1 :] if not x.isspace()), "")
        is_operand_name = self.is_asm and before == "[" and after == "]"
        is_named = before in (".", "->", *_TAGGED) or is_operand_name or i in self._members
        return not is_named

    @cached_property
    def _members(self) -> set[int]:
        """Where members are named behind the comma of an offsetof(); what stands in [] is not."""
        found: set[int] = set()
        for start in (i for i, t in enumerate(self.tokens) if t == "__builtin_offsetof"):
            depth, brackets, behind = 0, 0, False
            for i in range(start + 1, len(self.tokens)):
                t = self.tokens[i]
                depth += (t == "(") - (t == ")")
                brackets += (t == "[") - (t == "]")
                behind |= t == "," and depth == 1
                if behind and not brackets:
                    found.add(i)
                if t == ")" and not depth:
                    break
        return found

    def tags(self) -> set[str]:
        """Names of structs, unions and enums in the text."""
        words = [t for t in self.tokens if not t.isspace()]
        return {b for a, b in pairwise(words) if a in _TAGGED}

    def addressed(self) -> set[str]:
        """Identifiers whose address the text takes."""
        words = [t for t in self.tokens if not t.isspace()]
        return {b for a, b in pairwise(words) if a == "&"}

    def text(self, spell: Callable[[str], str]) -> str:
        """The text with each renamed identifier spelled by `spell`."""
        out = []
        for i, t in enumerate(self.tokens):
            known = self.renamed.get(t)
            out.append(spell(known) if known is not None and self._is_variable(i) else t)
        return "".join(out)


def is_unary_after(previous: str) -> bool:
    """Is an operator that follows this token one of a single operand?"""
    return bool(_BEFORE_UNARY.fullmatch(previous)) or previous == "return"


def takes_labels(text: str) -> bool:
    """Does a function's text take the address of a label?"""
    before = ""
    for found in TOKEN.finditer(text):
        if found.lastgroup in ("space", "marker"):
            continue
        if found.group() == "&&" and is_unary_after(before):
            return True
        before = found.group()
    return False


class _Rewriter:
    """One function's token list, rewritten in place."""

    def __init__(self, text: str, blocks: Callable[[str], bool]) -> None:
        self.kinds: list[str] = []
        self.tokens: list[str] = []
        for found in TOKEN.finditer(text):
            self.kinds.append(found.lastgroup or "")
            self.tokens.append(found.group())
        self.blocks = blocks
        self.opaque: dict[str, Opaque] = {}
        self.depth = 0
        self.out: list[str] = []
        self.goto_ends: set[int] = set()
        self.statement = 0  # where in `out` the statement begins
        self.previous = ""  # last significant token

    def skip_space(self, i: int) -> int:
        while i < len(self.tokens) and self.kinds[i] in ("space", "marker"):
            i += 1
        return i

    def group_end(self, i: int) -> int:
        """The index behind the bracket that closes the one at `i`."""
        depth = 0
        while i < len(self.tokens):
            t = self.tokens[i]
            if t in "([{" and self.kinds[i] == "punct":
                depth += 1
            elif t in ")]}" and self.kinds[i] == "punct":
                depth -= 1
                if depth == 0:
                    return i + 1
            i += 1
        raise Untouchable("unbalanced brackets")

    def call_end(self, i: int) -> int:
        """The index behind the parenthesis that follows the name at `i`."""
        return self.group_end(self.skip_space(i + 1))

    def set_aside(self, kind: str, start: int, end: int) -> None:
        """Replaces tokens[start:end] by a name; newlines stay, so that lines keep their numbers."""
        name = f"__dsu_{kind}_{len(self.opaque)}"
        tokens = [t for t, k in zip(self.tokens[start:end], self.kinds[start:end], strict=True)
                  if k != "marker"]  # fmt: skip
        evaluated = kind != "type" and tokens[0] not in _TYPES_ONLY
        flow = self.flow_in(tokens) if evaluated else ""
        if flow:
            raise Untouchable(f"{flow} inside '{tokens[0]}'")
        self.opaque[name] = Opaque(name, tokens, is_asm=kind == "asm")
        self.emit(name + ("()" if kind == "asm" else ""))
        self.out.append("\n" * sum(t.count("\n") for t in tokens))

    def flow_in(self, tokens: list[str]) -> str:
        """What a text does to the control flow: a jump out of it, a call that may update."""
        found = next((t for t in tokens if t in _JUMPS), "")
        if found:
            return f"'{found}'"
        before = ""
        for i, t in enumerate(tokens):
            if t == "&&" and is_unary_after(before):
                return "address of a label"
            before = t if not t.isspace() else before
            after = next((x for x in tokens[i + 1 :] if not x.isspace()), "")
            if after == "(" and (t[0].isalpha() or t[0] == "_") and self.blocks(t):
                return f"call of '{t}'"
        return ""

    def emit(self, t: str) -> None:
        self.out.append(t)
        self.previous = t
        if t in (";", "{", "}"):
            self.statement = len(self.out)

    def attribute(self, i: int) -> int:
        end = self.call_end(i)
        if self.depth:
            text = "".join(self.tokens[i:end])
            names = re.findall(r"[(,]\s*_*([A-Za-z]\w*?)_*\s*[(),]", text)
            bad = [n for n in names if n not in _HARMLESS]
            if bad == ["aligned"] and self.previous != "}":
                self.align(text)
            elif bad:
                raise Untouchable(f"attribute '{bad[0]}' on a local")
        self.out.append("\n" * sum(t.count("\n") for t in self.tokens[i:end]))
        return end

    def align(self, attribute: str) -> None:
        """`int x __attribute__((aligned(8)));` is read as `_Alignas(8) int x;`."""
        found = re.search(r"aligned_*\s*\(\s*([^()]*)\)", attribute)
        size = found.group(1) if found else "16"
        self.out.insert(self.statement, f" _Alignas({size}) ")

    def asm(self, i: int) -> int:
        end = start = i
        end = self.skip_space(end + 1)
        while self.tokens[end] in ("volatile", "__volatile__", "__volatile", "inline", "goto"):
            if self.tokens[end] == "goto":
                raise Untouchable("asm goto")
            end = self.skip_space(end + 1)
        end = self.group_end(end)
        if self.depth == 0:  # an asm label in the head
            return end
        if self.declares(start):
            raise Untouchable("an asm label inside a function")
        if self.previous not in (";", "{", "}", ":", ")", "else", "do"):
            raise Untouchable("a variable bound to a register")
        self.set_aside("asm", start, end)
        return end

    def declares(self, i: int) -> bool:
        """Is the token at `i` part of a declaration that begins with `extern`?"""
        while i and self.tokens[i - 1] not in (";", "{", "}"):
            i -= 1
        return self.tokens[self.skip_space(i)] == "extern"

    def ellipsis_in(self, i: int, closing: str) -> int:
        """`case 1 ... 5:` and `[0 ... 3] =`: the index of the closing token, or -1."""
        depth, j, seen = 0, i, False
        while j < len(self.tokens) and not (depth == 0 and self.tokens[j] == closing):
            t = self.tokens[j]
            depth += (t in "([{") - (t in ")]}") if self.kinds[j] == "punct" else 0
            seen |= t == "..."
            if t in (";", "{", "}") or depth < 0:
                return -1
            j += 1
        return j if seen else -1

    def name(self, i: int) -> int:
        t = self.tokens[i]
        if t in ("__attribute__", "__attribute"):
            return self.attribute(i)
        if t in _ASM:
            return self.asm(i)
        if t in _TYPE_OPERATORS or t in _TEXT_CALLS:
            end = self.call_end(i)
            self.set_aside("type" if t in _TYPE_OPERATORS else "expr", i, end)
            return end
        if t == "__auto_type":
            self.emit(AUTO_TYPE)
        elif t == "__label__":
            raise Untouchable("local labels")
        elif t == "goto" and self.tokens[self.skip_space(i + 1)] == "*":
            return self.computed_goto(i)
        elif t == "case":
            return self.case(i)
        elif t in _SYNONYMS:
            self.emit(_SYNONYMS[t] or " ") if _SYNONYMS[t] else self.out.append(" ")
        else:
            self.emit(t)
        return i + 1

    def computed_goto(self, i: int) -> int:
        """`goto *x;` is read as `__dsu_goto(x);`."""
        end = i
        while self.tokens[end] != ";":
            end = self.group_end(end) if self.tokens[end] in ("(", "[", "{") else end + 1
        self.goto_ends.add(end)
        self.emit(GOTO + "(")
        return self.skip_space(i + 1) + 1

    def case(self, i: int) -> int:
        end = self.ellipsis_in(i + 1, ":")
        self.emit("case")
        if end >= 0:
            self.out.append(" ")
            self.set_aside("expr", self.skip_space(i + 1), end)
            return end
        return i + 1

    def punctuation(self, i: int) -> int:
        t = self.tokens[i]
        if t == "(":
            inner = self.skip_space(i + 1)
            if self.tokens[inner] == "{":
                end = self.group_end(i)
                if not self.flow_in(self.tokens[i:end]):  # otherwise it has to be taken apart
                    self.set_aside("expr", i, end)
                    return end
        elif t == "[":
            end = self.ellipsis_in(i + 1, "]")
            if end >= 0:
                self.emit("[")
                self.set_aside("expr", i + 1, end)
                return end
        elif t == "&&" and is_unary_after(self.previous):
            label = self.skip_space(i + 1)
            self.emit(f"__dsu_label_{self.tokens[label]}")
            return label + 1
        elif i in self.goto_ends:
            self.emit(")")
        elif t == "?" and self.tokens[self.skip_space(i + 1)] == ":":
            self.emit("? " + ELVIS + " ")
            return i + 1
        self.depth += (t == "{") - (t == "}")
        self.emit(t)
        return i + 1

    def run(self) -> str:
        i = 0
        while i < len(self.tokens):
            kind = self.kinds[i]
            if kind == "name":
                i = self.name(i)
            elif kind == "punct":
                i = self.punctuation(i)
            elif kind in ("space", "marker"):
                self.out.append(self.tokens[i])
                i += 1
            elif kind == "number" and _IMAGINARY.search(self.tokens[i]):
                self.set_aside("expr", i, i + 1)
                i += 1
            else:
                self.emit(self.tokens[i])
                i += 1
        return "".join(self.out)


def standardise(text: str, blocks: Callable[[str], bool]) -> tuple[str, dict[str, Opaque]]:
    """Standard C for a function's text, and what was set aside.

    `blocks(name)` says whether a call of `name` may be an update point; such calls must not
    disappear into opaque text. Raises Untouchable.
    """
    rewriter = _Rewriter(text, blocks)
    return rewriter.run(), rewriter.opaque
