"""The part of the mapping file that says how chains of frames become other chains.

stacks:
  - from:                       # frames of the old version, outermost first
      - main: serve#1           # a function and the call, as under `functions: points:`
      - serve: ask#1
    to:                         # those of the new version that take their place
      - main: ask#1
    values:                     # variables of the new frames that need one
      main.count: serve.count   # moved, with its address
      main.text: '&main.line'   # where a variable of a new frame is
      main.all: serve.a + 1     # a C expression over variables of the old frames
      main.seen: '{ for (int i = 0; i < 3; i++) (*new)[i] = serve.n; }'  # C statements
      main.name: null           # nothing yet: zeroed memory
    drop: [serve.limit]         # variables of the old frames that nobody needs any more
  - from:
      - {sum: sum#1, times: depth, as: outer}   # none of it, or as many as there are
      - sum: ask#1
    to:
      - sum: ask#1
    values:
      sum.i: outer[0].n - depth
  - from:
      - sum: ask#1
    to:
      - {sum: sum#1, times: sum.i, as: outer, index: k}   # so many; `k` counts from 0
      - sum: ask#1

Both chains begin with the same function, and end with the same call. What has the same name and
type in the same function needs no line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import yaml

from .typemap import Expression

_NAME = re.compile(r"[A-Za-z_]\w*")
_FUNCTION = re.compile(r"(?:[^\s$]+\$)?[A-Za-z_]\w*")
_POINT = re.compile(r"[^\s#][^#]*(#[1-9]\d*)?")
_TARGET = re.compile(r"[A-Za-z_]\w*\.[A-Za-z_][\w$]*(#[1-9]\d*)?")
_OPTIONS = ("times", "as", "index")


@dataclass(frozen=True)
class FrameName:
    """A frame as it is written. `times` is a name in an old chain, C text in a new one."""

    function: str
    point: int | str
    alias: str
    place: str
    times: Expression | None = None
    index: str = ""


@dataclass
class StackEntry:
    """One entry. `values` and `drop` are by "frame.variable"."""

    place: str
    old: list[FrameName] = field(default_factory=list)
    new: list[FrameName] = field(default_factory=list)
    values: dict[str, Expression] = field(default_factory=dict)
    drop: dict[str, str] = field(default_factory=dict)  # with the place


class StackReader:
    """Reads the section. What is wrong goes to `wrong`, a line each."""

    def __init__(self, file: str, wrong: list[str]) -> None:
        self.file, self.wrong = file, wrong

    def place(self, node: yaml.Node) -> str:
        return f"{self.file}:{node.start_mark.line + 1}"

    def complain(self, node: yaml.Node, why: str) -> None:
        self.wrong.append(f"{self.place(node)}: stacks: {why}")

    def stacks(self, node: yaml.Node) -> list[StackEntry]:
        """All entries."""
        return [self.entry(n) for n in self.items(node, "a list of entries, each with from and to")]

    def items(self, node: yaml.Node, wanted: str) -> list[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.complain(node, f"want {wanted}")
        return []

    def table(self, node: yaml.Node, wanted: str) -> list[tuple[yaml.Node, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            return list(node.value)
        self.complain(node, f"want {wanted}")
        return []

    def entry(self, node: yaml.Node) -> StackEntry:
        out = StackEntry(self.place(node))
        for key, value in self.table(node, "an entry with from and to"):
            if key.value == "from":
                out.old = self.chain(value, is_old=True)
            elif key.value == "to":
                out.new = self.chain(value, is_old=False)
            elif key.value == "values":
                self.values(out, value)
            elif key.value == "drop":
                self.drop(out, value)
            else:
                self.complain(key, f"'{key.value}': only from, to, values and drop")
        if not out.old or not out.new:
            self.complain(node, "want frames under both 'from' and 'to'")
        return out

    def chain(self, node: yaml.Node, is_old: bool) -> list[FrameName]:
        found = [self.frame(n, is_old) for n in self.items(node, "a list of frames")]
        frames = [f for f in found if f is not None]
        seen: set[str] = set()
        for f in frames:
            if f.alias in seen:
                why = f"two frames are called '{f.alias}': call one otherwise with 'as: NAME'"
                self.wrong.append(f"{f.place}: stacks: {why}")
            seen.add(f.alias)
        return frames

    def frame(self, node: yaml.Node, is_old: bool) -> FrameName | None:
        wanted = "a frame such as 'serve: read#2'"
        rows = self.table(node, wanted)
        options = {k.value: v for k, v in rows if k.value in _OPTIONS}
        named = [(k, v) for k, v in rows if k.value not in _OPTIONS]
        if len(named) != 1 or not isinstance(named[0][1], yaml.ScalarNode):
            if isinstance(node, yaml.MappingNode):
                self.complain(node, f"want {wanted}, and perhaps times, as and index")
            return None
        function, point = named[0][0].value, named[0][1].value
        if not _FUNCTION.fullmatch(function) or not _POINT.fullmatch(point) or point == "0":
            self.complain(node, f"'{function}: {point}': want {wanted}")
            return None
        for key, value in options.items():
            name = key in ("as", "index") or is_old
            if not isinstance(value, yaml.ScalarNode) or (
                name and not _NAME.fullmatch(value.value)
            ):
                self.complain(value, f"{key}: want a {'name' if name else 'C expression'}")
                return None
        if "index" in options and (is_old or "times" not in options):
            self.complain(node, "'index' is for a frame under 'to' that says 'times'")
        alias = options["as"].value if "as" in options else function.rpartition("$")[2]
        times = self.code(options["times"]) if "times" in options else None
        index = options["index"].value if "index" in options else ""
        number: int | str = int(point) if point.isdigit() else point
        return FrameName(function, number, alias, self.place(node), times, index)

    def code(self, node: yaml.Node) -> Expression:
        assert isinstance(node, yaml.ScalarNode)
        if node.tag == "tag:yaml.org,2002:null":
            return Expression("", self.file, node.start_mark.line + 1)
        is_block = node.style in ("|", ">")
        return Expression(node.value, self.file, node.start_mark.line + (2 if is_block else 1))

    def values(self, out: StackEntry, node: yaml.Node) -> None:
        for key, value in self.table(node, "a table of values"):
            if not isinstance(value, yaml.ScalarNode):
                self.complain(value, f"{key.value}: want a variable or a C expression")
            elif not _TARGET.fullmatch(key.value):
                self.complain(key, f"'{key.value}': want a variable such as 'serve.count'")
            elif key.value in out.values:
                self.complain(key, f"'{key.value}' has two values")
            else:
                out.values[key.value] = self.code(value)

    def drop(self, out: StackEntry, node: yaml.Node) -> None:
        for n in self.items(node, "a list of variables such as 'serve.count'"):
            if isinstance(n, yaml.ScalarNode) and _TARGET.fullmatch(n.value):
                out.drop[n.value] = self.place(n)
            else:
                self.complain(n, "want a variable such as 'serve.count'")
