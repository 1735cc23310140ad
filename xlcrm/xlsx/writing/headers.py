"""A table's header cell and its column's name must agree, or Excel offers to repair the file."""

from __future__ import annotations

from collections.abc import Iterator

from xlcrm.errors import CrmError
from xlcrm.xlsx import formulas, worksheet_xml, xml_parts
from xlcrm.xlsx.workbook import TableInfo, Workbook
from xlcrm.xlsx.writing import table_part
from xlcrm.xlsx.writing.formula_cells import FormulaCells
from xlcrm.xlsx.writing.sheet_changes import SheetWork


def renamed(book: Workbook, work: SheetWork) -> Iterator[tuple[str, bytes]]:
    """The table parts whose header cells are overwritten, with their columns renamed.

    CrmError where the new header is no text, is blank or taken, or where formulas use the old one.
    """
    for table in book.tables:
        if table.sheet != work.sheet or not table.header_rows:
            continue
        new = {
            column - table.area.left: rows[table.area.top]
            for column, rows in work.values.items()
            if table.area.left <= column <= table.area.right and table.area.top in rows
        }
        new = {i: header for i, header in new.items() if header != table.headers[i]}
        if not new:
            continue
        after = [new.get(i, header) for i, header in enumerate(table.headers)]
        folded = [str(header).casefold() for header in after]
        for i, header in new.items():
            if not isinstance(header, str) or not header.strip() or folded.count(folded[i]) > 1:
                raise CrmError("apply.bad_header", table=table.name, value=header or "", column=table.headers[i])
        used = _used(book, table, {table.headers[i].casefold() for i in new})
        if used:
            raise CrmError("apply.header_used", table=table.name, column=used)
        yield table.part, table_part.with_headers(xml_parts.plain(book.package.read(table.part)), new)


def _used(book: Workbook, table: TableInfo, headers: set[str]) -> str:
    """A header that formulas or names use, "" for none."""
    texts = [element.text or "" for element in xml_parts.descendants(book.root, "definedName")]
    for sheet in book.sheets:
        if sheet.kind == "worksheet":
            pieces = worksheet_xml.read(book.package, sheet.part)
            texts += [formula.text for formula in FormulaCells(sheet.name).read(pieces)]
    for text in texts:
        for token in formulas.tokens(text):
            if token.brackets and token.table.casefold() in ("", table.name.casefold()):
                brackets = token.brackets.replace("'", "").casefold()
                found = next((header for header in headers if f"[{header.replace(chr(39), '')}]" in brackets), "")
                if found:
                    return found
    return ""
