"""Who is known again after being forgotten, by hashes alone, and what keeps plans from bringing somebody back."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm.forgetting import forgotten
from xlcrm.forgetting.scrubber import Scrubber
from xlcrm.plan import Added, Plan
from xlcrm.tables import Table, Tables

DAY = dt.date(2026, 11, 28)
SALT = "00112233445566778899aabbccddeeff"
KARI = {
    "client_id": "C0042", "full_name": "Kari Olsen", "email": "kari@example.com", "phone": "+47 22 55 55 40",
    "postal_code": "0155",
}  # fmt: skip
CASE = pd.read_csv(CASES / "returning.csv", dtype=str, keep_default_na=False)
TEXTS = pd.read_csv(CASES / "scrubbing.csv", dtype=str, keep_default_na=False)


def rows_of(*people: dict[str, str]) -> pd.DataFrame:
    return forgotten.forgotten_rows([pd.DataFrame(list(people))], SALT, DAY, country="NO")


@pytest.mark.parametrize("case", list(CASE.itertuples()), ids=CASE["why"].tolist())
def test_returning(case) -> None:  # type: ignore[no-untyped-def]
    row = {name: getattr(case, name) for name in CASE.columns[:7] if getattr(case, name)}
    frame = pd.DataFrame([row] if row else [{"full_name": ""}])
    before = frame.copy()
    found = forgotten.returning(frame, rows_of(KARI), country="NO", typed=case.typed == "yes")
    assert found.tolist() == [case.returns == "yes"]
    pd.testing.assert_frame_equal(frame, before)


def test_the_table_holds_no_data() -> None:
    told = rows_of(KARI).to_csv().casefold()
    assert not any(value.casefold() in told for value in KARI.values())
    assert "22555540" not in told


def test_hashes_differ_from_workbook_to_workbook() -> None:
    other = forgotten.forgotten_rows([pd.DataFrame([KARI])], "ff" * 16, DAY, country="NO")
    assert not set(other["hash"]) & set(rows_of(KARI)["hash"])


def test_what_is_also_of_somebody_who_stays_is_left_out() -> None:
    stays = pd.DataFrame([{"full_name": "Per Olsen", "phone": "+47 22 55 55 40", "email": "kari@example.com"}])
    rows = forgotten.forgotten_rows([pd.DataFrame([KARI])], SALT, DAY, country="NO", shared=[stays])
    assert not forgotten.returning(stays, rows, country="NO").any()


def test_nobody_forgotten_costs_nothing() -> None:
    frame = pd.DataFrame([KARI])
    assert not forgotten.returning(frame, None).any()
    assert not forgotten.returning(frame, rows_of(KARI)[:0]).any()


def test_a_damaged_row_of_the_table_is_passed_over() -> None:
    whole = rows_of(KARI)
    torn = pd.concat([whole, pd.DataFrame([{"kind": "email", "salt": "no", "hash": "x"}])])
    table = Table("Forgotten", "Forgotten", torn.reset_index(drop=True), {})
    assert len(forgotten.table_of(Tables.of(table))) == len(whole)


def plan_of(**rows: list[dict[str, object]]) -> Plan:
    return Plan("import", added=tuple(Added(name, pd.DataFrame(found)) for name, found in rows.items()))


def test_rows_and_lines_of_the_forgotten_are_left_out() -> None:
    clients = pd.DataFrame({"client_id": ["C0001"], "full_name": ["Ada"]})
    tables = Tables.of(Table("Clients", "Clients", clients, {}))
    plan = plan_of(
        Clients=[{**KARI, "client_id": "C0300"}, {"client_id": "C0301", "full_name": "Per Hansen"}],
        Purchases=[{"client_id": number, "amount": 1} for number in ("C0300", "C0301", "C0042", "C0001", "")],
        People=[{"person_id": "P1", "client_id": "C0300", "full_name": "Somebody"}],
    )
    done = forgotten.left_out(plan, tables, rows_of(KARI), "NO")
    kept = {part.table: part.rows["client_id"].tolist() for part in done.added}
    assert kept == {"Clients": ["C0301"], "Purchases": ["C0301", "C0001", ""]}
    assert done.notes[-1] == ("forget.left_out", {"n": 1, "rows": 4})
    assert forgotten.left_out(plan, tables, None) is plan


def test_a_number_of_somebody_forgotten_is_not_given_again() -> None:
    assert forgotten.numbers_taken(rows_of(KARI), {"C0041", "C0007"}) == {"C0042"}
    assert forgotten.numbers_taken(None, {"C0041"}) == set()


@pytest.mark.parametrize("case", list(TEXTS.itertuples()), ids=TEXTS["why"].tolist())
def test_scrubbing(case) -> None:  # type: ignore[no-untyped-def]
    sought = ("Kari Olsen", "kari@example.com", "Storgata 101", "C0042", "Nordlys AS", "Nordlys")
    scrubber = Scrubber(sought, ("22555540",))
    assert scrubber.scrubbed(case.text) == case.scrubbed
    assert scrubber.finds(case.text) == (case.text != case.scrubbed)


@pytest.mark.parametrize(
    ("text", "scrubbed", "why"),
    [
        ("Ada Berg called", "Ada Berg called", "who stays has the name, too"),
        ("C0042 Ada Berg is now C0007", "*** *** is now C0007", "the number says whose name it is"),
        ("C0043 Ada Berg, not Kari Olsen", "C0043 Ada Berg, not ***", "another number says so of another"),
    ],
)
def test_a_shared_name_goes_where_the_number_stands(text: str, scrubbed: str, why: str) -> None:
    scrubber = Scrubber(("Kari Olsen", "C0042"), (), ("C0042",), ("Ada Berg",))
    assert scrubber.scrubbed(text) == scrubbed, why


def test_a_sentence_with_a_number_is_about_its_client() -> None:
    scrubber = Scrubber(("C0042",), (), ("C0042",), ("Ada Berg",))
    assert scrubber.together(["C0042", "Ada Berg"]).scrubbed("Ada Berg") == "***"
    assert scrubber.together(["C0043", "Ada Berg"]).scrubbed("Ada Berg") == "Ada Berg"
