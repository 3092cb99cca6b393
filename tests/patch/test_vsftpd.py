"""Patches of a real server: vsFTPd as released becomes vsFTPd with one of Debian's patches."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dsuharness.cache import cache_dir
from dsuharness.sources import SourceSpec, fetch
from tests import toolchain
from tests.patch.test_cases import dsupatch
from tests.toolchain import ROOT

UTF8 = "0007-utf8.patch"
FILTER = "0065-upload_download_filename_pattern.patch"

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("vsftpd-patches")]


def build(patches: tuple[str, ...], to: Path, edit: Callable[[Path], None] | None = None) -> Path:
    fetched = fetch(SourceSpec("vsftpd", "3.0.5-0.2", "trixie", patches, fallback=True))
    shutil.copytree(fetched.path, to)
    if edit is not None:
        edit(to)
    path = os.pathsep.join(filter(None, [str(ROOT / "compiler"), os.environ.get("PYTHONPATH")]))
    env = {"PYTHONPATH": path, "DSU_CACHE": str(cache_dir("objects"))}
    command = ["make", f"-j{os.cpu_count()}", f"CC={sys.executable} -m dsucc.cli", "LINK="]
    made = toolchain.run([*command, "LIBS=-lpam -lcap", "vsftpd"], cwd=to, env=env, timeout=500)
    assert made.code == 0, made.out.decode() + made.err
    return to / "vsftpd"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build((), tmp_path_factory.mktemp("vsftpd") / "released")


def report(old: Path, new: Path, to: Path) -> dict[str, Any]:
    made = dsupatch(old, new, "-o", to, "--json")
    assert made.code == 0, made.err
    out: dict[str, Any] = json.loads(made.out)
    return out


def names(rows: list[dict[str, str]]) -> set[str]:
    return {row["function"] for row in rows}


def test_a_setting_more_and_another_reply(released: Path, tmp_path: Path) -> None:
    """The table of settings has no `const`; that nothing writes it is proven, not assumed."""
    got = report(released, build((UTF8,), tmp_path / "utf8"), tmp_path / "patch")
    assert names(got["changed"]) == {
        "handle_feat", "tunables_load_defaults",
        "vsf_parseconf_load_setting", "vsf_parseconf_load_file",
    }  # fmt: skip
    assert got["globals"] == {
        "new": ["tunable_utf8_filesystem"],
        "replaced": ["parseconf.c$parseconf_bool_array"],
        "converted": [],
        "initial": [],
        "removed": [],
    }
    feat = next(f for f in got["points"] if f["function"] == "handle_feat")
    assert feat["unmapped"] == 1, "the line that was taken out"


def test_functions_on_the_stacks_of_transfers(released: Path, tmp_path: Path) -> None:
    got = report(released, build((FILTER,), tmp_path / "filter"), tmp_path / "patch")
    assert {"handle_retr", "handle_upload_common", "process_post_login"} <= names(got["changed"])
    assert "vsf_match_filter" in names(got["new"])
    assert got["globals"]["new"] == [
        "tunable_download_file",
        "tunable_upload_file",
        "vsf_access_check_file_download$s_access_str",
        "vsf_access_check_file_upload$s_access_str",
    ]
    on_stack = {f["function"]: f for f in got["points"]}
    for function in ("handle_retr", "handle_upload_common", "handle_stor"):
        found = on_stack[f"postlogin.c${function}"]
        assert (found["unmapped"], found["confidence"] > 0.8) == (0, True), found
    assert on_stack["process_post_login"]["unmapped"] == 0


def grow_session(sources: Path) -> None:
    """Two members more in the struct that lies on the stack of main() and that all point to."""
    header, makefile = sources / "session.h", sources / "Makefile"
    head, _, rest = header.read_text().partition("struct vsf_session\n")
    body, _, tail = rest.partition("};")
    more = "  filesize_t bytes_seen;\n  int more;\n"
    header.write_text(f"{head}struct vsf_session\n{body}{more}}};{tail}")
    makefile.write_text(makefile.read_text().replace("-Werror", ""))  # its initialiser is short


def test_a_growing_session_needs_no_mapping(released: Path, tmp_path: Path) -> None:
    got = report(released, build((), tmp_path / "grown", grow_session), tmp_path / "patch")
    assert got["types"] == ["struct vsf_session"]
    assert len(got["changed"]) > 100
    assert not any(f["unmapped"] for f in got["points"])


def test_the_same_sources_differ_in_nothing(released: Path, tmp_path: Path) -> None:
    again = build((), tmp_path / "again")
    assert dsupatch(released, again, "-o", tmp_path / "patch").code == 4
    assert not (tmp_path / "patch").exists()
