"""The table part of an Excel table: its range, filter, columns and totals, kept in step with the sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from xlcrm.errors import CrmError
from xlcrm.xlsx import formulas, worksheet_xml, xml_parts
from xlcrm.xlsx.cell_writer import Text
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.workbook import TableInfo, Workbook
from xlcrm.xlsx.writing.formula_cells import FormulaCells
from xlcrm.xlsx.writing.row_moves import RowMap
from xlcrm.xlsx.writing.sheet_changes import SheetWork
from xlcrm.xlsx.writing.table_changes import MAX_HEADER, TableWork

_ROOT = re.compile(rb"<(?:\w+:)?table\b[^>]*>")
_REF = re.compile(rb"""(\sref=["'])([^"']+)(["'])""")
_FILTER = re.compile(rb"<(?:\w+:)?autoFilter\b[^>]*>")
_SORT = re.compile(rb"<(?:\w+:)?sort(?:State|Condition)\b[^>]*>")
_COLUMNS = re.compile(rb"<((?:\w+:)?)tableColumns\b[^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?tableColumn\s[^>]*>")
_FORMULA = re.compile(rb"(<(?:\w+:)?(?:calculatedColumn|totalsRow)Formula(?:\s[^>]*)?>)([^<]*)(</)")
_NAME = re.compile(rb"""(\sname=)(?:"[^"]*"|'[^']*')""")
_ID = re.compile(rb"""<(?:\w+:)?tableColumn\b[^>]*?\sid=["'](\d+)["']""")


def rewritten(data: bytes, table: TableWork) -> bytes:
    """A table part after its work is done."""
    data = resized(data, table.rowmap)
    if not table.new_headers:
        return data
    return widened(data, table.info.area._replace(bottom=table.rowmap.bottom), table.new_headers)


def resized(data: bytes, rowmap: RowMap) -> bytes:
    """A table part after its rows moved."""
    info = rowmap.info
    whole = Area(info.area.top, info.area.left, rowmap.bottom, info.area.right)
    data = _ROOT.sub(lambda root: _with_ref(root[0], whole.text), data, count=1)
    # a filter covers the header and the data, never the totals
    filtered = Area(info.area.top, info.area.left, rowmap.last_row, info.area.right)
    data = _FILTER.sub(lambda found: _with_ref(found[0], filtered.text), data)
    return _SORT.sub(lambda found: _moved(found[0], rowmap), data)


def ending(data: bytes, info: TableInfo, rows: int) -> bytes:
    """A table part whose range is `rows` longer (or shorter, below 0); a filter is as long as the data."""
    longer = info.area._replace(bottom=info.area.bottom + rows)
    data = _ROOT.sub(lambda root: _with_ref(root[0], longer.text), data, count=1)
    return _FILTER.sub(lambda found: _with_ref(found[0], longer._replace(bottom=info.last_row + rows).text), data)


def _with_ref(tag: bytes, ref: str) -> bytes:
    """A tag with another range."""
    return _REF.sub(lambda found: found[1] + ref.encode() + found[3], tag, count=1)


def _moved(tag: bytes, rowmap: RowMap) -> bytes:
    """The tag of a sort with its range moved; as it is where nothing of that range is left."""
    found = _REF.search(tag)
    area = rowmap.area(Area.of(found[2].decode())) if found else None
    return _with_ref(tag, area.text) if area else tag


def lowered(data: bytes, rows: int, follow: Callable[[str], str]) -> bytes:
    """A table part after a table above it took it down; `follow` says what its formulas read then."""

    def down(tag: re.Match[bytes]) -> bytes:
        """A tag with its range further down."""
        ref = _REF.search(tag[0])
        area = Area.of(ref[2].decode()) if ref else None
        return _with_ref(tag[0], area._replace(top=area.top + rows, bottom=area.bottom + rows).text) if area else tag[0]

    def formula(found: re.Match[bytes]) -> bytes:
        """A formula of a column or of the totals, following."""
        text = xml_parts.unescape(found[2])
        moved = follow(text)
        return found[0] if moved == text else found[1] + xml_parts.escape_bytes(moved.encode()) + found[3]

    for tag in (_ROOT, _FILTER, _SORT):
        data = tag.sub(down, data)
    return _FORMULA.sub(formula, data)


def widened(data: bytes, area: Area, headers: list[str]) -> bytes:
    """A table part with columns added at the right; `area` is the table's range before."""
    wide = area._replace(right=area.right + len(headers))
    data = _ROOT.sub(lambda root: _with_ref(root[0], wide.text), data, count=1)

    def stretch(found: re.Match[bytes]) -> bytes:
        """A filter that reaches over the new columns."""
        ref = _REF.search(found[0])
        old = Area.of(ref[2].decode()) if ref else area
        return _with_ref(found[0], old._replace(right=wide.right).text)

    data = _FILTER.sub(stretch, data)
    opening = _COLUMNS.search(data)
    if not opening:
        return data
    number = max((int(n) for n in _ID.findall(data)), default=0)
    p = opening[1]
    new = b"".join(
        b'<%stableColumn id="%d" name="%s"/>' % (p, number + i, name(header)) for i, header in enumerate(headers, 1)
    )
    count = re.sub(rb"""(\scount=["'])\d+""", rb"\g<1>%d" % (area.right - area.left + 1 + len(headers)), opening[0])
    data = data[: opening.start()] + count + data[opening.end() :]
    return data.replace(b"</" + p + b"tableColumns>", new + b"</" + p + b"tableColumns>", 1)


def with_headers(data: bytes, headers: dict[int, str]) -> bytes:
    """A table part with some columns (positions from 0) renamed."""
    position = -1

    def rename(found: re.Match[bytes]) -> bytes:
        """A column with its new name, where it gets one."""
        nonlocal position
        position += 1
        if position not in headers:
            return found[0]
        return _NAME.sub(lambda attribute: attribute[1] + b'"' + name(headers[position]) + b'"', found[0], count=1)

    return _COLUMN.sub(rename, data)


def name(header: str) -> bytes:
    """A header as the attribute that holds it; line breaks are _x000a_ there."""
    text = xml_parts.escape(xml_parts.to_excel(header))
    return text.replace(b"\n", b"_x000a_").replace(b"\t", b"_x0009_")


# A table's header cell and its column's name must agree, or Excel offers to repair the file.


def renamed(book: Workbook, work: SheetWork) -> Iterator[tuple[str, bytes]]:
    """The table parts whose header cells are overwritten, with their columns renamed.

    The work's cells are made text that stays text. CrmError where the new header is no text, is blank, longer than
    Excel takes or taken, or where formulas use the old one.
    """
    for table in book.tables_of(work.sheet):
        new = _overwritten(table, work)
        if not new:
            continue
        _check_headers(table, new)
        for i, header in new.items():
            work.values[table.area.left + i][table.area.top] = Text(header)
        used = _used(book, table, {table.headers[i].casefold() for i in new})
        if used:
            raise CrmError("apply.header_used", table=table.name, column=used)
        yield table.part, with_headers(xml_parts.plain(book.package.read(table.part)), new)


def _overwritten(table: TableInfo, work: SheetWork) -> dict[int, Any]:
    """The header cells that get another value: position in the table -> value."""
    if not table.header_rows:
        return {}
    found = {}
    for i, header in enumerate(table.headers):
        value = work.values.get(table.area.left + i, {}).get(table.area.top, header)
        if value != header:
            found[i] = value
    return found


def _check_headers(table: TableInfo, new: dict[int, Any]) -> None:
    """CrmError "apply.bad_header" for a header that Excel does not take, or that two columns would have."""
    folded = [str(new.get(i, header)).casefold() for i, header in enumerate(table.headers)]
    for i, header in new.items():
        if not _fit(header) or folded.count(folded[i]) > 1:
            raise CrmError("apply.bad_header", table=table.name, value=header or "", column=table.headers[i])


def _fit(header: object) -> bool:
    """Whether something can be the header of a table's column in Excel."""
    return isinstance(header, str) and bool(header.strip()) and len(header) <= MAX_HEADER


def _used(book: Workbook, table: TableInfo, headers: set[str]) -> str:
    """A header that formulas or names use, "" for none."""
    for token in chain.from_iterable(map(formulas.tokens, _formula_texts(book))):
        if token.brackets and token.table.casefold() in ("", table.name.casefold()):
            brackets = _unquoted(token.brackets).casefold()
            found = [header for header in headers if f"[{_unquoted(header)}]" in brackets]
            if found:
                return found[0]
    return ""


def _formula_texts(book: Workbook) -> Iterator[str]:
    """The texts of all defined names and of all formulas in cells."""
    for element in xml_parts.descendants(book.root, "definedName"):
        yield element.text or ""
    for sheet in book.worksheets:
        pieces = worksheet_xml.read(book.package, sheet.part)
        yield from (formula.text for formula in FormulaCells(sheet.name).read(pieces))


def _unquoted(text: str) -> str:
    """Without apostrophes: in brackets they stand before brackets, # and themselves (Table['#Items])."""
    return text.replace("'", "")
