"""What the tests of the checks share: tables from one line of text, and a plan applied to frames."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.support.dirty_list import TODAY, as_tables, empty
from xlcrm import checks, schema, words
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables

SETTINGS = Settings(country="")
ITALY = Settings(country="IT")


def frame_of(name: str, text: str) -> pd.DataFrame:
    """ "client_id=1 city=Rome; …" as a table as it would be read; an underscore is a space."""
    rows = [dict(part.split("=", 1) for part in line.split()) for line in text.split(";")] if text else []
    frame = pd.DataFrame(rows).reindex(columns=[c.name for c in schema.table(name).columns if not c.calculated])
    for column in schema.table(name).columns:
        if column.calculated:
            continue
        cells = frame[column.name].map(lambda cell: str(cell).replace("_", " ") if isinstance(cell, str) else "")
        frame[column.name] = _read(cells, column.kind)
    return frame


def _read(cells: pd.Series, kind: str) -> pd.Series:
    if kind in schema.NUMBERS:
        numbers = [_number(cell) for cell in cells]
        return pd.Series(numbers, dtype=object if any(isinstance(n, str) for n in numbers) else "float64")
    if kind == "date" and not any(cell and not cell.startswith(("1", "2")) for cell in cells) and "-" in "".join(cells):
        return pd.to_datetime(cells.replace("", None)).astype("datetime64[us]")
    if kind == "date":
        return pd.Series([cell or None for cell in cells], dtype=object)
    return cells.astype("str")


def _number(cell: str) -> object:
    if not cell:
        return np.nan
    # "1.234" is meant as typed text in these cases: a real number would never be ambiguous
    return float(cell) if cell.replace(".", "", 1).lstrip("-").isdigit() and cell != "1.234" else cell


def tables_of(clients: str, purchases: str = "", language: str = "en") -> Tables:
    frames = {"Clients": frame_of("Clients", clients), "Problems": empty("Problems"), "Duplicates": empty("Duplicates")}
    if purchases:
        frames["Purchases"] = frame_of("Purchases", purchases)
    return as_tables(frames, language)


def check(tables: Tables, settings: Settings = SETTINGS) -> Plan:
    return checks.plan(tables, settings=settings, today=TODAY)


def apply(tables: Tables, plan: Plan) -> Tables:
    """The tables after a plan, as a workbook would hold them."""
    frames = {name: tables[name].frame.copy() for name in tables}
    for change in plan.changes:
        frame = frames[change.table]
        column = frame[change.column].astype(object)
        column.loc[change.after.index] = change.after.astype(object)
        frame[change.column] = column
    for removed in plan.removed:
        frames[removed.table] = frames[removed.table].drop(index=removed.rows.index)
    for added in plan.added:
        frames[added.table] = pd.concat([frames[added.table].astype(object), added.rows.astype(object)])
    return as_tables({name: frame.reset_index(drop=True) for name, frame in frames.items()})


def decide(tables: Tables, code: str, decision: str, language: str = "en") -> Tables:
    """The same workbook after somebody wrote a decision beside every line of a code."""
    frames = {name: tables[name].frame.copy() for name in tables}
    problems = frames["Problems"]
    problems.loc[problems["code"] == code, "decision"] = words.choice_word("decision", decision, language)
    return as_tables(frames, language)
