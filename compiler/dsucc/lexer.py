"""The parser's tokens, faster than pycparser makes them: half of a parse went into one at a time.

What nearly all tokens are (names, punctuation, plain numbers and strings) is found with one regular
expression. Anything else, and everything that is wrong, is left to pycparser's own lexer.
"""

from __future__ import annotations

import re

from pycparser import c_lexer
from pycparser.c_lexer import CLexer, Token

_KINDS = {t.literal: t.tok_type for t in c_lexer._fixed_tokens}
# `[[` begins an attribute, `.5` is a number, and comments are an error.
_CAREFUL = {"[": r"\[(?!\s*\[)", ".": r"\.(?![\d.])", "/": r"/(?![/*])"}
_PUNCTUATION = "|".join(
    _CAREFUL.get(t, re.escape(t))
    for t in sorted(_KINDS, key=len, reverse=True)
    if t not in ("#", "##")
)
_TOKEN = re.compile(
    r"[ \t\f\v]*+(?:"
    r"(?P<name>[A-Za-z_$][\w$]*+)(?![\"'])"
    rf"|(?P<punctuation>{_PUNCTUATION})"
    r"|(?P<newline>\n)"
    r"|(?P<number>(?:0|[1-9]\d*+)(?![\w.']))"
    r'|(?P<string>"[^"\\\n]*+")'
    r")",
    re.ASCII,
)
_NAME, _PUNCT, _NEWLINE, _NUMBER = range(1, 5)
_END = 8
"""How far beyond the last token the parser may look."""


class Lexer(CLexer):
    """A CLexer that can give all tokens at once."""

    _pos: int

    def all(self) -> list[Token | None]:
        """Every token of the input, then None for its end, several times."""
        text, match, keywords = self._lexdata, _TOKEN.match, self._keyword_map
        out: list[Token | None] = []
        while True:
            found = match(text, self._pos) if not self._in_attribute else None
            if found is None or self._pending_tok is not None:
                token = self.token()
                if token is None:
                    return out + [None] * _END
                out.append(token)
                continue
            kind = found.lastindex
            self._pos = end = found.end()
            if kind == _NEWLINE:
                self._lineno += 1
                self._line_start = end
                continue
            assert kind is not None
            value = found.group(kind)
            if kind == _NAME:
                name = keywords.get(value, "ID")
            elif kind == _PUNCT:
                name = _KINDS[value]
            elif kind == _NUMBER:
                name = "INT_CONST_DEC" if value != "0" else "INT_CONST_OCT"
            else:
                name = "STRING_LITERAL"
            column = end - len(value) - self._line_start + 1
            out.append(Token(name, value, self._lineno, column, self._filename))
