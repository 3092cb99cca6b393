"""The part of the mapping file that holds C functions for its expressions and statements to call.

code: |
  static const char *weigh(const struct old$item *old, struct item *new)
  {
      if (old->grams < 0)
          return "an item weighs less than nothing";   # the update is rolled back for this reason
      new->kilos = old->grams / 1000;
      return 0;
  }

The text is put in front of the code of each unit that calls one of its functions, behind both
versions' declarations of that unit, so a function is `static`. It goes through no preprocessor:
macros are not known. Names of the old version have the prefix `old$`, those of variables too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from . import tokens
from .toplevel import split
from .typemap import Expression, Reader


@dataclass
class UserCode:
    """The section, and the functions in it."""

    code: Expression | None = None
    names: frozenset[str] = frozenset()
    used: bool = field(default=False, compare=False)

    def front_of(self, text: str) -> str:
        """What has to stand in front of `text`: all of it, or nothing."""
        if self.code is None or not self.names & tokens.words(text):
            return ""
        self.used = True
        return self.code.marked(self.code.text)

    def unused(self) -> list[str]:
        return ["code"] if self.code is not None and not self.used else []


def place_in(text: str, at: int) -> str:
    """Where in the mapping file that stands which is at this place of a generated text."""
    file, line = "", 0
    for row in text[:at].split("\n"):
        marker = re.fullmatch(r'# (\d+) "(.*)"', row)
        if marker:
            file, line = marker[2], int(marker[1]) - 1
        else:
            line += 1
    return f"{file}:{line}"


def read(reader: Reader, node: yaml.Node) -> UserCode:
    """Reads the section; what is wrong goes to the reader's list."""
    code = reader.code(node)
    functions = split(code.text).functions
    for name, item in functions.items():
        if not item.is_static:
            line = code.line + item.first_line - 1
            reader.wrong.append(f"{code.file}:{line}: want 'static' in front of '{name}'")
    if not functions and code.text.strip():
        reader.complain(node, "want C functions")
    return UserCode(code, frozenset(functions))
