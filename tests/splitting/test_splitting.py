"""The operation behind `split`: empty fields are filled, typed ones stay, doubt waits for a person."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from xlcrm import schema
from xlcrm.errors import CrmError
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.splitting.splitting import ADDRESS, NAME, plan
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
COLUMNS = ["client_id", "full_name", "address", *NAME, *ADDRESS]
PROBLEMS = [column.name for column in schema.PROBLEMS]


def table(name: str, columns: list[str], rows: list[dict[str, str]]) -> Table:
    frame = pd.DataFrame([{c: row.get(c, "") for c in columns} for row in rows], columns=columns, dtype="str")
    return Table(name, name, frame, {column: column for column in columns})


def tables(*clients: dict[str, str], problems: tuple[dict[str, str], ...] = ()) -> Tables:
    rows = [{"client_id": f"C{number}", **client} for number, client in enumerate(clients, 1)]
    return Tables.of(table("Clients", COLUMNS, rows), table("Problems", PROBLEMS, list(problems)))


def split(book: Tables, **options: object) -> tuple[Plan, dict[str, dict[int, object]]]:
    before = {name: book[name].frame.copy() for name in book}
    made = plan(book, settings=Settings(country="IT", language="it"), today=TODAY, **options)  # type: ignore[arg-type]
    for name, frame in before.items():
        pd.testing.assert_frame_equal(book[name].frame, frame)
    return made, {c.column: dict(c.after) for c in made.changes if c.table == "Clients"}


CLEAR = {"full_name": "Dott.ssa Giulia Bianchi", "address": "Via Roma, 12/A - 20121 Milano (MI)"}


def test_empty_fields_are_filled_and_the_typed_cells_stay() -> None:
    made, cells = split(tables(CLEAR))
    found = {column: cell[0] for column, cell in cells.items()}
    assert found["first_name"] == "Giulia"
    assert found["last_name"] == "Bianchi"
    assert found["house_number"] == "12/A"
    assert found["postal_code"] == "20121"
    assert found["kind"] == "persona", "in the workbook's own words"
    assert "full_name" not in found
    assert "address" not in found
    assert not made.problems


def test_a_typed_field_is_never_overwritten_but_told() -> None:
    made, cells = split(tables({**CLEAR, "last_name": "Verdi"}))
    assert not {"first_name", "last_name", "title"} & set(cells)
    assert [(p.code, p.key) for p in made.problems] == [("split.name_differs", "C1")]
    assert "Bianchi" in made.problems[0].suggestion


def test_a_field_typed_as_the_split_reads_it_is_no_difference() -> None:
    made, cells = split(tables({**CLEAR, "last_name": "BIANCHI", "country": "Italia"}))
    assert cells["first_name"] == {0: "Giulia"}
    assert not made.problems


def doubtful() -> tuple[Tables, Plan]:
    book = tables({"full_name": "Zorbex Quilnat"})
    made, cells = split(book, what="name")
    assert not cells
    assert [p.level for p in made.problems] == ["doubt"]
    return book, made


def test_a_doubtful_name_is_listed_and_not_filled() -> None:
    _, made = doubtful()
    assert [added.table for added in made.added] == ["Problems"]


def test_an_address_behind_a_name_is_listed_not_split() -> None:
    made, cells = split(tables({"full_name": "Müller, Jürgen, Hauptstraße 5, 80331 München"}), what="name")
    assert not cells
    assert [p.level for p in made.problems] == ["doubt"]


def test_a_doubt_that_somebody_decided_to_apply_is_filled() -> None:
    _, made = doubtful()
    line = {str(key): str(value) for key, value in made.added[0].rows.iloc[0].items()}
    decided = tables({"full_name": "Zorbex Quilnat"}, problems=({**line, "decision": "applica"},))
    again, cells = split(decided, what="name", decided_only=True)
    assert {"first_name", "last_name"} <= set(cells)
    assert sum(len(gone.rows) for gone in again.removed) == 1, "what is solved leaves the list"


def test_apply_corrections_fills_nothing_that_nobody_decided() -> None:
    made, cells = split(tables(CLEAR), decided_only=True)
    assert not cells
    assert not made.notes


def test_a_street_is_read_with_the_town_in_its_own_column() -> None:
    made, cells = split(
        tables({"address": "Ave. 5 de Mayo", "city": "Porlamar", "postal_code": "6301", "country": "VE"})
    )
    assert not [p for p in made.problems if p.code == "split.address_differs"]
    assert "city" not in cells


def test_the_country_of_the_address_tells_the_names_order() -> None:
    _, cells = split(tables({"full_name": "Javier García López", "address": "Calle Mayor 3, 28013 Madrid, España"}))
    assert cells["last_name"] == {0: "García López"}


COUNTRIES = [
    ("Storgata 31, 0155 Oslo", "NO", "a Norwegian address in an Italian firm's list"),
    ("Hauptstraße 5, 80331 München", "DE", "five figures are no reason to call it Italian"),
    ("Via Roma 1, 20121 Milano", "IT", "an Italian one"),
    ("Via Verdi 3", "", "nothing says where: nothing is filled in"),
]


@pytest.mark.parametrize(("address", "country", "why"), COUNTRIES, ids=[case[2] for case in COUNTRIES])
def test_the_country_comes_from_the_address_not_the_team(address: str, country: str, why: str) -> None:
    _, cells = split(tables({"address": address}), what="address")
    assert cells.get("country", {}).get(0, "") == country


def test_an_unknown_column_or_kind_is_refused() -> None:
    with pytest.raises(CrmError, match="Nowhere"):
        split(tables(CLEAR), column="Nowhere")
    with pytest.raises(CrmError):
        split(tables(CLEAR), what="phone")


def test_a_workbook_without_clients_is_refused() -> None:
    with pytest.raises(CrmError):
        plan(Tables.of(), settings=Settings(), today=TODAY)


def test_names_and_addresses_in_one_column_are_taken_apart() -> None:
    cells = {
        "C1": "Giulia Bianchi, Via Roma 12, 20121 Milano",
        "C2": "Dott. Mario Verdi Via Roma 12 20121 Milano",
        "C3": "",
    }
    rows = [{"client_id": key, "Name und Anschrift": value, "address": ""} for key, value in cells.items()]
    rows[2]["address"] = "Via Milano 3, 00100 Roma"
    one = table("Clients", [*COLUMNS, "Name und Anschrift"], rows)
    book = Tables.of(one, table("Problems", PROBLEMS, []))
    made, filled = split(book, column="name und anschrift", what="both")
    assert {column: cells[0] for column, cells in filled.items()} | {"country": ""} == {
        "kind": "persona", "first_name": "Giulia", "last_name": "Bianchi", "street": "Via Roma", "house_number": "12",
        "postal_code": "20121", "city": "Milano", "country": "",
    }  # fmt: skip
    assert [(p.code, p.key, p.value) for p in made.problems] == [("split.both_unsure", "C2", cells["C2"])]
    assert all(set(cells) == {0} for cells in filled.values()), "what nobody can tell stays blank"
