"""Single patches: what reaches the compiler must apply, the rest may not."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsuharness import debian_patches
from dsuharness.errors import InvalidScenario

if TYPE_CHECKING:
    from pathlib import Path

TWO_FILES = """\
Description: a greeting
--- a/README
+++ b/README
@@ -1 +1 @@
-a text that is not there
+another
--- a/greet.c
+++ b/greet.c
@@ -1,2 +1,2 @@
 int x;
-char *greeting = "hello";
+char *greeting = "good day";
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_code_applies_and_what_else_failed_is_noted(tmp_path: Path) -> None:
    patch = write(tmp_path, "p.patch", TWO_FILES)
    write(tmp_path, "README", "something else\n")
    code = write(tmp_path, "greet.c", 'int x;\nchar *greeting = "hello";\n')
    notes = debian_patches.apply(patch, tmp_path)
    assert 'greeting = "good day"' in code.read_text()
    assert notes == ["p.patch: left out its change to README"]


def test_code_that_does_not_apply_is_refused_with_file_and_reason(tmp_path: Path) -> None:
    patch = write(tmp_path, "p.patch", TWO_FILES)
    write(tmp_path, "greet.c", "int y;\n")
    with pytest.raises(InvalidScenario, match=r"p\.patch does not apply to greet\.c"):
        debian_patches.apply(patch, tmp_path)


def test_a_removed_line_of_dashes_is_not_a_file_header() -> None:
    text = (
        "--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n--- old\n+++ new\n same\n"
        "--- a/y.h\n+++ b/y.h\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n"
    )
    sections = debian_patches.split(text)
    assert [section.target for section in sections] == ["x.c", "y.h"]
    assert "".join(section.text for section in sections) == text


@pytest.mark.parametrize(
    ("header", "target", "compiled"),
    [
        ("--- a/src/new.c\t2020-01-01\n+++ b/src/new.c\t2020-01-02\n", "src/new.c", True),
        ("--- a/gone.h\n+++ /dev/null\n", "gone.h", True),
        ("--- orig/doc/x.8\n+++ new/doc/x.8\n", "doc/x.8", False),
    ],
)
def test_targets(header: str, target: str, compiled: bool) -> None:
    (section,) = debian_patches.split(header + "@@ -1 +1 @@\n-a\n+b\n")
    assert (section.target, section.is_compiled) == (target, compiled)


def test_unknown_patch_suggests_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "0050-CVE-2015-1419.patch", "")
    write(tmp_path, "series", "")
    with pytest.raises(InvalidScenario, match=r"did you mean 0050-CVE-2015-1419\.patch"):
        debian_patches.find(tmp_path, "0050-CVE-2015.patch")


# Lines that look like parts of a diff, which is where a splitter goes wrong.
tricky = st.lists(
    st.sampled_from(["a", "", "-- a", "++ b", "@@ -1 +1 @@", "--- a/x.c"]), max_size=8
)


@settings(max_examples=60, deadline=None)
@given(old=tricky, new=tricky, other=tricky)
def test_split_finds_every_file_of_what_diff_wrote(
    tmp_path_factory: pytest.TempPathFactory, old: list[str], new: list[str], other: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("diff")
    for name, one, two in (("x.c", old, new), ("y.c", other, [*other, "more"])):
        for side, lines in (("a", one), ("b", two)):
            (folder / side).mkdir(exist_ok=True)
            (folder / side / name).write_text("".join(f"{line}\n" for line in lines))
    diff = subprocess.run(
        ["diff", "-ru", "a", "b"], cwd=folder, capture_output=True, text=True, check=False
    ).stdout
    expected = ["x.c", "y.c"] if old != new else ["y.c"]
    assert [section.target for section in debian_patches.split(diff)] == expected
