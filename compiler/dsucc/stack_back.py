"""The way back of a chain of frames: the same moves the other way round, if they are plain ones."""

from __future__ import annotations

from collections.abc import Iterator

from .function import Local
from .stack_chain import Chain, How, Step, Value
from .stack_versions import Standing


def invert(chain: Chain) -> tuple[Chain, str]:
    """The chain of a revert, and why it cannot be followed; empty if it can."""
    repeats = any(s.repeats for s in chain.links) or any(s.times for s in chain.steps)
    if repeats:
        return chain, "frames have become another number of frames"
    why = ""
    steps = []
    for i, at in enumerate(chain.links):
        values = dict(_values(chain, i, at))
        steps.append(Step(at, [v for v in values.values() if v is not None]))
        lost = [name for name, v in values.items() if v is None]
        why = why or (f"'{lost[0]}' has been dropped, or computed from" if lost else "")
    return Chain(chain.place, [s.at for s in chain.steps], steps), why


def _values(chain: Chain, link: int, at: Standing) -> Iterator[tuple[str, Value | None]]:
    for v in at.live:
        if not (v.pinned and at.frames.begins_later(v, at.point.id)):
            yield at.shown(v), _source(chain, link, v)


def _source(chain: Chain, link: int, v: Local) -> Value | None:
    """The new frame's variable that has taken an old one's value."""
    for i, step in enumerate(chain.steps):
        for value in step.values:
            if value.how is not How.MOVED or (value.link, value.source) != (link, v.known_as):
                continue
            now = next(w for w in step.at.live if w.known_as == value.variable)
            same = step.at.frames.type_of(now) == chain.links[link].frames.type_of(v)
            return Value(v.known_as, How.MOVED, i, value.variable) if same or v.role else None
    return None
