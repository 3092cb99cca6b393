"""The file of --dsu-transactions: where no update may happen, said without touching the source.

bank.c:                     # a source file, by the end of its path
  settle: whole             # only old or only new: no update while it is active
  pay:                      # regions, from one call to another of the same function
    - {from: debit#1, to: credit#2}
    - {from: read, to: write#3}

Calls are named as in mapping files: by the function that is called and which of its calls it is, of
those that can reach an update point.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath

import yaml

from .argv import UsageError
from .transactions import Region, Transactions
from .typemap import Reader

WHOLE = "whole"
_FUNCTION = re.compile(r"[A-Za-z_]\w*")
_CALL = re.compile(r"[^\s#][^#]*(#[1-9]\d*)?")


def read(path: Path, source: str) -> Transactions:
    """What the file says of a source file. Raises UsageError with all that is wrong with it."""
    try:
        tree = yaml.compose(path.read_text(), yaml.SafeLoader)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: {error}") from None
    reader = _Reader(str(path), [])
    files = reader.table(tree) if tree is not None else []
    found = [(name, reader.source(node)) for name, node in files]
    if reader.wrong:
        raise UsageError("\n".join(reader.wrong))
    out = Transactions()
    for name, said in found:
        parts = PurePath(name).parts
        if PurePath(source).parts[-len(parts) :] == parts:
            out.whole.update(said.whole)
            out.regions.update(said.regions)
    return out


class _Reader(Reader):
    def source(self, node: yaml.Node) -> Transactions:
        """One source file's table."""
        out = Transactions()
        for key, value in self.table(node):
            place = f"{self.file}:{value.start_mark.line + 1}"
            if not _FUNCTION.fullmatch(key):
                self.complain(value, f"'{key}': want a function's name")
            elif key in out.whole or key in out.regions:
                self.complain(value, f"'{key}' is there twice: put all of its regions in one list")
            elif isinstance(value, yaml.SequenceNode) and value.value:
                out.regions[key] = [r for n in value.value for r in self.region(n)]
            elif isinstance(value, yaml.ScalarNode) and value.value == WHOLE:
                out.whole[key] = place
            else:
                self.complain(
                    value, f"{key}: want '{WHOLE}', or a list of {{from: CALL, to: CALL}}"
                )
        return out

    def region(self, node: yaml.Node) -> list[Region]:
        """One region; none if it is wrong."""
        wanted = "a region such as {from: read#1, to: write#2}"
        if not isinstance(node, yaml.MappingNode):
            self.complain(node, f"want {wanted}")
            return []
        ends = {key: self.text(value) for key, value in self.table(node)}
        for key in ends.keys() - {"from", "to"}:
            self.complain(node, f"'{key}': only from and to")
        if not {"from", "to"} <= ends.keys():
            self.complain(node, f"want {wanted}")
            return []
        for key in ("from", "to"):
            if not _CALL.fullmatch(ends[key]):
                self.complain(node, f"{key}: '{ends[key]}': want a call such as read#2")
        return [Region(ends["from"], ends["to"], f"{self.file}:{node.start_mark.line + 1}")]
