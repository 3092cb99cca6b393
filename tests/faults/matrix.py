"""Injecting one fault into one update, and looking at what is left of the program.

The faults are those of `runtime/src/fault.h`, as a dsuctl that was built with them prints it. After
each: one version everywhere, no connection lost but those of a process that the fault itself
killed, no zombie, nothing leaked, and the next update works.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import toolchain
from tests.runtime import support

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

HERE = Path(__file__).resolve().parent
FAULTS = support.RUNTIME / "build" / "faults"
TIMEOUT = "0.5"  # of the update that has the fault, seconds
ROUND = 3  # the rounds before make sure that all memory that an update needs is there
LEAK = 1 << 20
# Not a command of dsuctl's: `apply` by one that dies where the leader has to finish it.
ORPHANED, DEATH = "orphaned", "redirect:kill"
# The steps that an update forward has and the way back has not: there is no file.
FORWARD_ONLY = ("read", "placing")
# These only a process has that waits for UNROLL, as for `check`, or for the update of objects.
WAITS = ("unrolling", "waiting")


@dataclass(frozen=True)
class Fault:
    """Who fails at which step by what, in a program of how many processes."""

    who: str  # dsuctl, leader, follower
    step: str
    action: str
    command: str
    processes: int
    reverts: bool = False  # the update that fails is the way back
    converts: bool = False  # objects of the heap, to another type

    def __str__(self) -> str:
        way = ", revert" * self.reverts + ", with objects" * self.converts
        return f"{self.processes} processes, {self.who}.{self.step}:{self.action}{way}"

    @property
    def of_ctl(self) -> str:
        if self.who == "dsuctl":
            return f"{self.step}:{self.action}"
        return DEATH if self.command == ORPHANED else ""

    @property
    def of_program(self) -> str:
        round_ = ROUND + int(self.reverts)
        text = f"{self.who}.{self.step}:{self.action}@{round_}"
        return "" if self.who == "dsuctl" else text

    @property
    def words(self) -> list[str]:
        """What dsuctl is told before the program's pid."""
        if self.command in ("apply", ORPHANED):
            return ["revert" if self.reverts else "apply"]
        return [self.command]

    @property
    def versions(self) -> tuple[str, str]:
        """Before and after the update that has the fault."""
        return ("new", "old") if self.reverts else ("old", "new")

    @property
    def kills_a_process(self) -> bool:
        return self.who != "dsuctl" and self.action == "kill"


def build_runtime() -> None:
    """A libdsu and a dsuctl that have faults."""
    make = ["make", "-s", "-C", str(support.RUNTIME), "FAULTS=1"]
    subprocess.run(["flock", str(support.RUNTIME / "Makefile"), *make], check=True)


def all_faults(counts: Sequence[int], converts: bool = False) -> list[Fault]:
    """Every action at every step, in every role, for each number of processes."""
    table = subprocess.run([FAULTS / "dsuctl", "faults"], capture_output=True, check=True)
    found = []
    for row in table.stdout.decode().splitlines():
        who, step, command, *actions = row.split()
        command = "apply" if converts and step in WAITS else command
        for count in counts:
            roles = ["dsuctl"] if who == "dsuctl" else ["leader", "follower"][: min(count, 2)]
            if command == ORPHANED:
                roles = ["leader"]
            ways = [False]
            if command in ("apply", ORPHANED) and step not in FORWARD_ONLY:
                ways.append(True)
            found += [
                Fault(r, step, a, command, count, way, converts)
                for way in ways for r in roles for a in actions
            ]  # fmt: skip
    return found


class Built:
    """The program and the patch from its old version to its new one; the same with objects."""

    def __init__(self, folder: Path) -> None:
        build_runtime()
        self.plain = Versions(folder / "plain")
        self.converting = Versions(folder / "converting", "-DCONVERTS")

    def of(self, fault: Fault) -> Versions:
        return self.converting if fault.converts else self.plain


class Versions:
    """The program and the patch."""

    def __init__(self, folder: Path, *defines: str) -> None:
        for version in ("old", "new"):
            home = folder / version
            home.mkdir(parents=True)
            (home / "faulty.c").write_text((HERE / "faulty.c").read_text())
            define = [*defines, "-DNEW"] if version == "new" else defines
            made = toolchain.dsucc(
                "-O2", *define, "-o", "faulty", "faulty.c", cwd=home,
                env={"DSU_LIB": str(FAULTS / "libdsu.a")},
            )  # fmt: skip
            assert made.code == 0, made.err
        self.program = folder / "old" / "faulty"
        self.patch = folder / "patch"
        made = toolchain.dsupatch(self.program, folder / "new" / "faulty", "-o", self.patch)
        assert made.code == 0, made.err


class Family:
    """A running program, a socket to each of its processes, and what they have been asked."""

    def __init__(self, process: subprocess.Popen[bytes], sockets: list[socket.socket]) -> None:
        self.process, self.sockets = process, sockets
        self.session = process.pid
        self.asked = 0

    def living(self) -> list[int]:
        """Processes of it, zombies not among them, the first one first."""
        return [pid for pid, state in in_session(self.session) if state != "Z"]

    def ask(self) -> list[list[str]]:
        """What each says that still lives: version, requests, signals."""
        self.asked += 1
        replies = []
        for s in list(self.sockets):
            with suppress(ConnectionError):
                s.sendall(b"x")
        for s in list(self.sockets):
            try:
                said = s.recv(100).decode().split()
            except ConnectionError:
                said = []
            except TimeoutError:
                raise AssertionError(f"no reply\n{self.stacks()}") from None
            if said:
                replies.append(said)
            else:
                self.sockets.remove(s)
        assert all(int(r[1]) == self.asked for r in replies), (self.asked, replies)
        return replies

    def stacks(self) -> str:
        return "\n".join(support.stacks(pid) for pid in self.living())

    def expect(self, version: str, *, reject: str) -> None:
        replies = self.ask()
        assert replies
        assert all(r[0] == version for r in replies), replies
        assert not any(r[0] == reject for r in replies), replies

    def holds(self) -> dict[int, tuple[list[str], int, int]]:
        """Of each process: its descriptors, the number of its mappings, its memory in bytes."""
        return {pid: held_by(pid) for pid in self.living()}


def held_by(pid: int) -> tuple[list[str], int, int]:
    proc = Path(f"/proc/{pid}")
    links = [str(fd.readlink()) for fd in (proc / "fd").iterdir()]
    pages = int((proc / "statm").read_text().split()[0])
    return sorted(links), len((proc / "maps").read_text().splitlines()), pages * 4096


def in_session(session: int) -> list[tuple[int, str]]:
    """Pid and state of each process in a session, in the order of their pids."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                found.append((int(path.parent.name), fields[0]))
    return sorted(found)


@contextmanager
def family(program: Path, fault: Fault, log: Path) -> Iterator[Family]:
    pairs = [socket.socketpair() for _ in range(fault.processes)]
    theirs = [str(b.fileno()) for _, b in pairs]
    with log.open("wb") as said:
        process = subprocess.Popen(
            [str(program), *theirs],
            pass_fds=[b.fileno() for _, b in pairs],
            env=support.environment(fault.of_program),
            stderr=said,
            start_new_session=True,
        )
    for mine, his in pairs:
        his.close()
        mine.settimeout(support.DEADLINE)
    try:
        yield Family(process, [mine for mine, _ in pairs])
    finally:
        for mine, _ in pairs:
            mine.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def dsuctl(
    *words: object, fault: str = "", cwd: Path | None = None, meanwhile: Callable[[], object] = list
) -> support.Answer:
    """Run it in a session of its own, of which nothing may be left afterwards.

    One that stalls while the program waits is ended by its watchdog. If there is none any more the
    program must go on (`meanwhile`), and dsuctl is ended here.
    """
    process = subprocess.Popen(
        [str(FAULTS / "dsuctl"), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=support.environment(fault),
        start_new_session=True,
    )
    stalls = fault.endswith(":stall")
    try:
        out, err = process.communicate(timeout=4 if stalls else 30)
    except subprocess.TimeoutExpired:
        report = "" if stalls else support.stacks(process.pid)
        meanwhile()
        process.kill()
        out, err = process.communicate()
        assert stalls, f"dsuctl hangs\n{report}"
    wait_for(lambda: not in_session(process.pid), "dsuctl has left processes")
    return support.Answer(process.returncode, out, err)


def wait_for(done: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + support.DEADLINE
    while not done():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def inject(fault: Fault, every: Built) -> None:
    """Raise AssertionError if the fault does more harm than it may."""
    built = every.of(fault)
    with tempfile.TemporaryDirectory() as folder:
        log, empty = Path(folder) / "log", Path(folder) / "empty"
        empty.mkdir()
        with family(built.program, fault, log) as f:
            there_and_back(f, built.patch)
            before = f.holds()
            if fault.reverts:
                assert dsuctl("apply", f.living()[0], built.patch).code == 0
                f.expect("new", reject="old")
            more: list[object] = [] if fault.reverts else [built.patch]
            words = ["--count", 1] if fault.command == "probe" else more
            answer = dsuctl(
                *fault.words, f.living()[0], *words, "--timeout", TIMEOUT,
                fault=fault.of_ctl, cwd=empty, meanwhile=f.ask,
            )  # fmt: skip
            happened = answer.err + log.read_text()
            assert f"dsu: fault {fault.of_program or fault.of_ctl}" in happened, happened
            look(f, fault, answer, built.patch, before)
            assert list(empty.iterdir()) == []


def there_and_back(f: Family, patch: Path) -> None:
    f.expect("old", reject="new")
    answer = dsuctl("apply", f.living()[0], patch)
    assert answer.code == 0, answer
    f.expect("new", reject="old")
    answer = dsuctl("revert", f.living()[0])
    assert answer.code == 0, answer
    f.expect("old", reject="new")


def look(f: Family, fault: Fault, answer: support.Answer, patch: Path, before: Any) -> None:
    lost = int(fault.kills_a_process)
    wait_for(lambda: len(in_session(f.session)) == fault.processes - lost or
             bool(fault.who == "leader" and lost), "a zombie, or one too many died")  # fmt: skip
    if fault.processes == lost:
        f.process.wait(timeout=support.DEADLINE)
        assert f.process.returncode == -signal.SIGKILL
        assert answer.code in (0, 1, 3) or fault.of_ctl, answer
        return
    replies = f.ask()
    assert len(replies) == fault.processes - lost, (replies, answer)
    versions = {r[0] for r in replies}
    assert len(versions) == 1, (replies, answer)
    check_code(fault, answer, versions)
    signalled = sum(int(r[2]) for r in replies)
    assert signalled == int(fault.action == "signal" and fault.who != "dsuctl"), replies
    one_version(f, len(replies))
    if versions == {"new"}:
        reverted = dsuctl("revert", f.living()[0])
        assert reverted.code == 0, reverted
    there_and_back(f, patch)
    check_leaks(before, f.holds())


def check_code(fault: Fault, answer: support.Answer, versions: set[str]) -> None:
    """What dsuctl has said is what is the case."""
    if fault.command == ORPHANED:
        assert answer.code == -signal.SIGKILL, answer
        assert versions == {fault.versions[1]}, "it had been decided"
    elif fault.who == "dsuctl" and fault.action in ("kill", "stall", "signal"):
        ended_by = signal.SIGTERM if fault.action == "signal" else signal.SIGKILL
        assert answer.code == -ended_by, answer
    elif fault.command == "apply":
        assert versions == {fault.versions[answer.code == 0]}, (versions, answer)
        assert answer.code in (0, 1), answer
    else:
        assert versions == {"old"}
        assert answer.code in (0, 1), answer


def one_version(f: Family, count: int) -> None:
    status = dsuctl("status", f.living()[0], "--json")
    assert status.code == 0, status
    rows = status.json["processes"]
    assert len(rows) == count, rows
    assert {r["version"] for r in rows} == {status.json["version"]}, rows
    wait_for(lambda: all(r["state"] == "running" for r in
                         dsuctl("status", f.living()[0], "--json").json["processes"]),
             "not all run again")  # fmt: skip


def check_leaks(before: dict[int, Any], after: dict[int, Any]) -> None:
    for pid, (links, mappings, size) in after.items():
        links_before, mappings_before, size_before = before[pid]
        assert links == links_before, f"descriptors of {pid}"
        assert mappings == mappings_before, f"mappings of {pid}"
        assert size - size_before < LEAK, f"memory of {pid}"


def inject_all(faults: Sequence[Fault], built: Built, workers: int) -> list[str]:
    """Inject each into a program of its own. Returns what went wrong."""

    def one(fault: Fault) -> str:
        try:
            inject(fault, built)
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            return f"{fault}: {type(error).__name__}: {error}"
        return ""

    with ThreadPoolExecutor(workers) as pool:
        return [text for text in pool.map(one, faults) if text]
