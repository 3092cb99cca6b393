"""Programs and patches that the runtime's tests share, each built once a session."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.runtime import support

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEW, THIRD = "11" * 20, "22" * 20


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Under a lock: test workers share the build folder.
    make = ["make", "-s", "-C", str(support.RUNTIME)]
    for more in ([], ["FAULTS=1"]):
        subprocess.run(["flock", str(support.RUNTIME / "Makefile"), *make, *more], check=True)
    return tmp_path_factory.mktemp("runtime")


@pytest.fixture(scope="session")
def family(built: Path) -> Path:
    return support.build_program("family", built / "family")


@pytest.fixture(scope="session")
def blocking(built: Path) -> Path:
    return support.build_program("blocking", built / "blocking")


@pytest.fixture(scope="session")
def selfupdate(built: Path) -> Path:
    return support.build_program("selfupdate", built / "selfupdate")


@pytest.fixture(scope="session")
def patch(family: Path) -> Path:
    """From `old` to `new`."""
    base = support.build_id(family)
    return support.build_patch("family_patch", family.with_name("patch"), old=base, new=NEW)


@pytest.fixture(scope="session")
def next_patch(family: Path) -> Path:
    """From `new` to `third`."""
    to = family.with_name("next")
    more: dict[str, str | int] = {
        "REPLY": '"third"', "OLD_DIGEST": 12, "WAS_DESC": '"serve2_table"',
    }  # fmt: skip
    return support.build_patch("family_patch", to, old=NEW, new=THIRD, **more)


@pytest.fixture(scope="session")
def staying(family: Path) -> Path:
    """From `new` to `third`, and no way back."""
    to = family.with_name("staying")
    more: dict[str, str | int] = {
        "REPLY": '"third"', "OLD_DIGEST": 12, "WAS_DESC": '"serve2_table"',
        "STAYS": '"it has eaten the old state"',
    }  # fmt: skip
    return support.build_patch("family_patch", to, old=NEW, new=THIRD, **more)


@pytest.fixture(scope="session")
def unmappable(family: Path) -> Path:
    """A patch in which the point that all processes stand at has no counterpart."""
    base = support.build_id(family)
    to = family.with_name("unmappable")
    return support.build_patch("family_patch", to, old=base, new=NEW, SERVE_CP=-1)


@pytest.fixture(scope="session")
def empty(blocking: Path) -> Path:
    """A patch for blocking.c that changes nothing."""
    base = support.build_id(blocking)
    return support.build_patch("empty_patch", blocking.with_name("empty"), old=base, new=NEW)


@pytest.fixture
def others() -> Iterator[support.Others]:
    """Not under tmp_path, which only its owner may enter."""
    with tempfile.TemporaryDirectory() as name:
        user = 12345 if os.geteuid() == 0 else None
        if user is not None:
            os.chown(name, user, user)
        yield support.Others(user, Path(name))


@pytest.fixture
def altered(patch: Path, tmp_path: Path) -> Callable[[Callable[[bytes], bytes]], Path]:
    """Make a copy of the patch with other bytes, sealed again only if the test does."""

    def alter(change: Callable[[bytes], bytes]) -> Path:
        to = tmp_path / "altered"
        shutil.copy(patch, to)
        to.write_bytes(change(patch.read_bytes()))
        return to

    return alter
