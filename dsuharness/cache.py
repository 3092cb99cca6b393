"""The user's cache directory, and a lock for whoever fills it.

${XDG_CACHE_HOME:-~/.cache}/dsuharness/
    apt/SUITE/         private package lists of that suite
    sources/DIGEST/    unpacked, patched sources
    objects/            what dsucc has compiled, by content
    patches/KEY/        what dsupatch has made of two builds
    dockerd.log        what an engine started by us has said
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def cache_dir(*parts: str) -> Path:
    """Return the folder `parts` of the cache, created if it was not there."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(home, "dsuharness", *parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold the lock `name` among all processes of this cache; wait for it as long as it takes.

    The kernel drops the lock with the process, so a killed holder blocks nobody.
    """
    with (cache_dir("locks") / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def filled(kind: str, name: str, fill: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache's `kind`; `fill` makes its content where it is not there.

    It appears complete or not at all, and is filled once, whoever asks at the same time.
    """
    home = cache_dir(kind) / name
    with locked(f"{kind}-{name}"):
        if not home.is_dir():
            work = Path(tempfile.mkdtemp(prefix=".filling-", dir=home.parent))
            try:
                work.chmod(0o755)
                fill(work)
                work.rename(home)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                raise
    return home
