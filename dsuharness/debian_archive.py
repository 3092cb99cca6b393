"""Source packages of any Debian suite, without touching the system's package lists.

Each suite has an apt root of its own in the cache: its own source entry, lists
and archives.  apt checks what it downloads against the suite's signed index, so
nothing is trusted that the suite does not vouch for.
"""

from __future__ import annotations

import subprocess
import time
from functools import cmp_to_key
from typing import TYPE_CHECKING

from dsuharness.apt_sources import entry_for
from dsuharness.cache import cache_dir, locked
from dsuharness.errors import InfrastructureError, SourceMissing, ToolMissing

if TYPE_CHECKING:
    from pathlib import Path

LISTS_FRESH_SECONDS = 24 * 3600
UPDATE_TIMEOUT_SECONDS = 600


class Suite:
    """One suite (`trixie`, `bullseye-security`) and the source packages it has."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._root = cache_dir("apt", name)

    def versions(self, package: str) -> list[str]:
        """Return the versions of `package` in the suite's index, newest first."""
        self._update(LISTS_FRESH_SECONDS)
        shown = self._apt("apt-cache", "showsrc", "--only-source", package)
        found = {
            line.split(":", 1)[1].strip()
            for line in shown.stdout.splitlines()
            if line.startswith("Version:")
        }
        return sorted(found, key=cmp_to_key(_compare), reverse=True)

    def download(self, package: str, version: str, into: Path) -> Path:
        """Download the files of `package` `version` to `into`; return its `.dsc`.

        Raises SourceMissing if the suite lists no such version or its mirror
        no longer has the files.
        """
        if version not in self.versions(package):
            # The suite may have moved on since the lists were fetched.
            self._update(0)
        listed = self.versions(package)
        if version not in listed:
            raise self._missing(package, version, f"its index lists {_listing(listed)}")
        result = self._apt(
            "apt-get", "source", "--download-only", "--only-source", f"{package}={version}",
            cwd=into,
        )  # fmt: skip
        found = sorted(into.glob(f"{package}_*.dsc"))
        if result.returncode != 0 or not found:
            raise self._missing(package, version, f"apt-get source said:\n{_tail(result)}")
        return found[0]

    def _missing(self, package: str, version: str, why: str) -> SourceMissing:
        return SourceMissing(
            f"source package {package} {version} is not to be had from suite {self.name}: {why}\n"
            f"What to do: name a version that the suite has, or another suite, or set "
            f"`fallback: true` to take the newest release of the same series"
        )

    def _update(self, fresh_seconds: float) -> None:
        """Fetch the suite's index unless it was fetched within `fresh_seconds`."""
        stamp = self._root / "updated"
        with locked(f"apt-{self.name}"):
            if stamp.exists() and time.time() - stamp.stat().st_mtime < fresh_seconds:
                return
            for folder in ("lists/partial", "archives/partial"):
                (self._root / folder).mkdir(parents=True, exist_ok=True)
            (self._root / "sources.list").write_text(entry_for(self.name).line("deb-src") + "\n")
            result = self._apt("apt-get", "update")
            if result.returncode != 0:
                raise InfrastructureError(
                    f"cannot fetch the package index of suite {self.name}:\n{_tail(result)}"
                )
            stamp.touch()

    def _apt(
        self, program: str, *arguments: str, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        options = {
            "Dir::Etc::sourcelist": self._root / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": self._root / "lists",
            "Dir::Cache": self._root,
            # The download user of apt's sandbox cannot write to a private cache.
            "APT::Sandbox::User": "root",
            # A partial update would otherwise end with exit code 0.
            "APT::Update::Error-Mode": "any",
            # Old suites are no longer re-signed; we ask for exact versions,
            # so that a stale index cannot pass off an older one.
            "Acquire::Check-Valid-Until": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        flags = [f"-o{name}={value}" for name, value in options.items()]
        try:
            return subprocess.run(
                [program, *flags, *arguments],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=UPDATE_TIMEOUT_SECONDS,
            )
        except FileNotFoundError as error:
            raise ToolMissing(f"{program} is not installed: Debian sources need apt") from error
        except subprocess.TimeoutExpired as error:
            raise InfrastructureError(
                f"{program} {arguments[0]} for suite {self.name}: "
                f"not done after {UPDATE_TIMEOUT_SECONDS} s"
            ) from error


def same_series(version: str, other: str) -> bool:
    """Whether two Debian versions are releases of one upstream series.

    The last number of an upstream version is its release: 13.16 and 13.23 are
    of the series 13, and 3.0.5 and 3.0.6 of the series 3.0.
    """
    return _series(version) == _series(other)


def _series(version: str) -> tuple[str, ...]:
    without_epoch = version.rsplit(":", 1)[-1]
    upstream = without_epoch.rsplit("-", 1)[0]
    numbers = tuple(upstream.split("."))
    return numbers[:-1] or numbers


def _compare(one: str, other: str) -> int:
    if one == other:
        return 0
    newer = subprocess.run(["dpkg", "--compare-versions", one, "gt", other], check=False)
    return 1 if newer.returncode == 0 else -1


def _listing(versions: list[str]) -> str:
    return ", ".join(versions) if versions else "no version of it"


def _tail(result: subprocess.CompletedProcess[str], lines: int = 8) -> str:
    said = (result.stdout + result.stderr).strip().splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in said)
