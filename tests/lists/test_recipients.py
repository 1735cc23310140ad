"""Who gets a list: people by role, one a person, household or firm, in which order, and who is passed over."""

from __future__ import annotations

import csv

import pytest

from tests.support.list_help import SETTINGS, Row, client, envelopes, made, table, tables
from tests.support.paths import CASES
from xlcrm.lists.recipients import collated
from xlcrm.settings import Settings
from xlcrm.tables import Tables

with (CASES / "recipients.csv").open(encoding="utf-8", newline="") as file:
    BY_ROLE = list(csv.DictReader(file))
FIRM = client(full_name="Rossi S.r.l.", first_name="", last_name="", company="Rossi S.r.l.", kind="company")


def labels(**options: object) -> list[Row]:
    return [{"list": "L", "kind": "labels", **options}]


def person(text: str) -> Row:
    key, name, role, until, refused = text.split(";")
    first, last = name.split()
    return {"person_id": key, "client_id": "C1", "full_name": name, "first_name": first, "last_name": last,
            "role": role, "until": until, "opt_out_post": refused}  # fmt: skip


@pytest.mark.parametrize("case", BY_ROLE, ids=lambda case: case["why"])
def test_people_of_a_firm(case: dict[str, str]) -> None:
    options = dict(item.split("=") for item in case["list"].split(";"))
    people = [person(item) for item in case["people"].split("|") if item]
    given = tables(Clients=[FIRM], Lists=labels(**options), People=people or [{"person_id": "", "client_id": ""}])
    found = envelopes(given)
    assert ["/".join(lines[: 1 + ("/" in case["expected"])]) for lines in found] == list(
        filter(None, case["expected"].split("|"))
    )
    if case["left_out"]:
        assert "1" in str(made(given).notes[0][1]["why"])


def test_a_person_is_greeted_and_its_client_is_left_alone() -> None:
    people = [person("P1;Eva Huber;decides;;") | {"gender": "F", "language": "de", "title": "Dr."}]
    lists: list[Row] = [{"list": "L", "kind": "letters", "recipients": "everyone there"}]
    from tests.support.list_help import NotingPress

    press = NotingPress()
    before = tables(Clients=[FIRM], Lists=lists, People=people)
    copies = {name: before[name].frame.copy() for name in before}
    made(before, press=press)
    letter = press.asked[0][1][0]
    assert (letter.salutation, letter.language) == ("Sehr geehrte Frau Dr. Huber,", "de")
    assert letter.lines[:2] == ("Rossi S.r.l.", "z. Hd. Dr. Eva Huber")
    assert letter.fields["job_title"] == ""
    assert all(before[name].frame.equals(copies[name]) for name in before)


def family(**other: object) -> Tables:
    second = client(client_id="C2", full_name="Marco Rossi", first_name="Marco", **other)
    return tables(Clients=[client(), second], Lists=labels(one_per="household"))


HOUSEHOLDS: list[tuple[dict[str, object], list[str], str]] = [
    ({}, ["Anna and Marco Rossi"], "one surname"),
    ({"last_name": "Bianchi"}, ["Anna Rossi and Marco Bianchi"], "two surnames"),
    ({"opt_out_post": "yes"}, ["Anna Rossi"], "one refused"),
    ({"house_number": "2"}, ["Anna Rossi", "Marco Rossi"], "next door"),
    ({"company": "Rossi S.r.l."}, ["Anna Rossi", "Marco Rossi"], "one of them at a firm"),
]


@pytest.mark.parametrize(("other", "names", "why"), HOUSEHOLDS, ids=[case[-1] for case in HOUSEHOLDS])
def test_a_household_gets_one(other: dict[str, object], names: list[str], why: str) -> None:
    assert [lines[0] for lines in envelopes(family(**other))] == names


def test_the_country_stands_last_only_abroad() -> None:
    people = [client(), client(client_id="C2", last_name="Weiß", country="DE", postal_code="10115", city="Berlin")]
    found = envelopes(tables(Clients=people, Lists=labels()), Settings(country="IT", language="it"))
    assert [lines[-1] for lines in found] == ["53100 Siena", "GERMANIA"]


def names(sort: str, rows: list[Row], country: str = "IT", then: str = "") -> list[str]:
    people = [client(client_id=f"C{i}", house_number=str(i), first_name="", **row) for i, row in enumerate(rows)]
    given = tables(Clients=people, Lists=labels(sort_by=sort, then_by=then))
    return [lines[0] for lines in envelopes(given, Settings(country=country))]


def test_a_list_is_sorted_by_any_column() -> None:
    rows: list[Row] = [
        {"last_name": "Zeta", "Score": "9"}, {"last_name": "àlfa", "Score": "10"}, {"last_name": "Beta", "Score": ""},
    ]  # fmt: skip
    assert names("last_name", rows) == ["àlfa", "Beta", "Zeta"]
    assert names("Score", rows) == ["Zeta", "àlfa", "Beta"], "numbers as numbers, blanks last"
    assert names("", rows) == ["Zeta", "àlfa", "Beta"]
    same: list[Row] = [{"last_name": "B", "sector": "x"}, {"last_name": "A", "sector": "x"}]
    assert names("sector", same, then="last_name") == ["A", "B"]


@pytest.mark.parametrize(
    ("country", "order"),
    [("NO", "Berg Zorn Ærø Øie Ås"), ("SE", "Berg Zorn Ås Ärlig Öst"), ("ES", "Nuz Ñu Oz"), ("DE", "Äbel Berg Öst")],
)
def test_letters_stand_where_the_country_has_them(country: str, order: str) -> None:
    right = order.split()
    mixed = [right[-1], *right[:-1]]
    assert sorted(mixed, key=lambda word: collated(word, country)) == right


def test_who_was_contacted_lately_is_passed_over() -> None:
    people = [client(), client(client_id="C2", first_name="Bea")]
    contacts: list[Row] = [
        {"date": "2026-11-10", "client_id": "C1", "kind": "call", "list": ""},
        {"date": "2026-11-22", "client_id": "C2", "kind": "letter", "list": "L"},
        {"date": "2027-01-01", "client_id": "C2", "kind": "visit", "list": ""},
    ]
    given = tables(Clients=people, Lists=labels(skip_touched=30), Interactions=contacts)
    assert [lines[0] for lines in envelopes(given)] == ["Bea Rossi"], "what this list left today doesn't count"
    assert "1 contacted lately" in str(made(given).notes[0][1]["why"])
    few = tables(Clients=people, Lists=labels(skip_touched=10), Interactions=contacts)
    assert len(envelopes(few)) == 2


def test_a_test_has_five_and_is_called_one() -> None:
    people = [client(client_id=f"C{i}", house_number=str(i)) for i in range(9)]
    lists = labels(test="yes", log="yes")
    plan = made(tables(Clients=people, Lists=lists, Interactions=[{"date": "", "client_id": "", "list": ""}]))
    assert [file.name for file in plan.files] == ["L (test).pdf"]
    assert plan.notes[0][1]["n"] == 5
    assert not plan.added, "a test leaves no mark"


def test_another_table_is_not_needed() -> None:
    assert len(envelopes(Tables.of(table("Clients", [client()]), table("Lists", labels(skip_touched=5))))) == 1
    assert SETTINGS.country == "IT"
