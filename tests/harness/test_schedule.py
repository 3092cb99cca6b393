"""Moments are chosen all over the transfers, a failing one gets small, and is found again."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from dsuharness import replay, scenario, store
from dsuharness.errors import ExitCode, InfrastructureError, InvalidScenario
from dsuharness.explore import Moment, digest_of, shrink
from dsuharness.places import PROJECT
from dsuharness.schedule import Schedule, enumerate_moments, smaller

ONE = PROJECT / "scenarios" / "vsftpd-one.yml"
MIB = 1 << 20


def test_moments_are_the_scenarios_own_the_edges_and_one_in_each_part() -> None:
    moments = enumerate_moments(scenario.load(ONE), 19, seed=1)
    assert len(moments) == 19
    assert moments[0].at == {"download": 16 * MIB, "upload": 16 * MIB}
    assert moments[1].at == {"download": 1, "upload": 1}
    assert moments[2].at == {"download": 64 * MIB - 1, "upload": 64 * MIB - 1}
    assert {tuple(m.at) for m in moments[3:]} == {
        ("download", "upload"),
        ("download",),
        ("upload",),
    }
    for name in ("download", "upload"):
        parts = [m.at[name] // (4 * MIB) for m in moments[3:] if name in m.at]
        assert len(set(parts)) == len(parts), "two moments in the same sixteenth"
    assert moments == enumerate_moments(scenario.load(ONE), 19, seed=1)
    assert moments != enumerate_moments(scenario.load(ONE), 19, seed=2)


def test_a_scenario_without_a_held_transfer_is_refused() -> None:
    with pytest.raises(InvalidScenario, match="holds no transfer"):
        enumerate_moments(scenario.load(PROJECT / "scenarios" / "kissfft-overhead.yml"), 3, 1)


def test_a_schedule_applied_leaves_out_what_it_does_not_name() -> None:
    whole = scenario.load(ONE)
    schedule = Schedule(1, {"upload": 1, "silent": 2}, {"upload": 5})
    made = schedule.applied(whole)
    assert made.load is not None
    assert {n: s.count for n, s in made.load.sessions.items()} == schedule.sessions
    assert made.load.sessions["upload"].hold is not None
    assert made.load.sessions["upload"].hold.at == 5
    assert [(w.session, w.at.bytes) for w in made.steps[0].when] == [("upload", 5)]
    assert made.beside("x") == whole.beside("x")
    assert Schedule.whole(whole).applied(whole).model_dump() == whole.model_dump()


def fails_like(needed: set[str], byte: int) -> list[Moment]:
    """Shrink with an update that fails if all of `needed` take part and upload is past `byte`."""
    tried: list[Moment] = []

    def attempt(schedule: Schedule) -> Moment:
        failed = needed <= schedule.sessions.keys() and schedule.at.get("upload", 0) >= byte
        code = ExitCode.CORRECTNESS if failed else ExitCode.PASS
        tried.append(
            Moment(str(len(tried)), len(tried), schedule, code, ["a"] if failed else [], "")
        )
        return tried[-1]

    first = attempt(Schedule.whole(scenario.load(ONE)))
    return [shrink(first, attempt, 60), *tried]


def test_shrinking_finds_the_least() -> None:
    least, *tried = fails_like({"upload", "silent"}, 12_345)
    assert least.schedule == Schedule(1, {"silent": 1, "upload": 1}, {"upload": 12_345})
    assert least in tried
    assert len(tried) <= 61


def test_shrinking_stops_at_another_failure() -> None:
    def attempt(schedule: Schedule) -> Moment:
        return Moment("", 0, schedule, ExitCode.CORRECTNESS, ["another"], "")

    first = replace(attempt(Schedule.whole(scenario.load(ONE))), failed=["a"])
    assert shrink(first, attempt, 60) == first


def test_what_is_smaller_leaves_out_one_thing_at_a_time() -> None:
    schedule = Schedule(3, {"a": 2, "b": 1}, {"b": 7})
    assert list(smaller(schedule)) == [
        replace(schedule, steps=1),
        replace(schedule, steps=2),
        replace(schedule, sessions={"b": 1}),
        replace(schedule, sessions={"a": 2}, at={}),
        replace(schedule, sessions={"a": 1, "b": 1}),
    ]


def explored(tmp_path: Path) -> tuple[Path, str]:
    """A scenario's file, and the ID of a moment of it that is on record."""
    file = tmp_path / "s.yml"
    shutil.copy(ONE, file)
    known = scenario.load(file)
    schedule = Schedule.whole(known)
    name = schedule.id(digest_of(known), "landing-pad", None)
    builds = {"landing-pad utf8": {"digest": "old"}, "landing-pad released": {"digest": "same"}}
    store.create("s", tmp_path).write_result(
        {
            "scenario_file": str(file),
            "scenario_digest": digest_of(known),
            "explored": 1,
            "environment": {"builds": builds},
            "moments": [{"id": name, "schedule": asdict(schedule), "exit_code": 0}],
        }
    )
    return file, name


def test_a_recorded_moment_is_found_again(tmp_path: Path) -> None:
    file, name = explored(tmp_path)
    recorded = replay.find(name, tmp_path)
    assert recorded.schedule == Schedule.whole(scenario.load(file))
    assert recorded.scenario().file == file
    now = {
        "builds": {
            "landing-pad utf8": {"digest": "new"},
            "landing-pad released": {"digest": "same"},
        }
    }
    assert recorded.changes(now) == ["landing-pad utf8: old, now new"]


def test_an_unknown_id_is_refused(tmp_path: Path) -> None:
    explored(tmp_path)
    with pytest.raises(InfrastructureError, match="has a moment 'nothing'"):
        replay.find("nothing", tmp_path)


def test_a_changed_scenario_is_refused(tmp_path: Path) -> None:
    file, name = explored(tmp_path)
    file.write_text(file.read_text() + "# a word\n")
    with pytest.raises(InvalidScenario, match=r"has changed since .* dsuharness explore"):
        replay.find(name, tmp_path).scenario()
