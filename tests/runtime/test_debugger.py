"""A debugger can set breakpoints in a program, and dsuctl notices what that does to its text."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.runtime.support import ctl, servers

if TYPE_CHECKING:
    from pathlib import Path


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
