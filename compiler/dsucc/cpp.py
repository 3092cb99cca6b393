"""Runs the preprocessor: the one that the user's gcc has, with the user's options."""

from __future__ import annotations

import subprocess


class PreprocessorError(Exception):
    """gcc's preprocessor failed."""

    def __init__(self, code: int) -> None:
        super().__init__(f"preprocessor exit {code}")
        self.code = code


def preprocess(
    gcc: str, flags: list[str], source: str, language: list[str], stdin: bytes | None = None
) -> str:
    """The text of `source` after `gcc -E`; dependency files are written as asked for in `flags`."""
    done = subprocess.run(
        [gcc, "-E", *flags, *language, source], input=stdin, capture_output=True, check=False
    )
    if done.returncode:
        raise PreprocessorError(done.returncode)
    return done.stdout.decode("utf-8", "surrogateescape")
