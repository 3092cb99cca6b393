"""A loop's hot path is the uninstrumented one, plus the update point's load, test and branch."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import toolchain

LOOP = Path(__file__).parent / "hot_loop.c"
ONCE = Path(__file__).parent / "hot_once.c"
GUARD = Path(__file__).parent / "hot_guard.c"
CALLED_ONCE = Path(__file__).parent / "cases" / "called_once.c"
_INSTRUCTION = re.compile(r"^\t([a-z]\w*)(?:\t(.*))?$")
_CONDITIONAL = re.compile(r"j(?!mp)\w+$")
_LABEL = re.compile(r"^(\.?[\w$.]+):")

# What an update point may add: its word is loaded and tested, or compared where it stands.
POINT = (Counter({"movl": 1, "testl": 1, "jcc": 1}), Counter({"cmpl": 1, "jcc": 1}))


@dataclass
class Block:
    """Instructions that run one after the other, and the labels that may come next."""

    instructions: list[tuple[str, str]] = field(default_factory=list)
    next: list[str] = field(default_factory=list)

    def calls(self, prefix: str) -> bool:
        return any(op == "call" and args.startswith(prefix) for op, args in self.instructions)


def blocks_of(assembly: str, function: str) -> dict[str, Block]:
    """The basic blocks of a function, by label."""
    lines = assembly.partition(f"\n{function}:\n")[2].partition(f"\t.size\t{function},")[0]
    made: dict[str, Block] = {}
    block, count, open_ended = Block(), 0, True
    made["entry"] = block
    for line in lines.splitlines():
        label, instruction = _LABEL.match(line), _INSTRUCTION.match(line)
        if label or not open_ended:
            count += 1
            name = label.group(1) if label else f"unnamed {count}"
            if open_ended:
                block.next.append(name)
            block, open_ended = Block(), True
            made[name] = block
        if not instruction:
            continue
        op, args = instruction.group(1), instruction.group(2) or ""
        block.instructions.append(("jcc" if _CONDITIONAL.match(op) else op, args))
        if op.startswith("j"):
            block.next.append(args)
            count += 1
            if op != "jmp":
                block.next.append(f"unnamed {count}")
            block = made[f"unnamed {count}"] = Block()
            open_ended = op != "jmp"
        elif op.startswith("ret"):
            open_ended = False
    return made


def reachable(blocks: dict[str, Block], start: str, hot: set[str]) -> set[str]:
    """Labels that control may reach from behind `start` through hot blocks alone."""
    found: set[str] = set()
    work = list(blocks[start].next)
    while work:
        name = work.pop()
        if name in hot and name not in found:
            found.add(name)
            work += blocks[name].next
    return found


def loop_opcodes(assembly: str, function: str, call: str) -> Counter[str]:
    """How often each operation stands in the loop around `call`, jumps to the next line aside."""
    blocks = blocks_of(assembly, function)
    hot = {name for name, block in blocks.items() if not block.calls("dsu_")}
    (start,) = [name for name in hot if blocks[name].calls(call)]
    after = reachable(blocks, start, hot)
    loop = [name for name in after if start in reachable(blocks, name, hot)]
    assert start in loop, "the call is not in a loop"
    return Counter(op for name in loop for op, _ in blocks[name].instructions)


def assemble(compiler: str, tmp_path: Path, *flags: str, source: Path = LOOP) -> str:
    output = tmp_path / f"{compiler}.s"
    includes = f"-I{toolchain.INCLUDE}"
    done = getattr(toolchain, compiler)(*flags, includes, "-O2", "-S", "-o", output, source)
    assert done.code == 0, done.err
    return output.read_text()


def test_nothing_between_the_calls_but_the_update_point(tmp_path: Path) -> None:
    baseline = loop_opcodes(assemble("gcc", tmp_path), "loop", "work")
    ours = loop_opcodes(assemble("dsucc", tmp_path, "--dsu-capture=landing-pad"), "loop", "work")
    assert baseline["call"] == 2
    assert not baseline - ours
    assert ours - baseline in POINT, f"added: {dict(ours - baseline)}"


def test_the_measure_sees_what_flag_checks_add(tmp_path: Path) -> None:
    baseline = loop_opcodes(assemble("gcc", tmp_path), "loop", "work")
    checked = loop_opcodes(assemble("dsucc", tmp_path, "--dsu-capture=flag-check"), "loop", "work")
    assert (checked - baseline)["jcc"] >= 3


@pytest.mark.parametrize("function", ["loop", "loop_with_struct"])
def test_locals_stay_in_registers(tmp_path: Path, function: str) -> None:
    assembly = assemble("dsucc", tmp_path, "--dsu-capture=landing-pad")
    blocks = blocks_of(assembly, function)
    hot = {label for label, block in blocks.items() if not block.calls("dsu_")}
    (start,) = [label for label in hot if blocks[label].calls("work")]
    stores = [
        args
        for label in reachable(blocks, start, hot)
        for op, args in blocks[label].instructions
        if op.startswith("mov") and args.endswith("(%rsp)")
    ]
    assert not stores


def first_block(assembly: str, function: str) -> list[tuple[str, str]]:
    """The instructions from the entry to the first branch; labels in front of them aside."""
    blocks = blocks_of(assembly, function)
    block = blocks["entry"]
    while not block.instructions:
        (following,) = block.next
        block = blocks[following]
    return block.instructions


def first_way(assembly: str, function: str) -> list[str]:
    """The same instructions' operations."""
    return [op for op, _ in first_block(assembly, function)]


@pytest.mark.parametrize(
    ("function", "points", "moves"), [("first_round", 1, 0), ("once", 0, 0), ("through_leaf", 1, 1)]
)
def test_the_first_round_of_a_loop_passes_no_update_point(
    tmp_path: Path, function: str, points: int, moves: int
) -> None:
    """Nor does anything but a move to where the next round wants a variable stand in its way."""
    baseline = assemble("gcc", tmp_path, source=ONCE)
    flags = ("--dsu-capture=landing-pad", "--dsu-never=ready,settle")
    ours = assemble("dsucc", tmp_path, *flags, source=ONCE)
    added = Counter(first_way(ours, function))
    added.subtract(first_way(baseline, function))
    assert +added == +Counter(movl=moves)
    assert not -added
    body = ours.partition(f"\n{function}:\n")[2].partition(f"\t.size\t{function},")[0]
    assert body.count("dsu_request(%rip)") == points


def test_who_leaves_a_recursion_at_once_passes_no_update_point(tmp_path: Path) -> None:
    baseline = assemble("gcc", tmp_path, source=GUARD)
    ours = assemble("dsucc", tmp_path, "--dsu-capture=landing-pad", source=GUARD)
    assert first_way(ours, "walk") == first_way(baseline, "walk") == ["testq", "jcc"]
    assert ours.partition("\nwalk:\n")[2].partition("\t.size\twalk,")[0].count("dsu_request") == 1
    entry = first_block(ours, "late")
    assert any("dsu_request" in args for _, args in entry), entry


def test_functions_called_once_are_inlined_as_ever(tmp_path: Path) -> None:
    baseline = assemble("gcc", tmp_path, source=CALLED_ONCE)
    ours = assemble("dsucc", tmp_path, "--dsu-capture=landing-pad", source=CALLED_ONCE)
    functions = re.compile(r"^(?:[\w.$]*\$)?(mixed|nothing|behind)(?:\.\w+)*:$", re.MULTILINE)
    assert functions.findall(baseline) == functions.findall(ours) == []
    assert {"mixed", "behind"} <= set(re.findall(r"^(\w+)\$resume:$", ours, re.MULTILINE))
