"""Of each function left untouched: can it be on a stack that blocks, and which calls show it?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.toolchain import INCLUDE, dsucc

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "dsu.h"
void far(void);
int touched(int n) { DSU_UPDATE_POINT(); return n; }
static int flush(int fd) { return write(fd, "x", 1); }
static int deeper(int n) { return n ? flush(n) : touched(n); }
static int down(int n, int (*go)(int)) { return go(n); }
static int order(const void *a, const void *b) { return touched(*(char *)a - *(char *)b); }
"""
MAIN = "int main(void) { return touched(0); }\n"

CASES = {
    "waits itself": ("flush(n) + write(n, 0, 0)", "yes", "f > write() waits"),
    "by calls": ("deeper(n)", "yes", "f > deeper > flush > write() waits"),
    "libc waits": ("touched(system(0))", "yes", "f > system() waits"),
    "by its argument": ("touched(n) + down(n, flush)", "unknown", "f > down > a call through"),
    "through a pointer": ("s->call(n)", "unknown", "f > a call through a pointer"),
    "called back": (
        "(qsort(s, 1, 1, order), touched(n))", "unknown", "f > qsort() calls what it is given",
    ),
    "itself": ("n ? f(n - 1, s) : touched(n)", "unknown", "f > a recursion"),
    "never ends": ("({ for (;;) if (touched(n)) break; n; })", "unknown", "f > a loop without a"),
    "elsewhere": ("(far(), touched(n))", "unknown", "f > far() is none of the functions here"),
    "in memory": ("touched(strlen(s->name) + memcmp(s, s, n))", "no", ""),
    "counts": ("({ for (int i = 0; i < n; i++) touched(i); n; })", "no", ""),
    "waits not": ("touched(lseek(n, 0, SEEK_SET))", "no", ""),
}  # fmt: skip


def rows(folder: Path, *words: str) -> dict[str, dict[str, object]]:
    """The report that is shown, as JSON, by function."""
    done = dsucc("--dsu-show-report", "--dsu-json", *words, cwd=folder)
    assert (done.code, done.err) == (0, "")
    return {row["name"]: row for row in map(json.loads, done.out.decode().splitlines())}


def compile_untouched(folder: Path, name: str, expression: str) -> None:
    """An object with a function `f` that computes `expression` and cannot be instrumented."""
    body = f'asm goto("" :::: out); return {expression}; out: return 1;'
    own = "struct s { int (*call)(int); char name[8]; };\nint f(int n, struct s *s);\n"
    text = f"{HEAD}{own}int f(int n, struct s *s) {{ {body} }}\n"
    (folder / f"{name}.c").write_text(text)
    words = ["--dsu-report=r.jsonl", "-w", "-fPIC", f"-I{INCLUDE}", "-c", f"{name}.c"]
    assert dsucc(*words, cwd=folder).code == 0


@pytest.mark.parametrize("case", CASES)
def test_what_the_calls_of_a_unit_show(tmp_path: Path, case: str) -> None:
    expression, blocks, way = CASES[case]
    compile_untouched(tmp_path, "x", expression)
    written = {str(r["name"]): r for r in toolchain.read_report(tmp_path / "r.jsonl")}
    for row in (written["f"], rows(tmp_path, "x.o")["f"]):
        assert row["reason"] == "asm goto"
        assert row["blocks"] == blocks
        assert " > ".join(row["way"]).startswith(way)  # type: ignore[arg-type]
        assert bool(row["way"]) == bool(way)
    assert written["touched"]["blocks"] == ""


@pytest.mark.parametrize(
    ("far", "blocks", "way"),
    [
        ("void far(void) { pause(); }", "yes", "f > far > pause() waits"),
        ("void far(void) { }", "no", ""),
    ],
)
def test_a_program_knows_all_of_its_units(tmp_path: Path, far: str, blocks: str, way: str) -> None:
    compile_untouched(tmp_path, "x", "(far(), touched(n))")
    (tmp_path / "far.c").write_text(f"#include <unistd.h>\n{far}\n{MAIN}")
    done = dsucc(f"-I{INCLUDE}", "-w", "-o", "program", "x.o", "far.c", cwd=tmp_path)
    assert done.code == 0, done.err
    row = rows(tmp_path, "program")["f"]
    assert (row["blocks"], " > ".join(row["way"])) == (blocks, way)  # type: ignore[arg-type]
    shown = dsucc("--dsu-show-report", "program", cwd=tmp_path).out.decode().splitlines()
    wanted = f"untouched: asm goto; blocks: {blocks}" + (f": {way}" if way else "")
    assert shown[0].endswith(wanted)
    assert f"1 left untouched (can block: 1 {blocks})" in shown[-1]


def test_a_library_and_its_program_are_asked_together(tmp_path: Path) -> None:
    compile_untouched(tmp_path, "x", "(far(), touched(n))")
    assert dsucc("-w", "-shared", "-o", "x.so", "x.o", cwd=tmp_path).code == 0
    (tmp_path / "far.c").write_text("#include <unistd.h>\nvoid far(void) { pause(); }\n")
    assert dsucc("-c", "far.c", cwd=tmp_path).code == 0
    assert rows(tmp_path, "x.so")["f"]["blocks"] == "unknown"
    assert rows(tmp_path, "x.so", "far.o")["f"]["blocks"] == "yes"


def test_a_function_that_the_recipe_excludes_is_judged_by_what_it_calls(tmp_path: Path) -> None:
    text = f"{HEAD}int log_it(int n) {{ return flush(n); }}\nint g(int n) {{ return log_it(n); }}\n"
    (tmp_path / "x.c").write_text(text)
    words = ["--dsu-never=log_it,g", "-w", f"-I{INCLUDE}", "-c", "x.c"]
    assert dsucc(*words, cwd=tmp_path).code == 0
    assert rows(tmp_path, "x.o")["g"]["way"] == ["g", "log_it", "flush", "write() waits"]


def test_a_report_of_nothing_is_refused() -> None:
    done = dsucc("--dsu-show-report")
    assert done.code == 1
    assert "name a program, library or object" in done.err
