"""Calendars: birthdays, follow-ups and next steps, which a second import replaces and never doubles."""

from __future__ import annotations

import datetime as dt
from typing import Any

import icalendar
import pytest

from tests.support.exports_help import FULL, HOSTILE, TODAY, order, tables
from xlcrm.exports.calendar_file import calendar
from xlcrm.plan import Plan
from xlcrm.tables import Tables

CONTACT = {"client_id": "C0001", "date": dt.datetime(2026, 11, 1), "kind": "call", "subject": "Offer"}


def events(done: Plan) -> list[Any]:
    content = done.files[0].content
    assert isinstance(content, bytes)
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def made(whole: Tables) -> list[tuple[str, str]]:
    """Day and summary of each event."""
    done = calendar(order(whole), whole)
    return [(str(e.decoded("dtstart")), str(e["summary"])) for e in events(done)] if done.files else []


FOLLOW_UPS = [
    ({"follow_up_on": dt.datetime(2026, 12, 1)}, True, "open"),
    ({"follow_up_on": dt.datetime(2026, 10, 1)}, True, "late and open still"),
    ({"follow_up_on": dt.datetime(2026, 12, 1), "done": "yes"}, False, "done"),
    ({"follow_up_on": dt.datetime(2026, 12, 1), "done": "no"}, True, "said not to be done"),
    ({"follow_up_on": dt.datetime(2026, 12, 1), "client_id": "C9"}, False, "of nobody on the list"),
    ({"follow_up_on": None}, False, "no day"),
]


@pytest.mark.parametrize(("change", "there", "why"), FOLLOW_UPS, ids=[why for *_, why in FOLLOW_UPS])
def test_open_follow_ups_come_in(change: dict[str, object], there: bool, why: str) -> None:
    found = made(tables({**FULL, "birth_date": None}, Interactions=[{**CONTACT, **change}]))
    assert [summary for _, summary in found] == (["Follow up: Dott.ssa Anna Rossi - Offer"] if there else [])


LATER = {"kind": "reply", "date": dt.datetime(2026, 11, 22), "subject": "Re: Broken cup"}
COMPLAINTS: list[tuple[dict[str, object], list[dict[str, object]], int, str]] = [
    ({}, [], 1, "open, on the day on which the list is made"),
    ({"done": "yes"}, [], 0, "done"),
    ({}, [LATER], 0, "a later reply names it"),
    ({}, [{**LATER, "subject": "Other"}], 1, "a reply that names none"),
    ({"follow_up_on": dt.datetime(2026, 12, 1)}, [], 1, "with a day of its own it comes once"),
]


@pytest.mark.parametrize(("change", "more", "count", "why"), COMPLAINTS, ids=[why for *_, why in COMPLAINTS])
def test_open_complaints_come_in(
    change: dict[str, object], more: list[dict[str, object]], count: int, why: str
) -> None:
    complaint = {**CONTACT, "kind": "complaint", "date": dt.datetime(2026, 11, 20), "subject": "Broken cup",
                 "follow_up_on": None, **change}  # fmt: skip
    rows = [complaint, *({**CONTACT, "follow_up_on": None, **one} for one in more)]
    found = made(tables({**FULL, "birth_date": None}, Interactions=rows))
    assert len(found) == count and all("Broken cup" in summary for _, summary in found), why
    assert [day for day, _ in found] == ["2026-12-01" if change.get("follow_up_on") else str(TODAY)][:count]


STEPS = [
    ({}, True, "open"),
    ({"stage": "won"}, False, "won"),
    ({"stage": "perdida"}, False, "lost, in another language"),
    ({"stage": "offer"}, True, "a stage on the way"),
    ({"next_on": ""}, False, "no day"),
    ({"client_id": "C9"}, False, "of nobody on the list"),
]


@pytest.mark.parametrize(("change", "there", "why"), STEPS, ids=[why for *_, why in STEPS])
def test_next_steps_of_open_opportunities_come_in(change: dict[str, object], there: bool, why: str) -> None:
    step = {"opportunity": "O1", "client_id": "C0001", "subject": "Oven", "next_step": "call", "next_on": "2026-12-05"}
    found = made(tables({**FULL, "birth_date": None}, Opportunities=[{**step, **change}]))
    assert found == ([("2026-12-05", "Next step: Dott.ssa Anna Rossi - call")] if there else [])


@pytest.mark.parametrize(
    ("born", "rule"),
    [((1980, 5, 14), "FREQ=YEARLY"), ((2000, 2, 29), "FREQ=YEARLY;BYMONTHDAY=-1;BYMONTH=2")],
    ids=["any day", "29 February is kept in every year"],
)
def test_a_birthday_comes_back_every_year(born: tuple[int, int, int], rule: str) -> None:
    whole = tables({**FULL, "birth_date": dt.datetime(*born)})
    (event,) = events(calendar(order(whole), whole))
    assert event.decoded("dtstart") == dt.date(*born)
    assert event.decoded("dtend") - event.decoded("dtstart") == dt.timedelta(days=1)
    assert sorted(event["rrule"].to_ical().decode().split(";")) == sorted(rule.split(";"))
    assert str(event["summary"]) == "Birthday: Dott.ssa Anna Rossi"


def test_a_birthday_to_come_is_left_out_and_counted() -> None:
    whole = tables({**FULL, "birth_date": dt.datetime(2031, 1, 1)})
    done = calendar(order(whole), whole)
    assert done.files == ()
    assert "1 whose birth date lies in the future" in str(done.notes[0][1]["why"])


def test_ids_stay_when_days_move_and_differ_for_twins() -> None:
    def ids(day: int) -> list[str]:
        rows = [{**CONTACT, "follow_up_on": dt.datetime(2026, 12, day)}] * 2
        whole = tables(FULL, Interactions=rows)
        return sorted(str(event["uid"]) for event in events(calendar(order(whole), whole)))

    assert ids(1) == ids(2)
    assert len(set(ids(1))) == 3
    assert all(one.endswith("@wb1.xlcrm") for one in ids(1))


def test_a_day_that_is_none_is_told() -> None:
    step = {"client_id": "C0001", "subject": "Oven", "next_on": "soon"}
    whole = tables(FULL, Opportunities=[step])
    done = calendar(order(whole), whole)
    assert [(p.code, p.table, p.row, p.column, p.value) for p in done.problems] == [
        ("exports.bad_date", "Opportunities", 2, "next_on", "soon")
    ]


def test_a_hostile_client_makes_no_event_of_its_own() -> None:
    row = {**CONTACT, "client_id": "C0666", "subject": "x\r\nBEGIN:VEVENT\r\nATTACH:http://example.com",
           "follow_up_on": dt.datetime(2026, 12, 1)}  # fmt: skip
    whole = tables({**HOSTILE, "birth_date": dt.datetime(1970, 1, 1)}, Interactions=[row])
    done = calendar(order(whole), whole)
    found = events(done)
    assert len(found) == 2
    assert not any("attach" in event for event in found)
    content = done.files[0].content
    assert isinstance(content, bytes)
    assert max(map(len, content.split(b"\r\n"))) <= 75


def test_who_wants_no_calls_has_no_number_in_the_calendar() -> None:
    whole = tables({**FULL, "opt_out_phone": "yes", "opt_out_email": "yes"})
    assert "+39" not in str(events(calendar(order(whole), whole))[0].get("description"))


def test_the_file_says_when_it_was_made() -> None:
    whole = tables(FULL)
    (event,) = events(calendar(order(whole), whole))
    assert event.decoded("dtstamp").date() == TODAY
