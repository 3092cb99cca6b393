"""The loops of a function by its text: which of them surely end?

Works on tokens, like reach.py, and errs on the side of doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_KEYWORD = re.compile(r"\b(for|while|do|if)\b")
_COUNTED = re.compile(
    r"\s*(?P<i>[A-Za-z_]\w*)\s*(?P<cmp>[<>])\s*(?P<bound>[\w\s+*/.\-]+|sizeof[\w\s()*/]+)\s*"
)
_STEP = r"\s*(?:{i}\s*{op}{op}|{op}{op}\s*{i}|{i}\s*{op}=\s*[1-9]\d*)\s*"
_CALL = re.compile(r"\b(?!(?:sizeof|if|while|for|switch|return)\b)[A-Za-z_]\w*\s*\(")
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Loop:
    """`at` is its offset in the text; `end` that of what follows."""

    at: int
    end: int
    condition: str
    step: str  # of a for
    body: str

    @property
    def is_endless(self) -> bool:
        """By its condition, which is none or a constant."""
        constant = self.condition.strip().strip("()").rstrip("uUlL")
        return not constant or (constant.isdigit() and int(constant) != 0)

    @property
    def surely_ends(self) -> bool:
        """It is never repeated, or counts to a bound that nothing in it moves."""
        if self.condition.strip().strip("()").rstrip("uUlL") == "0":
            return True
        counted = _COUNTED.fullmatch(self.condition)
        if counted is None or _CALL.search(self.body):
            return False
        i, op = counted["i"], re.escape("+" if counted["cmp"] == "<" else "-")
        fixed = {i, *_WORD.findall(counted["bound"])}
        steps = re.fullmatch(_STEP.format(i=i, op=op), self.step)
        return steps is not None and not any(_moves(self.body, name) for name in fixed)


def _moves(text: str, name: str) -> bool:
    """Is the name assigned, counted, or its address taken?"""
    n = rf"(?<![\w.>]){re.escape(name)}\b"
    after = r"(?:\+\+|--|(?:[-+*/%&|^]|<<|>>)?=(?!=))"
    return bool(re.search(rf"{n}\s*{after}|(?:\+\+|--|&)\s*{n}", text))


def loops(text: str) -> Iterator[Loop]:
    """All loops of a function's body, strings and markers blanked, outer ones first."""
    tails: set[int] = set()  # where the `while` of a `do` stands
    for found in _KEYWORD.finditer(text):
        word, at, after = found.group(), found.start(), found.end()
        if word == "if" or at in tails:
            continue
        if word == "do":
            end = _statement(text, after)
            tail = text.find("while", end)
            tails.add(tail)
            close = _brackets(text, tail)
            yield Loop(at, close, _inside(text, tail, close), "", text[after:end])
            continue
        close = _brackets(text, after)
        end = _statement(text, close)
        parts = _inside(text, after, close).split(";")
        if word == "for" and len(parts) == 3:
            yield Loop(at, end, parts[1], parts[2], text[close:end])
        else:
            yield Loop(at, end, ";".join(parts), "", text[close:end])


def _brackets(text: str, at: int) -> int:
    """Behind the brackets that open next."""
    depth = 0
    for i in range(max(text.find("(", at), 0), len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i + 1
    return len(text)


def _inside(text: str, at: int, close: int) -> str:
    return text[text.find("(", at) + 1 : close - 1]


def _statement(text: str, at: int) -> int:
    """Behind the statement that begins here."""
    found = _KEYWORD.match(text, at + len(text[at:]) - len(text[at:].lstrip()))
    if found is not None and found.group() != "do":
        return _else(text, _statement(text, _brackets(text, found.end())))
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in "({[") - (text[i] in ")}]")
        if depth == 0 and text[i] in ";}":
            return i + 1
    return len(text)


def _else(text: str, at: int) -> int:
    found = re.compile(r"\s*else\b").match(text, at)
    return at if found is None else _statement(text, found.end())
