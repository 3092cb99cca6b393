#!/usr/bin/env python3
"""Random C programs, updated to themselves at random points, must print what gcc's build prints.

    python tests/fuzz/run.py -n 200 --seed-base 1 --jobs 2

Each program is made by Csmith from one seed (see generate.py), gets update points at the heads of
some of its blocks, is compiled by gcc and by dsucc in each mode, and is run as it is, updated at
several random points, and updated at every k-th. Everything follows from the seed.

A program counts only if it has been updated in each mode: one that passes no update point where
its blocks have them gets points at the entry of every function. One that gcc's build does not
finish in the time that it may take, or on which gcc's own builds disagree, is replaced by the
next seed. What differs is kept in results/fuzz/<seed>-<mode>/, with the command that shows it
again.
"""

from __future__ import annotations

import argparse
import random
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests import toolchain  # noqa: E402
from tests.fuzz.generate import CSMITH_INCLUDE, Program  # noqa: E402
from tests.toolchain import MODES, Hang, Outcome  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = ROOT / "results" / "fuzz"
RUN_SECONDS = 300.0
# Of processor time gcc takes half a minute for the largest; others may want the machine, too.
COMPILE_CPU, COMPILE_SECONDS = 120, 1800.0
UPDATES_A_RUN = 400
EVERYWHERE = "all"


@dataclass
class Difference:
    """A run that printed something else than gcc's program."""

    mode: str
    what: str
    command: list[str]


@dataclass
class Verdict:
    """What became of one seed; `replaced` says why it was not tested."""

    seed: int
    replaced: str = ""
    updates: int = 0
    blocked: int = 0
    differences: list[Difference] = field(default_factory=list)


class Differs(Exception):
    """The first thing that is wrong with a program in one mode."""


class Check:
    """One program in one mode, with update points at one setting."""

    def __init__(self, program: Program, mode: str, points: str, wanted: Outcome) -> None:
        self.program, self.mode, self.wanted = program, mode, wanted
        self.binary, self.command = program.compile(mode, points)
        self.updates = self.blocked = 0

    def compile(self) -> None:
        report = self.binary.with_suffix(".jsonl")
        done = toolchain.dsucc(
            f"--dsu-report={report}", *self.command, timeout=COMPILE_SECONDS, cpu=COMPILE_CPU
        )
        if done.code or done.err:
            raise Differs(f"compiler: exit {done.code}, {done.err}")
        # Csmith writes nothing that we leave untouched.
        untouched = [
            f"{r['name']}: {r['reason']}" for r in toolchain.read_report(report) if r["reason"]
        ]
        if untouched:
            raise Differs(f"compiler leaves functions untouched: {'; '.join(untouched[:3])}")

    def run(self, at: str) -> int:
        """Runs it with one schedule; gives the number of update points passed."""
        got = toolchain.run_updating(self.binary, at, timeout=RUN_SECONDS)
        is_reported = got.counts is not None or at == "0"
        if not got.same_as(self.wanted) or not is_reported:
            raise Differs(f"DSU_UPDATE_AT='{at}': {show(got)} instead of {show(self.wanted)}")
        if got.counts is None:  # nothing in it can reach an update point: it has no runtime
            return 0
        self.updates += got.counts.updates
        self.blocked += got.counts.blocked
        return got.counts.points

    def schedules(self, points: int) -> Iterator[str]:
        """Some single points, and every k-th so that a run has at most some hundred updates."""
        if not points:
            return
        draw = random.Random(f"dsu {self.program.seed} {self.mode}")
        yield from sorted({str(draw.randint(1, points)) for _ in range(5)})
        least = 1 + points // UPDATES_A_RUN
        yield f"*/{least}"
        yield f"*/{least + draw.randint(1, 9)}"

    def all(self) -> None:
        """Raises Differs or Hang."""
        self.compile()
        for at in self.schedules(self.run("0")):
            self.run(at)


def show(outcome: Outcome) -> str:
    return f"exit {outcome.code}, {outcome.out[-200:]!r} {outcome.err[-300:]!r}"


def check(program: Program, mode: str, wanted: Outcome, verdict: Verdict) -> None:
    """One mode; a program that is not updated there is tried again with points everywhere."""
    command: list[str] = []
    for points in dict.fromkeys((program.points, "loops", EVERYWHERE)):
        tried = Check(program, mode, points, wanted)
        command = tried.command
        try:
            tried.all()
        except (Differs, Hang) as found:
            verdict.differences.append(Difference(mode, str(found), tried.command))
            return
        verdict.updates += tried.updates
        verdict.blocked += tried.blocked
        if tried.updates:
            return
    verdict.differences.append(Difference(mode, "never updated", command))


def judge(seed: int, modes: tuple[str, ...]) -> Verdict:
    """Everything about one seed; keeps the folder if something differs."""
    verdict = Verdict(seed)
    with tempfile.TemporaryDirectory(prefix="dsu-fuzz-") as name:
        program = Program(seed, Path(name))
        try:
            program.generate()
        except Hang:
            verdict.replaced = "csmith does not end"
            return verdict
        baseline = program.baseline()
        if baseline.wanted is None:
            verdict.replaced = baseline.why
            return verdict
        for mode in modes:
            check(program, mode, baseline.wanted, verdict)
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
        f"csmith --seed {program.seed} {shlex.join(program.csmith)}\n"
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
            print(f"seeds {base} to {seed - 1}: {tested} of {count} programs tested", flush=True)
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
    replaced = Counter(v.replaced for v in verdicts if v.replaced)
    if differences:
        print(f"kept in {RESULTS.relative_to(ROOT)}/")
    reasons = "".join(f", {n} seeds replaced ({why})" for why, n in sorted(replaced.items()))
    print(f"fuzz: {updates} updates, {blocked} blocked{reasons}")
    print(f"fuzz: {len(verdicts) - replaced.total()} programs, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
