"""A skeleton that has been filled in is accepted, and the update goes as the user has decided.

Each case is patched without its mapping file; what stands in place of each TODO, from above to
below, makes the mapping file. An empty answer takes the line away.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.patch.test_cases import (
    HERE,
    build,
    check_at,
    check_update,
    controllable,
    converse,
    dsuctl,
    dsupatch,
    expectations,
    running,
)

_TODO = re.compile(r"(?m)^(.*): TODO  #.*$")

# The mapping files of these cases are not read: their skeletons lead to the same updates.
FILLED = {
    "map_keep": ["keep"],
    "map_replace": ["replace"],
    "link_mapped": ["[struct conn.waiting]", "struct conn.link", "struct timer.link"],
    "key_mapped": ["struct session"],
    "type_hidden_mapped": ["struct item"],
    "variable_mapped": ["struct session", "struct session *", "nothing"],
    "type_kinds": [
        "old->tag == old$NAME",
        "old->tag == old$NUMBER",
        "old->tag == old$SUM",
        "struct node",
    ],
}
# Refusals for each of which a mapping file has a line.
SOLVED = {
    "refuse_types": ["replace", "0", "0", "0", "old_count"],
    "refuse_members": [
        "replace", "new->number = old->number", "old->number", "nothing", "nothing", "0",
    ],
}  # fmt: skip


def fill(skeleton: Path, answers: list[str], mapping: Path) -> None:
    given = iter(answers)

    def line(found: re.Match[str]) -> str:
        answer = next(given)
        return f"{found[1]}: {answer}" if answer else ""

    text = _TODO.sub(line, skeleton.read_text())
    assert "TODO" not in text.partition("\n")[2], text
    assert not list(given), skeleton.read_text()
    mapping.write_text(text)


def test_a_skeleton_asks_for_the_way_back(tmp_path: Path) -> None:
    case, wanted = HERE / "cases" / "type_back_open", HERE / "cases" / "type_back_mapped"
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    skeleton, mapping, file = tmp_path / "s.yml", tmp_path / "map.yml", tmp_path / "patch"
    made = dsupatch(old, new, "-o", file, "--map", case / "map.yml", "--skeleton", skeleton)
    assert made.code == 0, made.err
    answers = ["'new->kind == THING ? old$ITEM : old$NUMBER'", "(int)(1000 * new->mass + 0.5)"]
    fill(skeleton, answers, tmp_path / "back.yml")
    said = yaml.safe_load((case / "map.yml").read_text())
    for name, rule in yaml.safe_load((tmp_path / "back.yml").read_text())["types"].items():
        said["types"][name].setdefault("back", {}).update(rule["back"])
    mapping.write_text(yaml.safe_dump(said))
    made = dsupatch(old, new, "-o", file, "--map", mapping)
    assert made.code == 0, made.err
    for at in range(3):
        check_at(old, file, expectations(wanted), at)


def check_left(old: Path, new: Path, skeleton: Path) -> None:
    """A TODO that is left is told, with its line."""
    output = skeleton.with_suffix(".patch")
    made = dsupatch(old, new, "-o", output, "--map", skeleton)
    assert made.code == 2, made.err
    assert re.search(r"s\.yml:\d+:.*TODO", made.err), made.err
    assert not output.exists()


@pytest.mark.parametrize("name", FILLED)
def test_a_filled_skeleton_says_what_the_mapping_file_says(name: str, tmp_path: Path) -> None:
    case, wanted = HERE / "cases" / name, expectations(HERE / "cases" / name)
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    skeleton, mapping, file = tmp_path / "s.yml", tmp_path / "map.yml", tmp_path / "patch"
    dsupatch(old, new, "-o", file, "--skeleton", skeleton)
    check_left(old, new, skeleton)
    if "unsaid" in wanted:
        with running(old) as process:
            converse(process, wanted["before"])
            applied = dsuctl("apply", str(process.pid), file)
            assert wanted["unsaid"] in applied.err, applied.err
    fill(skeleton, FILLED[name], mapping)
    made = dsupatch(old, new, "-o", file, "--map", mapping, "--skeleton", tmp_path / "none")
    assert made.code == 0, made.err
    assert not (tmp_path / "none").exists(), "it asks for what the mapping file says"
    if "after" in wanted:
        check_update(old, new, file, wanted)
    for at in range(len(wanted.get("each", ()))):
        check_at(old, file, wanted, at)


@pytest.mark.parametrize("name", SOLVED)
def test_a_skeleton_has_a_line_for_each_refusal(name: str, tmp_path: Path) -> None:
    case = HERE / "cases" / name
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    skeleton, mapping, file = tmp_path / "s.yml", tmp_path / "map.yml", tmp_path / "patch"
    assert dsupatch(old, new, "-o", file, "--skeleton", skeleton).code == 3
    check_left(old, new, skeleton)
    fill(skeleton, SOLVED[name], mapping)
    made = dsupatch(old, new, "-o", file, "--map", mapping)
    assert made.code == 0, made.err
    with running(old) as process:
        controllable(process.pid)
        applied = dsuctl("apply", str(process.pid), file)
        assert applied.code == 0, applied.err
