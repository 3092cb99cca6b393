"""The `dsucc` command: a drop-in `cc`."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from . import __version__, argv, built, meta, stale, summary
from .argv import CommandLine, UsageError
from .backend import Backend, BackendError, chosen, identify
from .build import CompileFailed, compile_source
from .pipeline import FunctionReport
from .reach import include_dir

HELP = f"""dsucc {__version__}: a C compiler whose programs can be updated while they run

Use it in place of gcc, with any gcc command line:
    make CC=dsucc
    dsucc -O2 -o server server.c

Own options (also from the environment variable DSU_FLAGS):
    --dsu-cc=COMMAND      the C compiler to use: gcc, clang or a cross compiler of theirs; else the
                          one that the environment variable DSU_CC names (default: gcc)
    --dsu-capture=landing-pad|flag-check
                          how frames are saved: by the exception tables, which costs nothing while
                          no update happens (default), or by a portable test after each call
    --dsu-points=calls|loops|all
                          update points at blocking calls, recursive entries and loops with calls or
                          without end (default), at every loop, or at every entry as well
    --dsu-never=F,G       never update while one of these functions is active: code that is hot and
                          ends soon, or that reports errors
    --dsu-transactions=FILE
                          where no update may happen, by source file and function, without a change
                          of the source; see docs/transactions.md
    --dsu-summary=FILE    what is known of all units of the project: FILE lies in its top folder, is
                          made by a survey of the sources there if it does not exist, and kept right
                          by each link. Calls of functions that cannot reach an update point then
                          cost nothing, and the build is faster
    --dsu-report=FILE     append the build report: one JSON line a function, with the number of its
                          continuation points or the reason why it was left untouched
    --dsu-show-report     print the report that built programs, libraries or objects carry. It says
                          of each untouched function whether it can be on a stack that blocks, by
                          the calls of all units that are named, and which calls show it
    --dsu-json            with --dsu-show-report: one JSON line a function
    --dsu-dump=PASS       show on standard error what a pass left: split, parse, normalise, points,
                          live, emit
    --dsu-verify          check the compiler's own passes against each other while compiling

DSU_CACHE names a folder where objects are kept and found again when the same text is compiled with
the same flags. Everything else is the C compiler's: see gcc --help.
"""


# Another linker, or a script of the user's, may not know or want an addition to ld's own script.
_OWN_SCRIPT = re.compile(r"-fuse-ld=|-T|-Wl,(.*,)?(-T|--script)")


def runtime_library(cc: Backend) -> Path:
    """libdsu.a: named by DSU_LIB, or in the checkout, where each foreign processor has a folder."""
    named = os.environ.get("DSU_LIB")
    if named:
        return Path(named)
    foreign = "" if cc.machine == platform.machine() else cc.machine
    return Path(__file__).resolve().parents[2] / "runtime" / "build" / foreign / "libdsu.a"


def link_flags(cc: Backend, line: CommandLine) -> list[str]:
    """What a link needs beyond the user's flags; programs get the runtime, libraries join it."""
    flags = ["-Wl,--build-id=sha1"]
    if "-r" in line.flags:
        return flags
    if not any(_OWN_SCRIPT.match(f) for f in line.flags):
        flags.append(f"-Wl,-T,{include_dir().parent / 'program.ld'}")
    library = runtime_library(cc)
    if not library.is_file():
        raise UsageError(
            f"{library}: no runtime library for {cc.machine}; build it with "
            f"'make -C runtime CC={cc.command}' or set DSU_LIB"
        )
    if "-shared" in line.flags:
        return [*flags, str(library.with_name("dsu_module.o"))]
    if line.shared:
        return flags
    unwinder = "-static-libgcc" if "-static" in line.flags else "-shared-libgcc"
    # All of it: a patch may bring the first call of a wrapper.
    whole = ["-Wl,--whole-archive", str(library), "-Wl,--no-whole-archive"]
    return [*flags, "-Wl,--export-dynamic-symbol=dsu_*", *whole, unwinder]


def default_output(line: CommandLine, path: str) -> str:
    """Where gcc puts what it makes of one source."""
    if line.output and line.output != "":
        return line.output
    ending = {"-c": ".o", "-S": ".s"}[line.mode]
    return Path(path).with_suffix(ending).name


def write_report(line: CommandLine, rows: list[FunctionReport]) -> None:
    """Appends to --dsu-report=FILE."""
    name = line.own.get("report")
    if name:
        with Path(name).open("a") as stream:
            stream.writelines(json.dumps(asdict(r)) + "\n" for r in rows)


def compile_and_link(cc: Backend, line: CommandLine) -> int:
    """Several sources, or a link: objects are made aside, then gcc links."""
    objects: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="dsucc-") as folder:
        for number, source in enumerate(line.sources):
            made = str(Path(folder) / f"{number}-{Path(source.path).stem}.o")
            write_report(line, compile_source(cc, line, source, made))
            objects[source.path] = made
        words = [objects.get(i.path, i.path) for i in line.inputs if i.language]
        flags = argv.without_strip(line.flags)
        output = ["-o", line.output] if line.output else []
        command = [cc.command, *output, *words, *flags, *link_flags(cc, line)]
        code = subprocess.run(command, check=False).returncode
        if code or not line.own.get("summary"):
            return code
        return renew_summary(cc, line, command)


def renew_summary(cc: Backend, line: CommandLine, command: list[str]) -> int:
    """Behind a link: the summary learns from the program, and what it was wrong about is mended."""
    program = Path(line.output or "a.out")
    again, missing = stale.renew(cc, line, program)
    for unit in again:
        print(f"dsucc: note: compiled again: {unit}", file=sys.stderr)
    if again and not missing:
        code = subprocess.run(command, check=False).returncode
        missing = [] if code else summary.renew(Path(line.own["summary"]), program)
        if code:
            return code
    for unit in missing:
        print(f"dsucc: error: compile it again: {unit}", file=sys.stderr)
    if missing:
        program.unlink(missing_ok=True)
    return 1 if missing else 0


def run(words: list[str]) -> int:
    """One command line; gives gcc's exit code. Raises UsageError."""
    line = argv.parse(words, os.environ.get("DSU_FLAGS", ""))
    named = line.own.get("cc") or chosen()
    if "show-report" in line.own:
        named_first = filter(None, [line.own["show-report"]])
        paths = [*named_first, *(i.path for i in line.inputs)]
        return built.show(list(map(Path, paths)), "json" in line.own)
    passed_on = (
        line.information or line.mode in ("-E", "-M", "-MM", "-fsyntax-only") or not line.inputs
    )
    if passed_on or (line.mode and not line.sources):
        extra = ["-D__DSUCC__=1"] if line.mode == "-E" else []
        return subprocess.run([named, *_without_own(words), *extra], check=False).returncode
    cc = identify(named, line.target)
    if not line.mode:
        return compile_and_link(cc, line)
    if line.output and len(line.sources) > 1:
        return subprocess.run([named, *_without_own(words)], check=False).returncode
    for source in line.sources:
        write_report(line, compile_source(cc, line, source, default_output(line, source.path)))
    return 0


def _without_own(words: list[str]) -> list[str]:
    return [w for w in words if not w.startswith("--dsu-")]


def main() -> int:
    """Entry point."""
    words = sys.argv[1:]
    if words == ["--dsu-help"]:
        print(HELP, end="")
        return 0
    try:
        return run(words)
    except CompileFailed as failed:
        return failed.code
    except (UsageError, BackendError, meta.MetaError) as error:
        print(f"dsucc: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
