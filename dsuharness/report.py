"""The report for people: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from .history import History, RoundHistory

if TYPE_CHECKING:
    from .journal import Event
    from .scenario import Scenario
    from .store import RunFolder

PHASES = ("stop_us", "load_us", "unroll_us", "map_us", "rebuild_us")
WIDTH = 1000.0
ROW = 22.0


@dataclass(frozen=True)
class Bar:
    """A piece of a session's life on the time axis; positions in pixels."""

    x: float
    width: float
    kind: str
    label: str


@dataclass(frozen=True)
class Row:
    """One session."""

    name: str
    y: float
    bars: list[Bar]


@dataclass(frozen=True)
class Timeline:
    """One round: sessions over time, with the update's pause across them."""

    title: str
    rows: list[Row]
    pause: Bar | None
    height: float
    milliseconds: float


def write(
    folder: RunFolder, scenario: Scenario, result: dict[str, Any], events: list[Event]
) -> None:
    """Write the report of a run beside its result."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("report.html.j2").render(
        scenario=scenario,
        result=result,
        phases=PHASES,
        timelines=list(timelines(History(events))),
        latencies=_latencies(events),
    )
    folder.report.write_text(html, encoding="utf-8")


def timelines(history: History) -> Iterator[Timeline]:
    """A drawing of each round that ran the schedule."""
    for part in history.rounds:
        start, end = part.events[0].t, part.events[-1].t
        scale = WIDTH / max(end - start, 1)
        sessions = sorted({e["session"] for e in part.events if e.get("session")})
        rows = [
            Row(name, (i + 1) * ROW, list(_bars(part, name, start, scale)))
            for i, name in enumerate(sessions)
        ]
        yield Timeline(
            title=part.name,
            rows=rows,
            pause=_pause(part, start, scale),
            height=(len(rows) + 2) * ROW,
            milliseconds=(end - start) / 1e6,
        )


def _bars(part: RoundHistory, session: str, start: int, scale: float) -> Iterator[Bar]:
    for event in part.events:
        if event.get("session") != session or event.name not in ("reply", "transferred"):
            continue
        sent, received = event["sent"], event["received"]
        what = event.get("command") or f"{event['op']} {event['bytes']} bytes"
        yield Bar(
            x=(sent - start) * scale,
            width=max((received - sent) * scale, 1.5),
            kind=event.name,
            label=f"{what}: {(received - sent) / 1e6:.3f} ms",
        )


def _pause(part: RoundHistory, start: int, scale: float) -> Bar | None:
    asked, ended = part.first("update-requested"), part.first("update-ended")
    if asked is None or ended is None:
        return None
    width = max((ended["ended"] - asked.t) * scale, 2)
    label = f"asked to over: {(ended['ended'] - asked.t) / 1e6:.3f} ms"
    return Bar((asked.t - start) * scale, width, "pause", label)


def _latencies(events: list[Event]) -> list[tuple[str, dict[str, dict[str, float]]]]:
    return [
        (f"{e.arm} round {e.round + 1}", e["latencies_us"]) for e in events if e.name == "summary"
    ]
