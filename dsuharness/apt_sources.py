"""Debian mirrors, as this machine's own apt configuration names them.

No address is written down in this project: a machine behind a company mirror
or a cache keeps using it.  Both of apt's formats are read (deb822 `.sources`
and one-line `.list`), and entries for suites that the machine does not use
itself are derived from those that it does.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dsuharness.errors import InfrastructureError

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
RELEASES = ("bullseye", "bookworm", "trixie", "forky", "sid", "oldstable", "stable", "testing")
_ONE_LINE = re.compile(
    r"^(deb|deb-src)\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<rest>.+)$"
)


@dataclass(frozen=True)
class Entry:
    """One source of packages: a mirror, a suite there, and who signs it."""

    uri: str
    suite: str
    signed_by: str

    @property
    def release(self) -> str:
        """The suite's release: `bookworm` for `bookworm-updates` and `bookworm/updates`."""
        return re.split(r"[-/]", self.suite, maxsplit=1)[0]

    @property
    def is_security(self) -> bool:
        """Whether it is an entry of the security archive, which is a mirror of its own."""
        return self.suite.endswith(("-security", "/updates"))

    def line(self, kind: str) -> str:
        """Return the entry in apt's one-line format; `kind` is deb or deb-src."""
        return f"{kind} [signed-by={self.signed_by}] {self.uri} {self.suite} main"


def configured(etc: Path | None = None) -> list[Entry]:
    """Return all Debian entries of the apt configuration in `etc` (by default the system's)."""
    etc = etc or _system_etc()
    entries: list[Entry] = []
    for path in [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]:
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".sources":
            entries += _deb822(text)
        elif path.suffix == ".list":
            entries += _one_line(text)
    return [entry for entry in entries if entry.release in RELEASES]


def entry_for(suite: str, etc: Path | None = None) -> Entry:
    """Return an entry for `suite`, on the mirror that the machine uses for its own suites."""
    entries = configured(etc)
    for entry in entries:
        if entry.suite == suite:
            return entry
    security = Entry("", suite, "").is_security
    for entry in entries:
        if entry.is_security == security:
            return Entry(entry.uri, suite, entry.signed_by)
    if security and entries:
        # By Debian's convention the two archives are siblings on a mirror.
        sibling = re.sub(r"/debian(/?)$", r"/debian-security\1", entries[0].uri)
        return Entry(sibling, suite, entries[0].signed_by)
    raise InfrastructureError(
        f"no Debian mirror in {etc or _system_etc()}: "
        "add an entry for any Debian suite to sources.list.d"
    )


def _system_etc() -> Path:
    try:
        shown = subprocess.run(
            ["apt-config", "shell", "DIR", "Dir::Etc/d"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return Path("/etc/apt")
    match = re.match(r"DIR='(.*)'", shown)
    return Path(match.group(1)) if match else Path("/etc/apt")


def _deb822(text: str) -> Iterator[Entry]:
    for stanza in re.split(r"\n\s*\n", text):
        fields = _fields(stanza)
        if fields.get("enabled", "yes").lower() in ("no", "false", "0"):
            continue
        signed_by = fields.get("signed-by", "")
        # A whole key may stand there in place of a file name.
        keyring = signed_by if signed_by.startswith("/") else str(KEYRING)
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield Entry(uri, suite, keyring)


def _fields(stanza: str) -> dict[str, str]:
    """Return a stanza's fields, names in lower case, continuation lines joined."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')} {line.strip()}".strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.lower()
            fields[name] = value.strip()
    return fields


def _one_line(text: str) -> Iterator[Entry]:
    for line in text.splitlines():
        match = _ONE_LINE.match(line.strip())
        if match is None:
            continue
        options = dict(
            option.split("=", 1) for option in (match["options"] or "").split() if "=" in option
        )
        keyring = options.get("signed-by", str(KEYRING))
        yield Entry(match["uri"], match["rest"].split()[0], keyring)
