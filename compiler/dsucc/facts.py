"""What a translation unit's items say of names: the unit of comparison between two versions.

typedef unsigned id_t;          type        id_t
enum e { A, B = 4 };            enumerator  A, B; type e
int f(int a);                   function    f, by its parameters' types
static id_t x[2] = { 1, 2 };    variable    x, by its type; the initialiser apart
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pycparser import c_ast
from pycparser.c_generator import CGenerator
from pycparser.c_parser import CParser, ParseError

from . import declare, tokens
from .declare import Declarator
from .gnu import Untouchable, standardise
from .refusal import Place, place_of
from .toplevel import Item, Kind, Unit, split_commas, typedef_names

TYPE, ENUMERATOR, FUNCTION, VARIABLE = "type", "enumerator", "function", "variable"
_NOTHING = re.compile(r"0[uUlL]*|\{ ?0? ?\}|0 ?\.0?|\( ?void \* ?\) ?0|")
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_STORAGE = re.compile(r"\b(?:extern|static|inline|__inline|__inline__|__extension__)\b")


@dataclass(frozen=True)
class Fact:
    """One thing said of a name. Equal `text` means that it says the same."""

    kind: str
    name: str
    text: str
    item: Item
    owner: str = ""  # of enumerators: the enum's name, empty for constants without a type

    @property
    def place(self) -> Place:
        return place_of(self.item)


@dataclass(frozen=True)
class Variable:
    """A variable of file scope as one item declares it."""

    name: str
    declarator: Declarator
    item: Item
    type_text: str
    is_static: bool
    is_extern: bool
    is_thread_local: bool

    @property
    def defines(self) -> bool:
        """Is this a definition, tentative ones included?"""
        return not self.is_extern or bool(self.declarator.init)

    @property
    def init(self) -> str:
        """The initialiser in normal form; empty for zero."""
        text = tokens.normal(self.declarator.init, self.item.line)
        return "" if _NOTHING.fullmatch(text) else text

    @property
    def is_const(self) -> bool:
        """Is the object itself declared as one that nobody writes?"""
        before = self.declarator.text.partition(self.name)[0]
        specifiers = declare.read(self.item.text).outer_words
        return "const" in before.rpartition("*")[2] if "*" in before else "const" in specifiers

    @property
    def place(self) -> Place:
        return place_of(self.item)


def variables(item: Item, unit: Unit) -> list[Variable]:
    """The variables that an item declares."""
    if item.kind is not Kind.DECLARATION or item.text.lstrip().startswith(("asm", "__asm")):
        return []
    declaration = declare.read(item.text)
    specifiers = declare.without(declaration.specifiers, declare.STORAGE)
    return [
        Variable(
            d.name, d, item, tokens.normal(f"{specifiers} {d.text}", item.line),
            declaration.is_static, declaration.is_extern, declaration.is_thread_local,
        )
        for d in declaration.declarators
        if not d.is_function and d.name not in unit.functions
    ]  # fmt: skip


def facts(item: Item, unit: Unit) -> list[Fact]:
    """All that an item says; of functions with a body, what their head says."""
    if item.kind is Kind.OTHER:
        return []
    if item.kind is Kind.FUNCTION:
        head = item.text[: item.body]
        return [Fact(FUNCTION, item.name, signature(head, item, unit), item)] if item.name else []
    out = [f for tag in declare.tags(item.text) for f in _tag_facts(tag, item)]
    if item.kind is Kind.TYPEDEF:
        plain = _without_named_bodies(item.text)
        text = tokens.normal(plain, item.line)
        return out + [Fact(TYPE, n, text, item) for n in typedef_names(item.text)]
    out += [Fact(VARIABLE, v.name, v.type_text, item) for v in variables(item, unit)]
    out += [
        Fact(FUNCTION, d.name, signature(f"{_specifiers(item)} {d.text}", item, unit), item)
        for d in declare.read(item.text).declarators
        if d.is_function
    ]
    return out


def _specifiers(item: Item) -> str:
    return declare.read(item.text).specifiers


def _without_named_bodies(text: str) -> str:
    """A typedef's text less the bodies of types that have a tag: those are compared themselves."""
    for keyword, name, body in declare.tags(text):
        if name and keyword != "enum":
            text = text.replace("{" + body + "}", "", 1)
    return text


def _tag_facts(tag: tuple[str, str, str], item: Item) -> list[Fact]:
    keyword, name, body = tag
    if keyword != "enum":
        return [Fact(TYPE, name, tokens.normal(body, 0), item)] if name else []
    owner = name or ("(typedef)" if item.kind is Kind.TYPEDEF else "")
    out: list[Fact] = []
    base, count = "", 0
    for part in split_commas(re.sub(r"(?m)^\#.*$", "", body)):
        word, _, value = tokens.normal(part, 0).partition(" = ")
        if not word:
            continue
        base, count = (value, 0) if value else (base, count)
        out.append(Fact(ENUMERATOR, word.split()[0], f"{base} + {count}", item, owner))
        count += 1
    return out


_parser = CParser()


def signature(text: str, item: Item, unit: Unit) -> str:
    """A function's type in normal form: without names of parameters, attributes and storage."""
    plain = _STORAGE.sub(" ", ATTRIBUTE.sub(" ", text))
    types = sorted(set(_WORD.findall(plain)) & unit.typedefs.keys())
    return _signature(plain, tuple(types)) or tokens.normal(plain, item.line)


@lru_cache(maxsize=1 << 16)
def _signature(text: str, types: tuple[str, ...]) -> str:
    """The same of a text without those; empty where it cannot be read."""
    prelude = "".join(f"typedef int {t};" for t in types)
    try:
        standard, _ = standardise(text.strip() + ";", lambda _: False)
        tree = _parser.parse(prelude + re.sub(r"(?m)^\#.*$", "", standard)).ext[-1]
    except (ParseError, Untouchable):
        return ""
    if not isinstance(tree, c_ast.Decl) or not isinstance(tree.type, c_ast.FuncDecl):
        return ""
    return _canonical(tree.type)


def _canonical(tree: c_ast.FuncDecl) -> str:
    for parameter in tree.args.params if tree.args else []:
        _forget_name(getattr(parameter, "type", None))
        if isinstance(parameter, c_ast.Decl):
            parameter.name = None
    _forget_name(tree.type)
    return " ".join(CGenerator().visit(tree).split())


def _forget_name(node: c_ast.Node | None) -> None:
    while node is not None and not isinstance(node, c_ast.TypeDecl):
        node = getattr(node, "type", None)
    if node is not None:
        node.declname = None
