"""Can a function that was left untouched be on a stack that blocks?

    calls by name of the units at hand -> the nearest thing that may wait, or that nobody knows

Under an untouched function a thread cannot be updated: one that waits there holds an update up
until it has gone on. `yes` means that calls by name lead to something which waits; `unknown`, that
they lead out of what is known: through a pointer, into another unit or library, into a recursion
or an endless loop; `no`, that all they lead to is known. A loop that ends by a condition is taken
for short, as it is wherever update points are placed. Works on tokens, like reach.py.

A compile knows one unit; `dsucc --dsu-show-report` asks all units of its programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .graph import in_cycles
from .reach import ENDLESS, POINTER, blocking_calls, waiting_calls

if TYPE_CHECKING:
    from .summary import UnitReach

YES, NO, UNKNOWN = "yes", "no", "unknown"

# What glibc does itself and may wait in, beside the runtime's table. Other libraries: everything.
_WAITS = """
    fread fgets fgetc getc getchar getline getdelim ungetc scanf fscanf vfscanf fwrite fputs fputc
    putc putchar puts printf fprintf vprintf vfprintf dprintf perror fflush fclose pclose fopen
    popen system getaddrinfo getnameinfo gethostbyname gethostbyaddr getservbyname getpwnam getpwuid
    getpwnam_r getpwuid_r getgrnam getgrgid initgroups syslog fsync fdatasync sync wordexp res_query
    tmpfile
    """
LIBC_WAITS = frozenset(_WAITS.split())
LIBC_CALLS_BACK = frozenset(["qsort", "bsearch", "pthread_once"])
GLIBC = ("libc.", "libm.", "ld-linux")


@dataclass(frozen=True)
class Verdict:
    """The answer, and the calls that show it: functions, then what the last of them does."""

    blocks: str
    way: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.blocks + (f": {' > '.join(self.way)}" if self.way else "")


class Stacks:
    """The calls of some units. `libraries` says where a program has its other functions from."""

    def __init__(self, units: Iterable[UnitReach], libraries: Mapping[str, str] | None = None):
        self.libraries = libraries or {}
        self.calls: dict[str, set[str]] = {}
        self.other_units: set[str] = set()
        for unit in units:
            self.other_units.update(unit.never)
            for name, called in unit.calls.items():
                # Two files of one name may each have a static function of one name.
                self.calls.setdefault(name, set()).update(called, unit.beside.get(name, ()))
                self.other_units.update(called)

    @cached_property
    def _recursive(self) -> set[str]:
        return in_cycles({n: called & self.calls.keys() for n, called in self.calls.items()})

    def verdict(self, symbol: str) -> Verdict:
        """Of one function. The way is a shortest one."""
        doubt: list[str] = []
        for way in self._ways(symbol):
            for name in sorted(self.calls[way[-1]] - self.calls.keys()):
                if self._waits(name):
                    return Verdict(YES, _told(way, f"{name}() waits"))
                why = self._doubt(name)
                if why and not doubt:
                    doubt = _told(way, why)
            if way[-1] in self._recursive and not doubt:
                doubt = _told(way, "a recursion")
        return Verdict(UNKNOWN, doubt) if doubt else Verdict(NO)

    def _ways(self, symbol: str) -> Iterator[list[str]]:
        """To each function that it may call, by name and however indirectly; short ones first."""
        ways = {symbol: [symbol]} if symbol in self.calls else {}
        todo = list(ways)
        for name in todo:
            yield ways[name]
            for called in sorted(self.calls[name] & self.calls.keys() - ways.keys()):
                ways[called] = [*ways[name], called]
                todo.append(called)

    def _waits(self, name: str) -> bool:
        return name in blocking_calls() or name in waiting_calls() or name in LIBC_WAITS

    def _doubt(self, name: str) -> str:
        """What there is not to know about something that is none of the functions at hand."""
        if name == POINTER:
            return "a call through a pointer"
        if name == ENDLESS:
            return "a loop without a condition"
        if name in LIBC_CALLS_BACK:
            return f"{name}() calls what it is given"
        library = self.libraries.get(name, "")
        if library and not library.startswith(GLIBC):
            return f"{name}() is of another library"
        outside = not library and name in self.other_units
        return f"{name}() is none of the functions here" if outside else ""


def _told(way: list[str], end: str) -> list[str]:
    """Functions by the names that they have in their source."""
    return [*(name.rpartition("$")[2] for name in way), end]
