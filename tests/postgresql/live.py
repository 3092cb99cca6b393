"""Updates a running PostgreSQL server, postmaster and all, under pgbench's load.

    python tests/postgresql/run.py --keep FOLDER --modes MODE    builds the trees
    python tests/postgresql/live.py FOLDER --mode MODE           one line; exit 0 if all is well
    python tests/postgresql/live.py FOLDER --next answer         the same with a real next version

Without a next version the patches change nothing: what is shown is that every process can be
stopped, taken apart and rebuilt at any moment, with nobody losing a connection or a transaction.
With one it is built, and its patch applied, reverted, applied again and so on, while sessions that
were open before ask for the version all along: each must see it change with each update, once, and
never back. The clients are the plain build's. They must get on before and after each update; each
transaction that they were told of, and no other, must be in the tables at the end; each update must
go through at its first asking.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dsuharness.subjects.postgresql import CHANGES
from tests import toolchain
from tests.postgresql.single import place, unprivileged
from tests.postgresql.tree import Tree, changed, kept
from tests.runtime import support
from tests.toolchain import MODES

_DONE = re.compile(r"number of transactions actually processed: (\d+)")
_SUMS = (
    "select count(*), sum(delta), (select sum(abalance) from pgbench_accounts),"
    " (select sum(bbalance) from pgbench_branches), (select sum(tbalance) from pgbench_tellers)"
    " from pgbench_history"
)
_SERVER = "-c listen_addresses= -c jit=off -F -k"
_COUNTS = re.compile(r"(?<=s )(\d+)(?=,|$)", re.MULTILINE)  # what the next version has counted
_BETWEEN = 1.5  # seconds, before, between and after the updates
_AUXILIARY = 7  # postmaster, checkpointer, two writers, launchers, statistics


class Server:
    """A server of `tree`; database and clients are the plain build's."""

    def __init__(self, plain: Tree, tree: Tree, folder: Path) -> None:
        self.plain, self.tree, self.data = plain, tree, folder / "data"
        user = {"PGUSER": "tester", "PGDATABASE": "postgres", "PGHOST": str(folder)}
        library = str(plain.installed / "lib")
        self.env = {**os.environ, **user, "LC_ALL": "C", "LD_LIBRARY_PATH": library}
        self.run(
            "initdb", "-D", self.data, "-A", "trust", "-U", "tester", "--no-sync", "-E", "UTF8"
        )
        log = ("-l", self.data / "log", "-o", f"{_SERVER} {folder}")
        self.run("pg_ctl", "-D", self.data, "-w", "-p", tree.program("postgres"), *log, "start")
        self.pid = int((self.data / "postmaster.pid").read_text().split()[0])

    def command(self, name: str, *words: object) -> list[str]:
        return unprivileged([str(self.plain.program(name)), *map(str, words)])

    def run(self, name: str, *words: object) -> str:
        done = subprocess.run(
            self.command(name, *words), env=self.env, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        return done.stdout

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "fast", "stop")


def committed(server: Server) -> int:
    """Transactions so far."""
    return int(server.run("psql", "-Atc", "select count(*) from pgbench_history"))


class Identity:
    """Patches that change nothing, one after the other."""

    def __init__(self, base: str, folder: Path) -> None:
        self.version, self.folder = base, folder

    def update(self, server: Server, number: int) -> dict[str, Any]:
        """What dsuctl says; `version` is then what runs."""
        to, file = f"{number + 1:02x}" * 20, self.folder / f"patch-{number}"
        support.build_patch("empty_patch", file, old=self.version, new=to)
        answer = support.ctl("apply", server.pid, file, "--timeout", "10", "--json")
        self.version = self.version if answer.code else to
        return {**answer.json, "code": answer.code}


class ThereAndBack:
    """One patch, applied and reverted in turn."""

    def __init__(self, base: str, file: Path, to: str) -> None:
        self.version, self.file, self.versions = base, file, (base, to)

    def update(self, server: Server, number: int) -> dict[str, Any]:
        """What dsuctl says; `version` is then what runs."""
        words = ("revert", server.pid) if number % 2 else ("apply", server.pid, self.file)
        answer = support.ctl(*words, "--timeout", "10", "--json")
        if not answer.code:
            self.version = self.versions[1 - number % 2]
        return {**answer.json, "code": answer.code}


def patched(tree: Tree, following: Tree, file: Path) -> tuple[Path, str]:
    """A patch from one tree's server to another's, and the build-id that it leads to."""
    old, new = tree.program("postgres"), following.program("postgres")
    done = toolchain.dsupatch(old, new, "-o", file, timeout=600)
    assert done.code == 0, done.err
    return file, support.build_id(new)


class Watcher(threading.Thread):
    """A session that asks for the server's version until it is told to end."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server, self.seen, self.last, self.ends = server, [""], "", threading.Event()

    def run(self) -> None:
        """Notes each answer that is another than the one before; figures in it do not count."""
        with subprocess.Popen(
            self.server.command("psql", "-XAtq"), env=self.server.env, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as session:  # fmt: skip
            assert session.stdin
            assert session.stdout
            while not self.ends.wait(0.01):
                session.stdin.write("select version();\n")
                self.last = session.stdout.readline().rstrip("\n")
                said = _COUNTS.sub("N", self.last)
                if said != self.seen[-1]:
                    self.seen.append(said)
            session.stdin.close()

    def wrong(self, updates: int, plain: str) -> list[str]:
        """What its answers should not have been: old, new, old and so on, one for each update."""
        self.ends.set()
        self.join()
        old, new, *_ = [*self.seen[1:], "", ""]
        wanted = [new if i % 2 else old for i in range(updates + 1)]
        out = []
        if self.seen[1:] != wanted or old != plain or new == plain:
            out.append(f"a session saw {self.seen[1:]}")
        # The postmaster's count is what it was when the session began.
        counts = list(map(int, _COUNTS.findall(self.last)))
        if updates % 2 and not (len(counts) == 3 and counts[0] and counts[1] and not counts[2]):
            out.append(f"a session's new code has counted otherwise: {self.last}")
        return out


def wrong_with(server: Server, answer: dict[str, Any], version: str, clients: int) -> list[str]:
    """What one update has not come to."""
    out = [] if answer["code"] == 0 else [f"refused: {json.dumps(answer)}"]
    if not out and answer["tries"] != 1:
        out.append(f"{answer['tries']} tries")
    if not out and answer["processes"] < _AUXILIARY + clients:
        out.append(f"only {answer['processes']} processes")
    shown = json.dumps(support.ctl("status", server.pid, "--json").json)
    versions = set(re.findall(r'"version": "([0-9a-f]{40})"', shown))
    if versions != {version}:
        out.append(f"versions {sorted(versions)}, wanted {version}")
    return out


def under_load(
    server: Server, way: Identity | ThereAndBack, updates: int, count: int
) -> tuple[list[float], list[str]]:
    """Updates while the clients work: the pauses in microseconds, and what is wrong."""
    seconds = int((updates + 2) * (_BETWEEN + 1)) + 5
    pauses: list[float] = []
    wrong: list[str] = []
    load = ("-n", "-c", count, "-T", seconds)
    with subprocess.Popen(
        server.command("pgbench", *load), env=server.env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as clients:  # fmt: skip
        before = 0
        for i in range(updates + 1):
            time.sleep(_BETWEEN)
            now = committed(server)
            if now <= before:
                wrong.append(f"no transaction between update {i - 1} and {i}")
            before = now
            if i < updates:
                answer = way.update(server, i)
                pauses.append(float(answer.get("total_us", 0)))
                wrong += wrong_with(server, answer, way.version, count)
        if clients.poll() is not None:
            wrong.append("the clients ended before the last update")
        said = clients.communicate(timeout=seconds + 60)[0]
    done = _DONE.search(said)
    if clients.returncode or done is None or int(done[1]) != committed(server):
        wrong.append(f"the clients' transactions are not those of the server: {said}")
    return pauses, wrong


def live(
    plain: Tree, tree: Tree, updates: int = 8, clients: int = 8, following: Tree | None = None
) -> tuple[str, list[str]]:
    """Starts a server, updates it under load, stops it: one line for people, and what is wrong.

    `following` is what it becomes and was again, in turn; an odd number of updates ends there.
    """
    folder = place("dsu-postgresql-live-")
    patch = patched(tree, following, folder / "patch") if following else None
    server = Server(plain, tree, folder)
    server.run("pgbench", "-i", "-q", "-s", "2")
    base = support.build_id(tree.program("postgres"))
    way = ThereAndBack(base, *patch) if patch else Identity(base, folder)
    version = server.run("psql", "-Atc", "select version()").strip()
    watchers = [Watcher(server) for _ in range(2 if patch else 0)]
    for watcher in watchers:
        watcher.start()
    pauses, wrong = under_load(server, way, updates, clients)
    for watcher in watchers:
        wrong += watcher.wrong(updates, _COUNTS.sub("N", version))
    if following and updates % 2:
        newcomer = server.run("psql", "-Atc", "select version()")
        if not int(["0", *_COUNTS.findall(newcomer)][-1]):
            wrong.append(f"the postmaster's new code has counted nothing: {newcomer}")
    transactions, *sums = server.run("psql", "-Atc", _SUMS).strip().split("|")
    server.stop()
    if len(set(sums)) != 1 or not sums[0]:
        wrong.append(f"the tables' sums differ: {sums}")
    if not wrong:
        shutil.rmtree(folder)
    times = f"{min(pauses):.0f} to {max(pauses):.0f} us"
    return f"{updates} live updates, {times}; {transactions} transactions", wrong


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="with the trees that run.py has kept")
    parser.add_argument("--mode", default=MODES[0], choices=MODES)
    parser.add_argument("--next", choices=CHANGES, help="a version that follows")
    parser.add_argument("--updates", type=int, default=8)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    plain, tree = (kept(given.folder, name) for name in ("baseline", given.mode))
    following = changed(tree, given.folder, given.mode, given.next) if given.next else None
    said, wrong = live(plain, tree, given.updates, given.clients, following)
    for line in wrong:
        print(line)
    print(f"postgresql: {said}; {len(wrong)} things wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
