"""Dues of contact: clients of whom nothing was heard for the months in Settings, and those who came back unasked."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from xlcrm.checks.completeness import last_seen
from xlcrm.checks.view import CheckedBook, Mask
from xlcrm.forgetting.forgotten import returning, table_of
from xlcrm.merging.alias_table import id_keys
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import as_text

_OWED = ("open_amount", "overdue_amount")


def due(tables: Tables, settings: Settings, today: dt.date) -> tuple[str, ...]:
    """Numbers of the clients who are due, in the order of the list; none where Settings don't say after how long."""
    if "Clients" not in tables or not settings.forget_months:
        return ()
    book = CheckedBook.of(tables, settings, today)
    ids = as_text(tables["Clients"].frame["client_id"]).str.strip()
    return tuple(number for number in ids[_due(book)] if number)


def check_due(book: CheckedBook) -> list[Problem]:
    """A note for each client of whom nothing was heard for the months in Settings; the last day is its value.

    Clients of whom no day is known are not counted, and neither are those who owe something or have a deal going on.
    """
    view = book.get("Clients")
    if view is None or not book.settings.forget_months:
        return []
    days = last_seen(book)
    months = (("months", str(book.settings.forget_months)),)
    return [
        Problem("client.due", "Clients", view.table.excel_row(at), view.text("client_id")[at], "",
                f"{days.iloc[at]:%Y-%m-%d}", level="note", values=months)
        for at in np.flatnonzero(_due(book)).tolist()
    ]  # fmt: skip


def check_forgotten(book: CheckedBook) -> list[Problem]:
    """A doubt for each client in the list who was forgotten and typed in again, without a later consent."""
    view = book.get("Clients")
    if view is None:
        return []
    known = table_of(book.tables, book.forgotten)
    back = returning(view.table.frame, known, country=book.settings.country, typed=True)
    return [
        Problem("client.forgotten", "Clients", view.table.excel_row(at), view.text("client_id")[at], level="doubt")
        for at in np.flatnonzero(back).tolist()
    ]


def _due(book: CheckedBook) -> Mask:
    limit = pd.Timestamp(book.today) - pd.DateOffset(months=book.settings.forget_months)
    old = (last_seen(book) < limit).to_numpy(dtype=bool)
    frame = book.tables["Clients"].frame
    for column in _OWED:
        if column in frame:
            old = old & ~(pd.to_numeric(frame[column], errors="coerce").fillna(0) > 0).to_numpy(dtype=bool)
    return old & ~id_keys(frame["client_id"]).isin(_going_on(book)).to_numpy(dtype=bool)


def _going_on(book: CheckedBook) -> set[str]:
    """Clients with an opportunity that is neither won nor lost, or whose next step is still to come."""
    view = book.get("Opportunities")
    if view is None or not (view.has("client_id") and view.has("stage")):
        return set()
    stage = view.choices("stage", "stage")
    going = ~np.isin(np.asarray(stage, dtype=object), ("won", "lost"))
    return set(id_keys(pd.Series(view.text("client_id"), dtype="str"))[going])
