"""The button Merge in an open workbook: decisions in the sheet Duplicates, one click, and Undo parts them again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.engines import memory
from tests.support.live_help import NOW, live
from tests.support.shipped import shipped
from xlcrm import words
from xlcrm.excel.live_book import LiveBook
from xlcrm.plan import Added, Plan
from xlcrm.ribbon.click import press
from xlcrm.values import as_text


@pytest.fixture(params=["en", "it"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> LiveBook:
    shipped(tmp_path / "My.xlsm", language=request.param, country="IT")
    book = live(memory.Engine(), tmp_path / "My.xlsm")
    tables = book.look()
    said = words.choice_word("same", "same", request.param)
    rows: dict[str, Any] = {
        "Clients": {"client_id": ["C1", "C2", "C3"], "full_name": ["Anna Conti", "Conti Anna", "Zoe Zanetti"]},
        "Purchases": {"invoice": ["F1", "F2"], "client_id": ["C1", "C2"], "amount": [10.0, 20.0]},
        "Duplicates": pairs(tables["Duplicates"].frame, said),
    }
    added = tuple(Added(name, pd.DataFrame(cells, dtype=object)) for name, cells in rows.items())
    book.apply(Plan("test", added=added), tables)
    return book


def pairs(frame: pd.DataFrame, said: str) -> dict[str, list[object]]:
    """A decided pair as the sheet has it: a block of two rows, or, in a client file of before, one row."""
    if "group" in frame:
        return {"group": [1, 1], "client_id": ["C1", "C2"], "decision": [said, None]}
    return {"client_id": ["C1"], "other_id": ["C2"], "decision": [said]}


def lines(book: LiveBook, table: str, column: str = "client_id") -> list[str]:
    return [text for text in as_text(book.look()[table].frame[column]).tolist() if text]


def test_a_click_merges_and_another_parts(opened: LiveBook) -> None:
    code, sentence = press("merge", opened, NOW)
    assert code == 0, sentence
    assert lines(opened, "Clients") == ["C1", "C3"]
    assert lines(opened, "Purchases") == ["C1", "C1"]
    assert (lines(opened, "Merged", "old_id"), lines(opened, "Duplicates")) == (["C2"], [])
    assert press("merge", opened, NOW)[0] == 1, "nothing is left to merge"
    code, sentence = press("undo", opened, NOW)
    assert code == 0, sentence
    assert lines(opened, "Clients") == ["C1", "C3", "C2"]
    assert lines(opened, "Purchases") == ["C1", "C2"]
    assert lines(opened, "Merged", "old_id") == []
    assert lines(opened, "Duplicates")[0] == "C1", "the decision is back, too"
