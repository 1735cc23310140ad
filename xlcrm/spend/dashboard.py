"""Tables of the dashboard as frames, in the workbook's language, ready to be written."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.messages import text
from xlcrm.spend import firm
from xlcrm.spend.call_list import names
from xlcrm.spend.day_words import long_day, month_word
from xlcrm.spend.firm import FirmSums
from xlcrm.spend.funnel import STAGES, same_group, year_spans
from xlcrm.spend.kinds import month_number
from xlcrm.spend.rhythm import Span
from xlcrm.values import as_text


class KeyFigure(NamedTuple):
    """One key figure of the dashboard: its name (also of its sentence `figure.<name>`) and how it is made and shown.

    source         what reckons it: "year" is `firm.year_figures`, "span" `funnel.year_spans`, "today" what is owed now
    kind           money (in the workbook's currency), count, days or share (0.25 is 25 %)
    by_difference  whether the change is value - year before; else it is value / year before - 1
    worse_up       whether more of it is bad news
    no_history     nobody wrote down what it was a year before
    """

    name: str
    source: str
    kind: str
    by_difference: bool = False
    worse_up: bool = False
    no_history: bool = False


# Every key figure once, in the order of the rows: the reckoning fills them and the builder formats them by this.
FIGURES = (
    KeyFigure("spend", "year", "money"),
    KeyFigure("orders", "year", "count"),
    KeyFigure("average_order", "year", "money"),
    KeyFigure("active_clients", "year", "count"),
    KeyFigure("new_clients", "year", "count"),
    KeyFigure("lost_clients", "year", "count", worse_up=True),
    KeyFigure("repeat_rate", "year", "share", by_difference=True),
    KeyFigure("overdue", "today", "money", worse_up=True),
    KeyFigure("conversion", "span", "share", no_history=True),
    KeyFigure("days_to_client", "span", "days", worse_up=True),
)
TOP = 10
SECTORS = 8


def key_figures(
    sums: FirmSums,
    journey: pd.DataFrame,
    *,
    overdue: tuple[float, float],
    today: dt.date,
    currency: str = "",
    language: str = "en",
) -> pd.DataFrame:
    """figure, value (last 12 months), year_before, change; see `firm.year_figures` and `funnel.year_spans`.

    The change is value / year_before - 1, blank where year_before is not above 0; of the repeat rate, itself a share,
    it is the difference in words ("▲ 2.8 points"). `overdue` is what clients owe past its day, now and a year before.
    A figure without a year before says so there. Amounts are named with the currency of `lines`, or `currency`.
    """
    year = firm.year_figures(sums, today=today)
    earlier = firm.year_figures(sums, today=today, years_ago=1)
    made = {
        "year": {name: (value, earlier[name]) for name, value in year.items()},
        "span": year_spans(journey, today=today),
        "today": {"overdue": overdue},
    }
    rows = []
    for figure in FIGURES:
        value, before = made[figure.source][figure.name]
        label = text(f"figure.{figure.name}", language)
        label = f"{label} ({currency})" if currency and figure.kind == "money" else label
        shown = text("figure.no_history", language) if figure.no_history else before
        rows.append((label, value, shown, _change(figure, value, before, language)))
    return pd.DataFrame(rows, columns=["figure", "value", "year_before", "change"], dtype=object)


def _change(figure: KeyFigure, value: float, before: float, language: str) -> object:
    """From the year before: the share, or points for what is a share itself; NaN without a before."""
    if not figure.by_difference:
        return round(value / before - 1, 4) if before > 0 else np.nan
    points = round((value - before) * 100, 1)
    if np.isnan(points):
        return np.nan
    arrow = "▲ " if points > 0 else "▼ " if points < 0 else ""
    return text("figure.points", language, arrow=arrow, points=f"{abs(points):.1f}")


def in_words(frame: pd.DataFrame, column: str, language: str) -> pd.DataFrame:
    """A frame whose months ("2026-11") are words ("Nov 26"); a blank one is that of all clients."""
    named = [
        month_word((int(label[:4]) - 1970) * 12 + int(label[5:]) - 1, language)
        if label
        else text("groups.all", language)
        for label in frame[column]
    ]
    return frame.assign(**{column: named})


def as_of(lines: int, *, today: dt.date, currency: str, language: str = "en") -> pd.DataFrame:
    """sentence: the day of the refresh in words, currency, which month isn't over; what to do first without `lines`."""
    if not lines:
        return pd.DataFrame({"sentence": [text("dashboard.empty", language)]})
    said = text("dashboard.as_of", language, day=long_day(today, language), currency=currency)
    if (today + dt.timedelta(days=1)).day > 1:
        running = text("dashboard.unfinished", language, month=month_word(month_number(today), language))
        said += f" {running[0].upper()}{running[1:]}"
    return pd.DataFrame({"sentence": [said]})


def stages(stage: pd.Series[Any], *, language: str = "en") -> pd.DataFrame:
    """status, clients: how many stand on each stage (`funnel.stages`)."""
    counts = stage.value_counts()
    return pd.DataFrame(
        {
            "status": [words.choice_word("status", name, language) for name in STAGES],
            "clients": [int(counts.get(name, 0)) for name in STAGES],
        }
    )


def top_clients(clients: pd.DataFrame, spend: pd.Series[float], *, count: int = TOP) -> pd.DataFrame:
    """name, spend: the clients with the largest spend of the last twelve months above 0, largest first."""
    best = spend[spend > 0].sort_values(ascending=False, kind="stable").index[:count]
    return pd.DataFrame({"name": names(clients.loc[best]), "spend": spend.loc[best]}).reset_index(drop=True)


def sectors(
    clients: pd.DataFrame, spend: pd.Series[float], *, language: str = "en", count: int = SECTORS
) -> pd.DataFrame:
    """sector, spend: the last twelve months by sector, largest first; what doesn't fit is one row "other" at the end.

    Case, accents and spaces don't tell sectors apart. Sectors without spend above 0 are left out. Where nobody has a
    sector there is one row without an amount, which says so.
    """
    named = clients["sector"] if "sector" in clients.columns else pd.Series("", index=clients.index)
    label = as_text(named).str.strip()
    fold = same_group(label)
    shown = label.groupby(fold).first()
    sums = (spend.fillna(0) * 100).round().groupby(fold).sum().div(100)
    sums = sums[sums > 0].sort_values(ascending=False, kind="stable")
    labels = shown.reindex(sums.index)
    if len(labels) and not (labels != "").any():
        return pd.DataFrame({"sector": [text("sectors.fill", language)], "spend": [np.nan]})
    rows = [(label or text("sectors.none", language), value) for label, value in zip(labels, sums, strict=True)]
    if len(rows) > count:
        rest = round(sum(value for _, value in rows[count - 1 :]), 2)
        rows = [*rows[: count - 1], (text("sectors.other", language), rest)]
    return pd.DataFrame(rows, columns=["sector", "spend"])


def buyers(bought: Span, *, language: str = "en") -> pd.DataFrame:
    """kind, clients: who bought on one day only, and who came back."""
    once, more = firm.buyers(bought)
    kinds = [text("buyers.once", language), text("buyers.returning", language)]
    return pd.DataFrame({"kind": kinds, "clients": [once, more]})
