"""Complaints until they are answered, follow-ups that are due, and the dashboard's table of both."""

from __future__ import annotations

import csv
import datetime as dt

import pandas as pd
import pytest

from tests.support.list_help import Row
from tests.support.paths import CASES
from xlcrm.interactions.complaints import open_complaints, open_follow_ups, waiting
from xlcrm.interactions.contact_lines import contact_lines

TODAY = dt.date(2026, 11, 28)


def lines(*rows: Row) -> pd.DataFrame:
    return contact_lines(pd.DataFrame(list(rows)).fillna(""))


def cases() -> list[dict[str, str]]:
    with (CASES / "complaints.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_a_complaint_is_open_until_it_is_answered(case: dict[str, str]) -> None:
    complaint: Row = {"client_id": "C1", "kind": "complaint", "subject": case["complaint"], "date": case["date"]}
    rows: list[Row] = [{**complaint, "done": case["done"]}]
    if case["other"]:
        reply: Row = {"client_id": "C1", "kind": case["other"], "subject": case["other_subject"]}
        rows.append({**reply, "date": case["other_date"], "replies_to": case["replies_to"]})
    held = lines(*rows)
    before = held.copy()
    assert (len(open_complaints(held, TODAY)) == 1) == (case["open"] == "yes")
    pd.testing.assert_frame_equal(held, before)
    stranger = lines(rows[0], *({**row, "client_id": "C2"} for row in rows[1:]))
    if case["done"] in ("", "no") and case["date"] < "2026-12":
        assert len(open_complaints(stranger, TODAY)) == 1, "another client's reply answers nothing"


def test_what_waits_complaints_first_the_oldest_on_top() -> None:
    held = lines(
        {"client_id": "C1", "kind": "call", "date": "2026-11-01", "follow_up_on": "2026-11-28", "by": "Anna"},
        {"client_id": "C2", "kind": "call", "date": "2026-11-01", "follow_up_on": "2026-11-29"},
        {"client_id": "C3", "kind": "call", "date": "2026-11-01", "follow_up_on": "2026-11-20", "done": "yes"},
        {"client_id": "C4", "kind": "Beschwerde", "date": "2026-11-20", "subject": "B"},
        {"client_id": "C5", "kind": "reclamo", "date": "2026-11-08", "follow_up_on": "2026-11-09", "subject": "A"},
        {"client_id": "C6", "kind": "complaint", "date": "some day", "subject": "C"},
        {"client_id": "C7", "kind": "call", "date": "2026-11-01", "follow_up_on": "2026-11-18", "subject": "Offer"},
    )
    found = waiting(held, {"C1": "Ada", "C7": "Bo"}, today=TODAY, language="de")
    assert found["client_id"].tolist() == ["C5", "C4", "C6", "C7", "C1"]
    assert found["what"].tolist() == ["Beschwerde"] * 3 + ["Wiedervorlage"] * 2
    assert found["days"].fillna(-1).tolist() == [20, 8, -1, 10, 0]
    assert found["name"].tolist() == ["", "", "", "Bo", "Ada"] and found["by"].iloc[-1] == "Anna"
    assert open_follow_ups(held)["client_id"].tolist() == ["C5", "C7", "C1", "C2"]


@pytest.mark.parametrize("frame", [None, pd.DataFrame(), pd.DataFrame({"client_id": [], "kind": []})])
def test_nothing_waits_where_there_are_no_contacts(frame: pd.DataFrame | None) -> None:
    assert waiting(contact_lines(frame), {}, today=TODAY).empty
    assert open_complaints(contact_lines(frame)).empty
