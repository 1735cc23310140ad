"""Client lists laid over a client file: who is there is found, blanks are filled, nothing is overwritten unasked."""

from __future__ import annotations

import csv
import datetime as dt
import re

import pandas as pd
import pytest

from tests.support.importing_help import TODAY, applied, incoming, settings, workbook
from tests.support.paths import CASES
from xlcrm.errors import CrmError
from xlcrm.importing import Incoming, plan
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Plan
from xlcrm.tables import Tables

NORA = {"client_id": "C0001", "full_name": "Nora Ashgrove", "email": "nora@example.com", "phone": "020 7946 0011"}
PIERS = {"client_id": "C0002", "full_name": "Piers Penhale", "email": "piers@example.com", "city": "Ludmere"}


def run(tables: Tables, *lists: Incoming, **options: object) -> Plan:
    language = str(options.pop("language", "en"))
    return plan(tables, lists, settings=settings(language=language), today=TODAY, **options)  # type: ignore[arg-type]


def codes(done: Plan) -> list[str]:
    return [problem.code for problem in done.problems]


def cells(done: Plan) -> dict[tuple[str, int], object]:
    return {(c.column, int(str(p))): value for c in done.changes for p, value in c.after.items()}


with (CASES / "import_same_client.csv").open(encoding="utf-8", newline="") as _file:
    SAME = list(csv.DictReader(_file))


def listed(text: str) -> Incoming:
    return incoming(re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text).replace("|", "\n"))


@pytest.mark.parametrize("case", SAME, ids=lambda case: case["why"])
def test_the_same_client_spelt_otherwise_is_nobody_new(case: dict[str, str]) -> None:
    there = applied(workbook(), run(workbook(), listed(case["there"])))
    assert len(there["Clients"].frame) == 1
    again = run(there, listed(case["again"]))
    assert again.is_empty
    assert bool(again.problems) is (case["told"] == "yes")


@pytest.mark.parametrize("town", ["Brackwater", "Málagas", "Malag"])
def test_another_town_is_another_client(town: str) -> None:
    there = applied(workbook(), run(workbook(), listed("Name;Town|José Álvarez;Málaga")))
    assert not run(there, listed(f"Name;Town|José Álvarez;{town}")).is_empty


def test_new_clients_get_ids_that_go_on_from_the_highest_in_use() -> None:
    tables = workbook(Clients=[NORA], Purchases=[{"invoice": "1", "client_id": "C0041"}])
    done = run(tables, incoming("Name;E-mail\nIvy Larkmoor;ivy@example.com\nKit Moor;kit@example.com"))
    assert done.added[0].rows["client_id"].tolist() == ["C0042", "C0043"]


def test_an_id_in_the_list_itself_is_not_proposed_again() -> None:
    done = run(
        workbook(), incoming("ID;Name\nC0001;Ivy Larkmoor\nX7;Kit Moor"), incoming("Name\nNora Ashgrove", "b.csv")
    )
    assert done.added[0].rows["client_id"].tolist() == ["C0001", "X7", "C0002"]


@pytest.mark.parametrize(
    "text",
    [
        "Client ID;Name;City\nK1;Nora Ashgrove;Brackwater\nK2;Piers Penhale;",
        "Name;E-mail\nNora Ashgrove;nora@example.com\nPiers Penhale;piers@example.com",
        "Name;Phone;City\nNora Ashgrove;020 7946 0011;Brackwater\nNora Ashgrove;020 7946 0099;Ludmere",
        "Name;City\nNora Ashgrove;Brackwater\nNora Ashgrove;Brackwater",
        "Name\nNora Ashgrove\nPiers Penhale",
        "Phone\n020 7946 0011\n020 7946 0012",
        "Company;Tax number\nQuillfeather Ltd;GB 123456789\nOfficine Brumali;IT00743110157",
        "First name;Last name;E-mail\nNora;Ashgrove;both@example.com\nQuentin;Moor;both@example.com",
        "Surname/Company;First name;City\nAshgrove;Nora;Brackwater\nQuillfeather Ltd;;Ludmere",
        "Name;Loyalty;Notes\nNora Ashgrove;12;likes tea\nPiers Penhale;;",
        "E-mail;Opt out;Consent date\nnora@example.com;yes;2024-01-02\npiers@example.com;no;2024-01-02",
        "Name;Birthday;Employees\nNora Ashgrove;31.12.1980;twelve\nPiers Penhale;some day;12",
    ],
    ids=[
        "id",
        "e-mail",
        "same name",
        "twins",
        "names only",
        "phones only",
        "tax id",
        "couple",
        "surname or company",
        "own",
        "consent",
        "odd",
    ],
)
def test_the_same_list_again_changes_nothing(text: str) -> None:
    tables = workbook()
    first = run(tables, incoming(text))
    assert first.added
    tables = applied(tables, first)
    again = run(tables, incoming(text))
    assert again.is_empty
    assert not [code for code in codes(again) if code in {"import.differs", "import.opt_out_kept"}]


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("Name;City\nNora J. Ashgrove;Ludmere", {"first_name": "Nora", "middle_name": "J.", "last_name": "Ashgrove"}),
        ("Name;City\nQuillfeather Ltd;Ludmere", {"company": "Quillfeather", "legal_form": "Ltd", "kind": "company"}),
        ("Company;City\nQuillfeather Ltd;Ludmere", {"full_name": "Nora Ashgrove", "phone": "020 7946 0011"}),
    ],
)
def test_the_same_list_after_a_split_changes_nothing(text: str, split: dict[str, str]) -> None:
    tables = workbook()
    given = {"mapping": {"Name": "full_name"} if "Name" in text else {}}
    tables = applied(tables, run(tables, incoming(text), **given))
    frame = tables["Clients"].frame.assign(**split)
    table = tables["Clients"]
    later = Tables.of(type(table)("Clients", "Clients", frame, table.headers), tables["Purchases"])
    assert run(later, incoming(text), **given).is_empty


def test_blanks_are_filled_and_nothing_is_blanked() -> None:
    tables = workbook(Clients=[NORA, PIERS])
    done = run(tables, incoming("E-mail;City;Phone\nNORA@example.com;Brackwater;\npiers@example.com;;020 7946 0012"))
    assert cells(done) == {("city", 0): "Brackwater", ("phone", 1): "020 7946 0012"}
    assert done.changes[0].keys.tolist() == ["C0001"]
    assert not done.added


def test_a_cell_that_differs_changes_only_when_asked() -> None:
    tables = workbook(Clients=[NORA, PIERS])
    text = "E-mail;City;Phone\npiers@example.com;Brackwater;\nnora@example.com;;+44 20 7946 0099"
    done = run(tables, incoming(text))
    assert done.is_empty
    shown = {(p.column, p.row, p.key, p.value, p.suggestion) for p in done.problems}
    assert shown == {
        ("city", 3, "C0002", "Ludmere", "Brackwater"),
        ("phone", 2, "C0001", "020 7946 0011", "+44 20 7946 0099"),
    }
    for language in LANGUAGES:
        assert "Brackwater" in done.problems[0].sentence(language) or "7946" in done.problems[0].sentence(language)
    assert cells(run(tables, incoming(text), update=True)) == {
        ("city", 1): "Brackwater",
        ("phone", 0): "+44 20 7946 0099",
    }


def test_what_means_the_same_does_not_differ() -> None:
    there = {
        **NORA,
        "mobile": "+44 7700 900001",
        "tax_id": "GB 123 456 789",
        "gender": "F",
        "birth_date": dt.datetime(1980, 4, 3),
        "turnover": 1500.0,
    }
    text = "Client ID;E-mail;Mobile;Tax number;Gender;Birth date;Turnover\n"
    text += "C0001;Nora@Example.com;0044 7700 900001;GB123456789;female;1980-04-03;1500.00"
    assert run(workbook(Clients=[there]), incoming(text), update=True).is_empty


def test_notes_and_ids_stay_even_with_update() -> None:
    tables = workbook(Clients=[{**NORA, "notes": "likes tea"}])
    done = run(tables, incoming("Client ID;E-mail;Notes\n77;nora@example.com;likes coffee"), update=True)
    assert done.is_empty
    assert {(p.column, p.suggestion) for p in done.problems} == {("notes", "likes coffee"), ("client_id", "77")}


@pytest.mark.parametrize("update", [False, True])
def test_nobody_is_opted_in_by_a_list(update: bool) -> None:
    tables = workbook(Clients=[{**NORA, "opt_out_email": "yes"}])
    text = "E-mail;No e-mail;Consent date;Consent source\nnora@example.com;no;2026-01-01;fair"
    done = run(tables, incoming(text), update=update)
    assert done.is_empty
    assert codes(done) == ["import.opt_out_kept"]


def test_an_opt_out_in_a_list_always_counts() -> None:
    tables = workbook("de", Clients=[{**NORA, "opt_out_email": "nein"}, PIERS])
    text = "E-Mail;Abgemeldet\nnora@example.com;1\npiers@example.com;2024-05-06 10:11:12\nivy@example.com;x"
    done = run(tables, incoming(text), language="de")
    assert cells(done) == {("opt_out_email", 0): "ja", ("opt_out_email", 1): "ja"}
    assert done.added[0].rows["opt_out_email"].tolist() == ["ja"]


def test_a_new_client_with_an_opted_out_address_is_opted_out_too() -> None:
    tables = workbook(Clients=[{**NORA, "opt_out_email": "yes"}])
    done = run(tables, incoming("Name;E-mail\nQuentin Oakes;nora@example.com"))
    assert done.added[0].rows["opt_out_email"].tolist() == ["yes"]
    assert codes(done) == ["import.shared"]


def test_a_suppression_list_marks_and_adds_nobody() -> None:
    tables = workbook(Clients=[NORA, PIERS])
    done = run(tables, incoming("EMAIL\nNora@example.com\nstranger@example.com"), table="Suppression")
    assert cells(done) == {("opt_out_email", 0): "yes"}
    assert not done.added
    assert [values for key, values in done.notes if key == "import.suppressed"] == [
        {"file": "list.csv", "known": 1, "unknown": 1}
    ]
    assert run(applied(tables, done), incoming("EMAIL\nnora@example.com"), table="Suppression").is_empty


def test_numbers_that_must_not_be_called() -> None:
    tables = workbook(Clients=[NORA, {**PIERS, "mobile": "+44 7700 900002"}])
    done = run(tables, incoming("Phone\n(020) 7946-0011\n0044 7700 900002"), table="Suppression")
    assert cells(done) == {("opt_out_phone", 0): "yes", ("opt_out_phone", 1): "yes"}


def test_an_id_of_somebody_else_is_left_out_and_said() -> None:
    tables = workbook(Clients=[{**NORA, "client_id": "7"}])
    done = run(tables, incoming("Client ID;Name;E-mail\n7;Quentin Oakes;q@example.com\n8;Ivy Larkmoor;"), update=True)
    assert [(p.code, p.row, p.key) for p in done.problems] == [("import.id_of_another", 2, "7")]
    assert done.added[0].rows["client_id"].tolist() == ["8"]
    assert not done.changes


def test_two_ids_stay_two_clients_whatever_they_share() -> None:
    text = "Client ID;Name;E-mail\n1;Nora Ashgrove;home@example.com\n2;Nora Ashgrove;home@example.com"
    done = run(
        workbook(Clients=[{"client_id": "9", "full_name": "Nora Ashgrove", "email": "home@example.com"}]),
        incoming(text),
    )
    assert done.added[0].rows["client_id"].tolist() == ["1", "2"]
    assert codes(done) == ["import.shared", "import.shared"]


def test_a_proposed_id_hides_no_client_from_a_list_with_ids() -> None:
    done = run(workbook(Clients=[NORA]), incoming("Client ID;Name;E-mail\nB-17;Nora Ashgrove;nora@example.com"))
    assert done.is_empty
    assert [(p.code, p.column) for p in done.problems] == [("import.differs", "client_id")]


def test_a_couple_with_one_address_stays_two() -> None:
    tables = workbook(Clients=[NORA])
    done = run(tables, incoming("Name;E-mail\nQuentin Oakes;nora@example.com\nNora Ashgrove-Oakes;nora@example.com"))
    assert done.added[0].rows["full_name"].tolist() == ["Quentin Oakes"]


def test_a_client_that_comes_twice_in_a_list_is_one() -> None:
    text = "Name;E-mail;City;Phone\nNora Ashgrove;nora@example.com;;1234567\n"
    text += "Nora Ashgrove;NORA@example.com;Ludmere;7654321"
    done = run(workbook(), incoming(text))
    rows = done.added[0].rows
    assert len(rows) == 1
    assert (rows["city"].iloc[0], rows["phone"].iloc[0]) == ("Ludmere", "1234567")
    assert [(p.code, p.column, p.suggestion) for p in done.problems] == [("import.differs_in_list", "phone", "7654321")]


def test_keys_that_the_user_names() -> None:
    there = [
        {"client_id": "1", "last_name": "Ashgrove", "postal_code": "AB1 2CD"},
        {"client_id": "2", "last_name": "Ashgrove", "postal_code": "AB9 9ZZ"},
    ]
    text = "Last name;Postcode;City\nAshgrove;AB9 9ZZ;Ludmere\nAshgrove;AB5 5AA;Brackwater"
    done = run(workbook(Clients=there), incoming(text), keys=("last_name", "postal_code"))
    assert cells(done) == {("city", 1): "Ludmere"}
    assert len(done.added[0].rows) == 1
    with pytest.raises(CrmError) as refused:
        run(workbook(Clients=there), incoming(text), keys=("email",))
    assert refused.value.key == "import.key_not_there"


def test_unknown_columns_come_along_and_keep_their_headers() -> None:
    text = "Name;Loyalty;Status code;total_spend;Empty;Shoe size;Since\n"
    text += "Nora Ashgrove;007;+47;12;;39.5;2024-01-02\nPiers Penhale;12;=x;13;;40;2024-02-03"
    done = run(workbook(), incoming(text))
    assert [c.header for c in done.new_columns] == ["Loyalty", "Status code", "total_spend (2)", "Shoe size", "Since"]
    rows = done.added[0].rows
    assert rows["Loyalty"].tolist() == ["007", "12"]
    assert rows["Status code"].tolist() == ["+47", "=x"]
    assert rows["Shoe size"].tolist() == [39.5, 40.0]
    assert rows["Since"].tolist() == [pd.Timestamp(2024, 1, 2), pd.Timestamp(2024, 2, 3)]
    assert ("import.own_empty", {"header": "Empty", "column": "Empty"}) in done.notes


def test_a_second_column_for_one_field_is_kept_beside_it() -> None:
    tables = workbook("it")
    done = run(
        tables,
        incoming("Nome completo;Telefono;Tel. ufficio;Telefono (2)\nBruna Valdirosa;06 0000001;06 0000002;06 0000003"),
        language="it",
    )
    assert done.added[0].rows["phone"].tolist() == ["06 0000001"]
    assert [c.header for c in done.new_columns] == ["Tel. ufficio", "Telefono (2)"]


def test_a_company_without_a_person_is_a_company() -> None:
    done = run(
        workbook("nb"),
        incoming("Firma;Kontaktperson\nTorvald Fjellmyr AS;\nGranbakk AS;Sunniva Granbakk"),
        language="nb",
    )
    assert done.added[0].rows["kind"].tolist() == ["firma", ""]


def test_a_surname_or_company_goes_where_it_belongs() -> None:
    done = run(workbook(), incoming("Surname/Company;First name\nAshgrove;Nora\nQuillfeather Ltd;"))
    rows = done.added[0].rows
    assert rows["last_name"].tolist() == ["Ashgrove", ""]
    assert rows["full_name"].tolist() == ["", "Quillfeather Ltd"]


def test_rows_that_name_nobody_and_sums_are_left_out_and_said() -> None:
    done = run(workbook(), incoming("Name;City;Turnover\nNora Ashgrove;Ludmere;10\n;Brackwater;5\nTotal;;15"))
    assert done.added[0].rows["full_name"].tolist() == ["Nora Ashgrove"]
    assert [(p.code, p.row) for p in done.problems] == [("import.total_row", 4), ("import.nobody", 3)]


def test_several_lists_of_one_import_see_each_other() -> None:
    first = incoming("Name;E-mail\nNora Ashgrove;nora@example.com", "a.csv")
    second = incoming("E-mail;City;Fan\nnora@example.com;Ludmere;yes", "b.csv")
    done = run(workbook(), first, second)
    assert not done.changes
    rows = done.added[0].rows
    assert rows[["full_name", "city", "Fan"]].to_numpy().tolist() == [["Nora Ashgrove", "Ludmere", "yes"]]


def test_sheets_with_the_same_columns_are_one_list() -> None:
    people = ["Nora Ashgrove", "Piers Penhale"]
    lists = [Incoming("a.xlsx", name, incoming(f"Name;City\n{name};Ludmere").frame, 2) for name in people]
    assert run(workbook(), *lists).added[0].rows["full_name"].tolist() == people


def test_a_column_the_workbook_lacks_or_computes_is_kept() -> None:
    tables = workbook(Clients=[NORA])
    table = tables["Clients"]
    bare = type(table)(
        "Clients", "Clients", table.frame.drop(columns=["city"]),
        {k: v for k, v in table.headers.items() if k != "city"}, formulas=frozenset({"region"}),
    )  # fmt: skip
    tables = Tables.of(bare, tables["Purchases"], tables["Interactions"])
    done = run(tables, incoming("E-mail;City;Region\nnora@example.com;Ludmere;West"))
    assert cells(done) == {("City", 0): "Ludmere", ("Region (2)", 0): "West"}
    assert [c.header for c in done.new_columns] == ["City", "Region (2)"]


@pytest.mark.parametrize(
    ("text", "options", "key"),
    [
        ("Colour;Size\nred;1", {}, "import.nothing_mapped"),
        ("Colour;Size\nred;1", {"table": "Purchases"}, "import.not_lines"),
        ("Name\nNora", {"mapping": {"Nmae": "full_name"}}, "import.map_header"),
        ("Name\nNora", {"mapping": {"Name": "nowhere"}}, "import.map_field"),
        ("Name\nNora", {"table": "Dashboard"}, "import.no_table"),
        ("Colour\nred", {"table": "Suppression"}, "import.nothing_mapped"),
    ],
)
def test_what_cannot_be_imported_is_refused_in_a_sentence(text: str, options: dict[str, object], key: str) -> None:
    with pytest.raises(CrmError) as refused:
        run(workbook(), incoming(text), **options)
    assert refused.value.key == key
    for language in LANGUAGES:
        assert key not in refused.value.text(language)


def test_the_tables_and_the_list_are_not_changed() -> None:
    tables = workbook(Clients=[NORA, PIERS])
    one = incoming("E-mail;City;Fan\nnora@example.com;Ludmere;yes\nivy@example.com;Brackwater;no")
    before = {name: tables[name].frame.copy() for name in tables}
    listed = one.frame.copy()
    run(tables, one, update=True)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(tables[name].frame, frame)
    pd.testing.assert_frame_equal(one.frame, listed)
