"""All of PostgreSQL: built by dsucc in both capture modes, put through its own tests, and updated.

Its regression, isolation and pgbench tests must come out as on the plain build, test for test and
output for output. Then `postgres --single` runs the script of the identity updates with points
everywhere in the server, and a running server is updated under load (live.py), to itself and to
changed versions.
One line at the end: "postgresql: N results, D differences".
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dsuharness.subjects.postgresql import CHANGES
from tests import toolchain
from tests.postgresql import tree as trees
from tests.postgresql.live import live
from tests.postgresql.single import USER, Database, differences, place, unprivileged
from tests.postgresql.tree import Tree
from tests.toolchain import MODES

_RESULT = re.compile(r"^(?:test)? +(?P<name>\S+) +\.\.\. +(?P<result>ok|FAILED)", re.MULTILINE)
_RULE = re.compile(r"--+| {2,}")
_TAP = re.compile(r"^(?:not )?ok \d+.*$", re.MULTILINE)
SUITE_SECONDS = 3600


@dataclass(frozen=True)
class Suite:
    """A folder's `make check`; what the tests print lies in `results`."""

    name: str
    folder: str
    results: str


SUITES = (
    Suite("regression", "src/test/regress", "results"),
    Suite("isolation", "src/test/isolation", "output_iso/results"),
    Suite("pgbench", "src/bin/pgbench", ""),
)


def check(tree: Tree, suite: Suite) -> dict[str, str]:
    """What came out: each test's verdict, and each test's output."""
    folder = tree.source / suite.folder
    command = ["make", "-k", "check", "MAX_CONNECTIONS=6", "PROVE_FLAGS=--verbose"]
    done = subprocess.run(
        unprivileged(command), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=SUITE_SECONDS, check=False, env={**toolchain.clean_environment(), "HOME": "/tmp"},
    )  # fmt: skip
    said = done.stdout.decode(errors="replace")
    (tree.source.parent / f"{suite.name}.log").write_text(said)
    found = {f"{suite.name}: {m['name']}": m["result"] for m in _RESULT.finditer(said)}
    # Their names hold random seeds, process numbers, counts of a moment.
    plain = said.replace(str(tree.source.parent), "@TREE@")
    found |= {
        f"{suite.name}: line {i}": re.sub(r"\d+", "N", line)
        for i, line in enumerate(_TAP.findall(plain))
    }
    found[f"{suite.name}: make"] = f"exit {done.returncode}"
    if suite.results:
        for file in sorted((folder / suite.results).glob("*.out")):
            # Some tests show where files lie, in lines as wide as that.
            text = file.read_text(errors="replace").replace(str(tree.source.parent), "@TREE@")
            found[f"{suite.name}: output of {file.stem}"] = _RULE.sub("--", text)
    return found


def new_folder(folder: Path) -> Path:
    """Makes it, for the server's user to reach."""
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return folder.resolve()


def built(folder: Path, mode: str | None) -> Tree:
    """A whole tree in `folder`, owned by who runs its tests."""
    tree = trees.whole(folder, mode, "--enable-tap-tests")
    subprocess.run(["chown", "-R", USER, folder], check=True)
    return tree


def suites(tree: Tree) -> dict[str, str]:
    """The results of all suites."""
    out: dict[str, str] = {}
    for suite in SUITES:
        out |= check(tree, suite)
    return out


def compared(what: str, wanted: dict[str, str], got: dict[str, str]) -> int:
    """Prints what differs; gives how much."""
    different = sorted(k for k in wanted.keys() | got.keys() if wanted.get(k) != got.get(k))
    for key in different:
        texts = (str(r.get(key))[:100].replace("\n", " / ") for r in (wanted, got))
        print(f"{what}: {key}: wanted {next(texts)}, got {next(texts)}")
    return len(different)


def updates(base: Tree, tree: Tree, sample: int) -> tuple[int, int]:
    """Identity updates over the script: how many runs, how many differed."""
    folder = place("dsu-postgresql-data-")
    database = Database.create(base, folder)
    wanted = database.run(base)
    counted = database.updating(tree, "0")
    points = counted.counts.points if counted.counts else 0
    runs = ["0", *toolchain.schedules(points, str(tree.source), full=0, sample=sample)]
    differ = 0
    for at in runs:
        found = list(differences(wanted, database.updating(tree, at, timeout=1200)))
        differ += bool(found)
        for line in found:
            print(f"{tree.source}: DSU_UPDATE_AT={at}: {line}")
    shutil.rmtree(folder)
    return len(runs), differ


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modes", nargs="+", default=list(MODES), choices=MODES)
    parser.add_argument("--sample", type=int, default=30, help="single points to update at")
    parser.add_argument("--keep", type=Path, help="build in this new folder, and leave it there")
    given = parser.parse_args()
    folder = new_folder(given.keep) if given.keep else place("dsu-postgresql-all-")
    base = built(folder / "baseline", None)
    wanted = suites(base)
    results, differ = len(wanted), 0
    for mode in given.modes:
        tree = built(folder / mode, mode)
        differ += compared(mode, wanted, suites(tree))
        more, wrong = updates(base, tree, given.sample)
        results, differ = results + more, differ + wrong
        nexts = [None, *(trees.changed(tree, folder, mode, version) for version in CHANGES)]
        for following in nexts:
            said, troubles = live(base, tree, 7 if following else 8, following=following)
            print("\n".join([f"{mode}: {said}", *(f"{mode}: {trouble}" for trouble in troubles)]))
            results, differ = results + 1, differ + len(troubles)
    if not differ and not given.keep:
        shutil.rmtree(folder)
    print(f"postgresql: {results} results, {differ} differences")
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main())
