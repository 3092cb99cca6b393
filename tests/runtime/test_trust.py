"""Signed patches: a program started with DSU_TRUST takes no others."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests import toolchain
from tests.runtime import support
from tests.runtime.support import ctl, servers
from tests.runtime.test_audit import events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Signer:
    """Keys made by openssl, a copy of the patch, and what dsupatch signs."""

    def __init__(self, folder: Path, patch: Path) -> None:
        self.folder = folder
        self.patch = folder / "patch"
        shutil.copy(patch, self.patch)

    def key(self, name: str, kind: str = "ed25519") -> Path:
        path = self.folder / name
        if not path.exists():
            command = ["openssl", "genpkey", "-algorithm", kind, "-out", str(path)]
            subprocess.run(command, check=True, capture_output=True)
            path.chmod(0o600)
        return path

    def line(self, name: str) -> str:
        return toolchain.dsupatch("sign", self.key(name)).out.decode().strip()

    def trust(self, *names: str) -> Path:
        path = self.folder / "trust"
        lines = [f"{self.line(name)}  # {name}\n" for name in names]
        path.write_text("# who may change this program\n\n" + "".join(lines))
        return path

    def sign(self, name: str) -> Path:
        made = toolchain.dsupatch("sign", self.key(name), self.patch)
        assert made.code == 0, made.err
        return self.folder / "patch.sig"


@pytest.fixture
def signer(tmp_path: Path, patch: Path) -> Signer:
    return Signer(tmp_path, patch)


@contextmanager
def trusting(family: Path, trust: Path) -> Iterator[support.Servers]:
    with servers(family, 2, DSU_TRUST=str(trust)) as s:
        s.ask()
        yield s


def refused(s: support.Servers, patch: Path, reason: str) -> None:
    for command in ("apply", "check"):
        answer = ctl(command, s.pid, patch, "--json")
        assert answer.code == 1, answer
        assert reason in answer.json["reason"], answer
    s.expect("old", reject="new")


def test_signed_by_one_of_two(family: Path, signer: Signer, tmp_path: Path) -> None:
    signer.sign("ours")
    log = tmp_path / "log"
    with trusting(family, signer.trust("other", "ours")) as s:
        keys = [signer.line("other"), signer.line("ours")]
        assert ctl("status", s.pid, "--json").json["trusts"] == keys
        assert ctl("apply", s.pid, signer.patch, DSU_AUDIT=str(log)).code == 0
        s.expect("new", reject="old")
        assert [e["signed_by"] for e in events(log)] == [keys[1]] * 2
        assert ctl("revert", s.pid).code == 0, "back to what was trusted"
        s.expect("old", reject="new")


def test_as_openssl_signs(family: Path, signer: Signer) -> None:
    command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(signer.key("ours")),
               "-in", str(signer.patch), "-out", f"{signer.patch}.sig"]  # fmt: skip
    subprocess.run(command, check=True)
    with trusting(family, signer.trust("ours")) as s:
        assert ctl("apply", s.pid, signer.patch).code == 0
        s.expect("new", reject="old")


def test_not_signed(family: Path, signer: Signer) -> None:
    with trusting(family, signer.trust("ours")) as s:
        refused(s, signer.patch, "takes signed patches only")


def test_signed_by_another(family: Path, signer: Signer) -> None:
    signer.sign("theirs")
    with trusting(family, signer.trust("ours")) as s:
        refused(s, signer.patch, "not signed by a key that the program trusts")


def test_another_patch_of_the_same_signer(family: Path, signer: Signer, unmappable: Path) -> None:
    signer.sign("ours")
    shutil.copy(unmappable, signer.patch)
    with trusting(family, signer.trust("ours")) as s:
        refused(s, signer.patch, "not signed by a key that the program trusts")


@pytest.mark.parametrize("at", [0, 31, 32, 63])
def test_a_bit_of_the_signature(family: Path, signer: Signer, at: int) -> None:
    path = signer.sign("ours")
    image = bytearray(path.read_bytes())
    image[at] ^= 1
    path.write_bytes(image)
    with trusting(family, signer.trust("ours")) as s:
        refused(s, signer.patch, "not signed by a key")


@pytest.mark.parametrize("size", [0, 63, 65])
def test_no_signature(family: Path, signer: Signer, size: int) -> None:
    path = signer.sign("ours")
    path.write_bytes((path.read_bytes() + b"x")[:size])
    with trusting(family, signer.trust("ours")) as s:
        refused(s, signer.patch, "not a signature")


@pytest.mark.parametrize(
    "text", [None, "", "# nobody\n", "00" * 31, "zz" * 32, "00" * 33, ("11" * 32 + "\n") * 9]
)
def test_a_trust_that_cannot_be_read(
    family: Path, signer: Signer, text: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    """Then nobody is trusted: not everybody."""
    signer.sign("ours")
    trust = signer.folder / "trust"
    if text is not None:
        trust.write_text(text)
    with trusting(family, trust) as s:
        assert ctl("status", s.pid, "--json").json["trusts"] == []
        refused(s, signer.patch, "could not read its DSU_TRUST when it started")
    assert f"DSU_TRUST={trust}" in capfd.readouterr().err


def test_pinned_at_the_start(family: Path, signer: Signer) -> None:
    """What the file says later does not matter."""
    signer.sign("theirs")
    with trusting(family, signer.trust("ours")) as s:
        signer.trust("theirs")
        refused(s, signer.patch, "not signed by a key that the program trusts")


def test_without(family: Path, signer: Signer) -> None:
    with servers(family, 2) as s:
        s.ask()
        assert ctl("status", s.pid, "--json").json["trusts"] is None
        assert ctl("apply", s.pid, signer.patch).code == 0


def bad_key(signer: Signer, kind: str) -> Any:
    if kind == "rsa":
        return signer.key("rsa", "RSA")
    path = signer.key("ours")
    if kind == "open":
        path.chmod(0o644)
    elif kind == "text":
        path.write_text("no key")
    elif kind == "missing":
        path.unlink()
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("rsa", "not an Ed25519 key"), ("open", "others than its owner"),
     ("text", "not a private key in PEM"), ("missing", "No such file")],
)  # fmt: skip
def test_keys_that_cannot_sign(signer: Signer, kind: str, reason: str) -> None:
    key = bad_key(signer, kind)
    made = toolchain.dsupatch("sign", key, signer.patch)
    assert made.code == 2
    assert made.err.startswith(f"dsupatch sign: {key}: ")
    assert reason in made.err
    assert not signer.patch.with_name("patch.sig").exists()


def test_what_is_no_patch(signer: Signer) -> None:
    text = signer.folder / "text"
    text.write_text("not a patch")
    made = toolchain.dsupatch("sign", signer.key("ours"), text)
    assert made.code == 2
    assert f"{text}: not a patch" in made.err


def test_made_and_signed_at_once(built: Path, signer: Signer) -> None:
    programs = []
    for define in ("-DOLD", "-DNEW"):
        folder = signer.folder / define
        folder.mkdir()
        programs.append(support.dsucc_program("reaper", folder, "landing-pad", define)[0])
    out = signer.folder / "made"
    made = toolchain.dsupatch(*programs, "-o", out, "--sign", signer.key("ours"))
    assert made.code == 0, made.err
    at_once = (signer.folder / "made.sig").read_bytes()
    assert toolchain.dsupatch("sign", signer.key("ours"), out).code == 0
    assert at_once == (signer.folder / "made.sig").read_bytes()
