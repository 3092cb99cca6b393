"""The sources of subjects: fetched from where they are published, cached by digest.

`python -m dsuharness.sources PACKAGE VERSION SUITE [PATCH...]` prints the folder
of the unpacked and patched source.  Nothing of it is kept in this project.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from dsuharness import debian_patches
from dsuharness.cache import filled
from dsuharness.debian_archive import Suite, same_series
from dsuharness.errors import HarnessError, InfrastructureError, InvalidScenario, SourceMissing

# Part of every cache key: raise it when the layout of an unpacked source changes.
LAYOUT = 1


@dataclass(frozen=True)
class Taken:
    """Files of another version of the same package, in place of one's own or new."""

    version: str
    suite: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class SourceSpec:
    """A source package: what to fetch, and which of its own patches to apply.

    `version` is Debian's in full (`3.0.5-0.2`); `patches` are names in
    `debian/patches`, applied in this order to the pristine upstream source, into
    which first the files of `takes` are copied, in this order, too.
    With `fallback`, the newest version of the same upstream series that the
    suite has stands in for one that it no longer has.
    """

    package: str
    version: str
    suite: str
    patches: tuple[str, ...] = ()
    fallback: bool = False
    kind: Literal["debian"] = "debian"
    takes: tuple[Taken, ...] = ()


@dataclass(frozen=True)
class Fetched:
    """An unpacked source.

    `path` is shared by all who ask for it: copy it before building.  `digest`
    is the SHA-256 over the tarballs and patches that it was made of.  `notes`
    say which parts of patches (documentation, build files) did not apply.
    """

    path: Path
    digest: str
    version: str
    used_fallback: bool
    notes: tuple[str, ...] = ()


def fetch(spec: SourceSpec) -> Fetched:
    """Return the source that `spec` names, from the cache if it is there.

    Raises SourceMissing if neither the version nor (with `fallback`) one of its
    series is to be had, InvalidScenario if a patch is unknown or does not apply.
    """
    try:
        return _fetch_version(spec, spec.version)
    except SourceMissing:
        stand_in = _newest_of_series(spec) if spec.fallback else None
        if stand_in is None:
            raise
    return _fetch_version(spec, stand_in)


def _newest_of_series(spec: SourceSpec) -> str | None:
    candidates = Suite(spec.suite).versions(spec.package)
    return next((v for v in candidates if same_series(v, spec.version)), None)


def _fetch_version(spec: SourceSpec, version: str) -> Fetched:
    # A Debian version names the same files in every suite, so the suite is not in the key.
    made_of: list[object] = [LAYOUT, spec.package, version, spec.patches]
    if spec.takes:
        made_of.append([asdict(taken) for taken in spec.takes])
    key = hashlib.sha256(json.dumps(made_of).encode())
    name = f"{spec.package}_{version.replace(':', '%3a')}_{key.hexdigest()[:12]}"
    home = filled("sources", name, partial(_fill, spec, version))
    recorded = json.loads((home / "fetched.json").read_text())
    return Fetched(
        path=home / "tree",
        digest=recorded["digest"],
        version=version,
        used_fallback=version != spec.version,
        notes=tuple(recorded["notes"]),
    )


def _fill(spec: SourceSpec, version: str, work: Path) -> None:
    """Fetch, unpack and patch into `work`."""
    files, tree = work / "files", work / "tree"
    files.mkdir()
    description = Suite(spec.suite).download(spec.package, version, files)
    tarballs = verified_tarballs(description)
    _unpack(tarballs, tree, work / "packaging")
    for taken in spec.takes:
        _take(spec, taken, tree, tarballs)
    digest, notes = _patch(spec, tree, work / "packaging", tarballs)
    (work / "fetched.json").write_text(
        json.dumps({**asdict(spec), "version": version, "digest": digest, "notes": notes})
    )
    shutil.rmtree(files)


def _take(spec: SourceSpec, taken: Taken, tree: Path, made_of: dict[str, str]) -> None:
    """Copy files of another version into `tree`, and add what they are to `made_of`."""
    other = fetch(SourceSpec(spec.package, taken.version, taken.suite, fallback=spec.fallback))
    missing = [name for name in taken.files if not (other.path / name).is_file()]
    if missing:
        has = f"{spec.package} {other.version} has no file"
        raise InvalidScenario([f"{has} '{name}' that could be taken" for name in missing])
    for name in taken.files:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(other.path / name, tree / name)
    made_of[f"{taken.version}: {' '.join(taken.files)}"] = f"{other.digest} {taken.files}"


def verified_tarballs(description: Path) -> dict[str, str]:
    """Return path → SHA-256 of the files that a `.dsc` lists, each checked against it."""
    text = description.read_text(encoding="utf-8", errors="replace")
    section = re.search(r"^Checksums-Sha256:\n((?: .*\n)+)", text, re.MULTILINE)
    if section is None:
        raise InfrastructureError(f"{description.name} lists no SHA-256 checksums")
    tarballs: dict[str, str] = {}
    for line in section[1].splitlines():
        expected, _size, name = line.split()
        path = description.parent / name
        if not path.is_file():
            raise SourceMissing(f"{description.name} lists {name}, which was not downloaded")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise InfrastructureError(f"{name} differs from what {description.name} says of it")
        tarballs[str(path)] = expected
    return tarballs


def _unpack(tarballs: dict[str, str], tree: Path, packaging: Path) -> None:
    """Unpack the upstream source to `tree` and `debian/` to `packaging`."""
    for path in map(Path, tarballs):
        if path.suffix == ".asc":
            continue  # upstream's signature; the .dsc's checksums hold for it, too
        if ".orig.tar." in path.name:
            unpack(path, tree)
        elif ".debian.tar." in path.name:
            unpack(path, packaging)
        elif re.search(r"\.tar\.\w+$", path.name) and ".orig-" not in path.name:
            unpack(path, tree)  # a native package: one tarball, no patches
    if not tree.is_dir():
        raise InfrastructureError(f"no upstream source among {', '.join(tarballs)}")


def unpack(archive: Path, into: Path) -> None:
    """Unpack a tarball, less its outermost folder, to `into`, which is made."""
    into.mkdir()
    result = subprocess.run(
        ["tar", "-xf", archive, "-C", into, "--strip-components=1", "--no-same-owner"],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise InfrastructureError(f"cannot unpack {archive.name}: {result.stderr.strip()}")


def _patch(
    spec: SourceSpec, tree: Path, packaging: Path, tarballs: dict[str, str]
) -> tuple[str, list[str]]:
    digest = hashlib.sha256("\n".join(sorted(tarballs.values())).encode())
    notes: list[str] = []
    for name in spec.patches:
        patch = debian_patches.find(packaging / "patches", name)
        notes += debian_patches.apply(patch, tree)
        digest.update(f"\n{name}\n".encode() + patch.read_bytes())
    return digest.hexdigest(), notes


def main(arguments: list[str] | None = None) -> int:
    """Fetch the source that the command line names; print its folder."""
    parser = argparse.ArgumentParser(prog="python -m dsuharness.sources", description=main.__doc__)
    parser.add_argument("package")
    parser.add_argument("version", help="Debian's version in full, such as 3.0.5-0.2")
    parser.add_argument("suite")
    parser.add_argument("patches", nargs="*", metavar="PATCH", help="a name in debian/patches")
    parser.add_argument("--fallback", action="store_true", help="a newer release may stand in")
    given = parser.parse_args(arguments)
    spec = SourceSpec(
        given.package, given.version, given.suite, tuple(given.patches), given.fallback
    )
    try:
        fetched = fetch(spec)
    except HarnessError as error:
        sys.stderr.write(f"sources: {error}\n")
        return int(error.exit_code)
    for note in fetched.notes:
        sys.stderr.write(f"sources: {note}\n")
    sys.stdout.write(f"{fetched.path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
