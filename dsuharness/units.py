"""Sizes and thresholds as people write them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_SIZE = re.compile(r"(\d+)\s*(B|KiB|MiB|GiB)\Z")
_FACTOR = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

_THRESHOLD = re.compile(
    r"(med|avg|min|max|count|p\((\d+(?:\.\d+)?)\))\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\Z"
)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def parse_size(value: Any) -> Any:
    """Bytes from `64MiB`; other values are left for the model to judge."""
    if isinstance(value, str):
        found = _SIZE.match(value)
        if not found:
            raise ValueError(f"'{value}' is no size (write 32, 8KiB, 64MiB or 1GiB)")
        return int(found[1]) * _FACTOR[found[2]]
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return value


def show_size(count: int) -> str:
    """The shortest exact way to write a size."""
    for unit in ("GiB", "MiB", "KiB"):
        if count >= _FACTOR[unit] and count % _FACTOR[unit] == 0:
            return f"{count // _FACTOR[unit]} {unit}"
    return f"{count} B"


@dataclass(frozen=True)
class Threshold:
    """A limit in k6's notation: `p(50)<=5000`, `med<5000`, `count>0`."""

    text: str
    aggregate: str
    percentile: float | None
    compare: str
    limit: float

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """Read one limit; `ValueError` says what is understood."""
        found = _THRESHOLD.match(text.strip())
        if not found:
            raise ValueError(f"'{text}' is no threshold (write for example 'p(50)<=5000')")
        percentile = float(found[2]) if found[2] else None
        return cls(text, found[1], percentile, found[3], float(found[4]))

    def figure(self, values: list[float]) -> float:
        """The aggregate of the values that this limit speaks of."""
        if self.aggregate == "count":
            return float(len(values))
        ordered = sorted(values)
        if self.aggregate == "avg":
            return sum(ordered) / len(ordered)
        wanted = {"min": 0.0, "med": 50.0, "max": 100.0}.get(self.aggregate, self.percentile)
        assert wanted is not None
        return _percentile(ordered, wanted)

    def holds(self, values: list[float]) -> bool:
        """Whether the figure keeps the limit."""
        return _COMPARE[self.compare](self.figure(values), self.limit)


def _percentile(ordered: list[float], percent: float) -> float:
    """Linear between the two nearest ranks, as numpy does it."""
    position = (len(ordered) - 1) * percent / 100
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)
