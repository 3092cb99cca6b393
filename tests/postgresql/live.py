"""Updates a running PostgreSQL server, postmaster and all, under pgbench's load.

    python tests/postgresql/run.py --keep FOLDER --modes MODE    builds the trees
    python tests/postgresql/live.py FOLDER --mode MODE           one line; exit 0 if all is well

The patches change nothing: what is shown is that every process can be stopped, taken apart and
rebuilt at any moment, with nobody losing a connection or a transaction. The clients are the plain
build's; each transaction's amount must be in all four tables at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.postgresql.single import place, unprivileged
from tests.postgresql.tree import Tree
from tests.runtime import support
from tests.toolchain import MODES

_DONE = re.compile(r"number of transactions actually processed: (\d+)")
_SUMS = (
    "select count(*), sum(delta), (select sum(abalance) from pgbench_accounts),"
    " (select sum(bbalance) from pgbench_branches), (select sum(tbalance) from pgbench_tellers)"
    " from pgbench_history"
)
_SERVER = "-c listen_addresses= -c jit=off -F -k"
_QUIET_SECONDS = 1.0  # before, between and after the updates


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


def update(server: Server, folder: Path, count: int) -> list[dict[str, object]]:
    """One patch after the other; what dsuctl says of each."""
    at, out = support.build_id(server.tree.program("postgres")), []
    for i in range(count):
        to, file = f"{i + 1:02x}" * 20, folder / f"patch-{i}"
        support.build_patch("empty_patch", file, old=at, new=to)
        answer = support.ctl("apply", server.pid, file, "--timeout", "10", "--json")
        out.append({**answer.json, "code": answer.code})
        at = to if answer.code == 0 else at
        time.sleep(_QUIET_SECONDS)
    return out


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="with the trees that run.py has kept")
    parser.add_argument("--mode", default=MODES[0], choices=MODES)
    parser.add_argument("--updates", type=int, default=8)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    plain, tree = (
        Tree(given.folder / n / "source", given.folder / n / "installed")
        for n in ("baseline", given.mode)
    )
    folder = place("dsu-postgresql-live-")
    server = Server(plain, tree, folder)
    server.run("pgbench", "-i", "-q", "-s", "2")
    load = ("-n", "-c", given.clients, "-T", 3600)
    with subprocess.Popen(
        server.command("pgbench", *load), env=server.env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as clients:  # fmt: skip
        time.sleep(_QUIET_SECONDS)
        answers = update(server, folder, given.updates)
        lost = clients.poll() is not None
        clients.send_signal(signal.SIGINT)
        said = clients.communicate(timeout=60)[0]
    transactions, *sums = server.run("psql", "-Atc", _SUMS).strip().split("|")
    server.stop()
    refused = [a for a in answers if a["code"]]
    wrong = len(set(sums)) != 1
    for a in refused:
        print(json.dumps(a))
    if lost or wrong:
        print(said, (server.data / "log").read_text(), sums, sep="\n")
    else:
        shutil.rmtree(folder)
    times = sorted(float(str(a["total_us"])) for a in answers if not a["code"])
    print(
        f"postgresql: {len(times)} of {given.updates} updates of {answers[-1].get('processes')} "
        f"processes, {times[0]:.0f} to {times[-1]:.0f} us; {transactions} transactions, sums "
        f"{'differ' if wrong else 'agree'}, {'clients lost' if lost else 'no client lost'}"
        if times else "postgresql: no update was applied"
    )  # fmt: skip
    return int(bool(refused) or wrong or lost)


if __name__ == "__main__":
    sys.exit(main())
