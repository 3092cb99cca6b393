"""The project's own tools as a world sees them.

A snapshot, not the checkout: a tool that is edited while a run goes on must not
change under it, and its digest is part of every build's key.  Its layout is the
checkout's, so the tools find each other as they do there:

    bin/{python,dsupatch}  starters, with the module paths in them
    compiler/dsucc/        the compiler's source
    compiler/launch/       its launcher, which spares make a start of Python for each file
    site/                  the pure Python packages that it imports
    runtime/               libdsu and dsuctl

What is in C is built in the world where it will run.
"""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from .backend.world import Mount, WorldSpec
from .cache import filled
from .errors import ToolMissing
from .places import PROJECT

if TYPE_CHECKING:
    from .backend import Backend

TARGET = "/dsu/toolchain"
ROOTS = ("compiler", "runtime")
IMPORTS = ("pycparser", "elftools", "yaml")
NOT_SOURCES = {"build", "__pycache__"}

DSUCC = f"{TARGET}/compiler/launch/build/dsucc"
DSUPATCH = f"{TARGET}/bin/dsupatch"
DSUCTL = f"{TARGET}/runtime/build/dsuctl"

MAKES = (
    ("make", "-C", f"{TARGET}/runtime"),
    ("make", "-C", f"{TARGET}/compiler/launch", f"PYTHON={TARGET}/bin/python"),
)
PRODUCTS = ("runtime/build/dsuctl", "runtime/build/libdsu.a", "compiler/launch/build/dsucc")

PYTHON_STARTER = f"""\
#!/bin/sh
PYTHONPATH={TARGET}/compiler:{TARGET}/site exec python3 "$@"
"""
TOOL_STARTER = """\
#!/bin/sh
exec {target}/bin/python -c \
'import sys; sys.argv[0] = "{name}"; from {module} import {function}; sys.exit({function}())' "$@"
"""


@dataclass(frozen=True)
class Toolchain:
    """A built snapshot; `mount` shows it to a world."""

    folder: Path
    digest: str

    @property
    def mount(self) -> Mount:
        """Read-only, at the same place in every world."""
        return Mount(self.folder, TARGET)


def ensure(backend: Backend, run_id: str, image: str) -> Toolchain:
    """The snapshot of the checkout's tools, built in a world of `backend`."""
    sources = _sources()
    digest = _digest(sources, backend.identity(image))
    home = filled("toolchains", digest, partial(_make, sources, backend, run_id, image))
    return Toolchain(home, digest)


def _make(sources: list[Path], backend: Backend, run_id: str, image: str, work: Path) -> None:
    _copy(sources, work)
    _write_starters(work / "bin")
    mounts = (Mount(work, TARGET, writable=True),)
    with backend.open(WorldSpec(run_id, image, mounts, core=0)) as world:
        for make in MAKES:
            world.run(list(make), timeout=300).or_fail("building the tools")
    missing = [product for product in PRODUCTS if not (work / product).is_file()]
    if missing:
        raise ToolMissing(f"the tools were built, but there is no {', no '.join(missing)}")


def _sources() -> list[Path]:
    missing = [root for root in ROOTS if not (PROJECT / root).is_dir()]
    if missing:
        raise ToolMissing(f"the checkout has no {' and no '.join(missing)} folder")
    return sorted(
        path
        for root in ROOTS
        for path in (PROJECT / root).rglob("*")
        if path.is_file() and not NOT_SOURCES & set(path.relative_to(PROJECT).parts)
    )


def _digest(sources: list[Path], identity: str) -> str:
    digest = sha256(identity.encode())
    for path in sources:
        digest.update(f"\n{path.relative_to(PROJECT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _copy(sources: list[Path], work: Path) -> None:
    for path in sources:
        target = work / path.relative_to(PROJECT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    for name in IMPORTS:
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise ToolMissing(f"the Python package {name}, which dsucc imports, is not installed")
        shutil.copytree(
            spec.submodule_search_locations[0],
            work / "site" / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )


def _write_starters(folder: Path) -> None:
    folder.mkdir()
    scripts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts["dsupatch"].partition(":")
    tool = TOOL_STARTER.format(target=TARGET, name="dsupatch", module=module, function=function)
    for name, text in (("python", PYTHON_STARTER), ("dsupatch", tool)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
