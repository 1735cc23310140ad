"""A contact as other programs know one: a client or one of its people as plain text, ready for any card or list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlcrm import words
from xlcrm.people.channel_consent import FLAGS, agreed
from xlcrm.settings import Settings
from xlcrm.values import as_date, as_flag, as_text

if TYPE_CHECKING:
    from xlcrm.tables import Table, Tables

# What a person at a firm has of its own; all else (address, company, status) is the firm's.
OF_PERSON = (
    "person_id full_name title first_name middle_name last_name suffix nickname job_title role email phone mobile "
    "language birth_date notes"
).split()


@dataclass(frozen=True)
class Contact:
    """One client, or one person of the table People at a client; text as in the workbook, "" where blank.

    kind        "person" or "company" ("" where the workbook says neither)
    birth_date  None where blank or no date
    status      lead, prospect, client, former or ""
    country     as typed; see `addresses.countries.country_code`
    salutation  the words that a letter or an e-mail begins with; "" leaves them to the template
    others      the columns of Clients that no field here is, a user's own among them, as text
    """

    client_id: str = ""
    person_id: str = ""
    kind: str = ""
    full_name: str = ""
    title: str = ""
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    suffix: str = ""
    nickname: str = ""
    company: str = ""
    job_title: str = ""
    role: str = ""
    email: str = ""
    phone: str = ""
    mobile: str = ""
    language: str = ""
    birth_date: dt.date | None = None
    address: str = ""
    street: str = ""
    house_number: str = ""
    unit: str = ""
    address_extra: str = ""
    po_box: str = ""
    postal_code: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    status: str = ""
    source: str = ""
    salesperson: str = ""
    tax_id: str = ""
    notes: str = ""
    opt_out_email: bool = False
    opt_out_post: bool = False
    opt_out_phone: bool = False
    consent_on: str = ""
    agreed_email: bool = False
    excel_row: int = 0
    salutation: str = ""
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells this contact from all others of the workbook: the person's id, else the client's."""
        return self.person_id or self.client_id

    @property
    def name(self) -> str:
        """The words on an envelope: title, first and last name; else the whole name as typed; else the company."""
        if not (self.first_name or self.last_name):
            return self.full_name or self.company
        return " ".join(filter(None, (self.title, self.first_name, self.last_name)))

    def seen(self) -> dict[str, Any]:
        """What a template sees as `client`: every column by name, and `name`."""
        return {**self.others, **asdict(self), "name": self.name}


def contacts_of(
    tables: Tables, chosen: pd.Series[Any] | None = None, *, settings: Settings, per: str = "client"
) -> tuple[Contact, ...]:
    """The clients of `chosen` (True per row of Clients; None is everybody) as contacts, in the order of the sheet.

    per   "client": one each. "person": the people of the table People in place of their client, who are told apart by
          their role; a client without people, and every workbook without that table, gives the client itself.
    An opt-out of the client counts for its people too: who refused for a firm may have meant all of it. Rows without
    any name, e-mail and id are passed over.
    """
    clients = _rows(tables["Clients"], settings)
    if chosen is not None:
        clients = clients[chosen.reindex(clients.index, fill_value=False)]
    people = _people(tables, settings) if per == "person" else {}
    found = [
        contact
        for row in clients.to_dict("records")
        for contact in _of_client({str(key): value for key, value in row.items()}, people)
    ]
    return tuple(contact for contact in found if contact.key or contact.name or contact.email)


def _of_client(row: dict[str, Any], people: dict[str, list[dict[str, Any]]]) -> list[Contact]:
    """The contacts of one row of Clients: its people, or itself."""
    persons = people.get(row["client_id"]) if row["client_id"] else None
    if not persons:
        return [Contact(**row)]
    return [Contact(**{**row, **person, **{flag: person[flag] or row[flag] for flag in FLAGS}}) for person in persons]


def _people(tables: Tables, settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """client_id -> what its people have of their own; nothing without the table."""
    if "People" not in tables or "client_id" not in tables["People"].frame:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(tables["People"], settings).to_dict("records"):
        own = {name: row[name] for name in (*OF_PERSON, *FLAGS)} | {"kind": "person", "excel_row": row["excel_row"]}
        if row["full_name"] or row["last_name"] or row["email"]:
            found.setdefault(row["client_id"], []).append(own)
    return found


def _rows(table: Table, settings: Settings) -> pd.DataFrame:
    """A table with all fields of a contact as columns, typed as there; missing ones blank."""
    frame = table.frame
    made: dict[str, Any] = {name: _cells(frame, name, settings) for name in _FIELDS}
    made["agreed_email"] = agreed(frame, "email").tolist()
    made["excel_row"] = [table.excel_row(position) for position in frame.index]
    text = {str(name): as_text(frame[name]) for name in frame.columns if name not in made}
    made["others"] = [{name: cells[at] for name, cells in text.items()} for at in frame.index]
    return pd.DataFrame({name: pd.Series(list(cells), index=frame.index, dtype=object) for name, cells in made.items()})


_FIELDS = [one.name for one in fields(Contact) if one.name not in ("excel_row", "others", "agreed_email")]


def _cells(frame: pd.DataFrame, name: str, settings: Settings) -> list[Any]:
    """One field of all rows, typed as in `Contact`; blank where the table lacks the column."""
    column = frame.get(name, pd.Series("", index=frame.index, dtype="str"))
    if name in FLAGS:
        return list(as_flag(column))
    if name == "birth_date":
        return [None if pd.isna(day) else day.date() for day in as_date(column, settings.country)[0]]
    texts = as_text(column).str.strip()
    return [words.choice(name, text) for text in texts] if name in ("kind", "status") else list(texts)
