"""Decisions typed in the sheet Duplicates, read back as blocks and as decided pairs of clients.

A decision in the first row of a block counts for all rows that have none of their own; a decision in another row is
about that row's client and the first one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from xlcrm import schema, words
from xlcrm.tables import Table
from xlcrm.values import as_number, as_text

TWO = frozenset({"different", "household"})  # decisions that say that two clients stay two
Pair = frozenset[str]


class TypedRow(NamedTuple):
    """A row: its position in the table, its client, the decision as typed and as the schema knows it ("" where not),
    and whether somebody typed anything, also in a column of their own."""

    position: int
    client: str
    typed: str
    decision: str
    touched: bool


class TypedBlock(NamedTuple):
    """The rows of one group in the order of the sheet, the proposed survivor first."""

    number: int
    rows: tuple[TypedRow, ...]

    @property
    def clients(self) -> tuple[str, ...]:
        return tuple(row.client for row in self.rows)

    @property
    def touched(self) -> bool:
        return any(row.touched for row in self.rows)

    def decided(self) -> dict[Pair, str]:
        """Each decided pair with its decision. Rows that the first row's "two" speaks for are two among them, too."""
        first, *others = self.rows
        found = {_pair(first, row): row.decision or first.decision for row in others if row.decision or first.decision}
        if first.decision in TWO:
            silent = [row for row in others if not row.typed]
            found |= {_pair(a, b): first.decision for n, a in enumerate(silent) for b in silent[n + 1 :]}
        return found

    def said(self, row: TypedRow) -> str:
        """The decision that counts for a further row."""
        return row.decision or ("" if row.typed else self.rows[0].decision)


def _pair(one: TypedRow, other: TypedRow) -> Pair:
    return frozenset((one.client, other.client))


def typed_blocks(table: Table) -> list[TypedBlock]:
    """The blocks of the table Duplicates in the order of their first rows; rows without a client or group are none."""
    frame = table.frame
    numbers = as_number(frame["group"])[0]
    clients, typed = as_text(frame["client_id"]).str.strip(), _cells(frame, "decision")
    own = [column for column in frame if schema.table("Duplicates").column(str(column)) is None]
    touched = (typed != "") | _any_filled(frame, own)
    found: dict[int, list[TypedRow]] = {}
    rows = zip(range(len(frame)), numbers, clients, typed, touched, strict=True)
    for position, number, client, text, by_hand in rows:
        if client and number == number:
            row = TypedRow(position, client, text, words.choice("same", text), bool(by_hand))
            found.setdefault(int(number), []).append(row)
    return [TypedBlock(number, tuple(rows)) for number, rows in found.items()]


def _cells(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    return as_text(frame[name]).str.strip() if name in frame else pd.Series("", index=frame.index)


def _any_filled(frame: pd.DataFrame, columns: list[Any]) -> pd.Series[bool]:
    found = pd.Series(False, index=frame.index)
    for column in columns:
        found |= as_text(frame[column]).str.strip() != ""
    return found
