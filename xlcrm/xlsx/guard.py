"""Guard against hostile packages: one that would exhaust the machine is refused before it is read.

Limits are about what no honest workbook has (compression ratios over 200 where real sheets have 4 to 25, two entries
of one name), never about size alone: a sheet of 150 MB is somebody's work.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO
from xml.parsers.expat import ExpatError, ParserCreate

from xlcrm.errors import CrmError
from xlcrm.os_errors import refusing
from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.xml_parts import count

# The list of texts says how many it has, and a reader that believes it takes that much memory and is killed.

_TEXTS = "xl/sharedstrings.xml"
_COUNT = re.compile(rb"""\suniqueCount\s*=\s*["']\s*\+?(\d+)""")
_START = 1 << 16
# programs that write a wrong number write the number of cells, and memory for that many is not touched
_HARMLESS = 20_000_000
_SMALLEST = len("<si/>")


def check_promised_texts(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """CrmError "workbook.damaged_part" where the list of texts promises far more than it has room for."""
    for info in entries:
        if info.filename.replace("\\", "/").lower() != _TEXTS:
            continue
        try:
            with package.open(info) as file:
                start = file.read(_START)
        except (OSError, EOFError, zlib.error, RuntimeError) as error:
            raise CrmError("workbook.damaged_part") from error
        promised = max((int(found[:20]) for found in _COUNT.findall(start.replace(b"\0", b""))), default=0)
        if promised > max(_HARMLESS, info.file_size // _SMALLEST):
            raise CrmError("workbook.damaged_part")


MAX_ENTRIES = 20_000
MAX_RATIO = 200
MAX_BYTES = 4 << 30
MAX_COMMENT = 1 << 16
SMALL = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (".xml", ".rels", ".vml")


def check(path: Path) -> None:
    """Refuse what is no workbook or is unsafe to open: CrmError says which and what to do. Reads no part whole."""
    with refusing(path), path.open("rb") as file:
        start = file.read(8)
    if start == _OLE:
        locked = _has_stream(path, "EncryptedPackage")
        raise CrmError("file.encrypted" if locked else "workbook.old_format", name=path.name)
    if not start.startswith(b"PK\3\4"):
        raise CrmError("workbook.empty_file" if not start else "workbook.not_excel", name=path.name)
    try:
        with zipfile.ZipFile(path) as package:
            _check_directory(path, package.infolist(), package.start_dir)
            check_promised_texts(package, package.infolist())
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
        raise CrmError("workbook.damaged", name=path.name) from error


def _has_stream(path: Path, name: str) -> bool:
    """Whether an OLE container's directory names a stream; it stands in the file as UTF-16 text."""
    return name.encode("utf-16-le") in path.read_bytes()


def _check_directory(path: Path, entries: list[zipfile.ZipInfo], directory: int) -> None:
    """CrmError for the first entry, in the file's order, that is unsafe; `directory` is where the directory begins.

    Two entries of one name, or two that share bytes, read as different files in different programs.
    """

    def refuse(key: str, info: zipfile.ZipInfo | None = None) -> CrmError:
        """The refusal, with the part that it is about."""
        return CrmError(key, name=path.name, part=info.filename if info else "")

    if len(entries) > MAX_ENTRIES:
        raise refuse("workbook.too_many_parts")
    names: set[str] = set()
    end = 0
    for info in sorted(entries, key=lambda entry: entry.header_offset):
        name = info.filename.replace("\\", "/").lower()
        if name in names:
            raise refuse("workbook.part_twice", info)
        names.add(name)
        wrong = _wrong(info, end, directory)
        if wrong:
            raise refuse(wrong, info)
        end = _end(info)
    if sum(info.file_size for info in entries) > MAX_BYTES:
        raise refuse("workbook.bomb")


def _wrong(info: zipfile.ZipInfo, start: int, end: int) -> str:
    """The code of the refusal for an entry, which must lie between the bytes `start` and `end`; "" for a good one."""
    for key, is_wrong in _WRONG_ENTRIES:
        if is_wrong(info):
            return key
    if info.header_offset < start or _end(info) > end:
        return "workbook.damaged"
    return "workbook.bomb" if _is_bomb(info) else ""


def _end(info: zipfile.ZipInfo) -> int:
    """The earliest byte where an entry can end: its header of 30 bytes and its content, without name and extra."""
    return info.header_offset + 30 + info.compress_size


def _leads_out(info: zipfile.ZipInfo) -> bool:
    """Whether an entry's name could lead out of a folder, or reads otherwise to programs that end it at a zero byte."""
    name = info.filename.replace("\\", "/")
    return name.startswith("/") or ".." in name.split("/") or ":" in name or "\0" in info.orig_filename


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    """Whether a part that would be parsed grows more on unpacking than XML of any honest program."""
    is_big = info.file_size > max(SMALL, MAX_RATIO * max(1, info.compress_size))
    return is_big and info.filename.lower().endswith(_MARKUP)


# What no entry of a workbook may be: the code of the refusal, and how such an entry is told.
_WRONG_ENTRIES: tuple[tuple[str, Callable[[zipfile.ZipInfo], bool]], ...] = (
    ("workbook.bad_part_name", _leads_out),
    ("file.encrypted", lambda info: bool(info.flag_bits & 0x1)),
    ("workbook.damaged", lambda info: info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)),
)


# An OpenDocument sheet says how often a cell or a row is repeated, and a reader that believes it fills the memory.

_SHEETS = "content.xml"
_LAST_ROW, _LAST_COLUMN, _MOST_CELLS = 1 << 20, 1 << 14, 60_000_000


def check_opendocument(path: Path) -> None:
    """CrmError "workbook.bomb" where a sheet is larger than any program makes one, "workbook.hostile_xml" for a
    document type, "workbook.damaged" for what is no XML. Blank cells and rows at an end count for nothing."""
    try:
        with zipfile.ZipFile(path) as package, package.open(_SHEETS) as file:
            _Extent(path.name).read(file)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ExpatError, RuntimeError) as error:
        raise CrmError("workbook.damaged", name=path.name) from error


class _Extent:
    """How far the filled cells of each sheet reach, counted with their repetitions while the sheets stream past."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.row = self.column = self.rows = self.columns = self.width = 0

    def read(self, file: IO[bytes]) -> None:
        """Counts; CrmError as `check_opendocument` has them."""
        parser = ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._begins
        parser.ParseFile(file)

    def _doctype(self, *_: object) -> None:
        raise CrmError("workbook.hostile_xml", name=self.name)

    def _begins(self, tag: str, given: dict[str, str]) -> None:
        if tag in _CELLS:
            self.column += self.columns
            self.columns = _times(given, "table:number-columns-repeated")
            if "office:value-type" in given or "table:formula" in given:
                self._fills()
        elif tag == "text:p":
            self._fills()
        elif tag == "table:table-row":
            self.row += self.rows
            self.rows, self.column, self.columns = _times(given, "table:number-rows-repeated"), 0, 0
        elif tag == "table:table":
            self.row = self.rows = self.column = self.columns = self.width = 0

    def _fills(self) -> None:
        """The cell that is read now holds something, as often as it and its row are repeated."""
        self.width = max(self.width, self.column + self.columns)
        height = self.row + self.rows
        if height > _LAST_ROW or self.width > _LAST_COLUMN or height * self.width > _MOST_CELLS:
            raise CrmError("workbook.bomb", name=self.name, part=_SHEETS)


_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})


def _times(given: dict[str, str], name: str) -> int:
    text = given.get(name, "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 10 else _LAST_ROW + 1


def clean(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A part's bytes as they stream past, as UTF-8 without comments and CDATA (which Excel never writes).

    CrmError "workbook.hostile_xml" for a document type (entities live there) and for a comment so long that some
    parsers never end. A part that holds such things is held in memory; all others stream.
    """
    carry = b""
    held: list[bytes] = []
    first = True
    for chunk in chunks:
        piece = carry + chunk
        carry = b""
        odd = first and xml_parts.is_foreign(piece)
        first = False
        if held or odd or (b"!" in piece and count(piece, b"<!")):  # one byte is found far faster than two
            held.append(piece)
            continue
        if piece.endswith(b"<"):  # the "!" may begin the next piece
            piece, carry = piece[:-1], b"<"
        yield piece
    if held:
        yield _without_odds(b"".join(held) + carry)
    elif carry:
        yield carry


def _without_odds(data: bytes) -> bytes:
    """A part as plain UTF-8; refused before it is decoded, and again after, because UTF-16 hides what it holds."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data or _long_comment(data):
        raise CrmError("workbook.hostile_xml")
    data = xml_parts.plain(data)
    if b"<!DOCTYPE" in data:
        raise CrmError("workbook.hostile_xml")
    return data


def _long_comment(data: bytes) -> bool:
    """Whether a comment is longer than MAX_COMMENT, or never ends."""
    at = data.find(b"<!--")
    while at >= 0:
        end = data.find(b"-->", at)
        if end < 0 or end - at > MAX_COMMENT:
            return True
        at = data.find(b"<!--", end)
    return False
