from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsuharness import scenario
from dsuharness.patching import decisions
from dsuharness.places import PROJECT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("globals:\n  counter: keep\n  table: replace\n", 2),
        ("globals:\n  a: keep\nfunctions:\n  serve:\n    points: {4: 5, 6: null}\n", 3),
    ],
)
def test_decisions_are_counted(tmp_path: Path, text: str, count: int) -> None:
    (tmp_path / "m.yml").write_text(text)
    assert decisions(tmp_path / "m.yml") == count


def test_a_mapping_file_stands_beside_its_scenario(tmp_path: Path) -> None:
    text = (PROJECT / "scenarios" / "vsftpd-one.yml").read_text()
    (tmp_path / "s.yml").write_text(text.replace("to: utf8 }", "to: utf8, map: m.yml }"))
    (tmp_path / "m.yml").write_text("")
    loaded = scenario.load(tmp_path / "s.yml")
    update = loaded.steps[0].with_
    assert update is not None
    assert update.map == "m.yml"
    assert loaded.beside("m.yml") == tmp_path / "m.yml"
