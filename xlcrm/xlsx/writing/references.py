"""References from elsewhere to a table's cells (names, formulas, charts, pivots, comments) follow them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from xlcrm.errors import CrmError
from xlcrm.xlsx import formulas, guard, ranges, xml_parts
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.workbook import Workbook
from xlcrm.xlsx.writing.sheet_changes import SheetWork

_NAME = re.compile(rb"(<(?:\w+:)?definedName\b[^>]*>)([^<]*)(</)")
_CHART = re.compile(rb"(<(?:\w+:)?f(?:\s[^>]*)?>)([^<]*)(</)")
_SOURCE = re.compile(rb"""<(?:\w+:)?worksheetSource\s[^>]*>""")
# the cells that a form control reads and writes, the cell whose text a text box shows
_LINK = re.compile(rb"""(\s(?:textlink|fmlaLink|fmlaRange|fmlaTxbx)=)("[^"<>]+"|'[^'<>]+')""")
_SOURCE_REF = re.compile(rb"""(\sref=["'])([^"']+)""")
_SOURCE_SHEET = re.compile(rb"""\ssheet=["']([^"']+)["']""")


def mover(works: list[SheetWork]) -> formulas.Move:
    """Where areas go by sheet title, as all the sheets' tables move."""
    by_name = {work.sheet.name.casefold(): work for work in works if work.maps}

    def move(sheet: str, area: Area, grow: bool) -> Area | None:
        """See `formulas.Move`."""
        work = by_name.get(sheet.casefold())
        return work.move_reference(area, grow) if work else area

    return move


def names(data: bytes, move: formulas.Move) -> bytes:
    """The workbook part with the ranges of its names moved (print areas and filters among them)."""

    def named(found: re.Match[bytes]) -> bytes:
        """A defined name with its formula moved."""
        try:
            return found[1] + _text(found[2], "", move) + found[3]
        except CrmError:
            if b"Print_Area" not in found[1]:
                raise
            return found[0]  # what goes down beside others is still printed as far as it was

    return _NAME.sub(named, data)


def charts_and_pivots(book: Workbook, works: list[SheetWork], move: formulas.Move) -> Iterator[tuple[str, bytes]]:
    """The parts that point at cells which moved (charts, pivot caches, text boxes, form controls), changed."""
    if not any(work.maps for work in works):
        return
    sheets = {book.package.find(rel.target): s.name for s in book.sheets for rel in book.package.rels(s.part)}
    for part in book.package.entries:
        pattern, change = _pointing(part)
        if pattern is None:
            continue
        data = xml_parts.plain(book.package.read(part))
        new = pattern.sub(partial(change, here=sheets.get(part, ""), move=move), data)
        if new != data:
            yield part, new


def _charted(found: re.Match[bytes], here: str, move: formulas.Move) -> bytes:
    """A formula of a chart; it always names its sheet."""
    return found[1] + _text(found[2], "", move) + found[3]


def _linked(found: re.Match[bytes], here: str, move: formulas.Move) -> bytes:
    """The cell that a control or text box of the sheet `here` is linked to, with the attribute's quotes made double."""
    old = found[2][1:-1]
    new = _text(old, here, move)
    return found[0] if new == old else found[1] + b'"' + new.replace(b'"', b"&quot;") + b'"'


def _text(raw: bytes, here: str, move: formulas.Move) -> bytes:
    """A formula as it stands in XML, following; the same bytes where it does not change."""
    text = xml_parts.unescape(raw)
    moved = formulas.follow(text, here, move)
    return raw if moved == text else xml_parts.escape_bytes(moved.encode())


def _source(found: re.Match[bytes], here: str, move: formulas.Move) -> bytes:
    """The range that a pivot cache is filled from (ECMA-376 part 1, 18.10.1.95); a name or table follows by itself."""
    tag = found[0]
    ref, sheet = _SOURCE_REF.search(tag), _SOURCE_SHEET.search(tag)
    area = Area.read(ref[2].decode()) if ref else None
    moved = move(xml_parts.unescape(sheet[1]), area, True) if sheet and area else None
    return _SOURCE_REF.sub(lambda old: old[1] + moved.text.encode(), tag, count=1) if moved else tag


# Which parts point at cells, by what their names hold: where the references stand in them, and how one is changed.
_POINTING: tuple[tuple[str, re.Pattern[bytes], Callable[..., bytes]], ...] = (
    ("/charts/", _CHART, _charted),
    ("/pivotcache/pivotcachedefinition", _SOURCE, _source),
    ("/drawings/drawing", _LINK, _linked),
    ("/ctrlprops/", _LINK, _linked),
)


def _pointing(part: str) -> tuple[re.Pattern[bytes] | None, Callable[..., bytes]]:
    """The row of `_POINTING` for an entry; no pattern where the entry points at no cells."""
    lower = part.lower().replace("\\", "/")
    found = [(pattern, change) for word, pattern, change in _POINTING if word in lower and lower.endswith(".xml")]
    return found[0] if found else (None, _charted)


def mentions(blocks: Iterable[bytes], works: list[SheetWork]) -> bool:
    """Whether a sheet's XML may refer to one of the sheets whose cells move; never wrongly False."""
    titles = [work.sheet.name.replace("'", "''") for work in works if work.maps]
    if not all(title.isascii() for title in titles):
        return True  # some writers spell such letters as entities
    quote = b"(?:'|&apos;|&#39;)"
    words = [re.escape(xml_parts.escape_bytes(title.encode())).replace(b"'", quote) for title in titles]
    found = re.compile(b"(?:%s)%s?!" % (b"|".join(words), quote), re.IGNORECASE)
    longest = 6 * max(map(len, titles), default=0) + 7
    end = b""
    for block in blocks:
        if words and _names_a_sheet(end + block, found, longest):
            return True
        end = block[-longest:]
    return False


def _names_a_sheet(data: bytes, pattern: re.Pattern[bytes], longest: int) -> bool:
    """Whether a pattern that ends with "!" and matches so many bytes at most is in the data.

    A sheet of a million cells holds few such signs, and what stands before them is all that needs a look.
    """
    at = data.find(b"!")
    while at >= 0:
        if pattern.search(data, max(0, at + 1 - longest), at + 1):
            return True
        at = data.find(b"!", at + 1)
    return False


# Comments hang on cells by address in parts of their own; they go where their cells go, and leave with them.

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
    for kind, part in book.package.related(work.sheet.part, "comments", "threadedComment", "vmlDrawing"):
        data = b"".join(guard.clean(book.package.chunks(part)))
        if kind == "vmlDrawing":
            new = _SHAPE.sub(lambda found: _shape(found[0], work), data)
        else:
            new = _COMMENT.sub(lambda found: _comment(found, work), data)
        if new != data:
            yield part, new


def _comment(found: re.Match[bytes], work: SheetWork) -> bytes:
    """A note or a message of a thread under its cell's new address; b"" where the cell is gone."""
    moved = work.move_cell(*ranges.cell(found[2].decode()))
    if moved is None:
        return b""
    place = f"{ranges.letters(moved[1])}{moved[0]}".encode()
    return _REF.sub(lambda ref: ref[1] + place, found[0], count=1)


def _shape(xml: bytes, work: SheetWork) -> bytes:
    """The box that shows a note (VML, rows and columns count from 0), moved with its cell; b"" where that is gone."""
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
