"""Regions without updates: the runtime is told where a function enters and leaves them.

Before:                            After, for {from: debit, to: credit}:
    ok = debit(a);                     dsu_transaction_begin();
    if (!ok)                           ok = debit(a);
        return 0;                      if (!ok) { dsu_transaction_end(); return 0; }
    credit(b);                         credit(b);
    log();                             dsu_transaction_end();
                                       log();

A region is of whole statements of the innermost block that holds both calls. What leaves it
otherwise is given an end of its own; nothing may lead into it but its beginning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pycparser import c_ast

from .function import children
from .gnu import GOTO
from .points import NAMELESS, Placed, Point, Rearm
from .transactions import Region
from .writer import Writer

_LOOPS = (c_ast.While, c_ast.DoWhile, c_ast.For)
_List = list[c_ast.Node]


def guard(placed: Placed, regions: Sequence[Region]) -> list[str]:
    """Puts the calls in; gives what is wrong with the regions, a line each."""
    spans, wrong = [], []
    name_of = _names(placed)
    for region in regions:
        found = _find(placed, region, name_of)
        if isinstance(found, str):
            wrong.append(f"{region.place}: {placed.function.name}: {found}")
        else:
            spans.append(found)
    for nodes, first, last in spans:
        _leave(nodes[nodes.index(first) : nodes.index(last) + 1], nodes)
        nodes.insert(nodes.index(last) + 1, _call("end"))
        nodes.insert(nodes.index(first), _call("begin"))
    return wrong


def _names(placed: Placed) -> dict[int, str]:
    """The points' names by number: `read#2` is the second call of read."""
    writer = Writer(placed.function.opaque)
    writer.markers = False
    seen: Counter[str] = Counter()
    out = {}
    for p in placed.points:
        callee = NAMELESS if p.call is None else " ".join(writer.visit(p.call.name).split())
        seen[callee] += 1
        out[p.id] = f"{callee}#{seen[callee]}"
    return out


def _call(what: str) -> c_ast.FuncCall:
    return c_ast.FuncCall(c_ast.ID(f"dsu_transaction_{what}"), None)


# -- where it is ----------------------------------------------------------------------------------


def _find(
    placed: Placed, region: Region, name_of: dict[int, str]
) -> tuple[_List, c_ast.Node, c_ast.Node] | str:
    """The block, its first and its last statement; or why there is no such region."""
    ways = []
    for wanted in (region.begin, region.end):
        full = wanted if "#" in wanted else f"{wanted}#1"
        ids = [i for i, name in name_of.items() if name == full]
        if not ids:
            known = ", ".join(name_of.values()) or "none"
            return f"no call '{full}' can reach an update point; those that can: {known}"
        ways.append(_way(placed.body, ids[0]))
    nodes, first, last = _common(*ways)
    if nodes.index(first) > nodes.index(last):
        return f"'{region.end}' comes before '{region.begin}': exchange them"
    span = nodes[nodes.index(first) : nodes.index(last) + 1]
    return _entered(placed, span) or (nodes, first, last)


def _way(body: _List, point: int) -> list[tuple[_List, c_ast.Node]]:
    """The blocks around a point, outermost first, with the statement of each that holds it."""
    for node in body:
        if isinstance(node, Point) and node.id == point:
            return [(body, node)]
        for inner in _blocks_in(node):
            way = _way(inner, point)
            if way:
                return [(body, node), *way]
    return []


def _common(
    a: list[tuple[_List, c_ast.Node]], b: list[tuple[_List, c_ast.Node]]
) -> tuple[_List, c_ast.Node, c_ast.Node]:
    both = [(x, p, q) for (x, p), (y, q) in zip(a, b, strict=False) if x is y]
    return both[-1]


def _blocks_in(node: c_ast.Node) -> Iterator[_List]:
    """The lists of statements right inside a statement."""
    if isinstance(node, c_ast.Compound):
        yield node.block_items if node.block_items is not None else []
    elif isinstance(node, (c_ast.Case, c_ast.Default)):
        yield node.stmts
    else:
        for child in children(node):
            yield from _blocks_in(child)


def _all(nodes: Sequence[c_ast.Node]) -> Iterator[c_ast.Node]:
    todo = list(nodes)
    while todo:
        node = todo.pop()
        yield node
        todo.extend(children(node))


def _entered(placed: Placed, span: Sequence[c_ast.Node]) -> str:
    """How something gets into the region past its beginning; empty if nothing does."""
    inside = {id(n) for n in _all(span)}
    labels = {n.name for n in _all(span) if isinstance(n, c_ast.Label)}
    for n in _all(placed.body):
        if isinstance(n, c_ast.Goto) and id(n) not in inside and n.name in labels:
            return f"line {_line(n)} jumps into the region: move its beginning in front of that"
        if labels and isinstance(n, c_ast.FuncCall) and getattr(n.name, "name", "") == GOTO:
            return "a computed goto may jump into the region: choose calls without a label between"
        if id(n) in inside and isinstance(n, Rearm):
            return f"line {_line(n)} is a setjmp() inside the region: a jump would enter it"
    ways_in = {id(n) for s in _all(span) if isinstance(s, c_ast.Switch) for n in _all([s])}
    for n in _all(span):
        if isinstance(n, (c_ast.Case, c_ast.Default)) and id(n) not in ways_in:
            return f"line {_line(n)} is a case label inside the region: choose calls of one case"
    return ""


def _line(node: c_ast.Node) -> int:
    return getattr(node.coord, "line", 0) or 0


# -- how it is left -------------------------------------------------------------------------------


def _leave(span: Sequence[c_ast.Node], nodes: _List) -> None:
    """An end in front of each jump out of the region."""
    labels = {n.name for n in _all(span) if isinstance(n, c_ast.Label)}
    for node in span:
        _leave_in(node, nodes, labels, in_loop=False, in_switch=False)


def _leave_in(
    node: c_ast.Node, nodes: _List, labels: set[str], in_loop: bool, in_switch: bool
) -> None:
    is_out = (
        isinstance(node, c_ast.Return)
        or (isinstance(node, c_ast.Goto) and node.name not in labels)
        or (isinstance(node, c_ast.Break) and not (in_loop or in_switch))
        or (isinstance(node, c_ast.Continue) and not in_loop)
    )
    if is_out:
        nodes.insert(nodes.index(node), _call("end"))
    in_loop = in_loop or isinstance(node, _LOOPS)
    in_switch = in_switch or isinstance(node, c_ast.Switch)
    for inner in _blocks_in(node):
        for child in list(inner):
            _leave_in(child, inner, labels, in_loop, in_switch)
