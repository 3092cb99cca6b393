"""The two long measurements, in small: `make endure` and `make stops` have the whole."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def said(script: str, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, HERE / script, *words],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.usefixtures("built")
def test_no_reply_is_lost() -> None:
    code, text = said("endure.py", "--updates", "40")
    assert re.search(r"^endure: 40 updates, \d{2,} replies, 0 lost$", text, re.MULTILINE), text
    assert code == 0


@pytest.mark.usefixtures("built")
def test_stops_are_held_against_their_limits() -> None:
    """A machine that does other work may miss one: the exit code says so."""
    code, text = said("stops.py", "--count", "5", "--most", "64")
    found = re.search(r"^stops: (\d) of 2 within limits$", text, re.MULTILINE)
    assert found, text
    assert code == (0 if found[1] == "2" else 99), text
    assert "slope over processes" in text
