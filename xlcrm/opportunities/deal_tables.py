"""Tables of the opportunities on the sheet Funnel, as frames in the workbook's words, ready to be written.

All money is in the firm's currency (see `deals.read_deals`); what was won and lost is that of the last twelve months,
(today - 1 year, today], by the day it was closed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.messages import text
from xlcrm.opportunities.deals import CLOSED, OPEN, decided
from xlcrm.opportunities.stage_history import Bottleneck, stage_days
from xlcrm.spend.day_words import month_word
from xlcrm.spend.funnel import same_group
from xlcrm.spend.kinds import NO_DAY, Ints, day_number, from_cents, month_number, month_numbers

SALES = 9
GROUPS = 6
MONTHS = 12
BY = ("source", "competitor", "salesperson")
REST = "\0"  # no cell holds it


def pipeline(deals: pd.DataFrame, spent: pd.DataFrame, *, today: dt.date, language: str = "en") -> pd.DataFrame:
    """A row for each open stage, one for all open ones, then won and lost.

    opportunities   how many stand there; won and lost of the last twelve months
    amount          the sum of their amounts
    weighted        the sum of amount x probability; blank for won and lost, which nothing is expected of
    days_median     open stages: the median of the days that deals spent there (`stage_history.stays`: every deal that
                    stood there, those that stand there up to today). Won and lost: the median of the days from
                    opened_on to closed_on, where both are known and in this order. All open ones: blank
    days_longest    likewise the longest
    """
    parts = [deals[deals["stage"] == name] for name in OPEN]
    ended = decided(deals, today)
    ends = [ended[ended["stage"] == name] for name in CLOSED]
    days = stage_days(spent)
    lasted = [_lasted(end) for end in ends]
    names = [*(words.choice_word("stage", name, language) for name in OPEN), text("pipeline.open", language)]
    groups = [*parts, deals[deals["stage"].isin(OPEN)], *ends]
    return pd.DataFrame(
        {
            "stage": [*names, *(words.choice_word("stage", name, language) for name in CLOSED)],
            "opportunities": [len(group) for group in groups],
            "amount": _sums(groups, "amount"),
            "weighted": [*_sums(groups[: len(OPEN) + 1], "weighted"), np.nan, np.nan],
            "days_median": [*days["median"], np.nan, *(span.median() for span in lasted)],
            "days_longest": [*days["longest"], np.nan, *(span.max() for span in lasted)],
        }
    )


def _sums(groups: list[pd.DataFrame], column: str) -> list[float]:
    """The sum of a column of cents in each part, in currency units."""
    return [float(value) for value in from_cents(np.array([int(group[column].sum()) for group in groups]))]


def _lasted(deals: pd.DataFrame) -> pd.Series[Any]:
    """Days from opened_on to closed_on, of the deals that know both in this order."""
    known = (deals["opened"] != NO_DAY) & (deals["closed"] >= deals["opened"])
    return deals.loc[known, "closed"] - deals.loc[known, "opened"]


def by_salesperson(deals: pd.DataFrame, *, today: dt.date, language: str = "en", count: int = SALES) -> pd.DataFrame:
    """A row for each salesperson of open deals, the largest weighted sum first; what doesn't fit is one row "other".

    opportunities, amount, weighted   as in `pipeline`, of the open ones
    overdue                           how many of them were expected before `today`
    """
    rows = deals[deals["stage"].isin(OPEN)]
    rows = rows.assign(overdue=(rows["expected"] != NO_DAY) & (rows["expected"] < day_number(today)))
    key, label = _grouped(rows["salesperson"], rows["weighted"], count, language)
    grouped = rows.groupby(key, sort=False)
    found = grouped[["amount", "weighted", "overdue"]].sum().reindex(label.index)
    return pd.DataFrame(
        {
            "salesperson": label,
            "opportunities": grouped.size().reindex(label.index),
            "amount": from_cents(found["amount"].to_numpy("int64")),
            "weighted": from_cents(found["weighted"].to_numpy("int64")),
            "overdue": found["overdue"].astype("int64"),
        }
    ).reset_index(drop=True)


def win_rates(
    deals: pd.DataFrame, source: pd.Series[Any], *, today: dt.date, language: str = "en", count: int = GROUPS
) -> pd.DataFrame:
    """A row for all deals decided in the last twelve months, then at most `count` for each of source (the client's),
    competitor and salesperson: those with the most decided ones first, what doesn't fit one row "other" at the end.

    source  of the client of each deal, row by row; a kind of group that is blank throughout has no rows

    won, lost      how many
    win_rate       won / (won + lost)
    won_amount     the sum of the amounts won
    days_to_close  the median of the days from opened_on to closed_on of all of them, where both are known
    """
    ended = decided(deals, today)
    ended = ended.assign(source=source.reindex(ended.index))
    everyone = pd.Series("", index=ended.index, dtype="str")
    parts = [_rates(ended, everyone).assign(by=text("win_rates.all", language), group="")] if len(ended) else []
    for by in BY:
        if (ended[by] != "").any():
            key, label = _grouped(ended[by], pd.Series(1, index=ended.index), count, language)
            kind = words.header("Clients" if by == "source" else "Opportunities", by, language)
            parts.append(_rates(ended, key).reindex(label.index).assign(by=kind, group=label))
    columns = ["by", "group", "won", "lost", "win_rate", "won_amount", "days_to_close"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _rates(ended: pd.DataFrame, key: pd.Series[Any]) -> pd.DataFrame:
    """won, lost, win_rate, won_amount and days_to_close for each value of `key`."""
    won = ended["stage"] == "won"
    figures = pd.DataFrame({"won": won, "lost": ~won, "cents": ended["amount"].where(won, 0), "days": _lasted(ended)})
    grouped = figures.groupby(key, sort=False)
    found = grouped[["won", "lost", "cents"]].sum().astype("int64")
    found["win_rate"] = np.round(found["won"] / (found["won"] + found["lost"]), 4)
    found["won_amount"] = from_cents(found["cents"].to_numpy("int64"))
    found["days_to_close"] = grouped["days"].median()
    return found


def _grouped(
    typed: pd.Series[Any], weight: pd.Series[Any], count: int, language: str
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """What to group rows by, and the label of each group in its order: the heaviest first, the rest in one.

    Case, accents and spaces don't tell groups apart; a label is as typed first.
    """
    key = same_group(typed)
    size = weight.groupby(key, sort=False).sum().sort_values(ascending=False, kind="stable")
    label = typed.groupby(key, sort=False).first().reindex(size.index)
    label = label.where(label != "", text("groups.none", language))
    if len(size) > count:
        rest = size.index[count - 1 :]
        key = key.where(~key.isin(rest), REST)
        label = label.iloc[: count - 1]
        label[REST] = text("groups.other", language, n=len(rest))
    return key, label


def forecast(deals: pd.DataFrame, *, today: dt.date, language: str = "en") -> pd.DataFrame:
    """What open deals may bring, by the month of expected_on: twelve months from that of `today` on, then three rows
    for those that are overdue (expected before `today`, of this month too), expected later, and without a day.

    opportunities, amount, weighted   as in `pipeline`
    """
    rows = deals[deals["stage"].isin(OPEN)]
    start = month_number(today)
    slot = _slots(rows["expected"].to_numpy("int64"), start, day_number(today))
    names = [month_word(start + i, language) for i in range(MONTHS)]
    names += [text(f"forecast.{name}", language) for name in ("overdue", "later", "no_date")]
    found = {name: np.zeros(len(names), dtype="int64") for name in ("opportunities", "amount", "weighted")}
    for name, values in found.items():
        np.add.at(values, slot, rows.get(name, 1))
    return pd.DataFrame(
        {
            "month": names,
            "opportunities": found["opportunities"],
            "amount": from_cents(found["amount"]),
            "weighted": from_cents(found["weighted"]),
        }
    )


def _slots(expected: Ints, start: int, today: int) -> Ints:
    """The row of the forecast that a day belongs to."""
    month = month_numbers(expected) - start
    found = np.where(month < MONTHS, month, MONTHS + 1)
    found = np.where(expected < today, MONTHS, found)
    return np.where(expected == NO_DAY, MONTHS + 2, found).astype("int64")


def bottleneck_values(worst: Bottleneck, *, currency: str, language: str = "en") -> dict[str, object]:
    """What the sentence "pipeline.bottleneck" is filled with."""
    return {
        "stage": words.choice_word("stage", worst.stage, language),
        "days": int(np.floor(worst.median + 0.5)),
        "longest": worst.longest,
        "waiting": worst.waiting,
        "amount": f"{int(np.floor(worst.amount / 100 + 0.5)):,}".replace(",", "\N{NO-BREAK SPACE}"),
        "currency": currency,
    }
