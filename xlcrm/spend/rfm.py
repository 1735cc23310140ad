"""RFM scores: recency, frequency and money in five steps each, and six groups of clients by them."""

from __future__ import annotations

import numpy as np

from xlcrm.spend.kinds import Ints, Texts

NEW_DAYS = 90
GROUPS = ("champion", "loyal", "promising", "new", "at_risk", "lost")


def quintiles(values: Ints) -> Ints:
    """Steps 1 (lowest fifth) to 5 (highest fifth) of each value among all; equal values share one step.

    A value's place is the share of values below it plus half the share of those equal to it, so that ties take the
    step of their middle: everybody alike is 3, and short lists spread as far as they can (two clients: 2 and 4).
    """
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    steps: Ints = np.minimum(5, 1 + 5 * (below + upto) // (2 * max(len(values), 1)))
    return steps


def rfm(last: Ints, orders: Ints, cents: Ints) -> tuple[Texts, Ints, Ints, Ints]:
    """Codes such as "545" (recency, frequency, monetary; 5 is best) and the three steps.

    `last` is the day of the last purchase, `orders` their number, `cents` the total spend; one entry for each buyer.
    """
    r, f, m = quintiles(last), quintiles(orders), quintiles(cents)
    return np.array([str(code) for code in (100 * r + 10 * f + m).tolist()], dtype=object), r, f, m


def group(r: Ints, f: Ints, m: Ints, *, orders: Ints, days_since_first: Ints) -> Texts:
    """A name for every buyer, the first that fits:

    new        one order, first bought within the last 90 days
    champion   recency, frequency and monetary all 4 or 5
    loyal      recency 3 or more, frequency 4 or 5 (or 3 with monetary 4 or 5)
    promising  recency 3 or more
    at_risk    recency 1 or 2, but frequency or monetary 4 or 5: a good client who stays away
    lost       the rest: long away, seldom bought, little
    """
    rules = [
        ("new", (orders == 1) & (days_since_first < NEW_DAYS)),
        ("champion", (r >= 4) & (f >= 4) & (m >= 4)),
        ("loyal", (r >= 3) & ((f >= 4) | ((f == 3) & (m >= 4)))),
        ("promising", r >= 3),
        ("at_risk", (f >= 4) | (m >= 4)),
    ]
    names = np.array([name for name, _ in rules], dtype=object)
    found: Texts = np.select([rule for _, rule in rules], list(names), default="lost").astype(object)
    return found
