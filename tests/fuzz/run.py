#!/usr/bin/env python3
"""Random C programs, updated to themselves at random points, must print what gcc's build prints.

    python tests/fuzz/run.py -n 200 --seed-base 1 --jobs 2

Each program is made by Csmith from one seed, gets update points at the heads of some of its
blocks, is compiled by gcc and by dsucc in each mode, and is run as it is, updated at several
random points, and updated at every k-th. Everything follows from the seed. A program that runs
for too long when gcc compiles it is replaced by the next seed. What differs is kept in
results/fuzz/<seed>-<mode>/, with the command that shows it again.
"""

from __future__ import annotations

import argparse
import random
import re
import shlex
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests import toolchain  # noqa: E402
from tests.toolchain import INCLUDE, MODES, Hang, Outcome  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = ROOT / "results" / "fuzz"
CSMITH_INCLUDE = Path("/usr/include/csmith")
PROGRAM_SECONDS = 5.0
UPDATES_A_RUN = 400
_BLOCK = re.compile(r"^(\s*\{) (/\* block id: \d+ \*/)$", re.MULTILINE)

SIZES = (
    "--max-funcs", "7", "--max-block-depth", "4", "--max-block-size", "4",
    "--max-expr-complexity", "7", "--max-pointer-depth", "3", "--max-array-len-per-dim", "6",
)  # fmt: skip
# Drawn for each seed; what is not named here (jumps, unions, bit-fields, structs by value,
# volatile and const, pointers to locals, comma, compound assignment) Csmith always makes.
VARIATIONS = ("--float", "--inline-function", "--concise", "--strict-volatile-rule")
LEVELS = ("-O2", "-O2", "-O2", "-O2", "-O0", "-O1", "-O3", "-Os")


@dataclass
class Difference:
    """A run that printed something else than gcc's program."""

    mode: str
    what: str
    command: list[str]


@dataclass
class Verdict:
    """What became of one seed."""

    seed: int
    replaced: bool = False
    updates: int = 0
    blocked: int = 0
    differences: list[Difference] = field(default_factory=list)


class Program:
    """One random program; `folder` holds everything that is made of it."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.folder = seed, folder
        self.random = random.Random(f"dsu {seed}")
        self.source = folder / "program.c"
        self.level = self.random.choice(LEVELS)
        self.points = self.random.choice(("calls", "calls", "loops"))
        self.flags = [self.level, "-w", f"-I{CSMITH_INCLUDE}", f"-I{INCLUDE}"]

    def generate(self) -> None:
        """Write the source: Csmith's, with update points at the heads of some blocks."""
        chosen = [v for v in VARIATIONS if self.random.random() < 0.3]
        made = toolchain.run(
            ["csmith", "--seed", str(self.seed), *SIZES, *chosen], cwd=self.folder, timeout=60
        )
        if made.code:
            raise RuntimeError(f"csmith fails: {made.err}")
        share = self.random.choice((0.2, 0.5, 1.0))

        def with_point(found: re.Match[str]) -> str:
            point = " DSU_UPDATE_POINT();" if self.random.random() < share else ""
            return f"{found.group(1)}{point} {found.group(2)}"

        text = _BLOCK.sub(with_point, made.out.decode())
        self.source.write_text(f'#include "dsu.h"\n{text}')

    def baseline(self) -> Outcome | None:
        """What gcc's program does; None if it takes too long."""
        program = self.folder / "gcc.out"
        done = toolchain.gcc(*self.flags, "-o", program, self.source)
        if done.code:
            raise RuntimeError(f"gcc does not compile seed {self.seed}: {done.err}")
        try:
            return toolchain.run([program], timeout=PROGRAM_SECONDS, stacks=False)
        except Hang:
            return None

    def compile(self, mode: str) -> tuple[Path, list[str]]:
        """The path of dsucc's program, and the command that makes it."""
        program = self.folder / f"{mode}.out"
        words = [f"--dsu-capture={mode}", f"--dsu-points={self.points}", *self.flags]
        return program, [*words, "-o", str(program), str(self.source)]

    def fallen_back(self, report: Path) -> str:
        """Functions that gcc rejected once instrumented: compiled as they stand, and a defect.

        One limit is known: an object with constant members that a call gives by value.
        """
        rows = {str(r["name"]): str(r["reason"]) for r in toolchain.read_report(report)}
        known = "assignment of read-only variable 'dsu$"
        found = [
            f"{name}: {why}"
            for name, why in rows.items()
            if "gcc rejects" in why and known not in why
        ]
        return "; ".join(found[:3])

    def schedules(self, mode: str, points: int) -> Iterator[str]:
        """Some single points, and every k-th so that a run has at most some hundred updates."""
        draw = random.Random(f"dsu {self.seed} {mode}")
        if points:
            yield from (str(draw.randint(1, points)) for _ in range(4))
        least = 1 + points // UPDATES_A_RUN
        yield f"*/{least}"
        yield f"*/{least + draw.randint(1, 9)}"

    def check(self, mode: str, wanted: Outcome, verdict: Verdict) -> None:
        """Compile in one mode, run under all schedules, stop at the first difference."""
        program, words = self.compile(mode)
        report = self.folder / f"{mode}.jsonl"
        try:
            done = toolchain.dsucc(f"--dsu-report={report}", *words)
            wrong = done.err or self.fallen_back(report)
            if done.code or wrong:
                verdict.differences.append(Difference(mode, f"compiler: {wrong}", words))
                return
            counted = toolchain.run_updating(program, "0", timeout=60)
            points = counted.counts.points if counted.counts else 0
            for at in ("0", *self.schedules(mode, points)):
                got = toolchain.run_updating(program, at, timeout=60)
                if not got.same_as(wanted):
                    what = f"DSU_UPDATE_AT='{at}': {show(got)} instead of {show(wanted)}"
                    verdict.differences.append(Difference(mode, what, words))
                    return
                if got.counts:
                    verdict.updates += got.counts.updates
                    verdict.blocked += got.counts.blocked
        except Hang as hang:
            verdict.differences.append(Difference(mode, str(hang), words))


def show(outcome: Outcome) -> str:
    return f"exit {outcome.code}, {outcome.out[-200:]!r} {outcome.err[-300:]!r}"


def judge(seed: int, modes: tuple[str, ...]) -> Verdict:
    """Everything about one seed; keeps the folder if something differs."""
    verdict = Verdict(seed)
    with tempfile.TemporaryDirectory(prefix="dsu-fuzz-") as name:
        program = Program(seed, Path(name))
        program.generate()
        wanted = program.baseline()
        if wanted is None:
            verdict.replaced = True
            return verdict
        for mode in modes:
            program.check(mode, wanted, verdict)
        for difference in verdict.differences:
            keep(program, difference)
    return verdict


def keep(program: Program, difference: Difference) -> None:
    folder = RESULTS / f"{program.seed}-{difference.mode}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(program.folder, folder)
    words = [w.replace(str(program.folder), str(folder)) for w in difference.command]
    words = [w.replace(str(ROOT), ".") for w in words]
    (folder / "difference.txt").write_text(
        f"{difference.what}\n\n"
        f"python tests/fuzz/run.py -n 1 --seed-base {program.seed} --mode {difference.mode}\n"
        f"dsucc {shlex.join(words)}\n"
    )


def campaign(count: int, base: int, modes: tuple[str, ...], jobs: int) -> list[Verdict]:
    """Verdicts of `count` programs, beginning with seed `base`; replaced ones come on top."""
    verdicts: list[Verdict] = []
    tested, seed = 0, base
    with ThreadPoolExecutor(jobs) as pool:
        while tested < count:
            batch = range(seed, seed + min(count - tested, 20 * jobs))
            seed = batch.stop
            for verdict in pool.map(lambda s: judge(s, modes), batch):
                verdicts.append(verdict)
                tested += not verdict.replaced
                for difference in verdict.differences:
                    summary = difference.what.splitlines()[0][:200] if difference.what else ""
                    print(f"seed {verdict.seed}, {difference.mode}: {summary}", flush=True)
    return verdicts


def main() -> int:
    """Exit code: 0 no difference, 1 some, 2 nothing was shown."""
    parser = argparse.ArgumentParser(description="fuzz dsucc with Csmith's programs")
    parser.add_argument("-n", "--count", type=int, default=200, help="programs to test")
    parser.add_argument("--seed-base", type=int, default=1, help="first seed")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("--mode", choices=(*MODES, "both"), default="both")
    options = parser.parse_args()
    if not CSMITH_INCLUDE.is_dir():
        print("fuzz: csmith is missing: apt-get install csmith libcsmith-dev", file=sys.stderr)
        return 2
    modes = MODES if options.mode == "both" else (options.mode,)
    verdicts = campaign(options.count, options.seed_base, modes, options.jobs)
    differences = sum(len(v.differences) for v in verdicts)
    updates, blocked = sum(v.updates for v in verdicts), sum(v.blocked for v in verdicts)
    replaced = sum(v.replaced for v in verdicts)
    if differences:
        print(f"kept in {RESULTS.relative_to(ROOT)}/")
    print(f"fuzz: {updates} updates, {blocked} blocked, {replaced} seeds replaced (too slow)")
    print(f"fuzz: {len(verdicts) - replaced} programs, {differences} differences")
    if not updates and options.count:
        print("fuzz: no program was ever updated", file=sys.stderr)
        return 2
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
