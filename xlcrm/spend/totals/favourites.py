"""Favourites: the products and the category that a client spends most on, so that the next offer fits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from xlcrm.spend.kinds import Ints, Mask, Names, Texts, total
from xlcrm.spend.lines import PurchaseLines

SHOWN = 3


def products(lines: PurchaseLines) -> Texts:
    """Per client the three products with the largest spend and their share of it: "Barolo (60%), Grappa (25%)".

    Returned goods are taken off. The share is of all that the client spent on products that are above nought, in whole
    per cent, halves up. Equal spend goes by name; "" where no product was named or nothing is left of any.
    """
    client, product, spend = _by_item(lines, lines.product, lines.products)
    whole = total(spend, client, lines.clients)
    shown = place_of(client) < SHOWN
    names = lines.products.to_numpy(dtype=object)[product[shown]]
    return shares(client[shown], names, spend[shown], whole)


def shares(client: Ints, names: Texts, spend: Ints, whole: Ints) -> Texts:
    """Per client (`whole` has what each spent) the names and shares of its items, which are given in their order."""
    share = (200 * spend + whole[client]) // (2 * np.maximum(whole[client], 1))
    found = np.full(len(whole), "", dtype=object)
    for at, rank, name, part in zip(client.tolist(), place_of(client).tolist(), names, share.tolist(), strict=True):
        text = f"{name} ({part}%)"
        found[at] = f"{found[at]}, {text}" if rank else text
    return found


def favourite(lines: PurchaseLines, item: Ints, names: Names) -> Texts:
    """Per client the item (a category) with the largest spend less returns; equal spend by name, "" where none."""
    client, code, _ = _by_item(lines, item, names)
    best = place_of(client) == 0
    found = np.full(lines.clients, "", dtype=object)
    found[client[best]] = names.to_numpy(dtype=object)[code[best]]
    return found


def _by_item(lines: PurchaseLines, item: Ints, names: Names) -> tuple[Ints, Ints, Ints]:
    """Client, item and spend in cents of every pair with spend above nought, by client, then spend, then name."""
    known: Mask = (lines.client >= 0) & (item >= 0) & lines.priced
    width = max(len(names), 1)
    pair, keys = pd.factorize(lines.client[known] * width + item[known])
    spend = total(lines.cents[known], pair.astype("int64"), len(keys))
    client, code = keys // width, keys % width
    by_name = np.empty(len(names), dtype="int64")
    by_name[names.argsort()] = np.arange(len(names))
    some = np.flatnonzero(spend > 0)
    order = some[np.lexsort((by_name[code[some]], -spend[some], client[some]))]
    return client[order], code[order], spend[order]


def place_of(client: Ints) -> Ints:
    """0, 1, 2 … within each run of one client."""
    starts = np.flatnonzero(np.diff(client, prepend=-1))
    return np.arange(len(client)) - np.repeat(starts, np.diff(np.append(starts, len(client))))
