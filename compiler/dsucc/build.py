"""Compiles one source: preprocess, instrument, hand to gcc; on any failure, gcc alone decides.

A drop-in compiler may not fail where gcc succeeds. If gcc rejects the instrumented text, the
functions that its errors point at are left untouched, with the reason in the report; if that does
not help, the whole file is compiled as it stands.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from . import cache, meta, summary
from .argv import CommandLine, Input, UsageError
from .backend import LANDING_PAD, Backend
from .cpp import PreprocessorError, preprocess
from .pipeline import FunctionReport, Options, Result, instrument, judge
from .reach import NOTHING_KNOWN
from .transactions import Region, Transactions

_LTO = re.compile(r"-flto(=.*)?$|-fwhole-program$|-fuse-linker-plugin$")
_DEPENDENCY = {"-MD", "-MMD", "-MP", "-MG"}
_NOT_FOR_DIAGNOSIS = ("-Wp,-M", "-Wp,-D_FORTIFY", "-D_FORTIFY", "-save-temps")
_NEEDS_OPTIMISER = ("-Wframe-larger", "-Wstack-usage", "-Winline", "-Wnull-deref", "-Wdisabled")
_ERROR = re.compile(
    r"^(?P<file>[^:\n]+):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<text>.*)$", re.MULTILINE
)
_ATTEMPTS = 4


class CompileFailed(Exception):
    """gcc does not compile the source either; its diagnostics have been printed."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exit {code}")
        self.code = code


def compile_source(
    backend: Backend, line: CommandLine, source: Input, output: str,
    regions: Mapping[str, Sequence[Region]] | None = None, folder: str | None = None,
) -> list[FunctionReport]:  # fmt: skip
    """Compiles `source` to `output` (object, or assembly with -S). Raises CompileFailed.

    `regions` and `folder` are those of an earlier compilation, whose source it is not any more.
    """
    said = load_transactions(line, source)
    return _Job(backend, line, source, output, said, regions or said.regions, folder).run()


def never_of(line: CommandLine) -> frozenset[str]:
    """The functions of --dsu-never."""
    return frozenset(filter(None, line.own.get("never", "").split(",")))


def load_summary(line: CommandLine) -> summary.Summary:
    """What --dsu-summary says of other units."""
    name = line.own.get("summary")
    if not name:
        return NOTHING_KNOWN
    return summary.load(Path(name), line.own.get("points", "calls"), never_of(line))


def folder_of(line: CommandLine) -> str:
    """Where we stand beneath the folder of --dsu-summary, the project's top; "" if not below."""
    name = line.own.get("summary")
    if not name:
        return ""
    try:
        beneath = Path.cwd().relative_to(Path(name).resolve().parent)
    except ValueError:
        return ""
    return "" if beneath == Path() else beneath.as_posix()


def load_transactions(line: CommandLine, source: Input) -> Transactions:
    """What --dsu-transactions says of a source file."""
    if not line.own.get("transactions"):
        return Transactions()
    from . import transactionfile  # noqa: PLC0415 - others need not wait for YAML

    return transactionfile.read(Path(line.own["transactions"]), source.path)


class _Job:
    def __init__(
        self, backend: Backend, line: CommandLine, source: Input, output: str, said: Transactions,
        regions: Mapping[str, Sequence[Region]], folder: str | None,
    ) -> None:  # fmt: skip
        self.gcc, self.line, self.source, self.output = backend.command, line, source, output
        self.said = said
        self.mode = line.mode or "-c"
        own = line.own
        self.options = Options(
            own.get("capture", LANDING_PAD),
            own.get("points", "calls"),
            "verify" in own,
            own.get("dump", ""),
            never_of(line) | said.whole.keys(),
            load_summary(line),
            regions,
            "-fexceptions" in line.flags,
            backend,
            folder_of(line) if folder is None else folder,
        )
        linked = {i.path for i in line.inputs if not i.language}
        self.line_flags = [f for f in line.flags if f not in linked]
        self.flags = [f for f in self.line_flags if not _LTO.match(f)]
        self.stdin = sys.stdin.buffer.read() if source.path == "-" else None
        self.diagnosis: subprocess.Popen[bytes] | None = None
        self.diagnosis_result: tuple[int, bytes] | None = None
        self.plainly_compiled = False

    # -- command lines ------------------------------------------------------------------------

    def preprocessor_flags(self) -> list[str]:
        flags = ["-D__DSUCC__=1", *self.flags]
        if any(f in ("-MD", "-MMD") for f in flags):
            base = self.line.output or Path(self.source.path).with_suffix(".o").name
            if "-MF" not in flags:
                flags += ["-MF", str(Path(base).with_suffix(".d"))]
            if not any(f in ("-MT", "-MQ") for f in flags):
                flags += ["-MQ", base]
        return flags

    def compiler_flags(self) -> list[str]:
        """The user's flags less what only the preprocessor may see twice."""
        out, skip = [], False
        for f in self.flags:
            if skip:
                skip = False
            elif f in ("-MF", "-MT", "-MQ", "-include", "-imacros"):
                skip = True
            elif f not in _DEPENDENCY and not f.startswith(("-Wp,", "-save-temps")):
                out.append(f)
        return [*out, *self.options.backend.code_flags(self.options.capture)]

    def plain(self, output: str = "") -> int:
        """Gcc on the user's own text, as it was asked for; it prints what it has to say."""
        language = ["-x", self.source.language]
        command = [self.gcc, *self.line_flags, self.mode, "-o", output or self.output, *language]
        done = subprocess.run([*command, self.source.path], input=self.stdin, check=False)
        return done.returncode

    # -- diagnostics --------------------------------------------------------------------------

    def diagnosis_command(self) -> list[str]:
        """Gcc's warnings on the user's own text, without the time that its optimiser takes."""
        flags, skip = [], False
        for f in self.flags:
            if skip or f in ("-MF", "-MT", "-MQ"):
                skip = not skip
            elif f not in _DEPENDENCY and not f.startswith(_NOT_FOR_DIAGNOSIS):
                flags.append(f)
        if not any(f.startswith(_NEEDS_OPTIMISER) for f in flags):
            # Fortified headers warn at -O0 that they need an optimiser.
            fortified = any(f.startswith("-D_FORTIFY_SOURCE") for f in flags)
            flags.append("-Og" if fortified else "-O0")
        language = ["-x", self.source.language]
        nowhere = ["-S", "-o", "/dev/null"]
        return [self.gcc, "-D__DSUCC__=1", *flags, *nowhere, *language, self.source.path]

    def start_diagnosis(self) -> subprocess.Popen[bytes] | None:
        """It runs while we work."""
        if "-w" in self.flags or self.stdin is not None:
            return None
        return subprocess.Popen(
            self.diagnosis_command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def diagnosed(self) -> tuple[int, bytes]:
        """Its exit code and text; kept, so that it may be asked twice."""
        if self.diagnosis_result is None:
            if self.diagnosis is not None:
                text = self.diagnosis.communicate()[0]
                self.diagnosis_result = self.diagnosis.returncode, text
            elif "-w" in self.flags:
                self.diagnosis_result = 0, b""
            else:
                done = subprocess.run(
                    self.diagnosis_command(), input=self.stdin, check=False,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                )  # fmt: skip
                self.diagnosis_result = done.returncode, done.stdout
        return self.diagnosis_result

    def finish_diagnosis(self) -> None:
        """Prints the warnings. Raises CompileFailed where gcc fails on account of them."""
        code, text = self.diagnosed()
        if code:
            code = self.plain("/dev/null")
            if code:
                raise CompileFailed(code)
            return
        sys.stderr.buffer.write(text)
        sys.stderr.flush()

    # -- steps --------------------------------------------------------------------------------

    def run(self) -> list[FunctionReport]:
        """The whole compilation, or one that is kept from before. Raises CompileFailed."""
        if "DSU_CACHE" not in os.environ:
            return self.make()
        text = self.preprocess()
        entry = self.entry(text)
        found = entry.load() if entry else None
        if found is not None:
            return self.again(found)
        report = self.make(text)
        if entry is not None and not self.plainly_compiled:
            rows, said = [asdict(r) for r in report], self.diagnosed()[1]
            entry.store(cache.Kept(Path(self.output).read_bytes(), rows, said))
        return report

    def make(self, text: str | None = None) -> list[FunctionReport]:
        """Compiles; `text` is the preprocessed source, if it is known already."""
        self.diagnosis = self.start_diagnosis()
        try:
            report = self.attempts(self.preprocess() if text is None else text)
            if not self.plainly_compiled:
                self.finish_diagnosis()
        except CompileFailed:
            if Path(self.output).is_file():
                Path(self.output).unlink()
            raise
        finally:
            if self.diagnosis is not None and self.diagnosis_result is None:
                self.diagnosis.kill()
                self.diagnosis.communicate()
        return report

    def entry(self, text: str) -> cache.Entry | None:
        """Where this compilation is kept, if it is one that can be."""
        if self.options.dump or self.options.verify or self.stdin is not None:
            return None
        options = [self.options.capture, self.options.points, *sorted(self.options.never)]
        options += [f"{name}: {r}" for name, rs in self.options.regions.items() for r in rs]
        # Preprocessed text says itself which file it is; a link keeps it under a passing name.
        named = self.source.language == "cpp-output" and text.startswith("# ")
        path = "" if named else self.source.path
        options += [f"in {self.options.folder}"] if self.options.folder else []
        words = [path, self.source.language, self.mode, *self.line_flags, *options]
        return cache.entry(self.gcc, [*words, *self.options.summary.about(text)], text)

    def again(self, found: cache.Kept) -> list[FunctionReport]:
        """What an earlier compilation of the same text came to."""
        with tempfile.TemporaryDirectory(prefix="dsucc-") as folder:
            made = Path(folder) / "out"
            made.write_bytes(found.data)
            _move(made, Path(self.output))
        sys.stderr.buffer.write(found.said)
        sys.stderr.flush()
        return [FunctionReport(**row) for row in found.report]  # type: ignore[arg-type]

    def preprocess(self) -> str:
        """The text after gcc -E; what that has to say, the diagnosis says too."""
        if self.source.language == "cpp-output":
            return Path(self.source.path).read_text("utf-8", "surrogateescape")
        language = ["-x", self.source.language]
        try:
            return preprocess(
                self.gcc, self.preprocessor_flags(), self.source.path, language, self.stdin
            )
        except PreprocessorError as error:
            raise CompileFailed(self.plain() or error.code) from None

    def attempts(self, text: str) -> list[FunctionReport]:
        """Instrument and compile; functions that gcc rejects are left out and it is tried again."""
        skipped: dict[str, str] = {}
        left = _ATTEMPTS
        while True:
            result = instrument(text, self.options, skipped, skipped)
            wrong = self.said.missing(result.unit.functions, self.source.path) + result.wrong
            if wrong:
                raise UsageError("\n".join(wrong))
            errors = self.compile(result, text)
            if not errors:
                return result.functions
            blamed = blame(result, errors, set(skipped))
            left -= 1
            if not blamed or self.diagnosed()[0] or not left:
                return self.give_up(result, errors)
            skipped.update(blamed)

    def give_up(self, result: Result, errors: str) -> list[FunctionReport]:
        """The file as it stands: gcc's diagnostics if it is wrong, else a note in the report."""
        code = self.plain()
        if code:
            raise CompileFailed(code)
        self.plainly_compiled = True
        first = _ERROR.search(errors)
        why = f"gcc rejects the instrumented file: {first.group('text') if first else errors[:200]}"
        rows = [FunctionReport(f.name, f.file, f.line, reason=why) for f in result.functions]
        judge(rows, result)
        return rows

    def sections(self, result: Result, original: str, folder: Path) -> str:
        """Assembly for what the patch generator and the whole-program summary will want."""
        unit = meta.UnitMeta(
            result.key, result.unit.source, self.options.capture, self.options.points,
            [f for f in self.flags if f.startswith(("-f", "-m", "-O", "-g", "-std"))], original,
            [asdict(f) for f in result.functions], sorted(self.options.never),
            regions={
                name: [[r.begin, r.end, r.place] for r in regions]
                for name, regions in self.options.regions.items()
            },
            compiler=asdict(self.options.backend),
            folder=self.options.folder,
        )  # fmt: skip
        blobs = {meta.SECTION: b"", summary.SECTION: b""}
        if result.reach is not None:
            unit.leaves = result.reach.assumed
            unit.cycles = sorted(self.options.summary.cycles & result.unit.functions.keys())
            blobs[summary.SECTION] = summary.pack(result.reach)
        blobs[meta.SECTION] = meta.pack(unit)
        if self.mode == "-S":
            return "".join(meta.inline_assembly(s, b) for s, b in blobs.items())
        out = ""
        for section, blob in blobs.items():
            path = folder / section.lstrip(".")
            path.write_bytes(blob)
            out += meta.assembly(section, path)
        return out

    def compile(self, result: Result, original: str) -> str:
        """Gcc's error text, empty on success."""
        with tempfile.TemporaryDirectory(prefix="dsucc-") as folder:
            tail = self.sections(result, original, Path(folder))
            made = Path(folder) / "out"
            command = [
                self.gcc, *self.compiler_flags(), "-w", "-pipe", self.mode, "-o", str(made),
                "-x", "cpp-output", "-",
            ]  # fmt: skip
            text = (result.text + tail).encode("utf-8", "surrogateescape")
            done = subprocess.run(command, input=text, stderr=subprocess.PIPE, check=False)
            if done.returncode == 0:
                _move(made, Path(self.output))
            keep = os.environ.get("DSU_KEEP")
            if keep:
                name = result.key.replace("$", "_") + ".instrumented.i"
                (Path(keep) / name).write_bytes(text)
        errors = done.stderr.decode("utf-8", "replace")
        return errors or f"gcc exit {done.returncode}" if done.returncode else ""


def _move(made: Path, output: Path) -> None:
    """Appears whole or not at all; a device such as /dev/null is written to."""
    if output.exists() and not output.is_file():
        output.write_bytes(made.read_bytes())
        return
    target = output.with_name(f".{output.name}.{os.getpid()}.dsucc")
    with contextlib.suppress(FileNotFoundError):
        target.unlink()
    target.write_bytes(made.read_bytes())
    target.chmod(made.stat().st_mode)
    target.replace(output)


def blame(result: Result, errors: str, known: set[str]) -> dict[str, str]:
    """Functions that gcc's errors point into, with the error as the reason."""
    out: dict[str, str] = {}
    for found in _ERROR.finditer(errors):
        at = int(found.group("line"))
        for item in result.unit.items:
            inside = item.first_line <= at <= item.last_line
            if inside and item.name and item.file == found.group("file") and item.name not in known:
                out.setdefault(
                    item.name, f"gcc rejects the instrumented form: {found.group('text')}"
                )
    return out
