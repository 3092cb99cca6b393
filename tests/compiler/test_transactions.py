"""Places without updates are named in a file; what is wrong with it is told all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.toolchain import dsucc

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
#include <setjmp.h>
#include <unistd.h>

static jmp_buf again;

int jumps(int n)
{
\tif (n > 3)
\t\tgoto inside;
\tsleep(1);
inside:
\tusleep(n);
\treturn pause();
}

int cases(int n)
{
\tswitch (n) {
\tcase 1:
\t\tsleep(1);
\t\tbreak;
\tcase 2:
\t\tpause();
\t}
\treturn 0;
}

int long_jumps(void)
{
\tsleep(1);
\tif (setjmp(again))
\t\treturn 1;
\treturn pause();
}

int fine(int n)
{
\tfor (;;) {
\t\tsleep(1);
\t\tif (n-- < 0)
\t\t\tbreak;
\t\tif (n == 7)
\t\t\treturn 1;
\t\tpause();
\t}
\treturn 0;
}
"""

MISTAKES = [
    (
        "a.c: {\n fien: whole,\n jumps: [{from: sleep, to: usleep}],\n"
        " cases: [{from: sleep, to: pause}],\n long_jumps: [{from: sleep, to: pause}],\n"
        " fine: [{from: pause, to: sleep}, {from: sleep#2, to: pause}]}",
        [
            "t.yml:2: a.c has no function 'fien'; did you mean 'fine'?",
            "t.yml:3: jumps: line 9 jumps into the region: move its beginning in front of that",
            "t.yml:4: cases: line 22 is a case label inside the region: choose calls of one case",
            "t.yml:5: long_jumps: line 31 is a setjmp() inside the region",
            "t.yml:6: fine: 'sleep' comes before 'pause': exchange them",
            "t.yml:6: fine: no call 'sleep#2' can reach an update point; those that can: "
            "sleep#1, pause#1",
        ],
    ),
    (
        "a.c:\n  fine: entire\n  cases: [{from: a, too: b}, 3]\n  a b: whole\nb.c: 7\n",
        [
            "t.yml:2: fine: want 'whole', or a list of {from: CALL, to: CALL}",
            "t.yml:3: 'too': only from and to",
            "t.yml:3: want a region such as {from: read#1, to: write#2}",
            "t.yml:3: want a region such as {from: read#1, to: write#2}",
            "t.yml:4: 'a b': want a function's name",
            "t.yml:5: want a table of names",
        ],
    ),
    ("a.c: {fine: [{from: 'sleep#0', to: pause}]}", ["want a call such as read#2"]),
]


@pytest.mark.parametrize(("text", "wrong"), MISTAKES)
def test_mistakes_are_told_all_at_once(text: str, wrong: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.c").write_text(SOURCE)
    (tmp_path / "t.yml").write_text(text)
    made = dsucc("-c", "--dsu-transactions=t.yml", "a.c", cwd=tmp_path)
    assert made.code == 1
    said = made.err.removeprefix("dsucc: ").rstrip("\n").split("\n")
    assert len(said) == len(wrong), made.err
    for got, wanted in zip(said, wrong, strict=True):
        assert wanted in got, made.err
    assert not (tmp_path / "a.o").exists()


def test_only_its_own_source_file_is_meant(tmp_path: Path) -> None:
    (tmp_path / "t.yml").write_text(
        "src/a.c:\n  fine: [{from: sleep, to: pause}]\nb.c: {x: whole}\n"
    )
    for folder, begins in (("src", True), ("mysrc", False)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.c").write_text(SOURCE)
        made = dsucc("-S", "--dsu-transactions=t.yml", f"{folder}/a.c", "-o", "a.s", cwd=tmp_path)
        assert made.code == 0, made.err
        assert ("dsu_transaction_begin" in (tmp_path / "a.s").read_text()) == begins
    assert dsucc("-c", "--dsu-transactions=no.yml", "src/a.c", cwd=tmp_path).code == 1
