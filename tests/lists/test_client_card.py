"""The client card on its sheet: whose it is, what stands where, by file, by button, and after somebody is forgotten."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.engines import memory
from tests.support.live_help import NOW, live, three_clients
from tests.support.session_help import plan_with, take
from tests.support.traces_left import left
from xlcrm import messages, schema, words
from xlcrm.errors import CrmError
from xlcrm.files.file_book import FileBook
from xlcrm.lists.client_card import BUSINESS, REACH, CardAsked, fact_labels, plan
from xlcrm.plan import Added, Plan, diff, tables_after
from xlcrm.ribbon.click import press
from xlcrm.session import Call
from xlcrm.settings import Settings
from xlcrm.spend.refresh import plan as refresh_plan
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
CALL = Call(NOW)


def table(name: str, rows: list[dict[str, Any]]) -> Table:
    """A table as a workbook's is read: days, numbers and texts by the schema, fixed rows blank."""
    spec = schema.table(name)
    given = rows + [{}] * ((spec.fixed_rows if spec.fixed_rows > 1 else 0) - len(rows))
    frame = pd.DataFrame(given, columns=[column.name for column in spec.columns])
    for column in spec.columns:
        if column.kind == "date":
            frame[column.name] = pd.to_datetime(frame[column.name])
        elif column.kind in schema.NUMBERS:
            frame[column.name] = frame[column.name].astype("float64")
        else:
            frame[column.name] = frame[column.name].astype(object).fillna("").astype("str")
    return Table(name, words.title(spec.sheet), frame, {c.name: words.header(name, c.name) for c in spec.columns})


CLIENTS = [
    {"client_id": "C1", "full_name": "Anna Prova", "email": "anna@example.com", "status": "client", "sector": "wine",
     "street": "Via Olmo", "house_number": "3", "postal_code": "53100", "city": "Siena", "opt_out_phone": "yes",
     "consent_on": "2025-01-02", "notes": "Likes " + "olives " * 200},
    {"client_id": "C2", "full_name": "Bo Example"},
    {"client_id": 'C"3', "company": "G" * 150, "address": "Am Ende der langen Straße 12, " * 6},
]  # fmt: skip
PURCHASES = [
    {"client_id": "C1", "date": "2026-11-02", "invoice": "R9", "product": "Oil", "quantity": 2, "amount": 20.5,
     "invoiced_on": "2026-11-02", "due_on": "2026-11-12"},
    {"client_id": "C1", "date": "2026-11-02", "invoice": "R9", "product": "Wine", "amount": 4.5,
     "invoiced_on": "2026-11-02"},
    {"client_id": "C1", "date": "2025-10-05", "invoice": "R1", "product": "Oil", "amount": 10, "invoiced_on":
     "2025-10-05", "paid_on": "2025-10-06"},
    {"client_id": "C1", "product": "no day", "amount": 1},
    {"client_id": "C2", "date": "2026-11-20", "product": "other", "amount": 99},
]  # fmt: skip
CONTACTS = [
    {"client_id": "C1", "date": "2026-11-20", "kind": "complaint", "subject": "broken", "by": "Ida"},
    {"client_id": "C1", "date": "2026-10-20", "kind": "call", "subject": "oil", "follow_up_on": "2026-12-01"},
]
DEALS = [
    {"opportunity": "O1", "client_id": "C1", "subject": "Gifts", "stage": "offer", "amount": 800, "expected_on":
     "2026-12-24"},
    {"opportunity": "O2", "client_id": "C1", "subject": "Lost", "stage": "lost", "amount": 5},
]  # fmt: skip
PEOPLE = [
    {"person_id": "P1", "client_id": "C1", "full_name": "Carla Muster", "mobile": "+39 06 5550101"},
    {"person_id": "P2", "client_id": "C1", "full_name": "Gone", "until": "2026-11-21"},
]


def workbook(chosen: str = "", **lists: list[dict[str, Any]]) -> Tables:
    card = [table(spec.name, []) for spec in schema.TABLES if spec.sheet == "Card" and spec.name != "CardOf"]
    of = [table("CardOf", [{"client_id": chosen}] if chosen else [])]
    rows: dict[str, list[dict[str, Any]]] = {
        "Clients": CLIENTS,
        "Purchases": PURCHASES,
        "Interactions": CONTACTS,
        "People": PEOPLE,
    }
    rows |= {"Opportunities": DEALS, **lists}
    return Tables.of(*(table(name, there) for name, there in rows.items()), *of, *card)


def shown(tables: Tables, client: str = "C1", **asked: Any) -> dict[str, list[list[Any]]]:
    """Table -> its rows that hold anything, after the card was filled."""
    made = plan(tables, CardAsked(client, **asked), settings=Settings(), today=TODAY)
    after = tables_after(tables, made)
    found = {}
    for spec in schema.TABLES:
        if spec.sheet == "Card":
            rows = after[spec.name].frame.astype(object).where(after[spec.name].frame.notna(), "")
            found[spec.name] = [row for row in rows.to_numpy().tolist() if any(cell != "" for cell in row)]
    return found


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def test_everything_about_a_client_stands_in_its_place() -> None:
    card = shown(workbook())
    assert card["CardOf"] == [["C1", day("2026-11-22"), "Anna Prova"]]
    assert card["CardMoney"] == [[36.0, 25.0, 10.0, 12.0, 25.0]]
    assert card["CardDays"][0][:2] == [3, 20.5], "a line without a day is due a month after it was invoiced"
    assert card["CardDays"][0][2] == day("2026-11-02") and card["CardDays"][0][4] == day("2026-11-20")
    assert [row[:3] for row in card["CardPurchases"]] == [
        ["Wine", day("2026-11-02"), "R9"],
        ["Oil", day("2026-11-02"), "R9"],
        ["Oil", day("2025-10-05"), "R1"],
        ["no day", "", ""],
    ], "the newest first, of one day the lower row"
    assert [row[0] for row in card["CardContacts"]] == ["broken", "oil"]
    assert card["CardPeople"] == [["Carla Muster", "", "+39 06 5550101", "", ""]], "who left isn't there"
    assert [row[::2] for row in card["CardOpen"]] == [
        ["Invoice", "R9", 25.0],
        ["Complaint: broken", "", ""],
        ["Follow-up: oil", "", ""],
        ["Offer: Gifts", "O1", 800.0],
    ], "by the day they are due, a complaint by the day it came"
    assert len(card["CardNotes"]) == 3 and card["CardNotes"][-1][0].endswith("…")


def test_facts_stand_beside_their_words_and_blank_where_unknown() -> None:
    card = shown(workbook())
    reach, business = dict(card["CardReach"]), dict(card["CardBusiness"])
    assert reach["E-mail"] == "anna@example.com" and reach["Address"] == "Via Olmo 3, 53100 Siena"
    assert business["Consent on"] == "2 Jan 2025" and business["No phone"] == "yes"
    assert business["Follow-up due"] == "1 Dec 2026" and business[words.setting("currency")] == "EUR"
    assert [label for label, _ in card["CardReach"]] == [*fact_labels(REACH[:6], "en"), *fact_labels(REACH[7:], "en")]
    assert all(len(facts) == schema.table("CardReach").fixed_rows for facts in (REACH, BUSINESS))


def test_months_are_those_of_the_purchases() -> None:
    months = shown(workbook())["CardMonths"]
    assert (months[0][0], months[-1][0], len(months)) == ("Dec 24", "Nov 26", 24)
    assert {row[0]: row[1] for row in months if row[1]} == {"Oct 25": 10.0, "Nov 26": 25.0}


def test_money_is_what_refresh_writes_for_every_client() -> None:
    tables = workbook()
    rest = [table(n, []) for n in ("KeyFigures", "CallList", "StageChanges")]
    whole = Tables.of(*tables.values(), *rest)
    done = tables_after(whole, refresh_plan(whole, settings=Settings(), today=TODAY))["Clients"].frame
    for at, client in enumerate(done["client_id"]):
        for name in ("CardMoney", "CardDays"):
            columns = [c.name for c in schema.table(name).columns if c.name in done]
            row = dict(zip([c.name for c in schema.table(name).columns], shown(tables, client)[name][0], strict=True))
            assert [row[c] for c in columns] == ["" if pd.isna(done[c][at]) else done[c][at] for c in columns], client


def test_nothing_is_left_of_the_client_before() -> None:
    tables = workbook()
    first = tables_after(tables, plan(tables, CardAsked("C1"), settings=Settings(), today=TODAY))
    alone = shown(tables, "C2")
    assert (
        shown(Tables.of(*(first[name] for name in first), *(tables[n] for n in tables if n not in first)), "C2")
        == alone
    )
    assert alone["CardPeople"] == alone["CardOpen"] == alone["CardNotes"] == alone["CardContacts"] == []


def test_very_long_texts_stay_on_the_page() -> None:
    card = shown(workbook(), 'c"3 ')
    assert len(card["CardOf"][0][2]) == 89 and card["CardOf"][0][2].endswith("…")
    lines = [value for label, value in card["CardReach"] if label in ("Address", "")]
    assert len(lines) == 2 and max(map(len, lines)) <= 56 and lines[1].endswith("…")


@pytest.mark.parametrize(
    ("chosen", "client", "selected", "whose", "why"),
    [
        ("C2", "C1", (), "C1", "whom somebody names comes first"),
        ("C2", "", ("C1", "C2"), "C1", "then the first row selected"),
        ("C2", "", (), "C2", "then the number in the sheet"),
        (" c2 ", "", (), "C2", "however it is typed"),
    ],
)
def test_whose_card_it_is(chosen: str, client: str, selected: tuple[str, ...], whose: str, why: str) -> None:
    assert shown(workbook(chosen), client, selected=selected)["CardOf"][0][0] == whose, why


@pytest.mark.parametrize(
    ("tables", "client", "key"),
    [
        (workbook(), "", "show.nobody"),
        (workbook(), "C99", "log.no_client"),
        (Tables.of(table("Clients", CLIENTS)), "C1", "show.no_sheet"),
    ],
    ids=["nobody named", "no such client", "an older file"],
)
def test_refusals(tables: Tables, client: str, key: str) -> None:
    with pytest.raises(CrmError) as fault:
        plan(tables, CardAsked(client), settings=Settings(), today=TODAY)
    assert fault.value.key == key
    assert all(fault.value.text(language) for language in messages.LANGUAGES)


def test_only_the_card_is_written_and_inputs_stay() -> None:
    tables = workbook()
    before = {name: tables[name].frame.copy() for name in tables}
    made = plan(tables, CardAsked("C1"), settings=Settings(), today=TODAY)
    touched = {change.table for change in made.changes} | {rows.table for rows in made.added}
    assert {schema.table(name).sheet for name in touched} == {"Card"}
    assert all(tables[name].frame.equals(frame) for name, frame in before.items())


def test_the_button_shows_the_row_selected_and_undo_takes_it_back(tmp_path: Path) -> None:
    engine = memory.Engine()
    book = live(engine, three_clients(tmp_path / "My.xlsm"))
    book.book.app.impl.selected = book.book.sheets["Clients"].range("B3").impl
    code, sentence = press("show", book, NOW)
    assert (code, "C2 Mario Rossi" in sentence) == (0, True), sentence
    book.book.app.impl.selected = book.book.sheets["Clients"].range("A4").impl
    assert press("show", book, NOW)[0] == press("undo", book, NOW)[0] == 0
    held = book.look()
    assert held["CardOf"].frame["name"].tolist() == ["Mario Rossi"]
    assert engine.app.books.open_books[0].workbook.active.title == words.title("Card")
    assert press("undo", book, NOW)[0] == 0
    assert not len(book.look()["CardOf"].frame)
    assert len(held["Clients"].frame) == 3


def test_who_is_forgotten_stands_on_no_card_and_in_no_history(tmp_path: Path) -> None:
    path = three_clients(tmp_path / "My.xlsm")
    traces = ["Mario Rossi", "mario.rossi@example.com"]
    told = pd.DataFrame({"email": ["", traces[1], ""]})
    plan_with(FileBook(path), lambda t, s, d: Plan("x", changes=diff(t["Clients"], told)), CALL)
    for client in ("C2", "C1", "C2"):
        take(FileBook(path), "show", CALL, client=client)
    take(FileBook(path), "forget", CALL, clients=("C2",), everywhere=True)
    assert left(tmp_path, traces) == []
    assert not len(FileBook(path).look()["CardOf"].frame)
    plan_with(
        FileBook(path), lambda t, s, d: Plan("x", added=(Added("Clients", pd.DataFrame({"client_id": ["C9"]})),)), CALL
    )
    assert take(FileBook(path), "show", CALL, client="C9").plan.touches_workbook
