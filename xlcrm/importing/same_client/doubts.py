"""Doubts of an import: rows that are perhaps somebody who is there, told with both names and what speaks for it."""

from __future__ import annotations

from functools import partial

import pandas as pd

from xlcrm.doubles.reasons import reasons
from xlcrm.importing.batches import Batch
from xlcrm.importing.same_client.by_evidence import Perhaps, Weighed
from xlcrm.problems import Problem
from xlcrm.tables import Table
from xlcrm.values import text_of


def doubts_of(weighed: Weighed, table: Table, batch: Batch, rows: pd.DataFrame, language: str) -> list[Problem]:
    """A problem for each doubt: import.perhaps beside a client of the table, import.perhaps_in_list beside a row."""
    return [_problem(doubt, table, batch, rows, language) for doubt in weighed.doubts]


def _problem(doubt: Perhaps, table: Table, batch: Batch, rows: pd.DataFrame, language: str) -> Problem:
    beside = rows if doubt.inside else table.frame
    cells = partial(_cells, rows.iloc[doubt.row], beside.iloc[doubt.other])
    told = reasons(doubt.codes, language, table.headers, cells)
    first, second = name_of(beside, doubt.other), name_of(rows, doubt.row)
    values = (("file", batch.incoming.name), ("first", first), ("second", second), *told._asdict().items())
    key = "" if doubt.inside else text_of(table.frame["client_id"].iloc[doubt.other])
    code = "import.perhaps_in_list" if doubt.inside else "import.perhaps"
    return Problem(code, row=batch.row(rows.index[doubt.row]), key=key, value=second, level="doubt", values=values)


def _cells(one: pd.Series, other: pd.Series, column: str) -> tuple[str, str]:
    return text_of(other.get(column)), text_of(one.get(column))


def name_of(rows: pd.DataFrame, at: int) -> str:
    """How a row is called: its whole name, else its parts, else its company."""
    text = {
        c: text_of(rows[c].iloc[at]).strip() for c in ("full_name", "first_name", "last_name", "company") if c in rows
    }
    split = " ".join(filter(None, (text.get("first_name", ""), text.get("last_name", ""))))
    return text.get("full_name", "") or split or text.get("company", "")
