"""DSU_CACHE: a file that was compiled before is not compiled again, and nobody can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchain import dsucc, read_report, run

SOURCE = """\
#include <unistd.h>
int twice(int n)
{
\tint unused;
\tsleep(0);
\treturn 2 * n;
}
"""
GCC = """\
#!/bin/sh
echo "$*" >>{log}
exec gcc "$@"
"""


class Cached:
    """A folder with a source, a cache and a gcc that keeps account of its calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        (folder / "f.c").write_text(SOURCE)
        gcc = folder / "gcc"
        gcc.write_text(GCC.format(log=self.log))
        gcc.chmod(0o755)

    def compile(self, *words: str, source: str = "f.c") -> tuple[bytes, str, int]:
        """The object, what was said, and how many compilations gcc was called for."""
        self.log.write_text("")
        env = {"DSU_CACHE": str(self.folder / "cache"), "DSU_CC": str(self.folder / "gcc")}
        report = self.folder / "report"
        report.unlink(missing_ok=True)
        done = dsucc(
            "-c", "-O2", "-Wall", f"--dsu-report={report}", *words, source, "-o", "f.o",
            cwd=self.folder, env=env,
        )  # fmt: skip
        assert done.code == 0, done.err
        assert [row["name"] for row in read_report(report)] == ["twice"]
        calls = self.log.read_text().splitlines()
        return (self.folder / "f.o").read_bytes(), done.err, sum("cpp-output" in c for c in calls)


@pytest.fixture
def cached(tmp_path: Path) -> Cached:
    return Cached(tmp_path)


def test_the_second_compilation_is_the_first(cached: Cached) -> None:
    made, said, compilations = cached.compile()
    assert compilations == 1
    assert "unused" in said, "gcc's warnings are shown"
    assert cached.compile() == (made, said, 0)


def test_other_text_or_flags_are_compiled(cached: Cached) -> None:
    cached.compile()
    assert cached.compile("-fno-inline")[2] == 1
    assert cached.compile("--dsu-capture=flag-check")[2] == 1
    (cached.folder / "f.c").write_text(SOURCE.replace("2 * n", "3 * n"))
    assert cached.compile()[2] == 1


def test_preprocessed_text_is_known_wherever_it_lies(cached: Cached) -> None:
    """As a link compiles it again: each time in a folder of its own."""
    done = run(["gcc", "-E", "f.c"], cwd=cached.folder)
    for name in ("one.i", "two.i"):
        (cached.folder / name).write_bytes(done.out)
    made, said, compilations = cached.compile("-w", source="one.i")
    assert compilations == 1
    assert cached.compile("-w", source="two.i") == (made, said, 0)
    (cached.folder / "two.i").write_bytes(done.out.replace(b'"f.c"', b'"g.c"'))
    assert cached.compile("-w", source="two.i")[2] == 1


def test_text_that_does_not_say_what_it_is_has_its_files_name(cached: Cached) -> None:
    done = run(["gcc", "-E", "-P", "f.c"], cwd=cached.folder)
    for name in ("one.i", "two.i"):
        (cached.folder / name).write_bytes(done.out)
        assert f"{name}: In function" in cached.compile(source=name)[1]


def test_a_damaged_entry_counts_as_none(cached: Cached) -> None:
    made, said, _ = cached.compile()
    entries = [p for p in (cached.folder / "cache").rglob("*") if p.is_file()]
    assert len(entries) == 1
    data = entries[0].read_bytes()
    entries[0].write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert cached.compile() == (made, said, 1)
    assert cached.compile() == (made, said, 0)
