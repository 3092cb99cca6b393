"""The core of PostgreSQL's server, instrumented from scratch, updated to itself in mid-query.

Here the main loop, the executor, sorting and PL/pgSQL are compiled by dsucc and the rest by gcc;
run.py does the same with all of it, and with PostgreSQL's own tests.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dsuharness.subjects.postgresql import NEVER
from tests import toolchain
from tests.postgresql import tree as trees
from tests.postgresql.single import Database, differences, place
from tests.toolchain import MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgresql.tree import Tree
    from tests.toolchain import Outcome

pytestmark = [pytest.mark.network, pytest.mark.timeout(1800), pytest.mark.xdist_group("postgresql")]

BROKEN = Path(__file__).parent / "broken_dsucc.py"


@pytest.fixture(scope="module")
def base() -> Tree:
    return trees.plain()


@pytest.fixture(scope="module")
def database(base: Tree) -> Iterator[Database]:
    folder = place("dsu-postgresql-data-")
    yield Database.create(trees.public(base, folder), folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def wanted(base: Tree, database: Database) -> Outcome:
    outcome = database.run(trees.public(base, database.folder))
    assert outcome.code == 0
    assert b'kind = "kind 3"' in outcome.out
    assert "ERROR:  too many: 60" in outcome.err
    return outcome


@pytest.fixture(scope="module", params=MODES)
def instrumented(base: Tree, request: pytest.FixtureRequest) -> Iterator[Tree]:
    folder = place(f"dsu-postgresql-{request.param}-")
    yield trees.partly_instrumented(base, folder, request.param)
    shutil.rmtree(folder)


def test_nothing_that_can_wait_is_left_untouched(instrumented: Tree) -> None:
    assert instrumented.report
    rows = toolchain.read_report(instrumented.report)
    untouched = {str(r["name"]): str(r["reason"]) for r in rows if r["reason"]}
    unexpected = {n: why for n, why in untouched.items() if n not in NEVER}
    assert not unexpected
    assert len(rows) > 1000


def test_updates_in_mid_query_change_nothing(
    instrumented: Tree, database: Database, wanted: Outcome
) -> None:
    counted = database.updating(instrumented, "0")
    assert not list(differences(wanted, counted))
    assert counted.counts
    points = counted.counts.points
    updates = 0
    for at in toolchain.schedules(points, "postgresql", full=0, sample=6):
        got = database.updating(instrumented, at)
        assert not list(differences(wanted, got)), f"DSU_UPDATE_AT={at}"
        assert got.counts
        updates += got.counts.updates
    assert updates > 1000


def test_broken_save_code_is_noticed(
    base: Tree, instrumented: Tree, database: Database, wanted: Outcome,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("BROKEN_FUNCTION", "ExecutePlan")
    # Several: what an uninitialised variable holds by chance may be right.
    monkeypatch.setenv("BROKEN_VARIABLES", "planstate estate dest numberTuples")
    mode = next(m for m in MODES if m in instrumented.source.parent.name)
    compiler = f"{sys.executable} {BROKEN}"
    folder = instrumented.source.parent
    broken = trees.partly_instrumented(base, folder, mode, compiler, only=["executor/execMain.o"])
    assert not list(differences(wanted, database.run(broken)))
    noticed = [
        at for at in ("*/1", "*/3") if list(differences(wanted, database.updating(broken, at)))
    ]
    assert noticed
