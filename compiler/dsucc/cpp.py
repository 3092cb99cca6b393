"""Runs the preprocessor: the one that the user's gcc has, with the user's options."""

from __future__ import annotations

import subprocess


class PreprocessorError(Exception):
    """gcc's preprocessor failed; its diagnostics have been printed."""

    def __init__(self, code: int) -> None:
        super().__init__(f"preprocessor exit {code}")
        self.code = code


def preprocess(gcc: str, flags: list[str], source: str, language: list[str]) -> str:
    """The text of `source` after `gcc -E`; dependency files are written as asked for in `flags`."""
    done = subprocess.run(
        [gcc, "-E", *flags, *language, source], stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise PreprocessorError(done.returncode)
    return done.stdout.decode("utf-8", "surrogateescape")
