"""dsupatch --report: the same findings as text, JSON and HTML."""

from __future__ import annotations

import html.parser
import json
from pathlib import Path
from typing import Any

import pytest

from tests.patch.test_cases import HERE, build, dsupatch


def reports(case: str, folder: Path, code: int) -> tuple[str, dict[str, Any], str]:
    """The three forms of one comparison."""
    folder.mkdir(exist_ok=True)
    old = build(HERE / "cases" / case, "old", folder)
    new = build(HERE / "cases" / case, "new", folder)
    texts = []
    for ending in (".txt", ".json", ".html"):
        to = folder / f"report{ending}"
        made = dsupatch(old, new, "-o", folder / "patch", "--report", to)
        assert made.code == code, made.err
        texts.append(to.read_text())
    return texts[0], json.loads(texts[1]), texts[2]


class Cells(html.parser.HTMLParser):
    """All cells of all tables; tags must be closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, _attrs: Any) -> None:
        if tag in ("table", "tr", "td", "th"):
            self.open.append(tag)
        if tag == "td":
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("table", "tr", "td", "th"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "td":
            self.found[-1] += data


def test_what_runs_on_first(tmp_path: Path) -> None:
    text, data, page = reports("runs_on", tmp_path, 0)
    assert data["verdict"] == "waits"
    assert {"what": "changed", "file": "program.c", "function": "main", "why": "its text differs"} \
        in data["functions"]  # fmt: skip
    assert [r["function"] for r in data["not-while-active"]] == ["program.c$second"]
    assert [r["function"] for r in data["way-back"]] == ["program.c$third"]
    points = {r["point"]: r for r in data["points"] if r["function"] == "main"}
    assert points["ask#1"]["goes on at"] == "ask#1"
    assert points["second#1"]["goes on at"] == "-"
    assert points["second#1"]["why not"]
    assert text.splitlines()[1].startswith("waits: ")
    cells = Cells()
    cells.feed(page)
    assert not cells.open
    in_json = [
        v for rows in data.values() if isinstance(rows, list) for r in rows for v in r.values()
    ]
    assert cells.found == in_json
    assert all(value in text for value in in_json)


def test_safe(tmp_path: Path) -> None:
    _, data, _ = reports("loop_on_stack", tmp_path, 0)
    assert (data["verdict"], data["not-while-active"], data["refusals"]) == ("safe", [], [])
    assert [(r["first function"], r["arrives"]) for r in data["threads"]] == [("main", "always")]
    assert {r["confidence"] for r in data["points"] if r["goes on at"] != "-"} <= {"1.00", "0.80"}


def test_state(tmp_path: Path) -> None:
    _, data, _ = reports("new_global", tmp_path, 0)
    assert {r["name"] for r in data["state"]} == {"last", "program.c$since"}
    _, data, _ = reports("initial_values", tmp_path / "again", 0)
    becomes = {r["name"]: r["becomes"] for r in data["state"]}
    assert becomes["program.c$works"] == "-1 where it has not been set and still is 1"


def test_types_and_who_says_so(tmp_path: Path) -> None:
    old, new = (build(HERE / "cases" / "type_mapped", v, tmp_path) for v in ("old", "new"))
    to, mapping = tmp_path / "report.json", HERE / "cases" / "type_mapped" / "map.yml"
    made = dsupatch(old, new, "-o", tmp_path / "p", "--map", mapping, "--report", to)
    assert made.code == 0, made.err
    told = {(r["type"], r["part"]): r for r in json.loads(to.read_text())["types"]}
    kilos = told["struct item", "kilos"]
    assert kilos["how"] == "from 'weight'"
    assert kilos["by"].endswith("map.yml:5")
    assert told["struct item", "mass"]["how"] == "is old->grams / 1000.0"
    assert told["struct item", "(all of it)"]["how"].startswith("new->doubled")
    assert told["struct item", "grams"]["how"] == "is gone"


THREADS = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <pthread.h>
int step = %d;
static int compare(const void *a, const void *b) { return *(int *)a - *(int *)b; }
static int counts(int n) { int i, s = 0; for (i = 0; i < n; i++) s += i; return s; }
static int searches(const char *p) { while (*p != step) p++; return *p; }
static int moves(int n) { int i; for (i = 0; i < n; i++) n++; return n; }
static void *good(void *p) { char c; while (read(0, &c, 1) > 0) counts(c); return p; }
static void *bad(void *p) { searches(p); moves(step); return p; }
static void never_called(void) { searches(""); puts("no"); }
int main(void)
{
    pthread_t a, b;
    int v[2] = {2, 1};
    pthread_create(&a, NULL, good, NULL);
    pthread_create(&b, NULL, &bad, "x");
    qsort(v, 2, sizeof(v[0]), compare);
    if (step > 5) never_called();
    return pthread_join(a, NULL);
}
"""


def test_which_threads_arrive(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    for version, step in (("old", 1), ("new", 2)):
        (case / f"{version}.c").write_text(THREADS % step)
    old, new = (build(case, v, tmp_path) for v in ("old", "new"))
    to = tmp_path / "report.json"
    made = dsupatch(old, new, "-o", tmp_path / "p", "--report", to)
    assert made.code == 0, made.err
    data = json.loads(to.read_text())
    threads = {
        r["first function"].partition("$")[2] or r["first function"]: r for r in data["threads"]
    }
    assert {n: r["arrives"] for n, r in threads.items()} == {
        "main": "in doubt", "good": "always", "bad": "in doubt",
    }  # fmt: skip
    assert threads["good"]["begun by"] == "pthread_create() in main()"
    doubts = {r["function"]: r for r in data["no-update-point"]}
    assert set(doubts) == {"searches", "moves", "main", "never_called"}
    assert doubts["searches"]["place"] == "program.c:9"
    assert doubts["moves"]["why"] == "a loop without an update point"
    assert "qsort()" in doubts["main"]["why"]
    assert doubts["never_called"]["reached by"] == "main > program.c$never_called"


def test_refused(tmp_path: Path) -> None:
    text, data, _ = reports("refuse_several", tmp_path, 3)
    assert data["verdict"] == "refused"
    assert len(data["refusals"]) >= 3
    assert all(r["why"] for r in data["refusals"])
    assert "To be decided" in text


@pytest.mark.parametrize("name", ["report", "report.pdf"])
def test_a_form_that_there_is_not(name: str, tmp_path: Path) -> None:
    case = HERE / "cases" / "unchanged"
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    made = dsupatch(old, new, "-o", tmp_path / "p", "--report", tmp_path / name)
    assert made.code == 2
    assert "ends in none of .txt, .json, .html" in made.err
