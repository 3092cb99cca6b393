"""Detached signatures of patches: PATCH.sig is an Ed25519 signature of the whole file.

A program that is started with DSU_TRUST=FILE takes no patch but those that are signed by one of
the keys in FILE, a line of 64 hexadecimal digits each. The formats are everybody's: the key is what
`openssl genpkey -algorithm ed25519` writes, the signature what `openssl pkeyutl -rawin` gives.
"""

from __future__ import annotations

import getpass
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAGIC = b"DSUPATCH1\n"


class SigningError(Exception):
    """A key or a patch that cannot be used; the text says why."""


def read_key(path: Path, password: bytes | None = None) -> Ed25519PrivateKey:
    """The private key in a PEM file. Raises SigningError."""
    # Who compares does not need it, and where a harness compares there is none.
    from cryptography import exceptions  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    try:
        if path.stat().st_mode & 0o077:
            raise SigningError(f"{path}: others than its owner may read or write this private key")
        key = serialization.load_pem_private_key(path.read_bytes(), password)
    except TypeError:
        if password is not None:
            raise SigningError(f"{path}: has no password") from None
        return read_key(path, getpass.getpass(f"Password of {path}: ").encode())
    except OSError as error:
        raise SigningError(f"{path}: {error.strerror}") from None
    except (ValueError, exceptions.UnsupportedAlgorithm) as error:
        raise SigningError(f"{path}: not a private key in PEM: {error}") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise SigningError(f"{path}: not an Ed25519 key")
    return key


def public_line(key: Ed25519PrivateKey) -> str:
    """The key's line in a DSU_TRUST file."""
    return key.public_key().public_bytes_raw().hex()


def sign(patch: Path, key: Ed25519PrivateKey) -> Path:
    """Writes PATCH.sig, whole or not at all, and gives its name. Raises SigningError."""
    try:
        image = patch.read_bytes()
        if not image.endswith(MAGIC):
            raise SigningError(f"{patch}: not a patch")
        to = patch.with_name(patch.name + ".sig")
        with tempfile.NamedTemporaryFile(dir=to.parent, delete=False) as file:
            file.write(key.sign(image))
        Path(file.name).chmod(0o644)
        Path(file.name).replace(to)
    except OSError as error:
        raise SigningError(f"{error.filename or patch}: {error.strerror}") from None
    return to
