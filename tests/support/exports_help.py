"""Clients to export for the tests: one with everything, a hostile one, and the 312 of the demo, imported and split."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

from tests.support.importing_help import applied, workbook
from xlcrm.demo.generate import make
from xlcrm.exports.export_order import ExportOrder, order_of
from xlcrm.importing import Incoming, plan
from xlcrm.settings import Settings
from xlcrm.splitting.splitting import plan as split
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
SETTINGS = Settings(country="IT", language="en", company="Müller & Söhne")
FULL: dict[str, object] = {
    "client_id": "C0001", "kind": "person", "full_name": "Dott.ssa Anna Maria Rossi", "title": "Dott.ssa",
    "first_name": "Anna", "middle_name": "Maria", "last_name": "Rossi", "suffix": "PhD", "nickname": "Annie",
    "company": "Rossi, Bianchi & Figli; S.r.l.", "job_title": "Buyer", "birth_date": dt.datetime(1980, 5, 14),
    "email": "anna@example.com", "phone": "+39 02 5555 0064", "mobile": "+39 347 555 0123",
    "address": "Via Roma 12, int. 4, 20121 Milano (MI), Italia", "street": "Via Roma", "house_number": "12",
    "unit": "int. 4", "postal_code": "20121", "city": "Milano", "region": "MI", "country": "IT", "po_box": "CP 7",
    "status": "client", "source": "fair", "salesperson": "berg@example.com", "notes": "two lines\nand a \\ backslash",
}  # fmt: skip
HOSTILE: dict[str, object] = {
    "client_id": "C0666", "kind": "person", "full_name": '=cmd()|"x"; Bcc: all@example.com\r\nBcc: b@example.com 😀',
    "first_name": "=cmd()|'/C calc'!A0", "last_name": 'O\'Brien; "Ñ", \\n\r\nX-Evil: 1 😀',
    "company": "@SUM(1)\r\n.\r\n",
    "email": "hostile@example.com", "phone": "+47 22 55 53 50", "street": "+1+1 Gate", "house_number": "=2",
    "city": "-2+3 By", "postal_code": "0155", "country": "NO", "notes": "END:VCARD\r\nBEGIN:VCARD\r\n\x0b\u2028=1+1",
    "status": "client",
}  # fmt: skip


def tables(*clients: Mapping[str, object], **others: Sequence[Mapping[str, object]]) -> Tables:
    """Clients with these rows, and further tables as given (People, Opportunities, External, Interactions)."""
    made = workbook(Clients=clients, Interactions=others.pop("Interactions", []))
    extra = [_table(name, rows) for name, rows in others.items()]
    return Tables.of(made["Clients"], made["Purchases"], made["Interactions"], *extra, identity="wb1")


def _table(name: str, rows: Sequence[Mapping[str, object]]) -> Table:
    columns = {
        "External": ["client_id", "person_id", "system", "external_id", "exported_on", "hash"],
        "People": ["person_id", "client_id", "full_name", "email"],
        "Opportunities": ["opportunity", "client_id", "subject", "stage", "next_step", "next_on"],
    }[name]
    frame = pd.DataFrame(rows, columns=list(dict.fromkeys([*columns, *(key for row in rows for key in row)])))
    frame = frame.astype(object).where(frame.notna(), "")
    if name == "External":
        frame["exported_on"] = pd.to_datetime(frame["exported_on"], errors="coerce").astype("datetime64[us]")
    return Table(name, name, frame, {str(c): str(c) for c in frame.columns})


def order(made: Tables, title: str = "Spring", *, per: str = "client", settings: Settings = SETTINGS) -> ExportOrder:
    return order_of(made, None, title=title, settings=settings, today=TODAY, per=per)


@cache
def demo() -> Tables:
    """The 312 clients of the demo, imported into an empty workbook and split."""
    text = make(TODAY, purchases=100).clients
    frame = pd.read_csv(io.StringIO(text), sep=";", dtype=str, keep_default_na=False).astype("str")
    made = workbook()
    made = applied(made, plan(made, [Incoming("demo.csv", "", frame)], settings=SETTINGS, today=TODAY))
    return applied(made, split(made, settings=SETTINGS, today=TODAY))
