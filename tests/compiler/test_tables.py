"""What a function's description costs at the start of a program; names come through whole."""

from __future__ import annotations

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
def test_one_relocation_a_function(tmp_path: Path, mode: str) -> None:
    (tmp_path / "f.c").write_text(SOURCE)
    done = toolchain.dsucc(f"--dsu-capture={mode}", "-O2", "-fPIC", "-c", "f.c", cwd=tmp_path)
    assert done.code == 0, done.err
    shown = subprocess.run(
        ["readelf", "--relocs", "--wide", "f.o"],
        cwd=tmp_path, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    tables = shown.partition("'.rela.data.rel.ro.local'")[2].partition("Relocation section")[0]
    # Of flag-check's list of entries there are two more, in a section of their own.
    assert tables.count("R_X86_64_64") == 1, shown


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
