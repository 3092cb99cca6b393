"""The types of temporaries: what `__typeof__((0, c->timeout))` is, in words that can be compared.

A temporary is declared by the expression whose value it keeps. The next version may have the same
expression of another type, or the same type under a touched name; so expressions of the usual kinds
are given their types here. Others keep their text, and are compared by that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pycparser import c_ast

from . import declare
from .facts import Variable, variables
from .toplevel import Item, Kind
from .typegraph import (
    FUNCTION,
    VOID,
    Array,
    Enum,
    Pointer,
    Record,
    Scalar,
    Type,
    TypeGraph,
    Unknown,
)

_VALUE = re.compile(r"__typeof__ ?\(\(0, (.*)\)\)", re.DOTALL)
# How writer.py writes a given type without its qualifiers.
_UNQUALIFIED = re.compile(
    r"__typeof__\(__builtin_choose_expr\(__builtin_types_compatible_p\("
    r"(.*), __typeof__\(\(0, \*\(\1 \*\)0\)\)\), .*\)\)",
    re.DOTALL,
)
_GIVEN = re.compile(r"(?:__)?typeof(?:__)? ?\((.*)\)", re.DOTALL)
_INT = Scalar("int", "int")
_SIZE = Scalar("unsigned long", "long unsigned")
_RANKS = ("int", "long", "long long")
_SUFFIX = {
    "": "int",
    "u": "unsigned int",
    "l": "long",
    "ul": "unsigned long",
    "lu": "unsigned long",
}
_NOT_OF_A_TYPE = re.compile(r"\b(?:static|extern|inline|__inline(?:__)?|_Noreturn|__extension__)\b")
_DEPTH = 8  # of temporaries of temporaries


def is_temporary(text: str) -> bool:
    """Is it the type of a temporary, whose pointers gcc has told apart (DSU_ADDRESS)?"""
    return _VALUE.fullmatch(text) is not None


class ValueTypes:
    """Types of expressions in one version of a unit."""

    def __init__(self, graph: TypeGraph) -> None:
        self.graph, self.unit = graph, graph.unit
        self.globals: dict[str, Type | None] = {}

    def plain(self, text: str, types: Mapping[str, str], item: Item, depth: int = 0) -> str:
        """A type's text without the expression that gives it, if that can be told.

        `types` has the function's variables by name, `item` is the function.
        """
        unqualified = _UNQUALIFIED.fullmatch(text)
        text = unqualified[1] if unqualified else text
        value = _VALUE.fullmatch(text)
        found = value or _GIVEN.fullmatch(text)
        expr = self.graph.expression(found[1], item) if found and depth < _DEPTH else None
        if isinstance(expr, c_ast.Typename):
            made: Type | None = self.graph.convert(expr.type, text)
        else:
            made = None if expr is None else _Value(self, types, item, depth).of(expr)
        return _spelled(_decayed(made) if value else made) or text

    def of_global(self, name: str) -> Type | None:
        if name not in self.globals:
            self.globals[name] = None
            self.globals[name] = self._global(name)
        return self.globals[name]

    def _global(self, name: str) -> Type | None:
        if name in self.unit.functions:
            return FUNCTION
        if name in self.unit.enumerators:
            return _INT
        word = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
        for item in self.unit.items:
            if item.kind is Kind.DECLARATION and word.search(item.text):
                for v in variables(item, self.unit):
                    if v.name == name:
                        return self._variable(v)
        return None

    def of_result(self, name: str) -> Type | None:
        """What a function of this name returns, by what stands in front of its name."""
        declared = (i for i in self.unit.items if i.kind is Kind.DECLARATION and i.declared == name)
        item = self.unit.functions.get(name) or next(declared, None)
        found = re.match(rf"([\w\s*]*?){re.escape(name)}\s*\(", item.bare) if item else None
        if item is None or not found or not found[1].strip():
            return None
        made = self.graph.of_text(_NOT_OF_A_TYPE.sub("", found[1]).strip(), item)
        return None if made is VOID or isinstance(made, Unknown) else made

    def _variable(self, v: Variable) -> Type:
        specifiers = declare.read(v.item.text).specifiers
        return self.graph.variable(v.item, v.declarator, specifiers)


class _Value:
    """The expressions of one function; None for what has no type that is known here."""

    def __init__(self, whole: ValueTypes, types: Mapping[str, str], item: Item, depth: int) -> None:
        self.whole, self.graph, self.types = whole, whole.graph, types
        self.item, self.depth = item, depth

    def of(self, node: c_ast.Node) -> Type | None:
        method = getattr(self, "of_" + type(node).__name__, None)
        made: Type | None = method(node) if method else None
        return made

    def of_ID(self, node: c_ast.ID) -> Type | None:
        if node.name not in self.types:
            return self.whole.of_global(node.name)
        text = self.whole.plain(self.types[node.name], self.types, self.item, self.depth + 1)
        return self.graph.of_text(text, self.item)

    def of_Constant(self, node: c_ast.Constant) -> Type | None:
        if node.type == "string":
            return Pointer("char *", Scalar("char", "char"))
        if node.type == "char":
            return _INT
        number = re.fullmatch(r"\d{1,9}([ul]*)", node.value.lower())
        words = _SUFFIX.get(number[1]) if number else None
        return Scalar(words, words) if words else None

    def of_StructRef(self, node: c_ast.StructRef) -> Type | None:
        owner = self.of(node.name)
        if node.type == "->":
            owner = _target(owner)
        member = owner.named.get(node.field.name) if isinstance(owner, Record) else None
        return None if member is None or member.bits else member.type

    def of_ArrayRef(self, node: c_ast.ArrayRef) -> Type | None:
        return _target(self.of(node.name))

    def of_UnaryOp(self, node: c_ast.UnaryOp) -> Type | None:
        if node.op in ("sizeof", "_Alignof"):
            return _SIZE
        if node.op == "!":
            return _INT
        made = self.of(node.expr)
        if made is None:
            return None
        if node.op == "&":
            return Pointer(f"{made.known_as} *", made)
        if node.op == "*":
            return _target(made)
        is_step = node.op in ("++", "--", "p++", "p--")
        return made if is_step else _promoted(made)

    def of_Cast(self, node: c_ast.Cast) -> Type | None:
        return self.graph.convert(node.to_type.type, "a cast")

    def of_FuncCall(self, node: c_ast.FuncCall) -> Type | None:
        name = node.name.name if isinstance(node.name, c_ast.ID) else ""
        return None if name in self.types else self.whole.of_result(name)

    def of_Assignment(self, node: c_ast.Assignment) -> Type | None:
        return self.of(node.lvalue)

    def of_ExprList(self, node: c_ast.ExprList) -> Type | None:
        return self.of(node.exprs[-1])

    def of_BinaryOp(self, node: c_ast.BinaryOp) -> Type | None:
        if node.op in ("==", "!=", "<", ">", "<=", ">=", "&&", "||"):
            return _INT
        left, right = _decayed(self.of(node.left)), _decayed(self.of(node.right))
        if node.op in ("<<", ">>"):
            return _promoted(left)
        if isinstance(left, Pointer):
            is_difference = node.op == "-" and isinstance(right, Pointer)
            return Scalar("long", "long") if is_difference else left
        return right if isinstance(right, Pointer) else _common(_promoted(left), _promoted(right))

    def of_TernaryOp(self, node: c_ast.TernaryOp) -> Type | None:
        one, other = _decayed(self.of(node.iftrue)), _decayed(self.of(node.iffalse))
        if isinstance(one, Pointer) and isinstance(other, Pointer):
            return one if one.known_as == other.known_as else None
        return _common(_promoted(one), _promoted(other))


def _target(a: Type | None) -> Type | None:
    if isinstance(a, Array):
        return a.of
    return a.to if isinstance(a, Pointer) and a.to not in (VOID, FUNCTION) else None


def _decayed(a: Type | None) -> Type | None:
    if isinstance(a, Array):
        return Pointer(f"{a.of.known_as} *", a.of)
    return Pointer("a function *", FUNCTION) if a is FUNCTION else a


def _promoted(a: Type | None) -> Scalar | None:
    """An integer as it takes part in arithmetic; None for what is none."""
    if isinstance(a, Enum):
        return _INT
    if not isinstance(a, Scalar) or a in (VOID, FUNCTION):
        return None
    words = a.words.split()
    if "double" in words or "float" in words or "_Complex" in words or "__int128" in words:
        return None
    if "char" in words or "short" in words or "_Bool" in words:
        return _INT
    name = _RANKS[words.count("long")]
    name = f"unsigned {name}" if "unsigned" in words else name
    return Scalar(name, name)


def _common(a: Scalar | None, b: Scalar | None) -> Scalar | None:
    if a is None or b is None:
        return None
    first, second = (_RANKS.index(x.words.removeprefix("unsigned ")) for x in (a, b))
    if first == second:
        return a if a.words.startswith("unsigned") else b
    return a if first > second else b  # here `long` holds all that an `unsigned int` does


def _spelled(a: Type | None) -> str:
    """In C; empty for what has no name."""
    if isinstance(a, Pointer):
        inner = "" if isinstance(a.to, Array) or a.to is FUNCTION else _spelled(a.to)
        return f"{inner} *".replace("* *", "**") if inner else ""
    if isinstance(a, Record):
        return a.spelled
    if isinstance(a, Scalar) and a is not FUNCTION:
        return a.words
    return ""
