from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsuharness.stats import Ratio, abba, floor_of, judge, judge_within_floor, paired_ratio

times = st.lists(st.floats(min_value=1, max_value=1e6), min_size=2, max_size=30)


@given(times, st.floats(min_value=0.5, max_value=2))
@settings(max_examples=50)
def test_a_constant_factor_is_found_exactly(baseline: list[float], factor: float) -> None:
    found = paired_ratio(baseline, [t * factor for t in baseline], 0.95, seed=1)
    assert found.ratio == pytest.approx(factor)
    assert found.low == pytest.approx(factor)
    assert found.high == pytest.approx(factor)


@given(times, times)
@settings(max_examples=50)
def test_bounds_enclose_the_ratio(left: list[float], right: list[float]) -> None:
    size = min(len(left), len(right))
    found = paired_ratio(left[:size], right[:size], 0.9, seed=2)
    assert found.low <= found.ratio <= found.high


def test_drift_that_hits_a_whole_round_leaves_the_ratio() -> None:
    source = random.Random(3)
    machine = [source.uniform(1, 3) for _ in range(40)]
    arm = [m * 1.05 * source.uniform(0.999, 1.001) for m in machine]
    found = paired_ratio(machine, arm, 0.95, seed=3)
    assert found.low > 1.04
    assert found.high < 1.06


def test_bounds_hold_the_truth_about_as_often_as_they_say() -> None:
    source = random.Random(4)
    held = 0
    for trial in range(100):
        baseline = [source.gauss(100, 2) for _ in range(30)]
        arm = [source.gauss(110, 2) for _ in range(30)]
        found = paired_ratio(baseline, arm, 0.95, seed=trial)
        held += found.low <= 1.1 <= found.high
    assert 85 <= held <= 100


def test_samples_that_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="cannot be paired"):
        paired_ratio([1.0, 2.0], [1.0], 0.95, seed=1)


@given(
    st.lists(st.text("abcd", min_size=1, max_size=3), min_size=1, max_size=5, unique=True),
    st.integers(1, 30),
    st.integers(),
)
def test_order_has_each_arm_once_a_round_and_mirrors_pairs(
    arms: list[str], rounds: int, seed: int
) -> None:
    order = abba(arms, rounds, seed)
    assert len(order) == rounds
    assert all(sorted(one) == sorted(arms) for one in order)
    assert all(a == b[::-1] for a, b in zip(order[::2], order[1::2], strict=False))
    assert order == abba(arms, rounds, seed)


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (Ratio(1.005, 1.001, 1.009), "pass"),
        (Ratio(0.9, 0.8, 0.95), "pass"),
        (Ratio(1.009, 1.005, 1.02), "inconclusive"),
        (Ratio(1.05, 1.02, 1.07), "fail"),
    ],
)
def test_verdict_against_a_limit(ratio: Ratio, verdict: str) -> None:
    assert judge(ratio, 0.01) == verdict


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        (Ratio(1.01, 0.99, 1.04), "pass"),
        (Ratio(1.03, 1.01, 1.05), "inconclusive"),
        (Ratio(1.05, 1.03, 1.07), "fail"),
    ],
)
def test_verdict_against_the_floor(ratio: Ratio, verdict: str) -> None:
    assert judge_within_floor(ratio, 0.02) == verdict


def test_a_floor_that_hides_everything_shows_nothing() -> None:
    assert judge_within_floor(Ratio(1.0, 0.99, 1.01), 0.06) == "inconclusive"


def test_floor_is_the_larger_side() -> None:
    assert floor_of(Ratio(1.0, 0.97, 1.01)) == pytest.approx(0.03)
