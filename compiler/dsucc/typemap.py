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
    numbers: nothing          # no number holds an address that the program makes a pointer of
    kinds:
      struct call: old->kind == 2   # which type that begins with it a pointer to it leads to
    back:                     # what a revert makes of it; here, too, `old` is the old version's
      fields:
        sum: (int)(new->mean * new->total)
      transform: …
      when: …

C text is compiled by the C compiler, whose complaints name the mapping file's lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as dataclass_field

import yaml

_NAME = re.compile(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*")
TYPE_NAME = re.compile(r"(?:(?:struct|union|enum) )?[A-Za-z_]\w*")
NOTHING = "nothing"
_EXCHANGED = """\
{{ __typeof__(new) dsu_to = new; __typeof__(old) dsu_from = old;
{{ __typeof__(dsu_to) old = dsu_to; __typeof__(dsu_from) new = dsu_from; (void)old; (void)new;
{} }} }}"""


@dataclass(frozen=True)
class Expression:
    """C text of the user's over `old` and `new`, and where it stands in the mapping file.

    On the way back both versions have changed places in the text around it, but not for the user.
    """

    text: str
    file: str
    line: int
    back: bool = False
    derived: bool = False  # from what is said of the way forward

    def marked(self, code: str) -> str:
        """`code` so that the C compiler takes it for the mapping file's."""
        return f'\n# {self.line} "{self.file}"\n{code}\n# 1 "(generated)"\n'

    def assignment(self, target: str) -> str:
        return self.scoped(f"{target} = ({self.text});")

    def statements(self) -> str:
        return self.scoped(f"{{ {self.text}; }}")

    def of_the_new(self) -> Expression:
        """The same condition, said of the new version's object."""
        text = re.sub(r"(?<![\w$.>])old(?![\w$])", "new", self.text.replace("old$", ""))
        return Expression(text, self.file, self.line, back=True, derived=True)

    def scoped(self, code: str) -> str:
        return _EXCHANGED.format(self.marked(code)) if self.back else self.marked(code)


@dataclass
class TypeRule:
    """What is said of one type."""

    fields: dict[str, Expression] = dataclass_field(default_factory=dict)
    transform: Expression | None = None
    points: dict[str, str] = dataclass_field(default_factory=dict)
    when: dict[str, Expression] = dataclass_field(default_factory=dict)
    kinds: dict[str, Expression] = dataclass_field(default_factory=dict)
    no_numbers: bool = False
    back: TypeRule | None = None
    forward: TypeRule | None = None  # of a way back: what is said of the other way

    def reverted(self, called: Callable[[str], str]) -> TypeRule:
        """The rule of the way back; `called` gives a type's new name."""
        names = {
            code.text: Expression(name, code.file, code.line, back=True, derived=True)
            for name, code in self.fields.items()
            if _NAME.fullmatch(code.text) and code.text != NOTHING
        }
        now = {was: code.text for was, code in names.items()}
        points = {now.get(path, path): called(said) for path, said in self.points.items()}
        kinds = {called(name): code.of_the_new() for name, code in self.kinds.items()}
        said = self.back or TypeRule()
        return TypeRule(
            names | said.fields, said.transform, points | said.points, said.when,
            kinds | said.kinds, self.no_numbers, self.back, self,
        )  # fmt: skip

    @property
    def computes(self) -> bool:
        """Does it make values out of others?"""
        texts = (code.text for code in self.fields.values())
        return self.transform is not None or not all(_NAME.fullmatch(t) for t in texts)

    def leaves_open(self, member: str, is_there: bool) -> bool:
        """Of a way back: is it unknown what the member was? `is_there`: it has a namesake."""
        if self.forward is None or self.transform is not None:
            return False
        return member in self.forward.fields or (not is_there and self.forward.computes)


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

    def reverted(self) -> TypeRules:
        """All of the way back."""
        rules = {self.called(was): r.reverted(self.called) for was, r in self.rules.items()}
        return TypeRules(rules, {was: now for now, was in self.renames.items()})

    def unused(self) -> list[str]:
        """By the names that the mapping file has for them."""
        return [self.called(name) for name in sorted(self.rules.keys() - self.used)]

    def called(self, known_as: str) -> str:
        """The name that the mapping file has for a type."""
        return next((new for new, old in self.renames.items() if old == known_as), known_as)


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

    def code(self, node: yaml.Node, back: bool = False) -> Expression:
        block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        line = node.start_mark.line + (2 if block else 1)
        return Expression(self.text(node), self.file, line, back)

    def types(self, node: yaml.Node) -> TypeRules:
        out = TypeRules()
        for name, value in self.table(node):
            if not TYPE_NAME.fullmatch(name):
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

    def part(self, rule: TypeRule, key: str, node: yaml.Node, back: bool = False) -> None:
        if key == "transform":
            rule.transform = self.code(node, back)
        elif key == "fields":
            rule.fields = {n: self.code(v, back) for n, v in self.names(node)}
        elif key == "when":
            rule.when = {n: self.code(v, back) for n, v in self.names(node)}
        elif key == "points":
            rule.points = {n: self.text(v) for n, v in self.names(node)}
        elif key == "kinds":
            rule.kinds = {n: self.code(v, back) for n, v in self.table(node)}
        elif key == "numbers" and not back:
            rule.no_numbers = self.text(node) == NOTHING
            if not rule.no_numbers:
                self.complain(node, f"'numbers' can only be '{NOTHING}': they cannot be followed")
        elif key == "back" and not back:
            rule.back = TypeRule()
            for name, part in self.table(node):
                self.part(rule.back, name, part, back=True)
        elif back:
            self.complain(node, f"'{key}': only fields, transform, points, when and kinds")
        else:
            known = "from, fields, transform, points, when, kinds, numbers and back"
            self.complain(node, f"'{key}': only {known}")

    def names(self, node: yaml.Node) -> list[tuple[str, yaml.Node]]:
        found = self.table(node)
        for name, value in found:
            if not _NAME.fullmatch(name):
                self.complain(value, f"'{name}' is no member's name")
        return found
