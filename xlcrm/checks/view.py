"""Read-only view of a table for the checks: text, dates and numbers by column, blank rows left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import schema, words
from xlcrm.addresses.countries import country_code
from xlcrm.checks.judge import Verdict
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import as_date, as_number, as_text

Mask = np.ndarray[Any, np.dtype[np.bool_]]
CHECKED = ("Clients", "Purchases", "Interactions", "People", "Opportunities")


@dataclass(frozen=True, eq=False)
class View:
    """One table as the checks see it. A column that the workbook lacks is blank everywhere.

    `live` is the mask of the rows that hold anything; every other mask of this class is within it. `clients` are those
    whose rows these are, for what a row doesn't say itself: a person's country is the client's.
    """

    table: Table
    settings: Settings
    clients: View | None = None
    _kept: dict[str, Any] = field(default_factory=dict)

    def _keep(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once: a dozen checks ask for the same columns."""
        if key not in self._kept:
            self._kept[key] = make()
        return self._kept[key]

    def has(self, column: str) -> bool:
        """Whether the workbook has the column."""
        return column in self.table.frame.columns

    def typed(self, column: str) -> np.ndarray[Any, Any]:
        """The cells of a column as text, exactly as typed."""
        return np.asarray(self._keep(f"typed {column}", lambda: self._series(column).to_numpy(dtype=object)))

    def _series(self, column: str) -> pd.Series[Any]:
        """A column as text, exactly as typed, "" where blank."""

        def make() -> pd.Series[Any]:
            """All of it blank where the workbook lacks the column."""
            frame = self.table.frame
            return as_text(frame[column]) if self.has(column) else pd.Series("", index=frame.index, dtype="str")

        found: pd.Series[Any] = self._keep(f"series {column}", make)
        return found

    def cell(self, column: str, position: int) -> str:
        """One cell as text, exactly as typed."""
        return str(self.typed(column)[position])

    def text(self, column: str) -> np.ndarray[Any, Any]:
        """The cells of a column as text without spaces around."""
        make = lambda: self._series(column).str.strip().to_numpy(dtype=object)  # noqa: E731
        return np.asarray(self._keep(f"text {column}", make))

    def filled(self, column: str) -> Mask:
        """Rows in which the column holds more than spaces."""

        def make() -> Mask:
            """Told by the frame itself for numbers and dates, which are quicker to ask than their texts."""
            if self.has(column) and self.table.frame[column].dtype.kind in "fiuM":
                return self.table.frame[column].notna().to_numpy()
            return np.asarray(self.text(column) != "", dtype=bool)

        return np.asarray(self._keep(f"filled {column}", make), dtype=bool)

    def dates(self, column: str) -> pd.Series[Any]:
        """datetime64, NaT where blank or no date."""
        found: pd.Series[Any] = self._keep(f"dates {column}", lambda: self._dates(column))
        return found

    def _dates(self, column: str) -> pd.Series[Any]:
        """`dates`, read anew."""
        if not self.has(column):
            return pd.Series(pd.NaT, index=self.table.frame.index, dtype="datetime64[us]")
        return as_date(self.table.frame[column], self.settings.country)[0]

    def numbers(self, column: str) -> pd.Series[Any]:
        """float64, NaN where blank or no number."""
        found: pd.Series[Any] = self._keep(f"numbers {column}", lambda: self._numbers(column))
        return found

    def _numbers(self, column: str) -> pd.Series[Any]:
        """`numbers`, read anew."""
        if not self.has(column):
            return pd.Series(np.nan, index=self.table.frame.index)
        return as_number(self.table.frame[column], self.settings.country)[0]

    def choices(self, column: str, group: str) -> np.ndarray[Any, Any]:
        """Canonical choices, "" where blank or unknown."""

        def make() -> np.ndarray[Any, Any]:
            """Each distinct word is looked up once."""
            text = pd.Series(self.text(column), dtype=object)
            known = {word: words.choice(group, word) for word in text.unique()}
            return text.map(known).to_numpy(dtype=object)

        return np.asarray(self._keep(f"choices {column}", make))

    @property
    def live(self) -> Mask:
        """Rows in which some column that people fill holds anything; calculated columns do not count."""

        def make() -> Mask:
            """By the schema's columns: what a user's own columns hold makes no client."""
            spec = schema.table(self.table.name)
            names = [c.name for c in spec.columns if not c.calculated and self.has(c.name)]
            mask = np.zeros(len(self.table.frame), dtype=bool)
            for name in names:
                mask |= self.filled(name)
            return mask

        return np.asarray(self._keep("live", make), dtype=bool)

    @property
    def countries(self) -> list[str]:
        """ISO code of each row; the team's own in small letters where the row has none, "" where it is no country.

        Rows of a table without a column for it have their client's.
        """

        def make() -> list[str]:
            """Each distinct spelling is looked up once."""
            if self.clients is not None and not self.has("country"):
                theirs = dict(zip(self.clients.text("client_id"), self.clients.countries, strict=True)) | {"": ""}
                return [theirs.get(one) or self.settings.country.lower() for one in self.text("client_id")]
            typed = self.text("country").tolist()
            codes = {word: country_code(word) if word else self.settings.country.lower() for word in set(typed)}
            return [codes[word] for word in typed]

        found: list[str] = self._keep("countries", make)
        return found

    def problem(
        self,
        position: int,
        verdict: Verdict,
        column: str = "",
        value: str | None = None,
    ) -> Problem:
        """A finding about one row; `value` is the cell's own text unless given."""
        shown = value if value is not None else self.cell(column, position) if column else ""
        key = self.text("client_id")[position]
        code, suggestion, certain, level, values = verdict
        row = self.table.excel_row(position)
        return Problem(code, self.table.name, row, key, column, shown, suggestion, certain, level, values)

    def about(self, verdict: Verdict, column: str = "", value: str = "") -> Problem:
        """A finding about a column or the whole table."""
        code, suggestion, certain, level, values = verdict
        return Problem(code, self.table.name, 0, "", column, value, suggestion, certain, level, values)

    def judged(
        self, column: str, judge: Callable[[str, str], Verdict | None], context: Iterable[str] | None = None
    ) -> list[Problem]:
        """The findings of `judge` about the filled cells of a column; each value in a context is judged once."""
        if not self.has(column):
            return []
        places = np.flatnonzero(self.filled(column))
        cells, codes = self.typed(column), self._codes(column)[places]
        around = ["" for _ in cells] if context is None else list(context)
        if context is not None:
            beside = pd.factorize(np.asarray(around, dtype=object)[places])[0]
            codes = codes * (int(beside.max(initial=0)) + 1) + beside
        back = pd.factorize(codes)[0]
        first = places[pd.Series(back).drop_duplicates().index.to_numpy()]
        verdicts = [judge(cells[at], around[at]) for at in first.tolist()]
        told = np.array([verdict is not None for verdict in verdicts], dtype=bool)[back]
        found = zip(places[told].tolist(), back[told].tolist(), strict=True)
        return [self.problem(at, verdict, column) for at, n in found if (verdict := verdicts[n]) is not None]

    def _codes(self, column: str) -> np.ndarray[Any, np.dtype[np.int64]]:
        """A number for each cell of a column, the same for the same text."""
        return np.asarray(self._keep(f"codes {column}", lambda: pd.factorize(self.typed(column))[0]), np.int64)

    def among(self, column: str, values: Iterable[object]) -> Mask:
        """Rows whose text is one of `values`."""
        return pd.Series(self.text(column), dtype=object).isin(list(values)).to_numpy()

    def each(self, mask: Mask, verdict: Verdict, column: str = "") -> list[Problem]:
        """The same finding about every row of a mask."""
        return [self.problem(int(position), verdict, column) for position in np.flatnonzero(mask & self.live)]


@dataclass(frozen=True, eq=False)
class CheckedBook:
    """What every check is given: the tables that are there, the team's settings, and the day.

    forgotten  rows of the table Forgotten that are kept beside the backups: the workbook may be older than them
    """

    tables: Tables
    settings: Settings
    today: dt.date
    views: dict[str, View]
    forgotten: pd.DataFrame | None = None

    @classmethod
    def of(
        cls, tables: Tables, settings: Settings, today: dt.date, forgotten: pd.DataFrame | None = None
    ) -> CheckedBook:
        """The tables of `CHECKED` that the workbook has; `today` is what "in the future" is measured from."""
        clients = View(tables["Clients"], settings) if "Clients" in tables else None
        views = {"Clients": clients} if clients is not None else {}
        there = {name: tables[name] for name in CHECKED if name in tables and name not in views}
        views |= {name: View(table, settings, clients) for name, table in there.items() if table.all_here}
        return cls(tables, settings, today, views, forgotten)

    def get(self, name: str) -> View | None:
        """A table of `CHECKED`; None where the workbook lacks it, or its rows are in a source and too many."""
        return self.views.get(name)

    def last_bought(self) -> pd.Series[pd.Timestamp]:
        """The day of the last purchase by client_id, NaT where none has a day; without clients who have no line."""
        table = self.tables.get("Purchases")
        if table is not None and table.elsewhere is not None and table.elsewhere.clients is not None:
            return table.elsewhere.clients()["last"]
        lines = self.get("Purchases")
        if lines is None:
            return pd.Series(dtype="datetime64[us]")
        last = lines.dates("date").groupby(lines.text("client_id")).max()
        return last[last.index != ""]
