"""Processes that live in a signal's handler are updated; what is beneath it stays."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.support import ctl

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("mode", toolchain.MODES)
def test_a_process_that_is_forked_in_a_handler_and_lives_there(mode: str, built: Path) -> None:
    program, empty = support.dsucc_program("forked_in_handler", built, mode)
    with subprocess.Popen(
        [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=support.environment(),
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout

        def said(sent: str) -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write(sent)
            process.stdin.flush()
            return process.stdout.readline()

        assert (said("A"), said("x")) == ("parent A\n", "child x 1\n")
        answer = ctl("apply", process.pid, empty, "--json")
        assert answer.code == 0, answer
        assert answer.json["processes"] == 2, answer
        assert (said("x"), said("B"), said("y")) == ("child x 2\n", "parent B\n", "child y 3\n")
        answer = ctl("revert", process.pid)
        assert answer.code == 0, answer
        assert (said("C"), said("z")) == ("parent C\n", "child z 4\n")
        process.stdin.close()
        assert process.wait(support.DEADLINE) == 0
