"""Where no update may happen, beside what the source itself says: whole functions, and regions.

transactionfile.py has the form of the file that says so, regions.py what becomes of a region.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Region:
    """From one call to another, both included; `place` is its line in the file."""

    begin: str
    end: str
    place: str


@dataclass
class Transactions:
    """What the file says of one source file: places of whole functions, regions of others."""

    whole: dict[str, str] = field(default_factory=dict)
    regions: dict[str, list[Region]] = field(default_factory=dict)

    def missing(self, known: Collection[str], source: str) -> list[str]:
        """A line for each function that the source file does not have."""
        places = dict(self.whole)
        places.update({name: regions[0].place for name, regions in self.regions.items()})
        out = []
        for name in [n for n in places if n not in known]:
            like = difflib.get_close_matches(name, known, 1)
            meant = f"; did you mean '{like[0]}'?" if like else ""
            out.append(f"{places[name]}: {source} has no function '{name}'{meant}")
        return out
