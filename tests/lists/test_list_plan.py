"""Who comes on a list, who is left out and why; the documents and their traps."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pandas as pd
import pytest

from tests.support.paths import CASES, ROOT
from xlcrm.errors import CrmError
from xlcrm.lists import plan
from xlcrm.lists.csv_text import csv_bytes, harmless
from xlcrm.lists.rendering import document, grid
from xlcrm.plan import Grid
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
SHIPPED = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "templates").iterdir()}
HOME = {"street": "Storgata", "house_number": "1", "postal_code": "0155", "city": "Oslo", "country": "NO"}


def table(name: str, rows: list[dict[str, object]]) -> Table:
    frame = pd.DataFrame(rows).fillna("")
    return Table(name, name, frame, {str(c): str(c) for c in frame.columns})


def tables(
    clients: list[dict[str, object]], lists: list[dict[str, object]], purchases: list[dict[str, object]]
) -> Tables:
    return Tables.of(
        table("Clients", clients), table("Lists", lists), table("Purchases", purchases or [{"invoice": ""}])
    )


def client(**fields: object) -> dict[str, object]:
    return {"client_id": "C1", "full_name": "Kari Olsen", "first_name": "Kari", "last_name": "Olsen", **HOME, **fields}


MAILING: list[dict[str, object]] = [{"list": "Mailing list", "kind": "mailing", "format": "csv"}]
INVOICING: list[dict[str, object]] = [{"list": "To invoice", "kind": "invoicing", "format": "csv"}]


def rows_of(content: object) -> list[dict[str, str]]:
    assert isinstance(content, bytes)
    assert content.startswith(b"\xff\xfe")
    return list(csv.DictReader(io.StringIO(content.decode("utf-16")), dialect="excel-tab"))


with (CASES / "mailing.csv").open(encoding="utf-8", newline="") as file:
    MAILING_CASES = list(csv.DictReader(file))


@pytest.mark.parametrize("case", MAILING_CASES, ids=lambda case: case["why"])
def test_who_is_on_a_mailing_list(case: dict[str, str]) -> None:
    changed = dict(pair.split("=", 1) for pair in case["fields"].split(";") if pair)
    made = plan(
        tables([client(**changed)], MAILING, []), settings=Settings(country="NO"), today=TODAY, templates=SHIPPED
    )
    listed = [row for file in made.files for row in rows_of(file.content)]
    assert len(listed) == (case["on_list"] == "yes")


def test_the_message_says_how_many_were_left_out_and_why() -> None:
    people = [client(), client(client_id="C2", opt_out_post="yes", last_name="Lie"), client(client_id="C3", city="")]
    made = plan(tables(people, MAILING, []), settings=Settings(country="NO"), today=TODAY, templates=SHIPPED)
    key, values = made.notes[0]
    assert key == "lists.mailing_done"
    assert values["n"] == 1
    assert "1 who wants no post" in str(values["why"])
    assert "1 with an incomplete address" in str(values["why"])
    assert [(p.code, p.key) for p in made.problems] == [("lists.incomplete", "C3")]


def test_the_second_of_the_same_name_and_address_is_left_out() -> None:
    made = plan(
        tables([client(), client(client_id="C2")], MAILING, []), settings=Settings(), today=TODAY, templates=SHIPPED
    )
    assert [row["Client ID"] for row in rows_of(made.files[0].content)] == ["C1"]


def test_open_purchases_are_grouped_with_exact_totals() -> None:
    lines = [
        {"client_id": "C1", "date": "2026-11-01", "product": "Honey", "amount": 0.1, "invoiced_on": ""},
        {"client_id": "C1", "date": "2026-11-02", "product": "Oil", "amount": 0.2, "invoiced_on": ""},
        {"client_id": "C1", "date": "2026-11-02", "product": "Oil", "amount": 5.0, "invoiced_on": "2026-11-03"},
        {"client_id": "C1", "date": "2027-01-01", "product": "Later", "amount": 9.0, "invoiced_on": ""},
        {"client_id": "C9", "date": "2026-11-02", "product": "Nobody's", "amount": 7.0, "invoiced_on": ""},
    ]
    before = tables([client()], INVOICING, lines)
    copies = {name: before[name].frame.copy() for name in before}
    made = plan(
        before, settings=Settings(country="NO", currency="NOK"), today=TODAY, templates=SHIPPED, mark_invoiced=True
    )
    rows = rows_of(made.files[0].content)
    assert [row["Product"] for row in rows] == ["Honey", "Oil"]
    assert {row["Client total"] for row in rows} == {"0.30"}
    assert {row["Due on"] for row in rows} == {"2026-12-22"}
    assert [(p.code, p.value) for p in made.problems] == [("lists.no_client", "C9")]
    assert [(c.column, list(c.after.index)) for c in made.changes] == [("invoiced_on", [0, 1])]
    for name, frame in copies.items():
        pd.testing.assert_frame_equal(before[name].frame, frame)


@pytest.mark.parametrize("form", ["csv", "xlsx", "html", "txt"])
@pytest.mark.parametrize("language", ["en", "it", "es", "nb", "fr", "de"])
@pytest.mark.parametrize("kind", ["mailing", "invoicing", "asking"])
def test_every_shipped_template_renders_in_every_language(form: str, language: str, kind: str) -> None:
    lines: list[dict[str, object]] = [
        {"client_id": "C1", "date": "2026-11-01", "product": "<Honey> & =1+1", "amount": 3.5}
    ]
    whole = tables([client(full_name="=cmd()", first_name="", last_name="")], [{"kind": kind, "format": form}], lines)
    made = plan(whole, settings=Settings(country="NO", language=language), today=TODAY, templates=SHIPPED)
    assert len(made.files) == 1
    if form == "html":
        assert "<Honey>" not in str(made.files[0].content)
    if form == "csv":
        assert all(not cell.startswith("=") for row in rows_of(made.files[0].content) for cell in row.values())


def test_clients_are_asked_in_a_way_that_is_open_to_them() -> None:
    people = [
        client(status="client", email="kari@example.com", sector=""),
        client(client_id="C2", status="client", email="ola@example.com", opt_out_email="yes", phone="+47 22 55 50 00"),
        client(client_id="C3", status="lead"),
    ]
    lists: list[dict[str, object]] = [{"list": "Ask", "kind": "asking", "format": "csv"}]
    made = plan(tables(people, lists, []), settings=Settings(country="NO"), today=TODAY, templates=SHIPPED)
    rows = {row["Client ID"]: row for row in rows_of(made.files[0].content)}
    assert set(rows) == {"C1", "C2"}
    assert rows["C1"]["Ask by"] == "e-mail"
    assert "phone" in rows["C1"]["To ask"].casefold()
    assert rows["C2"]["Ask by"] == "phone"
    assert rows["C2"]["E-mail"] == ""


BAD_LISTS = [
    ({"list": "x", "kind": "parcels"}, "lists.unknown_kind"),
    ({"list": "x", "kind": "mailing", "format": "docx"}, "lists.unknown_format"),
    ({"list": "x", "kind": "mailing", "template": "mine.txt"}, "lists.unknown_template"),
    ({"list": "x", "kind": "mailing", "segment": "nowhere"}, "segment.unknown"),
]


@pytest.mark.parametrize(("row", "key"), BAD_LISTS)
def test_a_list_that_fails_is_told_and_the_others_are_made(row: dict[str, object], key: str) -> None:
    made = plan(tables([client()], [row, *MAILING], []), settings=Settings(), today=TODAY, templates=SHIPPED)
    assert [(problem.code, problem.key) for problem in made.problems] == [(key, "x")]
    assert ("row", "2") in made.problems[0].values or made.problems[0].row == 2
    assert [file.name for file in made.files] == ["Mailing list.csv"]


@pytest.mark.parametrize("kind", ["mailing", "invoicing", "asking"])
def test_an_empty_list_is_said_and_not_written(kind: str) -> None:
    nobody = [client(opt_out_post="yes", status="former", email="kari@example.com", phone="+47 22 55 50 00")]
    rows: list[dict[str, object]] = [{"list": "Nobody", "kind": kind, "format": "csv"}]
    made = plan(tables(nobody, rows, []), settings=Settings(country="NO"), today=TODAY, templates=SHIPPED)
    assert made.files == ()
    assert [(note, values["list"]) for note, values in made.notes] == [("lists.empty", "Nobody")]


def test_no_list_named_is_nothing_to_do() -> None:
    made = plan(tables([client()], [{"list": "", "kind": ""}], []), settings=Settings(), today=TODAY, templates=SHIPPED)
    assert made.nothing_to_do
    assert not made.files


TRAPS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ 'a' * 10**9 }}",
    "{{ 10 ** 100000 }}",
    "{{ clients.append(1) }}",
    "{{ nobody }}",
    "{{ 1 / 0 }}",
    "{% for x in %}",
]


@pytest.mark.parametrize("source", TRAPS)
def test_a_hostile_or_wrong_template_is_refused_by_name(source: str) -> None:
    with pytest.raises(CrmError) as refused:
        document("mine.txt", source, "en", {"clients": [1]})
    assert refused.value.values["template"] == "mine.txt"


def test_an_endless_document_is_cut_short() -> None:
    source = "{% for a in range(99999) %}{% for b in range(99999) %}" + "x" * 5000 + "{% endfor %}{% endfor %}"
    with pytest.raises(CrmError) as refused:
        document("mine.txt", source, "en", {})
    assert refused.value.key == "lists.template_too_long"


def test_a_column_template_names_the_line_that_is_wrong() -> None:
    with pytest.raises(CrmError) as refused:
        grid("mine.columns.txt", "# note\nName | client.name\nno bar here", "en", [], {})
    assert refused.value.values["line"] == 3


@pytest.mark.parametrize(
    ("line", "key", "told"),
    [
        ("City | client.citty", "lists.template_name", "citty"),
        ("City | clint.city", "lists.template_name", "clint"),
        ("City | client.city |", "lists.template_fault", "expected"),
        ("City", "lists.template_no_bar", "City"),
    ],
)
def test_a_mistake_in_a_column_is_told_with_its_line(line: str, key: str, told: str) -> None:
    with pytest.raises(CrmError) as refused:
        grid("mine.columns.txt", f"Name | client.name\n{line}", "it", [{"client": {"name": "Bruna"}}], {})
    assert (refused.value.key, refused.value.values["line"]) == (key, 2)
    assert told in refused.value.text("it")
    assert "nella riga 2" in refused.value.text("it")


with (CASES / "harmless.csv").open(encoding="utf-8", newline="") as file:
    HARMLESS_CASES = list(csv.DictReader(file))


@pytest.mark.parametrize("case", HARMLESS_CASES, ids=lambda case: case["why"])
def test_nothing_exported_becomes_a_formula(case: dict[str, str]) -> None:
    assert harmless(case["input"]) == case["expected"]


def test_csv_keeps_newlines_tabs_quotes_and_emoji() -> None:
    text = 'two\nlines\twith "quotes" 😀'
    assert rows_of(csv_bytes(Grid("x", ("a",), ((text,),))))[0]["a"] == text


@pytest.mark.parametrize(("decimal", "expected"), [(".", "12.50"), (",", "12,50")])
def test_money_has_the_decimal_sign_of_the_language(decimal: str, expected: str) -> None:
    assert rows_of(csv_bytes(Grid("x", ("a",), ((Decimal("12.5"),),)), decimal=decimal))[0]["a"] == expected
