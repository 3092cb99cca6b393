"""The base image: all that subjects need is in it, no network needed."""

from __future__ import annotations

import importlib.metadata
import tarfile
from typing import TYPE_CHECKING

import pytest

from dsuharness import base_image

if TYPE_CHECKING:
    import docker


@pytest.fixture(scope="module")
def image(docker_client: docker.DockerClient) -> str:
    return base_image.ensure(docker_client)


def run(client: docker.DockerClient, image: str, script: str) -> str:
    output = client.containers.run(
        image,
        ["sh", "-ec", script],
        network_mode="none",
        remove=True,
        labels={"dsuharness": "test"},
    )
    return str(output, "utf-8").strip()


@pytest.mark.docker
def test_it_builds_and_runs_c_without_a_network(
    docker_client: docker.DockerClient, image: str
) -> None:
    script = (
        "printf '#include <sys/capability.h>\\n#include <security/pam_appl.h>\\n"
        "#include <openssl/ssl.h>\\nint main(void){return 0;}' > /tmp/x.c;"
        "gcc /tmp/x.c -o /tmp/x -lcap -lpam -lssl -lcrypt;"
        "valgrind --quiet --error-exitcode=1 /tmp/x; gdb --version > /dev/null; echo built"
    )
    assert run(docker_client, image, script) == "built"


@pytest.mark.docker
@pytest.mark.parametrize("package", base_image.PYTHON_PACKAGES)
def test_python_packages_are_the_ones_of_the_environment(
    docker_client: docker.DockerClient, image: str, package: str
) -> None:
    script = f"import importlib.metadata as m; print(m.version({package!r}))"
    inside = run(docker_client, image, f'python3 -W error -c "{script}"')
    assert inside == importlib.metadata.version(package)


@pytest.mark.docker
def test_it_is_labelled_and_built_only_once(
    docker_client: docker.DockerClient, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_image, "_build", lambda *_: pytest.fail("built again"))
    assert base_image.ensure(docker_client) == image
    assert docker_client.images.get(image).labels["dsuharness"] == "base"


@pytest.mark.docker
def test_the_tag_follows_the_recipe(
    docker_client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = base_image.recipe_digest(docker_client)
    assert base_image.recipe_digest(docker_client) == before
    monkeypatch.setattr(base_image, "PYTHON_PACKAGES", ("pycparser",))
    assert base_image.recipe_digest(docker_client) != before


def test_the_build_context_has_the_recipe_and_the_packages() -> None:
    with tarfile.open(fileobj=base_image._context()) as archive:
        names = archive.getnames()
    assert {"Dockerfile", "packages.txt", "mirrors.list", "python/pycparser/__init__.py"} <= {
        *names
    }
    assert not [name for name in names if name.endswith(".pyc") or ".." in name]
