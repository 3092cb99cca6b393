"""The load generator's parts that need no server."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dsuload.transfer import BLOCK, Content, stream


@settings(deadline=None)  # a figure of the machine, not of the code
@given(st.integers(1, 3 * BLOCK), st.integers(-1, 3 * BLOCK))
def test_a_stream_has_its_size_and_a_block_that_begins_at_the_byte(size: int, at: int) -> None:
    blocks = list(stream("seed", size, at))
    assert sum(map(len, blocks)) == size
    assert all(0 < len(block) <= BLOCK for block in blocks)
    starts = [sum(map(len, blocks[:i])) for i in range(len(blocks))]
    assert at in starts or at < 0 or at >= size


@settings(deadline=None)
@given(st.integers(1, 3 * BLOCK), st.integers(-1, 3 * BLOCK), st.integers(1, 5000))
def test_text_is_the_same_on_both_sides_however_it_is_cut(size: int, at: int, cut: int) -> None:
    wire = list(stream("seed", size, at, is_text=True))
    starts = [sum(map(len, wire[:i])) for i in range(len(wire))]
    whole = b"".join(wire)
    assert at in starts or at < 0 or at >= len(whole)
    assert whole.count(b"\n") == whole.count(b"\r\n") == whole.count(b"\r") == size // 64
    sent, received = Content(is_text=True), Content(is_text=True)
    for block in wire:
        sent.add(block)
    for start in range(0, len(whole), cut * 64 + 1):
        received.add(whole[start : start + cut * 64 + 1])
    assert sent.size == received.size == size
    assert sent.digest.digest() == received.digest.digest()


def test_a_stream_is_the_same_each_time_and_differs_by_seed() -> None:
    first, again, other = (b"".join(stream(s, 1000, -1)) for s in ("a", "a", "b"))
    assert first == again != other
