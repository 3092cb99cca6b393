"""Systems under test: one file each in `subjects/`, loaded when a scenario names it.

A subject says how it is built with a given compiler, and then either how it is
served to clients (`Server`) or how it measures itself (`Benchmark`).
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .errors import InvalidScenario
from .sources import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .backend.world import Completed, World
    from .scenario import Sessions

SOURCE = "/dsu/source"
"""Where a build sees its own writable copy of the subject's source."""


@dataclass(frozen=True)
class Recipe:
    """Commands run in `SOURCE`, and the file that they must leave there.

    `never` are functions that are not updated inside (they are replaced like any
    other, once they have returned), each with the reason why that may be.  `needs` are
    sources of libraries that are built along, each in a folder of its package's name.
    """

    commands: tuple[tuple[str, ...], ...]
    product: str
    never: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[SourceSpec, ...] = ()


@dataclass(frozen=True)
class Mutation:
    """A known-bad update, made of a good one: it shows whether the checks catch what they should.

    `edits` are sed scripts by file, done to each version that an update leads to; each must
    change its file.  `mapping` is added to the user's decisions for the patch.
    """

    does: str
    edits: Mapping[str, str]
    mapping: Mapping[str, Any] = field(default_factory=dict)

    def commands(self) -> Iterator[tuple[str, ...]]:
        """The edits; one that changes nothing fails."""
        for file, script in self.edits.items():
            yield "sh", "-c", _EDIT, "edit", script, file


_EDIT = 'sed -i.unmutated "$1" "$2" && ! cmp -s "$2" "$2.unmutated"'


@dataclass(frozen=True)
class Group:
    """What one group of sessions needs to know of the server.

    `paths` and `accounts` are dealt out in turn to the group's sessions.
    """

    paths: tuple[str, ...]
    accounts: tuple[tuple[str, str], ...]
    sha256: str | None = None


@dataclass(frozen=True)
class Running:
    """A started server: its first process, and where its log is in the world."""

    pid: int
    log: str


@dataclass(frozen=True)
class Sample:
    """One figure of a run. Of a unit per second more is better, of all others less."""

    value: float
    unit: str


class Subject(Protocol):
    """What every subject has.

    `options` are the keys that a scenario's `with` may carry, with their types.
    """

    name: str
    image: str
    options: Mapping[str, type]

    def recipe(self, compiler: str, version: str) -> Recipe:
        """How `version` is built; the subject's own files are not modified."""


@runtime_checkable
class Server(Subject, Protocol):
    """A subject that clients connect to; `protocol` is one that the load generator speaks.

    `mutations` are known-bad updates by name.
    """

    port: int
    protocol: str
    mutations: Mapping[str, Mutation]

    def prepare(self, world: World, name: str, sessions: Sessions, seed: int) -> Group:
        """Put in place what a group of sessions will ask for."""

    def start(self, world: World, program: str, options: dict[str, Any]) -> Running:
        """Start `program` and wait until it takes connections."""

    def stored(self, world: World, path: str) -> dict[str, Any]:
        """Digest and size, `{"sha256", "size"}`, of what a client stored at `path`."""


@runtime_checkable
class Benchmark(Subject, Protocol):
    """A subject that runs to its end and is measured."""

    def timed(self, program: str, plain: str, options: dict[str, Any]) -> list[str]:
        """The command whose run is one sample.

        `plain` is the same program of the arm that others are compared with: what puts load on
        `program` is taken from beside it, so that its cost is the same for all.
        """

    def samples(self, done: Completed) -> dict[str, Sample]:
        """What such a run has measured, by metric."""

    def counted(self, program: str, options: dict[str, Any], counter: Sequence[str]) -> list[str]:
        """A shorter run under `counter`, a command that counts the instructions of another."""


def known() -> list[str]:
    """Names of all subjects, from the folder's files alone: nothing is imported."""
    folder = Path(__file__).parent / "subjects"
    return sorted(f.stem for f in folder.glob("*.py") if re.match(r"[a-z]", f.stem))


def load(name: str) -> Subject:
    """The subject of that name; it must be one of `known()`."""
    module = importlib.import_module(f"dsuharness.subjects.{name}")
    found: Subject = module.SUBJECT
    return found


def mutation(subject: Subject, name: str | None) -> Mutation | None:
    """The mutation of that name, None for none; `InvalidScenario` if the subject has no such."""
    if name is None:
        return None
    ours: Mapping[str, Mutation] = getattr(subject, "mutations", {})
    if name not in ours:
        raise InvalidScenario(
            [f"{subject.name} has no mutation '{name}' (known: {', '.join(ours) or 'none'})"]
        )
    return ours[name]
