"""The user's mapping file: what the patch generator could not decide.

globals:
  counter: keep             # the running value stays although its initial value changed
  table: replace            # new storage with the new initial value
functions:
  serve:
    points:                 # old continuation point: new one, or none
      read#2: read#1        # the second call of read() goes on at the first
      update-point#1: null  # an update point without a call
      4: 5                  # by number, as the report has them
  serve_all:
    from: serve_one         # the function was called so in the old version
types:                      # see typemap.py
links:                      # what lists hold, see links.py
keys:                       # what threads keep under keys, see keys.py
variables:                  # what their pointers lead to, see pointees.py
stacks:                     # chains of frames that become other chains, see stackfile.py
code: |                     # see usercode.py
hooks:                      # see hookfile.py
files:
allocators:
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from . import hookfile, usercode
from .hookfile import Hooks
from .keys import Keys, read_keys
from .links import Links, read_links
from .pointees import Pointees, read_pointees
from .stackfile import StackEntry, StackReader
from .typemap import Reader, TypeRules
from .usercode import UserCode

SECTIONS = (
    "globals", "functions", "types", "links", "keys", "variables", "stacks", "code", "hooks",
    "files", "allocators",
)  # fmt: skip
KEEP, REPLACE = "keep", "replace"

PointName = int | str
"""A continuation point by its number, or by its callee and which of its calls: `read#2`."""

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_POINT = re.compile(r"[^\s#][^#]*(#[1-9]\d*)?")


class MapError(Exception):
    """A mapping file is wrong; the text holds all reasons, one a line."""


@dataclass(frozen=True)
class Renamed:
    """A function's old name, and where the mapping file says so."""

    old: str
    place: str


@dataclass
class Decisions:
    """What the user has decided. `used` are the entries that were asked for.

    `wrong` is what turned out wrong when the entries met the two programs, with its line.
    """

    globals: dict[str, str] = field(default_factory=dict)
    points: dict[str, dict[PointName, PointName | None]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    types: TypeRules = field(default_factory=TypeRules)
    renamed: dict[str, Renamed] = field(default_factory=dict)
    stacks: list[StackEntry] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    code: UserCode = field(default_factory=UserCode)
    hooks: Hooks = field(default_factory=Hooks)
    links: Links = field(default_factory=Links)
    keys: Keys = field(default_factory=Keys)
    pointees: Pointees = field(default_factory=Pointees)
    file: str = ""
    tree: yaml.Node | None = None

    def for_global(self, name: str, symbol: str) -> str:
        """KEEP, REPLACE or empty; the entry may be under the name or the symbol."""
        for key in (symbol, name):
            if key in self.globals:
                self.used.add(key)
                return self.globals[key]
        return ""

    def for_points(self, name: str, symbol: str) -> dict[PointName, PointName | None]:
        """Overrides of the alignment of a function's continuation points."""
        for key in (symbol, name):
            if key in self.points:
                self.used.add(key)
                return self.points[key]
        return {}

    def as_before(self, text: str) -> str:
        """New text with the old names of functions."""
        return _WORD.sub(
            lambda m: self.renamed[m.group()].old if m.group() in self.renamed else m.group(), text
        )

    def unused(self) -> list[str]:
        """Entries that nothing asked for, most likely misspelt: what to say of each."""
        by_section = {
            "globals": sorted(self.globals.keys() - self.used),
            "functions": sorted(self.points.keys() - self.used),
            "types": self.types.unused(),
            "links": self.links.unused(),
            "keys": self.keys.unused(),
            "variables": self.pointees.unused(),
        }
        found = [([section, name], name) for section, names in by_section.items() for name in names]
        found += [([name], name) for name in self.code.unused()]
        return [f"{self.place(keys)}: nothing asks for: {name}" for keys, name in found]

    def place(self, keys: list[str]) -> str:
        """Where the mapping file has the key that is reached by these."""
        return f"{self.file}:{_line_of(self.tree, keys)}"


def read(path: Path) -> Decisions:
    """Reads a mapping file. Raises MapError."""
    try:
        text = path.read_text()
        data = yaml.safe_load(text)
        tree = yaml.compose(text, yaml.SafeLoader)
    except OSError as error:
        raise MapError(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise MapError(_unreadable(path, error)) from None
    reader = _Reader(path, tree)
    out = reader.file(data if data is not None else {})
    out.file, out.tree = str(path), tree
    for key, node in tree.value if isinstance(tree, yaml.MappingNode) else ():
        if key.value == "functions":
            out.renamed = reader.renamed(node)
        elif key.value == "stacks":
            out.stacks = StackReader(str(path), reader.errors).stacks(node)
        else:
            _section(out, key.value, Reader(str(path), reader.errors), node)
    if reader.errors:
        raise MapError("\n".join(reader.errors))
    return out


def _unreadable(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return f"{path}: {error}"
    return f"{path}:{mark.line + 1}: this is no YAML: {getattr(error, 'problem', error)}"


def _section(out: Decisions, name: str, reader: Reader, node: yaml.Node) -> None:
    """Reads a section about objects, or of C."""
    if name == "types":
        out.types = reader.types(node)
    elif name == "links":
        out.links = read_links(reader, node)
    elif name == "keys":
        out.keys = read_keys(reader, node)
    elif name == "variables":
        out.pointees = read_pointees(reader, node)
    elif name == "code":
        out.code = usercode.read(reader, node)
    elif name == "hooks":
        out.hooks.hooks = hookfile.read_hooks(reader, node)
    elif name == "files":
        out.hooks.files = hookfile.read_files(reader, node)
    elif name == "allocators":
        out.hooks.allocators = hookfile.read_allocators(reader, node)


def _line_of(node: yaml.Node | None, keys: list[str]) -> int:
    """The line of the key that is reached by these, as far as the file has them."""
    line = node.start_mark.line + 1 if node is not None else 1
    for key in keys:
        entries = node.value if isinstance(node, yaml.MappingNode) else ()
        found = next(((k, v) for k, v in entries if k.value == key), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


class _Reader:
    def __init__(self, path: Path, tree: yaml.Node | None) -> None:
        self.path, self.tree = path, tree
        self.errors: list[str] = []

    def wrong(self, where: str, wanted: str) -> None:
        line = _line_of(self.tree, where.split(": "))
        self.errors.append(f"{self.path}:{line}: {where}: want {wanted}")

    def table(self, value: object, where: str) -> dict[object, object]:
        if isinstance(value, dict):
            return value
        self.wrong(where, "a table of names")
        return {}

    def file(self, data: object) -> Decisions:
        out = Decisions()
        for key, value in self.table(data, "the file").items():
            if key == "globals":
                out.globals = self.globals(value)
            elif key == "functions":
                out.points = self.functions(value)
            elif key not in SECTIONS:
                *most, last = (f"'{name}'" for name in SECTIONS)
                self.wrong(str(key), f"only {', '.join(most)} and {last} at the top")
        return out

    def globals(self, value: object) -> dict[str, str]:
        out = {}
        for name, word in self.table(value, "globals").items():
            if word in (KEEP, REPLACE):
                out[str(name)] = str(word)
            else:
                self.wrong(f"globals: {name}", f"'{KEEP}' or '{REPLACE}', not {word!r}")
        return out

    def functions(self, value: object) -> dict[str, dict[PointName, PointName | None]]:
        out = {}
        for name, entry in self.table(value, "functions").items():
            fields = self.table(entry, f"functions: {name}")
            for key in fields.keys() - {"points", "from"}:
                self.wrong(f"functions: {name}: {key}", "only 'points' and 'from'")
            if "points" in fields:
                out[str(name)] = self.points(fields["points"], f"functions: {name}: points")
        return out

    def renamed(self, node: yaml.Node) -> dict[str, Renamed]:
        """Of the section `functions` what says `from`, with the line that says it."""
        out = {}
        for name, entry in node.value if isinstance(node, yaml.MappingNode) else ():
            for key, value in entry.value if isinstance(entry, yaml.MappingNode) else ():
                if key.value == "from" and isinstance(value, yaml.ScalarNode):
                    place = f"{self.path}:{value.start_mark.line + 1}"
                    out[str(name.value)] = Renamed(value.value, place)
                elif key.value == "from":
                    self.wrong(f"functions: {name.value}: from", "a function's old name")
        return out

    def points(self, value: object, where: str) -> dict[PointName, PointName | None]:
        out: dict[PointName, PointName | None] = {}
        for old, new in self.table(value, where).items():
            before, after = _point(old), _point(new)
            if before is not None and (new is None or after is not None):
                out[before] = after
            else:
                self.wrong(f"{where}: {old}", "continuation points such as 4 or read#2, or null")
        return out


def _point(value: object) -> PointName | None:
    """A continuation point's name; None for what cannot be one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value > 0 else None
    return value if isinstance(value, str) and _POINT.fullmatch(value) else None
