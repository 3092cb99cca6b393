"""dsu_blocking.h is the one list: the compiler renames by it, the library has to have each."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.runtime import support


def listed() -> set[str]:
    header = support.RUNTIME / "include" / "dsu_blocking.h"
    return set(re.findall(r"^DSU_(?:BLOCKING|WRAPPED)\((\w+)\)$", header.read_text(), re.MULTILINE))


@pytest.mark.usefixtures("built")
def test_list_and_library_agree() -> None:
    library = support.RUNTIME / "build" / "libdsu.a"
    symbols = subprocess.run(
        ["nm", "--defined-only", library], capture_output=True, text=True, check=True
    ).stdout
    defined = set(re.findall(r"\bT dsu_sys_(\w+)$", symbols, re.MULTILINE))
    internal = {"point"}
    assert listed() == defined - internal
