"""A record that nobody has touched for long is probably wrong by now, and asking is cheaper than a lost letter."""

from __future__ import annotations

import pandas as pd

from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import Workbook
from xlcrm.problems import Problem

NEWS = ("registered_on", "acquired_on", "consent_on")


def last_seen(book: Workbook) -> pd.Series[pd.Timestamp]:
    """The latest day on which anything is known to have happened with each client, NaT where nothing is.

    Purchases, interactions (planned ones do not count), registration, acquisition and consent.
    """
    view = book.views["Clients"]
    today = pd.Timestamp(book.today)
    days = [view.dates(column).reset_index(drop=True) for column in NEWS]
    ids = pd.Series(view.text("client_id"), dtype=object)
    for name in ("Purchases", "Interactions"):
        lines = book.get(name)
        if lines is not None:
            when = lines.dates("date").reset_index(drop=True)
            latest = when[when <= today].groupby(pd.Series(lines.text("client_id"), dtype=object)).max()
            latest = latest[latest.index != ""]
            days.append(latest.reindex(ids.to_numpy()).reset_index(drop=True))
    return pd.DataFrame({str(n): pd.to_datetime(column) for n, column in enumerate(days)}).max(axis=1)


def check(book: Workbook) -> list[Problem]:
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
