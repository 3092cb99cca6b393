"""A build is what its arm says: else an overhead would be measured against the wrong program."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from dsuharness import subject
from dsuharness.build import Builder, check_capture
from dsuharness.errors import BuildFailed
from dsuharness.scenario import Capture
from dsuharness.sources import Fetched
from tests import toolchain

if TYPE_CHECKING:
    from dsuharness.backend import Backend

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


@pytest.mark.parametrize("name", subject.known())
def test_what_a_build_is_made_of_has_a_digest(name: str) -> None:
    class Engine:
        def identity(self, image: str) -> str:
            return f"an image for {image}"

    builders = [
        Builder(cast("Backend", Engine()), subject.load(name), "run", keeps)
        for keeps in (True, False)
    ]
    digest = builders[0]._digest
    recipe = replace(subject.load(name).recipe("dsucc", "released"), needs=())
    source = Fetched(Path(), "digest", "1.0", used_fallback=False)
    assert digest(source, recipe, {}, None) == digest(source, recipe, {}, None)
    # How long a build took says nothing where objects were kept from before.
    assert digest(source, recipe, {}, None) != builders[1]._digest(source, recipe, {}, None)
    others = [
        replace(recipe, never={**recipe.never, "another": "for this test"}),
        replace(recipe, product="another"),
    ]
    assert len({digest(source, r, {}, None) for r in [recipe, *others]}) == 3
