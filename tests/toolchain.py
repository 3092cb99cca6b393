"""Compiling with gcc and with dsucc, and running what comes out; shared by tests and the fuzzer."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[1]
INCLUDE = ROOT / "runtime" / "include"
AUDIT = ROOT / "runtime" / "build" / "audit.jsonl"
MODES = ("landing-pad", "flag-check")
_COUNTS = re.compile(r"^dsu: (\d+) updates, (\d+) blocked, (\d+) points$", re.MULTILINE)


class Hang(Exception):
    """A program ran longer than it may; the text holds its stacks."""


@dataclass(frozen=True)
class Outcome:
    """What a run left: exit code (negative: signal), standard output, standard error."""

    code: int
    out: bytes
    err: str

    @property
    def counts(self) -> Counts | None:
        """What the runtime reported at exit; None if the program did not leave by exit()."""
        found = _COUNTS.search(self.err)
        return Counts(*map(int, found.groups())) if found else None

    def same_as(self, other: Outcome) -> bool:
        return (self.code, self.out) == (other.code, other.out)


@dataclass(frozen=True)
class Counts:
    """Identity updates done, found impossible at that point, and update points passed."""

    updates: int
    blocked: int
    points: int


def clean_environment() -> dict[str, str]:
    """Ours, less what makes a program update itself; the machine's audit log is not for tests."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DSU_UPDATE")}
    return {"DSU_AUDIT": str(AUDIT), **clean}


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 20,
    stdin: bytes = b"",
    stacks: bool = True,
) -> Outcome:
    """Run a command in a process group of its own. Raises Hang, with the stacks of all threads."""
    process = subprocess.Popen(
        [str(a) for a in argv],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env={**clean_environment(), "LC_ALL": "C", **(env or {})},
        start_new_session=True,
    )
    try:
        out, err = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired:
        found = _stacks(process.pid) if stacks else ""
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        words = " ".join(str(a) for a in argv)
        tail = err[-2000:].decode(errors="replace")
        raise Hang(f"{words} still runs after {timeout} s\n{found}\n{tail}") from None
    return Outcome(process.returncode, out, err.decode(errors="replace"))


def _stacks(pid: int) -> str:
    command = ["gdb", "-p", str(pid), "-batch", "-nx", "-ex", "thread apply all bt 40"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no stacks: {error}"
    lines = done.stdout.decode(errors="replace").splitlines()
    return "\n".join(line for line in lines if line.startswith(("#", "Thread")))


def gcc(*words: str | Path, **options: object) -> Outcome:
    """Run gcc."""
    return run(["gcc", *words], **options)  # type: ignore[arg-type]


def dsucc(*words: str | Path, **options: object) -> Outcome:
    """Run dsucc: of this checkout, whatever else is installed."""
    given = options.pop("env", None)
    path = os.pathsep.join(filter(None, [str(ROOT / "compiler"), os.environ.get("PYTHONPATH")]))
    env = {"PYTHONPATH": path, **(given if isinstance(given, dict) else {})}
    options.setdefault("timeout", 120)
    cpu = options.pop("cpu", None)  # seconds of processor time
    limited = ["prlimit", f"--cpu={cpu}"] if cpu else []
    return run([*limited, sys.executable, "-m", "dsucc.cli", *words], env=env, **options)  # type: ignore[arg-type]


def dsupatch(*words: str | Path, timeout: float = 60) -> Outcome:
    """Run dsupatch of this checkout."""
    path = os.pathsep.join(filter(None, [str(ROOT / "compiler"), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", "dsucc.patch_cli", *words]
    return run(command, env={"PYTHONPATH": path}, timeout=timeout)


def read_report(path: Path) -> list[dict[str, object]]:
    """The rows of a build report; none if no function came into question."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def run_updating(
    program: Path, at: str, timeout: float = 20, runner: Sequence[str] = ()
) -> Outcome:
    """Run a program that updates itself to itself at `at` (see DSU_UPDATE_AT)."""
    return run([*runner, program], env={"DSU_UPDATE_AT": at, "DSU_REPORT": "1"}, timeout=timeout)


def schedules(points: int, seed: str, full: int = 40, sample: int = 12) -> list[str]:
    """Values of DSU_UPDATE_AT for a program that passes `points` update points.

    All of them one by one while there are few; otherwise the first, the last and a seeded sample.
    Then every one, every third, every seventh of a run, each of them at most some thousand times.
    """
    if points <= full:
        single = list(range(1, points + 1))
    else:
        chosen = random.Random(seed).sample(range(1, points + 1), sample)
        single = sorted({1, 2, 3, points // 2, points - 1, points, *chosen})
    least = 1 + points // 3000
    return [str(k) for k in single] + [f"*/{least * k}" for k in (1, 3, 7)]
