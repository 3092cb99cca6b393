"""What dsupatch says of its work, for people and for scripts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from .alignment import Aligned, Alignment
from .diff import compiled_otherwise
from .difference import Difference
from .patch import Built


def as_json(
    code: int, difference: Difference, alignment: Alignment, built: Built | None,
    timings: dict[str, float],
) -> dict[str, object]:  # fmt: skip
    """The report; `points` are listed by function, with what became of each."""
    units = difference.units.values()
    return {
        "schema": 1,
        "exit_code": code,
        "from": difference.old.build_id.hex(),
        "to": difference.new.build_id.hex(),
        "changed": [
            {"unit": u.new.meta.source, "function": n, "reason": why}
            for u in units
            for n, why in u.changed.items()
        ],
        "new": [{"unit": u.new.meta.source, "function": n} for u in units for n in u.added],
        "removed": [{"unit": u.new.meta.source, "function": n} for u in units for n in u.removed],
        "renamed": [
            {"unit": u.new.meta.source, "function": n, "was": was}
            for u in units
            for n, was in u.renamed.items()
        ],
        "stacks": [
            {"place": c.place, "from": c.told()[0], "to": c.told()[1]}
            for c in alignment.stacks.chains
        ],
        "globals": {
            "new": sorted({s for u in units for s in u.new_variables}),
            "replaced": sorted({s for u in units for s in u.replaced - u.converted}),
            "initial": sorted({s for u in units for s in u.initials}),
            "converted": sorted({s for u in units for s in u.converted}),
            "removed": sorted({s for u in units for s in u.removed_variables}),
        },
        "types": difference.types,
        "compiled_otherwise": compiled_otherwise(difference),
        "points": [_points(f) for f in alignment.functions],
        "refusals": [r.as_json() for r in difference.refusals],
        "redirects": built.redirects if built else [],
        "bytes": built.bytes if built else 0,
        "timings": timings,
    }


def _points(f: Aligned) -> dict[str, object]:
    mapped = [m for m in f.map.matches if m.new > 0]
    return {
        "function": f.key,
        "mapped": len(mapped),
        "unmapped": len(f.map.matches) - len(mapped),
        "confidence": round(min((m.confidence for m in mapped), default=0.0), 2),
        "points": [{**asdict(m), "confidence": round(m.confidence, 2)} for m in f.map.matches],
    }


def summary(
    code: int, difference: Difference, alignment: Alignment, built: Built | None, output: Path
) -> str:
    """A few lines."""
    if built is None:
        lines = ["no difference: nothing to patch", *compiled_otherwise(difference)]
        return "" if code == 3 else "\n".join(lines) + "\n"
    units = difference.units.values()
    lines = []
    for unit in units:
        for name, why in unit.changed.items():
            lines.append(f"changed  {unit.new.meta.source}: {name}: {why}")
        lines += [f"new      {unit.new.meta.source}: {name}" for name in unit.added]
        lines += [f"removed  {unit.new.meta.source}: {name}" for name in unit.removed]
        lines += [
            f"renamed  {unit.new.meta.source}: {was}: to {name}"
            for name, was in unit.renamed.items()
        ]
        lines += [f"global   {unit.new.meta.source}: {name}: new" for name in unit.new_variables]
        lines += [
            f"global   {unit.new.meta.source}: {name}: a constant, replaced"
            for name in sorted(unit.replaced - unit.converted)
        ]
        lines += [
            f"global   {unit.new.meta.source}: {name}: {now} where it still is {was}"
            for name, (was, now) in sorted(unit.initials.items())
        ]
        lines += [
            f"global   {unit.new.meta.source}: {name}: converted to its new type"
            for name in sorted(unit.converted)
        ]
    lines += ["stack    {}: becomes {}".format(*c.told()) for c in alignment.stacks.chains]
    lines += [f"type     {name}: objects are found and converted" for name in difference.types]
    matches = [m for f in alignment.functions for m in f.map.matches]
    mapped = sum(m.new > 0 for m in matches)
    weak = sum(0 < m.confidence < 0.8 for m in matches)
    lines.append(
        f"{mapped} of {len(matches)} continuation points mapped"
        + (f", {weak} of them by their callee alone" if weak else "")
    )
    for f in alignment.functions:
        lines += [
            f"  {f.key}: point {m.old} (line {m.line}): {m.why}: a thread there runs on first"
            for m in f.map.matches
            if m.new < 0 and f.has_counterpart
        ]
    lines.append(f"{output}: {built.bytes} bytes, {len(built.redirects)} functions redirected")
    return "\n".join(lines) + "\n"
