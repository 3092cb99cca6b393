"""Checks: from a journal to verdicts, afterwards, each a function of its own.

A check says pass or fail with its evidence, or unknown where the journal does
not hold what it needs; a check that crashes is unknown too.  To add one, write
the function and register it.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .history import History, RoundHistory, replies_by_session, went_through
from .journal import Event

Outcome = Literal["pass", "fail", "unknown"]

TIMINGS = ("stop_us", "load_us", "unroll_us", "map_us", "rebuild_us", "total_us")

THRESHOLD_METRICS = {f"update.{timing}" for timing in TIMINGS}
"""Names that a scenario's `thresholds` may limit."""


NOTHING = "the journal holds nothing that this check looks at"


@dataclass(frozen=True)
class Verdict:
    """What a check found."""

    name: str
    verdict: Outcome
    evidence: str


@dataclass(frozen=True)
class Finding:
    """A check's raw outcome: what is wrong, or how much was looked at."""

    wrong: list[str]
    looked_at: int
    what: str


Check = Callable[[History], Finding]
REGISTRY: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a check under the name that scenarios use."""

    def register(function: Check) -> Check:
        REGISTRY[name] = function
        return function

    return register


def judge(name: str, history: History) -> Verdict:
    """Run one check; nothing looked at is `unknown`, never `pass`."""
    try:
        finding = REGISTRY[name](history)
    except Exception:  # noqa: BLE001 - a crashed checker has shown nothing
        return Verdict(name, "unknown", f"the check crashed:\n{traceback.format_exc(limit=-3)}")
    if finding.wrong:
        shown = "; ".join(finding.wrong[:5])
        more = f"; and {len(finding.wrong) - 5} more" if len(finding.wrong) > 5 else ""
        return Verdict(name, "fail", shown + more)
    if not finding.looked_at:
        return Verdict(name, "unknown", NOTHING)
    return Verdict(name, "pass", f"{finding.looked_at} {finding.what}")


def judge_all(names: list[str], history: History) -> list[Verdict]:
    """All checks of a scenario, in its order."""
    return [judge(name, history) for name in names]


@check("load-ran")
def load_ran(history: History) -> Finding:
    """Every session came to its end, requests were sent and none failed."""
    wrong: list[str] = []
    requests = 0
    for part in history.rounds:
        wrong += [f"{part.name}: {e['reason'].splitlines()[0]}" for e in part.of("cut-short")]
        wrong += [f"{part.name}: {e['session']}: {e['error']}" for e in part.of("failed")]
        done = {e["session"] for e in part.of("done")}
        expected = sum(e["count"] for e in part.of("prepared"))
        if len(done) != expected:
            wrong.append(f"{part.name}: {len(done)} of {expected} sessions came to their end")
        summaries = part.of("summary")
        if not summaries or not summaries[0]["requests"]:
            wrong.append(f"{part.name}: the load sent nothing")
        for summary in summaries:
            requests += summary["requests"]
            if summary["failures"]:
                wrong.append(f"{part.name}: {summary['failures']} requests failed")
    return Finding(wrong, requests, "requests, none failed")


_WELL_ENDED = ("226", "STORED", "END", "200 OK", "201 Created", "204 No Content")
"""How servers say that a transfer is complete."""


@check("transfers-intact")
def transfers_intact(history: History) -> Finding:
    """Each byte that was sent arrived, in order: equal SHA-256 on both sides."""
    wrong: list[str] = []
    looked_at = 0
    for part in history.rounds:
        wrong += [f"{part.name}: {name} transferred nothing" for name in _without_transfer(part)]
        fetched = {e["group"]: e["sha256"] for e in part.of("prepared")}
        stored = {e["path"]: e for e in part.of("stored")}
        for event in part.of("transferred"):
            looked_at += 1
            name = f"{part.name}: {event['session']}"
            if event["op"] == "RETR":
                expected = fetched.get(event["group"])
            else:
                expected = stored.get(event["path"], {"sha256": None})["sha256"]
            if event["sha256"] != expected:
                wrong.append(f"{name}: {event['op']} {event['path']}: SHA-256 differs")
            if event["bytes"] != event["wanted"]:
                wrong.append(f"{name}: {event['bytes']} bytes instead of {event['wanted']}")
            if not event["reply"].startswith(_WELL_ENDED):
                wrong.append(f"{name}: the server said {event['reply']!r}")
    return Finding(wrong, looked_at, "transfers of equal SHA-256")


def _without_transfer(part: RoundHistory) -> Iterator[str]:
    did = {e["session"] for e in part.of("transferred")}
    for event in part.of("prepared"):
        if event["does"] in ("retrieve", "store", "visit", "steady"):
            for index in range(event["count"]):
                if f"{event['group']}-{index}" not in did:
                    yield f"{event['group']}-{index}"


@check("same-connections")
def same_connections(history: History) -> Finding:
    """No session connected twice, and each socket had the same two ends throughout."""
    wrong: list[str] = []
    looked_at = 0
    for part in history.rounds:
        control: dict[str, list[Event]] = {}
        for event in part.of("connected"):
            if event["channel"] == "control":
                control.setdefault(event["session"], []).append(event)
        ended = {e["session"]: e for e in part.of("done")}
        for session, connections in control.items():
            looked_at += 1
            if len(connections) != 1:
                wrong.append(f"{part.name}: {session} connected {len(connections)} times")
            elif session not in ended:
                wrong.append(f"{part.name}: {session} did not come to its end")
            elif _ends(ended[session].details) != _ends(connections[0].details):
                wrong.append(f"{part.name}: {session} ended on another control connection")
        for event in part.of("transferred"):
            looked_at += 1
            if _ends(event["began"]) != _ends(event["ended"]):
                wrong.append(f"{part.name}: {event['session']}: the data connection changed")
    return Finding(wrong, looked_at, "connections, each the same throughout")


def _ends(record: dict[str, object]) -> tuple[object, object]:
    return record["local"], record["remote"]


@check("old-or-new")
def old_or_new(history: History) -> Finding:
    """Each reply is the old or the new version's, with one switch a session an update.

    What each version answers was learned from plain builds of all.  A question
    asked after an update was over must have the new answer; one answered before
    it was asked for, the old.
    """
    if not history.telling_commands():
        return Finding([], 0, "replies")  # no question tells the versions apart
    wrong: list[str] = []
    looked_at = 0
    for part in history.rounds:
        for session, replies in replies_by_session(part).items():
            looked_at += len(replies)
            wrong += [f"{part.name}: {session}: {w}" for w in _reply_order(history, part, replies)]
    return Finding(wrong, looked_at, "replies, each the old or the new version's")


def _reply_order(history: History, part: RoundHistory, replies: list[Event]) -> Iterator[str]:
    at = 0  # how far this session must have come
    for reply in replies:
        places = history.places_of(reply, part)
        least, most = part.reached(reply["sent"]), part.reachable(reply["received"])
        here = [place for place in places if max(at, least) <= place <= most]
        if here:
            at = here[0]
        elif not places:
            yield f"{reply['command']}: {reply['text']!r} is no version's answer"
        elif max(places) < least:
            yield f"{reply['command']} was answered by an old version after the update"
        elif min(places) > most:
            yield f"{reply['command']} was answered by a new version before the update"
        else:
            yield f"{reply['command']} went back to an old version's answer"


@check("idle-alive")
def idle_alive(history: History) -> Finding:
    """Sessions that were silent over the update answer after it."""
    return _answers_after(history, "idle", "silent sessions that answer afterwards")


@check("newcomers-served")
def newcomers_served(history: History) -> Finding:
    """Sessions that come after the update are served."""
    return _answers_after(history, "visit", "newcomers that were served")


def _answers_after(history: History, does: str, what: str) -> Finding:
    wrong: list[str] = []
    looked_at = 0
    for part in history.rounds:
        answered = {e["session"] for e in part.of("reply") if e["phase"] == "after"}
        ended = {e["session"] for e in part.of("done")}
        for event in part.of("prepared"):
            if event["does"] != does:
                continue
            for index in range(event["count"]):
                looked_at += 1
                name = f"{event['group']}-{index}"
                if name not in answered or name not in ended:
                    wrong.append(f"{part.name}: {name} gave no answer")
    return Finding(wrong, looked_at, what)


@check("mid-transfer")
def mid_transfer(history: History) -> Finding:
    """Each held transfer stood at its byte when the update was asked for, and ended after it.

    One that is held for a later step is in mid-transfer at all steps up to that.
    """
    wrong: list[str] = []
    looked_at = 0
    for part in history.rounds:
        barrier = part.first("barrier-reached")
        steps = {e["group"]: e.get("held_for") or "" for e in part.of("prepared")}
        for reached in part.of("reached"):
            looked_at += 1
            session = reached["session"]
            ends = [e["received"] for e in part.of("transferred") if e["session"] == session]
            if barrier is None or reached.t > barrier.t:
                wrong.append(f"{part.name}: {session} was not at its byte in time")
            elif not ends or ends[0] < part.asked_at(steps.get(reached["group"], "")):
                wrong.append(f"{part.name}: {session} was not in mid-transfer at the update")
    return Finding(wrong, looked_at, "transfers held at their byte until the update was asked for")


MOST_TRIES = 3
"""For one patch: what is refused again and again, and goes through at last, has not gone well."""


@check("update-applied")
def update_applied(history: History) -> Finding:
    """Dsuctl reports success, with every timing of the contract, and needed few tries.

    It asks again where a thread stands in a bad place, and each time the program stands still.
    """
    wrong: list[str] = []
    looked_at, tries = 0, 0
    for part in history.updated_rounds:
        ended = {e["step"]: e for e in part.of("update-ended")}
        in_force = 0
        for step in part.updates:
            looked_at += 1
            faults = list(_report_faults(ended.get(step)))
            # A revert takes back one patch after the other.
            goes_back = part.updates[step] == part.version
            most = MOST_TRIES * (max(in_force, 1) if goes_back else 1)
            in_force = 0 if goes_back else in_force + 1
            needed = 0 if faults else ended[step]["report"]["tries"]
            if needed > most:
                faults.append(f"applied at try {needed}: at most {most} are well")
            wrong += [f"{part.name}: {step}: {w}" for w in faults]
            tries += needed
    return Finding(wrong, looked_at, f"updates applied, {tries} tries")


def _report_faults(event: Event | None) -> Iterator[str]:
    if event is None:
        yield "never came to an end"
        return
    report = event["report"]
    if report is None:
        yield f"dsuctl ended with {event['code']} and said {event['said'].strip()!r}"
        return
    if event["code"] != 0 or not went_through(event):
        yield f"not applied (exit code {event['code']}): {report.get('reason')}"
        return
    for key in (*TIMINGS, "processes", "threads", "tries"):
        value = report.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            yield f"the report's {key} is {value!r}"


@check("one-version")
def one_version(history: History) -> Finding:
    """After the update each process of the family is in the new version: none is left out.

    The processes are those that /proc shows, not those that dsuctl knows of.
    """
    wrong: list[str] = []
    looked_at = 0
    for part in history.updated_rounds:
        told = {e["step"]: e for e in part.of("status")}
        expected = 0
        for step in part.updates:
            # A revert leads back through all: none is in force after it.
            expected = expected + 1 if part.updates[step] != part.version else 0
            status, after = told.get(step), part.family("after", step)
            where = f"{part.name}: {step}"
            if status is None or after is None or "processes" not in (status["report"] or {}):
                said = "" if status is None else f": {status['said'].strip()}"
                wrong.append(f"{where}: no account of the processes after it{said}")
                continue
            looked_at += len(after)
            wrong += [f"{where}: {w}" for w in _left_behind(status["report"], after, expected)]
    return Finding(wrong, looked_at, "looks at processes, all in the new version")


def _left_behind(
    report: dict[str, Any], after: list[dict[str, Any]], expected: int
) -> Iterator[str]:
    """Processes that are not where the patches in force lead, `expected` in number."""
    patches = report["patches"]
    if len(patches) != expected:
        yield f"dsuctl knows of {len(patches)} patches, not of {expected}"
        return
    new = patches[-1]["to"] if patches else report["base"]
    if patches and new == report["base"]:
        yield "the new version has the old one's build-id"
    told = {p["pid"]: p["version"] for p in report["processes"]}
    for process in after:
        if process["pid"] not in told:
            yield f"process {process['pid']} is not in dsuctl's account"
        elif told[process["pid"]] != new:
            yield f"process {process['pid']} is still in {told[process['pid']][:12]}"


@check("same-processes")
def same_processes(history: History) -> Finding:
    """Each process from before the update is there after it: updated, not replaced."""
    wrong: list[str] = []
    looked_at = 0
    for part in history.updated_rounds:
        for step in part.updates:
            before, after = part.family("before", step), part.family("after", step)
            where = f"{part.name}: {step}"
            if before is None or after is None:
                wrong.append(f"{where}: the family was not looked at on both sides of it")
                continue
            alive = {(p["pid"], p["started"]) for p in after}
            for process in before:
                looked_at += 1
                if (process["pid"], process["started"]) not in alive:
                    wrong.append(f"{where}: process {process['pid']} did not live on")
    return Finding(wrong, looked_at, "processes that lived on")


@check("sessions-confined")
def sessions_confined(history: History) -> Finding:
    """Every process but the first is confined as the server's stock settings have it.

    Unprivileged, in a root and a PID namespace of its own, under a seccomp
    filter; before the first update, and after each all the same.  Sessions that
    begin later are the later version's affair.
    """
    wrong: list[str] = []
    looked_at = 0
    for part in history.rounds:
        started = part.first("server-started")
        first = {p["pid"] for p in part.family("before") or ()}
        for event in part.of("family"):
            for process in event["processes"]:
                if started is None or process["pid"] not in first - {started["pid"]}:
                    continue
                looked_at += 1
                where = f"{part.name}, {event['moment']} {event.get('step')}"
                where += f": process {process['pid']}"
                wrong += [f"{where} {fault}" for fault in _freedoms(process, part, started)]
    return Finding(wrong, looked_at, "looks at session processes, each confined")


def _freedoms(process: dict[str, Any], part: RoundHistory, started: Event) -> Iterator[str]:
    first = next(p for p in part.family("before") or () if p["pid"] == started["pid"])
    if process["uid"] == 0:
        yield "is root"
    if process["root"] == "/":
        yield "sees the whole file system"
    if process["pid_namespace"] == first["pid_namespace"]:
        yield "is in the listener's PID namespace"
    if process["seccomp"] != 2:
        yield "has no seccomp filter"
