"""Reads a tree of C sources before its first build: which functions may reach an update point.

Works on the text as it stands, without the preprocessor: a macro counts as a function that calls
what its body names, and all branches of an #if count. That may be wrong about a function in either
way; what a link finds replaces it (see summary.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .graph import Graph, in_cycles
from .reach import (
    CALLS,
    KEYWORDS,
    LOOPS,
    SETJMP,
    UPDATE_POINT,
    argument_text,
    blocking_calls,
    waiting_calls,
)
from .reach import conditions as blocking_conditions
from .summary import CANNOT, SURVEYED, SURVEYED_CYCLE

_NOISE = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w+)([^\n]*)$", re.MULTILINE)
_MACRO = re.compile(r"\s*([A-Za-z_]\w*)(\([^)]*\))?(.*)", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_CALL = re.compile(r"(->|\.)?\s*\b([A-Za-z_$][\w$]*)\s*\(")
_BEHIND_GROUP = re.compile(r"([\])])\s*\(")
# A variable, parameter or member that is a pointer to a function, or an array of them.
_POINTER = re.compile(r"\(\s*\*\s*(?:\w+\s+)*?([A-Za-z_$][\w$]*)\s*(?:\[[^\]]*\]\s*)?\)\s*\(")
_ENDLESS = re.compile(r"\bfor\s*\([^;()]*;\s*(?:1\s*)?;|\bwhile\s*\(\s*(?:1|!0|true|TRUE)\s*\)")
_LOOP = re.compile(r"\b(?:for|while|do)\b")
# `f_##x(1)`, or a macro that is nothing but a name: what it calls is put together elsewhere.
_PASTED_CALL = re.compile(r"##\s*\w+\s*(?:\(|$)")
_BRACE = re.compile(r"[{}]")
_HEAD_NAME = re.compile(r"([A-Za-z_$][\w$]*)\s*\(")
_ATTRIBUTES = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")
_ENDINGS = {".c", ".h", ".y", ".l"}


@dataclass
class _Found:
    """A function or macro of the tree, all definitions of that name in one."""

    calls: set[str] = field(default_factory=set)
    alone: bool = False
    macro: bool = False


class Survey:
    """The call graph of a tree, by name; functions of equal name count as one."""

    def __init__(self, root: Path, points: str, never: frozenset[str]) -> None:
        self.points, self.never = points, never
        self.found: dict[str, _Found] = {}
        self.pointers: set[str] = set()
        self.blocking = blocking_calls() | waiting_calls() | SETJMP | {UPDATE_POINT}
        for path in _sources(root):
            self.file(path.read_text("utf-8", "surrogateescape"))

    def file(self, text: str) -> None:
        """Adds a file's macros and functions."""
        text = _NOISE.sub(" ", text.replace("\\\n", "  "))
        plain = _Directives(self.macro).without(text)
        self.pointers.update(_POINTER.findall(plain))
        for head, body in _functions(plain):
            named = _HEAD_NAME.findall(_ATTRIBUTES.sub(" ", head))
            if named and named[0] not in KEYWORDS:
                self.add(named[0], head, body)

    def macro(self, definition: str) -> None:
        found = _MACRO.match(definition)
        if found and _WORD.search(found.group(3)):
            body = found.group(3)
            made = self.found.setdefault(found.group(1), _Found())
            made.alone |= bool(_PASTED_CALL.search(body))
            made.macro = True
            self.add(found.group(1), found.group(2) or "", body, mentions=True)

    def add(self, name: str, head: str, body: str, mentions: bool = False) -> None:
        """One definition. In a macro's body a name alone may be a call as well."""
        made = self.found.setdefault(name, _Found())
        if self.points == CALLS:
            made.alone |= bool(_ENDLESS.search(body))
        else:
            made.alone |= self.points != LOOPS or bool(_LOOP.search(body))
        made.alone |= _calls_through_pointer(body)
        variables = set(_WORD.findall(head[head.find("(") :]))
        for call in _CALL.finditer(body):
            member, callee = call.groups()
            if member or callee in variables:
                made.alone = True
            elif callee not in KEYWORDS and not self.returns_at_once(body, call):
                made.calls.add(callee)
        words = set(_WORD.findall(body))
        made.calls |= words if mentions else {w for w in words if w.isupper()}

    def returns_at_once(self, body: str, call: re.Match[str]) -> bool:
        """Is it a blocking function's call with an argument by which it does not block?

        The argument is a macro's name here; those that wait are called so.
        """
        condition = blocking_conditions().get(call.group(2))
        if condition is None:
            return False
        value = argument_text(body, call.end() - 1, condition[0]).strip()
        return value.isupper() and not value.endswith("W")

    def states(self) -> dict[str, str]:
        """What the summary is to say of each name."""
        known = self.found.keys() | self.blocking
        variables = self.pointers - self.found.keys()
        calls = {n: f.calls & known for n, f in self.found.items()}
        macros = in_cycles({n: calls[n] for n, f in self.found.items() if f.macro})
        graph = Graph(
            # `assert` is `Assert` here and `Assert` is `assert` there: that is no recursion.
            {n: c - macros if n in macros else c for n, c in calls.items()},
            {n for n, f in self.found.items() if f.alone or f.calls & variables} | self.blocking,
            self.never,
        )
        cycles = graph.unbounded
        may = dict.fromkeys(graph.updating & self.found.keys(), SURVEYED)
        return dict.fromkeys(self.found, CANNOT) | may | dict.fromkeys(cycles, SURVEYED_CYCLE)


def _calls_through_pointer(body: str) -> bool:
    """`(*f)(x)`, `(*(a)->f)(x)` or `f[i](x)`; not `(type)(x)`."""
    return any(
        found.group(1) == "]" or _is_dereference(body, found.start())
        for found in _BEHIND_GROUP.finditer(body)
    )


def _is_dereference(body: str, end: int) -> bool:
    """Does the group that ends at `end` begin with a star?"""
    depth = 0
    for at in range(end, -1, -1):
        depth += (body[at] == ")") - (body[at] == "(")
        if not depth:
            return body[at + 1 : end].lstrip().startswith("*")
    return False


def _sources(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith(".")]
        yield from (Path(folder) / f for f in files if Path(f).suffix in _ENDINGS)


class _Directives:
    """Takes preprocessor lines out; all branches stay, but only one of them may open a brace."""

    def __init__(self, macro: Callable[[str], None]) -> None:
        self.macro = macro

    def without(self, text: str) -> str:
        out, at, in_else = [], 0, [False]
        for found in _DIRECTIVE.finditer(text):
            out.append(_balanced(text[at : found.start()]) if in_else[-1] else
                       text[at : found.start()])  # fmt: skip
            at = found.end()
            word = found.group(1)
            if word.startswith("if"):
                in_else.append(in_else[-1])
            elif word in ("else", "elif"):
                in_else[-1] = True
            elif word == "endif" and len(in_else) > 1:
                in_else.pop()
            elif word == "define":
                self.macro(found.group(2))
        return "".join([*out, text[at:]])


def _balanced(text: str) -> str:
    """A branch whose braces do not match repeats those of the branch before it."""
    depth = 0
    for brace in _BRACE.findall(text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            break
    return text if depth == 0 else _BRACE.sub(" ", text)


def _functions(text: str) -> Iterator[tuple[str, str]]:
    """Heads and bodies of function definitions."""
    depth, start, head = 0, 0, ""
    outside = 0
    for found in _BRACE.finditer(text):
        if found.group() == "{":
            if depth == 0:
                head = text[outside : found.start()]
                head = head[max(head.rfind(";"), head.rfind("}")) + 1 :]
                start = found.end()
                if not head.strip():  # extern "C", its string taken out
                    outside = start
                    continue
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                if "(" in head and "=" not in head:
                    yield head, text[start : found.start()]
                outside = found.end()
