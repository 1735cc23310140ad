"""Completeness of the list: gaps counted by column and named client by client, and records untouched for long."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.checks.judge import Verdict
from xlcrm.checks.people import is_company
from xlcrm.checks.view import CheckedBook, Mask, View
from xlcrm.people.channel_consent import DAYS
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import as_flag

# What a client's record must hold; "contacts" is a line in Interactions.
CRITERIA = ("first_name", "last_name", "email", "phone", "status", "sector", "contacts")
# Where so many clients lack one thing, the list does not keep it, and nobody is named for it.
KEPT = 1 / 3
FEW = 20


def check(book: CheckedBook) -> list[Problem]:
    """How many lack what, by column; clients who cannot be reached at all; clients who lack some of the criteria."""
    view = book.get("Clients")
    if view is None or not view.live.any():
        return []
    lacks = gaps(book, view)
    found = [_counted(view, column, lacking) for column, lacking in lacks.items() if lacking.any()]
    return found + _unreachable(view) + _clients(view, lacks)


def _counted(view: View, column: str, lacking: Mask) -> Problem:
    """How many clients lack one criterion, as a note about its column; contacts have a sheet and no column."""
    count, total = int(lacking.sum()), int(view.live.sum())
    values = (("count", str(count)), ("clients", str(total)), ("share", f"{100 * count / total:.0f}"))
    if column == "contacts":
        return view.about(Verdict("missing.contacts", level="note", values=values))
    return view.about(Verdict("missing.column", level="note", values=values), column)


def _unreachable(view: View) -> list[Problem]:
    """Clients without e-mail, phone and address, one by one; one finding for all where the list keeps no such thing."""
    reachable = view.filled("email") | view.filled("phone") | view.filled("mobile")
    reachable |= view.filled("address") | (view.filled("city") & view.filled("street")) | view.filled("po_box")
    alone, total = int((~reachable & view.live).sum()), int(view.live.sum())
    if alone <= max(KEPT * total, FEW):
        return view.each(~reachable, Verdict("client.unreachable", level="doubt"))
    many = (("count", str(alone)), ("clients", str(total)))
    return [view.about(Verdict("client.unreachable_many", level="doubt", values=many))]


def gaps(book: CheckedBook, view: View) -> dict[str, Mask]:
    """For each criterion that the workbook has a place for, the rows that lack it.

    A company's name stands for first and last name, a mobile for a phone.
    """
    company = is_company(view)
    lacks: dict[str, Mask] = {}
    for column in ("first_name", "last_name"):
        if view.has(column):
            lacks[column] = ~view.filled(column) & ~(company & (view.filled("company") | view.filled("full_name")))
    for column in ("email", "phone", "status", "sector"):
        if view.has(column):
            lacks[column] = ~view.filled(column)
    if "phone" in lacks:
        lacks["phone"] &= ~view.filled("mobile")
    interactions = book.get("Interactions")
    if interactions is not None and interactions.live.any():
        lacks["contacts"] = ~view.among("client_id", set(interactions.text("client_id")) - {""})
    return {column: np.asarray(mask & view.live) for column, mask in lacks.items()}


def _clients(view: View, lacks: dict[str, Mask]) -> list[Problem]:
    """One finding per client (by status) who lacks something that most clients have; its value is what is missing."""
    client = (view.choices("status", "status") == "client") & view.live
    total = int(client.sum())
    asked = {c: m & client for c, m in lacks.items() if total and (m & client).sum() <= KEPT * total}
    found = []
    any_gap = np.any(list(asked.values()), axis=0) if asked else np.zeros(len(client), dtype=bool)
    for position in np.flatnonzero(any_gap).tolist():
        missing = ", ".join(_header(view, column) for column, mask in asked.items() if mask[position])
        found.append(view.problem(position, Verdict("client.incomplete", level="note"), "", missing))
    return found


def _header(view: View, column: str) -> str:
    """What the workbook calls a criterion; "contacts" is called as their sheet."""
    if column == "contacts":
        return words.title("Interactions", view.settings.language)
    return view.table.headers.get(column, column)


def missing(tables: Tables, *, settings: Settings, today: dt.date, status: str = "client") -> pd.DataFrame:
    """The clients to ask for what their record lacks, ready to be mailed with a form.

    One row per client of that status or of none ("" for all) who lacks any of `CRITERIA` but the history of contacts
    and the status, which are no questions to a client. Columns: client_id, full_name, title, first_name, last_name,
    company, email, phone, language, missing (the workbook's headers, joined by commas), how_many, ask_by ("email",
    "phone", "post" or "" where nothing is left). An opt-out closes its way. Sorted by how much is missing, then as in
    the table. Blank cells are "".
    """
    columns = ["client_id", "full_name", "title", "first_name", "last_name", "company", "email", "phone", "language"]
    book = CheckedBook.of(tables, settings, today)
    view = book.get("Clients")
    if view is None:
        return pd.DataFrame(columns=[*columns, "missing", "how_many", "ask_by"])
    lacks = {column: mask for column, mask in gaps(book, view).items() if column not in {"contacts", "status"}}
    who = view.live & (np.isin(view.choices("status", "status"), (status, "")) if status else view.live)
    frame = pd.DataFrame({column: view.text(column) for column in columns}, dtype="str")
    named = [[_header(view, c) for c, mask in lacks.items() if mask[position]] for position in range(len(frame))]
    frame["missing"] = pd.Series([", ".join(names) for names in named], dtype="str")
    frame["how_many"] = [len(names) for names in named]
    ways = {
        "email": _open(view, "opt_out_email") & view.filled("email"),
        "phone": _open(view, "opt_out_phone") & (view.filled("phone") | view.filled("mobile")),
        "post": _open(view, "opt_out_post") & (view.filled("address") | view.filled("city")),
    }
    frame["ask_by"] = pd.Series(np.select(list(ways.values()), list(ways), ""), dtype="str")
    chosen = frame[who & (frame["how_many"] > 0).to_numpy()]
    return chosen.sort_values("how_many", ascending=False, kind="stable").reset_index(drop=True)


def _open(view: View, column: str) -> Mask:
    """Rows that have not opted out by this column; all of them where the workbook lacks it."""
    if not view.has(column):
        return np.ones(len(view.table.frame), dtype=bool)
    return np.asarray(~as_flag(view.table.frame[column]).to_numpy(), dtype=bool)


# A record that nobody has touched for long is probably wrong by now, and asking is cheaper than a lost letter.

NEWS = ("registered_on", "acquired_on", *DAYS)


def last_seen(book: CheckedBook) -> pd.Series[pd.Timestamp]:
    """The latest day on which anything is known to have happened with each client, NaT where nothing is.

    Purchases, interactions (planned ones do not count), registration, acquisition and consent. Where purchases stand
    in a source, the last one that the figures of the client know counts as well.
    """
    view = book.views["Clients"]
    today = pd.Timestamp(book.today)
    news = (*NEWS, "last_purchase") if book.settings.purchases_source else NEWS
    days = [view.dates(column).reset_index(drop=True) for column in news]
    ids = pd.Series(view.text("client_id"), dtype=object)
    for name in ("Purchases", "Interactions"):
        lines = book.get(name)
        if lines is not None:
            when = lines.dates("date").reset_index(drop=True)
            latest = when[when <= today].groupby(pd.Series(lines.text("client_id"), dtype=object)).max()
            latest = latest[latest.index != ""]
            days.append(latest.reindex(ids.to_numpy()).reset_index(drop=True))
    return pd.DataFrame({str(n): pd.to_datetime(column) for n, column in enumerate(days)}).max(axis=1)


def check_stale(book: CheckedBook) -> list[Problem]:
    """How many leads, prospects and clients were last seen more than `stale_months` months ago; one finding for all.

    Clients of whom no day is known at all are not counted.
    """
    view = book.get("Clients")
    if view is None or not view.live.any():
        return []
    limit = pd.Timestamp(book.today) - pd.DateOffset(months=book.settings.stale_months)
    state = view.choices("status", "status")
    old = (last_seen(book) < limit).to_numpy() & (state != "former") & view.live
    if not old.any():
        return []
    values = (("count", str(int(old.sum()))), ("months", str(book.settings.stale_months)))
    return [view.about(Verdict("client.stale", level="note", values=values))]
