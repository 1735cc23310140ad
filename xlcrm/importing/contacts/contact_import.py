"""Import of a contact list as firms and their people: whether it is one, and the plan for Clients and People."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from xlcrm.importing.batches import Batch
from xlcrm.importing.client_rows import Clients
from xlcrm.importing.contacts.contact_headers import NAMES
from xlcrm.importing.contacts.contact_list import Columns, ContactList, ContactsFound
from xlcrm.importing.contacts.firms_apart import FirmsApart, apart
from xlcrm.importing.contacts.people_rows import Planned, plan_people, stopped_addresses
from xlcrm.importing.matching import PROPOSED
from xlcrm.people.person_ids import used_ids
from xlcrm.people.same_firm import Firm, firm_key, may_be_one
from xlcrm.plan import Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import as_text

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
