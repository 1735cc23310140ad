"""What the tests of merging share: tables from lines of text, a plan applied to frames, cells as a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from tests.support.checking_help import frame_of
from tests.support.dirty_list import TODAY
from tests.undo.test_undo import applied
from xlcrm import schema, words
from xlcrm.merging import merge_plan
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import text_of

ITALY = Settings(country="IT")
DUPLICATES = ("group", "client_id", "full_name", "band", "decision")
__all__ = ["ITALY", "TODAY", "applied", "book", "cells", "content", "merged", "refused"]


def book(clients: str, purchases: str = "", duplicates: str = "", language: str = "en", **more: pd.DataFrame) -> Tables:
    """Tables of a workbook: "client_id=C1 city=Rome; client_id=C2", an underscore is a space; `more` are users' own."""
    frames = {"Clients": frame_of("Clients", clients), "Purchases": frame_of("Purchases", purchases)}
    frames["Interactions"] = frame_of("Interactions", "")
    frames["Duplicates"] = _own(duplicates, DUPLICATES)
    for name in ("Merged", "Decisions"):
        frames[name] = pd.DataFrame(columns=[c.name for c in schema.table(name).columns], dtype=object)
    return Tables.of(*(_table(name, frame, language) for name, frame in {**frames, **more}.items()))


def _own(text: str, columns: Sequence[str]) -> pd.DataFrame:
    rows = [dict(part.split("=", 1) for part in line.split()) for line in text.split(";")] if text else []
    rows = [{name: cell.replace("_", " ") for name, cell in row.items()} for row in rows]
    return pd.DataFrame(rows, dtype=object).reindex(columns=list(columns))


def _table(name: str, frame: pd.DataFrame, language: str) -> Table:
    headers = {c: words.header(name, c, language) for c in map(str, frame)}
    return Table(name, name, frame.reset_index(drop=True), headers)


def merged(tables: Tables, *pairs: tuple[str, str], settings: Settings = ITALY) -> Plan:
    return merge_plan.plan(tables, settings=settings, today=TODAY, pairs=pairs)


def refused(plan: Plan) -> list[str]:
    return sorted({problem.code for problem in plan.problems if problem.level == "error"})


def cells(tables: Tables, client: str) -> Mapping[str, str]:
    """The filled cells of a client, as text."""
    frame = tables["Clients"].frame
    rows = frame[[text_of(one) == client for one in frame["client_id"]]]
    return {str(c): text_of(rows[c].iloc[0]) for c in rows if text_of(rows[c].iloc[0])} if len(rows) else {}


def content(tables: Tables) -> dict[str, list[tuple[str, ...]]]:
    """Every table's rows as text, in any order."""
    return {name: _rows(tables[name].frame) for name in tables}


def _rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(tuple(text_of(value) for value in row) for row in frame.itertuples(index=False))
