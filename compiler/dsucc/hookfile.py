"""The parts of the mapping file that hold code to run around the moment of the update.

hooks:
  program.c:                # the source file whose names the code uses
    prepare: |              # before the decision; one that returns a text, or traps, rolls it back
      if (queued > 100) return "too much is queued";
    commit: |               # decided: nothing of the program runs yet, and nothing can go back
      encode(buffer, old$buffer);
    undo: |                 # prepared, and decided against
files:
  journal:                  # an open file whose content the new version writes otherwise
    unit: program.c
    descriptor: journal     # a C expression; below zero: not open in this process
    path: journal_name
    rewrite: |              # from and to are descriptors of the old content and the new one
      return encode_all(from, to);
    position: at * 2        # where the new descriptor stands that stood at `at`; without this only
                            # the beginning and the end are known
allocators:
  pool:                     # an allocator of the program's own
    unit: program.c
    block: pool_block(p, size)   # where the block begins that `p` points into, null if it is none
                            # of its own; *size gets its bytes
    allocate: pool_get(size)     # room for an object of a new type that replaces the block `p`
    release: pool_put(p)    # may be left out

Each runs once in each process; a file that several processes have open is rewritten once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from .typemap import Expression, Reader

HOOK_PARTS = ("prepare", "commit", "undo")
FILE_PARTS = ("descriptor", "path", "rewrite", "position")
ALLOCATOR_PARTS = ("block", "allocate", "release")


@dataclass
class Entry:
    """A hook or a file: its name, whose names it uses, its code by part, its place."""

    name: str
    unit: str
    place: str
    parts: dict[str, Expression] = field(default_factory=dict)


@dataclass
class Hooks:
    """All these sections."""

    hooks: list[Entry] = field(default_factory=list)
    files: list[Entry] = field(default_factory=list)
    allocators: list[Entry] = field(default_factory=list)


def read_hooks(reader: Reader, node: yaml.Node) -> list[Entry]:
    """Reads the section `hooks`; what is wrong goes to the reader's list."""
    out = []
    for unit, value in reader.table(node):
        entry = _entry(reader, unit, value)
        for key, part in reader.table(value):
            _part(reader, entry, key, part, HOOK_PARTS)
        entry.unit = unit
        out.append(entry)
    return out


def read_files(reader: Reader, node: yaml.Node) -> list[Entry]:
    """Reads the section `files`."""
    return list(_named(reader, node, FILE_PARTS, 3))


def read_allocators(reader: Reader, node: yaml.Node) -> list[Entry]:
    """Reads the section `allocators`."""
    return list(_named(reader, node, ALLOCATOR_PARTS, 2))


def _named(
    reader: Reader, node: yaml.Node, parts: tuple[str, ...], needed: int
) -> Iterator[Entry]:  # fmt: skip
    """Entries that say which unit they are about; the first `needed` parts must be there."""
    for name, value in reader.table(node):
        entry = _entry(reader, name, value)
        for key, part in reader.table(value):
            if key == "unit":
                entry.unit = reader.text(part)
            else:
                _part(reader, entry, key, part, parts, "unit")
        missing = [] if entry.unit else ["unit"]
        missing += [k for k in parts[:needed] if k not in entry.parts]
        if missing:
            reader.complain(value, f"'{name}' has no {', no '.join(missing)}")
        yield entry


def _entry(reader: Reader, name: str, node: yaml.Node) -> Entry:
    return Entry(name, "", f"{reader.file}:{node.start_mark.line + 1}")


def _part(
    reader: Reader, entry: Entry, key: str, node: yaml.Node, known: tuple[str, ...], *more: str
) -> None:
    if key in known:
        entry.parts[key] = reader.code(node)
    else:
        *most, last = (*more, *known)
        reader.complain(node, f"'{key}': only {', '.join(most)} and {last}")
