"""Market basket counts: how many clients bought both of any two products, which tell what goes together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import Ints
from xlcrm.spend.lines import PurchaseLines

PRODUCTS = 200
"""Of how many products it is counted who bought which two."""
_BLOCK = 20_000  # clients whose products are counted at a time


@dataclass(frozen=True, eq=False)
class Owned:
    """The products that most clients bought: their names, how many bought each two of them, and any product at all."""

    products: list[str]
    both: Ints
    clients: int


def owned_products(lines: PurchaseLines) -> Owned:
    """Of the products that most clients bought, those first that come first where as many did."""
    kept = ~lines.refund & (lines.client >= 0) & (lines.product >= 0)
    pairs = pd.unique(lines.client[kept] * max(len(lines.products), 1) + lines.product[kept])
    client, product = np.divmod(pairs, max(len(lines.products), 1))
    clients: Ints = np.bincount(product, minlength=len(lines.products))
    top = np.argsort(-clients, kind="stable")[:PRODUCTS]
    top = top[clients[top] > 0]
    column = np.full(len(lines.products), -1)
    column[top] = np.arange(len(top))
    place = column[product]
    both = bought_both(client[place >= 0], place[place >= 0], len(top))
    return Owned([str(lines.products[at]) for at in top], both, len(pd.unique(client)))


def bought_both(client: Ints, place: Ints, count: int) -> Ints:
    """How many clients have both of any two of `count` things, from distinct pairs of client and thing."""
    order = np.argsort(client, kind="stable")
    row, who = pd.factorize(client[order])
    both = np.zeros((count, count))  # floats: numpy multiplies whole numbers twenty times slower
    for start in range(0, len(who), _BLOCK):
        first, last = np.searchsorted(row, [start, start + _BLOCK])
        owned = np.zeros((min(_BLOCK, len(who) - start), count))
        owned[row[first:last] - start, place[order[first:last]]] = 1
        both += owned.T @ owned
    return both.astype("int64")
