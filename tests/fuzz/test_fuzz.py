"""The fuzzer over a fixed range of seeds: no program may differ."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = int(os.environ.get("DSU_FUZZ", "200"))
SLICES = 8
RUN = Path(__file__).parent / "run.py"


# Slices keep to one test each, so that pytest's workers share them out.
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("part", range(SLICES))
def test_random_programs_do_not_differ(part: int) -> None:
    count = COUNT // SLICES + (part < COUNT % SLICES)
    # Far enough apart that replaced seeds do not run into the next slice.
    words = ["-n", str(count), "--seed-base", str(1 + part * 10_000), "--jobs", "1"]
    done = subprocess.run(
        [sys.executable, str(RUN), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"^fuzz: (\d+) programs, 0 differences$", done.stdout, re.MULTILINE)
    assert found
    assert int(found.group(1)) == count
