"""What a function's description costs at the start of a program; names come through whole."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests import toolchain
from tests.toolchain import MODES

SOURCE = """
extern int more(int *a, long b, char *c);
int f(int a, long b, char *c)
{
    int first = more(&a, b, c);
    int second = more(&first, b, c);
    return first + second + more(&second, a, 0);
}
"""


@pytest.mark.parametrize("mode", MODES)
def test_nothing_to_relocate_at_start(tmp_path: Path, mode: str) -> None:
    (tmp_path / "f.c").write_text(SOURCE)
    done = toolchain.dsucc(
        f"--dsu-capture={mode}", "-O2", "-fPIC", "-shared", "-Wl,--defsym=more=0", "-o", "f.so",
        "f.c", cwd=tmp_path,
    )  # fmt: skip
    assert done.code == 0, done.err
    shown = subprocess.run(
        ["readelf", "--symbols", "--sections", "--wide", "f.so"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    section = next(line.split()[6] for line in shown.splitlines() if line.endswith("f$$desc"))
    named = re.search(rf"\[ *{section}\] (\S+)", shown)
    assert named
    assert named[1] == ".rodata", shown


def test_resume_variants_stand_in_front_of_all_other_code(tmp_path: Path) -> None:
    """Between hot functions they would make each reach for more lines of the cache."""
    (tmp_path / "f.c").write_text(SOURCE + "int more(int *a, long b, char *c) { return !!c; }")
    (tmp_path / "main.c").write_text("extern int f(); int main(void) { return f(1, 2L, 0); }")
    done = toolchain.dsucc("-O2", "-o", "program", "f.c", "main.c", cwd=tmp_path)
    assert done.code == 0, done.err
    shown = subprocess.run(
        ["nm", "--numeric-sort", "program"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    names = [line.split()[-1] for line in shown.splitlines()]
    last = max(i for i, n in enumerate(names) if n.endswith("$resume"))
    assert last < min(names.index(n) for n in ("f", "more", "main")), shown


def test_entries_are_aligned_as_the_users(tmp_path: Path) -> None:
    (tmp_path / "f.c").write_text(SOURCE + "int more(int *a, long b, char *c) { return !!c; }")
    done = toolchain.dsucc("-O2", "-c", "f.c", cwd=tmp_path)
    assert done.code == 0, done.err
    shown = subprocess.run(
        ["nm", "f.o"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    entries = [line.split() for line in shown.splitlines() if " T " in line]
    assert {name: int(at, 16) % 16 for at, _, name in entries} == {"f": 0, "more": 0}


@pytest.mark.parametrize("words", ["", "-shared -fPIC", "-static", "-static-pie -fPIE"])
def test_gccs_list_of_entries_is_not_linked(tmp_path: Path, words: str) -> None:
    (tmp_path / "f.c").write_text(SOURCE + "int more(int *a, long b, char *c) { return !!c; }")
    (tmp_path / "main.c").write_text("int main(void) { return 0; }")
    done = toolchain.dsucc(*words.split(), "-o", "linked", "f.c", "main.c", cwd=tmp_path)
    assert done.code == 0, done.err
    assert b"__patchable_function_entries" not in (tmp_path / "linked").read_bytes()


def test_names_are_bytes(tmp_path: Path) -> None:
    """A file's name may be anything; it is part of the key of a static function."""
    name = 'ä"1\\.c'
    (tmp_path / name).write_text(
        "#include <stdio.h>\nstatic int depth(int n) { return n ? 1 + depth(n - 1) : 0; }\n"
        'int main(void) { for (int i = 0; i < 9; i++) printf("%d\\n", depth(i)); }\n'
    )
    done = toolchain.dsucc("-o", "program", name, cwd=tmp_path)
    assert done.code == 0, done.err
    updated = toolchain.run_updating(tmp_path / "program", "*/2")
    assert updated.out == b"".join(b"%d\n" % i for i in range(9)), updated.err
    assert updated.counts
    assert updated.counts.updates > 0
