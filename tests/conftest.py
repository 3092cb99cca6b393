"""What all tests share: the engine, and who has to have one."""

from __future__ import annotations

import functools
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from dsuharness import engine
from dsuharness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the nightly run has the time for; the last line counts it."""
    if os.environ.get("DSU_NIGHTLY"):
        return
    left_out = [item for item in items if item.get_closest_marker("nightly")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Groups are in the names that tests are dealt out by; else each worker builds all anew."""
    if not getattr(session.config.option, "loadgroup", False):
        return
    for item in session.items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid:
            raise pytest.UsageError(f"{item.nodeid}: its group was lost: pytest-xdist is too old")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Hold back tests whose machine is not there; in CI a missing engine is a failure."""
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("needs to be root")
    if item.get_closest_marker("docker") and (why := _why_no_engine()):
        if os.environ.get("DSU_REQUIRE_DOCKER"):
            pytest.fail(f"DSU_REQUIRE_DOCKER is set, but {why}", pytrace=False)
        pytest.skip(why)


@functools.cache
def _why_no_engine() -> str:
    """Return why no engine is to be had, or an empty string."""
    try:
        engine.ensure_running().close()
    except HarnessError as error:
        return str(error)
    return ""


@pytest.fixture(scope="session")
def docker_client() -> Iterator[docker.DockerClient]:
    with closing(engine.connect()) as client:
        yield client
