"""An export order: whom a list names, what it is called, for whom and when, as one value for every kind of export."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from xlcrm.exports.contact import Contact
from xlcrm.settings import Settings


@dataclass(frozen=True)
class ExportOrder:
    """What every export takes.

    title     the list's name: becomes the file's or the folder's
    contacts  whom it names (see `contact.contacts_of`)
    identity  the workbook's own (`Tables.identity`), which keeps ids of cards and events apart from other workbooks'
    """

    title: str
    contacts: tuple[Contact, ...]
    settings: Settings
    today: dt.date
    identity: str = ""
