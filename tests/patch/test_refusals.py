"""Every refusal that dsupatch can give has a case `refuse_*` with its text, word for word.

What only a way back can lack is told as the reason why a patch stays, in cases of any name.

What it can say is read from its source: the texts that `Refusal` and its kin are made with, each
placeholder being anything.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from dsucc import meta
from tests import toolchain
from tests.patch.test_cases import CASES, HERE, build, dsupatch
from tests.toolchain import ROOT

SOURCES = sorted((ROOT / "compiler" / "dsucc").glob("*.py"))
NOT_OF_A_PATCH = {"transactionfile.py", "regions.py"}  # of the compiler, which has its own tests

# Who says it, and which argument is the reason.
SAYS = {
    "Refusal": 2, "Unconvertible": 0, "_Wrong": 0, "MapError": 0, "reader.complain": 1,
    "self.complain": 1, "self.wrong": 1, "decisions.wrong.append": 0, "self.wrong.append": 0,
    "reader.wrong.append": 0,
}  # fmt: skip
# Functions whose own words are reasons: of a point without counterpart.
TELL = {"mapping.py": {"missing", "_decide", "_stuck"}}

ELSEWHERE = {
    re.escape("its frames cannot be told: the old program was built by another version of dsucc"),
    "'.+'" + re.escape(" was built by another version of dsucc in ") + ".+",
}
"""Reasons that no two sources can show: test_a_program_of_another_compiler() does."""


def templates(value: ast.expr, scope: ast.AST) -> Iterator[str]:
    """A text as a regular expression; of a name, all that is assigned to it in the function."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield re.escape(value.value)
    elif isinstance(value, ast.JoinedStr):
        parts = (
            re.escape(str(v.value)) if isinstance(v, ast.Constant) else ".+" for v in value.values
        )
        yield "".join(parts)
    elif isinstance(value, ast.IfExp):
        yield from templates(value.body, scope)
        yield from templates(value.orelse, scope)
    elif isinstance(value, ast.Name):
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign) and value.id in (ast.unparse(t) for t in node.targets):
                yield from templates(node.value, scope)


def reasons(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                at = SAYS.get(ast.unparse(node.func))
                if at is not None and len(node.args) > at:
                    scope = tree if ast.unparse(node.args[at]).isupper() else function
                    yield from templates(node.args[at], scope)
                elif ast.unparse(node.func).endswith("refused.append"):
                    yield from templates(node.args[0], function)
        if function.name in TELL.get(path.name, ()):
            for node in ast.walk(function):
                if isinstance(node, ast.Return) or (
                    isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "match.why"
                ):
                    yield from templates(node.value or ast.Constant(""), function)


def every_reason() -> set[str]:
    found = {
        reason for path in SOURCES if path.name not in NOT_OF_A_PATCH for reason in reasons(path)
    }
    return {reason for reason in found if re.search(r"[a-z]{3}", reason.replace(".+", ""))}


def said() -> str:
    texts = []
    for case in CASES:
        if case.name.startswith("refuse_"):
            wanted = yaml.safe_load((case / "expect.yml").read_text())
            assert ("said" in wanted) != ("wrong" in wanted), f"{case.name}: not word for word"
            texts += [wanted.get("said", ""), *wanted.get("wrong", ())]
        texts.append(str(yaml.safe_load((case / "expect.yml").read_text()).get("stays", "")))
    return "\n".join(texts)


def test_every_refusal_has_a_case() -> None:
    known, text = every_reason(), said()
    assert len(known) > 30
    lacking = {r for r in known if not re.search(r, text)}
    assert lacking == ELSEWHERE


def test_a_program_of_another_compiler(tmp_path: Path) -> None:
    """Its digests of frames are others than this one works out."""
    case = HERE / "cases" / "changed_caller"
    old, new = build(case, "old", tmp_path), build(case, "new", tmp_path)
    units = meta.read(old)
    for row in units[0].functions:
        if row.get("digest"):
            row["digest"] = "0123456789abcdef"
    blob = tmp_path / "meta"
    blob.write_bytes(b"".join(meta.pack(u) for u in units))
    words: list[str | Path] = ["objcopy", "--update-section", f"{meta.SECTION}={blob}", old]
    assert toolchain.run(words, timeout=30).code == 0
    made = dsupatch(old, new, "-o", tmp_path / "p")
    assert made.code == 3
    mapping = tmp_path / "map.yml"
    mapping.write_text("stacks: [{from: [main: ask], to: [main: ask]}]\n")
    mapped = dsupatch(old, new, "-o", tmp_path / "p", "--map", mapping)
    assert mapped.code == 2
    for reason in ELSEWHERE:
        assert re.search(reason, made.err + mapped.err), made.err + mapped.err
