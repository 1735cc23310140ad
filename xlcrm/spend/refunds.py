"""Refunds paired with the purchases that they take back, and what clients still owe."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import NO_DAY, Floats, Ints, Mask, total
from xlcrm.spend.lines import PurchaseLines, coded

AROUND = r"^[^0-9]+|[^0-9]+$"


def originals(lines: PurchaseLines) -> Ints:
    """For every line the index of the purchase line that it takes back; -1 for purchases and where none is found.

    A refund looks, among the purchases of the same client dated on or before its own day, first at the invoice that
    its number names (C536379 and 536379, RE-1001 and 1001/C, or the same number), then at all. Of the lines with the
    same product it takes the newest that has just its amount left, else the newest that has enough left (a part was
    returned); without a product only just its amount will do, unless the number named the invoice. What one refund
    took is no longer there for the next. Lines without a client match lines without a client.
    """
    found = np.full(len(lines.client), -1, dtype="int64")
    refunds = np.flatnonzero(lines.refund)
    if len(refunds) == 0:
        return found
    stock = _Stock(lines, refunds)
    for line in refunds[np.lexsort((lines.row[refunds], lines.day[refunds]))]:
        found[line] = stock.take(int(line))
    return found


class _Stock:
    """What is left of the purchases that refunds may take back."""

    def __init__(self, lines: PurchaseLines, refunds: Ints) -> None:
        """`refunds` are the positions of the lines to pair; only purchases that one of them may mean are kept."""
        self.lines = lines
        self.left = lines.cents.copy()
        self.number = _numbers(lines)
        self.by_product: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.by_number: dict[tuple[int, int], list[int]] = defaultdict(list)
        bought = np.flatnonzero(~lines.refund)
        for code, groups in ((lines.product, self.by_product), (self.number, self.by_number)):
            # only what some refund may mean is looked at line by line: a few per cent of the purchases
            pair = lines.client * (int(code.max()) + 2) + code
            meant = bought[np.isin(pair[bought], pair[refunds])]
            newest_first = meant[np.lexsort((-lines.row[meant], -lines.day[meant]))]
            columns = (newest_first, lines.client[newest_first], code[newest_first])
            for line, client, value in zip(*(column.tolist() for column in columns), strict=True):
                groups[client, value].append(line)

    def take(self, refund: int) -> int:
        """The purchase that a refund takes back, -1 where none is found; what it took is gone for the next."""
        lines, amount, day = self.lines, -int(self.lines.cents[refund]), int(self.lines.day[refund])
        client, product, number = int(lines.client[refund]), int(lines.product[refund]), int(self.number[refund])
        named = [] if number < 0 else [i for i in self.by_number.get((client, number), []) if lines.day[i] <= day]
        alike = [i for i in named if lines.product[i] == product]
        found = self._best(alike, amount, part=True)
        if found < 0 and named:
            found = self._best(named, amount, part=True)
        if found < 0:
            rest = [i for i in self.by_product.get((client, product), []) if lines.day[i] <= day]
            found = self._best(rest, amount, part=product >= 0)
        if found >= 0:
            self.left[found] -= amount
        return found

    def _best(self, newest_first: list[int], amount: int, *, part: bool) -> int:
        """The newest line with just this amount left, else (with `part`) the newest with more left."""
        if amount <= 0:
            return -1
        exact = next((i for i in newest_first if self.left[i] == amount), -1)
        if exact >= 0 or not part:
            return exact
        return next((i for i in newest_first if self.left[i] > amount), -1)


def _numbers(lines: PurchaseLines) -> Ints:
    """A number for each line's invoice without the letters and signs around its digits, -1 where there are none."""
    codes = coded(pd.Series(lines.invoices.str.replace(AROUND, "", regex=True)))[0]
    return np.append(codes, -1)[lines.invoice]


def net_cents(lines: PurchaseLines, original: Ints) -> Ints:
    """Cents of every purchase line less what was taken back from it; refunds that found their purchase become 0."""
    net = lines.cents.copy()
    matched: Mask = original >= 0
    np.add.at(net, original[matched], lines.cents[matched])
    net[matched] = 0
    return net


# What clients still owe, so that reminders go to those who are late and to nobody else.


@dataclass(frozen=True, eq=False)
class Owed:
    """Invoiced lines whose amount is known: client (-1: none), cents, and the days invoiced, due and paid, or NO_DAY.

    `known` says whether any line was ever invoiced.
    """

    known: bool
    client: Ints
    cents: Ints
    invoiced: Ints
    due: Ints
    paid: Ints

    def later_than(self, day: int) -> Owed:
        """Without those that were paid up to a day."""
        keep = (self.paid == NO_DAY) | (self.paid > day)
        columns = (self.client, self.cents, self.invoiced, self.due, self.paid)
        return Owed(self.known, *(column[keep] for column in columns))


def owed(lines: PurchaseLines, original: Ints) -> Owed:
    """The invoiced lines. A credit note that found its purchase shares that purchase's dates unless it has its own; so
    a cancelled invoice owes nothing, and a refund of something paid is a negative amount: money the firm owes."""
    own = (lines.invoiced != NO_DAY) | (lines.paid != NO_DAY)
    source = np.where((original >= 0) & ~own, original, np.arange(len(original)))
    invoiced = lines.invoiced[source]
    keep = (invoiced != NO_DAY) & lines.priced
    days = (invoiced[keep], lines.due[source][keep], lines.paid[source][keep])
    return Owed(bool((invoiced != NO_DAY).any()), lines.client[keep], lines.cents[keep], *days)


def receivables(owed: Owed, clients: int, *, today: int, payment_days: int) -> tuple[Floats, Floats]:
    """Per client the open and the overdue amount, in currency units; NaN for all where no line was ever invoiced.

    Open: invoiced on or before today and not paid by today. Overdue: open, and due before today (on its last day
    nothing is overdue); a line without a due date is due `payment_days` after it was invoiced.
    """
    if not owed.known:
        unknown = np.full(clients, np.nan)
        return unknown, unknown
    due = np.where(owed.due == NO_DAY, owed.invoiced + payment_days, owed.due)
    is_open = (owed.invoiced <= today) & ((owed.paid == NO_DAY) | (owed.paid > today))
    sums = (total(owed.cents, owed.client, clients, where=is_open & late) for late in (is_open, due < today))
    amount, overdue = sums
    return amount / 100, overdue / 100
