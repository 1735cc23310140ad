"""People of a list who stand in the table People already: a list without firms, or one of clients, meets them there.

A subscriber of a newsletter who is the buyer at a client is no new client. Those are met whose e-mail one person has
(and no other name), and those of the same name at the same firm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from xlcrm.fields import email as email_field
from xlcrm.importing.contacts.contact_list import ContactList, ContactRow
from xlcrm.importing.matching import comparable, name_key
from xlcrm.people.same_firm import firm_key
from xlcrm.tables import Tables
from xlcrm.values import as_text


class _Known(NamedTuple):
    """A person: the firm's name, the e-mail as compared, and the words of the name."""

    firm: str
    email: str
    name: str


def firms_of_known(given: ContactList, tables: Tables) -> dict[int, str]:
    """Position of a row -> the name of the firm at which its person is known; rows of nobody known are left out.

    A further person of a firm that has people there is one of them, too. A row that is somebody of the table Clients by
    its number or e-mail is that client, and left out.
    """
    book = _Book(tables)
    if not book.by_name:
        return {}
    mails = comparable(as_text(given.batch.frame["email"]), "Clients", "email").tolist() if given.has("email") else []
    rows = zip(given.rows, mails or [""] * given.size, given.cells("client_id"), strict=True)
    found = ((at, book.firm_of(row, mail, number)) for at, (row, mail, number) in enumerate(rows))
    return {at: firm for at, firm in found if firm}


def all_known(given: ContactList, known: Mapping[int, str]) -> bool:
    """Whether every row that names a firm and a person there is one of those known, and there is one."""
    named = {at for at, row in enumerate(given.rows) if row.firm and row.person}
    return bool(named) and named <= set(known)


class _Book:
    """The people of a workbook by what a list knows them by, and the clients whom no row of them may be."""

    def __init__(self, tables: Tables) -> None:
        self.clients = _client_keys(tables)
        self.by_mail: dict[str, list[_Known]] = defaultdict(list)
        self.by_name: dict[str, list[_Known]] = defaultdict(list)
        for one in _people(tables):
            if one.firm:
                self.by_mail[one.email].append(one)
                self.by_name[firm_key(one.firm)].append(one)

    def firm_of(self, row: ContactRow, mail: str, number: str) -> str:
        """The one firm at which the person of a row is known; "" for nobody, or for a client of the table."""
        if number.upper() in self.clients or mail in self.clients:
            return ""
        here = [] if number or not (row.firm and row.person) else self.by_name.get(firm_key(row.firm), [])
        here = here or [one for one in self.by_mail.get(mail, []) if mail and _may_be(one, row.person, mail)]
        firms = {one.firm for one in here}
        return firms.pop() if len(firms) == 1 else ""


def _may_be(one: _Known, person: str, mail: str) -> bool:
    """Whether a row of this name and e-mail can be the person: a word of the name in common, or no name in the list."""
    words = set(name_key(person).split())
    return not email_field.is_role(mail) and (not words or not one.name or bool(words & set(one.name.split())))


def _people(tables: Tables) -> Iterator[_Known]:
    """The people of the workbook with the name of their client's firm."""
    clients, people = tables["Clients"].frame, tables["People"].frame
    if not len(people) or "company" not in clients:
        return
    ids, companies = (as_text(clients[name]).str.strip() for name in ("client_id", "company"))
    firm_of = dict(zip(ids.str.upper(), companies, strict=True))
    mails = comparable(people["email"], "People", "email") if "email" in people else [""] * len(people)
    names = [_cells(people, name) for name in ("full_name", "first_name", "last_name")]
    for client, mail, whole, *parts in zip(_cells(people, "client_id"), mails, *names, strict=True):
        yield _Known(firm_of.get(client.upper(), ""), mail, name_key(" ".join(filter(None, parts)) or whole))


def _cells(frame: pd.DataFrame, name: str) -> Sequence[str]:
    return as_text(frame[name]).str.strip().tolist() if name in frame else [""] * len(frame)


def _client_keys(tables: Tables) -> set[str]:
    """The numbers and e-mails of the clients."""
    frame = tables["Clients"].frame
    mails = set(comparable(frame["email"], "Clients", "email")) if "email" in frame else set()
    return (mails | set(as_text(frame["client_id"]).str.strip().str.upper())) - {""}
