"""Parse, emit, parse gives an equal tree, and each pass keeps its promise to the next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pycparser import CParser

from dsucc.cpp import preprocess
from dsucc.gnu import Untouchable
from dsucc.parse import parse_function
from dsucc.pipeline import Options, instrument
from dsucc.reach import Reach
from dsucc.toplevel import Kind, split
from dsucc.verify import VerifyError, check_round_trip, difference
from dsuharness.sources import SourceSpec, fetch
from tests.toolchain import INCLUDE, MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dsucc.toplevel import Unit

CASES = sorted((Path(__file__).parent / "cases").rglob("*.c"))
VSFTPD = SourceSpec("vsftpd", "3.0.5-0.2", "trixie", fallback=True)

# Runs once a session, before anything long; its array really has a variable length.
UNTOUCHED: dict[str, str] = {}  # all of vsFTPd is instrumented


def preprocessed(source: Path) -> str:
    flags = [f"-I{INCLUDE}", "-D__DSUCC__=1", "-D_GNU_SOURCE", "-O2"]
    return preprocess("gcc", flags, str(source), ["-x", "c"])


def reparsed(unit: Unit) -> Iterator[str]:
    """Names of the unit's functions, each parsed, emitted and parsed again."""
    reach = Reach(unit)
    for item in unit.items:
        if item.kind is not Kind.FUNCTION or item.system:
            continue
        try:
            parsed = parse_function(item, unit, reach)
        except Untouchable:
            continue
        check_round_trip(parsed, unit)
        yield item.name


@pytest.fixture(scope="module")
def vsftpd() -> list[Path]:
    return sorted(fetch(VSFTPD).path.rglob("*.c"))


@pytest.mark.network
def test_every_function_of_vsftpd_survives_the_round_trip(vsftpd: list[Path]) -> None:
    parsed = [name for path in vsftpd for name in reparsed(split(preprocessed(path)))]
    assert len(vsftpd) >= 30
    assert len(parsed) >= 600


@pytest.mark.network
@pytest.mark.parametrize("points", ["calls", "loops"])
@pytest.mark.parametrize("mode", MODES)
def test_no_pass_breaks_its_promise_on_vsftpd(vsftpd: list[Path], mode: str, points: str) -> None:
    options = Options(capture=mode, points=points, verify=True)
    results = [instrument(preprocessed(path), options) for path in vsftpd]
    functions = [row for result in results for row in result.functions]
    assert len([row for row in functions if row.points]) >= 200
    assert {row.name: row.reason for row in functions if row.reason} == UNTOUCHED


@pytest.mark.parametrize("source", CASES, ids=lambda path: path.stem)
def test_the_cases_too(source: Path) -> None:
    text = preprocessed(source)
    list(reparsed(split(text)))
    for mode in MODES:
        instrument(text, Options(capture=mode, verify=True))


def test_the_splitter_loses_nothing() -> None:
    for source in CASES:
        text = preprocessed(source)
        assert "".join(item.text for item in split(text).items) == text


def test_differences_are_found() -> None:
    one, other = (CParser().parse(f"int f(int a) {{ return {e}; }}") for e in ("a + 1", "a - 1"))
    assert "BinaryOp" in difference(one, other)
    assert difference(one, one) == ""


def test_a_broken_emitter_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = split('# 1 "x.c"\nint f(int a) { return a + 1; }\n')
    monkeypatch.setattr("dsucc.writer.Writer.visit_ID", lambda _self, _node: "b")
    with pytest.raises(VerifyError, match="parses differently"):
        list(reparsed(unit))
