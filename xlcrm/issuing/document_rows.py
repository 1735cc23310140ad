"""Rows of the tables Documents and DocumentLines: written from a document, and read back as one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from xlcrm import schema, words
from xlcrm.documents.business_document import BusinessDocument, Buyer, DocumentLine
from xlcrm.tables import Table, Tables
from xlcrm.values import as_days, as_decimals, as_text

ZERO = Decimal(0)


def document_row(
    document: BusinessDocument, *, file: str, sha256: str, language: str, einvoice: str = "", einvoice_sha256: str = ""
) -> dict[str, object]:
    """The row of an issued document, its choices in the workbook's language; what is calculated is left blank."""
    buyer = document.buyer
    return {
        "number": document.number,
        "kind": words.choice_word("document", document.kind, language),
        "date": pd.Timestamp(document.date),
        "client_id": buyer.client_id,
        "buyer": buyer.name,
        "currency": document.currency,
        "net": float(document.net),
        "vat": float(document.vat),
        "gross": float(document.gross),
        "due_on": pd.Timestamp(document.due_on) if document.due_on else None,
        "corrects": document.corrects or None,
        "from_number": document.from_number or None,
        "person_id": buyer.person_id or None,
        "buyer_address": "\n".join(buyer.address),
        "buyer_country": buyer.country or None,
        "buyer_tax_id": buyer.tax_id or None,
        "language": buyer.language,
        "series": document.series,
        "year": document.year,
        "sequence": document.sequence,
        "file": file,
        "hash": sha256,
        "split_vat": float(document.split_vat) or None,
        "einvoice": einvoice or None,
        "einvoice_hash": einvoice_sha256 or None,
    }


def line_rows(document: BusinessDocument) -> Iterator[dict[str, object]]:
    """The rows of its lines."""
    for one in document.lines:
        yield {
            "number": document.number,
            "line": one.line,
            "product": one.product or None,
            "quantity": float(one.quantity),
            "unit": one.unit or None,
            "unit_price": float(one.unit_price),
            "discount": float(one.discount) or None,
            "vat_category": one.category,
            "vat_rate": float(one.rate),
            "exemption": one.exemption or None,
            "net": float(one.net),
            "purchase": one.purchase or None,
            "vat_nature": one.nature or None,
        }


def frame_of(rows: Iterable[Mapping[str, object]], table: Table) -> pd.DataFrame:
    """Rows as a frame with the columns that the table has."""
    frame = pd.DataFrame(list(rows), dtype=object)
    return frame[[column for column in frame.columns if column in table.frame.columns]]


def documents_of(tables: Tables) -> tuple[BusinessDocument, ...]:
    """The documents of the workbook in the order of their rows; rows without a number are passed over."""
    if "Documents" not in tables:
        return ()
    lines: dict[str, list[DocumentLine]] = {}
    for row in rows_of(tables["DocumentLines"]) if "DocumentLines" in tables else ():
        lines.setdefault(text(row, "number"), []).append(_line(row))
    return tuple(_document(row, lines) for row in rows_of(tables["Documents"]) if text(row, "number"))


def _document(row: Mapping[str, Any], lines: Mapping[str, list[DocumentLine]]) -> BusinessDocument:
    number = text(row, "number")
    buyer = Buyer(
        name=text(row, "buyer"),
        address=tuple(text(row, "buyer_address").splitlines()),
        tax_id=text(row, "buyer_tax_id"),
        country=text(row, "buyer_country"),
        language=text(row, "language") or "en",
        client_id=text(row, "client_id"),
        person_id=text(row, "person_id"),
        splits=amount(row, "split_vat") != 0,
    )
    return BusinessDocument(
        kind=words.choice("document", text(row, "kind")),
        date=day(row, "date") or dt.date.min,
        buyer=buyer,
        currency=text(row, "currency"),
        lines=tuple(lines.get(number, ())),
        net=amount(row, "net"),
        vat=amount(row, "vat"),
        gross=amount(row, "gross"),
        due_on=day(row, "due_on"),
        corrects=text(row, "corrects"),
        from_number=text(row, "from_number"),
        number=number,
        series=text(row, "series"),
        year=int(amount(row, "year")),
        sequence=int(amount(row, "sequence")),
    )


def _line(row: Mapping[str, Any]) -> DocumentLine:
    return DocumentLine(
        line=int(amount(row, "line")),
        product=text(row, "product"),
        quantity=amount(row, "quantity"),
        unit_price=amount(row, "unit_price"),
        unit=text(row, "unit"),
        discount=amount(row, "discount"),
        category=text(row, "vat_category") or "S",
        rate=amount(row, "vat_rate"),
        exemption=text(row, "exemption"),
        net=amount(row, "net"),
        purchase=text(row, "purchase"),
        nature=text(row, "vat_nature"),
    )


def rows_of(table: Table) -> list[dict[str, Any]]:
    """The rows of a table, their cells read by the kinds of their columns: see `text`, `amount` and `day`."""
    spec = schema.known(table.name)
    kinds = {column.name: column.kind for column in spec.columns} if spec else {}
    read = {str(name): _read(table.frame[name], kinds.get(str(name), "text")) for name in table.frame.columns}
    return [dict(zip(read, cells, strict=True)) for cells in zip(*read.values(), strict=True)]


def _read(cells: pd.Series[Any], kind: str) -> list[Any]:
    """A column at once: days, exact numbers, or text."""
    if kind == "date":
        return list(as_days(cells))
    if kind in schema.NUMBERS:
        return list(as_decimals(cells))
    return list(as_text(cells).str.strip())


def text(row: Mapping[str, Any], column: str) -> str:
    """A cell as text without spaces around; "" for none, and where the table has no such column."""
    found: str = row.get(column) or ""
    return found


def amount(row: Mapping[str, Any], column: str) -> Decimal:
    """A cell as an exact number, 0 for none."""
    found: Decimal = row.get(column) or ZERO
    return found


def day(row: Mapping[str, Any], column: str) -> dt.date | None:
    """A cell as a date, None for none."""
    return row.get(column)


def numbers(tables: Tables) -> set[str]:
    """The numbers that stand in Documents."""
    if "Documents" not in tables or "number" not in tables["Documents"].frame:
        return set()
    return set(as_text(tables["Documents"].frame["number"]).str.strip()) - {""}
