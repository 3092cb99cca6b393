"""`dsucc --dsu-show-report`: the build report that programs, libraries and objects carry.

What each unit said of itself, and whether untouched functions can be on a stack that blocks, asked
again of all units together.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from . import meta, summary
from .argv import UsageError
from .stays import Stacks, Verdict

_SHOWN = ("name", "file", "line", "points", "reason")


def show(paths: list[Path], as_json: bool) -> int:
    """Prints it, untouched functions first. Raises UsageError, MetaError."""
    if not paths:
        raise UsageError(
            "--dsu-show-report: name a program, library or object that dsucc has built"
        )
    units = [u for path in paths for u in meta.read(path)]
    rows = [r for u in units for r in u.functions]
    rows.sort(key=lambda r: (not r["reason"], str(r["file"]), int(str(r["line"]))))
    answers = dict(_answers(units, stacks(paths)))
    lines = [(_json if as_json else _text)(row, answers.get(id(row))) for row in rows]
    if not as_json:
        lines.append(_totals(len(rows), len(units), list(answers.values())))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def stacks(paths: list[Path]) -> Stacks:
    """The calls of all units, and what they take from libraries that dsucc has not built."""
    from .program import libraries  # noqa: PLC0415 - a compile need not wait for it

    needed = {name: library for path in paths for name, library in libraries(path).items()}
    return Stacks((u for path in paths for u in summary.read(path)), needed)


def _answers(units: Iterable[meta.UnitMeta], stacks: Stacks) -> Iterable[tuple[int, Verdict]]:
    for unit in units:
        for row in unit.functions:
            if row["reason"]:
                yield id(row), stacks.verdict(symbol(unit, str(row["name"]), stacks))


def symbol(unit: meta.UnitMeta, name: str, stacks: Stacks) -> str:
    """The symbol of a unit's function."""
    static = f"{unit.key}${name}"
    return static if static in stacks.calls else name


def _text(row: dict[str, object], answer: Verdict | None) -> str:
    place = f"{row['file']}:{row['line']}: {row['name']}: "
    if answer is None:
        return f"{place}{row['points']} points"
    return f"{place}untouched: {row['reason']}; blocks: {answer}"


def _json(row: dict[str, object], answer: Verdict | None) -> str:
    out = {key: row[key] for key in _SHOWN}
    if answer is not None:
        out |= {"blocks": answer.blocks, "way": answer.way}
    return json.dumps(out)


def _totals(functions: int, units: int, answers: list[Verdict]) -> str:
    said = [a.blocks for a in answers]
    counts = ", ".join(f"{said.count(b)} {b}" for b in sorted(set(said)))
    block = f" (can block: {counts})" if said else ""
    touched = functions - len(said)
    return f"{touched} functions instrumented, {len(said)} left untouched{block}, {units} units"
