"""Print one line on a run: `python tools/outcome.py RESULT.json`."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any


def outcome(result: dict[str, Any]) -> str:
    """Return verdict, updates with their median pause, and checks, in one line."""
    updates = result.get("updates", [])
    applied = [update for update in updates if update["applied"]]
    checks = result.get("checks", [])
    passed = [check for check in checks if check["verdict"] == "pass"]
    parts = [result["verdict"], f"{len(applied)} of {len(updates)} updates applied"]
    if applied:
        pause = statistics.median(update["total_us"] for update in applied)
        parts.append(f"median pause {pause:.0f} us")
    parts.append(f"{len(passed)} of {len(checks)} checks passed")
    return ", ".join(parts)


if __name__ == "__main__":
    sys.stdout.write(outcome(json.loads(Path(sys.argv[1]).read_text())) + "\n")
