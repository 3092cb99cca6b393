"""The quick lexer gives what pycparser's own gives, token by token."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
from pycparser.c_lexer import CLexer, Token

from dsucc.cpp import preprocess
from dsucc.gnu import Untouchable, standardise
from dsucc.lexer import Lexer
from dsucc.toplevel import Kind, split
from tests.toolchain import INCLUDE

CASES = sorted((Path(__file__).parent / "cases").glob("*.c"))

ODDITIES = (
    "a[[0] ]", "x = a[b[1]];", "1.5e3 .5 5. 0x1fULL 0b101 017 1'000 089.5", "a.b...c", "a+++b->c",
    "L\"w\" u8\"u\" U'x' 'ab' '\\n' \"a\\\"b\" \"\\x41\"", "#pragma omp parallel\nx;",
    "# 12 \"f.c\" 3\ny\n\n  z", "[[maybe_unused]] int a;", "_Pragma(\"x\") a<<=b>>=c", "a /b", "é",
    "\f\v\tx", "$a$1 __int128 _Bool", "0u 12L 1wb", "a ? b : c;", "",
)  # fmt: skip


class WrongToken(Exception):
    """What the lexer could not read."""


def refuse(message: str, line: int, column: int) -> NoReturn:
    raise WrongToken(message, line, column)


def tokens(lexer: CLexer, text: str) -> list[Token] | WrongToken:
    """All tokens, one by one or at once; or what is wrong with the text."""
    lexer.input(text, "file.c")
    try:
        if isinstance(lexer, Lexer):
            return [t for t in lexer.all() if t is not None]
        return list(iter(lexer.token, None))
    except WrongToken as wrong:
        return wrong


def check(text: str) -> None:
    wanted, got = tokens(CLexer(refuse), text), tokens(Lexer(refuse), text)
    if isinstance(wanted, WrongToken):
        assert isinstance(got, WrongToken)
        assert got.args == wanted.args
    else:
        assert got == wanted


@pytest.mark.parametrize("text", ODDITIES)
def test_odd_text(text: str) -> None:
    check(text)


def test_all_functions_of_the_corpus() -> None:
    seen = 0
    for case in CASES:
        for item in split(preprocess("gcc", ["-O2", f"-I{INCLUDE}"], str(case), ["-x", "c"])).items:
            if item.kind is not Kind.FUNCTION:
                continue
            try:
                text, _ = standardise(item.text, lambda _: True)
            except Untouchable:
                text = item.text
            check(text)
            seen += 1
    assert seen > len(CASES)
