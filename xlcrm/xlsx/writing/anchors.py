"""Comments hang on cells by address in parts of their own; they go where their cells go, and leave with them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xlcrm.xlsx import guard, ranges
from xlcrm.xlsx.workbook import Workbook
from xlcrm.xlsx.writing.sheet_changes import SheetWork

_COMMENT = re.compile(
    rb"""<((?:\w+:)?(?:comment|threadedComment))(?=\s)[^>]*?\sref=["']([A-Z]+\d+)["'][^>]*?(?:/>|>.*?</\1\s*>)""",
    re.DOTALL,
)
_REF = re.compile(rb"""(\sref=["'])[A-Z]+\d+""")
_SHAPE = re.compile(rb"<v:shape\s.*?</v:shape\s*>", re.DOTALL)
_NOTE = re.compile(rb"""ObjectType=["']Note["']""")
_ROW = re.compile(rb"(<x:Row>\s*)(\d+)")
_COLUMN = re.compile(rb"<x:Column>\s*(\d+)")
_ANCHOR = re.compile(rb"(<x:Anchor>)([^<]*)(</x:Anchor>)")


def followed(book: Workbook, work: SheetWork) -> Iterator[tuple[str, bytes]]:
    """The sheet's comment parts (notes, threads, the shapes that show them) that change, with their new content."""
    if not work.maps:
        return
    for rel in book.package.rels(work.sheet.part):
        part = book.package.find(rel.target)
        if not part or rel.kind not in ("comments", "threadedComment", "vmlDrawing"):
            continue
        data = b"".join(guard.clean(book.package.chunks(part)))
        if rel.kind == "vmlDrawing":
            new = _SHAPE.sub(lambda found: _shape(found[0], work), data)
        else:
            new = _COMMENT.sub(lambda found: _comment(found, work), data)
        if new != data:
            yield part, new


def _comment(found: re.Match[bytes], work: SheetWork) -> bytes:
    moved = work.move_cell(*ranges.cell(found[2].decode()))
    if moved is None:
        return b""
    place = f"{ranges.letters(moved[1])}{moved[0]}".encode()
    return _REF.sub(lambda ref: ref[1] + place, found[0], count=1)


def _shape(xml: bytes, work: SheetWork) -> bytes:
    row, column = _ROW.search(xml), _COLUMN.search(xml)
    if not _NOTE.search(xml) or not row or not column:
        return xml
    old = int(row[2]) + 1
    moved = work.move_cell(old, int(column[1]) + 1)
    if moved is None:
        return b""
    if moved[0] == old:
        return xml
    xml = _ROW.sub(rb"\g<1>%d" % (moved[0] - 1), xml, count=1)
    return _ANCHOR.sub(lambda found: found[1] + _lifted(found[2], moved[0] - old) + found[3], xml)


def _lifted(anchor: bytes, rows: int) -> bytes:
    """A note's box (left column, offset, top row, offset, right column, offset, bottom row, offset) moved by rows."""
    numbers = anchor.split(b",")
    if len(numbers) != 8:
        return anchor
    for i in (2, 6):
        numbers[i] = b" %d" % max(0, int(numbers[i]) + rows)
    return b",".join(numbers)
