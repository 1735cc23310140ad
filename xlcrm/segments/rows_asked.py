"""Rows that are asked about: one person, or one opportunity, of whom all conditions of a search hold at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from xlcrm.people.still_there import clients_of, still_there
from xlcrm.segments.compare import ColumnReading
from xlcrm.segments.fields import FieldColumn
from xlcrm.spend.kinds import Mask
from xlcrm.tables import Tables


@dataclass(eq=False)
class RowsAsked:
    """The rows of People and Opportunities that fit the conditions seen so far: table -> mask.

    `left_too`: a condition asked when people left, so that those who did count as well.
    """

    tables: Tables
    reading: ColumnReading
    fits: dict[str, Mask] = field(default_factory=dict)
    left_too: bool = False

    def narrow(self, column: FieldColumn, fits: Mask) -> None:
        """One more condition: about a column, and the rows of its table that fit."""
        self.fits[column.table] = self.fits[column.table] & fits if column.table in self.fits else fits
        self.left_too |= column.name == "until"

    def clients(self, ids: pd.Series[Any]) -> Mask:
        """Which of these client_ids have a fitting row in every table asked about; a blank one has none."""
        found = (ids != "").to_numpy()
        for table, fits in self.fits.items():
            frame = self.tables[table].frame
            if table == "People" and not self.left_too:
                fits = fits & still_there(frame, self.reading.today, self.reading.country)
            found = found & ids.isin(set(clients_of(frame)[fits])).to_numpy()
        return found
