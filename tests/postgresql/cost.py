"""What being updatable costs PostgreSQL: the tables of docs/postgresql.md.

    python tests/postgresql/run.py --keep FOLDER    builds the trees, and runs their tests
    python tests/postgresql/cost.py FOLDER          prints the tables

Instructions are exact: one backend, `postgres --single`, over the script of the identity updates,
under callgrind. Continuation points without the summary are found by instrumenting each unit once
more, by the same compiler, without what the summary said.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dsucc import built, meta
from dsucc.pipeline import Options, instrument
from dsuharness.subjects.postgresql import NEVER
from tests.postgresql.single import Database, place
from tests.postgresql.tree import Tree, kept

if TYPE_CHECKING:
    from collections.abc import Iterable

HOTTEST = 10
LIBRARIES = ("plpgsql.so",)
CALLGRIND_SECONDS = 1800
TABLES = ("instructions", "points", "untouched")

_ROW = re.compile(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+.*?:([^:]+?)(?: \[.*\])?$")
# What gcc adds to a function's name, and dsucc to a static one's.
_CLONE = re.compile(r"('\d+|\.(constprop|isra|part|cold)(\.\d+)?)+$")
_STATIC = re.compile(r"^[\w.]+\.c\$")


# -- instructions ---------------------------------------------------------------------------------


def instructions(tree: Tree, database: Database) -> Counter[str]:
    """Of one backend over the script, by function; clones count as their function."""
    out = database.folder / "callgrind.out"
    under = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--"]
    done = database.run(tree, timeout=CALLGRIND_SECONDS, under=under)
    assert done.code == 0, done.err[-2000:]
    shown = subprocess.run(
        ["callgrind_annotate", "--threshold=100", out], capture_output=True, text=True, check=True
    )
    out.unlink()
    found: Counter[str] = Counter()
    for count, name in filter(None, map(_row, shown.stdout.splitlines())):
        found[name] += count
    return found


def _row(line: str) -> tuple[int, str] | None:
    found = _ROW.match(line)
    if found is None:
        return None
    return int(found[1].replace(",", "")), _STATIC.sub("", _CLONE.sub("", found[2]))


def hottest(base: Counter[str], arm: Counter[str], mode: str) -> Iterable[str]:
    """The table of the functions that take most, side by side."""
    whole = base.total()
    yield f"| function | gcc | share | {mode} | more | of all |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    rows = [(n, count, arm[n]) for n, count in base.most_common(HOTTEST) if count]
    for name, was, now in [*rows, ("all", whole, arm.total())]:
        more = f"{(now / was - 1) * 100:+.2f} %"
        share, part = f"{was / whole * 100:.1f} %", f"{(now - was) / whole * 100:+.2f} %"
        yield f"| `{name}` | {was:,} | {share} | {now:,} | {more} | {part} |"


def grown(base: Counter[str], arm: Counter[str], mode: str) -> Iterable[str]:
    """The table of where most of the difference is."""
    yield f"| function | gcc | {mode} | of all |"
    yield "| --- | ---: | ---: | ---: |"
    by_growth = sorted(base.keys() | arm.keys(), key=lambda n: base[n] - arm[n])
    for name in by_growth[:HOTTEST]:
        part = (arm[name] - base[name]) / base.total() * 100
        yield f"| `{name}` | {base[name]:,} | {arm[name]:,} | {part:+.2f} % |"


# -- continuation points --------------------------------------------------------------------------


def units(tree: Tree) -> dict[Path, list[meta.UnitMeta]]:
    """Of the server and of what it loads."""
    libraries = [tree.installed / "lib" / "postgresql" / name for name in LIBRARIES]
    return {path: meta.read(path) for path in [tree.program("postgres"), *libraries]}


def alone(unit: meta.UnitMeta) -> tuple[int, int]:
    """Continuation points, and functions that have some, without the summary."""
    sys.setrecursionlimit(20_000)
    options = Options(unit.capture, unit.points, never=frozenset(unit.never))
    rows = instrument(unit.text, options).functions
    return sum(r.points for r in rows), sum(r.points > 0 for r in rows)


def points(found: Iterable[meta.UnitMeta]) -> Iterable[str]:
    """The table of continuation points without and with the summary."""
    every = list(found)
    with ProcessPoolExecutor() as pool:
        before = list(pool.map(alone, every, chunksize=4))
    rows = [r for u in every for r in u.functions]
    after = sum(int(str(r["points"])) for r in rows), sum(bool(r["points"]) for r in rows)
    yield f"| of {len(every)} units | without the summary | with it |"
    yield "| --- | ---: | ---: |"
    for what, i in (("continuation points", 0), ("functions that have some", 1)):
        yield f"| {what} | {sum(b[i] for b in before):,} | {after[i]:,} |"


# -- what is left untouched -----------------------------------------------------------------------


def untouched(tree: Tree) -> Iterable[str]:
    """The table of functions left untouched: may a thread wait under them?"""
    found = units(tree)
    stacks = built.stacks(list(found))
    yield "| function | blocks | by | why it is left untouched |"
    yield "| --- | --- | --- | --- |"
    rows = set()
    for unit in (u for us in found.values() for u in us):
        for row in unit.functions:
            if row["reason"]:
                name = str(row["name"])
                answer = stacks.verdict(built.symbol(unit, name, stacks))
                way = " > ".join(answer.way[1:])
                why = NEVER.get(name, str(row["reason"]))
                rows.add(f"| `{name}` | {answer.blocks} | {way} | {why} |")
    yield from sorted(rows)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mode", default="landing-pad")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES)
    given = parser.parse_args()
    base, arm = (kept(given.folder, name) for name in ("baseline", given.mode))
    if "instructions" in given.only:
        folder = place("dsu-postgresql-cost-")
        database = Database.create(base, folder)
        was, now = (instructions(t, database) for t in (base, arm))
        shutil.rmtree(folder)
        tables = [*hottest(was, now, given.mode), "", *grown(was, now, given.mode), ""]
        print("\n".join(tables))
    if "points" in given.only:
        print("\n".join([*points(u for us in units(arm).values() for u in us), ""]))
    if "untouched" in given.only:
        print("\n".join(untouched(arm)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
