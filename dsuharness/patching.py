"""The patches of a run: `dsupatch` compares two builds of an arm, as a user would do it.

Each is made once: cached by all that went into it, like a build.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from . import toolchain
from .backend.world import Mount, WorldSpec
from .cache import filled
from .errors import BuildFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .backend import Backend, World
    from .build import Build
    from .journal import Scribe
    from .toolchain import Toolchain

PATCHES = "/dsu/patches"
SECONDS = 300.0

# Part of every key: raise it when the way of making patches changes.
LAYOUT = 1

KEPT = ("patch", "log")


@dataclass(frozen=True)
class Change:
    """What a step's patch is made from; `mapping` holds what its user decided.

    `base` is what was started; if it is not `old`, the patches before have led to that.
    `wrong` is what a mutation decides besides.
    """

    base: Build
    old: Build
    new: Build
    mapping: Path | None = None
    wrong: Mapping[str, Any] = field(default_factory=dict)

    def decisions(self) -> dict[str, Any]:
        """The user's mapping, the mutation's upon it."""
        users = yaml.safe_load(self.mapping.read_text()) if self.mapping else None
        return _merged(users or {}, self.wrong)


@dataclass(frozen=True)
class Patches:
    """A folder of patches by step, and where worlds see it."""

    folder: Path

    @property
    def mount(self) -> Mount:
        """Read-only for those who apply them."""
        return Mount(self.folder, PATCHES)

    def path(self, step: str) -> str:
        """A step's patch, as a world sees it."""
        return f"{PATCHES}/{step}.patch"

    def make(
        self,
        backend: Backend,
        spec: WorldSpec,
        tools: Toolchain,
        changes: dict[str, Change],
        scribe: Scribe,
    ) -> None:
        """Make the patch of each step."""
        builds = {b.digest: b.mount for c in changes.values() for b in (c.base, c.old, c.new)}
        target = Mount(self.folder, PATCHES, writable=True)
        mounts = (*builds.values(), tools.mount, target)
        world_spec = WorldSpec(spec.run_id, spec.image, mounts, spec.core)
        with backend.open(world_spec) as world:
            chain: dict[str, str] = {}  # the patches before: step → key
            for step, change in changes.items():
                if change.old == change.base:
                    chain = {}
                mapping = self._mapping(step, change)
                key = self._key(tools, step, change, chain, mapping)
                run = partial(self._make_one, world, step, change, list(chain), mapping)
                made = kept(key, self.folder, step, run)
                count = decisions(change.mapping) if change.mapping else 0
                scribe.note("patch-made", step=step, manual_mappings=count, **made)
                chain[step] = key

    def _key(
        self,
        tools: Toolchain,
        step: str,
        change: Change,
        chain: Mapping[str, str],
        mapping: str | None,
    ) -> str:
        """What a patch is known by: all that goes into it, the step too, which names the file."""
        text = (self.folder / mapping).read_text() if mapping else None
        builds = [build.digest for build in (change.base, change.old, change.new)]
        parts = [LAYOUT, tools.digest, step, builds, chain, text]
        return sha256(json.dumps(parts).encode()).hexdigest()[:16]

    def _mapping(self, step: str, change: Change) -> str | None:
        """The name of the step's mapping file beside its patch, if it has one."""
        name = f"{step}.map.yml"
        if change.wrong:
            (self.folder / name).write_text(yaml.safe_dump(change.decisions()))
        elif change.mapping is not None:
            shutil.copy(change.mapping, self.folder / name)  # dsupatch names its lines
        else:
            return None
        return name

    def _make_one(
        self, world: World, step: str, change: Change, chain: list[str], mapping: str | None
    ) -> dict[str, Any]:
        """What dsupatch said, and how long it took; the patch and a log lie in our folder."""
        argv = [toolchain.DSUPATCH, change.old.program, change.new.program, "-o", self.path(step)]
        if chain:
            argv += ["--base", change.base.program]
            argv += [word for before in chain for word in ("--after", self.path(before))]
        if mapping is not None:
            argv += ["--map", f"{PATCHES}/{mapping}"]
        done = world.run(argv, timeout=SECONDS)
        (self.folder / f"{step}.log").write_text(done.out + done.err)
        done.or_fail(f"making the patch of step '{step}'")
        if not (self.folder / f"{step}.patch").is_file():
            raise BuildFailed(f"dsupatch ended well but wrote no patch for '{step}'")
        return {"took_us": (done.ended_ns - done.started_ns) // 1000, "said": done.out}


def kept(key: str, folder: Path, step: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A patch and its log, in `folder`: out of the cache, or made there and kept.

    Returns what `make` has returned, then or now.
    """

    def fill(work: Path) -> None:
        made = make()
        for kind in KEPT:
            shutil.copyfile(folder / f"{step}.{kind}", work / kind)
        (work / "made.json").write_text(json.dumps(made))

    home = filled("patches", key, fill)
    for kind in KEPT:
        shutil.copyfile(home / kind, folder / f"{step}.{kind}")
    recorded: dict[str, Any] = json.loads((home / "made.json").read_text())
    return recorded


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    both = {**one, **other}
    for key in one.keys() & other.keys():
        if isinstance(one[key], dict) and isinstance(other[key], dict):
            both[key] = _merged(one[key], other[key])
    return both


def decisions(mapping: Path) -> int:
    """How much a user decided by hand: the entries of a mapping file.

    dsupatch refuses a file with an entry that nothing asks for, so in a file that
    it took each entry was needed.
    """
    data = yaml.safe_load(mapping.read_text()) or {}
    functions = (data.get("functions") or {}).values()
    return len(data.get("globals") or {}) + sum(len(f.get("points") or {}) for f in functions)
