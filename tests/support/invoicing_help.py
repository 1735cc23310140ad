"""Workbooks that issue documents, for the tests: a seller, clients and open purchases, and a printer that is quick."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from click.testing import CliRunner, Result

from tests.support.shipped import shipped
from xlcrm import words
from xlcrm.cli.commands import main
from xlcrm.documents.business_document import BusinessDocument, Buyer, IssuedFile, SellerFacts
from xlcrm.documents.reminder_rules import Reminder
from xlcrm.files import file_book
from xlcrm.plan import Added, Change, Plan
from xlcrm.tables import Tables
from xlcrm.xlsx.reading import read_tables

DAY = dt.date(2026, 11, 27)
SETTINGS = {"company": "Nordlys AS", "seller_address": "Via Roma 1, 20121 Milano", "country": "IT"}
SELLER = {"vat_id": "IT01234567897", "series_invoice": "RE", "series_credit": "GU", "iban": ""}
CLIENTS = [
    {"client_id": "C1", "full_name": "Anna Rossi", "street": "Via Po", "house_number": "2", "postal_code": "10121",
     "city": "Torino", "country": "IT", "language": "it", "tax_id": "RSSNNA80A41L219D"},
    {"client_id": "C2", "full_name": "Bruno Neri", "company": "Neri Srl", "kind": "company", "street": "Via Dante",
     "house_number": "7", "postal_code": "20121", "city": "Milano", "country": "IT", "tax_id": "IT07643520567",
     "sdi_code": "ABC1234"},
]  # fmt: skip


def purchases(count: int, client: str = "C1", price: float = 10.0) -> list[dict[str, object]]:
    """Open lines, one a product."""
    return [
        {"client_id": client, "date": pd.Timestamp(DAY), "product": f"Item {n}", "quantity": 2.0, "unit_price": price}
        for n in range(1, count + 1)
    ]


def workbook(
    path: Path,
    bought: Sequence[Mapping[str, object]] = (),
    *,
    language: str = "en",
    parts: tuple[str, ...] = ("invoicing",),
) -> Path:
    """A workbook whose seller is filled in."""
    shipped(path, language=language, country="IT", currency="EUR", parts=parts)
    tables = read_tables.read(path)
    changes = [
        _cells(tables, table, values)
        for table, values in (("Settings", SETTINGS), ("Seller", SELLER))
        if table in tables
    ]
    rows = pd.DataFrame(CLIENTS, dtype=object)
    added = [Added("Clients", rows[[column for column in rows if column in tables["Clients"].frame]])]
    if bought:
        added.append(Added("Purchases", pd.DataFrame(list(bought), dtype=object)))
    file_book.at(path).apply(Plan("check", changes=tuple(changes), added=tuple(added)), tables)
    return path


def _cells(tables: Tables, name: str, values: Mapping[str, str]) -> Change:
    frame = tables[name].frame
    place = {words.setting_of(label): n for n, label in enumerate(frame["setting"])}
    index = pd.Index(sorted(place[key] for key in values), dtype="int64")
    named = {place[key]: value for key, value in values.items()}
    after = pd.Series([named[n] or None for n in index], index=index, dtype=object)
    return Change(name, "value", frame["value"].loc[index], after, frame["setting"].loc[index])


def typed(path: Path, name: str, values: Mapping[str, str]) -> None:
    """Type values into the sheet Seller or Settings."""
    tables = read_tables.read(path)
    file_book.at(path).apply(Plan("check", changes=(_cells(tables, name, values),)), tables)


def typed_of_client(path: Path, place: int, values: Mapping[str, str]) -> None:
    """Type values into a row of Clients, `place` from 0."""
    tables = read_tables.read(path)
    clients, index = tables["Clients"].frame, pd.Index([place])
    changes = tuple(
        Change("Clients", column, clients[column].loc[index], pd.Series([value or None], index=index, dtype=object),
               clients["client_id"].loc[index])
        for column, value in values.items()
    )  # fmt: skip
    file_book.at(path).apply(Plan("check", changes=changes), tables)


def call(*given: object) -> Result:
    return CliRunner().invoke(main, [*map(str, given), "--today", DAY.isoformat()])


def ok(*given: object) -> str:
    """What a command says that must end well."""
    result = call(*given)
    assert result.exit_code == 0, result.output
    return result.output


def frame(path: Path, name: str = "Documents") -> pd.DataFrame:
    return read_tables.read(path)[name].frame


class QuickPress:
    """A printer of plain text."""

    def paper(self, document: BusinessDocument, seller: SellerFacts) -> IssuedFile:
        return IssuedFile(f"{document.number} {document.buyer.name} {document.gross}".encode(), ".txt")

    def reminder(self, reminder: Reminder, buyer: Buyer, seller: SellerFacts, *, today: dt.date) -> IssuedFile:
        return IssuedFile(f"{buyer.name} {reminder.total} {today}".encode(), ".txt")


@contextmanager
def quick_press(session: object, tables: Tables) -> Iterator[QuickPress]:
    yield QuickPress()
