"""The sheet Found: the clients of one search as rows to work through, refilled by the next search."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema, words
from xlcrm.interactions.contact_memory import NAMES, memory_of
from xlcrm.plan import Added, Change, Plan, Removed, diff
from xlcrm.row_matching import fingerprints, match
from xlcrm.segments.condition import Condition, cut_window
from xlcrm.segments.evaluate import Search
from xlcrm.segments.fields import Figure, find_field, without
from xlcrm.spend.call_list import names
from xlcrm.spend.kinds import Ints
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_text

AND = " + "
_QUOTED = re.compile(r'("[^"]*"|«[^»]*»|“[^”]*”|„[^“”]*[“”])')


def wanted(tables: Tables) -> str:
    """The search that the sheet asks for; "" where it asks for none, or the workbook has no such sheet."""
    if "FoundBy" not in tables or "search" not in tables["FoundBy"].frame.columns:
        return ""
    return next(iter(as_text(tables["FoundBy"].frame["search"]).str.strip()), "")


def label(name: str, where: tuple[str, ...]) -> str:
    """What the sheet shows for a search, and takes again: a saved search, conditions, or both."""
    return AND.join(filter(None, [name, *where]))


def fits(search: Search, asked: str) -> pd.Series[bool]:
    """The clients that fit what the sheet asks for: a saved search by name, or names and conditions between " + ".

    All conditions are one search, each saved one is worked out by itself. What is neither is taken for the name of a
    search that isn't there. CrmError as in `evaluate`.
    """
    saved = {fold(name) for name in search.saved}
    conditions: list[Condition] = []
    named: list[pd.Series[bool]] = []
    for part in [asked] if fold(asked) in saved else _parts(asked):
        if fold(part) in saved:
            named.append(search.segment(part))
        else:
            conditions += _read(part, search)
    if not named and not conditions:
        return search.segment(asked)
    found = search.fits(conditions)
    for one in named:
        found &= one
    return found


def _read(part: str, search: Search) -> tuple[Condition, ...]:
    """The conditions of a text that is no saved search; CrmError where it is neither."""
    said = search.read(part)
    if len(said) > 1 or said[0].either or _says(said[0], search):
        return said
    meant = search.sentence(part)
    if meant.conditions and not meant.unknown:
        return meant.conditions
    if meant.conditions:
        raise search.not_understood(part)
    search.segment(part)
    return said


def _says(condition: Condition, search: Search) -> bool:
    """Whether a text is a condition at all: it has an operator, or asks for a figure, a window or what is lacking."""
    field, days = cut_window(condition.field)
    asked = find_field(field, search.names)
    meant = asked if days is not None else without(field, search.names)
    alone = isinstance(asked, Figure) or getattr(asked, "name", "") == "open_complaints"
    return alone or bool(condition.operator or meant)


def fill(
    tables: Tables, found: pd.Series[bool], asked: str, today: dt.date, country: str = "", order: Ints | None = None
) -> Plan:
    """The changes that make the sheet show the clients found, what was asked, how many they are, and the day.

    Nothing where the workbook has no sheet Found. Clients who stay keep their row and what somebody typed beside them;
    the others leave, and new ones come under, in `order` (positions in Clients) where one is given. Columns that a
    person added are filled where Clients has one of that header, and are theirs where not.
    """
    made = Plan("search")
    rows = np.flatnonzero(found.to_numpy()) if order is None else order
    if "Found" in tables:
        memory = memory_of(tables, today=today, country=country)
        made = made.join(_rows(tables["Found"], _values(tables["Found"], tables["Clients"], memory, rows)))
    if "FoundBy" in tables:
        row = {"search": asked, "clients": float(found.sum()), "found_on": pd.Timestamp(today)}
        made = made.join(_head(tables["FoundBy"], row))
    return made


def _head(table: Table, row: dict[str, object]) -> Plan:
    """The one row above the sheet's clients: what was asked, how many fit, and when."""
    after = pd.DataFrame([{name: value for name, value in row.items() if name in table.frame.columns}])
    if table.frame.empty:
        return Plan("search", added=(Added(table.name, after),) if len(after.columns) else ())
    return Plan("search", changes=diff(table, after.set_axis(table.frame.index[:1])))


def _rows(table: Table, after: pd.DataFrame) -> Plan:
    """Row by row as they stand: by the client's number, or by everything shown where the sheet has no such column."""
    keys = ["client_id"] if "client_id" in after.columns else [str(column) for column in after.columns]
    if not keys:
        return Plan("search")
    places = match(fingerprints(after, keys), fingerprints(table.frame, keys))
    kept = after[places >= 0].set_axis(table.frame.index[places[places >= 0]]).sort_index()
    gone = ~np.isin(np.arange(len(table.frame)), places)
    changes: tuple[Change, ...] = diff(table, kept) if len(kept) else ()
    new = after[places < 0].reset_index(drop=True)
    return Plan(
        "search",
        changes=changes,
        removed=(Removed(table.name, table.frame[gone]),) if gone.any() else (),
        added=(Added(table.name, new),) if len(new) else (),
    )


def _values(table: Table, clients: Table, memory: pd.DataFrame, order: Ints) -> pd.DataFrame:
    """What the sheet's columns show of each client found (positions in Clients); `memory` tells of their contacts."""
    rows = clients.frame.iloc[order]
    shown: dict[str, pd.Series[Any]] = {}
    for column in map(str, table.frame.columns):
        if column in table.formulas:
            continue
        source = _source(column, clients)
        if column == "name":
            shown[column] = names(rows)
        elif column in NAMES:
            shown[column] = memory.loc[rows.index, column]
        elif column == "phone" and {"phone", "mobile"} <= set(rows.columns):
            shown[column] = as_text(rows["phone"]).where(as_text(rows["phone"]).str.strip() != "", rows["mobile"])
        elif source:
            shown[column] = rows[source]
    return pd.DataFrame(shown).reset_index(drop=True)


def _source(column: str, clients: Table) -> str:
    """The column of Clients behind a column of the sheet: its own, or the one whose header a person gave it."""
    own = schema.table("Found").column(column) is not None
    name = column if own else words.column_of("Clients", column)
    if name in clients.frame.columns:
        return name
    headers = {fold(header): name for name, header in clients.headers.items()}
    return "" if own else headers.get(fold(column), "")


def _parts(asked: str) -> list[str]:
    """Cut at " + ", but neither inside quotes nor before a number ("today + 7")."""
    found = [""]
    for piece in _QUOTED.split(asked):
        first, *more = [piece] if _QUOTED.fullmatch(piece) else re.split(r" \+ (?!\d)", piece)
        found[-1] += first
        found += more
    return [part.strip() for part in found if part.strip()]
