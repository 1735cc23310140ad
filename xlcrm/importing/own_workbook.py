"""Own workbooks given as a list: which of its sheets hold records, and which of their columns a person typed.

Dashboard, Figures, Found and the rest are made from the records; taken for lists they would add rows and columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from xlcrm import schema, words
from xlcrm.importing.incoming import Incoming
from xlcrm.problems import Problem
from xlcrm.values import as_text

RECORDS = ("Clients", "Purchases", "Interactions")
# Sheets that no other workbook has together with one of clients.
MARKS = frozenset("Settings Segments Lists Problems Duplicates Changes Dashboard Figures Found Import Merged".split())
ENOUGH = 3


def is_own(titles: Iterable[str]) -> bool:
    """True where the sheets' titles are those of a client file made by xlcrm, in any of the six languages."""
    found = {_sheet_of(title) for title in titles}
    return "Clients" in found and len(found & MARKS) >= ENOUGH


def record_sheets(titles: Sequence[str]) -> list[str]:
    """The titles of the sheets that hold records, in their order."""
    return [title for title in titles if _sheet_of(title) in RECORDS]


def without_calculated(one: Incoming, title: str) -> Incoming:
    """The list of a sheet with the columns that people type, and the note import.own_workbook on the first sheet.

    Its columns are known by their own words: a user's "Gross amount" beside "Amount" stays the user's.
    """
    table = _sheet_of(title)
    fields = {str(header): words.column_of(table, str(header)) for header in one.frame.columns}
    calculated = [header for header, field in fields.items() if _is_calculated(table, field)]
    told = (Problem("import.own_workbook", value=one.file, level="note"),) if table == "Clients" else ()
    left = one.frame.drop(columns=calculated)
    known = {str(header): fields[str(header)] for header in left if as_text(left[header]).str.strip().any()}
    return replace(one, frame=left, problems=(*one.problems, *told), known=known, own=True)


def _is_calculated(table: str, field: str) -> bool:
    column = schema.table(table).column(field)
    return column is not None and column.calculated


def _sheet_of(title: str) -> str:
    """The canonical sheet behind a title; "" where no sheet of ours is called so."""
    table = words.table_of(title)
    return next((spec.sheet for spec in schema.TABLES if spec.name == table), table)
