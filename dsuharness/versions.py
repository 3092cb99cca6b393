"""The versions of a scenario: where each comes from.

Three kinds of source: a Debian source package, a tarball as upstream releases it, a
directory. The last two are looked for in the folder that `--sources` names, which is
the scenario's own if it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from .model_base import Name, Strict, Text


class Taken(Strict):
    """Files that stand as another version of the same package has them."""

    version: Text
    suite: Name
    files: Annotated[list[Text], Field(min_length=1)]


class DebianSource(Strict):
    """A Debian source package; `patches` lists those of debian/patches to apply.

    `takes` makes a version between two releases: some files are the later one's already.
    """

    package: Name
    version: Text
    suite: Name
    patches: list[Text] = []
    takes: list[Taken] = []

    @property
    def origin(self) -> str:
        """What it is made of, without the changes."""
        return f"{self.package} {self.version} [{self.suite}]"


class TarballSource(Strict):
    """A release as upstream has published it; patches lie beside the tarball."""

    file: Text
    sha256: Annotated[Text, Field(pattern="^[0-9a-f]{64}$")] | None = None
    patches: list[Text] = []

    @property
    def origin(self) -> str:
        """What it is made of, without the changes."""
        return self.file


class DirectorySource(Strict):
    """A source tree; patches lie beside it."""

    path: Text
    patches: list[Text] = []

    @property
    def origin(self) -> str:
        """What it is made of, without the changes."""
        return f"{self.path}/"


Source = DebianSource | TarballSource | DirectorySource


class Version(Strict):
    """One version of the subject: a source, or the version in `after` and more changes."""

    debian: DebianSource | None = None
    tarball: TarballSource | None = None
    directory: DirectorySource | None = None
    after: Name | None = None
    patches: list[Text] = []
    takes: list[Taken] = []

    @property
    def source(self) -> Source | None:
        """Its own, if it has one."""
        return self.debian or self.tarball or self.directory


SOURCES = ("debian", "tarball", "directory")
"""The kinds of source, as keys of a `Version`."""


def sources_of(versions: Mapping[str, Version]) -> dict[str, Source]:
    """Where each version comes from, with all of its changes."""
    found: dict[str, Source] = {}
    for name, version in versions.items():
        if version.source is not None:
            found[name] = version.source
        elif version.after is not None:
            found[name] = _changed(found[version.after], version)
    return found


def changes(source: Source) -> list[str]:
    """In words, what is changed in a source's origin."""
    taken = source.takes if isinstance(source, DebianSource) else []
    return [*source.patches, *(f"{file} of {t.version}" for t in taken for file in t.files)]


def _changed(below: Source, version: Version) -> Source:
    update: dict[str, list[str] | list[Taken]] = {"patches": [*below.patches, *version.patches]}
    if isinstance(below, DebianSource):
        update["takes"] = [*below.takes, *version.takes]
    return below.model_copy(update=update)
