"""Ids that came back: how a list out of another program tells which of its rows are clients that were exported there.

The program's own ids stand in the table External. Google and Outlook have no column for them and give back a custom
field as it was: our exports put "xlcrm:client:C0012" there, which is found in any column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandas as pd

from xlcrm.exports import crm_programs, external_table
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


# Own marks: a list with such a column is ours come back. What we wrote beside it only for that program (labels) is
# taken out where it says nothing: it would become a column of the user's own.
_MARK = re.compile(r"\s*xlcrm:(client|person):(.+?)\s*")
# Values of our columns that only tell the program how to show the others.
_OF_SHOW = frozenset("labels categories mark_label email_label phone_label mobile_label address_label".split())
_LABELS = frozenset(("", "Home", "Work", "Mobile"))


def with_own_ids(one: Incoming) -> Incoming:
    """The list with its column of marks as client_id, blank for people; unchanged where it has no such column."""
    header = next((str(name) for name in one.frame.columns if _are_marks(one.frame[name])), "")
    if not header or one.own:
        return one
    found = [_MARK.fullmatch(text) for text in as_text(one.frame[header])]
    ids = [match[2] if match and match[1] == "client" else "" for match in found]
    frame = one.frame.assign(**{header: pd.Series(ids, index=one.frame.index, dtype="str")})
    shown = [str(name) for name in frame.columns if str(name) in _shown_headers() and _says_nothing(frame[name])]
    return replace(one, frame=frame.drop(columns=shown), known={**one.known, header: "client_id"})


def _are_marks(column: pd.Series[str]) -> bool:
    """Whether a column has marks and nothing else."""
    if column.dtype.kind in "Mfiub":
        return False
    texts = [text for text in as_text(column.head(2000)) if text.strip()]
    return bool(texts) and all(_MARK.fullmatch(text) for text in texts)


@cache
def _shown_headers() -> frozenset[str]:
    """The headers of our columns that only tell a program how to show the others."""
    columns = [
        column for program in crm_programs.programs().values() for file in program.files.values() for column in file
    ]
    return frozenset(header for header, value in columns if value in _OF_SHOW)


def _says_nothing(column: pd.Series[str]) -> bool:
    """Whether all cells are usual labels, or begin with one and the same text (the list's name)."""
    texts = set(as_text(column)) - {""}
    base = min(texts, key=len, default="")
    return texts <= _LABELS or all(text.startswith(base) for text in texts)
