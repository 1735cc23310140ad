"""Delimited text (CSV) in any encoding with any separator, ragged rows and open quotes. Bytes in, rows out."""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _csv import Reader

SEPARATORS = ",;\t|"
# Letters and signs that people in our six languages really type; what decodes to others was decoded wrongly.
_USUAL = frozenset("àèéìíòóùúâêîôûëïüöäåæøœçñßÀÈÉÌÍÒÓÙÚÂÊÎÔÛËÏÜÖÄÅÆØŒÇÑ€£§°ºª«»–—‘’“”…·´¡¿©®µ½²\u00a0")
_LEGACY = ("cp1252", "mac_roman", "cp850")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Characters that no cell can hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SEP_LINE = re.compile(r'\A"?sep=(.)"?\r?\n', re.IGNORECASE)
_SNIFFED = 200
_MULTIBYTE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")
_BINARY = re.compile(rb"\A(?:PK\x03\x04|%PDF|\x89PNG|\xff\xd8\xff|GIF8|\xd0\xcf\x11\xe0|MZ|\x1f\x8b|Rar!)")


def is_text(data: bytes) -> bool:
    """False for what is plainly another kind of file (a picture, a PDF, a program, an archive)."""
    if _BINARY.match(data):
        return False
    head = data[:4096]
    if any(head.startswith(bom) for bom, _ in _BOMS) or _wide(head):
        return True
    controls = sum(byte < 9 or 13 < byte < 27 for byte in head)
    return controls <= len(head) / 50


def decode(data: bytes) -> str:
    """The text of a file: by its byte order mark, as UTF-16 without a mark, as UTF-8, else as the likeliest old one.

    Old ones (Windows-1252, Mac Roman, DOS 850) never fail to decode, so the one with the most usual letters wins. A
    file of UTF-8 with some old letters among it (two lists put together) is read as both. No letter is ever lost:
    what UTF-8 does not know is read as Windows-1252. Characters that no cell can hold are left out.
    """
    return _CONTROL.sub("", _decode(data))


def as_windows(error: UnicodeError) -> tuple[str, int]:
    """The handler of the codecs for bytes that are no UTF-8: as Windows-1252 has them, else as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_WINDOWS.get(byte, chr(byte)) for byte in wrong), error.end


_WINDOWS = {byte: bytes([byte]).decode("cp1252") for byte in range(128, 256) if byte not in b"\x81\x8d\x8f\x90\x9d"}
_BYTES = {letter: bytes([byte]) for byte, letter in _WINDOWS.items()}
_DOUBLED = re.compile("[\u00c2-\u00c5\u00e2][\u0080-\u00bf\u0152-\u017e\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")
codecs.register_error("xlcrm.windows", as_windows)


def _decode(data: bytes) -> str:
    for bom, name in _BOMS:
        if data.startswith(bom):
            handler = "xlcrm.windows" if name == "utf-8-sig" else "ignore"
            return data.decode(name, errors=handler).removeprefix("\ufeff")
    wide = _wide(data[:4096])
    if wide:
        return data.decode(wide, errors="ignore")
    if _is_mostly_utf8(data):
        return _undoubled(data.decode("utf-8", errors="xlcrm.windows"))
    strange = bytes({byte for byte in data if byte > 127})
    counts = Counter(byte for byte in data if byte > 127)
    best = max(_LEGACY, key=lambda name: sum(counts[b] for b in strange if _letter(b, name) in _USUAL))
    return data.decode(best, errors="xlcrm.windows")


def _is_mostly_utf8(data: bytes) -> bool:
    """UTF-8, or as many letters of it as bytes that are none: those are letters of an older list put to it."""
    text = data.decode("utf-8", errors="replace")
    wrong = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    return wrong <= len(_MULTIBYTE.findall(data)) if wrong else True


def _undoubled(text: str) -> str:
    """Text that was encoded twice (MÃ¼ller) as it was meant, line by line: a line in which all letters read so."""
    if not _DOUBLED.search(text):
        return text
    return "".join(_undoubled_line(line) if _DOUBLED.search(line) else line for line in text.splitlines(keepends=True))


def _undoubled_line(line: str) -> str:
    try:
        return b"".join(_BYTES.get(c) or c.encode("latin-1") for c in line).decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return line


def _letter(byte: int, name: str) -> str:
    return bytes([byte]).decode(name, errors="replace")


def _wide(head: bytes) -> str:
    """UTF-16 without a mark shows as a NUL in every other byte."""
    if len(head) < 4:
        return ""
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.4 > even:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 > odd else ""


def separator(text: str) -> str:
    """The separator that gives most rows one and the same number of cells, more than one; "," where there is none."""
    marked = _SEP_LINE.match(text)
    if marked:
        return marked[1]
    best, best_score = ",", 0.0
    for sign in SEPARATORS:
        widths = Counter(len(row) for row in islice(_reader(text[:400_000], sign), _SNIFFED) if row)
        if not widths:
            continue
        width, times = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        score = times / sum(widths.values()) * min(width, 50) if width > 1 else 0.0
        if score > best_score:
            best, best_score = sign, score
    return best


def rows(text: str, sign: str) -> Iterator[list[str]]:
    """The rows of a delimited text, cells as typed; a first line "sep=;" (Excel's own) is left out."""
    return _reader(_SEP_LINE.sub("", text, count=1), sign)


def open_quote(text: str, sign: str) -> int:
    """The line on which a quote opens that is never closed, so that it swallows rows of the list; 0 if none.

    A cell that runs to the end of the file does so, and one in which a whole row stands: a line with as many
    separators as the rows have.
    """
    inside = text.split('"')[1::2]
    odd = text.count('"') % 2 == 1
    if not any("\n" in part or "\r" in part for part in inside):
        return 0
    widths: Counter[int] = Counter()
    start, last = 1, 0
    reader = _reader(text, sign)
    for row in reader:
        if reader.line_num == start:
            widths[len(row)] += 1
        else:
            last = start
            if _swallows(row, sign, max(widths, key=lambda width: widths[width], default=0)):
                return start
        start = reader.line_num + 1
    return (
        last
        if odd and last and text.count("\n", 0, len(text.rstrip())) + 1 <= reader.line_num and _runs_on(text)
        else 0
    )


def _swallows(row: list[str], sign: str, width: int) -> bool:
    """Whether a cell of the row holds a row itself."""
    lines = (line for cell in row if "\n" in cell for line in cell.splitlines()[1:])
    return width > 2 and any(line.count(sign) >= width - 1 for line in lines)


def _runs_on(text: str) -> bool:
    """Whether the last quote of the text opens a cell: a line break and no quote comes after it."""
    return "\n" in text.rstrip()[text.rstrip().rfind('"') :]


def _reader(text: str, sign: str) -> Reader:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    return csv.reader(io.StringIO(text, newline=""), delimiter=sign, skipinitialspace=False)
