"""Earlier combinings: what they brought here, so that the same edit of a copy that lives on does not come twice.

A cell that came in and was changed here since is not theirs again; a row that came in and was deleted here since does
not come back; a client who got another number here is found under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from xlcrm.combining.copy_numbers import BroughtRow
from xlcrm.combining.row_triples import keys_of
from xlcrm.combining.table_rules import RULES
from xlcrm.plan import Plan
from xlcrm.row_matching import tokens

RENUMBERED = "combine.renumbered"
_TO = " → "


@dataclass
class EarlierCombinings:
    """What the plans of combinings brought.

    cells  table -> by key and column the latest cell that came
    rows   table -> rows as they came
    moved  table -> (their number, our number)
    columns table -> headers of the columns that came
    """

    cells: dict[str, dict[str, dict[str, object]]] = field(default_factory=dict)
    rows: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    moved: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    columns: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, plans: Sequence[Plan]) -> EarlierCombinings:
        """Of the plans of those runs that stand and that their copy does not know of, oldest first."""
        found = cls()
        for plan in plans:
            found._take(plan)
        return found

    def _take(self, plan: Plan) -> None:
        keys = {rule.name: rule.columns for rule in RULES if rule.kind != "bag"}
        for change in plan.changes:
            if len(keys.get(change.table, ())) == 1:
                held = self.cells.setdefault(change.table, {})
                for key, value in zip(tokens(change.keys).str.strip(), change.after, strict=True):
                    held.setdefault(key, {})[change.column] = value
        for part in plan.added:
            self.rows.setdefault(part.table, []).append(part.rows)
            for key, row in _keyed(part.rows, keys.get(part.table, ())):
                self.cells.setdefault(part.table, {}).setdefault(key, {}).update(row)
        for column in plan.new_columns:
            self.columns.setdefault(column.table, set()).add(column.header)
        for name, values in plan.notes:
            if name == RENUMBERED:
                self.moved.setdefault(str(values["table"]), []).extend(_pairs(str(values["pairs"])))

    def numbers(self, table: str) -> Mapping[str, Sequence[BroughtRow]]:
        """Their number -> the rows that came under it and got another one."""
        found: dict[str, list[BroughtRow]] = {}
        for theirs, ours in self.moved.get(table, []):
            cells = self.cells.get(table, {}).get(ours, {})
            texts = tokens(pd.Series(cells, dtype=object))
            filled = {str(column): text for column, text in texts.items() if text}
            found.setdefault(theirs, []).append(BroughtRow(ours, filled))
        return found

    def known(self, table: str, keys: pd.Series) -> pd.DataFrame | None:
        """By row of a frame with these keys the cells that came; None where nothing did."""
        held = self.cells.get(table)
        if not held:
            return None
        rows = {place: held[key] for place, key in enumerate(keys) if key in held}
        return pd.DataFrame.from_dict(rows, orient="index", dtype=object).reindex(range(len(keys)))


def _keyed(rows: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[str, dict[str, object]]]:
    if len(columns) == 1 and columns[0] in rows.columns:
        for key, row in zip(keys_of(rows, columns), rows.to_dict("records"), strict=True):
            yield key, {str(column): value for column, value in row.items()}


def told(pairs: Sequence[tuple[str, str]]) -> str:
    """Pairs of numbers as the note of a plan has them."""
    return ", ".join(f"{theirs}{_TO}{ours}" for theirs, ours in pairs)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split(", "):
        theirs, arrow, ours = pair.partition(_TO)
        if arrow:
            yield theirs, ours
