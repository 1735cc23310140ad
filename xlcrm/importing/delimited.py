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

    Old ones (Windows-1252, Mac Roman, DOS 850) never fail to decode, so the one with the most usual letters wins.
    Characters that no cell can hold are left out.
    """
    return _CONTROL.sub("", _decode(data))


def _decode(data: bytes) -> str:
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data.decode(name, errors="replace").removeprefix("\ufeff")
    wide = _wide(data[:4096])
    if wide:
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    strange = bytes({byte for byte in data if byte > 127})
    counts = Counter(byte for byte in data if byte > 127)
    best = max(_LEGACY, key=lambda name: sum(counts[b] for b in strange if _letter(b, name) in _USUAL))
    return data.decode(best, errors="replace")


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
    """The line on which a quote opens that is never closed, so that it swallows the rest of the list; 0 if none."""
    if text.count('"') % 2 == 0:
        return 0
    last_start = 1
    reader = _reader(text, sign)
    for row in reader:
        if any(cell.count("\n") > 20 for cell in row):
            return last_start
        last_start = reader.line_num + 1
    return 0


def _reader(text: str, sign: str) -> Reader:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    return csv.reader(io.StringIO(text, newline=""), delimiter=sign, skipinitialspace=False)
