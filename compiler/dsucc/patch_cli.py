"""The `dsupatch` command: compares two instrumented programs and writes a patch."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from . import (
    __version__,
    chain,
    hooks,
    mapfile,
    patch,
    program,
    safety,
    sign_cli,
    signing,
    stacks_text,
)
from .alignment import Alignment, align_all
from .asks import asks_of_way_back
from .diff import compare
from .difference import Difference
from .mapfile import Decisions, MapError
from .patch import Built, FrameEntry, PatchError
from .patch_unit import PatchText
from .program import ProgramError
from .report import as_json, summary
from .skeleton import skeleton
from .stacks import check_converted, resolve_stacks
from .state import State, describe
from .way_back import describe_back

WRITTEN, FAILED, USAGE, NEEDS_MAPPING, NO_DIFFERENCE = 0, 1, 2, 3, 4


@dataclass
class Timings:
    """Milliseconds that each step took."""

    steps: dict[str, float] = field(default_factory=dict)
    last: float = field(default_factory=time.perf_counter)

    def step(self, name: str) -> None:
        now = time.perf_counter()
        self.steps[f"{name}_ms"] = round((now - self.last) * 1000, 1)
        self.last = now


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"dsupatch: {message}\n{self.format_usage().rstrip()}", file=sys.stderr)
        raise SystemExit(USAGE)


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="dsupatch",
        description="Compares two programs built with dsucc and writes a patch that turns the "
        "first, while it runs, into the second.",
        epilog="exit codes: 0 written, 1 a tool failed, 2 usage, 3 needs a mapping from you, "
        "4 no difference; see also: dsupatch sign --help",
    )
    parser.add_argument("old", type=Path, help="the program that runs")
    parser.add_argument("new", type=Path, help="the program that it shall become")
    parser.add_argument("-o", dest="output", type=Path, required=True, help="the patch file")
    parser.add_argument(
        "--map",
        type=Path,
        help="your decisions, a YAML file: globals, functions, types, stacks",
    )
    parser.add_argument(
        "--base", type=Path, help="the file that was started, if OLD was reached by patches"
    )
    parser.add_argument(
        "--after",
        type=Path,
        action="append",
        default=[],
        metavar="PATCH",
        help="one of those patches; give all of them, the first one first",
    )
    parser.add_argument("--skeleton", type=Path, help="where to write a mapping file to fill in")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="where to write how safe the update is: FILE.txt, FILE.json or FILE.html",
    )
    parser.add_argument(
        "--sign", type=Path, metavar="KEY", help="an Ed25519 key in PEM: write PATCH.sig, too"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--version", action="version", version=f"dsupatch {__version__}")
    arguments = parser.parse_args(words)
    if bool(arguments.base) != bool(arguments.after):
        parser.error("--base and --after go together: the file that was started, and its patches")
    if arguments.report and arguments.report.suffix not in safety.ENDINGS:
        parser.error(f"--report: {arguments.report} ends in none of {', '.join(safety.ENDINGS)}")
    return arguments


def run(arguments: argparse.Namespace) -> int:
    """One comparison. Raises ProgramError, MapError, PatchError and SigningError."""
    timings = Timings()
    key = signing.read_key(arguments.sign) if arguments.sign else None
    decisions = mapfile.read(arguments.map) if arguments.map else Decisions()
    old, new = program.load(arguments.old), program.load(arguments.new)
    if arguments.base:
        patches = [chain.read(path) for path in arguments.after]
        old = chain.as_running(old, program.load(arguments.base), patches)
    timings.step("load")
    difference = compare(old, new, decisions)
    timings.step("compare")
    if difference.is_empty and not difference.refusals:
        return _finish(arguments, difference, Alignment(), State(), None, timings)
    stacks = resolve_stacks(difference, decisions)
    alignment = align_all(difference, decisions, stacks)
    timings.step("align")
    difference.refusals += alignment.refusals
    state = describe(difference, decisions, stacks.moved())
    difference.refusals += state.refusals
    difference.types = state.converted
    around = hooks.texts(difference, decisions)
    timings.step("types")
    check_converted(stacks, decisions, bool(state.parts))
    _check_map(decisions)
    if difference.refusals:
        return _finish(arguments, difference, alignment, state, None, timings)
    parts = patch.texts(difference)
    timings.step("generate")
    difference.refusals += [r for part in parts.values() for r in part.refusals]
    if difference.refusals:
        return _finish(arguments, difference, alignment, state, None, timings)
    undo = State()
    if state.parts and not difference.stays:
        undo, difference.stays = describe_back(difference, decisions, stacks)
        _check_map(decisions)
    difference.stays = difference.stays or stacks.stays
    entries = _entries(alignment, parts)
    text = stacks_text.write(stacks, difference, decisions)
    built = patch.build(
        difference, parts, entries, alignment.back, (state, undo), text, around, arguments.output
    )
    timings.step("build")
    if key:
        signing.sign(arguments.output, key)
    state.asks += asks_of_way_back(undo.refusals)
    return _finish(arguments, difference, alignment, state, built, timings)


def _check_map(decisions: Decisions) -> None:
    """Raises MapError with everything in the mapping file that does not fit the two programs."""
    wrong = [*decisions.wrong, *decisions.unused()]
    if wrong:
        raise MapError("\n".join(wrong))


def _entries(alignment: Alignment, parts: dict[str, PatchText]) -> list[FrameEntry]:
    """The rows of the table of frames."""
    out = []
    for f in alignment.functions:
        goes_on = f.unit is not None and f.has_counterpart
        desc = parts[f.unit.key].descriptions[f.name] if f.unit and goes_on else ""
        out.append(FrameEntry(f.key, f.digest, desc, f.map))
    return out


def _finish(
    arguments: argparse.Namespace, difference: Difference, alignment: Alignment, state: State,
    built: Built | None, timings: Timings,
) -> int:  # fmt: skip
    """Prints the report; gives the exit code."""
    code = WRITTEN if built else NEEDS_MAPPING if difference.refusals else NO_DIFFERENCE
    if arguments.skeleton and (code == NEEDS_MAPPING or state.asks):
        arguments.skeleton.write_text(skeleton(difference.refusals, state.asks))
    if arguments.report:
        safety.write(arguments.report, safety.assess(difference, alignment, state))
    if arguments.json:
        print(json.dumps(as_json(code, difference, alignment, built, timings.steps), indent=2))
    if code == NEEDS_MAPPING:
        for refusal in difference.refusals:
            print(refusal.text(), file=sys.stderr)
        count = len(difference.refusals)
        things = "things" if count > 1 else "thing"
        print(f"dsupatch: {count} {things} to decide; no patch written", file=sys.stderr)
    if not arguments.json:
        print(summary(code, difference, alignment, built, arguments.output), end="")
    return code


def main(words: list[str] | None = None) -> int:
    """Entry point."""
    words = sys.argv[1:] if words is None else words
    if words[:1] == ["sign"]:
        return sign_cli.main(words[1:])
    arguments = _arguments(words)
    try:
        return run(arguments)
    except (ProgramError, MapError, signing.SigningError) as error:
        print(f"dsupatch: {error}", file=sys.stderr)
        return USAGE
    except PatchError as error:
        if arguments.map and re.search(rf"(?m)^{re.escape(str(arguments.map))}:\d+", str(error)):
            print(f"dsupatch: {arguments.map} has wrong C:\n{error}", file=sys.stderr)
            return USAGE
        print(f"dsupatch: cannot make the patch: {error}", file=sys.stderr)
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
