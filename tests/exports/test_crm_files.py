"""Lists for other programs: their headers to the letter, their forms of a cell, and back without a change."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.exports.test_email_files import fields, rows
from tests.support.exports_help import FULL, HOSTILE, SETTINGS, TODAY, demo, order, tables
from tests.support.paths import SHARED_DATA
from xlcrm.exports.crm_files import SYSTEMS, crm
from xlcrm.exports.crm_programs import programs
from xlcrm.files.list_files import read
from xlcrm.importing import plan
from xlcrm.plan import Plan
from xlcrm.tables import Tables

FACTS = SHARED_DATA / "crm_headers.csv"


def sheets(done: Plan) -> dict[str, list[dict[str, str]]]:
    """File name -> its rows."""
    found = {}
    for file in done.files:
        assert isinstance(file.content, bytes)
        text = file.content.decode("utf-8")
        assert not text.startswith("\ufeff")
        found[file.name] = list(csv.DictReader(io.StringIO(text, newline="")))
    return found


def only(whole: Tables, system: str) -> list[dict[str, str]]:
    """The rows of the first file."""
    return next(iter(sheets(crm(order(whole), system, whole)).values()), [])


def headers(done: Plan) -> list[str]:
    content = done.files[0].content
    assert isinstance(content, bytes)
    return next(csv.reader(io.StringIO(content.decode("utf-8"))))


@pytest.mark.parametrize("system", ["hubspot", "pipedrive", "salesforce", "mailchimp", "brevo"])
def test_headers_are_those_of_the_program(system: str) -> None:
    if not FACTS.exists():
        pytest.skip("the collected headers are not on this machine")
    with FACTS.open(encoding="utf-8", newline="") as file:
        wanted = {row["header"] for row in csv.DictReader(file) if row["system"].casefold() == system}
    assert set(headers(crm(order(tables(FULL)), system, tables(FULL)))) == wanted - {""}


@pytest.mark.parametrize("system", ["google", "outlook", "moovago"])
def test_address_books_have_all_known_headers(system: str) -> None:
    if not FACTS.exists():
        pytest.skip("the collected headers are not on this machine")
    with FACTS.open(encoding="utf-8", newline="") as file:
        wanted = {row["header"] for row in csv.DictReader(file) if row["system"].casefold() == system}
    assert wanted - {""} <= set(headers(crm(order(tables(FULL)), system, tables(FULL))))


@pytest.mark.parametrize("case", rows("exports_crm_cells.csv"), ids=lambda case: f"{case['system']} {case['why']}")
def test_cells_are_as_each_program_wants_them(case: dict[str, str]) -> None:
    changed = {**FULL, **fields(case["fields"])}
    if changed["birth_date"] == "":
        changed["birth_date"] = None
    found = [row.get(case["header"], "") for row in only(tables(changed), case["system"])]
    assert (found or [""])[0] == case["expected"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_hostile_client_stays_one_harmless_row(system: str) -> None:
    found = sheets(crm(order(tables(HOSTILE, FULL)), system, tables(HOSTILE, FULL)))
    assert [len(some) for some in found.values()] == [2]
    for row in next(iter(found.values())):
        assert None not in row
        assert not any(cell.startswith(("=", "@", "\t", "\r", "+1+", "-2+")) for cell in row.values())
        assert not any("\n" in cell or "\r" in cell for name, cell in row.items() if name != "Notes")


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_demo_comes_back_without_a_change(system: str, tmp_path: Path) -> None:
    whole = demo()
    for file in crm(order(whole), system, whole).files:
        if "no e-mail" in file.name:
            continue
        assert isinstance(file.content, bytes)
        path = tmp_path / file.name
        path.write_bytes(file.content)
        again = plan(whole, read(path), settings=SETTINGS, today=TODAY)
        changes = [(c.column, key) for c in again.changes for key in c.keys if (system, c.column, key) not in LOST]
        assert (changes, again.added, again.new_columns) == ([], (), ())


# Two numbers of the demo that lost their digits, which nobody can tell from a mobile's.
LOST = {("outlook", "mobile", "C0073"), ("outlook", "mobile", "C0225")}


@pytest.mark.parametrize("system", SYSTEMS)
def test_who_wants_no_email_is_on_the_suppression_list(system: str) -> None:
    out = {"client_id": "C2", "last_name": "Out", "email": "Out@example.com", "opt_out_email": "yes"}
    found = sheets(crm(order(tables(FULL, out)), system, tables(FULL, out)))
    program = programs()[system]
    lists = [some for name, some in found.items() if "no e-mail" in name]
    assert lists == ([[{program.suppression: "out@example.com"}]] if program.suppression else [])
    told = [dict(values) for key, values in crm(order(tables(FULL, out)), system, tables(FULL, out)).notes
            if key == "exports.crm_refused"]  # fmt: skip
    assert [(one["file"] in found, one["n"]) for one in told] == ([(True, 1)] if program.suppression else [])
    sent = [cell for name, some in found.items() if "no e-mail" not in name for row in some for cell in row.values()]
    assert ("Out@example.com" in sent) == (not program.sends)


def test_companies_stand_apart_where_the_program_wants_it() -> None:
    firm = {"client_id": "C2", "kind": "company", "full_name": "Nordvik AS", "company": "Nordvik AS", "status": "lead"}
    mailed = {**firm, "client_id": "C3", "company": "Fjord AS", "email": "post@example.com"}
    found = sheets(crm(order(tables(FULL, firm, mailed)), "hubspot", tables(FULL, firm, mailed)))
    assert {name: len(some) for name, some in found.items()} == {
        "Spring HubSpot contacts.csv": 2,
        "Spring HubSpot companies.csv": 2,
    }
    assert [row["Company name"] for row in found["Spring HubSpot companies.csv"]] == ["Nordvik AS", "Fjord AS"]


def test_a_cell_over_the_limit_is_told_and_not_cut() -> None:
    whole = tables({**FULL, "street": "Å" * 130})
    done = crm(order(whole), "mailchimp", whole)
    assert [(p.code, p.column) for p in done.problems] == [("exports.too_long", "address_two_spaces")]
    assert [row["Address"] for some in sheets(done).values() for row in some] == [""]


def test_only_what_changed_goes_out_again() -> None:
    before = tables(FULL, {**FULL, "client_id": "C0002", "email": "b@example.com", "full_name": "Bo"}, External=[])
    first = crm(order(before), "hubspot", before)
    (added,) = first.added
    assert list(added.rows["client_id"]) == ["C0001", "C0002"]
    assert set(added.rows["system"]) == {"hubspot"}
    kept = [{str(k): v for k, v in row.items()} for row in added.rows.to_dict("records")]
    kept[1]["external_id"] = "501"
    same = tables(*_clients(before), External=kept)
    second = crm(order(same), "hubspot", same)
    assert (second.files, second.changes, second.added) == ((), (), ())
    assert second.notes[0] == ("exports.crm_same", {"list": "Spring", "n": 2, "program": "HubSpot", "why": ""})
    first_row, second_row = _clients(before)
    moved = tables(first_row, {**second_row, "city": "Torino"}, External=kept)
    third = crm(order(moved), "hubspot", moved)
    assert [(row["Record ID"], row["City"]) for some in sheets(third).values() for row in some] == [("501", "Torino")]
    assert [(c.column, list(c.after.index)) for c in third.changes] == [("hash", [1])]
    assert (third.notes[0][0], third.notes[0][1]["same"]) == ("exports.crm_changed", 1)


def _clients(whole: Tables) -> list[dict[str, object]]:
    frame = whole["Clients"].frame
    return [{**FULL, "client_id": row["client_id"], "email": row["email"], "full_name": row["full_name"]}
            for row in frame.to_dict("records")]  # fmt: skip


def test_without_the_table_everything_goes_out() -> None:
    whole = tables(FULL)
    done = crm(order(whole), "brevo", whole)
    assert (len(done.files), done.changes, done.added) == (1, (), ())
