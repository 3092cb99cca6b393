"""Files of one name in several folders, as a make that goes from folder to folder compiles them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.patch.test_cases import HERE, controllable, converse, dsuctl, dsupatch, running
from tests.toolchain import dsucc

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """\
#include "serve.h"

int add(int n);
int take(int n);

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		answer("%d", atoi(line) & 1 ? add(atoi(line)) : take(atoi(line)));
	return 0;
}
"""
# Both have statics of the same names; only one of them changes.
PART = """\
static int calls;

static __attribute__((noinline)) int step(int n)
{
	calls++;
	return CHANGE;
}

int NAME(int n)
{
	return step(n) + calls;
}
"""
FOLDERS = {"more": ("add", "n + 1000"), "less": ("take", "n - 1000")}


def build(home: Path, summary: str, **changes: str) -> Path:
    """One version; `changes` are of what a folder's step() gives."""
    flags = ["-O2", *([f"{summary}={home / 'summary'}"] if summary else [])]
    for folder, (name, change) in FOLDERS.items():
        (home / folder).mkdir(parents=True)
        text = PART.replace("NAME", name).replace("CHANGE", changes.get(folder, change))
        (home / folder / "part.c").write_text(text)
    (home / "main.c").write_text(MAIN)
    (home / "serve.h").write_text((HERE / "serve.h").read_text())
    for folder in FOLDERS:
        made = dsucc(*flags, "-c", "part.c", cwd=home / folder)
        assert (made.code, made.err) == (0, "")
    objects = [f"{folder}/part.o" for folder in FOLDERS]
    made = dsucc(*flags, "-o", "program", "main.c", *objects, cwd=home)
    assert (made.code, made.err) == (0, "")
    return home / "program"


def test_beneath_a_top_folder_each_is_a_unit_of_its_own(tmp_path: Path) -> None:
    old = build(tmp_path / "old", "--dsu-summary")
    new = build(tmp_path / "new", "--dsu-summary", less="n - 2000 + calls")
    done = dsupatch(old, new, "-o", tmp_path / "patch")
    assert done.code == 0, done.err
    with running(old) as process:
        converse(process, [["1", "1002"], ["2", "-997"], ["3", "1005"]])
        controllable(process.pid)
        done = dsuctl("apply", str(process.pid), tmp_path / "patch")
        assert done.code == 0, done.err
        converse(process, [["1", "1004"], ["2", "-1994"]])
        assert dsuctl("revert", str(process.pid)).code == 0
        converse(process, [["1", "1005"], ["2", "-995"]])


def test_without_one_they_are_refused(tmp_path: Path) -> None:
    old = build(tmp_path / "old", "")
    done = dsupatch(old, old, "-o", tmp_path / "patch")
    assert done.code == 2
    assert f"{old}: two different units are called part.c: build with --dsu-summary=" in done.err
