"""Backends: where worlds come from.  `choose` is the only entry."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Literal, Protocol, Self

from ..errors import InfrastructureError
from .world import Mount, World, WorldSpec

Choice = Literal["docker", "process", "auto"]


class Backend(Protocol):
    """Opens worlds; `identity` enters the digests of what is built in them.

    A context, which ends the connection to whatever it is a backend to.
    """

    name: str

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(self, *_: object) -> None:
        """Let go."""

    def identity(self, image: str) -> str:
        """A string that changes when a build made in this world would."""

    def open(self, spec: WorldSpec) -> AbstractContextManager[World]:
        """A fresh world, gone with all its processes when the context ends."""

    def describe(self) -> dict[str, str]:
        """For the result's `environment`."""

    def sweep(self) -> list[str]:
        """Remove what dead runs left; returns what was removed."""


def choose(choice: Choice) -> Backend:
    """The backend asked for; `auto` takes docker where an engine answers."""
    from .docker import DockerBackend  # noqa: PLC0415 - the docker SDK is slow to import
    from .process import ProcessBackend  # noqa: PLC0415

    if choice == "process":
        return ProcessBackend()
    try:
        return DockerBackend()
    except InfrastructureError:
        if choice == "docker":
            raise
        return ProcessBackend()


__all__ = ["Backend", "Choice", "Mount", "World", "WorldSpec", "choose"]
