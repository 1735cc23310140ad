"""How leads become clients: how many stand where, how long each stage takes, and with whom it works best."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.values import as_date, as_text

BY = ("salesperson", "source", "sector", "territory")


def funnel(
    clients: pd.DataFrame,
    interactions: pd.DataFrame | None,
    first_purchase: pd.Series[Any],
    *,
    by: str,
    today: dt.date,
    country: str = "",
) -> pd.DataFrame:
    """A row for each group of the column `by` of Clients, the largest first; blank groups are one of their own.

    Columns in: client_id, status, registered_on, acquired_on and `by` (missing ones count as blank); client_id and
    date of Interactions; `first_purchase` (dates, NaT for none) with the index of `clients`. Columns out:

    group                   as typed first; case and spaces don't tell groups apart
    leads, prospects, clients, former   by status; a blank status is client where something was bought, else not counted
    conversion              (clients + former) / all four; NaN where that is 0
    days_to_prospect        median days from registered_on to the first contact with the client
    days_to_client          median days from registered_on to acquired_on, or else the first purchase

    Spans that would be negative or end after `today` are left out of the medians; NaN where none is left.
    """
    group = _column(clients, by).str.strip()
    stage = stages(clients, first_purchase.notna())
    start = _dates(clients, "registered_on", country)
    contact = _first_contact(clients, interactions, country)
    client = _dates(clients, "acquired_on", country).fillna(first_purchase)
    frame = pd.DataFrame(
        {
            "key": group.str.casefold(),
            "group": group,
            **{name: stage == name for name in ("lead", "prospect", "client", "former")},
            "days_to_prospect": _span(start, contact, today),
            "days_to_client": _span(start, client, today),
        }
    )[stage != ""]
    grouped = frame.groupby("key", sort=False)
    found = grouped[["lead", "prospect", "client", "former"]].sum().astype("int64")
    found.insert(0, "group", grouped["group"].first())
    whole = found[["lead", "prospect", "client", "former"]].sum(axis=1)
    found["conversion"] = np.round((found["client"] + found["former"]) / whole, 4)
    for name in ("days_to_prospect", "days_to_client"):
        found[name] = grouped[name].median()
    order = sorted(found.index, key=lambda key: (-whole[key], key))
    plural = {"lead": "leads", "prospect": "prospects", "client": "clients"}
    return found.loc[order].rename(columns=plural).reset_index(drop=True)


def stages(clients: pd.DataFrame, bought: pd.Series[bool]) -> pd.Series[Any]:
    """lead, prospect, client or former for every row; a blank status is client where something was bought."""
    status = _column(clients, "status").str.strip()
    known = {word: words.choice("status", word) for word in status.unique()}
    stage: pd.Series[Any] = status.map(known).where((status != "") | ~bought, "client")
    return stage


def _first_contact(clients: pd.DataFrame, interactions: pd.DataFrame | None, country: str) -> pd.Series[Any]:
    if interactions is None or not {"client_id", "date"} <= set(interactions.columns):
        return pd.Series(pd.NaT, index=clients.index, dtype="datetime64[us]")
    day = as_date(interactions["date"], country)[0]
    first = day.groupby(_column(interactions, "client_id").str.strip()).min()
    ids = _column(clients, "client_id").str.strip()
    found: pd.Series[Any] = ids.where(ids != "").map(first)
    return found


def _span(start: pd.Series[Any], end: pd.Series[Any], today: dt.date) -> pd.Series[Any]:
    days = (end - start).dt.days
    return days.where((days >= 0) & (end <= pd.Timestamp(today)))


def _dates(frame: pd.DataFrame, name: str, country: str) -> pd.Series[Any]:
    if name in frame.columns:
        return as_date(frame[name], country)[0]
    return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    return as_text(frame[name]) if name in frame.columns else pd.Series("", index=frame.index, dtype="str")
