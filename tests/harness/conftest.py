"""A run's journal as it looks when everything is right; tests break it on purpose."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from dsuharness.history import History
from dsuharness.journal import Event

FEAT = {"v1": "211-Features:\n UTF8\n211 End", "v2": "211-Features:\n211 End"}
LISTENER = {"uid": 0, "root": "/", "pid_namespace": "1", "seccomp": 0}
CONFINED = {"uid": 99, "root": "/jail", "pid_namespace": "2", "seccomp": 2}
PROCESSES = [
    {"pid": pid, "started": pid * 10, **(LISTENER if pid == 7 else CONFINED)} for pid in (7, 20, 21)
]
REPORT = {
    "applied": True,
    "processes": 3,
    "threads": 3,
    "stop_us": 300.0,
    "load_us": 500.0,
    "unroll_us": 40.0,
    "map_us": 10.0,
    "rebuild_us": 50.0,
    "tries": 1,
    "total_us": 900.0,
    "reason": None,
}
STATUS = {
    "base": "aa",
    "version": "bb",
    "patches": [{"digest": "dd", "from": "aa", "to": "bb"}],
    "processes": [{"pid": p["pid"], "version": "bb", "patches": 1} for p in PROCESSES],
}
ASKED, OVER = 500, 600


class Recorder:
    """Writes the events of one round at times of its own choosing."""

    def __init__(self, arm: str, number: int) -> None:
        self.arm = arm
        self.number = number
        self.events: list[Event] = []

    def at(self, t: int, name: str, source: str = "harness", **details: Any) -> None:
        self.events.append(Event(t, source, self.arm, self.number, name, details))

    def session(self, group: str, number: int, t: int) -> dict[str, Any]:
        who = {"session": f"{group}-{number}", "group": group}
        ends = {"local": ["c", 4000 + t], "remote": ["s", 21]}
        self.at(t, "connected", "load", channel="control", **ends, **who)
        self.at(900, "done", "load", **ends, **who)
        return who

    def ask(self, who: dict[str, Any], t: int, version: str, phase: str) -> None:
        reply = {**who, "command": "FEAT", "text": FEAT[version], "phase": phase}
        self.at(t, "reply", "load", sent=t, received=t + 5, **reply)

    def transfer(self, who: dict[str, Any], op: str, sent: int, received: int, size: int) -> None:
        ends = {"local": ["c", 5000 + sent], "remote": ["s", 9000]}
        self.at(sent, "connected", "load", channel="data", **ends, **who)
        self.at(
            received,
            "transferred",
            "load",
            op=op,
            path=f"/{who['group']}",
            bytes=size,
            wanted=size,
            sha256=f"sum of {who['group']}",
            reply="226 Transfer complete.",
            began=ends,
            ended=ends,
            sent=sent,
            received=received,
            **who,
        )


def reference(version: str, number: int) -> list[Event]:
    r = Recorder("reference", number)
    r.at(number * 10, "round-started", purpose="reference", version=version, updates={})
    r.ask({"session": "reference-0", "group": "reference"}, number * 10 + 1, version, "before")
    return r.events


def updated_round() -> list[Event]:
    r = Recorder("landing-pad", 0)
    r.at(90, "patch-made", step="step", manual_mappings=2, took_us=1500)
    r.at(100, "round-started", purpose="schedule", version="v1", updates={"step": "v2"})
    for group, does in (
        ("silent", "idle"),
        ("down", "retrieve"),
        ("up", "store"),
        ("new", "visit"),
    ):
        r.at(101, "prepared", group=group, does=does, count=1, sha256=f"sum of {group}")
    silent, down, up = (r.session(g, 0, 110 + i) for i, g in enumerate(("silent", "down", "up")))
    for who in (silent, down, up):
        r.ask(who, 200, "v1", "before")
    for who, op in ((down, "RETR"), (up, "STOR")):
        r.at(300, "reached", "load", op=op, bytes=16, **who)
        r.transfer(who, op, 250, 700, 64)
    r.at(105, "server-started", pid=7)
    r.at(400, "family", step="step", moment="before", processes=PROCESSES)
    r.at(450, "barrier-reached", step="step")
    r.at(ASKED, "update-requested", step="step")
    report: dict[str, Any] = {
        "code": 0,
        "report": REPORT,
        "said": "",
        "started": ASKED,
        "ended": OVER,
    }
    r.at(OVER, "update-ended", step="step", **report)
    r.at(610, "family", step="step", moment="after", processes=PROCESSES)
    r.at(620, "status", step="step", code=0, report=STATUS, said="")
    new = r.session("new", 0, 800)
    r.transfer(new, "RETR", 810, 820, 32)
    for who in (silent, down, up, new):
        r.ask(who, 850, "v2", "after")
    r.at(910, "stored", group="up", path="/up", sha256="sum of up", size=64)
    r.at(920, "summary", "load", requests=12, failures=0)
    r.at(930, "round-ended", server_exit_code=None)
    return r.events


@dataclass
class Doctored:
    """A good journal, and ways to spoil it."""

    events: list[Event]

    def spoil(self, name: str, change: Callable[[dict[str, Any]], Any], **match: Any) -> Doctored:
        """Change the details of every event of that name whose details match; one at least."""
        changed, events = 0, []
        for event in self.events:
            details = copy.deepcopy(event.details)
            if event.name == name and all(details.get(k) == v for k, v in match.items()):
                change(details)
                changed += 1
            events.append(replace(event, details=details))
        assert changed, f"no event {name} with {match} to spoil"
        return Doctored(events)

    def drop(self, name: str, **match: Any) -> Doctored:
        """Take out every event of that name whose details match; one at least."""
        kept = [
            e
            for e in self.events
            if e.name != name or any(e.details.get(k) != v for k, v in match.items())
        ]
        assert len(kept) < len(self.events), f"no event {name} with {match} to drop"
        return Doctored(kept)

    def add(self, t: int, name: str, **details: Any) -> Doctored:
        """One more event in the updated round."""
        return Doctored([*self.events, Event(t, "load", "landing-pad", 0, name, details)])

    @property
    def history(self) -> History:
        return History(self.events)


@pytest.fixture
def good() -> Doctored:
    return Doctored([*reference("v1", 0), *reference("v2", 1), *updated_round()])
