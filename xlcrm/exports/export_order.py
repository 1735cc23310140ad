"""An export order: whom a list names, what it is called, for whom and when, as one value for every kind of export."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlcrm.exports.contact import Contact, contacts_of
from xlcrm.settings import Settings
from xlcrm.text import caseless
from xlcrm.values import as_flag, as_text

if TYPE_CHECKING:
    from xlcrm.tables import Tables


@dataclass(frozen=True)
class ExportOrder:
    """What every export takes.

    title     the list's name: becomes the file's or the folder's
    contacts  whom it names (see `contact.contacts_of`)
    identity  the workbook's own (`Tables.identity`), which keeps ids of cards and events apart from other workbooks'
    refused   e-mail addresses (`caseless`) of all in the workbook who want none, also of those whom the list leaves out
    """

    title: str
    contacts: tuple[Contact, ...]
    settings: Settings
    today: dt.date
    identity: str = ""
    refused: frozenset[str] = frozenset()


def order_of(
    tables: Tables, chosen: pd.Series[Any] | None, *, title: str, settings: Settings, today: dt.date,
    per: str = "client",
) -> ExportOrder:  # fmt: skip
    """An order for the clients of `chosen` (True per row of Clients; None is everybody); `per` as in `contacts_of`."""
    contacts = contacts_of(tables, chosen, settings=settings, per=per)
    return ExportOrder(title, contacts, settings, today, tables.identity, refused_addresses(tables))


def refused_addresses(tables: Tables) -> frozenset[str]:
    """The e-mail addresses of all clients and people who want no e-mail; two records may share one."""
    found: set[str] = set()
    for name in ("Clients", "People"):
        if name in tables and {"email", "opt_out_email"} <= set(tables[name].frame.columns):
            frame = tables[name].frame
            found |= {caseless(text.strip()) for text in as_text(frame["email"])[as_flag(frame["opt_out_email"])]}
    return frozenset(found - {""})
