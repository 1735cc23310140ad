"""Sales funnel from lead to client: how many stand where, how long each stage takes, with whom it works best."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.messages import text
from xlcrm.spend.kinds import day_number, from_cents, years_before
from xlcrm.text import fold_letters
from xlcrm.values import as_date, as_text

BY = ("salesperson", "source", "sector", "territory")
STAGES = ("lead", "prospect", "client", "former")
PLURALS = {"lead": "leads", "prospect": "prospects", "client": "clients", "former": "former"}
SPANS = ("days_to_prospect", "days_as_prospect", "days_to_client")


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

    group                   as typed first; case, accents and spaces don't tell groups apart
    leads, prospects, clients, former   by status; a blank status is client where something was bought, else not counted
    conversion              (clients + former) / all four; NaN where that is 0
    days_to_prospect        median days from registered_on to the first contact with the client
    days_as_prospect        median days from the first contact to the day the client became one (see `journeys`)
    days_to_client          median days from registered_on to that day

    Spans that would be negative or end after `today` are left out of the medians; NaN where none is left.
    """
    group = _column(clients, by).str.strip()
    journey = journeys(clients, interactions, first_purchase, today=today, country=country)
    key = same_group(group)
    found = by_key(journey, key)
    found.insert(0, "group", group.groupby(key, sort=False).first().reindex(found.index))
    whole = found[list(PLURALS)].sum(axis=1)
    order = sorted(found.index, key=lambda key: (-whole[key], key))
    return found.loc[order].rename(columns=PLURALS).reset_index(drop=True)


def journeys(
    clients: pd.DataFrame,
    interactions: pd.DataFrame | None,
    first_purchase: pd.Series[Any],
    *,
    bought: pd.Series[bool] | None = None,
    today: dt.date,
    country: str = "",
) -> pd.DataFrame:
    """Each client's way: stage, days_to_prospect, days_as_prospect, days_to_client (as in `funnel`), became, contact.

    `contact` is the day of the first contact. `became` is the day on which somebody became a client: acquired_on,
    or else the first purchase. `bought` says who ever bought (default: who has a first purchase; a purchase without a
    date has none).
    """
    start = _dates(clients, "registered_on", country)
    contact = _first_contact(clients, interactions, country)
    became = _dates(clients, "acquired_on", country).fillna(first_purchase)
    return pd.DataFrame(
        {
            "stage": stages(clients, first_purchase.notna() if bought is None else bought),
            "days_to_prospect": _span(start, contact, today),
            "days_as_prospect": _span(contact, became, today),
            "days_to_client": _span(start, became, today),
            "became": became,
            "contact": contact,
        }
    )


def of_the_year(journey: pd.DataFrame, *, today: dt.date) -> pd.DataFrame:
    """The journeys with the spans that ended in (`today` - 1 year, `today`] alone: what the year's figures hold.

    A span to the first contact ends with it, the others with the day on which somebody became a client.
    """
    became, contact = (_in_year(journey[name], today) for name in ("became", "contact"))
    spans = {name: journey[name].where(contact if name == "days_to_prospect" else became) for name in SPANS}
    return journey.assign(**spans)


def _in_year(days: pd.Series[Any], today: dt.date) -> pd.Series[bool]:
    number = pd.DatetimeIndex(days).to_numpy().astype("datetime64[D]").astype("int64")
    return pd.Series((number > years_before(today, 1)) & (number <= day_number(today)), index=days.index)


def year_spans(journey: pd.DataFrame, *, today: dt.date) -> dict[str, tuple[float, float]]:
    """Two key figures, each now and a year earlier: conversion (of everybody today), days_to_client (of the year).

    The days are the median of those on a stage who became clients in (`today` - 1 year, `today`], or the year before.
    """
    stage = journey["stage"]
    known, arrived = int((stage != "").sum()), int(stage.isin(["client", "former"]).sum())
    became = pd.DatetimeIndex(journey["became"]).to_numpy().astype("datetime64[D]").astype("int64")
    start, earlier = years_before(today, 1), years_before(today, 2)
    days = [
        float(journey["days_to_client"][(stage != "") & (became > first) & (became <= last)].median())
        for first, last in ((start, day_number(today)), (earlier, start))
    ]
    conversion = round(arrived / known, 4) if known else np.nan
    return {"conversion": (conversion, np.nan), "days_to_client": (days[0], days[1])}


def by_key(journey: pd.DataFrame, key: pd.Series[Any]) -> pd.DataFrame:
    """lead, prospect, client, former, conversion and the median spans for each value of `key` that has a stage."""
    counted = journey["stage"] != ""
    table = pd.DataFrame({name: journey["stage"] == name for name in STAGES}).join(journey[list(SPANS)])[counted]
    grouped = table.groupby(key[counted], sort=False)
    found = grouped[list(STAGES)].sum().astype("int64")
    whole = found.sum(axis=1)
    found["conversion"] = np.round((found["client"] + found["former"]) / whole, 4)
    for name in SPANS:
        found[name] = grouped[name].median()
    return found


def stages(clients: pd.DataFrame, bought: pd.Series[bool]) -> pd.Series[Any]:
    """lead, prospect, client or former for every row; a blank status is client where something was bought."""
    status = _column(clients, "status").str.strip()
    known = {word: words.choice("status", word) for word in status.unique()}
    stage: pd.Series[Any] = status.map(known).where((status != "") | ~bought, "client")
    return stage


def _first_contact(clients: pd.DataFrame, interactions: pd.DataFrame | None, country: str) -> pd.Series[Any]:
    """Day of the first contact with the client of each row, NaT where there was none or no table of them."""
    if interactions is None or not {"client_id", "date"} <= set(interactions.columns):
        return pd.Series(pd.NaT, index=clients.index, dtype="datetime64[us]")
    day = as_date(interactions["date"], country)[0]
    first = day.groupby(_column(interactions, "client_id").str.strip()).min().drop("", errors="ignore")
    ids = _column(clients, "client_id").str.strip()
    return pd.Series(first.reindex(pd.Index(ids)).to_numpy("datetime64[us]"), index=clients.index)


def _span(start: pd.Series[Any], end: pd.Series[Any], today: dt.date) -> pd.Series[Any]:
    """Days between two days; NaN where either is unknown, the end is first, or it is still to come."""
    days = (end - start).dt.days
    return days.where((days >= 0) & (end <= pd.Timestamp(today)))


def _dates(frame: pd.DataFrame, name: str, country: str) -> pd.Series[Any]:
    """A column as dates, all of it NaT where the frame lacks it."""
    if name in frame.columns:
        return as_date(frame[name], country)[0]
    return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column as text, blank where the frame lacks it."""
    return as_text(frame[name]) if name in frame.columns else pd.Series("", index=frame.index, dtype="str")


# How each salesperson, source, sector and territory does: the funnel and the year's figures side by side.

COUNT = 8
YEAR = ("active", "new", "lost", "repeat")
OTHER = "\0"  # no cell holds it


def group_figures(
    clients: pd.DataFrame,
    journey: pd.DataFrame,
    years: pd.DataFrame,
    nobodys: Mapping[str, float] | None = None,
    *,
    language: str = "en",
    count: int = COUNT,
) -> pd.DataFrame:
    """A row for all clients, then at most `count` for each of salesperson, source, sector and territory.

    `nobodys` are the same figures (spend_12m, active_clients, new_clients, lost_clients) of purchases that no row of
    Clients has made: one row after the first, so that both together are the figures of the dashboard.

    clients   Clients; a column that it lacks, or that is blank throughout, has no rows
    journey   `funnel.journeys` of them
    years     spend (last twelve months) and active, new, lost, repeat (0 or 1) for each row of Clients

    Columns out: by, group, leads, prospects, clients, former, conversion, days_to_prospect, days_as_prospect,
    days_to_client (see `funnel.funnel`), spend_12m, active_clients, new_clients, lost_clients, repeat_rate (see
    `firm.year_figures`). The largest spend comes first; what doesn't fit is one row "other" at the end.
    """
    everyone = pd.Series("", index=clients.index, dtype="str")
    parts = [_part(journey, years, everyone).assign(by=text("groups.all", language), group="")]
    if nobodys and any(nobodys.values()):
        parts.append(pd.DataFrame([dict(nobodys)]).assign(by=text("groups.nobodys", language), group=""))
        count -= 1
    for by in BY:
        typed = as_text(clients[by]).str.strip() if by in clients.columns else everyone
        if not (typed != "").any():
            continue
        key = same_group(typed)
        part = _part(journey, years, key)
        order = part.sort_values(["spend_12m", "size"], ascending=False, kind="stable").index
        label = typed.groupby(key, sort=False).first()
        if len(order) > count:
            rest = order[count - 1 :]
            part = _part(journey, years, key.where(~key.isin(rest), OTHER))
            order = order[: count - 1].append(pd.Index([OTHER]))
            label[OTHER] = text("groups.other", language, n=len(rest))
        label = label.where(label != "", text("groups.none", language))
        parts.append(part.loc[order].assign(by=words.header("Clients", by, language), group=label))
    columns = ["by", "group", *PLURALS.values(), "conversion", *SPANS]
    columns += ["spend_12m", "active_clients", "new_clients", "lost_clients", "repeat_rate"]
    return pd.concat(parts, ignore_index=True)[columns].astype(dict.fromkeys(PLURALS.values(), "float64"))


def _part(journey: pd.DataFrame, years: pd.DataFrame, key: pd.Series[Any]) -> pd.DataFrame:
    """The figures of each value of `key`, those of people on no stage included."""
    grouped = years[list(YEAR)].groupby(key, sort=False)
    sums = grouped.sum().astype("int64")
    found = by_key(journey, key).reindex(sums.index).rename(columns=PLURALS)
    stages = list(PLURALS.values())
    found[stages] = found[stages].fillna(0).astype("int64")
    cents = (years["spend"].fillna(0) * 100).round().astype("int64").groupby(key, sort=False).sum()
    found["size"] = grouped.size()
    found["spend_12m"] = from_cents(np.asarray(cents, dtype="int64"))
    for name in YEAR[:-1]:
        found[f"{name}_clients"] = sums[name]
    found["repeat_rate"] = np.round(sums["repeat"] / sums["active"].where(sums["active"] > 0), 4)
    return found


def same_group(typed: pd.Series[Any]) -> pd.Series[Any]:
    """A column of group names in which equal groups are equal: case, accents and blanks don't tell them apart."""
    codes, uniques = pd.factorize(typed)
    return pd.Series(np.asarray([fold_letters(str(word)) for word in uniques], dtype=object)[codes], index=typed.index)
