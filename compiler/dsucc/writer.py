"""C text of a tree: pycparser's generator, with what was set aside put back."""

from __future__ import annotations

import json
import re

from pycparser import c_ast
from pycparser.c_generator import CGenerator

from .gnu import ELVIS, OPAQUE, Opaque
from .nodes import RawID, TypeOfLocal, Unqualified
from .parse import StatementExpr


def where(coord: object) -> str:
    """The line marker for a coordinate of the user's source."""
    line, file = getattr(coord, "line", None), getattr(coord, "file", None)
    return f"# {line} {json.dumps(file)}\n" if line and file else ""


class Writer(CGenerator):
    """pycparser's generator, with opaque texts, pins and line markers."""

    def __init__(self, opaque: dict[str, Opaque]) -> None:
        super().__init__()
        self.opaque = opaque
        self.pinned: dict[str, str] = {}
        self.renamed: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.arrays: dict[str, c_ast.Node] = {}  # of variable length: their types
        self.markers = True

    def spell(self, name: str) -> str:
        """How a variable is written in this variant."""
        plain: str = self.pinned.get(name) or self.renamed.get(name, name)
        if name not in self.arrays:
            return plain
        pointer = self._generate_type(c_ast.PtrDecl([], self.arrays[name]))
        return f"(*({pointer}){plain})"

    def visit_RawID(self, n: RawID) -> str:
        return str(n.name)

    def set_aside(self, name: str) -> str:
        """The text that a placeholder stands for; the placeholder itself where none is known."""
        return self.opaque[name].text(self.spell) if name in self.opaque else name

    def visit_ID(self, n: c_ast.ID) -> str:
        if OPAQUE.match(n.name):
            return self.set_aside(n.name)
        if n.name in self.constants:
            return self.constants[n.name]
        return self.spell(n.name)

    visit_BoundID = visit_ID

    def visit_StructRef(self, n: c_ast.StructRef) -> str:
        return f"{self._parenthesize_unless_simple(n.name)}{n.type}{n.field.name}"

    def visit_NamedInitializer(self, n: c_ast.NamedInitializer) -> str:
        out = ""
        for part in n.name:
            field = isinstance(part, c_ast.ID) and not OPAQUE.match(part.name)
            index = part.expr if isinstance(part, c_ast.ArrayDesignator) else part
            out += f".{part.name}" if field else f"[{self.visit(index)}]"
        return f"{out} = {self._visit_expr(n.expr)}"

    def visit_FuncCall(self, n: c_ast.FuncCall) -> str:
        is_asm = isinstance(n.name, c_ast.ID) and n.name.name.startswith("__dsu_asm_")
        if is_asm and n.name.name in self.opaque:
            return self.set_aside(n.name.name)
        return str(super().visit_FuncCall(n))

    def visit_IdentifierType(self, n: c_ast.IdentifierType) -> str:
        return " ".join(self.set_aside(x) if OPAQUE.match(x) else x for x in n.names)

    def visit_TypeOfLocal(self, n: TypeOfLocal) -> str:
        return f"__typeof__({self.visit(n.operand)}){n.suffix}"

    def visit_Unqualified(self, n: Unqualified) -> str:
        """The comma's value has no qualifiers; an array, which it would make a pointer, stays."""
        given = self.visit(n.type)
        value = f"(0, *({given} *)0)"
        is_value = f"__builtin_types_compatible_p({given}, __typeof__({value}))"
        return f"__typeof__(__builtin_choose_expr({is_value}, {value}, *({given} *)0))"

    def visit_TernaryOp(self, n: c_ast.TernaryOp) -> str:
        if self.markers and isinstance(n.iftrue, c_ast.ID) and n.iftrue.name == ELVIS:
            return f"({self._visit_expr(n.cond)}) ? : ({self._visit_expr(n.iffalse)})"
        return str(super().visit_TernaryOp(n))

    def visit_StatementExpr(self, n: StatementExpr) -> str:
        return f"({self.visit_Compound(n)})"

    def _make_indent(self) -> str:
        """None: `else if`s are nested in each other, and each level copies all that it holds."""
        return ""

    def visit_Pragma(self, n: c_ast.Pragma) -> str:
        return f"\n{super().visit_Pragma(n)}"

    def _generate_stmt(self, n: c_ast.Node, add_indent: bool = False) -> str:
        text: str = super()._generate_stmt(n, add_indent)
        if isinstance(n, StatementExpr):
            text += ";"
        coord = getattr(n, "coord", None)
        unmarked = isinstance(n, (c_ast.Compound, c_ast.Label, c_ast.Case, c_ast.Default))
        if unmarked or coord is None or not self.markers:
            return text
        return where(coord) + text

    def declaration(self, decl: c_ast.Decl) -> str:
        """A declaration without its semicolon."""
        return str(self.visit(decl))


def rename_head(head: str, old: str, new: str) -> str:
    """A function's head with the function's name changed."""
    return re.sub(rf"(?<![\w$]){re.escape(old)}(?=\s*[()])", lambda _: new, head, count=1)


def flat(text: str) -> str:
    """One line for all that stands between two markers: no line number runs past the user's."""
    out: list[str] = []
    for line in text.splitlines():
        if line.startswith("#") or not out or out[-1].startswith("#"):
            out.append(line)
        else:
            out[-1] += " " + line
    return "\n".join(out) + "\n"
