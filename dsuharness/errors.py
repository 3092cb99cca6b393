"""Everything that the harness can fail with, and the exit code of each.

    HarnessError                      (exit code of the class)
    ├── CorrectnessError        1     a check found a wrong byte, reply or version
    ├── Inconclusive            2     noise is larger than what was to be shown
    ├── InfrastructureError     3     engine, build, network, tool: not the subject's fault
    │   ├── SourceMissing             a mirror no longer has the file asked for
    │   ├── BuildFailed               the subject's own build ended with an error
    │   ├── ToolMissing               dsucc, dsupatch or dsuctl is not where it should be
    │   └── StepTimedOut              a wait ended; carries state and last output
    ├── InvalidScenario         4     the file is wrong; carries every problem found
    └── ThresholdMissed        99     measured, and worse than the scenario allows

`ExitCode` is the only list of the numbers.  Libraries raise; only `cli` turns
an error into an exit.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every `dsuharness` command."""

    PASS = 0
    CORRECTNESS = 1
    INCONCLUSIVE = 2
    INFRASTRUCTURE = 3
    INVALID_SCENARIO = 4
    THRESHOLD_MISSED = 99


class HarnessError(Exception):
    """Base of all errors that the harness raises on purpose."""

    exit_code: ExitCode = ExitCode.INFRASTRUCTURE


class CorrectnessError(HarnessError):
    """The subject did something wrong that a check can show."""

    exit_code = ExitCode.CORRECTNESS


class Inconclusive(HarnessError):
    """The measurement cannot decide; neither pass nor fail."""

    exit_code = ExitCode.INCONCLUSIVE


class InfrastructureError(HarnessError):
    """Something around the subject failed: engine, network, disk, tools."""

    exit_code = ExitCode.INFRASTRUCTURE


class SourceMissing(InfrastructureError):
    """A source package file is not to be had any more."""


class BuildFailed(InfrastructureError):
    """The subject's own build ended with an error."""


class ToolMissing(InfrastructureError):
    """One of the project's own tools is not installed or not built."""


class StepTimedOut(InfrastructureError):
    """A wait ended without its event."""

    def __init__(self, what: str, seconds: float, state: str) -> None:
        super().__init__(f"{what}: nothing after {seconds:g} s\n{state}".rstrip())


class InvalidScenario(HarnessError):
    """A scenario file is wrong; `problems` holds every finding, one a line."""

    exit_code = ExitCode.INVALID_SCENARIO

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class ThresholdMissed(HarnessError):
    """A measured figure is worse than the scenario allows."""

    exit_code = ExitCode.THRESHOLD_MISSED
