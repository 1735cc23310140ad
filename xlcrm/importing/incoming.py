"""An incoming list as plain data, and what its columns are, so that nobody knows whether it was a CSV or a vCard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from xlcrm.problems import Problem


@dataclass(frozen=True, eq=False)
class Incoming:
    """One sheet or file.

    file       name of the file, without folders
    sheet      sheet title; "" where the file has no sheets
    frame      the data rows, index 0..n-1; columns are the headers as typed, each different (a second "Phone" is
               "Phone (2)", a column without header is called by its letter). Text columns are str with "" where
               blank; columns of a workbook hold cells as read, None where blank
    first_row  row number of the first data row as a user sees it in the file
    rows       the file's row number of every data row, where they do not simply follow each other
    problems   what was odd about the file itself
    separator  what stands between the cells of a text file, "" for others
    orders     header -> "dmy", "mdy" or "ask" (nobody can tell): how the list writes dates in figures, where decided
    signs      header -> ".", "," or "ask": the decimal sign, where decided
    known      header -> field, where the reader of the list knows it before any header is looked at; "" for a column
               of the user's own
    own        a sheet of a client file made by xlcrm: its rows are records already, and every purchase a sale
    """

    file: str
    sheet: str
    frame: pd.DataFrame
    first_row: int = 2
    problems: tuple[Problem, ...] = ()
    rows: Sequence[int] = ()
    separator: str = ""
    orders: Mapping[str, str] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, str] = field(default_factory=dict)
    own: bool = False

    def row(self, position: int) -> int:
        """The row number in the file of a data row."""
        return self.rows[position] if len(self.rows) else self.first_row + int(position)

    def numbers(self) -> npt.NDArray[np.int64]:
        """The row numbers of all data rows."""
        given = np.asarray(self.rows, dtype=np.int64)
        return given if len(given) else np.arange(self.first_row, self.first_row + len(self.frame), dtype=np.int64)

    @property
    def name(self) -> str:
        """How a sentence calls it: the file, with its sheet where it has one."""
        return f"{self.file} / {self.sheet}" if self.sheet else self.file


class Mapped(NamedTuple):
    """One column of a list.

    `table` and `field` say where it goes ("" and "": it comes along as a user's own column, or stays away where empty).
    `how`: given (by the user), word (the schema's own), export (so spelt by the program that wrote the list), synonym,
    values (by the values or the other columns);
    for the unmapped: unknown, second (another column has the field), doubt (header and values disagree), empty, service
    (a form service's own, such as its number of an answer; it stays away), spare
    (fills `spare`, another column's field, where that is blank; what is left over is a user's own column).
    `field` may be one of HELPERS.
    """

    header: str
    table: str
    field: str
    how: str
    rank: int = 0
    spare: str = ""
