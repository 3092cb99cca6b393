"""Thread-local variables that patches bring: patches on patches, and the room for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import toolchain
from tests.patch.test_cases import HERE, controllable, converse, dsuctl, dsupatch, running

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
#include <pthread.h>
#include "serve.h"

struct state {{
	{members}
	int n;
}};
static __thread struct state mine;
static int to_worker[2], from_worker[2];

static int step(void)
{{
	return ++mine.n;
}}

static void *worker(void *arg)
{{
	char c;

	mine.n = 10;
	while (read(to_worker[0], &c, 1) == 1) {{
		int n = step();

		write(from_worker[1], &n, sizeof n);
	}}
	return arg;
}}

int main(void)
{{
	char line[64];
	pthread_t t;
	int n;

	if (pipe(to_worker) || pipe(from_worker))
		return 1;
	pthread_create(&t, NULL, worker, NULL);
	while (ask(line, sizeof line)) {{
		write(to_worker[1], "x", 1);
		if (read(from_worker[0], &n, sizeof n) == sizeof n)
			answer("{name} %d %d %d", step(), n, (int)sizeof mine);
	}}
	return 0;
}}
"""
VERSIONS = {
    "one": "",
    "two": "char more[100];",
    "three": "char more[1796];",
    "four": "char more[2000];",
}


def build(name: str, folder: Path) -> Path:
    home = folder / name
    home.mkdir()
    (home / "program.c").write_text(SOURCE.format(name=name, members=VERSIONS[name]))
    (home / "serve.h").write_text((HERE / "serve.h").read_text())
    made = toolchain.dsucc("-O2", "-o", "program", "program.c", cwd=home)
    assert made.code == 0, made.err
    return home / "program"


def test_patches_on_patches_until_the_room_is_full(tmp_path: Path) -> None:
    one, two, three, four = (build(name, tmp_path) for name in VERSIONS)
    second, third, fourth, direct = (tmp_path / f"{n}.patch" for n in ("2", "3", "4", "d"))
    after = ("--base", one, "--after", second)
    for words in (
        (one, two, "-o", second),
        (two, three, "-o", third, *after),
        (three, four, "-o", fourth, *after, "--after", third),
        (one, four, "-o", direct),
    ):
        made = dsupatch(*words)
        assert made.code == 0, made.err
    with running(one) as process:
        pid = str(process.pid)
        converse(process, [["", "one 1 11 4"]])
        controllable(process.pid)
        assert dsuctl("apply", pid, second).code == 0
        converse(process, [["", "two 2 12 104"]])
        assert dsuctl("apply", pid, third).code == 0
        converse(process, [["", "three 3 13 1800"]])
        refused = dsuctl("apply", pid, fourth)
        assert refused.code == 1
        assert "has 2004 bytes of new thread-local variables, and 64 of the 2048" in refused.err
        converse(process, [["", "three 4 14 1800"]])
        assert dsuctl("revert", pid, "--steps", "1").code == 0
        converse(process, [["", "two 5 15 104"]])
        assert dsuctl("revert", pid).code == 0
        converse(process, [["", "one 6 16 4"]])
        assert dsuctl("apply", pid, direct).code == 1, "what is taken is not given twice"
        converse(process, [["", "one 7 17 4"]])
