"""A build is what its arm says: else an overhead would be measured against the wrong program."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsuharness.build import check_capture
from dsuharness.errors import BuildFailed
from dsuharness.scenario import Capture
from tests import toolchain

if TYPE_CHECKING:
    from pathlib import Path

SERVING = "#include <unistd.h>\nint main(void) { char c; while (read(0, &c, 1) > 0); return 0; }\n"
IDLE = "int main(void) { return 0; }\n"
ARMS: tuple[Capture, ...] = ("none", "landing-pad", "flag-check")


def built(folder: Path, how: Capture, text: str = SERVING) -> Path:
    source, program = folder / "program.c", folder / "program"
    source.write_text(text)
    words: list[str | Path] = ["-O2", source, "-o", program]
    if how == "none":
        done = toolchain.run(["gcc", *words], timeout=60)
    else:
        done = toolchain.dsucc(f"--dsu-capture={how}", *words, timeout=60)
    assert done.code == 0, done.err
    return program


@pytest.mark.parametrize("how", ARMS)
def test_each_program_passes_for_its_own_arm_only(how: Capture, tmp_path: Path) -> None:
    program = built(tmp_path, how)
    check_capture(program, how)
    for other in ARMS:
        if other != how:
            with pytest.raises(BuildFailed, match=f"{how}|instrumented"):
                check_capture(program, other)


def test_a_program_without_a_single_point_is_none(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="not one function of it is instrumented"):
        check_capture(built(tmp_path, "landing-pad", IDLE), "landing-pad")
