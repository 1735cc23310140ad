"""Names and addresses that were typed into one column: each cell is taken apart first, then split as any other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from xlcrm.problems import Problem
from xlcrm.spend.kinds import Mask
from xlcrm.splitting.apart import apart
from xlcrm.tables import Table
from xlcrm.values import as_text

CODE = "split.both_unsure"


def both(
    clients: Table, source: str, countries: pd.Series[Any], names: tuple[str, ...], addresses: tuple[str, ...]
) -> tuple[dict[str, pd.Series[Any]], list[Problem]]:
    """The column `source` as texts of names and of addresses, and a doubt for each cell where nobody can tell.

    `names` and `addresses` are the fields to fill: a row that has something of both is nobody's doubt any more.
    """
    text = as_text(clients.frame[source])
    found = [apart(value, country) for value, country in zip(text, countries, strict=True)]
    untold = ~np.array([one.told for one in found], dtype=bool)
    unfilled = ~(_any(clients, names, source) & _any(clients, addresses, source))
    ids = as_text(clients.frame["client_id"]) if "client_id" in clients.frame else text.map(lambda _: "")
    doubts = [
        Problem(CODE, clients.name, clients.excel_row(at), ids.iloc[at], source, text.iloc[at], level="doubt")
        for at in np.flatnonzero(untold & unfilled).tolist()
    ]
    texts = {
        "name": pd.Series([one.name for one in found], index=text.index, dtype="str"),
        "address": pd.Series([one.address for one in found], index=text.index, dtype="str"),
    }
    return texts, doubts


def _any(clients: Table, fields: tuple[str, ...], source: str) -> Mask:
    """Rows where one of the fields holds something."""
    found = np.zeros(len(clients.frame), dtype=bool)
    for field in fields:
        if field in clients.frame and field != source:
            found |= (as_text(clients.frame[field]).str.strip() != "").to_numpy()
    return found
