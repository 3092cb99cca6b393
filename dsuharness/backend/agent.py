"""The resident of a world: runs things there on the harness's word.

Started as the first process of a container or of a PID namespace, by whatever
`python3` that world has, so it imports nothing but the standard library.  It
connects to the harness's socket and answers one JSON object a line.  When that
connection ends, for whatever reason, it exits, and the kernel takes down every
other process of the namespace with it: a killed harness leaves nothing behind.

A request is {"id": n, "op": name, …}; its answer {"id": n, "ok": value} or
{"id": n, "error": text}.  Times are CLOCK_MONOTONIC in nanoseconds, the same
clock as the harness's and the load generator's.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any


class Agent:
    """One connection to the harness, one thread a request."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.sending = threading.Lock()
        self.spawned: dict[int, subprocess.Popen[bytes]] = {}

    def serve(self) -> None:
        """Answer until the connection ends."""
        for line in self.connection.makefile("r", encoding="utf-8"):
            request = json.loads(line)
            threading.Thread(target=self.answer, args=(request,), daemon=True).start()

    def answer(self, request: dict[str, Any]) -> None:
        """Run one request and send what came of it."""
        number, op = request.pop("id"), request.pop("op")
        try:
            reply = {"id": number, "ok": getattr(self, "op_" + op)(**request)}
        except Exception as error:  # noqa: BLE001 - the harness decides what an error means
            reply = {"id": number, "error": f"{type(error).__name__}: {error}"}
        with self.sending:
            self.connection.sendall(json.dumps(reply).encode() + b"\n")

    def op_run(
        self, argv: list[str], env: dict[str, str], cwd: str, timeout: float
    ) -> dict[str, Any]:
        """Run to the end: {"code", "out", "err", "started_ns", "ended_ns", "cpu_ns"}.

        `cpu_ns` is the processor time of all children that ended meanwhile, so
        it is the command's own if nothing else ran.
        """
        used, started = _children_ns(), time.monotonic_ns()
        done = subprocess.run(
            argv,
            env={**os.environ, **env},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return {
            "code": done.returncode,
            "out": done.stdout.decode(errors="replace"),
            "err": done.stderr.decode(errors="replace"),
            "started_ns": started,
            "ended_ns": time.monotonic_ns(),
            "cpu_ns": _children_ns() - used,
        }

    def op_spawn(self, argv: list[str], env: dict[str, str], cwd: str, log: str) -> dict[str, Any]:
        """Start in the background with its output in `log`: {"pid"}."""
        with Path(log).open("ab") as sink:
            child = subprocess.Popen(
                argv,
                env={**os.environ, **env},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.spawned[child.pid] = child
        return {"pid": child.pid}

    def op_poll(self, pid: int) -> dict[str, Any]:
        """The exit code of something spawned, or null while it runs."""
        return {"code": self.spawned[pid].poll()}

    def op_write(self, path: str, text: str, mode: int) -> dict[str, Any]:
        """Put a text file where the subject will read it."""
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(mode)
        return {}

    def op_fill(self, path: str, size: int, seed: str, text: bool = False) -> dict[str, Any]:
        """Write `size` reproducible bytes, or lines of text: {"sha256"}."""
        digest = hashlib.sha256()
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as sink:
            for block in _stream(seed, size, text):
                sink.write(block)
                digest.update(block)
        target.chmod(0o644)
        return {"sha256": digest.hexdigest()}

    def op_sha256(self, path: str) -> dict[str, Any]:
        """Digest and size of a file: {"sha256", "size"}; null and 0 if there is none."""
        if not Path(path).is_file():
            return {"sha256": None, "size": 0}
        digest = hashlib.sha256()
        with Path(path).open("rb") as source:
            while block := source.read(1 << 20):
                digest.update(block)
        return {"sha256": digest.hexdigest(), "size": Path(path).stat().st_size}

    def op_family(self, pid: int) -> dict[str, Any]:
        """Every living process that descends from `pid`, itself included.

        A session whose parent died is handed to this process (PID 1), so
        processes of the same program count as family whoever their parent is.
        """
        every = {p["pid"]: p for p in map(_process, _pids()) if p is not None}
        program = every[pid]["exe"] if pid in every else None
        members = [p for p in every.values() if p["exe"] == program and program is not None]
        return {"processes": sorted(members, key=lambda p: int(p["pid"]))}


def _stream(seed: str, size: int, text: bool) -> Any:
    """`size` bytes of SHAKE-256, a mebibyte at a time; as text, in lines of 64."""
    for index in range(0, size, 1 << 20):
        shake = hashlib.shake_256(f"{seed}:{index}".encode())
        block = shake.digest(min(1 << 20, size - index))
        yield _lines(block) if text else block


def _lines(data: bytes) -> bytes:
    out = bytearray(data.translate(bytes(32 + i % 95 for i in range(256))))
    out[63::64] = b"\n" * len(out[63::64])
    return bytes(out)


def _children_ns() -> int:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round((usage.ru_utime + usage.ru_stime) * 1e9)


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208


def _process(pid: int) -> dict[str, Any] | None:
    """What /proc says of a living process; None if it is gone or a zombie."""
    folder = Path("/proc") / str(pid)
    try:
        stat = (folder / "stat").read_text().rpartition(")")[2].split()
        status = dict(
            line.split(":\t", 1)
            for line in (folder / "status").read_text().splitlines()
            if ":\t" in line
        )
        links = {name: os.readlink(folder / name) for name in ("exe", "root", "ns/pid", "ns/net")}  # noqa: PTH115
    except (FileNotFoundError, ProcessLookupError):
        return None
    if stat[0] in "ZX":
        return None
    return {
        "pid": pid,
        "parent": int(stat[1]),
        "state": stat[0],
        "started": int(stat[19]),
        "uid": int(status["Uid"].split()[0]),
        "seccomp": int(status.get("Seccomp", "0")),
        "exe": links["exe"],
        "root": links["root"],
        "pid_namespace": links["ns/pid"],
        "net_namespace": links["ns/net"],
    }


def main() -> None:
    """Connect to the harness at the socket given, and serve it."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    try:
        Agent(connection).serve()
    finally:
        # Not sys.exit: worker threads may still wait for children, which the
        # kernel kills once this process, the namespace's first, is gone.
        os._exit(0)


if __name__ == "__main__":
    main()
