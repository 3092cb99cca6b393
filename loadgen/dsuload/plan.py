"""What the harness orders: the server, and the groups of sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Hold:
    """Stop at byte `at` of the transfer until the group's latch is open."""

    at: int
    until: str


@dataclass(frozen=True)
class Group:
    """Equal sessions; `paths` and `accounts` are dealt out in turn."""

    name: str
    does: str
    count: int
    size: int
    type: str
    data: str
    tls: bool
    paths: list[str]
    accounts: list[list[str]]
    hold: Hold | None
    after: str | None

    @property
    def latch(self) -> str:
        """Opened by the harness when held transfers go on."""
        return f"go-on:{self.name}"


@dataclass(frozen=True)
class Order:
    """The whole load."""

    protocol: str
    host: str
    port: int
    seed: int
    probe: list[str]
    groups: list[Group]


def read_order(data: dict[str, Any]) -> Order:
    """An `Order` from the harness's first line."""
    groups = [
        Group(**{**group, "hold": Hold(**group["hold"]) if group["hold"] else None})
        for group in data["groups"]
    ]
    return Order(**{**data, "groups": groups})
