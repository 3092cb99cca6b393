"""The tables of what being updatable costs: callgrind's rows are read, clones put together."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.postgresql.cost import _row, grown, hottest


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("1,234,567 ( 9.35%)  ???:AllocSetAlloc [/usr/bin/postgres]", (1234567, "AllocSetAlloc")),
        ("   12 ( 0.01%)  ./a/b.c:ExecScan'2 [/bin/p]", (12, "ExecScan")),
        ("  34 ( 0.02%)  ???:nodeAgg.c$lookup.isra.0 [/bin/p]", (34, "lookup")),
        ("  56 ( 0.02%)  ???:heapgetpage.part.3.constprop.1", (56, "heapgetpage")),
        ("132,017,852 (100.0%)  PROGRAM TOTALS", None),
        ("Ir                    file:function", None),
    ],
)
def test_a_row_of_callgrind(line: str, wanted: tuple[int, str] | None) -> None:
    assert _row(line) == wanted


def test_functions_stand_side_by_side() -> None:
    base = Counter({"a": 600, "b": 400, "gone": 0})
    arm = Counter({"a": 630, "b": 400, "new": 10})
    rows = list(hottest(base, arm, "landing-pad"))
    assert rows[2] == "| `a` | 600 | 60.0 % | 630 | +5.00 % | +3.00 % |"
    assert rows[-1] == "| `all` | 1,000 | 100.0 % | 1,040 | +4.00 % | +4.00 % |"
    most = list(grown(base, arm, "landing-pad"))
    assert most[2:4] == ["| `a` | 600 | 630 | +3.00 % |", "| `new` | 0 | 10 | +1.00 % |"]
