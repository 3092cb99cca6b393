"""The machine's own apt configuration names the mirrors, in either of its formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dsuharness.apt_sources import KEYRING, Entry, configured, entry_for
from dsuharness.errors import InfrastructureError

if TYPE_CHECKING:
    from pathlib import Path

DEB822 = """\
Types: deb
# a comment in the middle
URIs: http://mirror.example/debian
Suites: bookworm
  bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/own.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""
ONE_LINE = """\
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/own.gpg] http://mirror.example/debian bookworm main
deb-src http://mirror.example/debian bookworm main contrib
deb http://packages.example/tool nodistro main
"""


def etc(folder: Path, **files: str) -> Path:
    (folder / "sources.list.d").mkdir()
    for name, text in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / "sources.list.d" / f"{stem}.{suffix}").write_text(text)
    return folder


def test_deb822_with_continuation_lines_comments_and_keyrings(tmp_path: Path) -> None:
    assert configured(etc(tmp_path, debian_sources=DEB822)) == [
        Entry("http://mirror.example/debian", "bookworm", "/usr/share/keyrings/own.gpg"),
        Entry("http://mirror.example/debian", "bookworm-updates", "/usr/share/keyrings/own.gpg"),
        Entry("http://mirror.example/debian-security", "bookworm-security", str(KEYRING)),
    ]


def test_one_line_entries_and_only_debian_suites(tmp_path: Path) -> None:
    assert configured(etc(tmp_path, debian_list=ONE_LINE)) == [
        Entry("http://mirror.example/debian", "bookworm", "/usr/share/keyrings/own.gpg"),
        Entry("http://mirror.example/debian", "bookworm", str(KEYRING)),
    ]


def test_disabled_stanzas_and_foreign_suffixes_are_left_alone(tmp_path: Path) -> None:
    disabled = "Enabled: no\n" + DEB822.split("\n\n", maxsplit=1)[0]
    folder = etc(tmp_path, debian_sources=disabled, old_disabled=DEB822, debian_list=ONE_LINE)
    assert {entry.signed_by for entry in configured(folder)} == {
        "/usr/share/keyrings/own.gpg",
        str(KEYRING),
    }
    assert len(configured(folder)) == 2


@pytest.mark.parametrize(
    ("suite", "uri"),
    [
        ("trixie", "http://mirror.example/debian"),
        ("sid", "http://mirror.example/debian"),
        ("bullseye-security", "http://mirror.example/debian-security"),
    ],
)
def test_other_suites_are_on_the_same_mirror(tmp_path: Path, suite: str, uri: str) -> None:
    entry = entry_for(suite, etc(tmp_path, debian_sources=DEB822))
    assert (entry.uri, entry.suite) == (uri, suite)


def test_security_archive_is_derived_if_none_is_configured(tmp_path: Path) -> None:
    entry = entry_for("bullseye-security", etc(tmp_path, debian_list=ONE_LINE))
    assert entry.uri == "http://mirror.example/debian-security"


def test_no_debian_mirror_is_said_with_the_place_to_add_one(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match=r"sources\.list\.d"):
        entry_for("trixie", etc(tmp_path))
