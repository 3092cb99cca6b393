"""Makes a patch file of a difference: C for each unit, a table, gcc, the linker, a trailer."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from .alignment import Back
from .backend import GCC, LANDING_PAD
from .describe import type_symbol
from .difference import Difference
from .hooks import HookTexts
from .mapping import FrameMap
from .meta import UnitMeta
from .patch_unit import PatchText, PatchWorker
from .pipeline import abi_expanded
from .program import Program
from .reach import include_dir
from .stacks_text import StacksText
from .state import State
from .state_unit import BACK, FORWARD, WAS, Way

MAGIC = b"DSUPATCH1\n"
_HIDDEN = '__attribute__((visibility("hidden")))'
_PATCH_FLAGS = (
    "-fPIC", "-fno-plt", "-fno-semantic-interposition", "-ftls-model=initial-exec", "-w",
    "-fdata-sections",  # a zero static would be `.comm`, which no `.globl` makes visible
)  # fmt: skip
_LINK_FLAGS = (
    "-shared", "-nostdlib", "-Wl,-z,norelro", "-Wl,-z,undefs", "-Wl,--build-id=sha1",
    "-Wl,--hash-style=sysv", "-Wl,-Bsymbolic", "-Wl,--no-warn-rwx-segments",
)  # fmt: skip


class PatchError(Exception):
    """The patch cannot be made although the difference is understood; the text says what failed."""


@dataclass
class FrameEntry:
    """A row of the table: where frames of an old function go on."""

    key: str
    old_digest: str
    desc: str  # symbol; empty for a function that has no counterpart
    map: FrameMap


@dataclass
class Built:
    """What was written."""

    bytes: int = 0
    redirects: list[str] = field(default_factory=list)
    open_names: list[str] = field(default_factory=list)


def texts(difference: Difference) -> dict[str, PatchText]:
    """The C text of each unit that has a part in the patch."""
    replaced = {s for u in difference.units.values() for s in u.replaced}
    symbols = difference.old.symbols.keys() - replaced
    return {
        key: PatchWorker(unit, difference.old, set(symbols)).run()
        for key, unit in difference.units.items()
        if not unit.is_empty
    }


def build(
    difference: Difference, parts: dict[str, PatchText], frames: list[FrameEntry],
    back: list[Back], states: tuple[State, State], stacks: StacksText, around: HookTexts,
    output: Path,
) -> Built:  # fmt: skip
    """Compiles, links and writes the patch; states are those of both ways. Raises PatchError."""
    with tempfile.TemporaryDirectory(prefix="dsupatch-") as folder:
        made = Path(folder)
        table = _table(difference, parts, frames, back, states, stacks, around)
        jobs = [
            (part.text, difference.units[key].new.meta, made / f"{i}.o")
            for i, (key, part) in enumerate(parts.items())
        ]
        jobs += [
            (text.text, difference.new.units[key], made / f"{way.tag}state{i}.o")
            for state, way in zip(states, (FORWARD, BACK), strict=True)
            for i, (key, text) in enumerate(state.parts.items())
        ]
        jobs += [
            (text, difference.new.units[key], made / f"stacks{i}.o")
            for i, (key, text) in enumerate(stacks.units.items())
        ]
        jobs += [
            (text, difference.new.units[key], made / f"hooks{i}.o")
            for i, (key, text) in enumerate(around.units.items())
        ]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda job: _compile(*job), jobs))
        _compile(table, None, made / "table.o")
        image = made / "patch"
        objects = [str(path) for _, _, path in jobs]
        link = [_gcc(), *_LINK_FLAGS, f"-Wl,-T,{_script()}", "-o", str(image)]
        _run([*link, *objects, str(made / "table.o")])
        opened = _open_names(image)
        _check(opened, difference.old)
        data = image.read_bytes()
    data += hashlib.sha256(data).digest() + MAGIC
    _write(output, data)
    redirects = [r.old for p in parts.values() for r in p.redirects]
    return Built(len(data), redirects, opened)


def _gcc() -> str:
    return os.environ.get("DSU_CC", "gcc")


def _script() -> Path:
    return include_dir().parent / "patch.ld"


def _run(command: list[str], text: str | None = None) -> None:
    data = None if text is None else text.encode("utf-8", "surrogateescape")
    done = subprocess.run(command, input=data, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise PatchError(done.stderr.decode("utf-8", "replace").strip() or f"{command[0]} failed")


def _compile(text: str, meta: UnitMeta | None, output: Path) -> None:
    """One object. The table has no unit of its own."""
    keep = os.environ.get("DSU_KEEP")
    if keep:
        name = meta.key.replace("$", "_") if meta else "table"
        (Path(keep) / f"{name}.patch.i").write_text(text, errors="surrogateescape")
    flags = list(meta.flags) if meta else ["-O2"]
    backend, capture = (meta.backend, meta.capture) if meta else (GCC, LANDING_PAD)
    flags += backend.code_flags(capture)
    command = [_gcc(), *flags, *_PATCH_FLAGS, "-c", "-o", str(output)]
    _run([*command, "-x", "cpp-output", "-"], text)


# -- the table ------------------------------------------------------------------------------------


def _table(
    difference: Difference, parts: dict[str, PatchText], frames: list[FrameEntry],
    back: list[Back], states: tuple[State, State], stacks: StacksText, around: HookTexts,
) -> str:  # fmt: skip
    """`struct dsu_patch dsu_patch` as C."""
    out = [abi_expanded()]
    redirects = [r for p in parts.values() for r in p.redirects]
    rows = []
    for i, r in enumerate(redirects):
        out.append(f'extern char old{i}[] __asm__("{r.old}");')
        out.append(f'extern char new{i}[] __asm__("{r.new}") {_HIDDEN};')
        rows.append(f"{{old{i}, new{i}}}")
    out.append(f"static const struct dsu_redirect redirects[] = {{{', '.join(rows) or '{0, 0}'}}};")
    out += _framemaps("maps", [(f.key, f.old_digest, f.desc, f.map) for f in frames])
    # What the old version calls a description, the patch may call its own.
    was = [(b.key, b.digest, WAS + b.desc if b.desc else "", b.map) for b in back]
    out += _framemaps("back", was)
    stays = json.dumps(difference.stays) if difference.stays else "0"
    ways = [
        _objects(out, difference.old, state, way)
        for state, way in zip(states, (FORWARD, BACK), strict=True)
    ]
    out += around.tables()
    initials = _initials(out, difference)
    out += stacks.tables
    out.append(
        "const struct dsu_patch dsu_patch = {DSU_ABI, "
        f"{len(rows)}, {len(frames)}, {len(back)}, {initials}, "
        f"{{{_bytes(difference.old)}}}, {{{_bytes(difference.new)}}}, "
        f"redirects, maps, back, {stays}, {', '.join(ways)}, initials, "
        f"{stacks.nchains}, {stacks.nback}, chains, chains_back, "
        "hooks, files, allocators};"
    )
    return "\n".join(out) + "\n"


def _walks(old: Program, state: State) -> str:
    """Are objects looked for, and may some have no name?

    gcc calls so what it emits for compound literals at file scope.
    """
    if not state.parts:
        return "0"
    unnamed = any(n.startswith("__compound_literal.") for n in old.symbols)
    return "DSU_WALKS | DSU_UNNAMED" if unnamed else "DSU_WALKS"


def _described(out: list[str], types: list[str], prefix: str, way: Way) -> list[str]:
    """Declares the descriptions of types, by name; gives their addresses."""
    for i, name in enumerate(types):
        out.append(
            f'extern const struct dsu_type {prefix}{i} __asm__("{type_symbol(name, way.tag)}") '
            '__attribute__((weak, visibility("hidden")));'
        )
    return [f"&{prefix}{i}" for i in range(len(types))]


def _objects(out: list[str], old: Program, state: State, way: Way) -> str:
    """Appends the tables of types on one way; gives its struct dsu_types."""
    rows: dict[str, list[str]] = {
        "root": [p.roots for p in state.parts.values() if p.roots],
        "locals": [p.locals for p in state.parts.values() if p.locals],
        "suspect": _described(out, state.suspects, f"{way.tag}suspect", way),
        "holder": _described(out, state.holders, f"{way.tag}holder", way),
    }
    for kind, names in rows.items():
        struct = kind if kind in ("root", "locals") else "type"
        if struct == kind:
            out += [f"extern const struct dsu_{kind} {n}[] {_HIDDEN};" for n in names]
        table = ", ".join(names) or "0"
        out.append(f"static const struct dsu_{struct} *const {way.tag}{kind}s[] = {{{table}}};")
    counts = ", ".join(str(len(names)) for names in rows.values())
    tables = ", ".join(f"{way.tag}{kind}s" for kind in rows)
    return f"{{{_walks(old, state)}, {counts}, {tables}}}"


def _initials(out: list[str], difference: Difference) -> int:
    """Appends the table of struct dsu_initial; gives its length."""
    rows: list[str] = []
    for unit in difference.units.values():
        for symbol, values in sorted(unit.initials.items()):
            size, i = difference.old.symbols[symbol].size, len(rows)
            mask = (1 << 8 * size) - 1
            was, now = (", ".join(map(str, (v & mask).to_bytes(size, "little"))) for v in values)
            out.append(f'extern char initial{i}[] __asm__("{symbol}");')
            rows.append(f"{{initial{i}, {size}, {{{was}}}, {{{now}}}}}")
    out.append(f"static const struct dsu_initial initials[] = {{{', '.join(rows) or '{0}'}}};")
    return len(rows)


def _framemaps(name: str, entries: list[tuple[str, str, str, FrameMap]]) -> list[str]:
    """A table of struct dsu_framemap: key, digest, symbol of the description to go on with."""
    out, rows = [], []
    for i, (key, digest, desc, found) in enumerate(entries):
        if desc:
            out.append(f'extern const struct dsu_func {name}_to{i} __asm__("{desc}");')
        points = found.table
        cps = ", ".join(map(str, points))
        out.append(f"static const short {name}_points{i}[] = {{{cps}}};")
        to = f"&{name}_to{i}" if desc else "0"
        rows.append(f'{{"{key}", 0x{digest}ull, {to}, {len(points)}, {name}_points{i}}}')
    table = ", ".join(rows) or "{0}"
    return [*out, f"static const struct dsu_framemap {name}[] = {{{table}}};"]


def _bytes(program: Program) -> str:
    return ", ".join(str(b) for b in program.build_id)


# -- the file -------------------------------------------------------------------------------------


def _open_names(image: Path) -> list[str]:
    """What the patch leaves to be found in the running program."""
    with image.open("rb") as stream:
        table = ELFFile(stream).get_section_by_name(".dynsym")
        if not isinstance(table, SymbolTableSection):
            raise PatchError(f"{_gcc()} has linked a patch without a table of symbols")
        return sorted(
            s.name for s in table.iter_symbols()
            if s.name and s["st_shndx"] == "SHN_UNDEF" and s["st_info"]["bind"] != "STB_WEAK"
        )  # fmt: skip


def _check(names: list[str], old: Program) -> None:
    """Names that only the program itself can have; libraries' are looked up in the target."""
    own = [n.removeprefix(WAS) for n in names if "$" in n or n.startswith("dsu_")]
    lost = [n for n in own if not old.defines(n)]
    if lost:
        raise PatchError(
            f"{old.path}: the patch needs what this program does not have: {', '.join(lost)}"
        )


def _write(output: Path, data: bytes) -> None:
    """Whole or not at all."""
    if output.exists() and not output.is_file():
        output.write_bytes(data)
        return
    aside = output.with_name(f".{output.name}.{os.getpid()}.dsupatch")
    try:
        aside.write_bytes(data)
        aside.chmod(0o644)
        aside.replace(output)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise PatchError(f"{output}: {error.strerror}") from None
