"""The protocol's model: right as it is, found wrong where it is broken, named as the code."""

from __future__ import annotations

import re

import pytest

from tests.model import run
from tests.runtime import support

BLOCK = (support.RUNTIME / "src" / "block.h").read_text()


def enumerators(name: str) -> list[str]:
    body = re.search(rf"enum {name} \{{(.*?)\}};", BLOCK, re.DOTALL)
    assert body
    return re.findall(r"\b(DSU_\w+),", re.sub(r"/\*.*?\*/", "", body[1], flags=re.DOTALL))


def test_never_two_versions_and_nobody_waits_for_ever() -> None:
    found = run.check(1)  # more deaths: make model, nightly
    assert found.errors == 0, found.trail
    assert found.states > 100_000


def test_a_rogue_process_makes_nobody_take_over_what_dsuctl_has_not_decided() -> None:
    found = run.check(1, "ROGUE")
    assert found.errors == 0, found.trail
    assert found.states > 10_000


@pytest.mark.parametrize("variant", run.variants())
def test_broken_variants_are_found_out(variant: str) -> None:
    assert run.check(2, variant).errors == 1


def test_variants() -> None:
    assert "BROKEN_BACK" in run.variants(), "BACK without compare-and-swap"


def test_names_are_those_of_the_code() -> None:
    text = run.MODEL.read_text().split("#define WORD")[0]
    defined = dict(re.findall(r"#define (DSU_\w+)\t(\d+)", text))
    phases = enumerators("dsu_phase")
    assert {name: str(i) for i, name in enumerate(phases)}.items() <= defined.items()
    assert set(defined) - set(phases) <= set(enumerators("dsu_state"))
