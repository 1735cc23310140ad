"""The workbook's tables as pandas frames, so that operations see data and never a spreadsheet.

A column of a frame is one of two things: *clean* (every cell fits, and the dtype says so) or *as read* (dtype object,
the cells' own values). Blank cells are "" in a clean text column, NaN in numbers, NaT in dates, None as read.

| kind in the schema                  | clean dtype      |
| ----------------------------------- | ---------------- |
| text, choice, e-mail, flag and such | str              |
| number, integer, money, percent     | float64          |
| date                                | datetime64       |
| a user's own column                 | whichever fits   |

Text stays text: "007" typed as text is "007", and a postal code that Excel holds as the number 20121 reads "20121".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from xlcrm.errors import CrmError

if TYPE_CHECKING:
    import pandas as pd

    from xlcrm.problems import Problem


VIEW = "view"
"""The column of Purchases that marks rows shown from a source: they are a view of it, and no purchases."""


THERE = "client_id_there"
"""The column of lines from a source with the client's number as it stands there, whoever the client was merged into."""


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """What a table has beside its frame where its rows stand in a source and not on its sheet.

    address   the source, as Settings name it
    lines     how many rows it has
    on_sheet  filled rows of the sheet, which don't count
    sums      adds up in the source what figures of clients are made of (`spend.refresh.plan` says how it is called);
              None where all rows are in the frame
    figure    a figure of each client over some of the rows (`segments.figures.per_client` says how it is called)
    distinct  the distinct texts of a column
    clients   by client_id without blank ones: lines, how many there are, and last, the latest of their days
    problems  what a check finds in the rows (`checks.view.CheckedBook` in, `Problem`s out)
    """

    address: str
    lines: int
    on_sheet: int
    sums: Callable[..., Any] | None = None
    figure: Callable[..., pd.Series[Any]] | None = None
    distinct: Callable[[str], list[str]] | None = None
    clients: Callable[[], pd.DataFrame] | None = None
    problems: Callable[[Any], list[Problem]] | None = None


@dataclass(frozen=True, eq=False)
class KeptBeside:
    """Where what was made of a table is kept for the next run. It is no part of any result: all of it can be made anew.

    frame     the rows of the table
    rows      tells these rows from any others
    program   tells the program from any other that may make something else of the same
    get       by a name and a checksum of all that it depends on, what `put` was given; None where there is nothing
    put       keeps arrays of numbers or texts, and what JSON can hold, by name, under the two
    """

    frame: pd.DataFrame
    rows: str
    program: str
    get: Callable[[str, str], dict[str, Any] | None]
    put: Callable[[str, str, Mapping[str, Any]], None]

    def made(
        self,
        name: str,
        given: Sequence[object],
        make: Callable[[], dict[str, Any]],
        holds: Callable[[Mapping[str, Any]], bool] = lambda found: True,
    ) -> dict[str, Any]:
        """What `make` makes of what is `given` (whatever JSON can hold), or an earlier run made of the same, if it
        still `holds`."""
        asked = hashlib.sha256(json.dumps([self.program, *given]).encode()).hexdigest()
        found = self.get(name, asked)
        if found is None or not holds(found):
            found = make()
            self.put(name, asked, found)
        return found


@dataclass(frozen=True, eq=False)
class Table:
    """One Excel table (ListObject).

    name          canonical table name ("Clients"; a user's own table keeps its own)
    sheet         sheet title as the user sees it
    frame         the data rows; columns are canonical names, a user's own columns keep their header text;
                  index 0..n-1 is the position in the table
    headers       frame column -> header text in the workbook
    first_row     Excel row number of the first data row (position p is Excel row first_row + p)
    formulas      columns that hold formulas in the file: never written by a plan
    problems      what was odd about the table itself when it was read (two headers alike, merged cells, error values)
    elsewhere     where the rows come from, where that is not the sheet
    below         filled rows that stand right under the table and don't belong to it, as read; their index goes on
    beside        where more is kept of the rows that were read
    """

    name: str
    sheet: str
    frame: pd.DataFrame
    headers: Mapping[str, str]
    first_row: int = 2
    formulas: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    below: pd.DataFrame | None = None
    elsewhere: Elsewhere | None = None
    beside: KeptBeside | None = None

    @property
    def kept_beside(self) -> KeptBeside | None:
        """`beside`, where the rows are those that were read: the frame is no other one, and no source has more."""
        here = self.elsewhere is None and self.beside is not None and self.beside.frame is self.frame
        return self.beside if here else None

    @property
    def viewed(self) -> pd.Series[bool]:
        """Which rows are a view of a source: those with something in the column VIEW."""
        if VIEW not in self.frame.columns:
            return self.frame.index != self.frame.index  # type: ignore[return-value]
        return self.frame[VIEW].notna() & (self.frame[VIEW] != "")

    @property
    def typed(self) -> Table:
        """The table with the rows of a view blank, whatever their cells say; all rows keep their position."""
        seen = self.viewed
        if not seen.any():
            return self
        frame = self.frame.copy()
        for column in frame.columns:
            frame.loc[seen, column] = "" if frame[column].dtype == "str" else None
        return replace(self, frame=frame)

    @property
    def typed_below(self) -> int:
        """How many of the rows right under the table are surely records: from the first on, two filled cells or more.

        A line with one filled cell may be a note, and ends them.
        """
        if self.below is None or self.below.empty:
            return 0
        few = ((self.below.notna() & (self.below != "")).sum(axis=1) < 2).to_numpy()
        return int(few.argmax()) if few.any() else len(few)

    @property
    def first_below(self) -> int:
        """The position of the first of these rows; that of the row under the table where there is none."""
        return len(self.frame) if self.below is None or self.below.empty else int(str(self.below.index[0]))

    @property
    def all_here(self) -> bool:
        """Whether the frame has all rows; those of a source may be too many."""
        return self.elsewhere is None or self.elsewhere.sums is None

    @property
    def whole(self) -> pd.DataFrame:
        """The frame, with all rows in it. CrmError "sources.many" where they stand in a source and are too many."""
        if self.elsewhere is not None and not self.all_here:
            raise CrmError("sources.many", source=self.elsewhere.address, lines=self.elsewhere.lines)
        return self.frame

    def excel_row(self, position: int) -> int:
        return self.first_row + int(position)


class TableHead(NamedTuple):
    """What a workbook calls a table: its sheet, and its columns (frame column -> header text)."""

    sheet: str
    headers: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class LineSource:
    """The source that purchases come from, for whoever wants few of its lines.

    address   as Settings name it
    sheet     the sheet Purchases as it stands, with the rows of a view
    newest    the newest lines of clients (their numbers, how many at most), newest first, as columns of Purchases
    lines_of  all lines of clients, or with None of everybody who has one that nothing marks as invoiced; with THERE
    numbers   the invoice numbers in it that begin with a series and a hyphen, in capitals or not
    """

    address: str
    sheet: Table
    newest: Callable[[Collection[str], int], pd.DataFrame]
    lines_of: Callable[[Collection[str] | None], pd.DataFrame]
    numbers: Callable[[str], Collection[str]] = lambda series: ()

    @cached_property
    def everybody(self) -> pd.DataFrame:
        """`lines_of(None)`, read once a run, so that positions in it stay those of the same lines."""
        return self.lines_of(None)


@dataclass(frozen=True, eq=False)
class Tables(Mapping[str, Table]):
    """All tables of a workbook by canonical name; a table is read when it is first asked for.

    `names` says which exist; `load` reads one, and `look` its head alone, where that is less work. `Tables.of(...)`
    holds tables that are already there. `identity` is the workbook's own, "" where it has none yet. `source` is where
    purchases come from, None where that is the sheet.
    """

    names: tuple[str, ...]
    load: Callable[[str], Table]
    identity: str = ""
    source: LineSource | None = None
    look: Callable[[str], TableHead] | None = None
    _read: dict[str, Table] = field(default_factory=dict)

    @classmethod
    def of(cls, *tables: Table, identity: str = "") -> Tables:
        held = {table.name: table for table in tables}
        return cls(tuple(held), held.__getitem__, identity)

    def __getitem__(self, name: str) -> Table:
        if name not in self.names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = self.load(name)
        return self._read[name]

    @property
    def typed(self) -> Tables:
        """The tables as operations see them: rows that are a view of a source are blank."""
        return Tables(self.names, lambda name: self[name].typed, self.identity, self.source, self.look)

    def head(self, name: str) -> TableHead:
        """What a table is called, without reading its rows where that can be helped; KeyError where there is none."""
        if name in self.names and name not in self._read and self.look is not None:
            return self.look(name)
        table = self[name]
        return TableHead(table.sheet, table.headers)

    def read_so_far(self) -> dict[str, Table]:
        """The tables that somebody has asked for."""
        return dict(self._read)

    def __contains__(self, name: object) -> bool:
        """Without reading the table: the mapping's own way would."""
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)
