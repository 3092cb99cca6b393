"""The whole-program summary: what one unit may take for granted of the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsucc.summary import CANNOT, SURVEYED, SURVEYED_CYCLE, Summary, load
from dsucc.survey import Survey
from tests import toolchain
from tests.compiler.test_hot_path import POINT, loop_opcodes
from tests.toolchain import MODES, Outcome, dsucc, run, run_updating

MAIN = """\
#include <stdio.h>
#include "other.h"

int main(void)
{
\tint sum = 0;

\tfor (int i = 0; i < 5; i++)
\t\tsum += plain(i) + waits(i);
\tprintf("%d %d\\n", sum, even(7));
\treturn 0;
}
"""
OTHER = """\
#include <unistd.h>
#include "other.h"

int plain(int n)
{
\treturn n * 2;
}

int waits(int n)
{
\tusleep(1);
\treturn plain(n);
}
"""
EVEN = '#include "other.h"\nint even(int n)\n{\n\treturn n == 0 ? 1 : odd(n - 1);\n}\n'
ODD = '#include "other.h"\nint odd(int n)\n{\n\treturn n == 0 ? 0 : even(n - 1);\n}\n'
HEADER = "#pragma once\nint plain(int n);\nint waits(int n);\nint even(int n);\nint odd(int n);\n"
UNITS = ("main", "other", "even", "odd")
EXPECTED = b"40 0\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    texts = {"main.c": MAIN, "other.c": OTHER, "even.c": EVEN, "odd.c": ODD, "other.h": HEADER}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def compile_units(folder: Path, mode: str, *units: str) -> None:
    for unit in units:
        options = [f"--dsu-capture={mode}", "--dsu-summary=dsu.summary", "--dsu-report=report"]
        done = dsucc(*options, "-O2", "-c", f"{unit}.c", cwd=folder)
        assert (done.code, done.err) == (0, "")


def link(folder: Path, mode: str) -> Outcome:
    objects = [f"{unit}.o" for unit in UNITS]
    options = [f"--dsu-capture={mode}", "--dsu-summary=dsu.summary"]
    return dsucc(*options, "-o", "program", *objects, cwd=folder)


def points(folder: Path) -> dict[str, int]:
    rows = [json.loads(line) for line in (folder / "report").read_text().splitlines()]
    return {row["name"]: row["points"] for row in rows}


@pytest.mark.parametrize("mode", MODES)
def test_a_call_of_another_units_leaf_is_no_point(project: Path, mode: str) -> None:
    compile_units(project, mode, *UNITS)
    assert points(project) == {"main": 3, "waits": 1, "even": 2, "odd": 2}
    done = link(project, mode)
    assert (done.code, done.err) == (0, "")
    assert run([project / "program"]).out == EXPECTED
    updated = run_updating(project / "program", "*/1")
    assert updated.out == EXPECTED
    assert updated.counts
    assert (updated.counts.updates > 10, updated.counts.blocked) == (True, 0)


def test_the_survey_and_the_link_agree(project: Path) -> None:
    surveyed = Survey(project, "calls", frozenset()).states()
    assert surveyed == {
        "plain": CANNOT, "main": SURVEYED, "waits": SURVEYED,
        "even": SURVEYED_CYCLE, "odd": SURVEYED_CYCLE,
    }  # fmt: skip
    compile_units(project, "landing-pad", *UNITS)
    assert link(project, "landing-pad").code == 0
    said = load(project / "dsu.summary", "calls", frozenset())
    assert said == Summary(frozenset({"plain"}), frozenset({"even", "odd"}))


def make_plain_wait(project: Path, mode: str) -> None:
    """Other.c changes and is compiled again, main.c is not."""
    compile_units(project, mode, *UNITS)
    assert link(project, mode).code == 0
    changed = OTHER.replace("return n * 2;", "usleep(1);\n\treturn n * 2;")
    (project / "other.c").write_text(changed)
    compile_units(project, mode, "other")


def check_that_plain_is_updated_inside(project: Path) -> None:
    before = (project / "other.o").read_bytes()
    updated = run_updating(project / "program", "*/1")
    assert (updated.out, updated.counts and updated.counts.blocked) == (EXPECTED, 0)
    assert (project / "other.o").read_bytes() == before


@pytest.mark.parametrize("mode", MODES)
def test_a_link_compiles_again_what_has_become_stale(project: Path, mode: str) -> None:
    make_plain_wait(project, mode)
    done = link(project, mode)
    note = "dsucc: note: compiled again: main.c: plain can reach an update point and could not\
 before\n"
    assert (done.code, done.err) == (0, note)
    check_that_plain_is_updated_inside(project)
    done = link(project, mode)
    assert (done.code, done.err) == (0, "")


def test_files_of_one_name_are_told_apart(project: Path) -> None:
    """Two units `main.c`, of two folders, are both misled; each has a static function `twice`."""
    (project / "lib").mkdir()
    second = (
        '#include "../other.h"\nstatic int twice(int n) { return plain(n) + plain(n); }\n'
        "int second(int n) { return twice(n); }\n"
    )
    (project / "lib" / "main.c").write_text(second)
    text = MAIN.replace(
        "int main", "static int twice(int n) { return n; }\nint second(int);\nint main"
    )
    (project / "main.c").write_text(text.replace("even(7)", "second(twice(3))"))
    summary = f"--dsu-summary={project / 'dsu.summary'}"
    assert dsucc(summary, "-c", "main.c", cwd=project / "lib").code == 0
    for unit in UNITS:
        assert dsucc(summary, "-c", f"{unit}.c", cwd=project).code == 0
    objects = [*(f"{u}.o" for u in UNITS), "lib/main.o"]
    assert dsucc(summary, "-o", "program", *objects, cwd=project).code == 0
    changed = OTHER.replace("return n * 2;", "usleep(1);\n\treturn n * 2;")
    (project / "other.c").write_text(changed)
    assert dsucc(summary, "-c", "other.c", cwd=project).code == 0
    done = dsucc(summary, "-o", "program", *objects, cwd=project)
    assert (done.code, done.err.count("compiled again: main.c")) == (0, 2), done.err
    updated = run_updating(project / "program", "*/1")
    assert (updated.out, updated.counts and updated.counts.blocked) == (b"40 12\n", 0)


@pytest.mark.parametrize("library", ["libmain.a", "-L. -lmain", "-L lib -L . -l main"])
def test_members_of_archives_are_compiled_again(project: Path, library: str) -> None:
    make_plain_wait(project, "landing-pad")
    run(["ar", "rcs", "libmain.a", "main.o", "even.o"], cwd=project)
    for name in ("main.o", "even.o"):
        (project / name).unlink()
    (project / "lib").mkdir()
    objects = ["other.o", "odd.o", *library.split()]
    done = dsucc("--dsu-summary=dsu.summary", "-o", "program", *objects, cwd=project)
    assert (done.code, "compiled again: main.c" in done.err) == (0, True)
    check_that_plain_is_updated_inside(project)


def test_a_stale_unit_that_is_not_found_is_an_error(project: Path) -> None:
    make_plain_wait(project, "landing-pad")
    run(["ld", "-r", "-o", "joined.o", "main.o", "even.o", "odd.o"], cwd=project)
    done = dsucc("--dsu-summary=dsu.summary", "-o", "program", "joined.o", "other.o", cwd=project)
    assert done.code == 1
    assert "dsucc: error: compile it again: main.c: plain can reach an update point" in done.err
    assert not (project / "program").exists()


SOURCES = """\
#define APPLY(f, x) f(x)
#define LATER(x) \\
\tdo { if (x) sleeps(x); } while (0)
#define PASTED(a) a##_now()
static int branch(int x) {
#ifdef ONE
\tif (x) {
#else
\tif (x > 1) {
#endif
\t\tx++; /* sleep( */
\t}
\treturn x;
}
int leaf(int n) { return branch(n) + helper_of_libc("sleep("); }
int sleeps(int n) { sleep(n); return 0; }
int by_macro(int n) { LATER(n); return 0; }
int by_pointer(int (*f)(int)) { return f(1); }
int by_member(struct s *s) { return s->f(1); }
int by_argument(int n) { return APPLY(leaf, n); }
int by_pasting(void) { return PASTED(sleep); }
int endless(void) { for (;;) ; }
int control(int fd) { return fcntl(fd, F_SETFL, 1); }
int locks(int fd) { return fcntl(fd, F_SETLKW, 1); }
int above(int n) { return by_macro(n); }
"""


def test_a_survey_reads_what_the_preprocessor_has_not_seen(tmp_path: Path) -> None:
    (tmp_path / "all.c").write_text(SOURCES)
    states = Survey(tmp_path, "calls", frozenset()).states()
    assert {n for n, s in states.items() if s == CANNOT} == {"leaf", "branch", "control"}
    assert {n for n, s in states.items() if s == SURVEYED} == {
        "sleeps", "by_macro", "by_pointer", "by_member", "by_argument", "by_pasting", "endless",
        "locks", "above", "APPLY", "LATER", "PASTED",
    }  # fmt: skip
    spared = Survey(tmp_path, "calls", frozenset({"sleeps"})).states()
    assert {spared[n] for n in ("sleeps", "by_macro", "above")} == {CANNOT}


POINTERS = """\
#define INVOKE(info) ((* (info)->how->address) (info))
static int choose(int n);
int (*chosen)(int n) = choose;
int (*table[2])(int n) = { choose, choose };
static int choose(int n) { chosen = 0; return (int) (n) + sizeof(struct s); }
int invokes(struct info *i) { return INVOKE(i); }
int frees(struct re *r) { (*((struct fns *) (r)->fns)->free)(r); return 0; }
int calls_chosen(int n) { return chosen(n); }
int calls_table(int n) { return table[n](n); }
int multiplies(int n) { return (n) * (*address(n)); }
"""


def test_a_survey_sees_calls_through_pointers(tmp_path: Path) -> None:
    (tmp_path / "all.c").write_text(POINTERS)
    states = Survey(tmp_path, "calls", frozenset()).states()
    assert {n for n, s in states.items() if s == CANNOT} == {"choose", "multiplies"}


MACROS = """\
#ifdef INSIDE
#define Assert(c) assert(c)
#else
#define assert(c) Assert(c)
#endif
#define IS(x, kind) ((x)->tag == T_##kind)
#define each(cell, list) for (struct state cell##_state = start(list); cell##_state.n; )
int asks(struct s *x) { Assert(x); each(c, x) if (IS(c, Node)) return 1; return 0; }
int recurses(int n) { assert(n); return n ? AGAIN(n) : 0; }
#define AGAIN(n) recurses(n - 1)
"""


def test_macros_that_name_each_other_are_no_recursion(tmp_path: Path) -> None:
    (tmp_path / "all.c").write_text(MACROS)
    states = Survey(tmp_path, "calls", frozenset()).states()
    assert {states[n] for n in ("asks", "IS", "each", "Assert", "assert")} == {CANNOT}
    assert states["recurses"] == SURVEYED_CYCLE


FCNTL = """\
#include <fcntl.h>
#include <unistd.h>
int quick(int fd) { return fcntl(fd, F_SETFL, O_NONBLOCK); }
int slow(int fd, struct flock *l) { return fcntl(fd, F_SETLKW, l); }
int either(int fd, int cmd, struct flock *l) { return fcntl(fd, cmd, l); }
"""


@pytest.mark.parametrize("mode", MODES)
def test_fcntl_is_a_point_only_where_it_may_wait(tmp_path: Path, mode: str) -> None:
    (tmp_path / "f.c").write_text(FCNTL)
    words = [f"--dsu-capture={mode}", "--dsu-report=report", "-c", "f.c"]
    assert dsucc(*words, cwd=tmp_path).code == 0
    assert points(tmp_path) == {"slow": 1, "either": 1}


LEAVES = """\
int work(int), more(int);
int leaf(int);
int loop(int n)
{
\tint s = 0;
\tfor (int i = 0; i < n; i++) {
\t\tif (i & 1)
\t\t\ts += work(i);
\t\telse
\t\t\ts += more(i);
\t\ts ^= leaf(s);
\t}
\treturn s;
}
"""


def test_a_leaf_between_points_costs_nothing(tmp_path: Path) -> None:
    """Its call has no landing pad, so that nobody keeps the number of the last point for it."""
    (tmp_path / "leaves.c").write_text(LEAVES)
    (tmp_path / "known").write_text("-leaf\n")
    words = ["-O2", "-S", "leaves.c", "-o"]
    assert toolchain.gcc(*words, "gcc.s", cwd=tmp_path).code == 0
    assert dsucc("--dsu-summary=known", *words, "dsucc.s", cwd=tmp_path).code == 0
    baseline, ours = (
        loop_opcodes((tmp_path / f"{name}.s").read_text(), "loop", "work")
        for name in ("gcc", "dsucc")
    )
    added = sum(ours.values()) - sum(baseline.values())
    assert added <= max(sum(point.values()) for point in POINT), f"{ours} for {baseline}"
    assert ours["jcc"] == baseline["jcc"] + 1
