"""`dsupatch --report FILE`: is this update safe, and where can a thread not take it?

Written from what the comparison has found, whether a patch was made or not. The ending of the
file's name says how: .txt, .json or .html. All three are made from the same sections.
"""

from __future__ import annotations

import html
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .alignment import Aligned, Alignment
from .arrival import Doubt, Thread, threads
from .difference import Difference, UnitDiff
from .mapping import Match
from .state import State
from .transformers import GENERATED

ENDINGS = (".txt", ".json", ".html")


@dataclass
class Section:
    """A table; `note` says what its rows mean for the update."""

    key: str  # stable, for scripts
    title: str
    note: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Safety:
    """The whole report. `verdict` is one of: safe, likely, waits, refused."""

    old: str
    new: str
    verdict: str
    why: str
    sections: list[Section]


def assess(difference: Difference, alignment: Alignment, state: State) -> Safety:
    """What the update does, and what may keep a thread from taking it."""
    found = threads(difference.old)
    sections = [
        _functions(difference),
        _state(difference),
        _types(state),
        _points(alignment),
        _stacks(alignment),
        _stuck(alignment),
        _threads(found),
        _doubts(found),
        _way_back(difference, alignment),
        _refusals(difference),
    ]
    verdict = _verdict({s.key for s in sections if s.rows})
    ids = difference.old.build_id.hex(), difference.new.build_id.hex()
    return Safety(*ids, verdict, _MEANS[verdict], sections)


def _verdict(filled: set[str]) -> str:
    if "refusals" in filled:
        return "refused"
    if "not-while-active" in filled:
        return "waits"
    return "likely" if "no-update-point" in filled else "safe"


_MEANS = {
    "refused": "dsupatch needs decisions first",
    "waits": "a thread may have to leave a function before the update goes on",
    "likely": "every frame has its place in the new version; some threads may come late",
    "safe": "every thread comes to a point where it goes on in the new version",
}


def write(path: Path, safety: Safety) -> None:
    """In the form that the file's name asks for."""
    form = {".txt": as_text, ".json": as_json, ".html": as_html}[path.suffix]
    path.write_text(form(safety), encoding="utf-8")


# -- sections -------------------------------------------------------------------------------------


def _functions(difference: Difference) -> Section:
    out = Section(
        "functions", "Functions", "what the patch replaces, brings and leaves behind",
        ["what", "file", "function", "why"],
    )  # fmt: skip
    for unit in difference.units.values():
        source = unit.new.meta.source
        out.rows += [["changed", source, n, why] for n, why in unit.changed.items()]
        told = {n: f"'{was}' by another name" for n, was in unit.renamed.items()}
        out.rows += [["new", source, n, told.get(n, "")] for n in unit.added]
        gone = {was: f"it is called '{n}'" for n, was in unit.renamed.items()}
        out.rows += [["removed", source, n, gone.get(n, "")] for n in unit.removed]
    for side in difference.removed.values():
        out.rows += [["removed", side.meta.source, n, "its file is gone"] for n in side.names()]
    return out


def _state(difference: Difference) -> Section:
    out = Section(
        "state", "State", "variables that do not simply stay as they are",
        ["what", "file", "name", "becomes"],
    )  # fmt: skip
    for unit in difference.units.values():
        out.rows += [[*row] for row in _variables(unit)]
    return out


def _types(state: State) -> Section:
    out = Section(
        "types", "Types", "whose objects are found, wherever they are, and converted; what is not "
        "named here stays", ["type", "part", "how", "by"],
    )  # fmt: skip
    told = {f.type for f in state.fates}
    out.rows = [f.row() for f in state.fates]
    out.rows += [[n, "(no part)", "stays", GENERATED] for n in state.converted if n not in told]
    return out


def _variables(unit: UnitDiff) -> list[tuple[str, str, str, str]]:
    source = unit.new.meta.source
    return [
        *[("new", source, n, "its initial value") for n in sorted(set(unit.new_variables))],
        *[
            ("constant", source, n, "the new version's value, in new storage")
            for n in sorted(unit.replaced - unit.converted)
        ],
        *[("converted", source, n, "its value in the new type") for n in sorted(unit.converted)],
        *[
            ("initial value", source, n, f"{now} where it has not been set and still is {was}")
            for n, (was, now) in sorted(unit.initials.items())
        ],
        *[("removed", source, n, "nothing: it stays, unused") for n in unit.removed_variables],
    ]


def _points(alignment: Alignment) -> Section:
    out = Section(
        "points", "Continuation points",
        "where a frame on a stack goes on; a thread at a point without counterpart runs on first",
        ["function", "point", "line", "goes on at", "confidence", "why not"],
    )  # fmt: skip
    for f in alignment.functions:
        out.rows += [_point(f, m) for m in f.map.matches]
    return out


def _point(f: Aligned, m: Match) -> list[str]:
    there = m.to if m.new > 0 else "-"
    return [f.key, m.call or str(m.old), str(m.line), there, f"{m.confidence:.2f}", m.why]


def _stacks(alignment: Alignment) -> Section:
    out = Section(
        "stacks", "Chains of frames", "frames that follow each other become others together",
        ["mapping file", "old frames", "new frames"],
    )  # fmt: skip
    out.rows = [[c.place, *c.told()] for c in alignment.stacks.chains]
    return out


def _stuck(alignment: Alignment) -> Section:
    out = Section(
        "not-while-active", "Never while active",
        "the update waits until no thread is inside one of these",
        ["function", "why"],
    )  # fmt: skip
    for f in alignment.functions:
        if alignment.stacks.covered(f.key):
            continue  # its frames go on with others
        if not f.has_counterpart:
            out.rows.append([f.key, "its function is gone, or can no longer be taken apart"])
        elif f.map.matches and all(m.new < 0 for m in f.map.matches):
            whys = sorted({m.why for m in f.map.matches})
            out.rows.append([f.key, f"none of its points has a counterpart: {'; '.join(whys)}"])
    return out


def _threads(found: list[Thread]) -> Section:
    out = Section(
        "threads", "Threads", "is each thread of the old program bound to reach a point?",
        ["first function", "begun by", "arrives", "why"],
    )  # fmt: skip
    for t in found:
        arrives = "in doubt" if t.doubts else "always"
        why = f"{len(t.doubts)} places to judge, below" if t.doubts else "nothing can keep it"
        out.rows.append([t.start or "(through a pointer)", t.place, arrives, why])
    return out


def _doubts(found: list[Thread]) -> Section:
    """Places where a running thread passes no update point."""
    out = Section(
        "no-update-point", "Where a thread may stay",
        "the update waits until it has left; a loop may end, a library's call return soon enough",
        ["place", "function", "why", "reached by"],
    )  # fmt: skip
    ways: dict[Doubt, str] = {}
    for t in found:
        for doubt, way in t.doubts:
            ways.setdefault(doubt, way)
    out.rows = [[f"{d.file}:{d.line}", d.function, d.why, way] for d, way in ways.items()]
    return out


def _way_back(difference: Difference, alignment: Alignment) -> Section:
    out = Section(
        "way-back", "The way back", "where a thread cannot be while the patch is reverted",
        ["function", "why"],
    )  # fmt: skip
    if difference.stays:
        out.rows.append(["(the whole patch)", difference.stays])
    for b in alignment.back:
        if not b.desc:
            out.rows.append([b.key, "the old version has no frames of it"])
        elif b.map.matches and all(m.new < 0 for m in b.map.matches):
            out.rows.append([b.key, "none of its points has a counterpart in the old version"])
    return out


def _refusals(difference: Difference) -> Section:
    out = Section(
        "refusals", "To be decided", "no patch is written before these are",
        ["place", "name", "why", "remedy"],
    )  # fmt: skip
    out.rows += [[str(r.place or ""), r.name, r.why, r.remedy] for r in difference.refusals]
    return out


# -- forms ----------------------------------------------------------------------------------------


def as_json(safety: Safety) -> str:
    """For scripts: each section's rows as objects, by its key."""
    sections = {
        s.key: [dict(zip(s.columns, row, strict=True)) for row in s.rows] for s in safety.sections
    }
    head = {k: v for k, v in asdict(safety).items() if k != "sections"}
    return json.dumps({"schema": 1, **head, **sections}, indent=2) + "\n"


def as_text(safety: Safety) -> str:
    """For a terminal."""
    lines = [f"{safety.old} -> {safety.new}", f"{safety.verdict}: {safety.why}"]
    for section in safety.sections:
        lines += ["", f"{section.title}: {section.note}"]
        widths = [max(map(len, column)) for column in zip(*section.rows, strict=True)]
        lines += [
            "  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
            for row in section.rows
        ] or ["  none"]
    return "\n".join(lines) + "\n"


def as_html(safety: Safety) -> str:
    """One file that needs nothing else."""
    body = [
        f"<h1>{html.escape(safety.verdict)}</h1><p>{html.escape(safety.why)}</p>",
        f"<p><code>{safety.old}</code> → <code>{safety.new}</code></p>",
    ]
    for section in safety.sections:
        body.append(f"<h2>{html.escape(section.title)}</h2><p>{html.escape(section.note)}</p>")
        body.append(_table(section) if section.rows else "<p class='none'>none</p>")
    return _PAGE.format(body="\n".join(body))


def _table(section: Section) -> str:
    head = "".join(f"<th>{html.escape(c)}</th>" for c in section.columns)
    rows = [
        "<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>"
        for row in section.rows
    ]
    return f"<table><tr>{head}</tr>\n" + "\n".join(rows) + "\n</table>"


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>dsupatch: is the update safe?</title>
<style>
body {{ font: 15px/1.5 sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }}
table {{ border-collapse: collapse }} td, th {{ border: 1px solid #ccc; padding: .2rem .6rem;
text-align: left; vertical-align: top }} .none {{ color: #777 }}
</style>
<body>
{body}
</body></html>
"""
