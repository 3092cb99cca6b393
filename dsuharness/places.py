"""Where the project and its results stand."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
IMAGES = PROJECT / "images"
RESULTS = PROJECT / "results"
