"""Faults at every step, in a program of two processes; `make faults` has one and ten as well."""

from __future__ import annotations

import pytest

from tests.faults import matrix
from tests.runtime import support


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> matrix.Built:
    return matrix.Built(tmp_path_factory.mktemp("faults"))


def test_all_steps(built: matrix.Built) -> None:
    """Every fault on the way there; on the way back, whose steps are the same ones, deaths."""
    faults = [f for f in matrix.all_faults([2]) if not f.reverts or f.action == "kill"]
    assert {f.who for f in faults} == {"dsuctl", "leader", "follower"}
    assert {f.step for f in faults if f.reverts} >= {"unrolled", "decided"}
    failures = matrix.inject_all(faults, built, workers=8)
    assert not failures, "\n".join(failures)


def test_reverts_that_convert(built: matrix.Built) -> None:
    """`make faults` has all of them; here those around the decision."""
    steps = ("converted", "decided")
    every = matrix.all_faults([2], converts=True)
    faults = [f for f in every if f.reverts and f.who != "dsuctl" and f.step in steps]
    failures = matrix.inject_all(faults, built, workers=8)
    assert len(faults) == 16
    assert not failures, "\n".join(failures)


@pytest.mark.usefixtures("built")
def test_not_in_what_is_installed() -> None:
    """Nobody's environment makes a program fail that has not been built for it."""
    for file in (support.RUNTIME / "build" / "libdsu.a", support.DSUCTL):
        assert b"DSU_FAULT\0" not in file.read_bytes()
    assert b"DSU_FAULT\0" in (matrix.FAULTS / "dsuctl").read_bytes()
