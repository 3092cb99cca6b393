"""Updates there and back under load, as many as are asked for; not a reply may be missing.

    python tests/runtime/endure.py --updates 10000

A client asks each thread of a family of processes all the time and counts: each reply has to have
the number of its request, and the version that the program has had since the request. Ends with the
line `endure: N updates, R replies, L lost`; exit code 1 if one was.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.runtime import steady  # noqa: E402
from tests.runtime.support import ctl  # noqa: E402


class Client(threading.Thread):
    """Asks one thread of the program until it is told to stop; counts what is wrong."""

    def __init__(self, to: socket.socket) -> None:
        super().__init__(daemon=True)
        self.to, self.stop, self.replies, self.lost = to, False, 0, 0

    def run(self) -> None:
        while not self.stop:
            self.to.sendall(b"x")
            try:
                version, number = self.to.recv(100).split()[:2]
            except (OSError, ValueError):
                self.lost += 1
                return
            self.replies += 1
            self.lost += int(number) != self.replies or version not in (b"old", b"new")


def update(pid: int, patch: Path, updates: int) -> int:
    """Go forward and back by turns; how many updates were done."""
    for i in range(updates):
        words = ["revert", pid] if i % 2 else ["apply", pid, patch]
        answer = ctl(*words, "--timeout", 20)
        if answer.code:
            print(f"update {i}: {answer.err}")
            return i
    return updates


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=2, help="of each process")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program, patch = steady.build(Path(folder), "landing-pad")
        with steady.running(program, options.processes, options.threads) as t:
            clients = [Client(s) for s in t.sockets]
            for c in clients:
                c.start()
            done = update(t.pid, patch, options.updates)
            for c in clients:
                c.stop = True
            for c in clients:
                c.join(timeout=20)
            stuck = sum(c.is_alive() for c in clients)
    replies, lost = sum(c.replies for c in clients), sum(c.lost for c in clients) + stuck
    print(f"endure: {done} updates, {replies} replies, {lost} lost")
    return 0 if done == options.updates and not lost and replies > done else 1


if __name__ == "__main__":
    raise SystemExit(main())
