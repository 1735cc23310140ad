"""Kept tables: what reading a big table gave, as bytes of Arrow, and the key that says when they still hold.

A table is kept under everything that reading it depends on, byte for byte, so that what is kept never changes a result.
Nothing here opens a file of its own: where the bytes lie is `backups.table_cache`'s business.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from array import array
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from xlcrm.tables import KeptBeside
from xlcrm.xlsx.ranges import Area
from xlcrm.xlsx.reading import kept_values
from xlcrm.xlsx.sheet_scan import SheetFacts
from xlcrm.xlsx.workbook import TableInfo, Workbook

WORTH = 8 << 20  # bytes of a sheet's XML from which on keeping its table pays
_LIBRARIES = ("xlcrm", "fastexcel", "pandas", "pyarrow", "numpy", "scipy")
Columns = dict[str, "pd.Series[Any]"]
Kept = tuple[Columns, SheetFacts]
Shown = Callable[[int], str]  # what tells how numbers show in so many cell styles (`exact_cells.styles_digest`)


class Keeper(Protocol):
    """Where bytes are kept, by the name of a table and a key; nothing depends on whether it does."""

    def get(self, table: str, key: str) -> bytes | None:
        """What `put` was given, whole and under that very key, else None."""

    def put(self, table: str, key: str, body: bytes) -> None:
        """Keep it in place of what was kept of the table."""


def get(keeper: Keeper, table: str, key: str, shown: Shown) -> Kept | None:
    """The columns of a table and the facts of its sheet, None where they are not kept or cannot be understood.

    Styles that were added since matter as little as fonts: only those that a cell names must show numbers as before.
    """
    body = keeper.get(table, key)
    try:
        return None if body is None else decoded(body, shown)
    except kept_values.UNREADABLE:
        return None


def put(keeper: Keeper, table: str, key: str, shown: Shown, columns: Columns, facts: SheetFacts) -> None:
    """Keep them, where they can be kept exactly."""
    body = encoded(columns, facts, shown)
    if body is not None:
        keeper.put(table, key, body)


def beside(keeper: Keeper, table: str, key: str, frame: pd.DataFrame) -> KeptBeside:
    """Where more is kept of a table that has this key, of which `frame` was made."""

    def get(name: str, asked: str) -> dict[str, Any] | None:
        body = keeper.get(f"{table} {name}", asked)
        return None if body is None else kept_values.decoded(body)

    def put(name: str, asked: str, values: Mapping[str, Any]) -> None:
        keeper.put(f"{table} {name}", asked, kept_values.encoded(values))

    return KeptBeside(frame, key, _digest(str((_code(), _versions()))), get, put)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# What reading a table depends on: name -> what tells it from any other. Each has a test that fails without it.


def _part(kind: str) -> Callable[[Workbook, TableInfo], object]:
    def digest(book: Workbook, info: TableInfo) -> object:
        part = book.related(kind)
        return book.package.digest(part) if part else ""

    return digest


PARTS: dict[str, Callable[[Workbook, TableInfo], object]] = {
    "sheet": lambda book, info: book.package.digest(info.sheet.part),
    "strings": _part("sharedStrings"),
    "dates": lambda book, info: book.date1904,
    "table": lambda book, info: (info.canonical, info.columns(), info.area, info.header_rows, info.totals_rows),
}


def key(book: Workbook, info: TableInfo, kinds: Mapping[str, str]) -> str:
    """What a kept table is asked for by; `kinds` are the schema's of its columns. Reads the sheet as it lies packed."""
    told = {name: str(tell(book, info)) for name, tell in PARTS.items()}
    told |= {"kinds": str(sorted(kinds.items())), "code": _code(), **_versions()}
    return _digest(json.dumps(told, sort_keys=True))


@cache
def _code() -> str:
    """The package's modules and data by size and time: an installation in place changes without a new version."""
    package = Path(__file__).resolve().parents[2]
    looks = [(str(path), path.stat()) for kind in ("*.py", "*.csv") for path in package.rglob(kind)]
    return str(sorted((path, look.st_size, look.st_mtime_ns) for path, look in looks))


@cache
def _versions() -> dict[str, str]:
    return {f"version of {name}": metadata.version(name) for name in _LIBRARIES}


# A file: columns by Arrow; cells of several kinds (dtype object) as a kind and a text; facts as JSON beside the schema.

_CELLS: dict[type, tuple[Callable[[Any], str], Callable[[str], Any]]] = {
    str: (str, str),
    float: (repr, float),
    int: (repr, int),
    bool: (lambda cell: "1" if cell else "", bool),
    dt.datetime: (dt.datetime.isoformat, dt.datetime.fromisoformat),
    dt.time: (dt.time.isoformat, dt.time.fromisoformat),
}
_NAMES = {kind.__name__: kind for kind in _CELLS}
_MIXED = pa.struct([("kind", pa.string()), ("text", pa.string())])


def encoded(columns: Columns, facts: SheetFacts, shown: Shown) -> bytes | None:
    """The body of a file; None where some cell is of a kind that would not come back the same."""
    arrays = {name: found for name, series in columns.items() if (found := _array(series)) is not None}
    if not arrays or len(arrays) < len(columns):
        return None
    told = {
        b"facts": json.dumps(_told(facts)).encode(),
        b"names": json.dumps([*arrays]).encode(),
        b"shown": shown(facts.style + 1).encode(),
    }
    fields = [pa.field(f"c{n}", one.type) for n, one in enumerate(arrays.values())]
    batch = pa.record_batch([*arrays.values()], pa.schema(fields, told))
    return kept_values.streamed(batch)


def decoded(body: bytes, shown: Shown) -> Kept | None:
    """What `encoded` was given; None where numbers show otherwise by now."""
    with pa.ipc.open_stream(pa.py_buffer(body)) as reader:
        told = reader.schema.metadata
        facts = _facts(json.loads(told[b"facts"]))
        if told[b"shown"] != shown(facts.style + 1).encode():
            return None
        batch = reader.read_next_batch()
    names = json.loads(told[b"names"])
    return {name: _series(one) for name, one in zip(names, batch.columns, strict=True)}, facts


def _array(series: pd.Series[Any]) -> pa.Array | None:
    """A column as Arrow has it, None where it would not come back the same."""
    if isinstance(series.dtype, pd.StringDtype):
        found = pa.array(series.array, from_pandas=True)
        return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    if series.dtype in ("float64", "datetime64[us]"):
        return pa.array(series.to_numpy(), from_pandas=False)
    cells = series.to_list()
    if series.dtype != object or any(cell is not None and type(cell) not in _CELLS for cell in cells):
        return None
    return pa.array([None if cell is None else _cell(cell) for cell in cells], type=_MIXED)


def _cell(cell: Any) -> dict[str, str]:
    return {"kind": type(cell).__name__, "text": _CELLS[type(cell)][0](cell)}


def _series(found: pa.Array) -> pd.Series[Any]:
    if pa.types.is_struct(found.type):
        cells = [None if one is None else _CELLS[_NAMES[one["kind"]]][1](one["text"]) for one in found.to_pylist()]
        return pd.Series(cells, dtype=object)
    if pa.types.is_floating(found.type) or pa.types.is_timestamp(found.type):
        return pd.Series(np.array(found.to_numpy(zero_copy_only=False)))
    return pd.Series(found.to_pandas(), dtype="str")


def _told(facts: SheetFacts) -> dict[str, Any]:
    return {
        "rows": facts.rows,
        "columns": facts.columns,
        "formulas": {column: rows.tolist() for column, rows in facts.formulas.items()},
        "errors": facts.errors,
        "filled": facts.filled,
        "ordered": facts.ordered,
        "head": base64.b64encode(facts.head).decode(),
        "tail": base64.b64encode(facts.tail).decode(),
        "style": facts.style,
    }


def _facts(told: dict[str, Any]) -> SheetFacts:
    return SheetFacts(**{name: make(told[name]) for name, make in _MADE.items()})


_MADE: dict[str, Callable[[Any], Any]] = {
    "rows": int,
    "columns": int,
    "formulas": lambda found: {int(column): array("l", rows) for column, rows in found.items()},
    "errors": lambda found: [(row, column, text) for row, column, text in found],
    "filled": lambda found: [Area(*area) for area in found],
    "ordered": bool,
    "head": base64.b64decode,
    "tail": base64.b64decode,
    "style": int,
}
