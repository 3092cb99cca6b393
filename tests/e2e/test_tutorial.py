"""The tutorial's program goes through the tutorial's steps."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
DSUCTL = PROJECT / "runtime" / "build" / "dsuctl"


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def connect(port: int) -> socket.socket:
    deadline = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@pytest.mark.parametrize("capture", ["landing-pad", "flag-check"])
def test_the_tutorial_does_what_it_says(tmp_path: Path, capture: str) -> None:
    for version in ("1", "2"):
        shutil.copytree(PROJECT / "docs" / "tutorial" / version, tmp_path / version)
        flags = [f"--dsu-capture={capture}", "-O2", "-o", "tally"]
        run(BIN / "dsucc", *flags, "tally.c", cwd=tmp_path / version)
    run(BIN / "dsupatch", "1/tally", "2/tally", "-o", "tally.dsu", cwd=tmp_path)
    port = free_port()
    server = subprocess.Popen([tmp_path / "1" / "tally", str(port)])
    try:
        with connect(port) as client, client.makefile("rw") as stream:

            def say(text: str) -> str:
                stream.write(text + "\n")
                stream.flush()
                return stream.readline().strip()

            assert stream.readline() == "tally 1\n"
            assert say("one") == "1 lines"
            assert say("two") == "2 lines"
            applied = run(DSUCTL, "apply", server.pid, "tally.dsu", cwd=tmp_path)
            assert applied.startswith("applied: 2 processes")
            assert say("three") == "3 lines, 5 characters since the update, longest 5"
            assert say("a longer line") == ("4 lines, 18 characters since the update, longest 13")
    finally:
        server.kill()
        server.wait()
