#!/usr/bin/env python3
"""Checks the model of the update's protocol, and that the check can fail.

    python tests/model/run.py --deaths 3

Ends with the line `model: N states, 0 errors`; exit code 1 if there is an error, or if one of the
variants that are known to be broken is not found out.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

MODEL = Path(__file__).resolve().parents[2] / "runtime" / "model" / "protocol.pml"
MEMORY_MB = 5000
SECONDS = 1200  # of a processor's: what else the machine does must not decide
# A process of the program writes into the block: it may make the others wait for ever.
ROGUE = {"ROGUE", "BROKEN_LEDGER"}


@dataclass(frozen=True)
class Checked:
    """What the checker has seen."""

    states: int
    errors: int
    trail: str  # the end of the way to the error

    def __str__(self) -> str:
        return f"{self.states} states, {self.errors} errors"


def variants() -> list[str]:
    """The ways to break it that the model knows."""
    return sorted(set(re.findall(r"#ifn?def (BROKEN_\w+)", MODEL.read_text())))


def check(deaths: int, *defines: str) -> Checked:
    """Look at all states; RuntimeError if that cannot be done to the end."""
    flags = [f"-D{d}" for d in (f"DEATHS={deaths}", *defines)]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / MODEL.name).write_text(MODEL.read_text())
        _run(home, "spin", "-a", *flags, MODEL.name)
        _run(home, "gcc", "-O2", "-DSAFETY", "-DCOLLAPSE", f"-DMEMLIM={MEMORY_MB}", "pan.c",
             "-o", "pan")  # fmt: skip
        waits = ["-E"] if ROGUE & set(defines) else []
        said = _run(home, "./pan", "-m100000", *waits)
        counts = re.search(r"errors: (\d+)\s+(\d+) states, stored", said)
        unfinished = "Search not completed" in said
        if not counts or (unfinished and counts[1] == "0"):
            raise RuntimeError(f"the search did not come to its end\n{said[-2000:]}")
        trail = _run(home, "spin", "-t", "-p", "-g", *flags, MODEL.name) if int(counts[1]) else ""
    return Checked(int(counts[2]), int(counts[1]), trail[-6000:])


def _run(home: Path, *words: str) -> str:
    limited = ("nice", "prlimit", f"--cpu={SECONDS}", *words)
    done = subprocess.run(limited, cwd=home, capture_output=True, text=True, check=False)
    if done.returncode and words[0] != "./pan":
        raise RuntimeError(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--deaths", type=int, default=3, help="at most so many may die (3)")
    options = parser.parse_args()
    good = check(options.deaths)
    if good.errors:
        print(good.trail)
    rogue = check(1, "ROGUE")
    if rogue.errors:
        print(rogue.trail)
    missed = [name for name in variants() if not check(2, name).errors]
    for name in missed:
        print(f"{name}: not found out")
    print(f"model: {good}")
    return 1 if good.errors or rogue.errors or missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
