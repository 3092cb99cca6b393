"""Call graphs: which functions reach an update point, and which lie on cycles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import cached_property


class Graph:
    """`calls` by caller; `alone` reach an update point whatever they call; `never` do not count."""

    def __init__(
        self, calls: Mapping[str, Set[str]], alone: Set[str], never: Set[str] = frozenset()
    ) -> None:
        self.calls, self.alone, self.never = calls, alone, never

    @cached_property
    def _callers(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = {}
        for caller, called in self.calls.items():
            for c in called:
                out.setdefault(c, []).append(caller)
        return out

    def _spread(self, names: Iterable[str]) -> set[str]:
        """These and all that call them, however indirectly."""
        out: set[str] = set()
        work = list(names)
        while work:
            name = work.pop()
            if name not in out and name not in self.never:
                out.add(name)
                work.extend(self._callers.get(name, ()))
        return out

    @cached_property
    def unbounded(self) -> set[str]:
        """Functions on a cycle of calls that passes no update point: each needs one of its own."""
        gone = self._spread(self.alone) | self.never
        return in_cycles({n: c - gone for n, c in self.calls.items() if n not in gone})

    @cached_property
    def updating(self) -> set[str]:
        """All that may reach an update point, those of `unbounded` included."""
        return self._spread(self.alone | self.unbounded)


def in_cycles(calls: Mapping[str, Set[str]]) -> set[str]:
    """Names on a cycle of the call graph (Tarjan's components, iterative)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    stacked: set[str] = set()
    cyclic: set[str] = set()
    for root in calls:
        if root in index:
            continue
        work = [(root, iter(sorted(calls[root] & calls.keys())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        stacked.add(root)
        while work:
            node, successors = work[-1]
            advanced = False
            for s in successors:
                if s not in index:
                    index[s] = low[s] = len(index)
                    stack.append(s)
                    stacked.add(s)
                    work.append((s, iter(sorted(calls[s] & calls.keys()))))
                    advanced = True
                    break
                if s in stacked:
                    low[node] = min(low[node], index[s])
            if advanced:
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                component = stack[stack.index(node) :]
                del stack[-len(component) :]
                stacked.difference_update(component)
                if len(component) > 1 or node in calls[node]:
                    cyclic.update(component)
    return cyclic
