"""A function's description: what the runtime knows of its variables and continuation points.

One constant object a function, `struct dsu_func` first and its tables behind it, which are found by
their offsets (dsu_func.h). There is no pointer in it, to the resume variant neither: it would be
relocated at every start of the program (Backend.resumed_by).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_PARTS = ("vars", "cps", "live", "names")


@dataclass(frozen=True)
class Variable:
    """One that frames keep: its name in the tables, its size and flags as C expressions."""

    name: str
    size: str
    flags: str


@dataclass
class Description:
    """What one function's object says. `points` are (kind, indices of the live variables)."""

    key: str
    symbol: str
    flags: int
    variables: Sequence[Variable]
    points: Sequence[tuple[int, Sequence[int]]]

    def text(self) -> str:
        """The object `dsu$desc`; inside of the function, where sizeof knows its locals."""
        names, lists = _Strings(self.key), _Lists()
        variables = [f"{{{names.add(v.name)},{v.size},{v.flags}}}" for v in self.variables]
        points = [f"{{{kind},{len(live)},{lists.add(live)}}}" for kind, live in self.points]
        rows = {
            "struct dsu_var vars": variables or ["{0}"],
            "struct dsu_cp cps": ["{0}", *points],
            "unsigned short live": [str(i) for i in lists.all] or ["0"],
        }
        members = "".join(f" {name}[{len(values)}];" for name, values in rows.items())
        values = ",".join(f"{{{','.join(values)}}}" for values in rows.values())
        offsets = ",".join(f"__builtin_offsetof(struct dsu$table,{part})" for part in _PARTS)
        return (
            f"static const struct dsu$table {{ struct dsu_func func;{members} "
            f'char names[{names.size}]; }} dsu$desc __asm__("{self.symbol}") '
            "__attribute__((used)) = "
            f"{{{{DSU_ABI,{self.flags},{len(points) + 1},{len(variables)},DSU_DIGEST,-1,"
            f"{offsets}}},{values},{names.text()}}};\n"
        )


class _Strings:
    """Names one after the other; the key is the first."""

    def __init__(self, key: str) -> None:
        self.size = 0
        self.names: list[bytes] = []
        self.add(key)

    def add(self, name: str) -> int:
        """Where it stands."""
        at = self.size
        self.names.append(name.encode("utf-8", "surrogateescape"))
        self.size += len(self.names[-1]) + 1
        return at

    def text(self) -> str:
        """As one string literal, which ends the last one."""
        return '"' + "\\000".join(_literal(n) for n in self.names) + '"'


def _literal(name: bytes) -> str:
    plain = (chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03o}" for b in name)
    return "".join(plain)


@dataclass
class _Lists:
    """Lists of indices one after the other; equal ones stand there once."""

    all: list[int] = field(default_factory=list)
    known: dict[tuple[int, ...], int] = field(default_factory=dict)

    def add(self, indices: Sequence[int]) -> int:
        """Where it begins."""
        key = tuple(indices)
        if key not in self.known:
            self.known[key] = len(self.all)
            self.all += key
        return self.known[key]
