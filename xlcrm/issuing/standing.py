"""How documents stand: status, paid and open of each, and the marks of Purchases that follow from invoices.

Calculated at every refresh and with every issue and payment, never typed: who pays what was invoiced is read from the
tables Documents and Payments alone. Lines that were invoiced elsewhere keep what somebody typed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.documents.business_document import BusinessDocument
from xlcrm.documents.document_states import document_states
from xlcrm.issuing.document_rows import documents_of
from xlcrm.issuing.open_lines import billed, given_back, prints
from xlcrm.plan import Added, Change, Plan, diff
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import as_date, as_text, is_blank

_MARKED = ("document", "invoiced_on", "due_on", "paid_on")


def plan(
    tables: Tables, *, settings: Settings, today: dt.date, added: Sequence[Added] = (), action: str = "refresh"
) -> Plan:
    """The cells that are not as they should be, of the rows that are there.

    `added`: rows that the same run puts under Documents, DocumentLines and Payments; they count, and are not changed.
    Nothing where the workbook has no documents.
    """
    if "Documents" not in tables or "Payments" not in tables:
        return Plan(action)
    grown = _grown(tables, added)
    documents, payments = grown["Documents"], grown["Payments"].frame
    states = document_states(documents.frame, payments, today)
    changes = diff(documents, _shown(states, documents, settings.language), key="number")
    if tables.source is None and "Purchases" in tables and "document" in tables["Purchases"].frame:
        changes += _marks(tables["Purchases"], documents_of(grown), _paid_days(states, documents, payments))
    kept = (_within(change, tables[change.table]) for change in changes)
    return Plan(action, changes=tuple(change for change in kept if len(change.after)))


def _grown(tables: Tables, added: Sequence[Added]) -> Tables:
    """The tables with rows that are not written yet."""
    more = {part.table: part.rows for part in added}
    return Tables.of(
        *(
            replace(tables[name], frame=pd.concat([tables[name].frame.astype(object), more[name]], ignore_index=True))
            if name in more
            else tables[name]
            for name in ("Documents", "DocumentLines", "Payments")
            if name in tables
        )
    )


def _within(change: Change, table: Table) -> Change:
    """The part of a change that is about rows which are there."""
    old = change.after.index < len(table.frame)
    return Change(change.table, change.column, change.before[old], change.after[old], change.keys[old])


def _shown(states: pd.DataFrame, documents: Table, language: str) -> pd.DataFrame:
    """The calculated columns that the table has, of the rows that are documents."""
    filled = as_text(documents.frame["number"]).str.strip() != ""
    made = pd.DataFrame(
        {
            "status": [words.choice_word("document_status", s, language) for s in states["status"]],
            "paid": states["paid"].astype(float),
            "open": states["open"].astype(float),
        },
        index=documents.frame.index,
    )
    return made.loc[filled, [column for column in made if column in documents.frame]]


def _paid_days(states: pd.DataFrame, documents: Table, payments: pd.DataFrame) -> Mapping[str, pd.Timestamp]:
    """Number of each paid invoice -> the day of its last payment."""
    numbers = as_text(documents.frame["number"]).str.strip()
    paid = set(numbers[(states["status"] == "paid").to_numpy()])
    days = as_date(payments["date"])[0] if "date" in payments else pd.Series(dtype="datetime64[us]")
    of = as_text(payments["number"]).str.strip() if "number" in payments else pd.Series(dtype=str)
    return {number: day for number, day in zip(of, days, strict=True) if number in paid and not pd.isna(day)}


def _marks(
    purchases: Table, documents: Sequence[BusinessDocument], paid: Mapping[str, pd.Timestamp]
) -> tuple[Change, ...]:
    """Document, dates and payment of each line that one of our invoices has; other lines are left as they are."""
    known = {one.number: one for one in documents}
    typed = as_text(purchases.frame["document"]).str.strip()
    on, marks = billed(documents), prints(purchases)
    taken = marks.map(lambda mark: on.get(mark, ""))
    free = marks.isin(given_back(documents)) & typed.isin(known.keys())
    number = typed.where(typed.isin(known.keys()) & ~free, taken)
    rows = number[number.isin(known.keys())]
    wanted = pd.DataFrame(index=rows.index, dtype=object)
    wanted["document"] = rows.astype(object)
    wanted["invoiced_on"] = [pd.Timestamp(known[n].date) for n in rows]
    wanted["due_on"] = [pd.Timestamp(due) if (due := known[n].due_on) else None for n in rows]
    wanted["paid_on"] = [paid.get(n) for n in rows]
    freed = _freed(purchases, typed[free & (number == "")])
    blank = [is_blank(cell) for cell in purchases.frame["invoice"].loc[rows.index]]
    changes = diff(purchases, wanted)
    return (*freed, *changes, *diff(purchases, wanted.loc[blank, ["document"]].rename(columns={"document": "invoice"})))


def _freed(purchases: Table, typed: pd.Series[Any]) -> tuple[Change, ...]:
    """The marks taken out again of lines that a credit note gave back; a number of somebody else's stays."""
    rows = purchases.frame.loc[typed.index]
    blank = {c: pd.Series([None] * len(rows), index=rows.index, dtype=object) for c in _MARKED if c in rows}
    own = as_text(rows["invoice"]).str.strip() == typed if "invoice" in rows else typed != typed
    numbers = pd.DataFrame({"invoice": pd.Series([None] * int(own.sum()), index=rows.index[own], dtype=object)})
    return (*diff(purchases, pd.DataFrame(blank, index=rows.index)), *diff(purchases, numbers))
