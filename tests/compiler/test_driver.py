"""dsucc takes any gcc command line, and fails as gcc fails."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.toolchain import INCLUDE, MODES, dsucc, gcc, run

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """\
#include <stdio.h>
#include "helper.h"

int main(void)
{
\tprintf("%d\\n", helper(20));
\treturn 0;
}
"""
HELPER = """\
#include <unistd.h>
#include "helper.h"

static int depth(int n)
{
\treturn n ? depth(n - 1) + 1 : 0;
}

int helper(int n)
{
\tint kept = n * 2;

\tusleep(1);
\treturn depth(n) + kept;
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.c").write_text(MAIN)
    (tmp_path / "helper.c").write_text(HELPER)
    (tmp_path / "helper.h").write_text("#pragma once\nint helper(int n);\n")
    return tmp_path


def sources_compile(folder: Path, *words: str) -> None:
    done = dsucc(*words, cwd=folder)
    assert (done.code, done.err) == (0, "")


def check_program(program: Path, updates: bool = True) -> None:
    assert run([program]).out == b"60\n"
    if updates:
        updated = toolchain.run_updating(program, "*/3")
        assert updated.out == b"60\n"
        assert updated.counts
        assert updated.counts.updates > 0


# -- what it makes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "main.c helper.c -o program",
        "-o program main.c helper.c -O2 -g -Wall -Wextra",
        "-oprogram -pipe -std=gnu11 -O1 main.c helper.c -lm",
        "-O3 -fno-strict-aliasing -DUNUSED='a b' -I. main.c helper.c -o program -Wl,-z,now",
        "-fPIE -pie main.c helper.c -o program -fstack-protector-strong -D_FORTIFY_SOURCE=2 -O2",
        "-no-pie -fno-pie main.c helper.c -o program -s",
        "-xc main.c -x none helper.c -o program",
        "-flto -O2 main.c helper.c -o program",
        "-static main.c helper.c -o program",
        "-fsanitize=undefined main.c helper.c -o program",
        "-save-temps=obj main.c helper.c -o program",
        "-march=x86-64-v2 -mtune=generic -fvisibility=hidden main.c helper.c -o program",
    ],
)
@pytest.mark.parametrize("mode", MODES)
def test_compiles_and_links_at_once(project: Path, mode: str, words: str) -> None:
    done = dsucc(f"--dsu-capture={mode}", *words.replace("'a b'", "1").split(), cwd=project)
    assert done.code == 0, done.err
    check_program(project / "program")


def test_without_output_it_is_a_out(project: Path) -> None:
    sources_compile(project, "main.c", "helper.c")
    check_program(project / "a.out")


def test_objects_archives_and_assembly(project: Path) -> None:
    sources_compile(project, "-c", "-O2", "main.c", "helper.c")
    assert (project / "main.o").exists()
    sources_compile(project, "-S", "helper.c", "-o", "helper.s")
    sources_compile(project, "-c", "helper.s", "-o", "from-assembly.o")
    sources_compile(project, "main.o", "from-assembly.o", "-o", "first")
    check_program(project / "first")
    run(["ar", "rcs", "libhelper.a", "helper.o"], cwd=project)
    sources_compile(project, "main.o", "libhelper.a", "-o", "second")
    check_program(project / "second")
    sources_compile(project, "main.o", "-L.", "-lhelper", "-o", "third")
    check_program(project / "third")


def test_links_what_plain_gcc_compiled(project: Path) -> None:
    assert gcc("-c", "helper.c", cwd=project).code == 0
    sources_compile(project, "main.c", "helper.o", "-o", "program")
    check_program(project / "program", updates=False)


def test_shared_library(project: Path) -> None:
    sources_compile(project, "-shared", "-fPIC", "helper.c", "-o", "libhelper.so")
    sources_compile(project, "main.c", "-L.", "-lhelper", "-Wl,-rpath,$ORIGIN", "-o", "program")
    check_program(project / "program", updates=False)


def test_from_standard_input(project: Path) -> None:
    done = dsucc(
        "-x", "c", "-", "helper.c", "-o", "program", "-I.", cwd=project, stdin=MAIN.encode()
    )
    assert (done.code, done.err) == (0, "")
    check_program(project / "program")


def test_preprocessed_input(project: Path) -> None:
    assert gcc("-E", "helper.c", "-o", "helper.i", cwd=project).code == 0
    sources_compile(project, "main.c", "helper.i", "-o", "program")
    check_program(project / "program")


def test_response_files(project: Path) -> None:
    (project / "inner").write_text("helper.c\n-o 'the program'\n")
    (project / "words").write_text('main.c "-O2" @inner\n')
    sources_compile(project, "@words")
    check_program(project / "the program")


def test_sources_in_other_folders(project: Path) -> None:
    (project / "deep" / "down").mkdir(parents=True)
    (project / "helper.c").rename(project / "deep" / "down" / "helper.c")
    sources_compile(project, "-I", ".", "-c", "deep/down/helper.c")
    assert (project / "helper.o").exists()
    sources_compile(project, "-I.", "-o", "deep/program", "main.c", "deep/down/../down/helper.c")
    check_program(project / "deep" / "program")


def test_flags_from_the_environment(project: Path) -> None:
    report = project / "report"
    done = dsucc("-c", "helper.c", cwd=project, env={"DSU_FLAGS": f"--dsu-report={report} -DEXTRA"})
    assert (done.code, done.err) == (0, "")
    assert report.exists()


# -- what it only passes on -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "--version", "-dumpversion", "-dumpmachine", "-print-prog-name=ld",
        "-print-file-name=libc.a", "-M helper.c", "-MM helper.c", "-MM -MT target helper.c",
        "-fsyntax-only helper.c", "-E -P -x c helper.h", "-Q --help=warnings",
    ],
)  # fmt: skip
def test_same_output_as_gcc(project: Path, words: str) -> None:
    wanted, got = gcc(*words.split(), cwd=project), dsucc(*words.split(), cwd=project)
    assert (got.code, got.out, got.err) == (wanted.code, wanted.out, wanted.err)


def test_preprocessing_keeps_the_text(project: Path) -> None:
    words = ("-E", "-P", "helper.c")
    wanted, got = gcc(*words, cwd=project), dsucc(*words, cwd=project)
    assert got.out == wanted.out


def test_verbose_says_what_gcc_says(project: Path) -> None:
    got = dsucc("-v", cwd=project)
    assert got.code == 0
    assert "gcc version" in got.err


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("-MD -c helper.c", "helper.d"),
        ("-MMD -MP -c helper.c -o out.o", "out.d"),
        ("-MD -MF deps -c helper.c", "deps"),
        ("-MMD -MF deps -MT one -MT two -c helper.c", "deps"),
        ("-Wp,-MD,deps -c helper.c", "deps"),
    ],
)
def test_dependency_files(project: Path, words: str, file: str) -> None:
    assert gcc(*words.split(), cwd=project).code == 0
    wanted = (project / file).read_text()
    (project / file).unlink()
    sources_compile(project, *words.split())
    assert (project / file).read_text() == wanted


# -- what fails -----------------------------------------------------------------------------------

BROKEN = {
    "syntax": "int main(void)\n{\n\treturn 0\n}\n",
    "type": "int f(int *p)\n{\n\tstruct nothing n;\n\treturn p->x + undeclared;\n}\n",
    "header": '#include "not-there.h"\nint x;\n',
    "directive": "#error stop here\nint x;\n",
    "brace": "int f(void)\n{\n\tif (1) {\n\treturn 0;\n}\n",
    "backend": 'int f(int x)\n{\n\t__asm__("nonsense %0" : : "r"(x));\n\treturn x;\n}\n',
    "duplicate": "int f(void) { return 1; }\nint f(void) { return 2; }\n",
    "empty string": 'char *s = "never closed;\n',
}


@pytest.mark.parametrize("flags", ["-c", "-c -O2 -Wall -Wextra", "-S", ""])
@pytest.mark.parametrize("name", BROKEN)
def test_diagnostics_and_exit_code_are_gccs(tmp_path: Path, name: str, flags: str) -> None:
    (tmp_path / "bad.c").write_text(BROKEN[name])
    words = [*flags.split(), "bad.c", *(["-o", "out"] if flags else [])]
    wanted = gcc(*words, cwd=tmp_path)
    (tmp_path / "out").unlink(missing_ok=True)
    got = dsucc(*words, cwd=tmp_path)
    assert got.code == wanted.code
    assert _without_temporaries(got.err) == _without_temporaries(wanted.err)
    if name != "backend" or flags != "-S":  # gcc does not look into the assembly that it writes
        assert wanted.code
        assert not (tmp_path / "out").exists()


def _without_temporaries(text: str) -> list[str]:
    return ["/tmp/" if line.startswith("/tmp/") else line for line in text.splitlines()]


def test_an_old_object_does_not_survive_a_failure(tmp_path: Path) -> None:
    source = tmp_path / "x.c"
    source.write_text("int x;\n")
    assert dsucc("-c", "x.c", cwd=tmp_path).code == 0
    source.write_text("int x\n")
    assert dsucc("-c", "x.c", cwd=tmp_path).code == 1
    assert [p.name for p in tmp_path.iterdir()] == ["x.c"]


@pytest.mark.parametrize(
    "words", [["missing.c"], ["-c"], ["--no-such-option", "-c", "x.c"], ["x.o"], ["-o"], []]
)
def test_hopeless_command_lines(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "x.c").write_text("int x;\n")
    wanted, got = gcc(*words, cwd=tmp_path), dsucc(*words, cwd=tmp_path)
    assert (got.code, got.err) == (wanted.code, wanted.err)


def test_unknown_own_options_are_named(tmp_path: Path) -> None:
    done = dsucc("--dsu-captur=landing-pad", "-c", "x.c", cwd=tmp_path)
    assert done.code == 1
    assert "--dsu-capture" in done.err
    assert "Traceback" not in done.err
    done = dsucc("--dsu-capture=sometimes", "-c", "x.c", cwd=tmp_path)
    assert done.code == 1
    assert "landing-pad" in done.err


# -- warnings -------------------------------------------------------------------------------------

WARNS = """\
#include <stdio.h>
#include <unistd.h>

static int unused_function(int a)
{
\treturn a;
}

static int noisy(int n, unsigned u, int unused)
{
\tint i, shadow = 1, set;

\tset = n;
\tif (n = 3)
\t\tfor (i = 0; i < u; i++) {
\t\t\tint shadow = i;
\t\t\tprintf("%s %d\\n", u);
\t\t}
\tswitch (n) {
\tcase 1:
\t\tusleep(1);
\tcase 2:
\t\treturn 2;
\t}
\tusleep(shadow)
\t\t;
}

int main(int argc, char **argv)
{
\tint c = 'ab', *p = c;

\treturn noisy(argc, 2, *p) + implicit(argv);
}
"""


@pytest.mark.parametrize(
    "flags",
    [
        "",
        "-Wall",
        "-Wall -Wextra -Wshadow",
        "-w",
        "-pedantic -std=c99",
        "-Wall -O2",
        "-Wconversion",
    ],
)
def test_warnings_are_gccs(tmp_path: Path, flags: str) -> None:
    (tmp_path / "noisy.c").write_text(WARNS)
    words = [*flags.split(), "-c", "noisy.c"]
    assert dsucc(*words, cwd=tmp_path).err == gcc(*words, cwd=tmp_path).err


@pytest.mark.parametrize(
    "flags", ["-Wall -Werror", "-Wall -Werror=unused-function", "-Werror=format"]
)
def test_werror_fails_as_gcc_does(tmp_path: Path, flags: str) -> None:
    (tmp_path / "noisy.c").write_text(WARNS)
    words = [*flags.split(), "-c", "noisy.c", "-o", "noisy.o"]
    wanted = gcc(*words, cwd=tmp_path)
    got = dsucc(*words, cwd=tmp_path)
    assert (got.code, got.err) == (wanted.code, wanted.err)
    assert got.code == 1
    assert not (tmp_path / "noisy.o").exists()


def test_werror_with_nothing_to_warn_of(project: Path) -> None:
    words = "-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror -O2"
    sources_compile(project, *words.split(), "main.c", "helper.c", "-o", "program")
    check_program(project / "program")


# -- debug information ----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_breakpoints_by_the_users_lines(project: Path, mode: str) -> None:
    sources_compile(
        project, f"--dsu-capture={mode}", "-g", "-O0", "main.c", "helper.c", "-o", "program"
    )
    got = subprocess.run(
        [
            "gdb", "-batch", "-nx", "-ex", "break helper.c:14", "-ex", "run", "-ex", "print kept",
            "-ex", "print n", "-ex", "backtrace", "program",
        ],
        cwd=project, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert "= 40" in got.stdout, got.stdout + got.stderr
    assert "= 20" in got.stdout
    assert "helper.c:14" in got.stdout
    assert "main.c:6" in got.stdout


@pytest.mark.parametrize("mode", MODES)
def test_line_table_names_only_the_users_files(project: Path, mode: str) -> None:
    sources_compile(project, f"--dsu-capture={mode}", "-g", "-O2", "-c", "helper.c")
    decoded = run(["readelf", "--debug-dump=decodedline", "helper.o"], cwd=project).out.decode()
    rows = [line.split() for line in decoded.splitlines() if line.startswith("helper.c")]
    lines = {int(row[1]) for row in rows if len(row) > 2 and row[1].isdigit()}
    assert {6, 11, 13, 14} <= lines
    assert max(lines) <= HELPER.count("\n")


# -- the build report -----------------------------------------------------------------------------


def test_what_is_left_untouched_is_listed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "x.c").write_text(
        '#include "dsu.h"\n'
        "int touched(int n) { DSU_UPDATE_POINT(); return n; }\n"
        "int jumps(int n)\n{\n"
        '\tasm goto("" :::: out);\n\ttouched(n);\n\treturn 1;\nout:\n\treturn 2;\n}\n'
        "int leaf(int n) { return n + 1; }\n"
    )
    done = dsucc(f"-I{INCLUDE}", "--dsu-report=r.jsonl", "-c", "x.c", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    rows = {row["name"]: row for row in toolchain.read_report(tmp_path / "r.jsonl")}
    assert rows["touched"]["reason"] == ""
    assert int(str(rows["touched"]["points"])) >= 1
    assert rows["jumps"]["reason"] == "asm goto"
    assert (rows["jumps"]["file"], rows["jumps"]["line"]) == ("x.c", 3)
    assert "leaf" not in rows

    shown = dsucc("--dsu-show-report", "x.o", cwd=tmp_path)
    assert "x.c:3: jumps: untouched: asm goto" in shown.out.decode()


def test_reports_of_several_files_are_one(project: Path) -> None:
    for name in ("main.c", "helper.c"):
        sources_compile(project, "--dsu-report=r.jsonl", "-c", name)
    rows = [json.loads(line) for line in (project / "r.jsonl").read_text().splitlines()]
    assert {"main", "helper", "depth"} <= {row["name"] for row in rows}


# -- many at once ---------------------------------------------------------------------------------


def test_parallel_builds_do_not_meet(project: Path) -> None:
    (project / "Makefile").write_text(
        "OBJECTS := $(patsubst %,o%.o,1 2 3 4 5 6 7 8)\n"
        "all: $(OBJECTS) main.o helper.o\n\t$(CC) -o program $^\n"
        "o%.o: ; echo 'int value_$*;' | $(CC) -x c -c - -o $@\n"
    )
    script = project / "cc"
    script.write_text('#!/bin/sh\nexec "$PYTHON" -m dsucc.cli "$@"\n')
    script.chmod(0o755)
    env = {"PYTHON": sys.executable, "PYTHONPATH": str(toolchain.ROOT / "compiler")}
    done = run(["make", "-j4", f"CC={script}"], cwd=project, env=env, timeout=120)
    assert done.code == 0, done.err
    check_program(project / "program")
