#!/usr/bin/env python3
"""Every fault of the update's protocol, in dsuctl, the leader and a follower.

    python tests/faults/run.py --processes 1 2 10

Ends with the line `faults: N injected, N survived`; exit code 1 if one was not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.faults import matrix  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 10])
    parser.add_argument("--workers", type=int, default=6, help="programs at once")
    parser.add_argument("--only", default="", help="faults whose name contains this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        built = matrix.Built(Path(folder))
        every = [
            *matrix.all_faults(options.processes),
            *matrix.all_faults(options.processes, converts=True),
        ]
        faults = [f for f in every if options.only in str(f)]
        failures = matrix.inject_all(faults, built, options.workers)
    for text in failures:
        print(text)
    print(f"faults: {len(faults)} injected, {len(faults) - len(failures)} survived")
    return 1 if failures or not faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
