"""Read a workbook's tables as frames, at the speed of the fastest reader there is.

The bulk comes from fastexcel. What it flattens (a column of numbers and text becomes text) is read again, exactly, from
the sheet itself, but only where the schema expects numbers or dates there.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import fastexcel
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from xlcrm import schema
from xlcrm.tables import Table, TableHead, Tables
from xlcrm.values import as_text, text_of
from xlcrm.xlsx import cell_reader, panics
from xlcrm.xlsx.identity import of_root
from xlcrm.xlsx.reading import exact_cells, kept_tables, parallel, rows_below, table_problems
from xlcrm.xlsx.reading.kept_tables import Keeper
from xlcrm.xlsx.sheet_scan import SheetFacts, remember, scan
from xlcrm.xlsx.workbook import TableInfo, Workbook, open_workbook

logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns about every blank column
_MIDNIGHT = " 00:00:00"
_DATES = frozenset({"date", "moment"})
_EXACT = 1e15
_TEXT: Any = pd.Series([], dtype="str").dtype
_FEW = 1000  # rows of a table whose blank columns are made once for all


class HeaderNames(NamedTuple):
    """What a workbook holds: sheet titles in order, and the tables by canonical name with their own name and sheet."""

    sheets: tuple[str, ...]
    tables: dict[str, tuple[str, str]]


def read_names(path: Path | str) -> HeaderNames:
    """The sheets and tables of a workbook, without their rows."""
    book = open_workbook(Path(path))
    with book.package:
        sheets = tuple(sheet.name for sheet in book.sheets)
        return HeaderNames(sheets, {table.canonical: (table.name, table.sheet.name) for table in book.tables})


def read(path: Path | str, *, columns: dict[str, Iterable[str]] | None = None, keeper: Keeper | None = None) -> Tables:
    """All Excel tables of a workbook by canonical name; each is read when it is first asked for.

    `columns` names, for big tables, the canonical columns that are needed; the others are left out of the frame.
    `keeper` may have a big table as an earlier run read it, and gets what this one reads: it changes no result.
    The file must stay as it is until the tables have been read. CrmError where it is no workbook or unsafe to read.
    """
    path = Path(path)
    book = open_workbook(path)
    with book.package:
        tables = {table.canonical: table for table in book.tables}
    wanted = {name: set(names) for name, names in (columns or {}).items()}
    source = parallel.Source(book)

    def load(name: str) -> Table:
        """A table, when it is first asked for."""
        nonlocal source
        if source.outdated:  # somebody saved in between: no place in the file is where it was
            source = parallel.Source(book.reopened())
        return _load(source, tables[name], wanted.get(name), keeper)

    def look(name: str) -> TableHead:
        """What it is called; the workbook was looked at already."""
        info, only = tables[name], wanted.get(name)
        names = dict(zip(info.columns(), info.headers, strict=True))
        return TableHead(
            info.sheet.name, names if only is None else {name: names[name] for name in names if name in only}
        )

    return Tables(tuple(tables), load, of_root(book.root), look=look)


def _load(source: parallel.Source, info: TableInfo, wanted: set[str] | None, keeper: Keeper | None) -> Table:
    """One table as a frame with a clean column wherever every cell fits its kind; what does not fit stays as it is."""
    names = info.columns()
    chosen = [i for i, name in enumerate(names) if wanted is None or name in wanted]
    data, facts, key = _columns(source, info, chosen, keeper if len(chosen) == len(names) else None)
    for name, shown in _errors(info, facts, names).items():
        if name in data:
            data[name] = _with_errors(data[name], shown)
    arrays = {name: column.array for name, column in data.items()}
    frame = pd.DataFrame(arrays, index=pd.RangeIndex(len(info)), copy=False)
    frame.columns = pd.Index([names[i] for i in chosen], dtype="str")
    formulas = table_problems.formula_columns(info, facts)
    if info.last_row == info.first_row and _is_empty(frame, formulas):
        frame = frame.iloc[:0]
    headers = {names[i]: info.headers[i] for i in chosen}
    problems = table_problems.problems(info, facts)
    below = rows_below.rows_below(source.book, info, facts)
    beside = kept_tables.beside(keeper, info.canonical, key, frame) if keeper and key else None
    return Table(
        info.canonical, info.sheet.name, frame, headers, info.first_row, frozenset(formulas), problems, below,
        beside=beside,
    )  # fmt: skip


def _columns(
    source: parallel.Source, info: TableInfo, chosen: list[int], keeper: Keeper | None
) -> tuple[dict[str, pd.Series[Any]], SheetFacts, str]:
    """The columns by name and the facts of their sheet, as an earlier run read them where the keeper has them.

    Last the key by which it may have more that was made of them, "" where it keeps nothing of this table.
    """
    package, part = source.book.package, info.sheet.part
    if keeper is None or package.entries[part].file_size < kept_tables.WORTH:
        arrays, facts = _read(source, info, chosen)
        return _clean_columns(source.book, info, arrays), facts, ""
    key = kept_tables.key(source.book, info, {name: column.kind for name, column in _spec(info).items()})
    shown = partial(exact_cells.styles_digest, source.book)
    kept = kept_tables.get(keeper, info.canonical, key, shown)
    if kept is not None:
        remember(package, part, kept[1])
        return *kept, key
    data, facts, _ = _columns(source, info, chosen, None)
    if source.outdated:
        return data, facts, ""
    kept_tables.put(keeper, info.canonical, key, shown, data, facts)
    return data, facts, key


def _clean_columns(book: Workbook, info: TableInfo, arrays: dict[int, pa.Array]) -> dict[str, pd.Series[Any]]:
    """The columns by name. `arrays` is emptied, so that no column is held twice."""
    names, spec = info.columns(), _spec(info)
    data = {names[i]: _column(arrays.pop(i), spec.get(names[i]), len(info)) for i in list(arrays)}
    mixed = [i for i, name in enumerate(names) if name in data and name in spec and _is_mixed(data[name], spec[name])]
    if mixed:
        for i, values in exact_cells.read_columns(book, info, mixed).items():
            data[names[i]] = _typed(values, spec[names[i]])
    return data


def _spec(info: TableInfo) -> dict[str, schema.Column]:
    """What the schema says of a table's columns, by name; {} for a table that is not ours."""
    spec = schema.known(info.canonical)
    return {column.name: column for column in spec.columns} if spec else {}


def _is_empty(frame: pd.DataFrame, formulas: frozenset[str]) -> bool:
    """Excel keeps one blank row in a table without rows."""
    typed = frame[[column for column in frame.columns if column not in formulas]]
    return all(value is None or value == "" or value != value for value in typed.iloc[0])


def _read(source: parallel.Source, info: TableInfo, chosen: list[int]) -> tuple[dict[int, pa.Array], SheetFacts]:
    """The chosen columns of a table, each as one array, and the facts of its sheet, which is checked before."""
    blocks = parallel.read(source, info, chosen)
    facts = scan(source.book.package, info.sheet.part)
    if blocks is not None:
        return {i: _joined(blocks.pop(i), len(info)) for i in chosen}, facts
    try:
        with panics.caught(fastexcel.FastExcelError):
            found = parallel.columns(source.whole, info.sheet.name, info.area.left, chosen, info.first_row, len(info))
        return dict(zip(chosen, found, strict=True)), facts
    except fastexcel.FastExcelError:  # it knows neither macro sheets nor every producer's XML
        return {i: _array(values) for i, values in exact_cells.read_columns(source.book, info, chosen).items()}, facts


def _joined(blocks: list[pa.Array], height: int) -> pa.Array:
    """The blocks of a column as one array of `height`: of their type where they agree, else of texts."""
    kinds = {array.type for array in blocks if array.null_count < len(array)}
    if len(kinds) > 1 and all(map(_is_number, kinds)):
        kinds = {pa.float64()}
    elif len(kinds) > 1:
        kinds, blocks = {pa.string()}, list(map(_block_strings, blocks))
    kind = next(iter(kinds), pa.null())
    same = [array.cast(kind) if array.null_count < len(array) else pa.nulls(len(array), kind) for array in blocks]
    missing = height - sum(map(len, same))
    return pa.concat_arrays([*same, pa.nulls(missing, kind)])


def _is_number(kind: pa.DataType) -> bool:
    """Whether a column of that type holds numbers."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _block_strings(array: pa.Array) -> pa.Array:
    """`_strings`, with truth values as "true": so fastexcel has them where it meets both in one block."""
    return array.cast(pa.string()) if pa.types.is_boolean(array.type) else _strings(array)


def _array(values: list[Any]) -> pa.Array:
    """Exact cells as an array of one type, text where they are mixed (a number among dates must not become one)."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) <= 1 and kinds != {dt.time}:
        return pa.array(values)
    return pa.array([None if value is None else text_of(value) for value in values])


def _column(array: pa.Array | None, column: schema.Column | None, height: int) -> pd.Series[Any]:
    """A column in its clean dtype where every cell fits, else as fastexcel has it."""
    kind = column.kind if column else ""
    if array is None or array.null_count == len(array):
        return _blank(height, kind)
    if not _is_value(array.type) or not (column is None or kind in schema.NUMBERS or kind in _DATES):
        return _text(array)
    if not _is_number(array.type):
        return pd.Series(array.to_pandas()).astype("datetime64[us]")
    numbers = pd.Series(array.to_pandas()).astype("float64")
    return numbers.astype(object) if kind in _DATES else numbers  # a serial number that is not shown as a date


def _is_value(kind: pa.DataType) -> bool:
    """Whether a column of that type holds numbers or dates."""
    return bool(_is_number(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _blank(height: int, kind: str) -> pd.Series[Any]:
    """A column without any value, in the dtype of its kind."""
    dtype = "float64" if kind in schema.NUMBERS else "datetime64[us]" if kind in _DATES else "str"
    made = _blanks_kept if height <= _FEW else _blanks
    return pd.Series(made(height, dtype).copy())


def _blanks(height: int, dtype: str) -> Any:
    """So many blanks of a dtype."""
    if dtype == "float64":
        return np.full(height, np.nan)
    blank = pd.Series([pd.NaT if dtype != "str" else ""], dtype=dtype).array
    return blank.repeat(height)


_blanks_kept = lru_cache(maxsize=64)(_blanks)  # never to be changed: most columns of most tables are blank


def _text(array: pa.Array) -> pd.Series[Any]:
    """Cells as text, "" for blanks."""
    return pd.Series(_TEXT.__from_arrow__(pc.fill_null(_strings(array), "")))


def _strings(array: pa.Array) -> pa.Array:
    """Cells as strings: 20121.0 is "20121", a date is ISO, as `values.text_of` has it."""
    if pa.types.is_null(array.type):
        return array.cast(pa.string())
    if pa.types.is_floating(array.type) and not pc.any(pc.not_equal(pc.floor(array), array)).as_py():
        largest = pc.max(pc.abs(array)).as_py()
        array = array.cast(pa.int64()) if largest < _EXACT else array
    if pa.types.is_integer(array.type):
        array = array.cast(pa.string())
    if not pa.types.is_string(array.type):
        return pa.array(as_text(pd.Series(array.to_pylist(), dtype=object)).to_list(), type=pa.string())
    midnight = pc.ends_with(array, _MIDNIGHT)
    if pc.any(midnight).as_py():  # a date among texts
        array = pc.replace_substring_regex(array, r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", r"\1")
    return array


def _is_mixed(series: pd.Series[Any], column: schema.Column) -> bool:
    """Whether the fast reader flattened a column, so that its cells must be read again one by one."""
    if column.kind in schema.NUMBERS:
        return series.dtype != "float64"
    return column.kind in _DATES and isinstance(series.dtype, pd.StringDtype)


def _errors(info: TableInfo, facts: SheetFacts, names: list[str]) -> dict[str, dict[int, str]]:
    """The error values in the table's rows: column -> position -> what the cell shows."""
    found: dict[str, dict[int, str]] = {}
    for row, column, text in facts.errors:
        if info.data.holds(row, column):
            found.setdefault(names[column - info.area.left], {})[row - info.first_row] = text
    return found


def _with_errors(series: pd.Series[Any], shown: dict[int, str]) -> pd.Series[Any]:
    """Error values as their text: a cell that shows #N/A is not empty, and nothing may be filled in there."""
    text = isinstance(series.dtype, pd.StringDtype)
    held = (series if text else series.astype(object)).to_list()
    for position, value in shown.items():
        held[position] = value
    return pd.Series(held, index=series.index, dtype="str" if text else object)


def _typed(values: list[Any], column: schema.Column) -> pd.Series[Any]:
    """Exact cells as a clean column where they all fit, else as they are; errors are blank (and are problems)."""
    kept = [
        None if value == "" or (isinstance(value, str) and value in cell_reader.ERRORS) else value for value in values
    ]
    fits = (float, int) if column.kind in schema.NUMBERS else (dt.datetime,)
    if all(value is None or (isinstance(value, fits) and not isinstance(value, bool)) for value in kept):
        return pd.Series(kept, dtype="float64" if column.kind in schema.NUMBERS else "datetime64[us]")
    return pd.Series(kept, dtype=object)
