"""Each check passes on a good journal and fails on every journal that it exists for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import pytest

from dsuharness import checks
from dsuharness.history import History


class Journal(Protocol):
    """The journal of `conftest`; importing that by name would load it twice."""

    history: History

    def spoil(self, name: str, change: Callable[[dict[str, Any]], Any], **match: Any) -> Journal:
        raise NotImplementedError

    def drop(self, name: str, **match: Any) -> Journal:
        raise NotImplementedError

    def add(self, t: int, name: str, **details: Any) -> Journal:
        raise NotImplementedError


OLD, NEW = "211-Features:\n UTF8\n211 End", "211-Features:\n211 End"


def setting(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda details: details.update(values)


def in_report(**values: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda details: details["report"].update(values)


def process(index: int, **values: Any) -> Callable[[dict[str, Any]], Any]:
    def change(details: dict[str, Any]) -> None:
        details["report"]["processes"][index].update(values)

    return change


Spoiler = Callable[[Journal], Journal]

SPOILED: list[tuple[str, str, Spoiler]] = [
    ("load-ran", "sent nothing", lambda j: j.spoil("summary", setting(requests=0))),
    ("load-ran", "1 requests failed", lambda j: j.spoil("summary", setting(failures=1))),
    ("load-ran", "no summary", lambda j: j.drop("summary")),
    (
        "load-ran",
        "a session fails",
        lambda j: j.add(880, "failed", session="up-0", group="up", error="EOFError: "),
    ),
    ("load-ran", "a session hangs", lambda j: j.drop("done", session="silent-0")),
    ("load-ran", "cut short", lambda j: j.add(990, "cut-short", reason="nothing after 120 s")),
    (
        "transfers-intact",
        "a fetched byte differs",
        lambda j: j.spoil("transferred", setting(sha256="other"), op="RETR", session="down-0"),
    ),
    (
        "transfers-intact",
        "a stored byte differs",
        lambda j: j.spoil("stored", setting(sha256="other")),
    ),
    ("transfers-intact", "nothing was stored", lambda j: j.drop("stored")),
    (
        "transfers-intact",
        "one byte short",
        lambda j: j.spoil("transferred", setting(bytes=63), session="down-0"),
    ),
    (
        "transfers-intact",
        "the server says so",
        lambda j: j.spoil(
            "transferred", setting(reply="426 Failure writing network stream."), session="down-0"
        ),
    ),
    (
        "transfers-intact",
        "a web server says so",
        lambda j: j.spoil("transferred", setting(reply="206 Partial Content"), session="down-0"),
    ),
    ("transfers-intact", "a transfer is gone", lambda j: j.drop("transferred", session="up-0")),
    (
        "same-connections",
        "a session connects again",
        lambda j: j.add(
            650,
            "connected",
            channel="control",
            session="silent-0",
            group="silent",
            local=["c", 1],
            remote=["s", 21],
        ),
    ),
    (
        "same-connections",
        "another socket at the end",
        lambda j: j.spoil("done", setting(local=["c", 1]), session="silent-0"),
    ),
    (
        "same-connections",
        "another data connection",
        lambda j: j.spoil(
            "transferred", setting(ended={"local": ["c", 1], "remote": ["s", 2]}), session="up-0"
        ),
    ),
    ("same-connections", "no end", lambda j: j.drop("done", session="down-0")),
    (
        "old-or-new",
        "old answer after the update",
        lambda j: j.spoil("reply", setting(text=OLD), session="new-0"),
    ),
    (
        "old-or-new",
        "new answer before the update",
        lambda j: j.spoil("reply", setting(text=NEW), session="silent-0", phase="before"),
    ),
    (
        "old-or-new",
        "nobody's answer",
        lambda j: j.spoil("reply", setting(text="500 OOPS"), session="down-0", phase="after"),
    ),
    (
        "old-or-new",
        "back to the old",
        lambda j: j.spoil(
            "reply", setting(sent=520, received=530), session="silent-0", phase="before"
        ).spoil("reply", setting(sent=510, received=515), session="silent-0", phase="after"),
    ),
    ("idle-alive", "no answer", lambda j: j.drop("reply", session="silent-0", phase="after")),
    ("idle-alive", "no end", lambda j: j.drop("done", session="silent-0")),
    ("newcomers-served", "not served", lambda j: j.drop("reply", session="new-0")),
    (
        "mid-transfer",
        "ended too early",
        lambda j: j.spoil("transferred", setting(received=480), session="up-0"),
    ),
    ("mid-transfer", "no transfer", lambda j: j.drop("transferred", session="up-0")),
    ("mid-transfer", "no barrier", lambda j: j.drop("barrier-reached")),
    ("update-applied", "refused", lambda j: j.spoil("update-ended", in_report(applied=False))),
    ("update-applied", "exit code", lambda j: j.spoil("update-ended", setting(code=1))),
    ("update-applied", "no report", lambda j: j.spoil("update-ended", setting(report=None))),
    ("update-applied", "never over", lambda j: j.drop("update-ended")),
    ("update-applied", "no time", lambda j: j.spoil("update-ended", in_report(unroll_us=None))),
    ("update-applied", "too many tries", lambda j: j.spoil("update-ended", in_report(tries=4))),
    ("update-applied", "no tries", lambda j: j.spoil("update-ended", in_report(tries=None))),
    ("update-applied", "bad time", lambda j: j.spoil("update-ended", in_report(stop_us=-1))),
    (
        "one-version",
        "left behind",
        lambda j: j.spoil("status", process(1, version="aa", patches=0)),
    ),
    ("one-version", "not accounted for", lambda j: j.spoil("status", process(2, pid=99))),
    ("one-version", "no patch", lambda j: j.spoil("status", in_report(patches=[]))),
    ("one-version", "same build-id", lambda j: j.spoil("status", in_report(base="bb"))),
    ("one-version", "no status", lambda j: j.spoil("status", setting(report=None, said="gone"))),
    (
        "same-processes",
        "started anew",
        lambda j: j.spoil(
            "family", lambda d: d["processes"][0].update(started=999), moment="after"
        ),
    ),
    (
        "same-processes",
        "gone",
        lambda j: j.spoil("family", lambda d: d["processes"].pop(), moment="after"),
    ),
    *(
        (
            "sessions-confined",
            f"{key} after the update",
            lambda j, key=key, value=value: j.spoil(
                "family", lambda d: d["processes"][1].update({key: value}), moment="after"
            ),
        )
        for key, value in (("uid", 0), ("root", "/"), ("pid_namespace", "1"), ("seccomp", 0))
    ),
    ("same-processes", "not looked", lambda j: j.drop("family", moment="before")),
]


@pytest.mark.parametrize("name", list(checks.REGISTRY))
def test_passes_on_a_good_journal(name: str, good: Journal) -> None:
    verdict = checks.judge(name, good.history)
    assert verdict.verdict == "pass", verdict.evidence


@pytest.mark.parametrize(
    ("name", "spoiler"),
    [pytest.param(name, spoiler, id=f"{name}: {why}") for name, why, spoiler in SPOILED],
)
def test_fails_on_a_spoiled_journal(name: str, spoiler: Spoiler, good: Journal) -> None:
    verdict = checks.judge(name, spoiler(good).history)
    assert verdict.verdict == "fail", verdict.evidence
    assert verdict.evidence


@pytest.mark.parametrize("name", list(checks.REGISTRY))
def test_every_check_is_shown_to_fail(name: str) -> None:
    assert name in {spoiled for spoiled, _, _ in SPOILED}


@pytest.mark.parametrize("name", list(checks.REGISTRY))
def test_nothing_looked_at_is_unknown(name: str) -> None:
    assert checks.judge(name, History([])).verdict == "unknown"


@pytest.mark.parametrize("reply", ["200 OK", "201 Created", "204 No Content", "STORED", "END"])
def test_other_servers_say_otherwise_that_a_transfer_is_over(good: Journal, reply: str) -> None:
    said = good.spoil("transferred", setting(reply=reply))
    assert checks.judge("transfers-intact", said.history).verdict == "pass"


def test_no_telling_question_is_unknown(good: Journal) -> None:
    same = good.spoil("reply", setting(text=OLD))
    assert checks.judge("old-or-new", same.history).verdict == "unknown"


def test_a_round_without_an_end_is_not_judged(good: Journal) -> None:
    cut = good.drop("round-ended")
    for name in checks.REGISTRY:
        assert checks.judge(name, cut.history).verdict == "unknown"


def test_a_crash_is_unknown(good: Journal) -> None:
    broken = good.spoil("transferred", lambda details: details.pop("sha256"))
    verdict = checks.judge("transfers-intact", broken.history)
    assert verdict.verdict == "unknown"
    assert "KeyError" in verdict.evidence


def test_an_answer_between_asking_and_end_may_be_either(good: Journal) -> None:
    for text in (OLD, NEW):
        racing = good.add(
            550,
            "reply",
            session="down-0",
            group="down",
            command="FEAT",
            text=text,
            phase="during",
            sent=550,
            received=560,
        )
        assert checks.judge("old-or-new", racing.history).verdict == "pass"
