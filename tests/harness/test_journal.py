from __future__ import annotations

import threading
from pathlib import Path

import pytest

from dsuharness.errors import StepTimedOut
from dsuharness.journal import Event, Journal, Scribe, read
from dsuharness.trigger import Barrier, Condition, wait_for


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        scribe = Scribe(journal, "arm", 3)
        scribe.note("started", pid=7)
        scribe.relay({"t": 12, "event": "reply", "text": "a\nb"})
        assert read(tmp_path / "j") == journal.events
        assert journal.events[1] == Event(12, "load", "arm", 3, "reply", {"text": "a\nb"})


def reached(session: str, count: int = 16) -> Event:
    details = {"session": session, "group": "down", "op": "RETR", "bytes": count}
    return Event(1, "load", "a", 0, "reached", details)


AT_16 = Condition("down", 2, "reached", "RETR", 16)


def test_barrier_opens_when_enough_different_sessions_are_there() -> None:
    barrier = Barrier([AT_16])
    barrier.feed(reached("down-0"))
    barrier.feed(reached("down-0"))
    barrier.feed(reached("down-1", count=17))
    assert barrier.missing() == ["2 × down reached RETR byte 16 (1 so far)"]
    barrier.feed(reached("down-1"))
    barrier.wait("both", 0.01)


def test_a_wait_that_ends_in_vain_says_what_is_missing() -> None:
    with pytest.raises(StepTimedOut, match="down reached RETR byte 16"):
        Barrier([AT_16]).wait("both", 0.01)


def test_a_failed_session_ends_the_wait_at_once() -> None:
    barrier = Barrier([AT_16])
    failed = Event(1, "load", "a", 0, "failed", {"session": "down-0", "error": "EOFError"})
    threading.Timer(0.05, barrier.feed, [failed]).start()
    with pytest.raises(StepTimedOut, match="down-0: EOFError"):
        barrier.wait("both", 30)


def test_waiting_counts_what_is_in_the_journal_already(tmp_path: Path) -> None:
    with Journal(tmp_path / "j") as journal:
        scribe = Scribe(journal, "a", 0)
        for session in ("down-0", "down-1"):
            scribe.relay({"t": 1, "event": "reached", **reached(session).details})
        wait_for(scribe, [AT_16], "both", 0.01)
        with pytest.raises(StepTimedOut):
            wait_for(Scribe(journal, "a", 1), [AT_16], "both of another round", 0.01)
