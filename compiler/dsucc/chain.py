"""A program that has been updated before: its file is that of an older version, and patches.

What a patch may refer to is then not what a build of the current version defines, but what the
running program has: the symbols of the file that was started, and those that its patches brought.
The two differ where gcc inlined a function in one build and not in the other.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from .patch import MAGIC
from .program import BUILD_ID_BYTES, Program, ProgramError, Symbol
from .reach import include_dir

_DIGEST_BYTES = 32


@dataclass(frozen=True)
class PatchFile:
    """A patch as its successors see it."""

    path: Path
    old: bytes  # build-ids
    new: bytes
    symbols: dict[str, Symbol]


def read(path: Path) -> PatchFile:
    """Reads a patch file. Raises ProgramError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ProgramError(f"{path}: {error.strerror}") from None
    body, trailer = data[: -_DIGEST_BYTES - len(MAGIC)], data[-_DIGEST_BYTES - len(MAGIC) :]
    if trailer != hashlib.sha256(body).digest() + MAGIC:
        raise ProgramError(f"{path}: not a patch, or a damaged one")
    with path.open("rb") as stream:
        elf = ELFFile(stream)
        table = elf.get_section_by_name(".dynsym")
        if not isinstance(table, SymbolTableSection):
            raise ProgramError(f"{path}: a patch without symbols")
        found = table.get_symbol_by_name("dsu_patch")
        if not found:
            raise ProgramError(f"{path}: a patch without a table")
        at = next(iter(elf.address_offsets(found[0]["st_value"]))) + _offset()
        ids = data[at : at + 2 * BUILD_ID_BYTES]
        symbols = {
            s.name: Symbol(s.name, s["st_size"], s["st_info"]["type"] == "STT_FUNC")
            for s in table.iter_symbols()
            if s.name and s["st_shndx"] != "SHN_UNDEF" and s.name != "dsu_patch"
        }
    return PatchFile(path, ids[:BUILD_ID_BYTES], ids[BUILD_ID_BYTES:], symbols)


def _offset() -> int:
    """Where in struct dsu_patch the two build-ids begin, as the ABI's header says."""
    header = (include_dir() / "dsu_abi.h").read_text()
    found = re.search(r"#define DSU_PATCH_FROM\s+(\d+)", header)
    assert found, "dsu_abi.h says where a patch's build-ids are"
    return int(found.group(1))


def as_running(current: Program, base: Program, patches: list[PatchFile]) -> Program:
    """`current` with the symbols of `base` and the patches that have made it of it."""
    at = base.build_id
    for patch in patches:
        if patch.old != at:
            raise ProgramError(
                f"{patch.path}: applies to version {patch.old.hex()}, not to {at.hex()}, "
                "which is where the chain has come to"
            )
        at = patch.new
    if at != current.build_id:
        raise ProgramError(
            f"{current.path}: is version {current.build_id.hex()}, the chain leads to {at.hex()}"
        )
    symbols = {n: s for n, s in base.symbols.items() if s.is_function or _is_left(n, base, current)}
    for patch in patches:
        symbols |= patch.symbols
    return replace(current, symbols=symbols)


def _is_left(symbol: str, base: Program, current: Program) -> bool:
    """Does the current version still have an object? If it comes back later, it is a new one."""
    return current.defines(symbol) or _named(current, symbol) or not _named(base, symbol)


def _named(program: Program, symbol: str) -> bool:
    """Does a program's source name an object? gcc may have left it out all the same."""
    key, _, name = symbol.rpartition("$")
    word = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    units = [u for k, u in program.units.items() if not key or k == key.partition("$")[0]]
    return any(word.search(u.text) for u in units)
