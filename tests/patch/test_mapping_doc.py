"""docs/mapping.md: every section of the file has a chapter, every example is part of a case."""

from __future__ import annotations

import re

from dsucc.mapfile import SECTIONS
from tests.patch.test_cases import CASES, HERE
from tests.toolchain import ROOT

TEXT = (ROOT / "docs" / "mapping.md").read_text()
_EXAMPLE = re.compile(r"^```yaml\n# (\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_examples_are_parts_of_cases() -> None:
    found = _EXAMPLE.findall(TEXT)
    assert len(found) == TEXT.count("```yaml")
    for name, text in found:
        assert text in (HERE / "cases" / name / "map.yml").read_text(), name
        assert HERE / "cases" / name in CASES


def test_every_section_has_a_chapter_with_an_example() -> None:
    chapters = {c.partition(":")[0]: c for c in TEXT.split("\n## ")[1:]}
    for section in SECTIONS:
        assert "```yaml" in chapters[section], section
