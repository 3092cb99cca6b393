"""dsucc with a fault: the frames of BROKEN_FUNCTION lose BROKEN_VARIABLES at every point.

A comparison that does not notice what this makes of a program notices nothing.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "compiler"))

from dsucc import cli, live, pipeline

if TYPE_CHECKING:
    from dsucc.live import Liveness
    from dsucc.points import Placed

honest = live.analyse


def forgetful(placed: Placed) -> Liveness:
    """Liveness without the variables."""
    found = honest(placed)
    if placed.function.name == os.environ["BROKEN_FUNCTION"]:
        names = os.environ["BROKEN_VARIABLES"].split()
        before = sum(len(at) for at in found.at.values())
        found.at = {p: [v for v in at if v.name not in names] for p, at in found.at.items()}
        assert sum(len(at) for at in found.at.values()) < before, f"none of {names} is ever saved"
    return found


if __name__ == "__main__":
    vars(pipeline)["analyse"] = forgetful
    sys.exit(cli.main())
