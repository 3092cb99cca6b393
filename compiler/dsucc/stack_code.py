"""C text of the mapping file's `stacks:`: `frame.x` and `frame[i].x` become what C understands.

    sum.n + 1      ->  (*sum$n[0]) + 1
    outer[k].word  ->  (*outer$word[k])
    &main.line     ->  &(*main$line$home)

Each variable of an old frame is an array of pointers to its values, one for each of the frames;
they are copies. An address is that of a variable of a new frame, which may have been moved there.
"""

from __future__ import annotations

import re

from .gnu import TOKEN
from .stack_chain import Complaints, FrameVariable, How, Step, Value, find_variable
from .stack_versions import Standing
from .typemap import Expression


def make(
    links: list[Standing], steps: list[Step], said: Expression, variable: str, c: str,
    out: Complaints,
) -> Value:  # fmt: skip
    """A value that C text makes, of C type `c`; complaints go to `out`."""
    value = Value(variable, How.MADE, type=c)
    text = _Text(links, steps, said, value, out).translate(said.text)
    value.code = Expression(text, said.file, said.line)
    return value


class _Text:
    def __init__(
        self, links: list[Standing], steps: list[Step], said: Expression, value: Value,
        out: Complaints,
    ) -> None:  # fmt: skip
        self.links, self.steps, self.value, self.out = links, steps, value, out
        self.place = f"{said.file}:{said.line}"
        self.aliases = {s.name.alias for s in links} | {s.at.name.alias for s in steps}

    def translate(self, text: str) -> str:
        found = [t for t in TOKEN.finditer(text) if t.lastgroup != "space"]
        out, last, at = [], 0, 0
        while at < len(found):
            if self.is_frame(found, at):
                behind = self.index_end(found, at + 1)
                if _is_address(found, at):
                    code, behind = self.home(found, at, behind)
                else:
                    code, behind = self.reference(text, found, at, behind)
                out += [text[last : found[at].start()], code]
                last = found[behind - 1].end()
                at = behind
            else:
                at += 1
        return "".join(out) + text[last:]

    def is_frame(self, found: list[re.Match[str]], at: int) -> bool:
        """Is it a frame's name, and no member's or type's?"""
        is_member = at > 0 and found[at - 1].group() in (".", "->", "struct", "union", "enum")
        goes_on = at + 1 < len(found) and found[at + 1].group() in (".", "[")
        return found[at].group() in self.aliases and goes_on and not is_member

    def index_end(self, found: list[re.Match[str]], at: int) -> int:
        """The token behind `[...]`, if one begins there."""
        depth = 0
        for end in range(at, len(found)):
            depth += (found[end].group() == "[") - (found[end].group() == "]")
            if not depth:
                return end + 1 if found[at].group() == "[" else at
        return at

    def reference(
        self, text: str, found: list[re.Match[str]], at: int, behind: int
    ) -> tuple[str, int]:
        """The frame at `at`, an index up to `behind`, a variable; gives C and what comes next."""
        alias = found[at].group()
        words = [f.group() for f in found[behind : behind + 2]]
        if len(words) < 2 or words[0] != "." or found[behind + 1].lastgroup != "name":
            self.out.add(self.place, f"'{alias}' is a frame: want a variable, as in {alias}.x")
            return "0", behind
        link = find_variable(self.links, alias, words[1], True, self.place, self.out)
        if link is None:
            return "0", behind + 2
        frame = self.links[link]
        v = frame.find(words[1])
        assert v is not None
        is_indexed = behind > at + 1
        if is_indexed != frame.repeats:
            want = f"{alias}[0].{words[1]}" if frame.repeats else f"{alias}.{words[1]}"
            there = "may be several" if frame.repeats else "is one"
            self.out.add(self.place, f"there {there} of '{alias}': want {want}")
        inside = text[found[at + 1].end() : found[behind - 1].start()] if is_indexed else "0"
        c = frame.frames.type_of(v)
        one = FrameVariable(link, v.known_as, c, f"{alias}${v.name}")
        if one not in self.value.inputs:
            self.value.inputs.append(one)
        follows = found[behind + 2].group() if behind + 2 < len(found) else ""
        if c.endswith("]") and follows != "[" and self.value.type.endswith("*"):
            self.out.add(self.place, f"'{alias}.{words[1]}' is a copy: want &FRAME.{words[1]}[0]")
        return f"(*{one.c}[{self.translate(inside)}])", behind + 2

    def home(self, found: list[re.Match[str]], at: int, behind: int) -> tuple[str, int]:
        """The frame at `at` and a variable whose address is meant."""
        alias = found[at].group()
        words = [f.group() for f in found[behind : behind + 2]]
        frames = [s.at for s in self.steps]
        name = words[1] if len(words) == 2 and words[0] == "." and behind == at + 1 else ""
        step = find_variable(frames, alias, name, False, self.place, self.out)
        if step is None:
            return "0", behind + 2 if name else behind
        v = frames[step].find(name)
        assert v is not None
        if not v.pinned:
            why = f"the new '{frames[step].function}' never takes the address of '{name}'"
            self.out.add(self.place, why)
        if frames[step].name.times is not None:
            why = f"there may be several of '{alias}', or none: nothing can point into it"
            self.out.add(self.place, why)
        c = frames[step].frames.type_of(v)
        one = FrameVariable(step, v.known_as, c, f"{alias}${v.name}$home")
        if one not in self.value.homes:
            self.value.homes.append(one)
        return f"(*{one.c})", behind + 2


def _is_address(found: list[re.Match[str]], at: int) -> bool:
    """Does a unary `&` stand in front?"""
    if at == 0 or found[at - 1].group() != "&":
        return False
    before = found[at - 2] if at > 1 else None
    is_operand = before is not None and before.lastgroup in ("name", "number", "string", "char")
    return not is_operand and (before is None or before.group() not in (")", "]"))
