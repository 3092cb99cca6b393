"""The image that all subjects' images are built on.

    debian:bookworm-slim, if a registry answers  ┐
    mmdebstrap on this machine's mirror, if not  ┴→ images/base/Dockerfile → dsuharness/base:DIGEST

The tag is a digest of the recipe (packages, Dockerfile, Python packages,
processor), so an image is built once and again only when the recipe changes.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from docker.errors import BuildError, DockerException, ImageNotFound

from dsuharness import engine
from dsuharness.apt_sources import KEYRING, Entry, entry_for
from dsuharness.cache import cache_dir, locked
from dsuharness.errors import BuildFailed, HarnessError, InfrastructureError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    import docker

RECIPE = Path(__file__).parent.parent / "images" / "base"
RELEASE = "bookworm"
REGISTRY_IMAGE = "debian:bookworm-slim"
LABELS = {"dsuharness": "base"}
# dsucc and dsupatch need these inside the container, in the locked versions.
PYTHON_PACKAGES = ("pycparser", "pyelftools")
# A registry that does not answer at once is treated as none: the other way takes a minute.
REGISTRY_TIMEOUT_SECONDS = 10
BOOTSTRAP_TIMEOUT_SECONDS = 900
# Documentation and translations are half of such a system and serve nobody in it.
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*")


def ensure(client: docker.DockerClient) -> str:
    """Return the tag of the base image, building it if this engine does not have it."""
    tag = f"dsuharness/base:{recipe_digest(client)}"
    with locked("base-image"):
        if not _has(client, tag):
            _build(client, tag, _root(client))
    return tag


def recipe_digest(client: docker.DockerClient) -> str:
    """Return 12 hex digits over all that the image is made of, and the engine's processor."""
    digest = hashlib.sha256()
    for name in ("Dockerfile", "packages.txt"):
        digest.update((RECIPE / name).read_bytes())
    for name in PYTHON_PACKAGES:
        digest.update(f"{name}=={importlib.metadata.version(name)}\n".encode())
    digest.update(f"{RELEASE} {client.version()['Arch']}".encode())
    return digest.hexdigest()[:12]


def packages() -> list[str]:
    """Return the Debian packages that the image has on top of a minimal system."""
    lines = (RECIPE / "packages.txt").read_text().splitlines()
    return [name for line in lines if (name := line.split("#")[0].strip())]


def _has(client: docker.DockerClient, tag: str) -> bool:
    try:
        client.images.get(tag)
    except ImageNotFound:
        return False
    return True


def _root(client: docker.DockerClient) -> str:
    """Return the name of an image to start from."""
    if _has(client, REGISTRY_IMAGE) or _pulled(client):
        return REGISTRY_IMAGE
    return _bootstrapped(client)


def _pulled(client: docker.DockerClient) -> bool:
    patience, client.api.timeout = client.api.timeout, REGISTRY_TIMEOUT_SECONDS
    try:
        client.images.get_registry_data(REGISTRY_IMAGE)
        client.api.timeout = patience
        client.images.pull(REGISTRY_IMAGE)
    except (DockerException, OSError):
        return False
    finally:
        client.api.timeout = patience
    return True


def _bootstrapped(client: docker.DockerClient) -> str:
    """Build a minimal system with all packages in it and import it as an image."""
    if shutil.which("mmdebstrap") is None:
        raise ToolMissing(
            f"no registry has {REGISTRY_IMAGE} for us, and mmdebstrap is not installed "
            "to build one: make packages"
        )
    repository, tag = "dsuharness/root", recipe_digest(client)
    with tempfile.TemporaryDirectory(prefix="dsuharness-root-") as folder:
        archive = Path(folder, "root.tar")
        _mmdebstrap(archive)
        client.api.import_image_from_file(
            str(archive),
            repository=repository,
            tag=tag,
            changes=[f"LABEL {name}={value}" for name, value in LABELS.items()],
        )
    return f"{repository}:{tag}"


def _mmdebstrap(archive: Path) -> None:
    mirrors = "\n".join(entry.line("deb") for entry in _mirrors()) + "\n"
    command = [
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join(packages())}",
        *(f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT),
        *(f"--aptopt={line}" for line in _proxies()),
        RELEASE,
        str(archive),
        "-",
    ]
    log = cache_dir() / "mmdebstrap.log"
    try:
        with log.open("w") as output:
            result = subprocess.run(
                command,
                input=mirrors.encode(),
                stdout=output,
                stderr=output,
                check=False,
                timeout=BOOTSTRAP_TIMEOUT_SECONDS,
            )
    except subprocess.TimeoutExpired as error:
        raise BuildFailed(
            f"mmdebstrap was not done after {BOOTSTRAP_TIMEOUT_SECONDS} s; see {log}"
        ) from error
    if result.returncode != 0:
        raise BuildFailed(f"mmdebstrap failed:\n{_last_lines(log.read_text(errors='replace'))}")


def _mirrors() -> Iterator[Entry]:
    """Yield the machine's mirrors for RELEASE, with the keyring where an image has it."""
    for suite in (RELEASE, f"{RELEASE}-updates", f"{RELEASE}-security"):
        entry = entry_for(suite)
        yield Entry(entry.uri, entry.suite, str(KEYRING))


def _proxies() -> list[str]:
    """Return the system's proxy settings for apt, which mmdebstrap does not read itself."""
    shown = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
    lines = shown.stdout.splitlines()
    return [line for line in lines if line.startswith("Acquire::http") and "::Proxy" in line]


def _build(client: docker.DockerClient, tag: str, root: str) -> None:
    try:
        client.images.build(
            fileobj=_context(),
            custom_context=True,
            buildargs={"ROOT": root},
            labels=LABELS,
            tag=tag,
            rm=True,
            forcerm=True,
        )
    except BuildError as error:
        said = "".join(part.get("stream", "") for part in error.build_log if part)
        raise BuildFailed(f"images/base: {error}\n{_last_lines(said)}") from error
    except DockerException as error:
        raise InfrastructureError(f"images/base: {error}") from error


def _context() -> io.BytesIO:
    """Return the build context, a tar archive, in memory: it has a few hundred kilobytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("Dockerfile", "packages.txt"):
            archive.add(RECIPE / name, arcname=name)
        mirrors = "".join(entry.line("deb") + "\n" for entry in _mirrors()).encode()
        info = tarfile.TarInfo("mirrors.list")
        info.size = len(mirrors)
        archive.addfile(info, io.BytesIO(mirrors))
        for path, name in _python_files():
            archive.add(path, arcname=f"python/{name}")
    buffer.seek(0)
    return buffer


def _python_files() -> Iterator[tuple[Path, str]]:
    """Yield the installed files of PYTHON_PACKAGES and their places among packages."""
    for package in PYTHON_PACKAGES:
        for file in importlib.metadata.distribution(package).files or ():
            # Scripts lie outside of site-packages; byte code is of this Python only.
            if file.parts[0] != ".." and file.suffix != ".pyc":
                yield Path(str(file.locate())), str(file)


def _last_lines(text: str, count: int = 12) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])


def main() -> int:
    """Make sure that the engine has the base image; print its tag."""
    try:
        with closing(engine.ensure_running()) as client:
            tag = ensure(client)
    except HarnessError as error:
        sys.stderr.write(f"base image: {error}\n")
        return int(error.exit_code)
    sys.stdout.write(f"{tag}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
