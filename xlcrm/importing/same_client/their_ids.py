"""Their ids: the id column of another program's export finds the clients who were exported there (table External)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from xlcrm.exports import external_table
from xlcrm.exports.external_table import ExternalKey
from xlcrm.importing import programs
from xlcrm.importing.batches import Batch
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.same_client.exact_keys import match
from xlcrm.plan import Plan
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_text

# The programs whose id column is theirs; Brevo's EXT_ID, say, is ours.
SYSTEMS = {"HubSpot": "hubspot", "Pipedrive": "pipedrive", "Salesforce": "salesforce"}
_PERSON = frozenset(("email", "first_name", "last_name", "full_name"))


@dataclass(frozen=True, eq=False)
class TheirIds:
    """A batch under our ids, and the ids that the list had, where they are another program's (`system`, "" if not)."""

    batch: Batch
    system: str = ""
    theirs: pd.Series[Any] | None = None

    def remembered(self, tables: Tables, ours: pd.Series[Any]) -> Plan:
        """The plan piece for External: the id of each client (`ours`, index of the batch) in that program."""
        if self.theirs is None:
            return Plan("import")
        pairs = zip(ours, self.theirs.reindex(ours.index).fillna(""), strict=True)
        ids = {ExternalKey(own, "", self.system): ident for own, ident in pairs if own and ident}
        return external_table.came_back(tables, ids)


def system_of(one: Incoming, fields: set[str], tables: Tables) -> str:
    """Which program's ids a list has, as External names it; "" where they are ours or there is no such table."""
    if external_table.NAME not in tables or one.own:
        return ""
    system = SYSTEMS.get(programs.program_of(map(str, one.frame.columns)), "")
    return system if not system or fields & _PERSON else f"{system}:companies"


def under_our_ids(batch: Batch, table: Table, tables: Tables) -> TheirIds:
    """The batch with our client_id where External knows theirs, or where the row is surely a client that we have.

    Clients that the list brings keep their id as their own, as ever; it stands in External, too.
    """
    system = system_of(batch.incoming, set(map(str, batch.frame.columns)), tables) if "client_id" in batch.frame else ""
    if not system:
        return TheirIds(batch)
    theirs = as_text(batch.frame["client_id"]).str.strip()
    ids = ours(theirs, system, tables)
    have = as_text(table.frame["client_id"]).str.strip()
    unknown = (ids == theirs) & (theirs != "") & ~theirs.isin(set(have))
    if unknown.any():
        others = batch.frame.drop(columns="client_id")[unknown]
        at = match(table.frame, others).at
        found = [have.iloc[place] if place >= 0 else ident for place, ident in zip(at, theirs[unknown], strict=True)]
        ids = ids.mask(unknown, pd.Series(found, index=others.index, dtype="str").reindex(ids.index))
    return TheirIds(replace(batch, frame=batch.frame.assign(client_id=ids)), system, theirs)


def known_here(ids: pd.Series[Any], one: Incoming, tables: Tables) -> pd.Series[Any]:
    """The clients' ids of a list of lines, ours for those that External knows as the program's that wrote the list."""
    system = system_of(one, set(_PERSON), tables)
    return ours(as_text(ids).str.strip(), system, tables) if system else ids


def ours(theirs: pd.Series[Any], system: str, tables: Tables) -> pd.Series[Any]:
    """A program's ids as ours where External knows them; the others stay."""
    known = external_table.known(tables) if system else {}
    by_id = {fold(row.external_id): key.client_id for key, row in known.items() if key.system == system}
    return theirs.map({ident: by_id.get(fold(ident), ident) for ident in set(theirs)}).astype("str")
