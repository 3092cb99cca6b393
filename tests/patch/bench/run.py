#!/usr/bin/env python3
"""What it costs to find, convert and redirect a million objects of a list, against a C loop.

    python tests/patch/bench/run.py [--objects N] [--rounds N]

Both arms are a fresh process each, in random order; a sample is the processor time that the process
has used (the kernel's own, page faults included). The update may take three times as long as the
loop that copies the objects and frees the old ones. Exit code 99 if it takes longer.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.patch.test_cases import build, controllable, dsuctl, dsupatch, running  # noqa: E402

LIMIT = 3.0
HERE = Path(__file__).parent


def ask(process: subprocess.Popen[str], line: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    return process.stdout.readline().strip()


def used(process: subprocess.Popen[str]) -> float:
    """Processor time so far, in ms."""
    return int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e6


def sample(program: Path, patch: Path | None, objects: int) -> float:
    """One arm: the update, or without a patch the loop."""
    with running(program) as process:
        ask(process, str(objects))
        total = ask(process, "sum")
        controllable(process.pid)
        start = used(process)
        if patch is None:
            assert ask(process, "copy") == str(objects)
        else:
            made = dsuctl("apply", str(process.pid), patch, "--timeout", "60")
            assert made.code == 0, made.err
        cost = used(process) - start
        assert ask(process, "sum") == total
        return cost


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objects", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        old, new = build(HERE, "old", folder), build(HERE, "new", folder)
        patch = dsupatch(old, new, "-o", folder / "patch")
        assert patch.code == 0, patch.err
        samples: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(chosen.rounds):
            for is_update in random.sample((True, False), 2):
                arm = folder / "patch" if is_update else None
                samples[is_update].append(sample(old, arm, chosen.objects))
    update, loop = statistics.median(samples[True]), statistics.median(samples[False])
    for name, key in (("update", True), ("loop", False)):
        print(f"{name}: {', '.join(f'{s:.0f}' for s in sorted(samples[key]))} ms")
    print(f"{chosen.objects} objects: update {update:.0f} ms, loop {loop:.0f} ms: "
          f"{update / loop:.2f} times (at most {LIMIT:.0f})")  # fmt: skip
    return 0 if update <= LIMIT * loop else 99


if __name__ == "__main__":
    sys.exit(main())
