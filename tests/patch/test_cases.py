"""Each kind of difference: patched while the program waits in a read, or refused in full.

A case is a folder with old.c and new.c (one file each, or folders old/ and new/ of files), perhaps
map.yml, transactions.yml for the compiler, and expect.yml:

    before, after   lines sent and the lines that come back, before and after the update
    during          the same while dsuctl waits: the program must get on before it can be updated
    back            the same after `dsuctl revert`
    again           the same after it has gone forward once more
    stays           why there is no way back, instead
    still           the same after that refusal
    refused         what dsuctl says as it refuses; `after` are the old version's answers then
    exit            of dsupatch, if it is not 0
    refusals        what is refused: name and kind, all of them
    says            pieces of what dsupatch prints
    said            the same with both versions' declarations, all of it word for word
    flags           of the compiler, for old and new each
    skeleton        pieces of the skeleton mapping file
    each            lines sent with the old and the new version's answers: the update comes in
                    front of each of them, and a revert one line later
    wrong           all that dsupatch says of the mapping file, word for word
    compiled_otherwise              what the flags of files without a difference differ in
    changed, new, removed, globals, replaced, converted, initial    what the report lists
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import toolchain
from tests.toolchain import MODES, ROOT, Outcome

HERE = Path(__file__).parent
CASES = sorted(p for p in (HERE / "cases").iterdir() if (p / "expect.yml").is_file())
DSUCTL = ROOT / "runtime" / "build" / "dsuctl"
# About what dsupatch refuses, and about objects: what saves a frame has no part in either.
_ALIKE = ("refuse_", "type_", "variable_", "link_", "key_", "own_", "hook_")

_KEYS = {
    "before", "during", "after", "back", "stays", "refused", "exit", "refusals", "says", "skeleton",
    "each", "wrong", "changed", "new", "removed", "globals", "replaced", "converted", "unmapped",
    "initial", "again", "still", "said", "unsaid", "flags", "compiled_otherwise",
}  # fmt: skip


def expectations(case: Path) -> dict[str, Any]:
    wanted: dict[str, Any] = yaml.safe_load((case / "expect.yml").read_text())
    assert not wanted.keys() - _KEYS, "a key that nothing reads"
    return wanted


def build(case: Path, version: str, folder: Path, *flags: str) -> Path:
    """Both versions are built from files of the same names, as a project's would be."""
    home = folder / version
    home.mkdir()
    source = case / version
    files = sorted(source.glob("*.c")) if source.is_dir() else [source.with_suffix(".c")]
    names = []
    for header in source.glob("*.h"):
        (home / header.name).write_text(header.read_text())
    for file in files:
        names.append(file.name if source.is_dir() else "program.c")
        (home / names[-1]).write_text(file.read_text())
    (home / "serve.h").write_text((HERE / "serve.h").read_text())
    apart = case / "transactions.yml"
    flags += (f"--dsu-transactions={apart}",) if apart.exists() else ()
    made = toolchain.dsucc("-O2", *flags, "-o", "program", *names, cwd=home)
    assert made.code == 0, made.err
    return home / "program"


dsupatch = toolchain.dsupatch


def dsuctl(*words: str | Path) -> Outcome:
    return toolchain.run([DSUCTL, *words], timeout=30)


@contextmanager
def running(program: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [program, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    with process:
        yield process
        process.kill()


def converse(process: subprocess.Popen[str], lines: Sequence[Sequence[object]]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    for sent, wanted in lines:
        process.stdin.write(f"{sent}\n")
        got = process.stdout.readline().rstrip("\n")
        assert got == str(wanted), f"to {sent!r}: {got!r}, exit {process.poll()}"


def controllable(pid: int) -> None:
    """Wait until dsuctl knows the process."""
    end = time.monotonic() + 5
    while dsuctl("status", str(pid)).code and time.monotonic() < end:
        time.sleep(0.02)


def check_report(wanted: dict[str, Any], report: dict[str, Any]) -> None:
    got = {
        key: sorted(row["function"] for row in report[key]) for key in ("changed", "new", "removed")
    }
    got["globals"] = report["globals"]["new"]
    for key in ("replaced", "converted", "initial"):
        got[key] = report["globals"][key]
    got["compiled_otherwise"] = report["compiled_otherwise"]
    mains = [f["points"] for f in report["points"] if f["function"] == "main"]
    got["unmapped"] = [p["call"] for points in mains for p in points if p["new"] < 0]
    for key, names in got.items():
        if key in wanted:
            assert names == wanted[key], f"{key}: {json.dumps(report, indent=1)}"
    if "refusals" in wanted:
        assert {r["name"]: r["kind"] for r in report["refusals"]} == wanted["refusals"]


def by_mode() -> Iterator[object]:
    """Each case in both capture modes; in one where that makes no difference, but for the night."""
    for case in CASES:
        alike = case.name.startswith(_ALIKE) and not os.environ.get("DSU_NIGHTLY")
        for mode in MODES[:1] if alike else MODES:
            yield pytest.param(case, mode, id=f"{case.name}-{mode}")


@pytest.mark.parametrize(("case", "mode"), list(by_mode()))
def test_case(case: Path, mode: str, tmp_path: Path) -> None:
    wanted = expectations(case)
    flags = wanted.get("flags", {})
    old = build(case, "old", tmp_path, f"--dsu-capture={mode}", *flags.get("old", ()))
    new = build(case, "new", tmp_path, f"--dsu-capture={mode}", *flags.get("new", ()))
    file, skeleton = tmp_path / "patch", tmp_path / "skeleton.yml"
    mapping: list[str | Path] = ["--map", case / "map.yml"] if (case / "map.yml").exists() else []
    made = dsupatch(old, new, "-o", file, "--skeleton", skeleton, "--json", *mapping)
    if "wrong" in wanted:
        check_wrong(made, case, wanted)
        return
    assert made.code == wanted.get("exit", 0), made.out.decode() + made.err
    check_report(wanted, json.loads(made.out))
    for piece in wanted.get("says", ()):
        assert piece in made.err, made.err
    if "said" in wanted:
        assert made.err == wanted["said"], made.err
    for piece in wanted.get("skeleton", ()):
        assert piece in skeleton.read_text(), skeleton.read_text()
    assert file.exists() == (made.code == 0)
    if "after" in wanted:
        check_update(old, new, file, wanted)
    for at in range(len(wanted.get("each", ()))):
        check_at(old, file, wanted, at)


def check_wrong(made: Outcome, case: Path, wanted: dict[str, Any]) -> None:
    """The mapping file does not fit the two programs."""
    assert made.code == 2, made.out.decode() + made.err
    said = made.err.removeprefix("dsupatch: ").replace(f"{case}/", "").rstrip("\n")
    assert said.split("\n") == wanted["wrong"], made.err


def check_at(old: Path, file: Path, wanted: dict[str, Any], at: int) -> None:
    """The old version answers the first `at` lines, the new one the next, and so on."""
    before = [(sent, was) for sent, was, _ in wanted["each"]]
    after = [(sent, now) for sent, _, now in wanted["each"]]
    with running(old) as process:
        converse(process, before[:at])
        controllable(process.pid)
        apply(process, file, [])
        converse(process, after[at : at + 1])
        reverted = dsuctl("revert", str(process.pid), "--timeout", "10")
        if "stays" in wanted:
            assert reverted.code == 1
            assert wanted["stays"] in reverted.err
            converse(process, after[at + 1 :])
            return
        assert reverted.code == 0, f"after {at} lines: {reverted.err}"
        converse(process, before[at + 1 :])
        apply(process, file, [])


def check_update(old: Path, new: Path, file: Path, wanted: dict[str, Any]) -> None:
    """The old program answers as before, takes the patch, and answers as the new one."""
    with running(old) as process:
        converse(process, wanted["before"])
        controllable(process.pid)
        if "refused" in wanted:
            check_refused(process, file, wanted)
            return
        apply(process, file, wanted.get("during", []))
        converse(process, wanted["after"])
        again = dsuctl("apply", str(process.pid), file)
        assert again.code == 1, "the patch applies to what it has made"
        check_way_back(process, file, wanted)
    with running(new) as process:
        controllable(process.pid)
        assert dsuctl("apply", str(process.pid), file).code == 1, (
            "the patch applies to another build"
        )


def check_refused(process: subprocess.Popen[str], file: Path, wanted: dict[str, Any]) -> None:
    """What is in the process's memory forbids the update: the old version goes on."""
    made = dsuctl("apply", str(process.pid), file, "--timeout", "5")
    assert made.code == 1
    assert wanted["refused"] in made.err, made.err
    converse(process, wanted["after"])


def check_way_back(process: subprocess.Popen[str], file: Path, wanted: dict[str, Any]) -> None:
    """It answers as before again, and can go forward once more; or it says why not."""
    assert ("back" in wanted) != ("stays" in wanted), "every case says what a revert comes to"
    reverted = dsuctl("revert", str(process.pid))
    if "stays" in wanted:
        assert reverted.code == 1
        assert wanted["stays"] in reverted.err
        converse(process, wanted.get("still", []))
        return
    assert reverted.code == 0, reverted.err
    converse(process, wanted["back"])
    apply(process, file, [])
    converse(process, wanted.get("again", []))
    assert json.loads(dsuctl("status", str(process.pid), "--json").out)["patches"]


def test_a_refusal_is_told_although_the_last_try_stopped_nobody(tmp_path: Path) -> None:
    """Asked again until the deadline: a last try that has no time does not hide the reason."""
    case = HERE / "cases" / "type_too_small"
    wanted = yaml.safe_load((case / "expect.yml").read_text())
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    file = tmp_path / "patch"
    assert dsupatch(old, new, "-o", file).code == 0
    with running(old) as process:
        converse(process, wanted["before"])
        controllable(process.pid)
        words = [str(DSUCTL), "apply", str(process.pid), str(file), "--timeout", "4"]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as applying:
            time.sleep(2)
            process.send_signal(signal.SIGSTOP)
            _, said = applying.communicate(timeout=30)
            process.send_signal(signal.SIGCONT)
        assert applying.returncode == 1
        assert wanted["refused"] in said, said
        again = dsuctl("apply", str(process.pid), file, "--timeout", "1", "--json")
        assert json.loads(again.out)["tries"] > 1, "a refusal that may pass is asked again"
        converse(process, wanted["after"])


def apply(process: subprocess.Popen[str], file: Path, during: Sequence[Sequence[object]]) -> None:
    """Apply the patch; where something has to happen first, see that it waits for it."""
    command = [str(DSUCTL), "apply", str(process.pid), str(file), "--timeout", "10"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as applying:
        if during:
            time.sleep(0.3)
            assert applying.poll() is None, "applied although no frame could be mapped"
            converse(process, during)
        err = applying.communicate(timeout=20)[1]
        assert applying.returncode == 0, err


def test_code_of_the_mapping_file_is_checked_by_the_c_compiler(tmp_path: Path) -> None:
    case = HERE / "cases" / "type_code"
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    mapping = tmp_path / "map.yml"
    text = (case / "map.yml").read_text().replace("old->grams / 1000.0", "old->gramms / 1000.0")
    mapping.write_text(text)
    made = dsupatch(old, new, "-o", tmp_path / "p", "--map", mapping)
    line = next(i for i, row in enumerate(text.split("\n"), 1) if "gramms" in row)
    assert made.code == 2
    assert f"map.yml:{line}:" in made.err
    assert "gramms" in made.err


@pytest.mark.parametrize(
    ("old_text", "new_text", "says"),
    [
        (
            "if (used + size", "if (size > 4000) sleep(1); if (used + size",
            "calls 'pool_get' (program.c:15), which may reach an update point",
        ),
        (
            "static __attribute__((noinline)) void *pool_get", "static inline void *pool_get",
            "calls 'pool_get' (program.c:15), of which gcc has left no code: build the old program",
        ),
        ("", "", "map.yml:3: no source file is called 'pool.c'; known: program.c"),
    ],
)  # fmt: skip
def test_what_code_of_the_mapping_file_may_not_use(
    old_text: str, new_text: str, says: str, tmp_path: Path
) -> None:
    case, changed = HERE / "cases" / "own_allocator", tmp_path / "case"
    changed.mkdir()
    for version in ("old.c", "new.c"):
        text = (case / version).read_text()
        (changed / version).write_text(text.replace(old_text, new_text, 1) if old_text else text)
    mapping = tmp_path / "map.yml"
    text = (case / "map.yml").read_text()
    mapping.write_text(text if old_text else text.replace("program.c", "pool.c"))
    old, new = build(changed, "old", tmp_path), build(changed, "new", tmp_path)
    made = dsupatch(old, new, "-o", tmp_path / "p", "--map", mapping)
    assert made.code == 2, made.err
    assert says in made.err


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("      mass: old->gram", 6),
        ("      mass: 0\n    transform: |\n      new->doubled = 1;\n      nonsense(new->kilos;", 9),
    ],
)
def test_mapping_file_is_checked_by_the_c_compiler(text: str, line: int, tmp_path: Path) -> None:
    case = HERE / "cases" / "type_mapped"
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    mapping = tmp_path / "map.yml"
    rest = (case / "map.yml").read_text().partition("  struct value:")[2]
    head = "types:\n  struct thing:\n    from: struct item\n    fields:\n      kilos: weight\n"
    mapping.write_text(f"{head}{text}\n  struct value:{rest}")
    made = dsupatch(old, new, "-o", tmp_path / "p", "--map", mapping)
    assert made.code == 2, made.err
    assert f"map.yml:{line}:" in made.err
    assert not (tmp_path / "p").exists()


def test_stacks_are_checked_by_the_c_compiler_and_reported(tmp_path: Path) -> None:
    case = HERE / "cases" / "stack_loop"
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    mapping, report = tmp_path / "map.yml", tmp_path / "report.txt"
    text = (case / "map.yml").read_text()
    mapping.write_text(text.replace("main.column", "main.column + nothing"))
    made = dsupatch(old, new, "-o", tmp_path / "p", "--map", mapping)
    assert made.code == 2, made.err
    assert "map.yml:7:" in made.err
    assert "'nothing' undeclared" in made.err
    mapping.write_text(text)
    made = dsupatch(old, new, "-o", tmp_path / "p", "--map", mapping, "--report", report)
    assert made.code == 0, made.err
    assert "stack    main: ask#1: becomes main: ask#1" in made.out.decode()
    section = report.read_text().partition("Chains of frames:")[2].partition("\n\n")[0]
    assert "main: ask#1" in section
    assert "map.yml:2" in section


def test_every_case_is_run() -> None:
    assert {p.parent.name for p in (HERE / "cases").glob("*/old*")} == {p.name for p in CASES}
    assert len(CASES) >= 18


def test_refusals_name_file_and_line(tmp_path: Path) -> None:
    case = HERE / "cases" / "refuse_several"
    made = dsupatch(
        build(case, "old", tmp_path), build(case, "new", tmp_path), "-o", tmp_path / "p"
    )
    assert made.code == 3
    assert len(re.findall(r"^program\.c:\d+: ", made.err, re.MULTILINE)) == 3, made.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "required"),
        (["/bin/true", "/bin/true", "-o", "x"], "was it built with dsucc"),
        (["/nonexistent", "/bin/true", "-o", "x"], "No such file"),
        (["/etc/passwd", "/bin/true", "-o", "x"], "not an ELF file"),
        (["a", "b", "-o", "x", "--frobnicate"], "frobnicate"),
    ],
)
def test_usage(words: list[str], says: str) -> None:
    made = dsupatch(*words)
    assert made.code == 2
    assert says in made.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("globals: {x: sometimes}", "'keep' or 'replace'"),
        ("globalz: {}", "only 'globals', 'functions', 'types'"),
        ("types: {struct s: {feilds: {}}}", "map.yml:1: 'feilds': only from, fields"),
        ("types: {struct s: {fields: {a b: c}}}", "map.yml:1: 'a b' is no member's name"),
        ("code: |\n  int f(void)\n  { return 1; }\n", "map.yml:2: want 'static' in front of 'f'"),
        ("code: |\n  static int f(void) { return 1; }\n", "nothing asks for: code"),
        ("hooks: {program.c: {comit: 1}}", "map.yml:1: 'comit': only prepare, commit and undo"),
        (
            "files: {journal: {unit: a.c}}",
            "map.yml:1: 'journal' has no descriptor, no path",
        ),
        ("allocators: {pool: {block: 0}}", "map.yml:1: 'pool' has no unit, no allocate"),
        ("code: [1]", "map.yml:1: want text"),
        ("types: {struct nothing: {fields: {}}}", "nothing asks for: struct nothing"),
        ("globals: {nothing_of_this_name: keep}", "nothing asks for: nothing_of_this_name"),
        (
            "functions: {main: {points: {a: 1}}}",
            "the old version has no point a; it has ask#1, answer#1",
        ),
        ("functions: {main: {points: {4: 1}}}", "the old version has 3 points, no point 4"),
        ("functions: {main: {points: {ask: 7}}}", "the new version has 3 points, no point 7"),
        ("functions: {main: {points: {ask#2: 1}}}", "the old version has no point ask#2"),
        ("functions: {main: {points: {ask: answer#2}}}", "the new version has no point answer#2"),
        ("functions: {main: {points: {ask#x: 1}}}", "continuation points such as 4 or read#2"),
        ("functions: {main: {points: {0: 1}}}", "continuation points such as 4 or read#2"),
    ],
)
def test_wrong_mapping_file(text: str, says: str, tmp_path: Path) -> None:
    case = HERE / "cases" / "map_keep"
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    mapping = tmp_path / "map.yml"
    mapping.write_text(text)
    made = dsupatch(old, new, "-o", tmp_path / "p", "--map", mapping)
    assert made.code == 2, made.err
    assert says in made.err
