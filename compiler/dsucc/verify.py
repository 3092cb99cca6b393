"""Checks between the passes: what each pass promises the next. Runs in tests and with --dsu-verify.

A violation is a defect of the compiler, never of the user's program, so it is an exception and not
a diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterator

from pycparser import c_ast

from .function import children
from .live import Liveness
from .parse import Parsed, parse_text
from .place import Placer
from .points import Placed, Point, Rearm
from .reach import Reach
from .toplevel import Unit
from .writer import Writer


class VerifyError(Exception):
    """A pass broke its promise; the text names the function and the promise."""


def walk(nodes: list[c_ast.Node]) -> Iterator[c_ast.Node]:
    """All nodes of a forest, parents first."""
    for node in nodes:
        yield node
        yield from walk(list(children(node)))


def difference(a: c_ast.Node | None, b: c_ast.Node | None, path: str = "") -> str:
    """Where two trees differ, as a path; empty if they are equal. Coordinates do not count."""
    if a is None or b is None:
        return "" if a is b else f"{path}: {a!r} is not {b!r}"
    if type(a) is not type(b):
        return f"{path}: {type(a).__name__} is not {type(b).__name__}"
    here = f"{path}/{type(a).__name__}"
    for name in a.attr_names:
        if name == "align":  # a list of nodes
            continue
        if getattr(a, name) != getattr(b, name):
            return f"{here}.{name}: {getattr(a, name)!r} is not {getattr(b, name)!r}"
    left, right = _parts(a), _parts(b)
    if [n for n, _ in left] != [n for n, _ in right]:
        return f"{here}: children {[n for n, _ in left]} are not {[n for n, _ in right]}"
    for (name, x), (_, y) in zip(left, right, strict=True):
        found = difference(x, y, f"{here}.{name}")
        if found:
            return found
    return ""


def _parts(node: c_ast.Node) -> list[tuple[str, c_ast.Node]]:
    aligned = [(f"align[{i}]", n) for i, n in enumerate(getattr(node, "align", None) or [])]
    return [*node.children(), *aligned]


def check_round_trip(parsed: Parsed, unit: Unit) -> None:
    """Parse, emit, parse again: the trees are equal."""
    writer = Writer({})
    writer.markers = False
    text = writer.visit(parsed.tree)
    again = parse_text(text, parsed.item, unit, list(parsed.opaque))
    found = difference(parsed.tree, again)
    if found:
        raise VerifyError(f"{parsed.tree.decl.name}: emitted text parses differently: {found}")


def check_points(placed: Placed, reach: Reach) -> None:
    """Points are numbered without gaps, stand in the body once, and nothing else may update."""
    name = placed.function.name
    seen = [n.id for n in walk(placed.body) if isinstance(n, Point)]
    if sorted(seen) != [p.id for p in placed.points] or sorted(seen) != list(
        range(1, len(seen) + 1)
    ):
        raise VerifyError(f"{name}: points {seen} do not stand in the body once each")
    placer = Placer(placed.function, reach)
    for node in walk(placed.body):
        inside = node.call if isinstance(node, (Point, Rearm)) else None
        if inside is not None:
            parts = [*children(inside)]
            if any(placer.has_point(p) for p in parts):
                raise VerifyError(f"{name}: a point inside the operands of point {node}")


def check_names(placed: Placed) -> None:
    """Names are unique, and every declaration has left the body."""
    function = placed.function
    names = [v.name for v in function.locals]
    if len(set(names)) != len(names):
        raise VerifyError(f"{function.name}: two locals share a name")
    for node in walk(placed.body):
        if isinstance(node, (c_ast.Decl, c_ast.Typedef)) and not isinstance(
            node.type, c_ast.FuncDecl
        ):
            raise VerifyError(f"{function.name}: declaration of {node.name} left in the body")


def check_liveness(placed: Placed, live: Liveness) -> None:
    """Every point has its set; a blocking call's arguments are in it."""
    for point in placed.points:
        if point.id not in live.at:
            raise VerifyError(f"{placed.function.name}: point {point.id} has no live set")
        have = {v.name for v in live.at[point.id]}
        if not point.keeps_arguments or point.call is None:
            continue
        for node in walk(point.call.args.exprs if point.call.args else []):
            if (
                isinstance(node, c_ast.ID)
                and placed.function.local(node.name)
                and node.name not in have
            ):
                raise VerifyError(
                    f"{placed.function.name}: argument {node.name} of the blocking call at point "
                    f"{point.id} is not kept"
                )


def check(placed: Placed, live: Liveness, reach: Reach) -> None:
    """All checks behind liveness."""
    check_points(placed, reach)
    check_names(placed)
    check_liveness(placed, live)
