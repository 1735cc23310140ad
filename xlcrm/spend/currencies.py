"""Currencies converted by the firm's rate table: amounts in different ones are never simply added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import NO_DAY, Floats, Ints, Names
from xlcrm.values import as_date, as_number, as_text

_SIGNS = {"€": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP", "$": "USD", "US$": "USD"}


def codes_of(names: Iterable[object]) -> list[str]:
    """Currencies as typed -> ISO codes: "eur" and "€" are EUR; what is unknown comes back in capitals."""
    plain = [str(name).strip().upper().rstrip(".") for name in names]
    return [_SIGNS.get(name, name) for name in plain]


def home_currency(codes: list[str], lines: Ints, blank: bool, wanted: str, rates: Rates) -> str:
    """The currency that figures are in: `wanted`, unless that would leave nothing to count.

    `lines`: how many lines are in each of `codes`; `blank`: whether some name none.
    Without a wish, and where no line is in `wanted`, blank (which means `wanted`) or convertible, it is the commonest
    currency of the lines; "" where no line names one.
    """
    home = codes_of([wanted])[0]
    usable = home in codes or blank or any(code in rates.table for code in codes)
    if len(codes) == 0 or (home and usable):
        return home
    return codes[int(lines.argmax())]


@dataclass(frozen=True)
class Rates:
    """What one unit of a currency is worth in the firm's currency: code -> ((from day, rate), ...) in order of day."""

    table: dict[str, tuple[tuple[int, float], ...]]

    def converted(
        self, amount: Floats, typed: Ints, codes: list[str], day: Ints, home: str
    ) -> tuple[Floats, Ints, Names]:
        """Amounts in `home` (NaN without a rate), and every line's currency as number and names (blank is `home`).

        The rate is the last one from before or on the line's day; a line without a date takes the latest rate.
        """
        names = sorted({home, *codes})
        lookup = np.array([*(names.index(code) for code in codes), names.index(home)], dtype="int64")
        number = lookup[typed]
        money = amount.copy()
        for index, name in enumerate(names):
            lines = number == index
            if name != home and lines.any():
                money[lines] = amount[lines] * self._rates(name, day[lines])
        return money, number, pd.Index(names, dtype="str")

    def _rates(self, code: str, day: Ints) -> Floats:
        """The rate of a currency on each day (a line without a day: the latest), NaN where it has none yet."""
        steps = self.table.get(code, ())
        if not steps:
            return np.full(len(day), np.nan)
        starts = np.array([start for start, _ in steps])
        rates = np.array([np.nan, *(rate for _, rate in steps)])
        return np.where(day == NO_DAY, rates[-1], rates[np.searchsorted(starts, day, side="right")])


NO_RATES = Rates({})


def read_rates(frame: pd.DataFrame | None, country: str = "") -> Rates:
    """Rates from the table Rates (currency, rate, from_date); a blank date means always, later rows win on one day.

    Rows without a currency or with a rate that is no positive number are skipped.
    """
    if frame is None or not {"currency", "rate"} <= set(frame.columns):
        return NO_RATES
    rate = as_number(frame["rate"], country)[0]
    start = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    if "from_date" in frame.columns:
        start = as_date(frame["from_date"], country)[0]
    days = start.to_numpy().astype("datetime64[D]").astype("int64")
    found: dict[str, dict[int, float]] = {}
    codes = codes_of(as_text(frame["currency"]))
    for code, day, value in zip(codes, days, rate, strict=True):
        if code and value > 0:
            found.setdefault(code, {})[int(day)] = float(value)
    return Rates({code: tuple(sorted(steps.items())) for code, steps in found.items()})
