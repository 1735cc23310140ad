"""Who was contacted last and by whom, and whom two people contacted; in searches, Found, lists and the call list."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.list_help import Row, client, made, table, tables
from xlcrm.interactions.contact_memory import contact_memory, touched_by_two
from xlcrm.lists.list_order import read_orders
from xlcrm.lists.recipients import recipients
from xlcrm.segments import members, parse_where
from xlcrm.segments.found import fill
from xlcrm.settings import Settings
from xlcrm.spend.call_list import call_list
from xlcrm.tables import Tables

TODAY = dt.date(2026, 11, 22)
CONTACTS: list[Row] = [
    {"client_id": "C1", "date": "2026-11-20", "kind": "call", "by": "Anna", "follow_up_on": "2026-11-25"},
    {"client_id": "C1", "date": "2026-11-21", "kind": "e-mail", "by": "Bo"},
    {"client_id": "C1", "date": "2026-11-21", "kind": "letter"},
    {"client_id": "C1", "date": "2026-12-30", "kind": "visit", "by": "Cleo"},
    {"client_id": "C2", "date": "2026-10-01", "kind": "complaint", "subject": "Late", "by": "Anna"},
    {"client_id": "", "date": "2026-11-21", "kind": "call", "by": "Anna"},
]


def book() -> Tables:
    people = [client(), client(client_id="C2", first_name="Marco"), client(client_id="C3", first_name="Eva")]
    lists: list[Row] = [{"list": "Spring", "kind": "letters", "skip_touched": 7}]
    return tables(Clients=people, Interactions=CONTACTS, Lists=lists)


def test_the_last_contact_and_who_it_was() -> None:
    held = book()
    clients, contacts = held["Clients"].frame, held["Interactions"].frame
    before = contacts.copy()
    found = contact_memory(clients, contacts, today=TODAY)
    pd.testing.assert_frame_equal(contacts, before)
    assert [str(day)[:10] for day in found["last_contact"]] == ["2026-11-21", "2026-10-01", "NaT"]
    assert found["last_contact_by"].tolist() == ["Bo", "Anna", ""], "of the last day the row that names somebody"
    assert found["open_complaints"].tolist() == [0, 1, 0]
    assert [str(day)[:10] for day in found["follow_up_on"]] == ["2026-11-25", "NaT", "NaT"]
    blank = contact_memory(clients, None, today=TODAY)
    assert blank["open_complaints"].tolist() == [0, 0, 0] and blank["last_contact"].isna().all()


SEARCHES = [
    ("open complaints", "C2"),
    ("open complaints > 0", "C2"),
    ("reclami aperti = 0", "C1 C3"),
    ("Offene Beschwerden >= 1", "C2"),
    ("last contact within 7 days", "C1"),
    ("ultimo contatto < 2026-11-01", "C2"),
    ("Último contacto está vacío", "C3"),
    ("Siste kontakt av = Bo", "C1"),
    ("dernier échange par = anna", "C2"),
    ("Wiedervorlage fällig <= 2026-11-25", "C1"),
    ("follow-up due > today", "C1"),
    ("last_contact_by contains n", "C2"),
]


@pytest.mark.parametrize(("text", "ids"), SEARCHES, ids=[text for text, _ in SEARCHES])
def test_contacts_can_be_searched(text: str, ids: str) -> None:
    held = book()
    found = members(held, [parse_where(text)], today=TODAY, settings=Settings())
    assert held["Clients"].frame["client_id"][found].tolist() == ids.split()


def test_a_column_of_the_teams_own_goes_first() -> None:
    people = [client(**{"Last contact": "by post"}), client(client_id="C2", **{"Last contact": "never"})]
    held = tables(Clients=people, Interactions=CONTACTS)
    found = members(held, [parse_where("last contact = never")], today=TODAY, settings=Settings())
    assert held["Clients"].frame["client_id"][found].tolist() == ["C2"]


def test_found_shows_the_last_contact() -> None:
    columns: Row = dict.fromkeys(["client_id", "name", "last_contact", "last_contact_by", "open_complaints"], "")
    shown = table("Found", [columns])
    held = Tables.of(*book().values(), shown)
    plan = fill(held, pd.Series([True, True, False]), "x", TODAY)
    rows = pd.concat([part.rows for part in plan.added])
    assert rows["last_contact_by"].tolist() == ["Bo", "Anna"] and rows["open_complaints"].tolist() == [0, 1]


def test_templates_know_the_last_contact() -> None:
    held = book()
    order = read_orders(held, Settings())[0][0]
    found = recipients(held, order, None, settings=Settings(), today=TODAY)
    rows = {each.key: each.row for each in found.kept}
    assert rows["C2"]["last_contact"] == "2026-10-01" and rows["C2"]["last_contact_by"] == "Anna"
    assert rows["C2"]["open_complaints"] == "1" and rows["C3"]["last_contact"] == ""


def test_a_list_says_whom_it_left_out_and_who_called() -> None:
    told = " ".join(str(values.get("why", "")) for _, values in made(book()).notes)
    assert "1 contacted lately by Bo" in told


NEAR = [
    ("C1 Anna 11-01;C1 Bo 11-08", 7, "C1"),
    ("C1 Anna 11-01;C1 Bo 11-09", 7, ""),
    ("C1 Anna 11-01;C1 ANNA 11-02", 7, ""),
    ("C1 Anna 11-01;C2 Bo 11-01", 7, ""),
    ("C1 Anna 11-01;C1 Bo 11-01", 0, "C1"),
    ("C1 Anna 11-01;C1 Anna 11-05;C1 Bo 11-09", 4, "C1"),
    ("C2 Bo 11-03;C1 Anna 11-01;C1 Bo 11-02;C2 Anna 11-01", 7, "C2 C1"),
    ("C1 Anna 11-01;C1  11-02", 7, ""),
]


@pytest.mark.parametrize(("rows", "days", "ids"), NEAR)
def test_whom_two_people_contacted(rows: str, days: int, ids: str) -> None:
    parts = [row.split(" ") for row in rows.split(";")]
    frame = pd.DataFrame([{"client_id": c, "by": by, "date": f"2026-{day}", "kind": "call"} for c, by, day in parts])
    assert touched_by_two(frame, days)["client_id"].tolist() == ids.split()
    assert touched_by_two(frame.assign(kind="complaint"), days).empty, "a complaint comes from the client"


def test_the_call_list_takes_turns_and_calls_nobody_twice() -> None:
    names = ["Anna"] * 4 + ["Bo"] * 2
    clients = pd.DataFrame({"client_id": list("ABCDEF"), "full_name": list("ABCDEF"), "salesperson": names})
    figures = pd.DataFrame(
        {"days_late": [9.0] * 6, "spend_12m": [60.0, 50, 40, 30, 20, 10], "days_between": [30.0] * 6}
    )
    contacts = pd.DataFrame(
        {"client_id": ["B", "E"], "kind": ["call", "letter"], "date": ["2026-11-20", "2026-11-20"], "by": ["Cleo", ""]}
    )
    found = call_list(clients, figures, contacts, today=TODAY, rows=3)
    assert found["client_id"].tolist() == ["A", "C", "E"], "of Bo one of three rows; B was called this week"
    assert found["salesperson"].tolist() == ["Anna", "Anna", "Bo"]
    assert found["reason"].iloc[2].endswith("last contact 20 Nov 2026")
