"""What a build leaves in its objects for the patch generator: section `.dsu_meta`.

Each translation unit adds one blob: MAGIC, the length of what follows (8 bytes, little endian), and
that many bytes of zlib-compressed JSON. The linker puts the blobs of a program one after the other.
The section is not loaded.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from .backend import Backend
from .summary import Summary
from .toplevel import Unit, split
from .transactions import Region

SECTION = ".dsu_meta"
MAGIC = b"DSUMETA1"


class MetaError(Exception):
    """A file has no metadata, or damaged metadata; the text says which and what would be right."""


@dataclass
class UnitMeta:
    """One translation unit: its preprocessed text and how it was compiled.

    `functions` are the rows of the build report.
    """

    key: str
    source: str
    capture: str
    points: str
    flags: list[str]
    text: str
    functions: list[dict[str, object]] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)  # on the whole-program summary's word
    cycles: list[str] = field(default_factory=list)
    regions: dict[str, list[list[str]]] = field(default_factory=dict)  # begin, end, place
    compiler: dict[str, str] = field(default_factory=dict)
    folder: str = ""  # where the compiler stood, beneath the project's top folder

    @cached_property
    def unit(self) -> Unit:
        """Its text, taken apart."""
        return split(self.text)

    @property
    def backend(self) -> Backend:
        """The C compiler that made this unit."""
        return Backend(**self.compiler)

    @property
    def transactions(self) -> dict[str, list[Region]]:
        """Its functions' regions without updates."""
        return {name: [Region(*r) for r in rows] for name, rows in self.regions.items()}

    @property
    def summary(self) -> Summary:
        """What was known of other units when this one was compiled."""
        return Summary(frozenset(self.leaves), frozenset(self.cycles))


def pack(unit: UnitMeta) -> bytes:
    """The blob of one unit."""
    data = zlib.compress(
        json.dumps(asdict(unit), separators=(",", ":")).encode("utf-8", "surrogatepass"), 1
    )
    return MAGIC + len(data).to_bytes(8, "little") + data


def unpack(data: bytes, name: str) -> list[UnitMeta]:
    """All units of a section's content."""
    units, at = [], 0
    while at < len(data):
        if data[at : at + 8] != MAGIC:
            raise MetaError(f"{name}: section {SECTION} is damaged at byte {at}")
        size = int.from_bytes(data[at + 8 : at + 16], "little")
        try:
            units.append(UnitMeta(**json.loads(zlib.decompress(data[at + 16 : at + 16 + size]))))
        except (ValueError, TypeError, zlib.error) as error:
            raise MetaError(f"{name}: section {SECTION} is damaged at byte {at}: {error}") from None
        at += 16 + size
    return units


def read(path: Path) -> list[UnitMeta]:
    """The units of a linked program or object. Raises MetaError."""
    from elftools.elf.elffile import ELFFile  # noqa: PLC0415 - a compile need not wait for it

    try:
        with path.open("rb") as stream:
            section = ELFFile(stream).get_section_by_name(SECTION)
            if section is None:
                raise MetaError(f"{path}: no section {SECTION}: was it built with dsucc?")
            return unpack(section.data(), str(path))
    except OSError as error:
        raise MetaError(f"{path}: {error.strerror}") from None
    except MetaError:
        raise
    except Exception as error:  # noqa: BLE001 - pyelftools raises several kinds
        raise MetaError(f"{path}: not an ELF file: {error}") from None


def assembly(section: str, blob_path: Path) -> str:
    """Top-level assembly that puts a blob's file into a section."""
    return (
        f'\n__asm__(".pushsection {section},\\"\\",@progbits\\n'
        f'.incbin \\"{blob_path}\\"\\n.popsection");\n'
    )


def inline_assembly(section: str, blob: bytes) -> str:
    """The same with the bytes written out, for -S output that must stand alone."""
    rows = (",".join(str(b) for b in blob[i : i + 64]) for i in range(0, len(blob), 64))
    text = "".join(f'".byte {row}\\n"\n' for row in rows)
    return f'\n__asm__(".pushsection {section},\\"\\",@progbits\\n"\n{text}".popsection");\n'
