"""A debugger can set breakpoints in a program, and dsuctl notices what that does to its text."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.runtime import support
from tests.runtime.support import ctl, servers

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_breakpoints_work_and_forbid_updates(family: Path, patch: Path) -> None:
    with servers(family, 1) as s:
        s.ask()
        commands = ["-ex", "break reply", "-ex", "continue", "-ex", "bt 1"]
        gdb = subprocess.Popen(
            ["gdb", "-p", str(s.pid), "-batch", *commands],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert gdb.stdout
        for line in gdb.stdout:
            if "Breakpoint 1 at" in line:
                break
        # Until gdb lets the program go on, the byte waits in the socket.
        s.sockets[0].sendall(b"x\n")
        out, _ = gdb.communicate(timeout=30)
        assert "Breakpoint 1, reply" in out, out
        assert s.sockets[0].recv(100).startswith(b"old ")
        answer = ctl("apply", s.pid, patch, "--json")
        assert answer.code == 1, answer
        assert "a debugger has changed its code" in answer.json["reason"]
        s.expect("old", reject="new")


class Gdb:
    """A debugger that is attached, and takes commands."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.pid = process.pid

    def say(self, *commands: str, until: str) -> None:
        """Type commands, and read on until a line has the text."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("".join(f"{c}\n" for c in commands))
        self.process.stdin.flush()
        for line in self.process.stdout:
            if until in line:
                return
        raise AssertionError(until)

    def leave(self) -> None:
        self.say("detach", until="detached]")


@contextmanager
def attached(pid: int) -> Iterator[Gdb]:
    process = subprocess.Popen(
        ["gdb", "-q", "-nx", "-p", str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        gdb = Gdb(process)
        gdb.say("set confirm off", "echo here\\n", until="here")
        yield gdb
    finally:
        process.kill()
        process.communicate()


def wait_for_state(pid: int, state: str) -> None:
    end = time.monotonic() + support.DEADLINE
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != state:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_debugger_holds_it(family: Path, patch: Path) -> None:
    """Refused at once, the others need not wait; afterwards all is well."""
    with servers(family, 3) as s:
        s.ask()
        with attached(s.pid) as gdb:
            for command in (["apply", s.pid, patch], ["revert", s.pid], ["check", s.pid, patch]):
                begun = time.monotonic()
                answer = ctl(*command, "--json", "--timeout", "20")
                assert time.monotonic() - begun < 10
                assert answer.code == 1, answer
                held = f"process {s.pid} is stopped by gdb (pid {gdb.pid})"
                assert held in answer.json["reason"] or "no patch is in force" in answer.out
            assert [r.split()[0] for r in s.ask(range(1, 3))] == ["old"] * 2
            gdb.leave()
            s.expect("old", reject="new")
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")


def test_a_debugger_stops_at_the_request(family: Path, patch: Path) -> None:
    """It says what to tell gdb; told so, gdb does not disturb."""
    with servers(family, 3) as s:
        s.ask()
        with attached(s.pid) as gdb:
            gdb.say("continue", until="Continuing.")
            wait_for_state(s.pid, "S")
            answer = ctl("apply", s.pid, patch, "--json", "--timeout", "1")
            assert answer.code == 1, answer
            assert f"process {s.pid} is stopped by gdb (pid {gdb.pid})" in answer.json["reason"]
            told = answer.json["reason"].partition("unless told: ")[2].splitlines()[0]
            assert told.startswith("handle SIG"), answer
            assert [r.split()[0] for r in s.ask(range(1, 3))] == ["old"] * 2
            gdb.say(told, "continue", until="Continuing.")
            wait_for_state(s.pid, "S")
            s.expect("old", reject="new")
            answer = ctl("apply", s.pid, patch, "--json")
            assert answer.code == 0, answer
            s.expect("new", reject="old")
            os.kill(gdb.pid, signal.SIGINT)
            gdb.leave()
            s.expect("new", reject="old")
        assert ctl("revert", s.pid).code == 0
        s.expect("old", reject="new")


def test_a_signal_holds_it(family: Path, patch: Path) -> None:
    with servers(family, 2) as s:
        s.ask()
        os.kill(s.pid, signal.SIGSTOP)
        wait_for_state(s.pid, "T")
        answer = ctl("apply", s.pid, patch, "--json", "--timeout", "20")
        assert answer.code == 1, answer
        assert f"process {s.pid} is stopped by a signal" in answer.json["reason"]
        os.kill(s.pid, signal.SIGCONT)
        assert ctl("apply", s.pid, patch).code == 0
        s.expect("new", reject="old")
