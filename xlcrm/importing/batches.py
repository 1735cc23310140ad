"""A batch: one mapped list as typed columns under the workbook's own names, ready to be compared with a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pandas as pd

from xlcrm import schema, words
from xlcrm.importing.converting import DAYS, Converted, convert, texts
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.mapping import HELPERS, SERVICE, Mapped
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table
from xlcrm.text import caseless
from xlcrm.values import text_of

LEFT_OUT = frozenset({"empty", SERVICE})  # why a column comes along nowhere (see Mapped)
_ISO = r"\d{4}-\d\d-\d\d(?:[ T]00:00(?::00(?:\.0+)?)?)?"
_DECIMAL = r"-?(?:0|[1-9]\d{0,11})(?:\.\d{1,6})?"


@dataclass(frozen=True, eq=False)
class Batch:
    """`frame` has canonical columns (clean where every cell fits, as typed where not) and user columns under their
    headers in the workbook (`own`); its index is the position in the incoming list. `raw` holds the cells of the list
    for the columns that were read as dates or numbers: what an earlier import could not read stands so in the table.
    """

    incoming: Incoming
    table: str
    frame: pd.DataFrame
    own: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    discount: pd.Series[Any] | None = None
    raw: Mapping[str, pd.Series[Any]] = field(default_factory=dict)

    def row(self, position: int) -> int:
        return self.incoming.row(position)


def typed(incoming: Incoming, mapped: Sequence[Mapped], table: Table, settings: Settings, today: dt.date) -> Batch:
    """The columns of a list that go to `table`: what is mapped to it and, as user columns, what is mapped nowhere.

    Columns mapped to a column that the workbook's table lacks (or fills by formulas) become user columns, too.
    Findings: import.not_read (cells that are no date or number), import.before_1900.
    """
    frame = incoming.frame
    found: dict[str, pd.Series[Any]] = {}
    raw: dict[str, pd.Series[Any]] = {}
    problems: list[Problem] = []
    discount = None
    own = own_headers(mapped, table)
    for one in mapped:
        if one.table != table.name or one.field == "last_or_company":
            continue
        done = convert(
            frame[one.header], table.name, one.field,
            country=settings.country, language=settings.language, today=today,
            order=incoming.orders.get(one.header, ""), sign=incoming.signs.get(one.header, ""),
        )  # fmt: skip
        if one.field == "discount":
            discount = done.values
            continue
        place = column_in(table, one.field, settings.language)
        found[place] = done.values
        if done.values.dtype.kind in "Mf":
            raw[place] = frame[one.header]
        problems += _findings(incoming, one.header, done)
    for header, name in own.items():
        found[name] = own_column(frame[header])
    whole = pd.DataFrame(found, index=frame.index)
    return Batch(incoming, table.name, whole, tuple(own.values()), tuple(problems), discount, raw)


def column_in(table: Table, field: str, language: str) -> str:
    """The frame's column for a field: the field itself, or a user column of that name where the table has none."""
    if field in table.frame.columns and field not in table.formulas:
        return field
    header = words.header(table.name, field, language)
    return header if field not in table.frame.columns else f"{header} (2)"


def own_headers(mapped: Sequence[Mapped], table: Table) -> dict[str, str]:
    """header of the list -> header of the user column that takes it.

    A header that a column of the schema has is followed by "(2)", so that nobody mistakes one for the other; the same
    list gets the same headers every time. A column of a part (invoicing: "SdI code") is itself, where it is there.
    """
    spec = schema.table(table.name)
    taken = {caseless(name) for column in spec.columns for name in (column.name, table.headers.get(column.name, ""))}
    taken |= {caseless(table.headers.get(name, name)) for name in table.formulas}
    found: dict[str, str] = {}
    for one in mapped:
        helper = one.field in HELPERS and one.field != "last_or_company"
        if (one.field and not helper) or one.how in LEFT_OUT:
            continue
        part = _of_a_part(one.header, table)
        if part and part not in found.values():
            found[one.header] = part
            continue
        name, times = one.header, 1
        while caseless(name) in taken:
            times += 1
            name = f"{one.header} ({times})"
        taken.add(caseless(name))
        found[one.header] = name
    existing = {caseless(str(c)): str(c) for c in table.frame.columns}
    return {header: existing.get(caseless(name), name) for header, name in found.items()}


def _of_a_part(header: str, table: Table) -> str:
    """The column of a part of the schema that a header names in any language, where the workbook has it; else ""."""
    name = words.column_of(table.name, header)
    there = name in table.frame.columns and name not in table.formulas
    return name if there and schema.table(table.name).column(name) is None else ""


def own_column(column: pd.Series[Any]) -> pd.Series[Any]:
    """A user column: plain decimals become numbers and ISO dates dates if all cells are so; other text stays text."""
    if not isinstance(column.dtype, pd.StringDtype):
        kinds = {type(v) for v in column if v is not None and v == v}
        if kinds <= {float, int}:
            return column.astype("float64")
        return column.astype(cast("Any", DAYS)) if kinds <= {dt.datetime} else column
    text = texts(column)
    distinct = text.drop_duplicates()
    distinct = distinct[distinct != ""]
    if not len(distinct):
        return text
    if distinct.str.fullmatch(_ISO).all():
        days = pd.to_datetime(text.where(text != "").str.slice(0, 10), format="%Y-%m-%d", errors="coerce")
        return days.astype(cast("Any", DAYS)) if days.notna().sum() == (text != "").sum() else text
    if distinct.str.fullmatch(_DECIMAL).all() and distinct.str.contains(".", regex=False).any():
        return pd.to_numeric(text.where(text != ""), errors="coerce").astype("float64")
    return text


def _findings(incoming: Incoming, header: str, done: Converted) -> list[Problem]:
    bad = done.bad & ~incoming.frame[header].isin(list(done.unsure)) if done.unsure else done.bad
    if not bad.any():
        return []
    place = int(bad.to_numpy().argmax())
    value = text_of(incoming.frame[header].loc[bad.index[place]])
    row = incoming.row(int(bad.index[place]))
    counts = {"import.before_1900": done.early, "import.not_read": int(bad.sum()) - done.early}
    return [
        Problem(code, row=row, column=header, value=value, level="doubt", values=(("count", str(n)), _file(incoming)))
        for code, n in counts.items()
        if n
    ]


def _file(incoming: Incoming) -> tuple[str, str]:
    return ("file", incoming.name)
