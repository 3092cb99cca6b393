"""A linked program as the patch generator sees it: units, symbols, build-id."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection, GNUVerSymSection
from elftools.elf.sections import SymbolTableSection

from . import meta
from .meta import MetaError, UnitMeta

BUILD_ID_BYTES = 20
SHF_WRITE = 1
SHN_UNDEF, STT_FUNC, STT_SECTION, STT_FILE = 0, 2, 3, 4
_SYMBOL = struct.Struct("<IBBHQQ")  # of a 64-bit file: name, info, other, section, value, size


class ProgramError(Exception):
    """A file cannot be used as a program to compare; the text says why."""


@dataclass(frozen=True)
class Symbol:
    """A defined symbol of the program."""

    name: str
    size: int
    is_function: bool
    writable: bool = False
    at: int | None = None  # in the image; not known of a patch's

    @property
    def end(self) -> int | None:
        """Where the next one may begin."""
        return None if self.at is None else self.at + self.size


@dataclass
class Program:
    """A program that dsucc built. `units` are by key, `symbols` by name."""

    path: Path
    build_id: bytes
    units: dict[str, UnitMeta]
    symbols: dict[str, Symbol]

    @cached_property
    def starts(self) -> frozenset[int | None]:
        """Where there are objects."""
        return frozenset(s.at for s in self.symbols.values() if not s.is_function)

    def is_followed(self, symbol: str) -> bool:
        """May an address right behind a variable be that of something else?

        Strings lie between constants, and have no symbols.
        """
        s = self.symbols[symbol]
        return s.end is None or not s.writable or s.end in self.starts

    def defines(self, symbol: str) -> bool:
        """Is there such an object or function in the image?"""
        return symbol in self.symbols


def load(path: Path) -> Program:
    """Reads a program. Raises ProgramError."""
    try:
        units = _units(path)
        with path.open("rb") as stream:
            elf = ELFFile(stream)
            return Program(path, _build_id(elf, path), units, _symbols(elf, path))
    except MetaError as error:
        raise ProgramError(str(error)) from None
    except OSError as error:
        raise ProgramError(f"{path}: {error.strerror}") from None


def _units(path: Path) -> dict[str, UnitMeta]:
    units: dict[str, UnitMeta] = {}
    for unit in meta.read(path):
        if not unit.backend.patches:
            raise ProgramError(
                f"{path}: {unit.source} was compiled by {unit.backend.family} for "
                f"{unit.backend.machine}; patches are made of programs of gcc for x86_64"
            )
        before = units.setdefault(unit.key, unit)
        if before is not unit and before.text != unit.text:
            raise ProgramError(
                f"{path}: two different units are called {unit.source}: build with "
                f"--dsu-summary=FILE, where FILE lies in the project's top folder; then they are "
                f"told apart by where they lie beneath it"
            )
    return units


def _build_id(elf: ELFFile, path: Path) -> bytes:
    section = elf.get_section_by_name(".note.gnu.build-id")
    found = bytes(section.data()[-BUILD_ID_BYTES:]) if section is not None else b""
    if len(found) != BUILD_ID_BYTES:
        raise ProgramError(f"{path}: no build-id: link the program with dsucc")
    return found


def _symbols(elf: ELFFile, path: Path) -> dict[str, Symbol]:
    table = elf.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        raise ProgramError(f"{path}: has been stripped; a patch needs its symbols")
    out: dict[str, Symbol] = {}
    writable_sections = {
        i for i, section in enumerate(elf.iter_sections())
        if section["sh_flags"] & SHF_WRITE and not section.name.startswith(".data.rel.ro")
    }  # fmt: skip
    strings = table.stringtable.data()
    # As pyelftools reads them, a large program's hundred thousand take a minute.
    for at, info, _, section, value, size in _SYMBOL.iter_unpack(table.data()):
        kind = info & 0xF
        if section == SHN_UNDEF or kind in (STT_FILE, STT_SECTION):
            continue
        name = strings[at : strings.index(b"\0", at)].partition(b"@")[0].decode("latin-1")
        out[name] = Symbol(name, size, kind == STT_FUNC, section in writable_sections, value)
    return out


def libraries(path: Path) -> dict[str, str]:
    """The names that a program takes from shared libraries; which one, where versions tell."""
    out: dict[str, str] = {}
    with path.open("rb") as stream:
        elf = ELFFile(stream)
        table = elf.get_section_by_name(".dynsym")
        if not isinstance(table, SymbolTableSection):
            return out
        versions = elf.get_section_by_name(".gnu.version")
        needs = elf.get_section_by_name(".gnu.version_r")
        for i, symbol in enumerate(table.iter_symbols()):
            if symbol.name and symbol["st_shndx"] == "SHN_UNDEF":
                out[symbol.name] = _library(versions, needs, i)
    return out


def _library(versions: object, needs: object, i: int) -> str:
    if not isinstance(versions, GNUVerSymSection) or not isinstance(needs, GNUVerNeedSection):
        return "?"
    index = versions.get_symbol(i)["ndx"]
    found = needs.get_version(index) if isinstance(index, int) else None
    return str(found[0].name) if found else "?"
