"""Measures of label sheets: those that come along, own ones, and where each label lies."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.support.paths import CASES
from xlcrm.errors import CrmError
from xlcrm.papers.label_sheet import LabelPlace, label_sheet, label_sheets, own_sheet, place, text_box

with (CASES / "label_measures.csv").open(encoding="utf-8", newline="") as _file:
    MEASURES = list(csv.DictReader(_file))
GOOD = {"sheet": "Mine", "paper": "A4", "columns": "2", "rows": "4", "label_width": "99,06", "label_height": "67.73",
        "left": "4.67", "top": "13.04", "pitch_x": "101.6", "pitch_y": "67.73"}  # fmt: skip


def test_the_sheets_are_the_facts_of_the_makers(shared_data: Path) -> None:
    with (shared_data / "labels.csv").open(encoding="utf-8", newline="") as file:
        assert {row["sheet"]: own_sheet(row) for row in csv.DictReader(file)} == label_sheets()


@pytest.mark.parametrize("case", MEASURES, ids=lambda case: case["why"])
def test_a_measure_that_cannot_be_is_named(case: dict[str, str]) -> None:
    row = {**GOOD, case["column"]: case["value"]}
    if not case["code"]:
        assert own_sheet(row).count > 0
        return
    with pytest.raises(CrmError) as refused:
        own_sheet(row)
    assert refused.value.key == case["code"]
    assert refused.value.values.get("column", case["names"]) == case["names"]
    assert "Mine" in str(refused.value)


@pytest.mark.parametrize("typed", ["L7160", "l7160", " L7160 ", "Avery L7160", "AVERY Zweckform L7160"])
def test_a_sheet_is_found_as_people_write_it(typed: str) -> None:
    assert label_sheet(typed).sheet == "L7160"


def test_own_sheets_win_and_unknown_ones_are_named() -> None:
    mine = own_sheet({**GOOD, "sheet": "L7160"})
    assert label_sheet("L7160", {"L7160": mine}) is mine
    with pytest.raises(CrmError) as refused:
        label_sheet("L9999", {"Mine": mine})
    assert "Mine" in str(refused.value)


@pytest.mark.parametrize(
    ("k", "start_at", "by_column", "expected"),
    [
        (0, 1, False, LabelPlace(0, 7.2, 15.15)),
        (1, 1, False, LabelPlace(0, 73.24, 15.15)),
        (1, 1, True, LabelPlace(0, 7.2, 53.25)),
        (0, 5, False, LabelPlace(0, 73.24, 53.25)),
        (0, 21, False, LabelPlace(0, 139.28, 243.75)),
        (1, 21, False, LabelPlace(1, 7.2, 15.15)),
        (7, 1, True, LabelPlace(0, 73.24, 15.15)),
    ],
)
def test_where_a_label_lies(k: int, start_at: int, by_column: bool, expected: LabelPlace) -> None:
    assert place(label_sheet("L7160"), k, start_at=start_at, by_column=by_column) == expected


@pytest.mark.parametrize("name", label_sheets())
def test_text_stays_off_the_edges_of_label_and_paper(name: str) -> None:
    sheet, box = label_sheets()[name], text_box(label_sheets()[name])
    first = place(sheet, 0)
    assert first.left + box.left >= 4.99
    assert box.left + box.width < sheet.label_width
    assert box.top + box.height < sheet.label_height
    assert box.width > 0.8 * sheet.label_width - 1
