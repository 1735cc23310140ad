"""Import of a contact list: whether it is one of firms and people, the plan for Clients and People, who is known.

A subscriber of a newsletter who is the buyer at a client is no new client: a list without firms, or one of clients,
meets the people who stand in the table People already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from xlcrm.fields import email as email_field
from xlcrm.importing.batches import Batch
from xlcrm.importing.client_rows import Clients
from xlcrm.importing.contacts.contact_headers import NAMES
from xlcrm.importing.contacts.contact_list import Columns, ContactList, ContactRow, ContactsFound
from xlcrm.importing.contacts.firms_apart import FirmsApart, apart
from xlcrm.importing.contacts.people_rows import Planned, plan_people, stopped_addresses
from xlcrm.importing.matching import PROPOSED, comparable, name_key
from xlcrm.people.person_ids import used_ids
from xlcrm.people.same_firm import Firm, firm_key, may_be_one
from xlcrm.plan import Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
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


YES, NO = "yes", "no"  # what `--people` and `--no-people` say
TABLE = "People"
Note = tuple[str, dict[str, object]]


class Decided(NamedTuple):
    """Whether a list comes in as firms and people, what is asked where nobody can tell, and what is said."""

    split: bool
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()


def may_be(batch: Batch, columns: Columns, tables: Tables) -> bool:
    """Whether a list can be one of firms' contacts at all, and the workbook has a place for them."""
    have = set(batch.frame.columns)
    people = bool(set(NAMES) & have) or bool(columns.extras)
    return TABLE in tables and people and bool({"company", "full_name"} & have)


def decided(given: ContactList, tables: Tables, people: str) -> Decided:
    """As `people` says ("yes", "no"); else by what the list is: sure, to be asked, or a list of clients.

    A list that names contacts and accounts is one of firms' people where a firm has two, or where the workbook has
    people at firms already. Where two people have one firm in any other list, nobody can tell, and it is asked.
    """
    found, values = given.found, _counts(given, given.found)
    if people == NO or not found.people:
        return Decided(False)
    if people == YES or found.sure or _in_use(given, tables):
        return Decided(True, notes=(("import.firms_people", values),))
    if found.several and not given.customers_numbered:
        told = tuple((name, str(value)) for name, value in values.items())
        return Decided(False, (Problem("import.people_asked", level="doubt", values=told),))
    offered = given.is_strong or 2 * found.people > given.size
    return Decided(False, notes=(("import.people_offered", values),) if offered else ())


def _in_use(given: ContactList, tables: Tables) -> bool:
    """Whether the workbook has people at firms, and the list names contacts and accounts."""
    return given.is_strong and not given.customers_numbered and len(tables[TABLE].frame) > 0


def _counts(given: ContactList, found: ContactsFound) -> dict[str, object]:
    return {"file": given.one.name, "firms": found.firms, "people": found.people, "private": found.private}


def firms_and_private(given: ContactList, tables: Tables, settings: Settings) -> FirmsApart:
    """The list taken apart, its firms under the numbers of the clients that they are already."""
    found = apart(given, tables["Clients"], tables[TABLE], settings.language)
    rows = found.clients.frame
    group_of = pd.Series(given.groups, index=given.batch.frame.index)
    named = group_of.reindex(rows.index) >= 0
    met = with_known_ids(rows, named, tables["Clients"].frame)
    return found._replace(clients=replace(found.clients, frame=met))


def people_of(found: FirmsApart, clients: Clients, tables: Tables, settings: Settings, *, update: bool) -> Planned:
    """The plan for People, once it is known which clients the firms are; who has none is told."""
    ids = found.people["client_at"].map(clients.ids.to_dict()).astype("str")
    homeless = (ids == "").to_numpy()
    file = found.clients.incoming.name
    done = plan_people(
        tables[TABLE], found.people.assign(client_id=ids)[~homeless], settings=settings, file=file, update=update,
        taken=used_ids(tables), stopped=stopped_addresses(tables["Clients"], tables[TABLE]), own=found.own,
    )  # fmt: skip
    said = ("import.people_done", {"file": file, "added": done.added, "known": done.known})
    lost = [_homeless(person, file) for person in found.people[homeless].to_dict("records")]
    plan = done.plan.join(Plan("import", problems=tuple(lost), notes=(said,)))
    return done._replace(plan=plan)


def _homeless(person: Mapping[Hashable, Any], file: str) -> Problem:
    name = " ".join(str(person.get(n)) for n in NAMES if person.get(n))
    return Problem("import.person_left_out", row=int(str(person["list_row"])), value=name, values=(("file", file),))


# Firms that are clients already are met by their name: a list of their people doubles none of them.


def with_known_ids(rows: pd.DataFrame, firms: pd.Series[Any], existing: pd.DataFrame) -> pd.DataFrame:
    """The rows, those of `firms` (a flag a row) with the id of the client of that name.

    Of several such clients the first without a person's name, else the first. A firm with a number of its own keeps it
    where it is in the table, or where the client there has one of the user's own. Nobody is met whose tax number, or
    whose town and mail domain, differ. Neither frame is changed.
    """
    have = {name: _text(rows, name) for name in ("company", "tax_id", "client_id", "city", "email")}
    known, people = _by_name(existing), _persons(existing)
    ids = _text(existing, "client_id")
    set_of_ids, found = set(ids), []
    for at, (is_firm, number) in enumerate(zip(firms, have["client_id"], strict=True)):
        own = Firm(have["company"][at], have["tax_id"][at], "", have["city"][at], have["email"][at])
        places = known.get(firm_key(own.name), []) if is_firm and number not in set_of_ids else []
        fitting = [(people[place], place) for place, other in places if may_be_one(own, other)]
        met = ids[min(fitting)[1]] if fitting else ""
        found.append(met if met and (not number or PROPOSED.fullmatch(met)) else number)
    return rows.assign(client_id=pd.Series(found, index=rows.index, dtype="str")) if any(found) else rows


def _by_name(existing: pd.DataFrame) -> dict[str, list[tuple[int, Firm]]]:
    found: dict[str, list[tuple[int, Firm]]] = defaultdict(list)
    columns = [_text(existing, name) for name in ("company", "tax_id", "city", "email")]
    for place, (company, tax_id, city, email) in enumerate(zip(*columns, strict=True)):
        if company:
            found[firm_key(company)].append((place, Firm(company, tax_id, "", city, email)))
    return found


def _persons(existing: pd.DataFrame) -> list[bool]:
    """Which clients have a person's name."""
    names = [_text(existing, name) for name in ("full_name", "first_name", "last_name", "company")]
    return [any(map(bool, parts)) and parts[0] != firm for *parts, firm in zip(*names, strict=True)]


def _text(frame: pd.DataFrame, name: str) -> list[str]:
    return as_text(frame[name]).str.strip().tolist() if name in frame else [""] * len(frame)
