"""How long it takes until all threads of a program stand still, by how many they are.

    python tests/runtime/stops.py --count 100

Each program waits for its clients, as servers do, and is asked to stop by `dsuctl probe`; the
median of all stops is held against the limit. Ends with the line `stops: N of M within limits`;
exit code 99 if one was missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.runtime import steady  # noqa: E402
from tests.runtime.support import ctl  # noqa: E402

# Processes, threads of each, the most that the median may be in microseconds; 0: for the slope.
SIZES = [
    (10, 1, 1000), (50, 1, 0), (100, 1, 0), (250, 1, 0), (500, 1, 20_000),
    (1, 64, 1000), (1, 100, 3000), (1, 200, 0), (1, 400, 0), (1, 800, 30_000),
]  # fmt: skip
MISSED = 99


def measure(program: Path, processes: int, threads: int, count: int) -> tuple[float, float]:
    """Median and worst stop, us."""
    with steady.running(program, processes, threads, alone=False) as t:
        answer = ctl("probe", t.pid, "--count", count, "--timeout", 20, "--json")
        assert answer.code == 0, answer
        found = answer.json
        assert (found["processes"], found["threads"]) == (processes, processes * threads), found
        return found["median_us"], found["max_us"]


def slope(points: list[tuple[int, float]]) -> str:
    """Microseconds for each more, and how straight the line is."""
    if len(points) < 2:
        return "unknown"
    sizes, medians = zip(*points, strict=True)
    line = statistics.linear_regression(sizes, medians)
    r = statistics.correlation(sizes, medians)
    return f"{line.slope:.1f} us each, r = {r:.3f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=100, help="stops of each program")
    parser.add_argument("--most", type=int, default=1000, help="leave out larger programs")
    options = parser.parse_args()
    within, limits = 0, 0
    lines: dict[str, list[tuple[int, float]]] = {"processes": [], "threads": []}
    with tempfile.TemporaryDirectory() as folder:
        program, _ = steady.build(Path(folder), "landing-pad")
        for processes, threads, limit in SIZES:
            if processes * threads > options.most:
                continue
            median, worst = measure(program, processes, threads, options.count)
            kind = "threads" if processes == 1 else "processes"
            lines[kind].append((processes * threads, median))
            limits += limit > 0
            within += 0 < median <= limit
            said = f"  limit {limit} us" if limit else ""
            size = processes * threads
            print(f"{size:4d} {kind}: median {median:.0f} us, worst {worst:.0f} us{said}")
    for kind, points in lines.items():
        print(f"slope over {kind}: {slope(points)}")
    print(f"stops: {within} of {limits} within limits")
    return 0 if within == limits else MISSED


if __name__ == "__main__":
    raise SystemExit(main())
