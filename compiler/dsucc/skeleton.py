"""A first mapping file: a TODO for each thing to decide, both versions' declarations beside it.

What is refused as the patch is made has to be decided. What only memory tells may have to be: those
lines (asks.py) stand behind a patch that has been written, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .asks import BACK, KEYS, KINDS, LINKS, POINTS, VARIABLES, Ask
from .refusal import Refusal, member_of, side_by_side
from .typemap import TYPE_NAME

_HEAD = "# Mapping file for dsupatch --map. Fill in what follows 'TODO'; see the comments."
_PERHAPS = """\
# Of the lines under 'points', 'kinds', 'links', 'keys' and 'variables' only those are needed that
# an update asks for as it happens, those under 'back' only if `dsuctl revert` is to work: remove
# the others."""
_GLOBAL = re.compile(r"globals: \{([^:}]+):")
_HINTS = {
    "fields": "an old member's name, a C expression over old and new, or nothing",
    "transform": "C statements that set *new, over old and new",
    "when": "a C expression over old: when is it this that the union holds?",
    "numbers": "nothing, if no number holds such an address as the update comes",
    POINTS: "what it leads to: {}, or nothing",
    KINDS: "a C expression over old: when is it this that a pointer leads to?",
    LINKS: "what it holds: {}",
    KEYS: "what its values lead to: {}",
    VARIABLES: "what it leads to: {}, or nothing",
}


def skeleton(refusals: list[Refusal], asks: list[Ask]) -> str:
    """The file; each refusal is in it, as a comment where no mapping file can help."""
    lines = [_HEAD, *([_PERHAPS] if asks else [])]
    lines += _section("globals", _globals(refusals))
    lines += _section("functions", _functions(refusals))
    lines += _section("types", _types(refusals, asks))
    for name in (LINKS, KEYS, VARIABLES):
        lines += _section(name, _asked([a for a in asks if a.section == name]))
    for r in refusals:
        if not (_is_global(r) or _is_function(r) or _is_type(r)):
            lines += [f"# cannot be mapped yet: {r.place}: {r.name}: {r.why}"]
    return "\n".join(lines) + "\n"


def _section(name: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [f"{name}:", *found] if found else []


def _is_global(r: Refusal) -> bool:
    return _GLOBAL.search(r.remedy) is not None


def _is_function(r: Refusal) -> bool:
    return r.kind == "points"


def _is_type(r: Refusal) -> bool:
    is_one = r.kind in ("type", "union", "number") and not _is_global(r)
    return is_one and bool(TYPE_NAME.match(r.name))


def _declarations(r: Refusal | Ask, before: Ask | None = None) -> Iterator[str]:
    """Of both versions; not again where they are those of the line before."""
    shown = before is not None and (before.old, before.new) == (r.old, r.new)
    for text in side_by_side(r.old, r.new) if (r.old or r.new) and not shown else ():
        yield f"  #{text[3:]}".rstrip()


def _globals(refusals: list[Refusal]) -> Iterator[str]:
    for r in filter(_is_global, refusals):
        key = _GLOBAL.search(r.remedy)
        assert key is not None
        yield f"  # {r.place}: {r.why}"
        yield from _declarations(r)
        words = "keep, or replace" if "keep" in r.remedy else "replace"
        yield f"  {key.group(1)}: TODO  # {words}"


def _functions(refusals: list[Refusal]) -> Iterator[str]:
    for r in filter(_is_function, refusals):
        yield f"  # {r.place}: {r.why}"
        yield from _declarations(r)
        yield from (f"  {r.name}:", "    points:")
        for point, hint in r.decide:
            yield f"      {point}: TODO  # {hint}"


def _types(refusals: list[Refusal], asks: list[Ask]) -> Iterator[str]:
    by_type: dict[str, tuple[list[Refusal], list[Ask]]] = {}
    about: dict[str, Refusal | Ask] = {}
    for r in filter(_is_type, refusals):
        name = r.name.partition(".")[0]
        by_type.setdefault(name, ([], []))[0].append(r)
        about.setdefault(name, r)
    for a in asks:
        if a.section in (POINTS, KINDS, BACK):
            by_type.setdefault(a.name, ([], []))[1].append(a)
            about.setdefault(a.name, a)
    for name, (refused, asked) in by_type.items():
        yield from _declarations(about[name])
        yield f"  {name}:"
        yield from _members("fields", [r for r in refused if r.kind == "type" and not _is_gone(r)])
        if any(map(_is_gone, refused)):
            yield from (f"    # {r.why}" for r in refused if _is_gone(r))
            yield f"    transform: TODO  # {_HINTS['transform']}"
        yield from _members("when", [r for r in refused if r.kind == "union"])
        for r in (r for r in refused if r.kind == "number"):
            yield from (f"    # {r.why}", f"    numbers: TODO  # {_HINTS['numbers']}")
        pointers = [a for a in asked if a.section == POINTS]
        yield from ["    points:"] if pointers else []
        for a in pointers:
            yield f"      {a.member}: TODO  # {_HINTS[POINTS].format(', '.join(a.choices))}"
        for a in (a for a in asked if a.section == KINDS):
            yield "    kinds:"
            yield from (f"      {kind}: TODO  # {_HINTS[KINDS]}" for kind in a.choices)
        yield from _back([a for a in asked if a.section == BACK])


def _members(key: str, refusals: list[Refusal]) -> Iterator[str]:
    """`fields` or `when` of one type."""
    yield from [f"    {key}:"] if refusals else []
    for r in refusals:
        yield f"      # {r.why}"
        yield f"      {_member(r)}: TODO  # {_HINTS[key]}"


def _is_gone(r: Refusal) -> bool:
    """Is there no member that could be said?"""
    return r.kind == "type" and not _member(r)


def _member(r: Refusal) -> str:
    """What it is about: of a struct without a name of its own, the member that is one."""
    inner = r.name.split(".")[1:]
    return inner[0] if inner else member_of(r)


def _back(asks: list[Ask]) -> Iterator[str]:
    """What a revert makes of one type."""
    yield from ["    back:"] if asks else []
    for key, old, new in (("fields", "an old", "a new"), ("when", "over old", "over new")):
        members = [a for a in asks if a.member and a.key == key]
        yield from [f"      {key}:"] if members else []
        for a in members:
            yield f"        # {a.choices[0]}"
            yield f"        {a.member}: TODO  # {_HINTS[key].replace(old, new)}"
    whole = [a for a in asks if not a.member]
    yield from (f"      # {a.choices[0]}" for a in whole)
    yield from (
        ["      transform: TODO  # C statements that set *old, over old and new"] if whole else []
    )


def _asked(asks: list[Ask]) -> Iterator[str]:
    for before, a in zip([None, *asks], asks, strict=False):
        yield from _declarations(a, before)
        yield f"  {a.name}: TODO  # {_HINTS[a.section].format(', or '.join(a.choices))}"
