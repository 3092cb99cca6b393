"""Where runs are kept: `results/<scenario>/<stamp>/` and a link `latest` to the newest."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .errors import InfrastructureError
from .places import RESULTS

RESULT = "result.json"
JOURNAL = "journal.jsonl"
REPORT = "report.html"


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run."""

    path: Path

    @property
    def journal(self) -> Path:
        """Raw events."""
        return self.path / JOURNAL

    @property
    def report(self) -> Path:
        """The report for people."""
        return self.path / REPORT

    def logs(self, arm: str, number: int) -> Path:
        """The folder for one round's logs."""
        folder = self.path / "logs" / f"{arm}-{number + 1}"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def patches(self, arm: str) -> Path:
        """The folder for an arm's patches, one a step."""
        folder = self.path / "patches" / arm
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def write_result(self, result: dict[str, Any]) -> None:
        """Write `result.json` as a whole or not at all; point `latest` here."""
        draft = self.path / f".{RESULT}"
        draft.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        draft.replace(self.path / RESULT)
        link = self.path.parent / f".latest-{os.getpid()}"
        link.symlink_to(self.path.name)
        link.replace(self.path.parent / "latest")

    def result(self) -> dict[str, Any]:
        """What `write_result` wrote."""
        try:
            value = json.loads((self.path / RESULT).read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            raise InfrastructureError(f"{self.path} holds no result: {error}") from error
        if not isinstance(value, dict):
            raise InfrastructureError(f"{self.path / RESULT} is no result of ours")
        return value


def create(scenario: str, root: Path = RESULTS) -> RunFolder:
    """A new folder for a run that starts now."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = root / scenario / stamp
    path.mkdir(parents=True)
    return RunFolder(path)


def find(name: str, root: Path = RESULTS) -> RunFolder:
    """A run by its folder, or the latest of a scenario by its name."""
    for candidate in (Path(name), root / name, root / name / "latest"):
        if (candidate / RESULT).is_file():
            return RunFolder(candidate.resolve())
    raise InfrastructureError(f"there is no run '{name}' (a folder, or a scenario that was run)")


def all_runs(root: Path = RESULTS) -> Iterator[RunFolder]:
    """Every complete run, oldest first."""
    for path in sorted(root.glob(f"*/*/{RESULT}"), key=lambda p: p.parent.name):
        if not path.parent.is_symlink():
            yield RunFolder(path.parent)
