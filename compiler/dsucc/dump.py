"""--dsu-dump=PASS: shows on standard error what a pass left behind."""

from __future__ import annotations

import sys

from .function import Function
from .live import Liveness
from .parse import Parsed
from .points import BLOCK, POINT, Placed, Point, Rearm
from .toplevel import Unit
from .writer import Writer

PASSES = ("split", "parse", "normalise", "points", "live", "emit")


class _Shown(Writer):
    """Points as statements that name themselves."""

    def visit_Point(self, n: Point) -> str:
        kind = {POINT: "update point", BLOCK: "block"}.get(n.kind, "call")
        target = f"{self.visit(n.target)} = " if n.target is not None else ""
        call = f" {target}{self.visit(n.call)};" if n.call is not None else ""
        return f"/* {n.id}: {kind} */{call}"

    def visit_Rearm(self, n: Rearm) -> str:
        return f"/* setjmp {n.index} */ {self.visit(n.target)} = {self.visit(n.call)};"


class Dump:
    """Prints the one pass that was asked for."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted

    def show(self, title: str, text: str) -> None:
        print(f"/* {self.wanted}: {title} */\n{text}", file=sys.stderr)

    def split(self, unit: Unit) -> None:
        if self.wanted == "split":
            rows = (
                f"{i.file}:{i.line}: {i.kind.value} {i.name}" for i in unit.items if not i.system
            )
            self.show(unit.source, "\n".join(rows))

    def parse(self, parsed: Parsed) -> None:
        if self.wanted == "parse":
            self.show(parsed.item.name, self.writer(parsed).visit(parsed.tree))

    def normalise(self, function: Function) -> None:
        if self.wanted == "normalise":
            writer = self.writer(function.parsed)
            rows = [
                f"{writer.visit(v.decl)}; /* {'pinned' if v.pinned else 'value'} */"
                for v in function.locals
            ]
            body = [writer._generate_stmt(s) for s in function.body]
            self.show(function.name, "\n".join(rows) + "\n" + "".join(body))

    def points(self, placed: Placed) -> None:
        if self.wanted == "points":
            writer = self.writer(placed.function.parsed)
            self.show(placed.function.name, "".join(writer._generate_stmt(s) for s in placed.body))

    def live(self, placed: Placed, live: Liveness) -> None:
        if self.wanted == "live":
            rows = [f"{i}: {' '.join(v.name for v in vs)}" for i, vs in sorted(live.at.items())]
            self.show(placed.function.name, "\n".join(rows))

    def emit(self, name: str, text: str) -> None:
        if self.wanted == "emit":
            self.show(name, text)

    def writer(self, parsed: Parsed) -> _Shown:
        made = _Shown(parsed.opaque)
        made.markers = False
        return made
