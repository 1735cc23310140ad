"""Opportunities go where their client goes: a merge moves them, a restored client gets them back, history and all."""

from __future__ import annotations

import datetime as dt

from tests.support.pipeline_reckoning import Book, tables_of
from xlcrm.backups.restore import restore_rows
from xlcrm.merging.merge_plan import plan as merge_plan
from xlcrm.settings import Settings
from xlcrm.values import text_of

DAY = dt.date(2026, 10, 1)
BOOK: Book = {
    "Clients": [{"client_id": "C1", "full_name": "Anna Prova"}, {"client_id": "C2", "full_name": "Anna Prova"}],
    "Opportunities": [
        {"opportunity": "O1", "client_id": "C1", "stage": "offer"},
        {"opportunity": "O2", "client_id": "C1", "stage": "new"},
        {"opportunity": "O3", "client_id": "C2", "stage": "new"},
    ],
    "StageChanges": [{"opportunity": f"O{n}", "stage": "new", "since": DAY} for n in (1, 2, 3)],
    "Merged": [],
    "Decisions": [],
}


def test_a_merge_moves_them() -> None:
    made = merge_plan(tables_of(BOOK), settings=Settings(), today=DAY, pairs=(("C1", "C2"),))
    moved = [change for change in made.changes if change.table == "Opportunities"]
    assert [(change.column, list(change.after)) for change in moved] == [("client_id", ["C1"])], "to whom has most"


def test_a_restored_client_gets_them_back() -> None:
    kept = {name: [row for row in rows if _others(row)] for name, rows in BOOK.items()}
    made = restore_rows(tables_of(BOOK), tables_of(kept), ["C1"], related=True)
    added = {part.table: part.rows for part in made.added}
    assert added["Opportunities"]["opportunity"].tolist() == ["O1", "O2"]
    assert [(row.opportunity, text_of(row.since)) for row in added["StageChanges"].itertuples()] == [
        ("O1", "2026-10-01"),
        ("O2", "2026-10-01"),
    ]
    again = restore_rows(tables_of(BOOK), tables_of(BOOK), ["C1"], related=True)
    assert not again.added and not again.changes


def _others(row: dict[str, object]) -> bool:
    return row.get("client_id") != "C1" and row.get("opportunity") not in ("O1", "O2")
