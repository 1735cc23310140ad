"""A plan as JSON and back with every value of its own type, so that a change can be taken back years later.

Columns are written whole (one list a column, one list of row numbers for all columns that share it): 400,000 cells
take well under a second. Problems are left out, and of files only the names are kept: neither is needed to
take a change back.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.plan import Added, Change, NewColumn, OutFile, Plan, Removed, Resized
from xlcrm.values import blanked, numbers_or_none

_PLAIN = frozenset({str, bool, int, type(None)})


def encode(plan: Plan) -> dict[str, Any]:
    """The plan as values that `json.dumps` takes."""
    rows: list[dict[str, Any]] = []
    places: dict[bytes, list[tuple[pd.Series[Any], int]]] = {}
    changes = []
    for change in plan.changes:
        alike = places.setdefault(change.after.index.to_numpy(dtype="int64").tobytes(), [])
        at = next((n for keys, n in alike if keys.dtype == change.keys.dtype and keys.equals(change.keys)), -1)
        if at < 0:
            at = len(rows)
            alike.append((change.keys, at))
            rows.append({"at": _encode_index(change.after.index), "keys": encode_column(change.keys)})
        changes.append(
            {
                "table": change.table,
                "column": change.column,
                "rows": at,
                "before": encode_column(change.before),
                "after": encode_column(change.after),
            }
        )
    return {
        "action": plan.action,
        "rows": rows,
        "changes": changes,
        "added": [_encode_rows(part.table, part.rows) for part in plan.added],
        "removed": [_encode_rows(part.table, part.rows) for part in plan.removed],
        "resized": [{**_encode_rows(part.table, part.rows), "out": part.out} for part in plan.resized],
        "new_columns": [[part.table, part.header] for part in plan.new_columns],
        "files": [part.name for part in plan.files],
        "notes": [[key, {name: _cell(value) for name, value in values.items()}] for key, values in plan.notes],
    }


def decode(data: dict[str, Any]) -> Plan:
    """The plan that `encode` was given, without its problems; its files have their names alone."""
    places = [(_decode_index(row["at"]), row["keys"]) for row in data["rows"]]
    changes = []
    for part in data["changes"]:
        index, keys = places[part["rows"]]
        before, after = decode_column(part["before"], index), decode_column(part["after"], index)
        changes.append(Change(part["table"], part["column"], before, after, decode_column(keys, index)))
    return Plan(
        action=data["action"],
        changes=tuple(changes),
        added=tuple(Added(*_decode_rows(part)) for part in data["added"]),
        removed=tuple(Removed(*_decode_rows(part)) for part in data["removed"]),
        resized=tuple(Resized(*_decode_rows(part), out=part["out"]) for part in data.get("resized", ())),
        new_columns=tuple(NewColumn(table, header) for table, header in data["new_columns"]),
        files=tuple(OutFile(name, b"") for name in data.get("files", ())),
        notes=tuple((key, {name: _value(v) for name, v in values.items()}) for key, values in data["notes"]),
    )


def encode_column(series: pd.Series[Any]) -> dict[str, Any]:
    """A column with its kind: number, integer, flag, text, date, or mixed (cells of several types)."""
    kind, cells = _cells(series)
    if len(cells) > 1 and cells.count(cells[0]) == len(cells) and type(cells[0]) is not float:
        types = {type(cell) for cell in cells}
        if len(types) == 1:
            return {"kind": kind, "all": cells[0], "count": len(cells)}
    return {"kind": kind, "cells": cells}


def decode_column(data: dict[str, Any], index: pd.Index[Any]) -> pd.Series[Any]:
    """The column that `encode_column` was given, with `index`."""
    cells = [data["all"]] * data["count"] if "all" in data else data["cells"]
    kind = data["kind"]
    if kind == "number":
        return pd.Series(np.array(cells, dtype="float64"), index=index)
    if kind == "integer":
        return pd.Series(cells, index=index, dtype="int64")
    if kind == "flag":
        return pd.Series(cells, index=index, dtype="bool")
    if kind == "text":
        return pd.Series(cells, index=index, dtype="str")
    if kind == "date":
        return pd.Series(np.array(cells, dtype="datetime64[us]"), index=index)
    if kind == "plain":
        return pd.Series(cells, index=index, dtype=object)
    return pd.Series([_value(cell) for cell in cells], index=index, dtype=object)


def _cells(series: pd.Series[Any]) -> tuple[str, list[Any]]:
    """The kind of a column and its cells as JSON takes them, blanks as None; of one type, all cells at once."""
    dtype = series.dtype
    if isinstance(dtype, pd.StringDtype):
        return "text", blanked(series.to_numpy(dtype=object), series.isna().to_numpy())
    if isinstance(dtype, np.dtype):
        if dtype.kind == "f" and not np.isinf(series.to_numpy()).any():
            return "number", numbers_or_none(series)
        if dtype.kind in "iu":
            return "integer", series.tolist()
        if dtype.kind == "b":
            return "flag", series.tolist()
        if dtype.kind == "M":
            return "date", _date_cells(series)
    values = series.astype(object).tolist()
    if set(map(type, values)) <= _PLAIN:
        return "plain", values
    return "mixed", [_cell(value) for value in values]


def _date_cells(series: pd.Series[Any]) -> list[Any]:
    """Moments as ISO text to the microsecond, as days where all are whole days; None where blank."""
    stamps = series.to_numpy().astype("datetime64[us]")
    whole_days = bool((series.dropna() == series.dropna().dt.normalize()).all())
    blank = np.isnat(stamps)
    return blanked(stamps if blank.all() else np.datetime_as_string(stamps, unit="D" if whole_days else "us"), blank)


def _cell(value: object) -> Any:
    """One value; what JSON has no type for is an object with one name, its type."""
    if isinstance(value, np.generic):
        value = pd.Timestamp(value) if isinstance(value, np.datetime64) else value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else {"number": repr(value)} if math.isinf(value) else value
    return next((write(value) for kind, write in _WRITTEN if isinstance(value, kind)), str(value))


# Types that JSON lacks, and how one of them is written; a datetime is a date, too, so it comes first.
_WRITTEN: tuple[tuple[type, Callable[[Any], dict[str, Any]]], ...] = (
    (dt.datetime, lambda value: {"moment": value.isoformat()}),
    (dt.date, lambda value: {"day": value.isoformat()}),
    (dt.time, lambda value: {"time": value.isoformat()}),
    (dt.timedelta, lambda value: {"seconds": value.total_seconds()}),
)
_READ: dict[str, Callable[[Any], object]] = {
    "number": float,
    "moment": dt.datetime.fromisoformat,
    "day": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "seconds": lambda seconds: dt.timedelta(seconds=seconds),
}


def _value(cell: Any) -> Any:
    """The value that `_cell` wrote."""
    if not isinstance(cell, dict):
        return cell
    ((kind, text),) = cell.items()
    return _READ[kind](text)


def _encode_index(index: pd.Index[Any]) -> Any:
    """Positions of rows as a list, or as start and count where they follow each other."""
    places: list[int] = index.to_numpy(dtype="int64").tolist()
    if len(places) > 1 and places == list(range(places[0], places[0] + len(places))):
        return {"from": places[0], "count": len(places)}
    return places


def _decode_index(data: Any) -> pd.Index[Any]:
    """The positions that `_encode_index` wrote."""
    if isinstance(data, dict):
        return pd.RangeIndex(data["from"], data["from"] + data["count"])
    places: pd.Index[Any] = pd.Index(np.array(data, dtype="int64"))
    return places


def _encode_rows(table: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Whole rows of a table, column by column; columns as pairs, because two may have one name."""
    columns = [[str(name), encode_column(rows.iloc[:, place])] for place, name in enumerate(rows.columns)]
    return {"table": table, "at": _encode_index(rows.index), "columns": columns}


def _decode_rows(data: dict[str, Any]) -> tuple[str, pd.DataFrame]:
    """The table and the rows that `_encode_rows` wrote."""
    index = _decode_index(data["at"])
    columns = {name: decode_column(column, index) for name, column in data["columns"]}
    return data["table"], pd.DataFrame(columns, index=index)
