from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dsuharness import scenario
from dsuharness.errors import BuildFailed
from dsuharness.patching import decisions, kept
from dsuharness.places import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable
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


def test_a_patch_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    times = []

    def making(folder: Path) -> Callable[[], dict[str, Any]]:
        def make() -> dict[str, Any]:
            times.append(folder.name)
            (folder / "step.patch").write_bytes(f"patch {len(times)}".encode())
            (folder / "step.log").write_text("said")
            return {"took_us": len(times), "said": "said"}

        return make

    for key, name in (("one", "a"), ("one", "b"), ("other", "c")):
        (tmp_path / name).mkdir()
        made = kept(key, tmp_path / name, "step", making(tmp_path / name))
        wanted = 1 if key == "one" else 2
        assert made == {"took_us": wanted, "said": "said"}
        assert (tmp_path / name / "step.patch").read_bytes() == f"patch {wanted}".encode()
        assert (tmp_path / name / "step.log").read_text() == "said"
    assert times == ["a", "c"]


def test_a_patch_that_could_not_be_made_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def refuse() -> dict[str, Any]:
        raise BuildFailed("refused")

    for _ in range(2):
        with pytest.raises(BuildFailed, match="refused"):
            kept("one", tmp_path, "step", refuse)
