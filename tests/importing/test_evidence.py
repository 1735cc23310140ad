"""The order of dates and the decimal sign by the evidence of a whole list; pipes, skipped rows, remembered choices."""

from __future__ import annotations

import csv
import os
import threading
from pathlib import Path

import pytest

from tests.support.import_checks import TODAY
from tests.support.importing_help import incoming, settings, workbook
from tests.support.paths import CASES
from xlcrm.files import import_memory
from xlcrm.files.list_files import read
from xlcrm.importing import plan
from xlcrm.importing.evidence import date_order, decimal_sign
from xlcrm.importing.mapping import map_columns
from xlcrm.importing.remembered import Choices, said, shape
from xlcrm.importing.rows.records import only_records


def cases() -> list[dict[str, str]]:
    path = CASES / "import_evidence.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_what_a_list_shows(case: dict[str, str]) -> None:
    one = incoming("\n".join([case["header"], *case["rows"].split("|")]))
    mapped = map_columns(one.frame, "Purchases")
    if case["what"] == "dates":
        orders = date_order.decide(one, mapped, country=case["country"], today=TODAY).orders
        headers = [m.header for m in mapped if m.field in {"date", "invoiced_on"}]
        found = orders[headers[0]]
    else:
        signs = decimal_sign.decide(one, mapped, country=case["country"]).signs
        found = {m.field: signs.get(m.header, "") for m in mapped}[
            "amount" if "Unit" not in case["header"] else "unit_price"
        ]
    assert found == {"comma": ","}.get(case["expected"], case["expected"])


def test_the_list_given_is_not_changed() -> None:
    one = incoming("Name;City;Phone\nAnna Rossi;Rome;1234567\nTotale;;\n")
    before = one.frame.copy(deep=True)
    assert len(only_records(one).frame) == 1
    assert one.frame.equals(before)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "list"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text("Name;Email\nAnna;a@example.com\n", encoding="utf-8"))
    writer.start()
    (found,) = read(pipe)
    writer.join()
    assert found.frame["Email"].tolist() == ["a@example.com"]


def test_rows_at_the_top_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Name;Email;City\nold;list;here\nName;Email;City\nAnna;a@example.com;Rome\n", encoding="utf-8")
    (found,) = read(path, skip_rows=2)
    assert found.frame["Name"].tolist() == ["Anna"]
    assert found.row(0) == 4


def test_choices_are_remembered_by_the_shape_of_a_list(tmp_path: Path) -> None:
    text = "Who;When;Much\nAnna Rossi;03/04/2026;10"
    given = Choices({"Who": "full_name", "When": "date", "Much": "amount"}, "mdy")
    import_memory.save(tmp_path / "b imports.json", said([incoming(text)], given))
    known = import_memory.load(tmp_path / "b imports.json")
    assert list(known) == [shape(["much", "WHO", "When"])]
    done = plan(
        workbook(), [incoming(text)], settings=settings(country="IT"), today=TODAY, table="Purchases", remembered=known
    )
    rows = {added.table: added.rows for added in done.added}
    assert str(rows["Purchases"]["date"].iloc[0])[:10] == "2026-03-04"
    assert "import.remembered" in [key for key, _ in done.notes]


def test_a_memory_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "b imports.json").write_text("{", encoding="utf-8")
    assert import_memory.load(tmp_path / "b imports.json") == {}
