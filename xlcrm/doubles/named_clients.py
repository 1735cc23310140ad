"""Named clients: rows of the table Clients by client_id, as reviews of duplicates show and rank them.

Of two clients who are one, that one survives on which more hangs: purchases and contacts, else the older registration,
else the upper row.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from xlcrm.tables import Tables
from xlcrm.values import as_date, as_text


@dataclass(frozen=True, eq=False)
class NamedClients:
    """The clients that can be named, by client_id, with how much hangs on each.

    frame      columns as in the table Clients, index client_id
    headers    column -> header in the workbook
    purchases  lines in the table Purchases
    rank       place of each among all: of two the lower one survives
    texts      columns as text, each made when it is first asked for
    """

    frame: pd.DataFrame
    headers: dict[str, str]
    purchases: pd.Series[int]
    rank: dict[str, int]
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, tables: Tables) -> NamedClients:
        """Of a workbook; none where it has no clients with a number."""
        if "Clients" not in tables or "client_id" not in tables["Clients"].frame:
            return cls(pd.DataFrame(), {}, pd.Series(dtype="int64"), {})
        table = tables["Clients"]
        ids = as_text(table.frame["client_id"]).str.strip()
        keep = (ids != "") & ~ids.duplicated()
        frame = table.frame[keep].set_axis(pd.Index(ids[keep], dtype=object))
        purchases = _lines(tables, "Purchases", frame.index)
        weight = purchases + _lines(tables, "Interactions", frame.index)
        since = as_date(frame["registered_on"])[0] if "registered_on" in frame else pd.Series(pd.NaT, frame.index)
        order = pd.DataFrame({"weight": -weight, "since": since, "row": range(len(frame))}, index=frame.index)
        ranked = order.sort_values(["weight", "since", "row"], na_position="last").index
        return cls(frame, dict(table.headers), purchases, {str(key): n for n, key in enumerate(ranked)})

    def text(self, key: str, column: str) -> str:
        """A cell as text, "" where there is no such column."""
        if column not in self.texts:
            cells = as_text(self.frame[column]).str.strip() if column in self.frame else pd.Series("", self.frame.index)
            self.texts[column] = dict(zip(self.frame.index, cells.tolist(), strict=True))
        return self.texts[column][key]

    def pair(self, one: str, other: str, column: str) -> tuple[str, str]:
        """Two clients' cells of a column."""
        return self.text(one, column), self.text(other, column)

    def shown(self, key: str) -> dict[str, object]:
        """What the sheet shows of a client."""
        text = partial(self.text, key)
        return {
            "client_id": key,
            "full_name": self.name(key),
            "email": text("email"),
            "phone": text("phone") or text("mobile"),
            "address": text("address").replace("\n", ", ") or self._address(key),
            "purchases": float(self.purchases.get(key, 0)),
        }

    def name(self, key: str) -> str:
        """As typed in one cell, else the split name, else the company."""
        split = " ".join(filter(None, (self.text(key, "first_name"), self.text(key, "last_name"))))
        return self.text(key, "full_name") or split or self.text(key, "company")

    def _address(self, key: str) -> str:
        street = self.text(key, "street")
        line = f"{street} {self.text(key, 'house_number')}".strip() if street else ""
        town = " ".join(filter(None, (self.text(key, "postal_code"), self.text(key, "city"))))
        return ", ".join(filter(None, (line, town)))


def _lines(tables: Tables, name: str, index: pd.Index) -> pd.Series[int]:
    """How many rows of a table name each client."""
    if name not in tables or "client_id" not in tables[name].frame:
        return pd.Series(0, index=index)
    away = tables[name].elsewhere
    if away is not None and away.clients is not None:
        return away.clients()["lines"].reindex(index, fill_value=0).astype("int64")
    counted = as_text(tables[name].frame["client_id"]).str.strip().value_counts()
    return counted.reindex(index, fill_value=0).astype("int64")
