"""Sources of subjects, fetched for real from the machine's mirror."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dsuharness.cache import cache_dir
from dsuharness.debian_archive import Suite, same_series
from dsuharness.errors import ExitCode, InfrastructureError, InvalidScenario, SourceMissing
from dsuharness.sources import SourceSpec, Taken, fetch, verified_tarballs

VSFTPD = SourceSpec("vsftpd", "3.0.5-0.2", "trixie", fallback=True)
VISIBLE_PATCH = "0040-disable-anonymous.patch"

network = pytest.mark.network
# The package lists are shared through the user's cache: one fetch, not one a worker.
pytestmark = pytest.mark.xdist_group("debian-archive")


@network
def test_a_package_of_another_suite_than_the_machines() -> None:
    fetched = fetch(VSFTPD)
    assert (fetched.path / "main.c").is_file()
    assert not (fetched.path / "debian").exists(), "the source is upstream's, without packaging"
    assert len(fetched.digest) == 64


@network
def test_a_patch_makes_another_source_with_another_digest() -> None:
    plain = fetch(VSFTPD)
    patched = fetch(SourceSpec("vsftpd", plain.version, "trixie", (VISIBLE_PATCH,)))
    assert patched.digest != plain.digest
    assert patched.path != plain.path
    changed = subprocess.run(["diff", "-rq", plain.path, patched.path], check=False)
    assert changed.returncode == 1


@network
def test_files_of_another_version_make_one_in_between() -> None:
    later = fetch(SourceSpec("lighttpd", "1.4.85-1", "forky", fallback=True))
    taken = Taken(later.version, "forky", ("src/buffer.c", "src/http_status.c"))
    between = fetch(SourceSpec("lighttpd", "1.4.79-2", "trixie", (), fallback=True, takes=(taken,)))
    plain = fetch(SourceSpec("lighttpd", between.version, "trixie"))
    for name in taken.files:
        assert (between.path / name).read_bytes() == (later.path / name).read_bytes()
    assert not (plain.path / "src/http_status.c").exists()
    same = (between.path / "src/burl.c").read_bytes()
    assert same == (plain.path / "src/burl.c").read_bytes()
    assert same != (later.path / "src/burl.c").read_bytes()
    assert len({plain.digest, between.digest, later.digest}) == 3


@network
def test_a_file_that_the_other_version_does_not_have() -> None:
    taken = Taken("1.4.85-1", "forky", ("src/buffer.c", "src/nothing.c"))
    with pytest.raises(InvalidScenario, match=r"has no file 'src/nothing.c' that could be taken"):
        fetch(SourceSpec("lighttpd", "1.4.79-2", "trixie", (), fallback=True, takes=(taken,)))


@network
def test_the_second_time_nothing_is_asked_of_the_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    first = fetch(VSFTPD)

    def offline(*_: object, **__: object) -> None:
        raise AssertionError("asked the mirror for what the cache has")

    monkeypatch.setattr(subprocess, "run", offline)
    again = fetch(SourceSpec("vsftpd", first.version, "trixie"))
    assert (again.path, again.digest) == (first.path, first.digest)


@network
def test_a_missing_version_says_what_is_there_and_what_to_do() -> None:
    with pytest.raises(SourceMissing) as caught:
        fetch(SourceSpec("kissfft", "131.1.0-99", "bookworm"))
    message = str(caught.value)
    assert caught.value.exit_code == ExitCode.INFRASTRUCTURE
    for part in ("kissfft", "131.1.0-99", "bookworm", "131.1.0-4.1~deb12u1", "fallback: true"):
        assert part in message


@network
def test_fallback_takes_the_newest_of_the_series_and_says_so() -> None:
    fetched = fetch(SourceSpec("kissfft", "131.1.0-1", "bookworm", fallback=True))
    assert fetched.used_fallback
    assert fetched.version in Suite("bookworm").versions("kissfft")


@network
def test_fallback_does_not_cross_series() -> None:
    with pytest.raises(SourceMissing):
        fetch(SourceSpec("kissfft", "1.3.0-1", "bookworm", fallback=True))


@network
def test_a_package_that_nobody_has() -> None:
    with pytest.raises(SourceMissing, match="no version of it"):
        fetch(SourceSpec("no-such-package-at-all", "1.0-1", "bookworm"))


@network
def test_a_suite_that_no_mirror_has() -> None:
    with pytest.raises(InfrastructureError, match="package index of suite potato"):
        Suite("potato").versions("vsftpd")


@network
def test_an_unknown_patch_leaves_no_half_filled_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = fetch(VSFTPD).version
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(InvalidScenario, match=VISIBLE_PATCH):
        fetch(SourceSpec("vsftpd", version, "trixie", ("0040-disable-anon.patch",)))
    assert not list(cache_dir("sources").iterdir())


@network
def test_the_command_for_scripts() -> None:
    command = [sys.executable, "-m", "dsuharness.sources", "kissfft"]
    found = subprocess.run(
        [*command, "131.1.0-4.1~deb12u1", "bookworm", "--fallback"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(found.stdout.strip(), "kiss_fft.c").is_file()
    missing = subprocess.run(
        [*command, "131.1.0-99", "bookworm"], capture_output=True, text=True, check=False
    )
    assert missing.returncode == ExitCode.INFRASTRUCTURE
    assert missing.stdout == ""


def description(folder: Path, content: bytes) -> Path:
    (folder / "p_1.orig.tar.gz").write_bytes(content)
    sha256 = hashlib.sha256(b"as published").hexdigest()
    dsc = folder / "p_1-1.dsc"
    dsc.write_text(f"Source: p\nChecksums-Sha256:\n {sha256} 12 p_1.orig.tar.gz\nFiles:\n")
    return dsc


def test_tarballs_are_checked_against_the_description(tmp_path: Path) -> None:
    listed = verified_tarballs(description(tmp_path, b"as published"))
    assert list(listed) == [str(tmp_path / "p_1.orig.tar.gz")]
    with pytest.raises(InfrastructureError, match=r"p_1\.orig\.tar\.gz differs"):
        verified_tarballs(description(tmp_path, b"as tampered"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("13.16-0+deb11u1", "13.23-0+deb11u4", True),
        ("13.16-0+deb11u1", "15.18-0+deb12u1", False),
        ("3.0.5-0.2", "3.0.6-1", True),
        ("3.0.5-0.2", "3.1.0-1", False),
        ("1:1.4.79-2", "1.4.85-1", True),
    ],
)
def test_series(one: str, other: str, same: bool) -> None:
    assert same_series(one, other) is same


def test_what_was_recorded_can_be_read_by_people() -> None:
    for record in cache_dir("sources").glob("*/fetched.json"):
        said = json.loads(record.read_text()).keys()
        assert {"package", "version", "suite", "digest"} <= said or {"from", "digest"} <= said
