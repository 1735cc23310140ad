"""What a list leaves in the sheet Interactions, once a day, and the replies that are counted from there."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from tests.support.list_help import TODAY, NotingPress, Row, client, made, table, tables
from xlcrm.lists.touches import replies
from xlcrm.plan import Plan
from xlcrm.tables import Tables

BLANK: Row = dict.fromkeys(
    ("date", "client_id", "kind", "by", "subject", "outcome", "done", "person_id", "list", "replied_on"), ""
)


def logged(plan: Plan) -> list[dict[str, object]]:
    return [{str(k): v for k, v in row.items()} for part in plan.added for row in part.rows.to_dict("records")]


def book(contacts: list[Row] | None = None, **options: object) -> Tables:
    lists: list[Row] = [{"list": "Spring", "kind": "letters", "log": "yes", **options}]
    people = [client(), client(client_id="C2", full_name="Marco Rossi", first_name="Marco")]
    return tables(Clients=people, Lists=lists, Interactions=contacts or [BLANK])


def test_a_letter_leaves_a_row_for_each_who_got_it() -> None:
    rows = logged(made(book(one_per="household")))
    assert [row["client_id"] for row in rows] == ["C1", "C2"], "both of the household"
    assert {row["kind"] for row in rows} == {"letter"}
    assert {row["subject"] for row in rows} == {"letter: Spring"}
    assert {row["list"] for row in rows} == {"Spring"}
    assert {row["date"] for row in rows} == {pd.Timestamp(TODAY)}
    assert {row["subject"] for row in logged(made(book(subject="Hello")))} == {"letter: Hello"}


def test_a_second_run_on_the_day_leaves_nothing() -> None:
    first = logged(made(book()))
    again = book([{**BLANK, **{str(k): v for k, v in row.items()}} for row in first])
    assert not made(again).added
    assert len(made(again).files) == 1, "the letters are made all the same"
    assert len(logged(made(again, today=TODAY + dt.timedelta(days=1)))) == 2


def test_nothing_is_noted_without_the_word() -> None:
    assert not made(book(log="")).added
    assert not made(tables(Clients=[client()], Lists=[{"list": "L", "kind": "letters", "log": "yes"}])).added


def test_who_was_not_printed_is_not_noted() -> None:
    people = [client(address_extra="BIG"), client(client_id="C2", first_name="Bea", house_number="2")]
    lists: list[Row] = [{"list": "L", "kind": "labels", "log": "yes"}]
    plan = made(tables(Clients=people, Lists=lists, Interactions=[BLANK]), press=NotingPress())
    assert [row["client_id"] for row in logged(plan)] == ["C2"]


def test_an_email_is_noted_for_who_gets_one() -> None:
    people = [client(email="anna@example.com"), client(client_id="C2", email="b@example.com", opt_out_email="yes"),
              client(client_id="C3")]  # fmt: skip
    lists: list[Row] = [{"list": "News", "kind": "e-mails", "log": "yes"}]
    rows = logged(made(tables(Clients=people, Lists=lists, Interactions=[BLANK])))
    assert [(row["client_id"], row["kind"]) for row in rows] == [("C1", "e-mail")]


def test_replies_are_counted_by_list() -> None:
    rows = [
        {**BLANK, "date": "2026-10-01", "client_id": "C1", "list": "Spring", "replied_on": "2026-10-05"},
        {**BLANK, "date": "2026-10-01", "client_id": "C2", "list": "spring"},
        {**BLANK, "date": "2026-10-09", "client_id": "C2", "list": "Spring"},
        {**BLANK, "date": "2026-11-01", "client_id": "C1", "list": "Autumn"},
        {**BLANK, "date": "2026-11-01", "client_id": "C1", "list": ""},
    ]
    found = replies(table("Interactions", rows), "IT")
    assert found.to_dict("list") == {
        "list": ["Autumn", "Spring"], "sent": [1, 2], "replied": [0, 1], "rate": [0.0, 0.5],
    }  # fmt: skip
    assert replies(None, "").empty
    assert replies(table("Interactions", [{"date": ""}]), "").empty
