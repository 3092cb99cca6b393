"""Sources that lie on this machine: tarballs as upstream releases them, and directories.

They are unpacked (copied) and patched once, into the cache, like Debian's.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from . import debian_patches
from .cache import filled
from .errors import SourceMissing
from .sources import Fetched, unpack
from .versions import DirectorySource, TarballSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .versions import Source

# Part of every key: raise it when the layout of an unpacked source changes.
LAYOUT = 1

_SUFFIX = re.compile(r"(\.tar(\.\w+)?|\.t[a-z0-9]+)$")
_NEVER_COPIED = shutil.ignore_patterns(".git", ".hg", ".svn")


@dataclass(frozen=True)
class Local:
    """A tarball or a directory, and the patches for it, as files."""

    path: Path
    sha256: str | None
    patches: tuple[Path, ...]


def local(source: Source, folder: Path) -> Local | None:
    """The files of a source that is to be found in `folder`; none of one that is fetched."""
    if isinstance(source, TarballSource):
        path, sha256 = folder / source.file, source.sha256
    elif isinstance(source, DirectorySource):
        path, sha256 = folder / source.path, None
    else:
        return None
    return Local(path, sha256, tuple(folder / name for name in source.patches))


def require(sources: Mapping[str, Source], folder: Path) -> None:
    """Raise SourceMissing with all that is missing or is not what the scenario says."""
    wrong: dict[str, None] = {}  # a set in order: versions share files
    for name, source in sources.items():
        found = local(source, folder)
        if found is not None:
            wanted_folder = isinstance(source, DirectorySource)
            wrong |= dict.fromkeys(_wrong(name, found, wanted_folder))
    if wrong:
        todo = "put it there under that name, or say which folder has it: --sources DIR"
        raise SourceMissing("\n".join([*wrong, f"Of what is missing: {todo}"]))


def _wrong(name: str, found: Local, wanted_folder: bool) -> Iterator[str]:
    if not (found.path.is_dir() if wanted_folder else found.path.is_file()):
        kind = "directory" if wanted_folder else "tarball"
        yield f"{found.path.parent} has no {kind} {found.path.name} (version {name})"
    elif found.sha256 is not None and (has := _sha256(found.path)) != found.sha256:
        yield (
            f"{found.path} has the SHA-256 {has}, and the scenario says {found.sha256} "
            f"(version {name}): it is another file"
        )
    for patch in found.patches:
        if not patch.is_file():
            yield f"{patch.parent} has no patch {patch.name} (version {name})"


def fetch(found: Local) -> Fetched:
    """The source, unpacked and patched; `require` has seen to its being there."""
    made_of = _digest_of_tree(found.path) if found.path.is_dir() else _sha256(found.path)
    digest = hashlib.sha256(made_of.encode())
    for patch in found.patches:
        digest.update(f"\n{patch.name}\n".encode() + patch.read_bytes())
    version = _SUFFIX.sub("", found.path.name)
    key = hashlib.sha256(f"{LAYOUT} {digest.hexdigest()}".encode()).hexdigest()[:12]
    home = filled("sources", f"{version}_{key}", partial(_fill, found, digest.hexdigest()))
    recorded = json.loads((home / "fetched.json").read_text())
    return Fetched(home / "tree", recorded["digest"], version, False, tuple(recorded["notes"]))


def _fill(found: Local, digest: str, work: Path) -> None:
    tree = work / "tree"
    if found.path.is_dir():
        shutil.copytree(found.path, tree, symlinks=True, ignore=_NEVER_COPIED)
    else:
        unpack(found.path, tree)
    notes = [note for patch in found.patches for note in debian_patches.apply(patch, tree)]
    recorded = {"from": found.path.name, "digest": digest, "notes": notes}
    (work / "fetched.json").write_text(json.dumps(recorded))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of_tree(tree: Path) -> str:
    """Names, contents, modes and links of all files, less those of version control."""
    digest = hashlib.sha256()
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree)
        if {".git", ".hg", ".svn"} & set(name.parts):
            continue
        if path.is_symlink():
            digest.update(f"{name}\0link {path.readlink()}\0".encode())
        elif path.is_file():
            mode = path.stat().st_mode & 0o111
            digest.update(f"{name}\0{mode} {_sha256(path)}\0".encode())
    return digest.hexdigest()
