from __future__ import annotations

import pytest

from dsuharness.yaml_marks import Mark, load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("1:30", "1:30"),
        ("0o17", "0o17"),
        ("true", True),
        ("~", None),
        ("'12'", "12"),
        ("12", 12),
        ("1.5", 1.5),
        ("2026-11-23", "2026-11-23"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    data = load(f"a: {text}").data
    assert data["a"] == value
    assert type(data["a"]) is type(value) or isinstance(data["a"], int | float)


def test_numbers_remember_how_they_were_written() -> None:
    assert load("a: 16.10").data["a"].text == "16.10"


def test_equal_keys_are_a_finding_and_the_rest_is_read() -> None:
    marked = load("a: 1\nb: 2\na: 3\n")
    assert [(p.mark, p.message) for p in marked.problems] == [
        (Mark(3, 1), "key 'a' stands here twice (first in line 1)")
    ]
    assert marked.data == {"a": 1, "b": 2}


def test_places_of_keys_and_values() -> None:
    marked = load("a:\n  - b: 1\n    c: [x, y]\n")
    assert marked.mark(("a", 0, "c", 1)) == Mark(3, 12)
    assert marked.mark(("a", 0, "c"), of_key=True) == Mark(3, 5)
    assert marked.mark(("a", 0, "nothing")) == Mark(2, 5)
