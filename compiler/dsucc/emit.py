"""Writes instrumented functions as C: the hot variant, its save code, and the resume variant.

The hot variant keeps its state in ordinary locals. A context of pointers to them is handed to a
cleanup function that gcc inlines into the landing pads of the calls, where it becomes stores into
the frame's record; on the normal path nothing of it is left (see ARCHITECTURE.md). In flag-check
mode the same stores stand behind a test of `dsu_unrolling` after each call.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from .backend import FLAG_CHECK, LANDING_PAD
from .emit_resume import ResumeEmitter
from .variants import Variant
from .writer import flat, rename_head


@dataclass
class Emitted:
    """What one function became. `prelude` belongs at file scope in front of everything."""

    text: str
    digest: str
    points: int
    variables: dict[str, str]  # of its frames: their types as text


class FunctionEmitter(ResumeEmitter):
    """All that a function becomes. `final`: it never returns."""

    final = False

    def hot(self) -> str:
        writer = self.writer(Variant)
        if self.hot_name != self.name:
            writer.constants["__func__"] = json.dumps(self.name)
            writer.constants["__PRETTY_FUNCTION__"] = json.dumps(self.name)
        item = self.function.parsed.item
        head = item.text[: item.body]
        if self.hot_name != self.name:
            head = rename_head(head, self.name, self.hot_name)
        locals_ = "".join(
            writer.declaration(v.decl) + ";\n" for v in self.function.locals if not v.is_param
        )
        statements = [*self.function.prologue, *self.placed.body]
        body = "".join(writer._generate_stmt(s) for s in statements)
        return head + flat(
            f"{{\n{self.types(writer)}{self.label_tables(writer)}{locals_}{self.tables()}"
            f"{self.mode_locals(writer)}{self.resumed_by()}{self.known()}{body}\n{self.ending()}}}\n"
        )

    def lists(self) -> str:
        """What the walk knows the function by: its entries, in the lists that it belongs to."""
        sections = [] if self.mode == LANDING_PAD else ["dsu_entries"]
        sections += ["dsu_final"] if self.final else []
        sections += ["dsu_armed"] if self.placed.rearms else []
        return "".join(
            f"static const void *const {self.name}${tag}{section} "
            f'__attribute__((used, section("{section}"))) = '
            f"(const void *){name};\n"
            for section in sections
            for tag, name in (("entry", self.hot_name), ("rentry", f"{self.name}$resume"))
        )

    def digest(self, hot: str) -> str:
        """What tells this version of the function from any other."""
        return _digest(hot)

    def program_entry(self) -> str:
        """The real main(), behind the function that was the user's."""
        if self.name != "main":
            return ""
        flags = 1 if self.mode == FLAG_CHECK else 0
        return (
            "int main(int argc, char **argv, char **envp) { return dsu_run_main("
            f"(int (*)(int, char **, char **)){self.hot_name}, argc, argv, envp, {flags}u); }}\n"
        )

    def emit(self) -> Emitted:
        """The C text that replaces the function's item."""
        writer = self.writer(Variant)
        item = self.function.parsed.item
        quiet = f"# {item.first_line} {json.dumps(item.file)} 3\n"
        first = (
            quiet + self.statics(writer)
            + f"{self.resume_head(writer)} {self.backend.cold};\n"
            + (self.save_function() if self.mode == LANDING_PAD else "")
        )  # fmt: skip
        loud = f"# {item.line} {json.dumps(item.file)}\n"
        hot, resume = self.hot(), self.resume()
        digest = self.digest(hot)
        tail = self.lists() + self.program_entry()
        text = flat(first) + loud + hot + quiet + flat(resume) + tail
        return Emitted(
            text.replace("DSU_DIGEST", f"0x{digest}ull"), digest, len(self.placed.points),
            self.variables(),
        )  # fmt: skip


def _digest(text: str) -> str:
    """64 bits over a function's normalised text; where its lines stand does not count.

    A constant that equals the number of the line that it stands on is taken for `__LINE__`.
    """
    lines, here = [], ""
    for line in text.splitlines():
        if line.startswith("#"):
            here = line.split(None, 2)[1] if line.startswith("# ") else ""
            continue
        if here and here in line:
            line = re.sub(rf"(?<![\w.$]){here}(?![\w.$])", "__LINE__", line)
        here = ""
        lines.append(line.strip())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def wrapped_declarations(names: set[str]) -> str:
    """Prototypes of the runtime's wrappers, taken from libc's own."""
    return "".join(f"extern __typeof__({n}) dsu_sys_{n};\n" for n in sorted(names))
