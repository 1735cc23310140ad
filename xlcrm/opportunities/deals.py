"""Deals: the table Opportunities read once, with amounts in cents of the firm's currency and stages in canonical words.

Amounts are whole cents and probabilities whole hundredths of a percent, so that every sum is exact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.merging.alias_table import id_keys
from xlcrm.spend.currencies import Rates, codes_of
from xlcrm.spend.kinds import NO_DAY, Floats, Ints, day_number, to_cents, years_before
from xlcrm.values import as_date, as_number, as_text

OPEN = ("new", "qualified", "offer", "negotiation")
CLOSED = ("won", "lost")
TEXTS = ("opportunity", "client_id", "subject", "salesperson", "competitor", "next_step")
DAYS = {"expected": "expected_on", "next": "next_on", "opened": "opened_on", "closed": "closed_on"}
CERTAIN = 10_000  # 100 % in hundredths of a percent


def read_deals(
    frame: pd.DataFrame, *, today: dt.date, currency: str, rates: Rates, chances: Mapping[str, float], country: str = ""
) -> pd.DataFrame:
    """A row for each row of Opportunities that holds anything, the index its position; missing columns are blank.

    opportunity, client_id, subject, salesperson, competitor, next_step   as typed, without spaces around
    key        the opportunity's name as it is compared (`id_keys`), "" where blank
    stage      new, qualified, offer, negotiation, won or lost; "" where blank or unknown
    amount     in cents of `currency`, 0 where blank, unreadable or without a rate; `priced` tells whether it is known.
               Another currency is converted by the rate of the day it was closed, of `today` where it is open
    weighted   amount x probability in whole cents, half a cent away from zero; won ones weigh all, lost ones nothing.
               The probability is the row's own, else that of its stage in `chances` (percent: 25 is 25 %). Own ones
               are shares (0.25 is 25 %); above 1 and up to 100 they are percent; others count as blank. They are
               rounded to hundredths of a percent
    expected, next, opened, closed   days since 1970-01-01, NO_DAY where blank or no date
    """
    rows = frame[_filled(frame)]
    found = pd.DataFrame({name: _text(rows, name) for name in TEXTS}, index=rows.index)
    found["key"] = id_keys(found["opportunity"])
    found["stage"] = _stages(rows)
    for name, column in DAYS.items():
        found[name] = _days(rows, column, country)
    is_open = found["stage"].isin(OPEN).to_numpy()
    on = np.where(is_open | (found["closed"] == NO_DAY), day_number(today), found["closed"])
    money = _money(rows, on, currency, rates, country)
    found["priced"] = ~np.isnan(money)
    found["amount"] = to_cents(money)
    found["weighted"] = _share(found["amount"].to_numpy(), _chance(rows, found["stage"], chances, country))
    return found


def decided(deals: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """The deals that were won or lost in (`today` - 1 year, `today`]; a closed_on that is no date counts nowhere."""
    inside = (deals["closed"] > years_before(today, 1)) & (deals["closed"] <= day_number(today))
    return deals[inside & deals["stage"].isin(CLOSED)]


def percent_of(value: float) -> float:
    """A probability as typed -> a share: 0.25 and 25 are 0.25; NaN for what is below 0 or above 100."""
    if not 0 <= value <= 100:
        return np.nan
    return value / 100 if value > 1 else value


def _filled(frame: pd.DataFrame) -> pd.Series[bool]:
    """Rows with anything in one of the columns that make an opportunity."""
    mask = pd.Series(False, index=frame.index)
    for name in ("opportunity", "client_id", "subject", "stage", "amount"):
        if name in frame.columns:
            mask |= as_text(frame[name]).str.strip() != ""
    return mask


def _text(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column as text without spaces around, blank where the frame lacks it."""
    return as_text(frame[name]).str.strip() if name in frame.columns else pd.Series("", index=frame.index, dtype="str")


def _stages(frame: pd.DataFrame) -> pd.Series[Any]:
    """Each distinct word is looked up once."""
    typed = _text(frame, "stage")
    known = {word: words.choice("stage", word) for word in typed.unique()}
    return typed.map(known).astype("str")


def _days(frame: pd.DataFrame, name: str, country: str) -> Ints:
    """A column as days since 1970-01-01."""
    if name not in frame.columns:
        return np.full(len(frame), NO_DAY)
    return as_date(frame[name], country)[0].to_numpy().astype("datetime64[D]").astype("int64")


def _money(frame: pd.DataFrame, on: Ints, currency: str, rates: Rates, country: str) -> Floats:
    """Amounts in `currency` at the rate of the day `on`; NaN where blank, no number, or without a rate."""
    if "amount" not in frame.columns:
        return np.full(len(frame), np.nan)
    amount = as_number(frame["amount"], country)[0].to_numpy(dtype="float64", na_value=np.nan)
    typed, names = pd.factorize(_text(frame, "currency"))
    home = codes_of([currency])[0]
    codes = [code or home for code in codes_of(names)]
    return rates.converted(amount, typed.astype("int64"), codes, on, home)[0]


def _chance(frame: pd.DataFrame, stage: pd.Series[Any], chances: Mapping[str, float], country: str) -> Ints:
    """The probability of each row in hundredths of a percent."""
    usual = stage.map({**{name: chances.get(name, 0.0) / 100 for name in OPEN}, "won": 1.0}).fillna(0.0)
    own = pd.Series(np.nan, index=frame.index)
    if "probability" in frame.columns:
        own = as_number(frame["probability"], country)[0].map(percent_of)
    share = own.where(own.notna() & stage.isin(OPEN), usual).to_numpy(dtype="float64")
    return to_cents(share * 100)


def _share(cents: Ints, chance: Ints) -> Ints:
    """cents x chance / 10,000 in whole cents, half away from zero."""
    size: Ints = (2 * np.abs(cents) * chance + CERTAIN) // (2 * CERTAIN)
    return np.sign(cents) * size
