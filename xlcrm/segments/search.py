"""Search, the operation behind the button: counts in Segments, the clients found as a sheet and as a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pandas as pd

from xlcrm import schema, words
from xlcrm.errors import CrmError
from xlcrm.lists.csv_text import csv_bytes
from xlcrm.plan import Change, Grid, OutFile, Plan, diff
from xlcrm.problems import Problem
from xlcrm.segments import found, purchases_view
from xlcrm.segments.condition import Condition, segment_names
from xlcrm.segments.evaluate import Search
from xlcrm.segments.search_order import ordered
from xlcrm.settings import Settings
from xlcrm.spend.kinds import Ints
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_text, text_of

Note = tuple[str, dict[str, object]]  # a key of messages, and what fills its sentence
_FILLABLE = ("gender", "birth_date", "age")  # what `check` offers to fill from titles, numbers and names
FORMATS = (".xlsx", ".csv")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def plan(
    tables: Tables,
    *,
    settings: Settings,
    today: dt.date,
    name: str = "",
    where: Sequence[str] = (),
    out: str = "",
    sort: Sequence[str] = (),
) -> Plan:
    """Count every saved segment into the sheet Segments, and show the clients of one search in the sheet Found.

    `where` are sentences (see `parse_where`) that must all hold, together with the segment `name` where one is given;
    with either, the clients found are a file, too. Without, the sheet Found is filled with the search that stands in
    it, or else with the first saved one. `out` names the file (.xlsx or .csv; default: the segment's name). A segment
    that can't be worked out, or a search in the sheet Found, is a problem at its row; `name` and `where` a CrmError.
    """
    search = Search(tables, settings, today)
    asked = found.label(name, tuple(where))
    fits = _given(search, name, where)
    blank = _blank(search)  # before the saved searches are counted, of which it is not told
    wished = tuple(sort) or (search.order_of(name) if name else ()) or tuple(search.orders)
    changes, problems = _counts(search) if "Segments" in tables else ((), ())
    if fits is not None:
        file = _file_name(out, name or words.title("Clients", settings.language))
        order = ordered(search, wished, fits)
        made = _Shown(fits, asked, (_file(tables["Clients"], order, file, settings),), order=order)
        note: Note = ("segment.found", {"n": int(fits.sum()), "name": asked})
    else:
        key = "segment.counted" if search.saved else "segment.none_saved"
        note = (key, {"n": len(search.saved) - len(problems)})
        made = _of_sheet(search)
    counted = Plan(
        "search",
        changes=changes,
        files=made.files,
        problems=(*problems, *made.problems),
        notes=(note, *_understood(search, asked or made.asked), *blank, *_on_sheet(tables, made)),
        nothing_to_do=made.fits is None and not search.saved,
    )
    if made.fits is None:
        return counted
    filled = found.fill(tables, made.fits, made.asked, today, settings.country, made.order)
    return counted.join(filled, *_lines(tables, made.fits, settings))


def _lines(tables: Tables, fits: pd.Series[bool], settings: Settings) -> tuple[Plan, ...]:
    """The newest lines of the clients found, as a view on the sheet Purchases, where purchases come from a source."""
    if tables.source is None:
        return ()
    ids = as_text(tables["Clients"].frame["client_id"]).str.strip()[fits]
    return (purchases_view.shown(tables.source, set(ids) - {""}, settings),)


@dataclass(frozen=True, eq=False)
class _Shown:
    """The one search whose clients the sheet Found shows: True per client (None: no search), and what it is called."""

    fits: pd.Series[bool] | None
    asked: str
    files: tuple[OutFile, ...] = ()
    problems: tuple[Problem, ...] = ()
    order: Ints | None = None


def _given(search: Search, name: str, where: Sequence[str]) -> pd.Series[bool] | None:
    """The clients of a saved search and of conditions, where the command names either; None where it names neither."""
    fits = search.segment(name) if name else None
    if not where:
        return fits
    together = search.fits([one for text in where for one in search.read(text)])
    return together if fits is None else fits & together


def _of_sheet(search: Search) -> _Shown:
    """The search that stands in the sheet Found, else the first saved one; none where there is no such sheet."""
    asked = found.wanted(search.tables) or next(iter(search.saved), "")
    if "Found" not in search.tables or not asked:
        return _Shown(None, "")
    before = len(search.orders)
    fits, wrong = _asked(search, asked)
    wished = search.order_of(asked) or search.orders[before:]
    order = ordered(search, wished, fits) if fits is not None else None
    return _Shown(fits, asked, problems=wrong, order=order)


def _blank(search: Search) -> tuple[Note, ...]:
    """That a column asked about is mostly blank, and what would fill it."""
    clients, language = int(search.present.sum()), search.settings.language
    told: list[Note] = []
    for name, blank in search.blank.items():
        values = {"blank": blank, "n": clients, "column": words.header("Clients", name, language)}
        told.append(("segment.blank_known" if name in _FILLABLE else "segment.blank", values))
    return tuple(told)


def _understood(search: Search, asked: str) -> tuple[Note, ...]:
    """How the sentences of the search that is shown were understood, so that nobody has to guess."""
    forms = [form for said, form in search.understood.items() if said in asked]
    return tuple(("segment.understood", {"form": form}) for form in forms)


def _on_sheet(tables: Tables, made: _Shown) -> tuple[Note, ...]:
    """What is said about the sheet Found: nothing where it is not there, or shows no search."""
    if made.fits is None or "Found" not in tables:
        return ()
    told = {"n": int(made.fits.sum()), "name": made.asked, "sheet": tables["Found"].sheet}
    return (("segment.on_sheet" if made.files else "segment.shown", told),)


def _asked(search: Search, asked: str) -> tuple[pd.Series[bool] | None, tuple[Problem, ...]]:
    """The clients of the search that the sheet Found asks for, or what is wrong with it."""
    try:
        return found.fits(search, asked), ()
    except CrmError as error:
        if error.values.get("row") or "FoundBy" not in search.tables:
            return None, ()  # told with the sheet Segments, where the condition stands
        values = tuple((key, str(value)) for key, value in error.values.items())
        row = search.tables["FoundBy"].first_row
        return None, (Problem(error.key, "FoundBy", row, "", "search", asked, values=values),)


def _counts(search: Search) -> tuple[tuple[Change, ...], tuple[Problem, ...]]:
    """The changes that put every segment's count and the day into its rows, and what is wrong with some."""
    table = search.tables["Segments"]
    counts: dict[str, int] = {}
    problems: list[Problem] = []
    for name, conditions in search.saved.items():
        try:
            counts[fold(name)] = int(search.segment(name).sum())
        except CrmError as error:
            problems.append(_problem(error, table, conditions))
    names = [fold(name) for name in segment_names(table)]
    index = table.frame.index
    clients = pd.Series([counts.get(name) for name in names], index=index, dtype="float64")
    counted_on = pd.Series(pd.NaT, index=index, dtype="datetime64[us]").mask(
        clients.notna(), pd.Timestamp(search.today)
    )
    after = pd.DataFrame({"clients": clients, "counted_on": counted_on})
    return diff(table, after), tuple(problems)


def _problem(error: CrmError, table: Table, conditions: Sequence[Condition]) -> Problem:
    """A segment that can't be worked out, at the row of the condition to blame, else at the segment's first."""
    row = error.values.get("row") or conditions[0].place
    values = tuple((key, str(value)) for key, value in error.values.items())
    return Problem(error.key, table.name, int(str(row)), conditions[0].segment, "field", values=values)


def _file_name(out: str, name: str) -> str:
    """A name for the file: as asked, else after the segment; .xlsx where it has no ending."""
    if out:
        ending = PurePath(out).suffix.lower()
        if ending and ending not in FORMATS:
            raise CrmError("segment.bad_ending", name=PurePath(out).name, endings=", ".join(FORMATS))
        return out if ending else f"{out}.xlsx"
    return (_FORBIDDEN.sub(" ", name).strip(" .") or "search") + ".xlsx"


def _file(clients: Table, order: Ints, file: str, settings: Settings) -> OutFile:
    """The clients found (positions, in the order that was asked for), all columns of the sheet with its headers."""
    frame = clients.frame.iloc[order]
    columns = [str(column) for column in frame.columns]
    kinds = {column.name: column.kind for column in schema.table("Clients").columns}
    grid = Grid(
        clients.sheet,
        tuple(clients.headers.get(column, column) for column in columns),
        tuple(zip(*(_cells(frame[column]) for column in columns), strict=True)),
        money=frozenset(i for i, column in enumerate(columns) if kinds.get(column) == "money"),
        dates=frozenset(i for i, column in enumerate(columns) if kinds.get(column) == "date"),
    )
    if file.lower().endswith(".csv"):
        return OutFile(file, csv_bytes(grid, decimal="." if settings.language == "en" else ","))
    return OutFile(file, (grid,))


def _cells(column: pd.Series[Any]) -> list[object]:
    """The values of a column as `_cell` gives them; texts and numbers as a whole."""
    if isinstance(column.dtype, pd.StringDtype):
        return [value or None for value in column.fillna("").tolist()]
    if column.dtype.kind == "f":
        return [None if value != value else value for value in column.tolist()]
    return [_cell(value) for value in column]


def _cell(value: Any) -> object:
    """A value as the file gets it: blanks None, moments as dates, numbers as floats, the rest as text."""
    if value is None or value is pd.NaT or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        return value.date()
    if isinstance(value, str):
        return value or None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else text_of(value)
