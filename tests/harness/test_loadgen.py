"""The load generator's parts that need no server."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dsuload.ftp import BLOCK, stream


@given(st.integers(1, 3 * BLOCK), st.integers(-1, 3 * BLOCK))
def test_a_stream_has_its_size_and_a_block_that_begins_at_the_byte(size: int, at: int) -> None:
    blocks = list(stream("seed", size, at))
    assert sum(map(len, blocks)) == size
    assert all(0 < len(block) <= BLOCK for block in blocks)
    starts = [sum(map(len, blocks[:i])) for i in range(len(blocks))]
    assert at in starts or at < 0 or at >= size


def test_a_stream_is_the_same_each_time_and_differs_by_seed() -> None:
    first, again, other = (b"".join(stream(s, 1000, -1)) for s in ("a", "a", "b"))
    assert first == again != other
