"""Time full builds of vsFTPd with gcc and with dsucc, in interleaved rounds.

The wall time of `make` on one core, as a user waits for it.  An arm of gcc against itself
gives the floor.  Ends with the line `dsucc.compile_time: RATIO LOW..HIGH, floor F`; the exit
code is that of a threshold in a scenario: 0 kept, 99 missed, 2 not to be told.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from dsuharness.errors import ExitCode
from dsuharness.sources import SourceSpec, fetch
from dsuharness.stats import abba, floor_of, judge, paired_ratio
from dsuharness.subjects.vsftpd import NEVER

ROUNDS = 7
LIMIT = 2.0
"""dsucc may add at most gcc's own time to a full build."""

SPEC = SourceSpec(package="vsftpd", version="3.0.5-0.2", suite="trixie", fallback=True)
LIBRARIES = "LIBS=-lcrypt -lcap -lpam"
CODES = {
    "pass": ExitCode.PASS,
    "fail": ExitCode.THRESHOLD_MISSED,
    "inconclusive": ExitCode.INCONCLUSIVE,
}
RESULT = Path("results/compile-time/latest.json")


def build(source: Path, compiler: str) -> float:
    """Seconds for one `make` from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(source, tree)
        # As the harness builds it; the summary is made anew, by a survey that counts.
        flags = [f"--dsu-summary={tree / 'dsu.summary'}", f"--dsu-never={','.join(NEVER)}"]
        start = time.perf_counter()
        subprocess.run(
            ["make", "-s", f"CC={compiler}", LIBRARIES], cwd=tree, check=True, capture_output=True,
            env={**os.environ, "DSU_FLAGS": " ".join(flags)},
        )  # fmt: skip
        return time.perf_counter() - start


def main() -> int:
    """Run the rounds, print and store the figure."""
    source = fetch(SPEC).path
    dsucc = str(Path(sys.executable).with_name("dsucc").absolute())
    compilers = {"baseline": "gcc", "again": "gcc", "dsucc": dsucc}
    build(source, dsucc)  # the server starts, the page cache fills
    seconds: dict[str, list[float]] = {arm: [] for arm in compilers}
    for order in abba(list(compilers), ROUNDS, seed=1):
        for arm in order:
            seconds[arm].append(build(source, compilers[arm]))
    ratio = paired_ratio(seconds["baseline"], seconds["dsucc"], 0.95, seed=1)
    floor = floor_of(paired_ratio(seconds["baseline"], seconds["again"], 0.95, seed=1))
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    figures = {"ratio": ratio.ratio, "low": ratio.low, "high": ratio.high, "floor": floor}
    RESULT.write_text(json.dumps({"dsucc.compile_time": figures | {"seconds": seconds}}, indent=1))
    verdict = judge(ratio, LIMIT - 1)
    Console().print(
        f"dsucc.compile_time: {ratio.ratio:.2f} {ratio.low:.2f}..{ratio.high:.2f}, "
        f"floor {floor:.2f}, wanted at most {LIMIT}: {verdict}"
    )
    return CODES[verdict]


if __name__ == "__main__":
    sys.exit(main())
