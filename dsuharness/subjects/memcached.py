"""memcached with its libevent, both built alike; four worker threads, otherwise as compiled in.

The library is part of the program here: its event loop lies on the stack of every
thread, beneath all that memcached does.
"""

from __future__ import annotations

import hashlib
import random
import socket
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..errors import InvalidScenario, StepTimedOut
from ..sources import SourceSpec
from ..subject import Group, Mutation, Recipe, Running

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..backend.world import World
    from ..scenario import Sessions

PATIENCE = 10.0
"""Seconds until a started server must take connections."""

LIBEVENT = SourceSpec("libevent", "2.1.12-stable-8", "bookworm", fallback=True)

# Changed versions, as sed scripts by file: small edits that are ours.
RELEASED = "released"
CHANGES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        # Another answer, and one more statement in the function that is at the bottom of each
        # worker's stack all the time.
        "answer": {
            "proto_text.c": r's/"VERSION " VERSION)/"VERSION " VERSION "-dsu")/',
            "thread.c": r"s/^    event_base_loop(me->base, 0);/&\n    me->base = me->base;/",
        },
        # With that, a connection counts its turns, in front of all that it had.
        "turns": {
            "proto_text.c": r's/"VERSION " VERSION)/"VERSION " VERSION "-turns")/',
            "thread.c": r"s/^    event_base_loop(me->base, 0);/&\n    me->base = me->base;/",
            "memcached.h": r"s/^struct conn {/&\n    unsigned long turns;/",
            "memcached.c": r"/^static void drive_machine(conn \*c) {/,/^}/"
            r"s/^    assert(c != NULL);/&\n    c->turns++;/",
        },
    }
)


class Memcached:
    """The subject; see the module."""

    name = "memcached"
    image = "memcached"
    protocol = "memcache"
    port = 11211
    options: Mapping[str, type] = MappingProxyType({"threads": int})
    mutations: Mapping[str, Mutation] = MappingProxyType({})

    def __init__(self) -> None:
        self._values: dict[str, bytes] = {}

    def recipe(self, compiler: str, version: str) -> Recipe:
        """Both projects' own configure and make; a version's name is its change's."""
        if version != RELEASED and version not in CHANGES:
            known = ", ".join([RELEASED, *CHANGES])
            raise InvalidScenario([f"memcached has no version '{version}' (known: {known})"])
        changes = CHANGES.get(version, {})
        edits = tuple(("sed", "-i", script, file) for file, script in changes.items())
        installed = "/dsu/source/installed"
        only = ("--disable-shared", "--disable-openssl", "--disable-samples")
        library = (
            ("sh", "-c", f"cd libevent && ./configure CC={compiler} {' '.join(only)} "
             f"--disable-libevent-regress --prefix={installed}"),
            ("make", "-C", "libevent", "install"),
        )  # fmt: skip
        # The extra storage needs nothing of what a scenario does, and is a quarter of the build.
        own = ("./configure", f"CC={compiler}", f"--with-libevent={installed}",
               "--disable-extstore", "--disable-docs")  # fmt: skip
        commands = (*edits, *library, own, ("make", "memcached"))
        return Recipe(commands=commands, product="memcached", needs=(LIBEVENT,))

    def prepare(self, world: World, name: str, sessions: Sessions, seed: int) -> Group:  # noqa: ARG002
        """Values to get, set once the server runs; keys to set, one for each session."""
        if sessions.does == "store":
            return Group(tuple(f"{name}-{i}" for i in range(sessions.count)), (("", ""),))
        value = random.Random(f"{seed}/{name}").randbytes(sessions.size)
        self._values[name] = value
        return Group((name,), (("", ""),), hashlib.sha256(value).hexdigest())

    def start(self, world: World, program: str, options: dict[str, Any]) -> Running:
        """Start it, wait for its answer, and set what sessions will get."""
        argv = [program, "-u", "nobody", "-p", str(world.port), "-U", "0",
                "-t", str(options.get("threads", 4))]  # fmt: skip
        log = "/dsu/control/memcached.log"
        pid = world.ask("spawn", argv=argv, env={}, cwd="/", log=log)["pid"]
        client = self._connected(world, pid)
        with client:
            for key, value in self._values.items():
                client.sendall(b"set %s 0 0 %d\r\n%s\r\n" % (key.encode(), len(value), value))
                if client.recv(100) != b"STORED\r\n":
                    raise StepTimedOut("memcached's STORED", PATIENCE, world.state())
        self._values = {}
        return Running(pid=pid, log="memcached.log")

    def _connected(self, world: World, pid: int) -> socket.socket:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and world.ask("poll", pid=pid)["code"] is None:
            try:
                return socket.create_connection((world.host, world.port), timeout=PATIENCE)
            except OSError:
                time.sleep(0.02)
        log = (world.control / "memcached.log").read_text(errors="replace")
        state = f"exit code {world.ask('poll', pid=pid)['code']}\n{log}{world.state()}"
        raise StepTimedOut("memcached's first connection", PATIENCE, state)

    def stored(self, world: World, path: str) -> dict[str, Any]:
        """What the server has under a key."""
        with socket.create_connection((world.host, world.port), timeout=PATIENCE) as client:
            client.sendall(f"get {path}\r\n".encode())
            with client.makefile("rb") as stream:
                head = stream.readline().split()
                value = stream.read(int(head[3])) if head[0] == b"VALUE" else b""
        return {"sha256": hashlib.sha256(value).hexdigest(), "size": len(value)}


SUBJECT = Memcached()
