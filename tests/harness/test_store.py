from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dsuharness import store
from dsuharness.errors import InfrastructureError


def result(verdict: str) -> dict[str, Any]:
    return {"scenario": "s", "verdict": verdict}


def test_latest_is_the_newest_complete_run(tmp_path: Path) -> None:
    first, second = store.create("s", tmp_path), store.create("s", tmp_path)
    first.write_result(result("pass"))
    assert store.find("s", tmp_path).result() == result("pass")
    second.write_result(result("fail"))
    assert store.find("s", tmp_path).result() == result("fail")
    assert store.find(str(first.path), tmp_path).path == first.path.resolve()


def test_runs_are_listed_once_each_and_oldest_first(tmp_path: Path) -> None:
    made = [store.create(name, tmp_path) for name in ("b", "a", "b")]
    for folder in made[:2]:
        folder.write_result(result("pass"))
    assert [run.path for run in store.all_runs(tmp_path)] == [made[0].path, made[1].path]


def test_a_run_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="there is no run 'nothing'"):
        store.find("nothing", tmp_path)


def test_a_result_that_is_none(tmp_path: Path) -> None:
    folder = store.create("s", tmp_path)
    (folder.path / "result.json").write_text("[]")
    with pytest.raises(InfrastructureError, match="no result of ours"):
        folder.result()
