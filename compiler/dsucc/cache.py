"""Objects that have been compiled before: kept in the folder that DSU_CACHE names.

Versions of a program differ in few files; whoever builds many of them compiles each file once. An
object's key is all that it is made of: the preprocessed text, the flags, gcc, and the compiler's
own modules. What gcc had to say of the source is kept beside it and said again.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .reach import include_dir


@dataclass(frozen=True)
class Kept:
    """A compilation: the object's bytes, the rows of its report, gcc's warnings."""

    data: bytes
    report: list[dict[str, object]]
    said: bytes


@dataclass(frozen=True)
class Entry:
    """One compilation's place in the cache; there may be nothing yet."""

    path: Path

    def load(self) -> Kept | None:
        """What is there; a damaged entry counts as none."""
        try:
            raw = self.path.read_bytes()
            digest, head, data = raw[:32], *_parts(raw[32:])
            if hashlib.sha256(raw[32:]).digest() != digest:
                return None
            row = json.loads(head)
        except (OSError, ValueError):
            return None
        return Kept(data, row["report"], row["said"].encode("utf-8", "surrogateescape"))

    def store(self, kept: Kept) -> None:
        """Whole or not at all; a full disk costs a compile next time, nothing else."""
        said = kept.said.decode("utf-8", "surrogateescape")
        head = json.dumps({"report": kept.report, "said": said}).encode()
        body = len(head).to_bytes(8, "little") + head + kept.data
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.path.parent, delete=False) as draft:
                draft.write(hashlib.sha256(body).digest() + body)
            Path(draft.name).replace(self.path)
        except OSError:
            return


def _parts(body: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(body[:8], "little")
    return body[8 : 8 + size], body[8 + size :]


def entry(gcc: str, words: list[str], text: str) -> Entry | None:
    """The place for `text` compiled with `words`; None where nothing is to be kept."""
    folder = os.environ.get("DSU_CACHE")
    if not folder or os.environ.get("DSU_KEEP"):
        return None
    digest = hashlib.sha256(_compiler(gcc))
    # Debug information says where the compiler stood.
    where = str(Path.cwd()) if any(w.startswith("-g") for w in words) else ""
    digest.update(json.dumps([words, where]).encode())
    digest.update(text.encode("utf-8", "surrogateescape"))
    name = digest.hexdigest()
    return Entry(Path(folder) / name[:2] / name[2:])


@functools.cache
def _compiler(gcc: str) -> bytes:
    """What tells this compiler from any other: gcc, and our modules and headers."""
    digest = hashlib.sha256()
    version = subprocess.run([gcc, "--version"], capture_output=True, check=False)
    digest.update(version.stdout)
    modules = [m for n, m in sorted(sys.modules.items()) if n.split(".")[0] in _IMPORTED]
    files = [Path(m.__file__) for m in modules if m.__file__]
    for path in [*files, *sorted(include_dir().glob("*.h"))]:
        digest.update(path.read_bytes())
    return digest.digest()


_IMPORTED = ("dsucc", "pycparser")
