"""The part of the mapping file that says how objects of changed types convert.

types:
  struct session:             # the new version's name
    from: struct vsf_session  # the old one's, if that was another
    fields:
      total: count            # an old member by another name
      mean: old->sum / 2.0    # or a C expression over `old` and `new`, pointers to the objects
    transform: |              # C statements after all members have their values; one that returns
      if (!new->mean) return "empty";   # a text, or traps, rolls the update back
    points:
      data: struct item       # what a `void *` leads to; `nothing` that changes
    when:
      u.item: old->kind == 1  # when a union's pointer is one that may be followed

C text is compiled by the C compiler, whose complaints name the mapping file's lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as dataclass_field

import yaml

from .refusal import Refusal, side_by_side

_NAME = re.compile(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*")
_TYPE = re.compile(r"(?:(?:struct|union|enum) )?[A-Za-z_]\w*")
NOTHING = "nothing"


@dataclass(frozen=True)
class Expression:
    """C text of the user's over `old` and `new`, and where it stands in the mapping file."""

    text: str
    file: str
    line: int

    def marked(self, code: str) -> str:
        """`code` so that the C compiler takes it for the mapping file's."""
        return f'\n# {self.line} "{self.file}"\n{code}\n# 1 "(generated)"\n'

    def assignment(self, target: str) -> str:
        return self.marked(f"{target} = ({self.text});")

    def statements(self) -> str:
        return self.marked(f"{{ {self.text}; }}")


@dataclass
class TypeRule:
    """What is said of one type."""

    fields: dict[str, Expression] = dataclass_field(default_factory=dict)
    transform: Expression | None = None
    points: dict[str, str] = dataclass_field(default_factory=dict)
    when: dict[str, Expression] = dataclass_field(default_factory=dict)


@dataclass
class TypeRules:
    """All of them, by the name under which both versions know the type: the old one's."""

    rules: dict[str, TypeRule] = dataclass_field(default_factory=dict)
    renames: dict[str, str] = dataclass_field(default_factory=dict)  # new: old
    used: set[str] = dataclass_field(default_factory=set)

    def of(self, known_as: str) -> TypeRule:
        """The rule for a type; an empty one if there is none."""
        if known_as in self.rules:
            self.used.add(known_as)
        return self.rules.get(known_as, TypeRule())

    def unused(self) -> list[str]:
        """By the names that the mapping file has for them."""
        new = {old: name for name, old in self.renames.items()}
        return [new.get(name, name) for name in sorted(self.rules.keys() - self.used)]


class Reader:
    """Reads the section from YAML's nodes, which know their lines."""

    def __init__(self, file: str, wrong: list[str]) -> None:
        self.file, self.wrong = file, wrong

    def complain(self, node: yaml.Node, why: str) -> None:
        self.wrong.append(f"{self.file}:{node.start_mark.line + 1}: {why}")

    def table(self, node: yaml.Node) -> list[tuple[str, yaml.Node]]:
        if isinstance(node, yaml.MappingNode):
            return [(str(k.value), v) for k, v in node.value]
        self.complain(node, "want a table of names")
        return []

    def text(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.complain(node, "want text")
        return ""

    def code(self, node: yaml.Node) -> Expression:
        block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        return Expression(self.text(node), self.file, node.start_mark.line + (2 if block else 1))

    def types(self, node: yaml.Node) -> TypeRules:
        out = TypeRules()
        for name, value in self.table(node):
            if not _TYPE.fullmatch(name):
                self.complain(value, f"'{name}' is no type's name, like 'struct session'")
            rule = TypeRule()
            known_as = name
            for key, part in self.table(value):
                if key == "from":
                    known_as = out.renames[name] = self.text(part)
                else:
                    self.part(rule, key, part)
            out.rules[known_as] = rule
        return out

    def part(self, rule: TypeRule, key: str, node: yaml.Node) -> None:
        if key == "transform":
            rule.transform = self.code(node)
        elif key == "fields":
            rule.fields = {n: self.code(v) for n, v in self.names(node)}
        elif key == "when":
            rule.when = {n: self.code(v) for n, v in self.names(node)}
        elif key == "points":
            rule.points = {n: self.text(v) for n, v in self.names(node)}
        else:
            self.complain(node, f"'{key}': only from, fields, transform, points and when")

    def names(self, node: yaml.Node) -> list[tuple[str, yaml.Node]]:
        found = self.table(node)
        for name, value in found:
            if not _NAME.fullmatch(name):
                self.complain(value, f"'{name}' is no member's name")
        return found


_MEMBER = re.compile(r"member '([^']+)'|^'([^']+)' is in a union")


def skeleton(refusals: list[Refusal]) -> list[str]:
    """Lines of the section `types` with a TODO for each thing to decide, declarations beside."""
    by_type: dict[str, list[Refusal]] = {}
    for r in refusals:
        of_type = r.kind in ("type", "union") and not r.remedy.startswith("globals:")
        if of_type and _TYPE.fullmatch(r.name):
            by_type.setdefault(r.name, []).append(r)
    out = ["types:"] if by_type else []
    for name, found in by_type.items():
        rows = side_by_side(found[0].old, found[0].new)
        out += [f"  #{text[3:]}".rstrip() for text in rows]
        out.append(f"  {name}:")
        out += _section("fields", [r for r in found if r.kind == "type"])
        out += _section("when", [r for r in found if r.kind == "union"])
    return out


def _section(key: str, refusals: list[Refusal]) -> list[str]:
    """`fields` or `when` of one type."""
    hints = {
        "fields": "an old member's name, or a C expression over old and new",
        "when": "a C expression over old: when is it this that the union holds?",
    }
    out = [f"    {key}:"] if refusals else []
    for r in refusals:
        found = _MEMBER.search(r.why)
        member = (found.group(1) or found.group(2)) if found else "TODO"
        out += [f"      # {r.why}", f"      {member}: TODO  # {hints[key]}"]
    return out
