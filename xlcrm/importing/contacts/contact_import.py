"""Import of a contact list as firms and their people: whether it is one, and the plan for Clients and People."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from xlcrm.importing.batches import Batch
from xlcrm.importing.client_rows import Clients
from xlcrm.importing.contacts.contact_headers import NAMES
from xlcrm.importing.contacts.contact_list import Columns, ContactList, Found
from xlcrm.importing.contacts.firms_apart import Apart, apart
from xlcrm.importing.contacts.known_firms import with_known_ids
from xlcrm.importing.contacts.people_rows import Planned, plan_people, stopped_addresses
from xlcrm.people.person_ids import used_ids
from xlcrm.plan import Plan
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables

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
    if people == NO:
        return Decided(False)
    found = given.found
    used = given.is_strong and not given.customers_numbered and len(tables[TABLE].frame) > 0
    if found.people and (people == YES or found.sure or used):
        return Decided(True, notes=(("import.firms_people", _counts(given, found)),))
    if found.several and not given.customers_numbered:
        values = tuple((name, str(value)) for name, value in _counts(given, found).items())
        return Decided(False, (Problem("import.people_asked", level="doubt", values=values),))
    offered = found.people and (given.is_strong or 2 * found.people > given.size)
    return Decided(False, notes=(("import.people_offered", _counts(given, found)),) if offered else ())


def _counts(given: ContactList, found: Found) -> dict[str, object]:
    return {"file": given.one.name, "firms": found.firms, "people": found.people, "private": found.private}


def firms_and_private(given: ContactList, tables: Tables, settings: Settings) -> Apart:
    """The list taken apart, its firms under the numbers of the clients that they are already."""
    found = apart(given, tables["Clients"], tables[TABLE], settings.language)
    rows = found.clients.frame
    group_of = pd.Series(given.groups, index=given.batch.frame.index)
    named = group_of.reindex(rows.index) >= 0
    met = with_known_ids(rows, named, tables["Clients"].frame)
    return found._replace(clients=replace(found.clients, frame=met))


def people_of(found: Apart, clients: Clients, tables: Tables, settings: Settings, *, update: bool) -> Planned:
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
