"""The patches of a run: `dsupatch` compares two builds of an arm, as a user would do it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import toolchain
from .backend.world import Mount, WorldSpec
from .errors import BuildFailed

if TYPE_CHECKING:
    from .backend import Backend
    from .build import Build
    from .journal import Scribe
    from .toolchain import Toolchain

PATCHES = "/dsu/patches"
SECONDS = 300.0


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
        pairs: dict[str, tuple[Build, Build]],
        scribe: Scribe,
    ) -> None:
        """Make the patch of each step from its old and new build."""
        builds = {b.digest: b.mount for pair in pairs.values() for b in pair}
        target = Mount(self.folder, PATCHES, writable=True)
        mounts = (*builds.values(), tools.mount, target)
        world_spec = WorldSpec(spec.run_id, spec.image, mounts, spec.core)
        with backend.open(world_spec) as world:
            for step, (old, new) in pairs.items():
                argv = [toolchain.DSUPATCH, old.program, new.program, "-o", self.path(step)]
                done = world.run(argv, timeout=SECONDS)
                (self.folder / f"{step}.log").write_text(done.out + done.err)
                done.or_fail(f"making the patch of step '{step}'")
                if not (self.folder / f"{step}.patch").is_file():
                    raise BuildFailed(f"dsupatch ended well but wrote no patch for '{step}'")
                took = (done.ended_ns - done.started_ns) // 1000
                scribe.note("patch-made", step=step, took_us=took, said=done.out)
