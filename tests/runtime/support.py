"""Building the runtime's test programs and patches, and talking to a family of servers."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests import toolchain

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "runtime"
PROGRAMS = Path(__file__).resolve().parent / "programs"
# Another one to test: built with ASAN=1, for example.
DSUCTL = Path(os.environ.get("DSUCTL_UNDER_TEST", RUNTIME / "build" / "dsuctl"))
# The one that DSU_FAULT makes fail.
FAULTY = RUNTIME / "build" / "faults" / "dsuctl"
MAGIC = b"DSUPATCH1\n"
CFLAGS = [
    "-D_GNU_SOURCE",
    "-O2",
    "-g",
    "-fexceptions",
    "-fpatchable-function-entry=14,14",
    f"-I{RUNTIME}/include",
]
DEADLINE = 10.0


def build_program(name: str, to: Path) -> Path:
    """Compile programs/NAME.c against libdsu. Returns the executable."""
    library = RUNTIME / "build" / "libdsu.a"
    source = PROGRAMS / f"{name}.c"
    _cc([*CFLAGS, "-shared-libgcc", "-Wl,--build-id", str(source), str(library)], to)
    return to


def dsucc_program(name: str, folder: Path, mode: str, *flags: str) -> tuple[Path, Path]:
    """Compile programs/NAME.c with dsucc. Returns it and a patch for it that changes nothing."""
    program = folder / f"{name}-{mode}"
    source = PROGRAMS / f"{name}.c"
    include = f"-I{RUNTIME}/include"
    made = toolchain.dsucc(f"--dsu-capture={mode}", "-O2", include, *flags, "-o", program, source)
    assert made.code == 0, made.err
    empty = folder / f"empty-{name}-{mode}"
    return program, build_patch("empty_patch", empty, old=build_id(program), new="11" * 20)


def build_patch(name: str, to: Path, *, old: str, new: str, **defines: str | int) -> Path:
    """Link programs/NAME.c as a patch from build-id `old` to `new` (hexadecimal)."""
    flags = [f"-D{k}={v}" for k, v in {"FROM": _bytes(old), "TO": _bytes(new), **defines}.items()]
    link = [f"-Wl,-T,{RUNTIME}/patch.ld", "-Wl,-z,norelro", "-Wl,-z,undefs", "-Wl,--build-id"]
    source = str(PROGRAMS / f"{name}.c")
    _cc([*CFLAGS, "-fPIC", "-shared", "-nostdlib", *link, *flags, source], to)
    seal(to, to.read_bytes())
    return to


def seal(path: Path, image: bytes) -> Path:
    """Write an image with the trailer that makes it a patch file."""
    path.write_bytes(image + hashlib.sha256(image).digest() + MAGIC)
    path.chmod(0o644)
    return path


def build_id(program: Path) -> str:
    """Return the GNU build-id of an ELF file, hexadecimal."""
    notes = subprocess.run(
        ["readelf", "-n", program], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"Build ID: (\w+)", notes)
    assert found, notes
    return found[1]


def _cc(arguments: list[str], to: Path) -> None:
    command = ["gcc", *arguments, "-o", str(to)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"


def _bytes(build_id_hex: str) -> str:
    return "{" + ",".join(f"0x{b:02x}" for b in bytes.fromhex(build_id_hex)) + "}"


@dataclass(frozen=True)
class Answer:
    """What dsuctl said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def ctl(*arguments: object, fault: str = "", user: int | None = None, **more: str) -> Answer:
    """Run dsuctl to its end, whatever that is. `more`: of its environment."""
    done = subprocess.run(
        [str(FAULTY if fault else DSUCTL), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=environment(fault, **more),
        user=user,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def environment(fault: str = "", **more: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("DSU_")}
    clean["DSU_AUDIT"] = str(toolchain.AUDIT)
    return {**clean, **({"DSU_FAULT": fault} if fault else {}), **more}


@contextmanager
def waiting(program: Path, *words: object, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run one that says "ready" before it waits; it ends with the block."""
    process = subprocess.Popen(
        [str(program), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(**more),
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def interrupt(process: subprocess.Popen[bytes], empty: Path, times: int) -> None:
    """Take it apart, and put it together again, so many times."""
    for _ in range(times):
        answer = ctl("check", process.pid, empty, "--json")
        assert answer.code == 0, answer
        time.sleep(0.02)


def interrupt_until(process: subprocess.Popen[bytes], empty: Path, end: float) -> None:
    """The same until `end`, by the monotonic clock, as often as it succeeds."""
    done = 0
    while time.monotonic() < end:
        done += ctl("check", process.pid, empty).code == 0
        time.sleep(0.02)
    assert done, "the wait was over before it could be updated"


def stacks(pid: int) -> str:
    """Return the stack of a process, for the report of a hang."""
    done = subprocess.run(
        ["gdb", "-p", str(pid), "-batch", "-ex", "thread apply all bt 30"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.stdout[-3000:]


@dataclass(frozen=True)
class Others:
    """A user who is not root, and a folder of his; ourselves if we are not root."""

    user: int | None
    home: Path

    def copy(self, path: Path) -> Path:
        """Give him a file of his own."""
        to = Path(shutil.copy(path, self.home))
        if self.user is not None:
            os.chown(to, self.user, self.user)
        return to


class Servers:
    """A running family, and one socket to each of its processes."""

    def __init__(self, process: subprocess.Popen[bytes], sockets: list[socket.socket]) -> None:
        self.process = process
        self.sockets = sockets
        self.pid = process.pid

    def ask(self, which: range | None = None) -> list[str]:
        """Ask each for a reply. All asked before any is read: they work at once."""
        chosen = [self.sockets[i] for i in which or range(len(self.sockets))]
        for s in chosen:
            s.sendall(b"x\n")
        return [self._reply(s) for s in chosen]

    def _reply(self, s: socket.socket) -> str:
        try:
            return s.recv(200).decode().strip()
        except TimeoutError:
            status = ctl("status", self.pid)
            msg = f"no reply\n{status.out}{status.err}\n{stacks(self.pid)}"
            raise AssertionError(msg) from None

    def expect(self, version: str, *, reject: str) -> None:
        """All answer as `version`, none as `reject`."""
        replies = self.ask()
        assert all(r.startswith(version + " ") for r in replies), replies
        assert not any(r.startswith(reject + " ") for r in replies), replies


@contextmanager
def servers(
    program: Path, count: int, *options: str, user: int | None = None, **more: str
) -> Iterator[Servers]:
    """Run family.c with `count` processes; all of them end with the block."""
    pairs = [socket.socketpair() for _ in range(count)]
    theirs = [str(b.fileno()) for _, b in pairs]
    process = subprocess.Popen(
        [str(program), *options, *theirs],
        pass_fds=[b.fileno() for _, b in pairs],
        env=environment("", **more),
        user=user,
        start_new_session=True,
    )
    for mine, his in pairs:
        his.close()
        mine.settimeout(DEADLINE)
    try:
        yield Servers(process, [mine for mine, _ in pairs])
    finally:
        for mine, _ in pairs:
            mine.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
