"""The `dsupatch sign` command: signs patches, and says by which line a program trusts the key."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import signing

SIGNED, USAGE = 0, 2


def main(words: list[str]) -> int:
    """Dsupatch sign."""
    parser = argparse.ArgumentParser(
        prog="dsupatch sign",
        description="Signs patches: writes PATCH.sig beside each, and prints the line by which a "
        "program trusts the key (in a file that DSU_TRUST names when it is started). Without "
        "PATCH only prints the line.",
        epilog="a key: openssl genpkey -algorithm ed25519 -out KEY && chmod 600 KEY",
    )
    parser.add_argument("key", type=Path, help="the private key, a PEM file")
    parser.add_argument("patches", type=Path, nargs="*", metavar="PATCH")
    arguments = parser.parse_args(words)
    try:
        key = signing.read_key(arguments.key)
        for patch in arguments.patches:
            print(f"{signing.sign(patch, key)} written", file=sys.stderr)
    except signing.SigningError as error:
        print(f"dsupatch sign: {error}", file=sys.stderr)
        return USAGE
    print(signing.public_line(key))
    return SIGNED
