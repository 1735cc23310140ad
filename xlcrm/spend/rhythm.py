"""Buying rhythm of a client: first, last, how often, and when the next purchase is due."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import Floats, Ints
from xlcrm.spend.lines import PurchaseLines

_SPAN = 1 << 22  # days: wider than every calendar date, so that client and day fit one integer
_SHIFT = 1 << 21


@dataclass(frozen=True, eq=False)
class Span:
    """Per client the first and the last purchase day, meaningful where `count` (of distinct ones) is positive."""

    first: Ints
    last: Ints
    count: Ints


@dataclass(frozen=True, eq=False)
class Days:
    """Distinct purchase days (refunds are none) in order of client and day, and per client where they start.

    client, day   one entry for each client's distinct day with a purchase
    start, count  per client: first entry and number of entries
    """

    client: Ints
    day: Ints
    start: Ints
    count: Ints

    @property
    def first(self) -> Ints:
        """Per client the first day; only meaningful where `count` is positive."""
        return self.day[np.minimum(self.start, len(self.day) - 1)] if len(self.day) else np.zeros_like(self.count)

    @property
    def last(self) -> Ints:
        """Per client the last day; only meaningful where `count` is positive."""
        return self.day[self.start + self.count - 1] if len(self.day) else np.zeros_like(self.count)

    @property
    def span(self) -> Span:
        """First, last and number of each client's days."""
        return Span(self.first, self.last, self.count)


@dataclass(frozen=True, eq=False)
class Visits:
    """On how many days each client bought, period by period, and per client when at all.

    client, day, times   one entry for each client and period: the period's first day, and the distinct days bought in
                         it; a period is one day, or several that no month and no window of the figures parts
    bought               per client first, last and number of distinct days
    """

    client: Ints
    day: Ints
    times: Ints
    bought: Span

    @property
    def first(self) -> Ints:
        """The first day of every client who ever bought on a known day."""
        return self.bought.first[self.bought.count > 0]


def visits(days: Days) -> Visits:
    """The days as they are: each a period of its own."""
    return Visits(days.client, days.day, np.ones(len(days.day), dtype="int64"), days.span)


def purchase_days(lines: PurchaseLines) -> Days:
    """The distinct days on which each client bought something."""
    dated = (lines.client >= 0) & ~lines.refund & (lines.day >= -_SHIFT)
    return days_of(np.sort(pd.unique(day_key(lines.client[dated], lines.day[dated]))), lines.clients)


def day_key(client: Ints, day: Ints) -> Ints:
    """Client and day as one integer that sorts by client, then by day."""
    return client * _SPAN + day + _SHIFT


def days_of(keys: Ints, clients: int) -> Days:
    """Days from sorted distinct keys."""
    client, day = keys // _SPAN, keys % _SPAN - _SHIFT
    count = np.bincount(client, minlength=clients).astype("int64")
    return Days(client, day, np.cumsum(count) - count, count)


def days_between(bought: Span) -> Floats:
    """Mean number of days between distinct purchase days: (last - first) / (days - 1); NaN with fewer than two."""
    span = (bought.last - bought.first).astype("float64")
    return np.where(bought.count > 1, span / np.maximum(bought.count - 1, 1), np.nan)


def expected_next(bought: Span) -> Floats:
    """Day of the next purchase by the client's own rhythm: the last one plus the mean gap, half a day rounded up."""
    return bought.last.astype("float64") + np.floor(days_between(bought) + 0.5)


def days_late(bought: Span, today: int) -> Floats:
    """Days from the expected day to today; 0 where it is still to come, NaN without a rhythm."""
    expected = expected_next(bought)
    return np.where(np.isnan(expected), np.nan, np.maximum(today - expected, 0))
