"""What being updatable costs a running PostgreSQL in time and memory, over trees that run.py kept.

    python tests/postgresql/run.py --keep FOLDER    builds the trees, and runs their tests
    python tests/postgresql/times.py FOLDER         prints a table, a row a figure

As `dsuharness run scenarios/postgresql-overhead.yml`, which builds its own: interleaved rounds of a
server on a fresh database, one client's latency and several clients' throughput, in memory and on
disk, the clients the plain build's. Needs root; the server runs as `postgres`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dsuharness import stats
from dsuharness.backend.world import Completed
from dsuharness.bench import AGAIN, PER_SECOND
from dsuharness.subjects.postgresql import SUBJECT
from tests.postgresql.tree import kept
from tests.toolchain import MODES, ROOT

if TYPE_CHECKING:
    from dsuharness.subject import Sample

PLAIN = "baseline"
SAMPLE_SECONDS = 600
CONFIDENCE = 0.95
SEED = 1
PROVISION = ROOT / "images" / SUBJECT.image / "provision.sh"


def sample(arm: str, program: str, plain: str, options: dict[str, int]) -> dict[str, Sample]:
    """One run's figures, by metric."""
    argv = SUBJECT.timed(program, plain, options)
    done = subprocess.run(
        argv,
        capture_output=True, text=True, timeout=SAMPLE_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{arm}: the run ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return SUBJECT.samples(Completed(argv, 0, done.stdout, done.stderr, 0, 0, 0))


def row(metric: str, unit: str, of: dict[str, list[float]]) -> str:
    """Each arm's ratio, above 1 where it is worse than the plain build; the floor; its median."""

    def ratio(arm: str) -> stats.Ratio:
        ways = (of[arm], of[PLAIN]) if unit == PER_SECOND else (of[PLAIN], of[arm])
        return stats.paired_ratio(*ways, CONFIDENCE, SEED)

    cells = [f"`{metric}`, {unit}", f"{sorted(of[PLAIN])[len(of[PLAIN]) // 2]:.4g}"]
    for arm in of:
        if arm not in (PLAIN, AGAIN):
            found = ratio(arm)
            cells.append(f"{found.ratio:.4f} ({found.low:.4f} … {found.high:.4f})")
    return f"| {' | '.join([*cells, f'± {stats.floor_of(ratio(AGAIN)):.4f}'])} |"


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--modes", nargs="+", default=["landing-pad"], choices=MODES)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--transactions", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=4)
    given = parser.parse_args()
    options = {"transactions": given.transactions, "clients": given.clients}
    subprocess.run(["sh", PROVISION], check=True)
    arms = [PLAIN, *given.modes, AGAIN]
    programs = {a: str(kept(given.folder, a).program("postgres")) for a in arms if a != AGAIN}
    programs[AGAIN] = programs[PLAIN]
    found: dict[tuple[str, str], dict[str, list[float]]]
    found = defaultdict(lambda: {arm: [] for arm in arms})
    for number, order in enumerate(stats.abba(arms, given.rounds, SEED)):
        for arm in order:
            for metric, seen in sample(arm, programs[arm], programs[PLAIN], options).items():
                found[metric, seen.unit][arm].append(seen.value)
        print(f"round {number + 1} of {given.rounds}", file=sys.stderr)
    print(f"| figure | gcc | {' | '.join(given.modes)} | floor |")
    print(f"| --- | ---: |{' ---: |' * len(given.modes)} ---: |")
    print("\n".join(row(*key, of) for key, of in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
