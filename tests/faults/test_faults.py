"""Faults at every step, in a program of two processes; `make faults` has one and ten as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults import matrix
from tests.runtime import support

if TYPE_CHECKING:
    import pytest


def test_all_steps(tmp_path_factory: pytest.TempPathFactory) -> None:
    built = matrix.Built(tmp_path_factory.mktemp("faults"))
    faults = matrix.all_faults([2])
    assert {f.who for f in faults} == {"dsuctl", "leader", "follower"}
    failures = matrix.inject_all(faults, built, workers=8)
    assert not failures, "\n".join(failures)


def test_not_in_what_is_installed() -> None:
    """Nobody's environment makes a program fail that has not been built for it."""
    for file in (support.RUNTIME / "build" / "libdsu.a", support.DSUCTL):
        assert b"DSU_FAULT\0" not in file.read_bytes()
    assert b"DSU_FAULT\0" in (matrix.FAULTS / "dsuctl").read_bytes()
