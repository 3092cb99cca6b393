"""Scenario files: those of the project are right, and wrong ones say all that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsuharness import scenario
from dsuharness.errors import InvalidScenario
from dsuharness.places import PROJECT

SCENARIOS = PROJECT / "scenarios"
EXPECTED = re.compile(r"^# refused: (.*)$", re.MULTILINE)


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yml")), ids=lambda p: p.stem)
def test_scenario_is_valid_and_named_like_its_file(path: Path) -> None:
    assert scenario.load(path).name == path.stem


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("refuse/*.yml")), ids=lambda p: p.stem)
def test_refused_with_all_its_messages(path: Path) -> None:
    expected = EXPECTED.findall(path.read_text())
    assert expected, "a file in refuse/ says in a comment what it is refused for"
    with pytest.raises(InvalidScenario) as caught:
        scenario.load(path)
    left = list(caught.value.problems)
    for message in expected:
        found = next((problem for problem in left if message in problem), None)
        assert found, f"not said: {message}\nsaid: {left}"
        left.remove(found)
    assert not left, "said, but not expected"
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("refuse/*.yml")), ids=lambda p: p.stem)
def test_each_problem_has_its_place(path: Path) -> None:
    lines = path.read_text().splitlines()
    with pytest.raises(InvalidScenario) as caught:
        scenario.load(path)
    for problem in caught.value.problems:
        place = re.match(rf"{re.escape(str(path))}:(\d+):(\d+): \S", problem)
        assert place, problem
        line, column = int(place[1]), int(place[2])
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidScenario, match="cannot be read: No such file"):
        scenario.load(tmp_path / "none.yml")


def test_sizes_may_be_written_differently_in_hold_and_step(tmp_path: Path) -> None:
    text = (SCENARIOS / "vsftpd-one.yml").read_text()
    changed = text.replace("op: RETR, at: { bytes: 16MiB }", "op: RETR, at: { bytes: 16777216 }")
    assert changed != text
    (tmp_path / "s.yml").write_text(changed)
    assert scenario.load(tmp_path / "s.yml").steps[0].when[0].at.bytes == 16 << 20


def test_a_version_stays_as_written(tmp_path: Path) -> None:
    text = (SCENARIOS / "vsftpd-one.yml").read_text().replace("3.0.5-0.2", "16.10")
    (tmp_path / "s.yml").write_text(text)
    source = scenario.load(tmp_path / "s.yml").sources["utf8"]
    assert source.origin == "vsftpd 16.10 [trixie]"


def test_published_schema_is_the_models() -> None:
    published = (SCENARIOS / "scenario.schema.json").read_text()
    assert published == scenario.json_schema(), (
        "write it anew: dsuharness validate --schema > scenarios/scenario.schema.json"
    )
