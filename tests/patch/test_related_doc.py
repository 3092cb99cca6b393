"""docs/related.md: every system and ability has a test, and every test that it names exists."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.toolchain import ROOT

TEXT = (ROOT / "docs" / "related.md").read_text()
_TEST = re.compile(r"`(tests/[\w/]+\.py::[^`]+)`")
SYSTEMS = ["OPUS", "POLUS", "Ginseng", "DynAMOS", "Ksplice", "K42", "Kitsune", "libpulp"]
ABILITIES = 6


def test_every_named_test_exists() -> None:
    """Pytest refuses to collect what there is not, by name."""
    named = sorted(set(_TEST.findall(TEXT)))
    collect = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run([*collect, *named], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_system_has_a_chapter_that_names_tests() -> None:
    chapters = {c.partition("\n")[0]: c for c in TEXT.split("\n## ")[1:]}
    assert list(chapters) == ["The six abilities", *SYSTEMS]
    for name in SYSTEMS:
        assert all(_TEST.search(part) for part in chapters[name].split("\n- ")[1:]), name
    rows = chapters["The six abilities"].splitlines()[4:]
    assert len([row for row in rows if _TEST.search(row)]) == ABILITIES
