"""Statistics of interleaved rounds.

The round is the sample: within a round each arm runs once, next to the others,
so slow spells of the machine hit all arms of it and leave the ratio.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

import numpy as np

RESAMPLES = 5000

WORTHLESS = 0.05
"""A floor that hides a twentieth hides what is looked for."""

Verdict = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True)
class Ratio:
    """Median of an arm's paired ratios to the baseline, with bootstrap bounds."""

    ratio: float
    low: float
    high: float


def paired_ratio(baseline: list[float], arm: list[float], confidence: float, seed: int) -> Ratio:
    """Ratio arm/baseline, paired by round; at least two rounds of positive values."""
    if len(baseline) != len(arm) or len(arm) < 2:
        raise ValueError(f"{len(baseline)} and {len(arm)} samples cannot be paired")
    ratios = np.asarray(arm, dtype=float) / np.asarray(baseline, dtype=float)
    generator = np.random.default_rng(seed)
    drawn = generator.integers(0, len(ratios), size=(RESAMPLES, len(ratios)))
    medians = np.median(ratios[drawn], axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(medians, [tail, 1 - tail])
    return Ratio(float(np.median(ratios)), float(low), float(high))


def floor_of(again: Ratio) -> float:
    """How far from 1 the comparison of an arm with itself may come out by chance."""
    return max(abs(again.low - 1), abs(again.high - 1))


def judge(ratio: Ratio, limit: float) -> Verdict:
    """Whether the overhead `ratio - 1` is at most `limit`.

    `pass` if even the upper bound keeps it, `fail` if not even the lower one does.
    """
    if ratio.high - 1 <= limit:
        return "pass"
    return "fail" if ratio.low - 1 > limit else "inconclusive"


def judge_within_floor(ratio: Ratio, floor: float) -> Verdict:
    """Whether an arm cannot be told from the baseline against itself.

    The point lies within the floor: `pass`.  Its bounds exclude the floor:
    `fail`.  Being faster is never a failure.  Above `WORTHLESS` nothing was
    shown: any arm would lie within such a floor.
    """
    if floor > WORTHLESS:
        return "inconclusive"
    if ratio.ratio - 1 <= floor:
        return "pass"
    return "fail" if ratio.low - 1 > floor else "inconclusive"


def abba(arms: list[str], rounds: int, seed: int) -> list[list[str]]:
    """The order of samples: each odd round mirrors the random one before it."""
    source = random.Random(seed)
    order: list[list[str]] = []
    for _ in range((rounds + 1) // 2):
        drawn = source.sample(arms, len(arms))
        order += [drawn, drawn[::-1]]
    return order[:rounds]
