from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsuharness.units import Threshold, parse_size, show_size


@given(st.integers(min_value=1, max_value=1 << 40))
def test_a_size_shown_is_read_back(size: int) -> None:
    assert parse_size(show_size(size)) == size


@pytest.mark.parametrize("text", ["64MB", "MiB", "1:30", "-1B", "64 mib"])
def test_not_a_size(text: str) -> None:
    with pytest.raises(ValueError, match="no size"):
        parse_size(text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("med<=3", True),
        ("med<3", False),
        ("p(50)<=3", True),
        ("max<5", False),
        ("max<=5", True),
        ("avg>=3", True),
        ("min>1", False),
        ("count>=5", True),
        ("p(75)<=3.9", False),
        ("p(75)<=4", True),
    ],
)
def test_thresholds(text: str, holds: bool) -> None:
    assert Threshold.parse(text).holds([5, 1, 4, 2, 3]) is holds


@pytest.mark.parametrize("text", ["", "fast", "med=3", "p(x)<1", "med<=", "med<=3 µs"])
def test_not_a_threshold(text: str) -> None:
    with pytest.raises(ValueError, match="no threshold"):
        Threshold.parse(text)
