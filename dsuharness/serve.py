"""One round of a scenario with clients: start, load, wait for the protocol state, update, end.

    start server → sessions ready → every `when` reached → ask for the update
      → held clients go on → update over → silent sessions and newcomers speak → end

On an arm that is not updated the same happens, without the asking.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import toolchain
from .backend.world import Completed
from .errors import InfrastructureError
from .load import Load
from .trigger import Condition, wait_for

if TYPE_CHECKING:
    from .backend import World
    from .build import Build
    from .journal import Scribe
    from .patching import Patches
    from .scenario import Load as LoadModel
    from .scenario import Scenario, Step, When
    from .subject import Group, Running, Server

READY_SECONDS = 60.0
END_SECONDS = 120.0


@dataclass(frozen=True)
class Cores:
    """Server and load stand on different processors."""

    server: int
    load: int


@dataclass(frozen=True)
class Round:
    """One round to be run: a build, and what its steps lead to (nothing: no update)."""

    scenario: Scenario
    server: Server
    build: Build
    targets: dict[str, Build]
    patches: Patches
    scribe: Scribe
    logs: Path
    cores: Cores

    def run(self, world: World) -> None:
        """Run it; everything that happens is in the journal."""
        load_model = self.scenario.load
        assert load_model is not None
        self._note_start("schedule")
        groups = self._prepare(world, load_model)
        running = self._start(world)
        order = _order(world, self.server, self.scenario, load_model, groups)
        with Load(order, self.cores.load, self.logs / "load.log", self.scribe) as load:
            for step in self.scenario.steps:
                reached = _conditions(self.scenario, step)
                wait_for(self.scribe, reached, f"protocol state of step '{step.id}'", READY_SECONDS)
                self._step(world, load, running, step)
                load.release(f"over:{step.id}")
            self._end(load, load_model)
        self._collect(world, running, load_model, groups)

    def run_reference(self, world: World) -> None:
        """Only ask the probe's questions, to learn how this version answers them."""
        load_model = self.scenario.load
        assert load_model is not None
        self._note_start("reference")
        steady = next(iter(load_model.sessions.values())).model_copy(
            update={"does": "idle", "count": 2, "size": 32, "hold": None, "tls": False}
        )
        only = load_model.model_copy(update={"sessions": {"reference": steady}})
        groups = self._prepare(world, only)
        running = self._start(world)
        order = _order(world, self.server, self.scenario, only, groups)
        with Load(order, self.cores.load, self.logs / "load.log", self.scribe) as load:
            load.release("updated")
            load.release("finish")
            load.wait_end(END_SECONDS)
        self._collect(world, running, only, groups)

    def _note_start(self, purpose: str) -> None:
        self.scribe.note(
            "round-started",
            purpose=purpose,
            version=self.build.version,
            updates={step: build.version for step, build in self.targets.items()},
            paths={s.id: self.scenario.path(s) for s in self.scenario.steps if self.targets},
            program=self.build.digest,
        )

    def _prepare(self, world: World, load: LoadModel) -> dict[str, Group]:
        groups = {}
        for name, sessions in load.sessions.items():
            group = self.server.prepare(world, name, sessions, self.scenario.seed)
            groups[name] = group
            details = {"does": sessions.does, "count": sessions.count, "sha256": group.sha256}
            held_for = sessions.hold.step if sessions.hold else None
            self.scribe.note(
                "prepared", group=name, after=sessions.after, held_for=held_for, **details
            )
        return groups

    def _start(self, world: World) -> Running:
        running = self.server.start(world, self.build.program, self.scenario.subject.with_)
        self.scribe.note("server-started", pid=running.pid)
        return running

    def _step(
        self,
        world: World,
        load: Load,
        running: Running,
        step: Step,
    ) -> None:
        self._note_family(world, running, step, "before")
        self.scribe.note("barrier-reached", step=step.id)
        if step.id not in self.targets:
            self._go_on(load, step, "until-requested")
            self._go_on(load, step, "until-applied")
            return
        seconds = step.timeout_minutes * 60
        argv = self._command(step, running)
        pending = world.start(argv, timeout=seconds)
        self.scribe.note("update-requested", step=step.id)
        self._go_on(load, step, "until-requested")
        done = Completed(argv=argv, **pending.wait(seconds + 5))
        self._note_update(step, done)
        self._note_family(world, running, step, "after")
        self._note_status(world, running, step)
        self._go_on(load, step, "until-applied")

    def _command(self, step: Step, running: Running) -> list[str]:
        if step.uses == "revert":
            return [toolchain.DSUCTL, "revert", str(running.pid), "--json"]
        return [toolchain.DSUCTL, "apply", str(running.pid), self.patches.path(step.id), "--json"]

    def _go_on(self, load: Load, step: Step, policy: str) -> None:
        assert self.scenario.load is not None
        for name, sessions in self.scenario.load.sessions.items():
            if self.scenario.releases(step, policy, sessions.hold):
                load.release(f"go-on:{name}")

    def _note_update(self, step: Step, done: Completed) -> None:
        self.scribe.note(
            "update-ended",
            step=step.id,
            code=done.code,
            report=_json(done.out),
            said=done.out + done.err,
            started=done.started_ns,
            ended=done.ended_ns,
        )

    def _note_status(self, world: World, running: Running, step: Step) -> None:
        done = world.run([toolchain.DSUCTL, "status", str(running.pid), "--json"])
        said, report = done.out + done.err, _json(done.out)
        self.scribe.note("status", step=step.id, code=done.code, report=report, said=said)

    def _note_family(self, world: World, running: Running, step: Step, moment: str) -> None:
        processes = world.ask("family", pid=running.pid)["processes"]
        self.scribe.note("family", step=step.id, moment=moment, processes=processes)

    def _end(self, load: Load, model: LoadModel) -> None:
        """Let all sessions come to their end.

        From here on the subject has been updated: a session that fails or hangs
        is for the checks to judge, not an error of the harness.
        """
        finite = {n: s.count for n, s in model.sessions.items() if s.does != "steady"}
        conditions = [Condition(name, count, "done") for name, count in finite.items()]
        try:
            load.release("updated")
            wait_for(self.scribe, conditions, "end of the sessions", END_SECONDS)
            load.release("finish")
            load.wait_end(END_SECONDS)
        except InfrastructureError as error:
            self.scribe.note("cut-short", reason=str(error))

    def _collect(
        self, world: World, running: Running, load: LoadModel, groups: dict[str, Group]
    ) -> None:
        for name, sessions in load.sessions.items():
            for path in groups[name].paths if sessions.does == "store" else ():
                self.scribe.note("stored", group=name, path=path, **self.server.stored(world, path))
        code = world.ask("poll", pid=running.pid)["code"]
        self.scribe.note("round-ended", server_exit_code=code)
        shutil.copy(world.control / running.log, self.logs / running.log)


def _conditions(scenario: Scenario, step: Step) -> list[Condition]:
    """Everyone is there who should be: a login that goes on may end a process."""
    load = scenario.load
    assert load is not None
    over = {s.id for s in scenario.steps[: scenario.steps.index(step)]}
    ready = [
        Condition(name, sessions.count, "ready")
        for name, sessions in load.sessions.items()
        if sessions.does != "visit" or sessions.after in over
    ]
    return ready + [_reached(when, load.sessions[when.session].count) for when in step.when]


def _reached(when: When, count: int) -> Condition:
    return Condition(when.session, count, "reached", when.op, when.at.bytes)


def _order(
    world: World, server: Server, scenario: Scenario, load: LoadModel, groups: dict[str, Group]
) -> dict[str, Any]:
    return {
        "protocol": server.protocol,
        "host": world.host,
        "port": world.port,
        "seed": scenario.seed,
        "probe": load.probe,
        "groups": [
            {
                "name": name,
                "does": sessions.does,
                "count": sessions.count,
                "size": sessions.size,
                "type": sessions.type,
                "data": sessions.data,
                "tls": sessions.tls,
                "paths": list(groups[name].paths),
                "accounts": [list(account) for account in groups[name].accounts],
                "hold": sessions.hold.model_dump(exclude={"step"}) if sessions.hold else None,
                "after": sessions.after,
            }
            for name, sessions in load.sessions.items()
        ],
    }


def _json(text: str) -> dict[str, Any] | None:
    """What a tool printed with --json; None if it is not an object."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None
