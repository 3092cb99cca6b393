"""Locust users: what each kind of session does from its greeting to its goodbye.

idle      logs in, asks, keeps silent until the update is over, asks again
retrieve  asks, fetches one file, stopping at a byte; asks again
store     the same, the other way
steady    asks and fetches a small file over and over, until the end
visit     comes after an update, does once what steady does, and again when all updates are over
"""

from __future__ import annotations

import ftplib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

import gevent
from locust import User, task
from locust.exception import StopUser

from dsuload import ftp, http, memcache
from dsuload.channel import Channel
from dsuload.plan import Group, Order
from dsuload.transfer import Tell

THINK_SECONDS = 0.02
"""Pause of a steady session between rounds; it is not a load test of its own."""

UPDATED = "updated"
FINISH = "finish"


def _ftp(order: Order, group: Group, tell: Tell) -> ftp.Session:
    way = ftp.Way(group.type == "ascii", group.data == "active", group.tls)
    return ftp.Session(order.host, order.port, way, tell)


def _memcache(order: Order, _: Group, tell: Tell) -> memcache.Session:
    return memcache.Session(order.host, order.port, tell)


def _http(order: Order, _: Group, tell: Tell) -> http.Session:
    return http.Session(order.host, order.port, tell)


SESSIONS: dict[str, Callable[[Order, Group, Tell], Any]] = {
    "ftp": _ftp,
    "http": _http,
    "memcache": _memcache,
}


class SessionUser(User):
    """One session; subclasses are made for each group by `classes_for`."""

    abstract = True
    group: ClassVar[Group]
    order: ClassVar[Order]
    channel: ClassVar[Channel]
    born: ClassVar[int] = 0

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self.index = type(self).born
        type(self).born += 1
        self.session_name = f"{self.group.name}-{self.index}"

    @task
    def run_session(self) -> None:
        """The whole life of the session, once."""
        try:
            if self.group.does == "visit":
                self.channel.wait(f"over:{self.group.after}")
            self._live()
        except (OSError, EOFError, ftplib.Error) as error:
            self.tell("failed", error=f"{type(error).__name__}: {error}")
        raise StopUser

    def _live(self) -> None:
        session = SESSIONS[self.order.protocol](self.order, self.group, self.tell)
        account = self.group.accounts[self.index % len(self.group.accounts)]
        with self._timed("LOGIN"):
            session.login(*account)
        getattr(self, f"_{self.group.does}")(session)
        self.tell("done", **session.ends())
        session.quit()

    def _idle(self, session: Any) -> None:
        self._probe(session, "before")
        self._ready()
        self.channel.wait(UPDATED)
        self._probe(session, "after")

    def _retrieve(self, session: Any) -> None:
        self._probe(session, "before")
        self._ready()
        with self._timed("RETR", self.group.size):
            session.retrieve(self._path, self.group.size, self._at, self._pauser("RETR"))
        self.channel.wait(UPDATED)
        self._probe(session, "after")

    def _store(self, session: Any) -> None:
        self._probe(session, "before")
        self._ready()
        seed = f"{self.order.seed}/{self.session_name}"
        with self._timed("STOR", self.group.size):
            session.store(self._path, self.group.size, self._at, self._pauser("STOR"), seed)
        self.channel.wait(UPDATED)
        self._probe(session, "after")

    def _steady(self, session: Any) -> None:
        self._round(session, "before")
        self._ready()
        while not self.channel.released(FINISH):
            # Decided before the question goes out: a reply to a question asked
            # once the update was over must be the new version's.
            self._round(session, "after" if self.channel.released(UPDATED) else "during")
            gevent.sleep(THINK_SECONDS)
        self._round(session, "after")

    def _visit(self, session: Any) -> None:
        self._round(session, "after")
        self._ready()
        self.channel.wait(UPDATED)
        self._round(session, "after")

    def _round(self, session: Any, phase: str) -> None:
        self._probe(session, phase)
        with self._timed("RETR small", self.group.size):
            session.retrieve(self._path, self.group.size, -1, _no_pause)

    def _probe(self, session: Any, phase: str) -> None:
        for command in self.order.probe:
            with self._timed(command):
                session.ask(command, phase)

    def _pauser(self, op: str) -> Callable[[], None]:
        def pause() -> None:
            hold = self.group.hold
            if hold is not None:
                self.tell("reached", op=op, bytes=hold.at)
                if hold.until != "none":
                    self.channel.wait(self.group.latch)

        return pause

    @property
    def _at(self) -> int:
        return self.group.hold.at if self.group.hold else -1

    @property
    def _path(self) -> str:
        return self.group.paths[self.index % len(self.group.paths)]

    def _ready(self) -> None:
        self.tell("ready")

    def tell(self, event: str, **details: Any) -> None:
        """An event of this session."""
        self.channel.emit(event, session=self.session_name, group=self.group.name, **details)

    def _timed(self, name: str, length: int = 0) -> AbstractContextManager[None]:
        return _timed(self.environment, name, length)


@contextmanager
def _timed(environment: Any, name: str, length: int) -> Iterator[None]:
    """Report one request to Locust's own statistics, whatever comes of it."""
    started, raised = time.perf_counter_ns(), None
    try:
        yield
    except (OSError, EOFError, ftplib.Error) as error:
        raised = error
        raise
    finally:
        environment.events.request.fire(
            request_type="session",
            name=name,
            response_time=(time.perf_counter_ns() - started) / 1e6,
            response_length=length,
            exception=raised,
            context={},
        )


def _no_pause() -> None:
    """Small transfers are not held."""


def classes_for(order: Order, channel: Channel) -> list[type[User]]:
    """A Locust user class for each group, with just as many users as it has sessions."""
    return [
        type(
            f"{group.does}_{group.name}",
            (SessionUser,),
            {
                "abstract": False,
                "fixed_count": group.count,
                "group": group,
                "order": order,
                "channel": channel,
            },
        )
        for group in order.groups
    ]
