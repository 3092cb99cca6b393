"""Builds of subjects, each made once: cached by all that went into it."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from dsucc import meta

from . import toolchain, upstream
from .backend.world import Mount, WorldSpec
from .cache import cache_dir, filled
from .errors import BuildFailed
from .sources import Fetched, SourceSpec, Taken, fetch
from .subject import SOURCE
from .versions import DebianSource

if TYPE_CHECKING:
    from .backend import Backend, World
    from .scenario import Arm, Capture
    from .subject import Mutation, Recipe, Subject
    from .toolchain import Toolchain
    from .versions import Source

BUILDS = "/dsu/builds"
SUMMARY = f"{SOURCE}/dsu.summary"
OBJECTS = "/dsu/objects"
"""Where compilers keep objects: versions of a subject have most of their files in common."""

CCACHE = "/usr/lib/ccache:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""A PATH whose `gcc` is ccache's."""

BUILD_SECONDS = 6 * 3600.0
"""One command: it ends what hangs. PostgreSQL takes over an hour beside other work."""

# Part of every key: raise it when the way of building changes.
LAYOUT = 2


@dataclass(frozen=True)
class Build:
    """A built program.

    `folder` holds the build tree with its log; `seconds` is what the build
    took when it was made.
    """

    version: str
    arm: str
    digest: str
    folder: Path
    product: str
    source: Fetched
    seconds: float

    @property
    def mount(self) -> Mount:
        """Read-only, under its digest."""
        return Mount(self.folder / "tree", f"{BUILDS}/{self.digest}")

    @property
    def program(self) -> str:
        """Path of the program in a world that has `mount`."""
        return f"{BUILDS}/{self.digest}/{self.product}"


def source_of(source: Source, folder: Path) -> Fetched:
    """The subject's source, out of `folder`, fetched, or from the cache."""
    if (found := upstream.local(source, folder)) is not None:
        return upstream.fetch(found)
    assert isinstance(source, DebianSource)
    spec = SourceSpec(
        package=source.package,
        version=source.version,
        suite=source.suite,
        patches=tuple(source.patches),
        fallback=True,
        takes=tuple(Taken(t.version, t.suite, tuple(t.files)) for t in source.takes),
    )
    return fetch(spec)


class Builder:
    """Builds versions of one subject in worlds of one backend.

    With `keeps` an object that was compiled once is not compiled again: not for those who
    measure how long a build takes.
    """

    def __init__(self, backend: Backend, subject: Subject, run_id: str, keeps: bool) -> None:
        self._backend = backend
        self._subject = subject
        self._run_id = run_id
        self._keeps = keeps

    def build(
        self,
        name: str,
        source: Fetched,
        arm_name: str,
        arm: Arm,
        tools: Toolchain | None,
        mutation: Mutation | None = None,
    ) -> Build:
        """The program of version `name` for an arm; `tools` unless the arm is plain gcc."""
        compiler = "gcc" if tools is None else toolchain.DSUCC
        recipe = self._subject.recipe(compiler, name)
        if mutation is not None:
            recipe = replace(recipe, commands=(*mutation.commands(), *recipe.commands))
        environment = {} if tools is None else {"DSU_FLAGS": _flags(recipe, arm)}
        digest = self._digest(source, recipe, environment, tools)
        make = partial(self._make, source, recipe, environment, tools, arm)
        home = filled("builds", digest, make)
        recorded = json.loads((home / "build.json").read_text())
        return Build(name, arm_name, digest, home, recipe.product, source, recorded["seconds"])

    def _digest(
        self, source: Fetched, recipe: Recipe, environment: dict[str, str], tools: Toolchain | None
    ) -> str:
        identity = self._backend.identity(self._subject.image)
        made_of = asdict(replace(recipe, never=dict(recipe.never)))
        made_of["needs"] = [fetch(spec).digest for spec in recipe.needs]
        if not recipe.needs:
            del made_of["needs"]  # keys as before there was such a thing
        parts = [LAYOUT, identity, source.digest, made_of, environment]
        if not self._keeps:
            parts.append("all compiled anew")  # whose time is asked for
        text = json.dumps([*parts, tools.digest if tools else "gcc"], sort_keys=True)
        return sha256(text.encode()).hexdigest()[:16]

    def _make(
        self,
        source: Fetched,
        recipe: Recipe,
        environment: dict[str, str],
        tools: Toolchain | None,
        arm: Arm,
        work: Path,
    ) -> None:
        """Build in `work`, in a copy of the source."""
        shutil.copytree(source.path, work / "tree", symlinks=True)
        for other in recipe.needs:
            shutil.copytree(fetch(other).path, work / "tree" / other.package, symlinks=True)
        mounts = [Mount(work / "tree", SOURCE, writable=True)]
        if tools:
            mounts.append(tools.mount)
        if self._keeps:
            mounts.append(Mount(cache_dir("objects"), OBJECTS, writable=True))
            environment = {**environment, **_keeping(tools)}
        spec = WorldSpec(self._run_id, self._subject.image, tuple(mounts), core=0)
        with self._backend.open(spec) as world:
            seconds = _run_recipe(world, recipe, environment, work / "build.log")
        if not (work / "tree" / recipe.product).is_file():
            raise BuildFailed(f"the build ended well but left no {recipe.product}")
        check_capture(work / "tree" / recipe.product, arm.capture)
        (work / "build.json").write_text(json.dumps({"seconds": seconds}))


def check_capture(program: Path, wanted: Capture) -> None:
    """Raise BuildFailed unless a program is what its arm says.

    A recipe that loses the compiler on its way would compare gcc's program with itself.
    """
    try:
        units = meta.read(program)
    except meta.MetaError:
        units = []
    found = {unit.capture for unit in units}
    if wanted == "none":
        if found:
            raise BuildFailed(f"{program.name} is to be plain gcc's and is instrumented")
    elif found != {wanted}:
        are = ", ".join(sorted(found)) or "not instrumented"
        raise BuildFailed(f"{program.name} is to be built for {wanted}, its units are {are}")
    elif not any(row["points"] and not row["reason"] for u in units for row in u.functions):
        raise BuildFailed(f"{program.name}: not one function of it is instrumented")


def _flags(recipe: Recipe, arm: Arm) -> str:
    exempt = () if arm.everywhere else recipe.never
    never = [f"--dsu-never={','.join(exempt)}"] if exempt else []
    return " ".join([f"--dsu-capture={arm.capture}", f"--dsu-summary={SUMMARY}", *never])


def _keeping(tools: Toolchain | None) -> dict[str, str]:
    """What makes dsucc, or gcc, keep its objects; the same objects come of it."""
    if tools:
        return {"DSU_CACHE": OBJECTS}
    return {"CCACHE_DIR": f"{OBJECTS}/ccache", "PATH": CCACHE}


def _run_recipe(world: World, recipe: Recipe, environment: dict[str, str], log: Path) -> float:
    started = time.perf_counter()
    with log.open("w") as sink:
        for command in recipe.commands:
            done = world.run(list(command), env=environment, cwd=SOURCE, timeout=BUILD_SECONDS)
            sink.write(f"$ {' '.join(command)}\n{done.out}{done.err}")
            done.or_fail("building the subject")
    return time.perf_counter() - started
