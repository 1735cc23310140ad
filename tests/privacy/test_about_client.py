"""What is told about a client: every table, the history, where it is held; as card, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from tests.support.live_help import NOW
from tests.support.session_help import plan_with, take
from xlcrm.errors import CrmError
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Added, Plan
from xlcrm.privacy.about_client import Held, HeldRow, as_csv
from xlcrm.session import Call

CALL = Call(NOW)


def test_all_that_is_held_is_told(book: Path, tmp_path: Path) -> None:
    sold = pd.DataFrame({"invoice": ["77"], "client_id": ["C3"], "amount": [12.34], "product": ["Lamp"]})
    plan_with(FileBook(book), lambda t, s, d: Plan("import", added=(Added("Purchases", sold),)), CALL)
    (tmp_path / "old list.csv").write_text("Anna Weiß;x", encoding="utf-8")
    folder = tmp_path / "out"
    folder.mkdir()
    outcome = take(FileBook(book), "about", CALL, clients=("C3",), out=str(folder))
    assert [path.name for path in outcome.files] == ["C3.pdf", "C3.json", "C3.csv"]
    told = json.loads((folder / "C3.json").read_text(encoding="utf-8"))
    assert told["tables"]["Purchases"][0]["Product"] == "Lamp"
    assert any("Lamp" in change["after"] for change in told["history"])
    assert {"old list.csv"} <= {place["name"] for place in told["held_in"]}
    text = "".join(page.extract_text() for page in PdfReader(folder / "C3.pdf").pages)
    assert "Anna Weiß" in text and "Lamp" in text
    assert "Mario Rossi" not in text + json.dumps(told)


def test_nobody_named_is_refused(book: Path) -> None:
    with pytest.raises(CrmError) as fault:
        take(FileBook(book), "about", CALL)
    assert fault.value.key == "about.nobody"


def test_nothing_told_becomes_a_formula() -> None:
    held = Held("C1", "x", (HeldRow("Clients", "Clients", 2, {"Notes": "=cmd()", "Balance": "-12,5"}),), (), ())
    rows = list(csv.reader(io.StringIO(as_csv(held).decode("utf-8-sig"))))
    assert [row[3] for row in rows[1:]] == ["'=cmd()", "-12,5"]
