"""A revert through several patches, each of which has converted the objects of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.patch.test_cases import HERE, apply, build, controllable, converse, dsuctl, running
from tests.toolchain import dsupatch

if TYPE_CHECKING:
    from pathlib import Path

CASE = HERE / "cases" / "type_back"
_THIRD = (
    ("	long number, added;", "	int third[5];\n	long number;\n	int added;"),
    ("	long level;\n", "	long level;\n	char text[9];\n"),
    ("{0, 0, 3, 9}", "{0, 0, 3, {0}, 9}"),
    ('"new %d', '"third %d'),
)  # fmt: skip


def third(source: Path, folder: Path) -> Path:
    """The new version once more, with types that have changed again."""
    text = (CASE / "new.c").read_text()
    for was, now in _THIRD:
        assert was in text
        text = text.replace(was, now)
    (source / "third.c").write_text(text)
    return build(source, "third", folder)


def test_through_two_patches(tmp_path: Path) -> None:
    source = tmp_path / "c"
    source.mkdir()
    old, new = build(CASE, "old", tmp_path), build(CASE, "new", tmp_path)
    last = third(source, tmp_path)
    one, two = tmp_path / "one", tmp_path / "two"
    assert dsupatch(old, new, "-o", one).code == 0
    assert dsupatch(new, last, "-o", two, "--base", old, "--after", one).code == 0
    with running(old) as process:
        pid = str(process.pid)
        converse(process, [(1, "old 1 55 1 4 77")])
        controllable(process.pid)
        apply(process, one, [])
        converse(process, [(2, "new 3 1 2 5 9")])
        apply(process, two, [])
        converse(process, [(3, "third 6 2 3 6 9")])
        assert dsuctl("revert", pid, "--steps", "1").code == 0
        converse(process, [(4, "new 10 3 4 7 9")])
        apply(process, two, [])
        converse(process, [(5, "third 15 4 5 8 9")])
        assert dsuctl("revert", pid).code == 0
        converse(process, [(6, "old 21 55 6 9 77")])
