"""Reads a gcc command line: what is compiled, what is only passed on.

The table gives the options that take their argument as the next word. Everything else that begins
with a dash stands for itself; gcc checks the rest.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

WITH_ARGUMENT = frozenset(
    (  # noqa: SIM905 - as a list it is forty lines
        "-o -x -I -D -U -L -l -T -u -z -e -h -A -B -G -b -V -include -imacros -isystem "
        "-idirafter -iquote -iprefix -iwithprefix -iwithprefixbefore -isysroot -imultilib -MF "
        "-MT -MQ -aux-info -arch -Xlinker -Xassembler -Xpreprocessor -wrapper -specs -dumpbase "
        "-dumpbase-ext -dumpdir --param --sysroot -Wp"
    ).split()
)
_C_ENDINGS = {".c": "c", ".i": "cpp-output"}
_MODES = {"-E", "-S", "-c", "-M", "-MM", "-fsyntax-only"}
_INFORMATION = (
    "--version", "-v", "-###", "--help", "-dumpversion", "-dumpmachine", "-dumpfullversion",
    "-dumpspecs", "-print-", "--print-", "--target-help", "-Q",
)  # fmt: skip
_STRIPS = {"-s", "-Wl,-s", "-Wl,--strip-all", "-Wl,-S", "-Wl,--strip-debug"}


class UsageError(Exception):
    """One of our own options is wrong; the text is the message."""


@dataclass
class Input:
    """An input file and the language that gcc takes it for ("" for what the linker gets)."""

    path: str
    language: str


@dataclass
class CommandLine:
    """A gcc command line taken apart. `flags` are all words that are neither input nor output."""

    inputs: list[Input] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    output: str = ""
    mode: str = ""  # "" links
    own: dict[str, str] = field(default_factory=dict)
    information: bool = False

    @property
    def sources(self) -> list[Input]:
        return [i for i in self.inputs if i.language in ("c", "cpp-output")]

    @property
    def target(self) -> tuple[str, ...]:
        """The flags that choose a processor."""
        return tuple(f for f in self.flags if f.startswith("--target="))

    @property
    def shared(self) -> bool:
        return any(f in ("-shared", "-r", "-nostdlib", "-nostartfiles") for f in self.flags)

    @property
    def warns(self) -> bool:
        """Do the flags ask for warnings that gcc does not give by itself?"""
        return "-w" not in self.flags and any(
            (f.startswith("-W") and not f.startswith(("-Wl,", "-Wa,", "-Wp,"))) or f == "-pedantic"
            for f in self.flags
        )


def expand(words: list[str]) -> list[str]:
    """Response files, recursively."""
    out: list[str] = []
    for word in words:
        if word.startswith("@") and Path(word[1:]).is_file():
            out += expand(shlex.split(Path(word[1:]).read_text()))
        else:
            out.append(word)
    return out


def parse(words: list[str], environment_flags: str = "") -> CommandLine:
    """Takes a command line apart; `environment_flags` is DSU_FLAGS. Raises UsageError."""
    line = CommandLine()
    language = ""
    todo = expand(shlex.split(environment_flags) + words)
    i = 0
    while i < len(todo):
        word = todo[i]
        i += 1
        if word.startswith("--dsu-"):
            _own(line, word)
        elif word in WITH_ARGUMENT and word not in ("-o", "-x"):
            line.flags += [word, *todo[i : i + 1]]
            i += 1
        elif word.startswith("-o") and (word == "-o" or not word.startswith("-opt")):
            line.output = word[2:] or (todo[i] if i < len(todo) else "")
            i += word == "-o"
        elif word.startswith("-x"):
            language = word[2:] or (todo[i] if i < len(todo) else "")
            language = "" if language == "none" else language
            i += word == "-x"
        elif word in _MODES:
            line.mode = word
        elif word == "-" or not word.startswith("-"):
            line.inputs.append(Input(word, language or _C_ENDINGS.get(Path(word).suffix, "")))
            if not language and not line.inputs[-1].language:
                line.flags.append(word)
        else:
            line.information |= word.startswith(_INFORMATION)
            line.flags.append(word)
    return line


_OWN = {
    "cc": (),
    "capture": ("landing-pad", "flag-check"),
    "points": ("calls", "loops", "all"),
    "dump": ("split", "parse", "normalise", "points", "live", "emit"),
    "report": (),
    "show-report": (),
    "json": (),
    "verify": (),
    "never": (),
    "summary": (),
    "transactions": (),
}


def _own(line: CommandLine, word: str) -> None:
    name, _, value = word.removeprefix("--dsu-").partition("=")
    if name not in _OWN:
        raise UsageError(
            f"unknown option '{word}'; known: " + ", ".join(f"--dsu-{n}" for n in _OWN)
        )
    allowed = _OWN[name]
    if allowed and value not in allowed:
        raise UsageError(f"'{word}': want one of " + ", ".join(allowed))
    line.own[name] = value


def without_strip(flags: list[str]) -> list[str]:
    """Linker flags less those that would remove the symbols that patches need."""
    return [f for f in flags if f not in _STRIPS]
