"""The command line: the only place that turns errors into exit codes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from . import plan as planning
from . import scenario as scenarios
from . import show, store, upstream
from .backend import choose
from .errors import ExitCode, HarnessError, InvalidScenario
from .explore import Exploration, Scheduled
from .prepare import Preparation, chosen_arms
from .progress import View
from .replay import Replay
from .replay import find as find_recorded
from .run import Run

app = typer.Typer(
    name="dsuharness",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Update real servers while they work, and show whether anything was lost.

A scenario file names a program, two of its versions, the load on it, the very
byte of a transfer at which to update it, and what must hold afterwards.

[bold]Begin here[/bold]

  dsuharness validate scenarios/vsftpd-one.yml    is the file right?

  dsuharness plan scenarios/vsftpd-one.yml        what would happen, in order?

  dsuharness run scenarios/vsftpd-one.yml         do it, and give a verdict

  dsuharness explore scenarios/vsftpd-one.yml     the same update at many other moments

  dsuharness report vsftpd-one                    show the latest result again

[bold]Exit codes[/bold]

  0 pass · 1 something was lost or wrong · 2 inconclusive · 3 engine, build or
  network · 4 the scenario file is wrong · 99 a threshold was missed
""",
)

out = Console()
err = Console(stderr=True)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO.yml", help="the scenario file")]
BackendOption = Annotated[
    str,
    typer.Option(
        help="docker: containers; process: namespaces on this machine, as root; "
        "auto: docker where an engine answers",
        metavar="docker|process|auto",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="print JSON, and nothing else")]
ArmOption = Annotated[
    list[str] | None, typer.Option("--arm", help="only this arm; may be given again")
]
SourcesOption = Annotated[
    Path | None,
    typer.Option(
        "--sources",
        help="where tarballs and directories of sources are; else beside the scenario",
        metavar="DIR",
        file_okay=False,
    ),
]
MutateOption = Annotated[
    str | None,
    typer.Option(
        help="make the update wrong on purpose, to see that the checks catch it; "
        "an unknown name lists those that the subject has",
        metavar="NAME",
    ),
]


def command(function: Callable[..., ExitCode]) -> Callable[..., None]:
    """Register a command; its errors go to stderr, its exit code to the shell."""

    @wraps(function)
    def wrapped(*arguments: Any, **options: Any) -> None:
        try:
            code = function(*arguments, **options)
        except HarnessError as error:
            err.print(f"[red]{escape(str(error))}[/red]", soft_wrap=True, highlight=False)
            code = error.exit_code
        raise typer.Exit(int(code))

    app.command()(wrapped)
    return wrapped


def _backend(name: str) -> Any:
    if name not in ("docker", "process", "auto"):
        raise typer.BadParameter(f"'{name}' is not docker, process or auto")
    return name


@command
def run(
    file: ScenarioFile,
    backend: BackendOption = "auto",
    arm: ArmOption = None,
    sources: SourcesOption = None,
    mutate: MutateOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Run a scenario and give a verdict.

    Example: [bold]dsuharness run scenarios/vsftpd-one.yml --backend process[/bold]

    Leaves results/NAME/STAMP/ with result.json, report.html, journal and logs.
    """
    scenario = scenarios.load(file, sources)
    view = View(err)
    whole = Run(scenario, _backend(backend), arm or [], view.say, mutate)
    with nullcontext() if as_json else view.live():
        outcome = whole.run(view.watch)
    if as_json:
        print(json.dumps(outcome.result, indent=2))
    else:
        show.result(out, outcome.result)
        out.print(f"report: {outcome.folder.report}", soft_wrap=True, highlight=False)
    return ExitCode(outcome.result["exit_code"])


@command
def explore(
    file: ScenarioFile,
    backend: BackendOption = "auto",
    arm: Annotated[
        str | None, typer.Option(help="which build; the first that can be updated if left out")
    ] = None,
    moments: Annotated[int, typer.Option(min=1, help="how many moments to try")] = 12,
    seed: Annotated[
        int | None, typer.Option(help="another choice of moments; else the scenario's")
    ] = None,
    shrink_runs: Annotated[
        int, typer.Option(min=0, help="how many more runs to make a failing one smaller")
    ] = 60,
    sources: SourcesOption = None,
    mutate: MutateOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Update at many moments; make the first that fails as small as it gets.

    A scenario says at which byte of which transfer its update comes. This tries
    others: its own, the first and the last byte of every held transfer, then
    positions all over them, in turn with all of them taking part and with one.
    Each is a round of its own, judged by the scenario's checks (not by its
    thresholds: one pause alone says little).

    Of the first moment that fails, steps, session groups and sessions are left
    out as long as one of the same checks still fails; then the lowest byte is
    looked for by halving. What is left is printed with one line
    that runs just that again:

      dsuharness replay 1f3a9c07be

    For example:

      [bold]dsuharness explore scenarios/vsftpd-one.yml --backend process[/bold]

      [bold]dsuharness explore scenarios/vsftpd-one.yml --moments 100 --seed 7[/bold]

      [bold]dsuharness explore scenarios/vsftpd-one.yml --mutate lost-descriptor[/bold]
      (an update that is wrong on purpose: it must be found)

    Exit code 0: no moment failed; 1: one did; 2: one could not be judged; 3: one
    could not be run.
    """
    scenario = scenarios.load(file, sources)
    view = View(err)
    whole = Exploration(
        scenario, _backend(backend), arm, view.say, mutate, moments, seed, shrink_runs
    )
    return _scheduled(whole, view, as_json)


@command
def replay(
    name: Annotated[str, typer.Argument(metavar="ID", help="as explore has printed it")],
    backend: BackendOption = "auto",
    sources: SourcesOption = None,
    as_json: JsonOption = False,
) -> ExitCode:
    """Run one explored moment again, and say whether the verdict is the same.

    The schedule comes from the exploration's result; any of its moments has an
    ID, the passing ones too. The scenario file must not have changed since. The
    builds may have (a fix is what one replays for): then it says which are others.

    Example: [bold]dsuharness replay 1f3a9c07be --backend process[/bold]

    The exit code is the new verdict's, as of run.
    """
    view = View(err)
    whole = Replay(find_recorded(name), sources, _backend(backend), view.say)
    return _scheduled(whole, view, as_json)


def _scheduled(whole: Scheduled, view: View, as_json: bool) -> ExitCode:
    with nullcontext() if as_json else view.live():
        outcome = whole.run(view.watch)
    if as_json:
        print(json.dumps(outcome.result, indent=2))
    else:
        show.moments(out, outcome.result)
        out.print(f"report: {outcome.folder.report}", soft_wrap=True, highlight=False)
    return ExitCode(outcome.result["exit_code"])


@command
def validate(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="SCENARIO.yml…", help="scenario files")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="print the JSON Schema, for your editor")
    ] = False,
) -> ExitCode:
    """Say everything that is wrong with scenario files; run nothing.

    Example: [bold]dsuharness validate scenarios/*.yml[/bold]
    """
    if schema:
        print(scenarios.json_schema(), end="")
        return ExitCode.PASS
    if not files:
        raise typer.BadParameter("name a scenario file, or ask for --schema")
    problems: list[str] = []
    for file in files:
        try:
            scenarios.load(file)
        except InvalidScenario as error:
            problems += error.problems
        else:
            out.print(f"{file}: [green]valid[/green]", highlight=False)
    if problems:
        raise InvalidScenario(problems)
    return ExitCode.PASS


@command
def plan(file: ScenarioFile, sources: SourcesOption = None) -> ExitCode:
    """Show what a scenario would do, in order; run nothing.

    With --sources, also whether all tarballs and directories are there, by their digests.

    Example: [bold]dsuharness plan scenarios/kissfft-overhead.yml[/bold]
    """
    scenario = scenarios.load(file, sources)
    for line in planning.lines(scenario):
        out.print(escape(line), soft_wrap=True, highlight=False)
    if sources is not None:
        upstream.require(scenario.sources, sources)
    return ExitCode.PASS


@command
def build(
    file: ScenarioFile,
    backend: BackendOption = "auto",
    arm: ArmOption = None,
    sources: SourcesOption = None,
) -> ExitCode:
    """Fetch and build all that a scenario needs; a later run finds it in the cache.

    Example: [bold]dsuharness build scenarios/vsftpd-one.yml --arm baseline[/bold]
    """
    scenario = scenarios.load(file, sources)
    arms = chosen_arms(scenario, arm or [])
    run_id = f"build-{scenario.name}-{os.getpid()}"
    with choose(_backend(backend)) as chosen:
        prepared = Preparation(scenario, chosen, run_id, arms, _say).prepare()
    for (name, version), made in prepared.builds.items():
        out.print(f"{name} {version}: {made.folder}", soft_wrap=True, highlight=False)
    return ExitCode.PASS


@command
def report(
    name: Annotated[str, typer.Argument(help="a run's folder, or the name of a scenario")],
    as_json: JsonOption = False,
) -> ExitCode:
    """Show a result again; of a scenario, the latest.

    Example: [bold]dsuharness report vsftpd-one[/bold]
    """
    folder = store.find(name)
    value = folder.result()
    if as_json:
        print(json.dumps(value, indent=2))
    else:
        (show.moments if "moments" in value else show.result)(out, value)
        out.print(f"report: {folder.report}", soft_wrap=True, highlight=False)
    return ExitCode(value["exit_code"])


@command
def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="a run's folder, or a scenario")],
    b: Annotated[str, typer.Argument(metavar="B", help="another")],
) -> ExitCode:
    """Put two results side by side.  Exit code 1 if a check passed in A and fails in B.

    Example: [bold]dsuharness compare results/vsftpd-one/2026* vsftpd-one[/bold]
    """
    old, new = store.find(a).result(), store.find(b).result()
    show.comparison(out, old, new)
    worse = any(
        key.startswith("check ") and left == "pass" and right == "fail"
        for key, (left, right) in show.paired(old, new).items()
    )
    return ExitCode.CORRECTNESS if worse else ExitCode.PASS


@command
def history(
    name: Annotated[str | None, typer.Argument(help="only this scenario")] = None,
) -> ExitCode:
    """List all runs, oldest first.

    Example: [bold]dsuharness history vsftpd-one[/bold]
    """
    for folder in store.all_runs():
        value = folder.result()
        if name in (None, value["scenario"]):
            verdict = show.coloured(value["verdict"])
            line = f"{folder.path.name}  {value['scenario']:20} {verdict}"
            out.print(line, soft_wrap=True, highlight=False)
    return ExitCode.PASS


@command
def gc(backend: BackendOption = "auto") -> ExitCode:
    """Remove what runs that were killed left behind on the engine.

    Runs do this too when they begin; nothing of a living run is touched.
    """
    with choose(_backend(backend)) as chosen:
        removed = chosen.sweep()
    for line in removed:
        out.print(f"removed {line}", soft_wrap=True, highlight=False)
    out.print(f"gc: {len(removed)} removed", highlight=False)
    return ExitCode.PASS


def _say(line: str) -> None:
    err.print(line, style="dim", soft_wrap=True, highlight=False, markup=False)


def main() -> None:
    """Entry point of the `dsuharness` command."""
    app()


if __name__ == "__main__":
    main()
