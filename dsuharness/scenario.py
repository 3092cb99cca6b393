"""What a scenario may say: one set of models for loading and for the JSON Schema.

A scenario names a system under test, its versions, its builds (arms), the load,
the steps that update it by protocol state, the checks and the thresholds; or,
for a program without connections, a comparison of its builds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr

from . import units
from .model_base import Name, Strict, Text
from .versions import Source, Version, sources_of

Size = Annotated[
    int,
    BeforeValidator(units.parse_size),
    Field(gt=0, json_schema_extra={"type": ["integer", "string"], "examples": ["64MiB", 32]}),
]
Capture = Literal["none", "landing-pad", "flag-check"]


class SubjectUse(Strict):
    """Which plugin of `subjects/`, and what it is told."""

    uses: Name
    with_: Annotated[dict[str, Any], Field(alias="with")] = {}


class Arm(Strict):
    """One way to build the subject; `none` is plain gcc.

    `everywhere` instruments the functions too that the subject's recipe exempts.
    """

    capture: Capture
    everywhere: bool = False


class Hold(Strict):
    """Stop the client at byte `at`, until something has happened to an update.

    `step` says to which one: the first if it is left out.
    """

    at: Size
    until: Literal["none", "until-requested", "until-applied"] = "until-requested"
    step: Name | None = None


class Sessions(Strict):
    """A group of equal client sessions.

    `does` is one of: idle (logs in, asks, waits, asks again), retrieve and store
    (one transfer of `size`), steady (small requests all along), visit (comes
    after the update named by `after`, and stays until all are over).
    """

    does: Literal["idle", "retrieve", "store", "steady", "visit"]
    count: Annotated[int, Field(ge=1, le=1000)] = 1
    size: Size = 32
    type: Literal["binary", "ascii"] = "binary"
    data: Literal["passive", "active"] = "passive"
    tls: bool = False
    hold: Hold | None = None
    after: Name | None = None


class Load(Strict):
    """Who speaks to the subject.  `probe` is asked by each session, before and after."""

    probe: list[Text] = []
    sessions: dict[Name, Sessions]


class At(Strict):
    """A point of a session's protocol."""

    bytes: Size


class When(Strict):
    """A condition on a session group's protocol state."""

    session: Name
    op: Name
    at: At


class UpdateWith(Strict):
    """From which version to which."""

    from_: Annotated[Name, Field(alias="from")]
    to: Name
    map: Text | None = None


class Step(Strict):
    """Something done to the running subject once all of `when` hold.

    An update goes `with` a version to the next; a revert goes back to the first.
    """

    id: Name
    uses: Literal["update", "revert"]
    with_: Annotated[UpdateWith | None, Field(alias="with")] = None
    when: list[When] = []
    on_baseline: Literal["barrier-only"] = "barrier-only"
    timeout_minutes: Annotated[float, Field(gt=0, le=60)] = 1.0


class Metric(Strict):
    """How one figure of a comparison is judged, for the arms named in `judge`."""

    overhead: Annotated[Text, Field(pattern=r"^<=\s*(floor|[0-9.]+\s*%)$")]
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    judge: list[Name] = []


class Design(Strict):
    """Order of the samples; a round holds one sample of each arm."""

    order: Literal["ABBA"] = "ABBA"
    rounds: Annotated[int, Field(ge=2, le=10000)] = 20


class Compare(Strict):
    """Arms measured against one of them."""

    against: Name
    design: Design = Design()
    metrics: dict[Name, Metric]


class Scenario(Strict):
    """One scenario file."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    name: Name
    title: Text
    seed: int = 1
    subject: SubjectUse
    versions: dict[Name, Version]
    arms: dict[Name, Arm]
    rounds: Annotated[int, Field(ge=1, le=1000)] = 1
    load: Load | None = None
    steps: list[Step] = []
    checks: list[Name] = []
    thresholds: dict[Name, list[Text]] = {}
    compare: Compare | None = None

    # The file; those that it names stand beside it, sources perhaps elsewhere.
    _file: Path = PrivateAttr(default_factory=Path)
    _sources_folder: Path | None = PrivateAttr(default=None)

    def beside(self, name: str) -> Path:
        """A file that the scenario names."""
        return self._file.parent / name

    @property
    def file(self) -> Path:
        """Where it was read from."""
        return self._file

    def found_in(self, file: Path, sources_folder: Path | None = None) -> Scenario:
        """The same scenario, knowing its file and where its sources are, if not beside it."""
        known = self.model_copy()
        known._file, known._sources_folder = file, sources_folder
        return known

    def varied(self, steps: list[Step], load: Load) -> Scenario:
        """The same scenario with other steps and another load."""
        varied = self.model_copy(update={"steps": steps, "load": load})
        return varied.found_in(self._file, self._sources_folder)

    @property
    def sources(self) -> dict[str, Source]:
        """Where each version comes from, with all of its changes."""
        return sources_of(self.versions)

    @property
    def sources_folder(self) -> Path:
        """Where tarballs and directories of sources are looked for."""
        return self._sources_folder or self._file.parent

    @property
    def first_version(self) -> str:
        """The version that the subject starts in."""
        first = self.updates[0].with_ if self.updates else None
        return first.from_ if first else next(iter(self.versions))

    @property
    def updates(self) -> list[Step]:
        """The steps that lead to another version; each goes on where the one before has led."""
        return [step for step in self.steps if step.with_ is not None]

    def releases(self, step: Step, policy: str, hold: Hold | None) -> bool:
        """Does a held transfer go on at this moment of a step?"""
        if hold is None or hold.until != policy:
            return False
        return step.id == (hold.step or self.steps[0].id)

    def path(self, step: Step) -> list[str]:
        """The versions that a step leads through, the last one is where it ends."""
        if step.with_ is not None:
            return [step.with_.to]
        left: list[str] = []
        for before in self.steps[: self.steps.index(step)]:
            left = [] if before.with_ is None else [before.with_.from_, *left]
        return left


def json_schema() -> str:
    """The published JSON Schema, for editors; written from the models above."""
    schema = Scenario.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "dsuharness scenario"
    return json.dumps(schema, indent=2) + "\n"


def load(path: Path, sources_folder: Path | None = None) -> Scenario:
    """Read and check a scenario file; raise `InvalidScenario` with all findings."""
    from .scenario_loader import load_scenario  # noqa: PLC0415 - it imports the models

    return load_scenario(path).found_in(path, sources_folder)
