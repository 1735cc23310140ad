"""A small workbook in memory for the tests of the import: empty or given tables, and a plan laid over them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from xlcrm import schema, words
from xlcrm.importing import Incoming
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
NAMES = ("Clients", "People", "Purchases", "Interactions")


def blank(table: str, rows: int = 0) -> pd.DataFrame:
    """A frame as the reader gives it for an empty table."""
    found: dict[str, pd.Series] = {}
    for column in schema.table(table).columns:
        if column.kind in {"date", "moment"}:
            found[column.name] = pd.Series([None] * rows, dtype="datetime64[us]")
        elif column.kind in schema.NUMBERS:
            found[column.name] = pd.Series([None] * rows, dtype="float64")
        else:
            found[column.name] = pd.Series([""] * rows, dtype="str")
    return pd.DataFrame(found)


def workbook(language: str = "en", **rows: Sequence[Mapping[str, object]]) -> Tables:
    """Tables with these rows; columns that a row leaves out are blank, user columns are those no schema has."""
    tables = []
    for name in NAMES:
        given = list(rows.get(name, ()))
        frame = blank(name, len(given))
        for column in dict.fromkeys(key for row in given for key in row):
            values = [row.get(column) for row in given]
            if column in frame.columns and frame[column].dtype != "str":
                frame[column] = pd.Series(values, dtype=frame[column].dtype)
            else:
                frame[column] = pd.Series(["" if v is None else v for v in values], dtype="str")
        headers = {c: words.header(name, c, language) for c in frame.columns}
        tables.append(Table(name, words.title(name, language), frame, headers))
    return Tables.of(*tables)


def incoming(text: str, name: str = "list.csv") -> Incoming:
    """A list out of lines with ";" between the cells, the first one the header."""
    lines = [line.strip().split(";") for line in text.strip().splitlines()]
    rows = [[cell.strip() for cell in line] for line in lines]
    columns = {header: pd.Series([row[i] for row in rows[1:]], dtype="str") for i, header in enumerate(rows[0])}
    return Incoming(name, "", pd.DataFrame(columns), 2)


def applied(tables: Tables, plan: Plan) -> Tables:
    """The tables as they are after the plan, in the order in which a workbook applies it."""
    done = []
    for name in tables.names:
        table = tables[name]
        gone = [r.rows.index for r in plan.removed if r.table == name]
        frame, headers = table.frame.copy(), dict(table.headers)
        for new in (c for c in plan.new_columns if c.table == name):
            assert new.header not in frame.columns
            assert new.header.casefold() not in {h.casefold() for h in headers.values()}
            frame[new.header] = pd.Series([None] * len(frame), dtype=object)
            headers[new.header] = new.header
        for change in (c for c in plan.changes if c.table == name):
            column = frame[change.column].astype(object)
            assert list(change.before.index) == list(change.after.index) == list(change.keys.index)
            column.loc[change.after.index] = change.after.astype(object)
            frame[change.column] = column
        for index in gone:
            frame = frame.drop(index=index).reset_index(drop=True)
        for added in (a for a in plan.added if a.table == name):
            assert set(added.rows.columns) <= set(frame.columns)
            rows = added.rows.reindex(columns=frame.columns)
            frame = pd.concat([frame, rows], ignore_index=True) if len(frame) else rows.reset_index(drop=True)
        done.append(Table(name, table.sheet, frame, headers))
    return Tables.of(*done)


def settings(**values: object) -> Settings:
    return Settings(**values)  # type: ignore[arg-type]
