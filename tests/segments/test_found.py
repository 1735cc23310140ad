"""The sheet Found: who stands on it after a search, what of a person's own stays there, and what it takes again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.session_help import plan_with, take
from tests.support.shipped import shipped
from xlcrm import schema, words
from xlcrm.files.file_book import FileBook
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Added, Plan
from xlcrm.segments import plan
from xlcrm.segments.evaluate import Search
from xlcrm.segments.found import fits
from xlcrm.session import Call
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.xlsx.reading import read_tables

TODAY = dt.date(2026, 11, 22)
PEOPLE = [
    ("A", "Anna Prova", "F", "Roma", "+39 06 5550101", ""),
    ("B", "Bjørn Example", "M", "Oslo", "", "+47 22 55 50 12"),
    ("C", "Carla Muster", "F", "Bern", "", ""),
    ("D", "Dina Test", "F", "Roma", "", ""),
]
CONDITIONS = [
    ("Women", "gender", "=", "F"),
    ("Romans", "city", "=", "Roma"),
]


def table(name: str, rows: list[dict[str, Any]], **more: Any) -> Table:
    columns = [column.name for column in schema.table(name).columns]
    frame = pd.DataFrame(rows, columns=[*columns, *[c for row in rows[:1] for c in row if c not in columns]])
    kinds = {column.name: column.kind for column in schema.table(name).columns}
    for column in frame.columns:
        if kinds.get(column) == "date":
            frame[column] = pd.to_datetime(frame[column])
        elif kinds.get(column) in schema.NUMBERS:
            frame[column] = frame[column].astype("float64")
        else:
            frame[column] = frame[column].astype(object).where(frame[column].notna(), "").astype("str")
    return Table(name, name, frame, {column: words.header(name, column) for column in frame.columns}, **more)


def workbook(asked: str = "Women", found: list[dict[str, Any]] | None = None, **own: str) -> Tables:
    people = [
        dict(zip(("client_id", "full_name", "gender", "city", "phone", "mobile"), one, strict=True)) for one in PEOPLE
    ]
    saved = [dict(zip(("segment", "field", "operator", "value"), one, strict=True)) for one in CONDITIONS]
    rows = [{**row, **own} for row in found or []]
    there = [table("FoundBy", [{"search": asked}]), table("Found", rows)]
    lists = [table("Clients", people), table("Segments", saved), table("Interactions", [])]
    return Tables.of(*lists, *there)


def after(tables: Tables, made: Plan, name: str) -> pd.DataFrame:
    """A table as it stands when the plan has been carried out: changes, rows out, rows under."""
    frame = tables[name].frame.astype(object)
    for change in made.changes:
        if change.table == name:
            frame.loc[change.after.index, change.column] = change.after
    for gone in made.removed:
        frame = frame.drop(index=gone.rows.index) if gone.table == name else frame
    under = [added.rows for added in made.added if added.table == name]
    return pd.concat([frame, *under], ignore_index=True)


def searched(tables: Tables, today: dt.date = TODAY, **asked: Any) -> Plan:
    return plan(tables, settings=Settings(), today=today, **asked)


def test_the_search_that_the_sheet_asks_for_fills_it() -> None:
    tables = workbook()
    made = searched(tables)
    rows = after(tables, made, "Found")
    assert rows["client_id"].tolist() == ["A", "C", "D"]
    assert rows["name"][0] == "Anna Prova" and rows["phone"][0] == "+39 06 5550101"
    assert after(tables, made, "FoundBy").iloc[0].tolist() == ["Women", 3, pd.Timestamp(TODAY)]
    assert ("segment.shown", {"n": 3, "name": "Women", "sheet": "Found"}) in made.notes
    assert made.files == (), "a click writes no file"


def test_a_mobile_stands_in_for_the_phone() -> None:
    tables = workbook("gender = M")
    assert after(tables, searched(tables), "Found")["phone"].tolist() == ["+47 22 55 50 12"]


@pytest.mark.parametrize("asked", ["", "  "], ids=["blank", "spaces"])
def test_a_sheet_that_asks_for_nothing_shows_the_first_search(asked: str) -> None:
    tables = workbook(asked)
    assert after(tables, searched(tables), "FoundBy")["search"].tolist() == ["Women"]


def test_by_name_and_by_conditions_there_is_a_file_too() -> None:
    tables = workbook()
    made = searched(tables, name="Women", where=("city = Roma",))
    assert after(tables, made, "FoundBy")["search"].tolist() == ["Women + city = Roma"]
    assert [file.name for file in made.files] == ["Women.xlsx"]
    assert [key for key, _ in made.notes] == ["segment.found", "segment.on_sheet"]


AGAIN = [
    ("without mobile", ["A", "C", "D"], "a condition without an operator"),
    ("women", ["A", "C", "D"], "a name without regard to case"),
    ("Women + city = Roma", ["A", "D"], "what a search by name and condition left there"),
    ('city = "Roma + Oslo"', [], "a plus inside quotes parts nothing"),
    ("registered on < today + 7 + gender = M", [], "nor one before a number"),
    ("no contact", ["A", "B", "C", "D"], "a condition without an operator is one, and no name"),
]


@pytest.mark.parametrize(("asked", "ids", "why"), AGAIN, ids=[why for *_, why in AGAIN])
def test_what_the_sheet_shows_can_be_searched_again(asked: str, ids: list[str], why: str) -> None:
    tables = workbook(asked)
    found = fits(Search(tables, Settings(), TODAY), asked)
    assert tables["Clients"].frame["client_id"][found].tolist() == ids


@pytest.mark.parametrize("asked", ["Wommen", "Big spenders within 30 days"])
def test_a_missing_search_is_a_problem_and_counts_are_made(asked: str) -> None:
    tables = workbook(asked)
    made = searched(tables)
    (problem,) = made.problems
    assert (problem.code, problem.table, problem.column, problem.value) == (
        "segment.unknown",
        "FoundBy",
        "search",
        asked,
    )
    assert all("Women, Romans" in problem.sentence(language) for language in LANGUAGES)
    assert {change.table for change in made.changes} == {"Segments"}
    assert not made.added and not made.removed, "who stood there stays"


def test_what_was_typed_beside_a_client_stays_beside_it() -> None:
    there = [{"client_id": "D", "Called": "yes"}, {"client_id": "B", "Called": "no"}, {"client_id": "A", "Called": ""}]
    tables = workbook("Women", there)
    made = searched(tables)
    rows = after(tables, made, "Found")
    assert rows["client_id"].tolist() == ["D", "A", "C"], "who stays keeps the place, who is new comes under"
    assert rows["Called"].fillna("").tolist() == ["yes", "", ""]
    assert [list(part.rows["Called"]) for part in made.removed] == [["no"]], "undo can bring it back"


def test_a_column_with_a_header_of_the_client_list_is_filled() -> None:
    tables = workbook("Women", [{"client_id": "A", "Sesso": "", "Mine": "x"}])
    rows = after(tables, searched(tables), "Found")
    assert rows["Sesso"].tolist() == ["F", "F", "F"]
    assert rows["Mine"].fillna("").tolist() == ["x", "", ""]


def test_formulas_in_the_sheet_stay() -> None:
    tables = workbook("Women", [{"client_id": "A"}])
    own = replace(tables["Found"], formulas=frozenset({"total_spend"}))
    made = searched(Tables.of(*(own if t.name == "Found" else t for t in tables.values())))
    assert all("total_spend" not in added.rows.columns for added in made.added)


def test_the_same_search_on_the_same_day_writes_nothing() -> None:
    tables = workbook()
    made = searched(tables)
    done = Tables.of(*(replace(t, frame=after(tables, made, t.name).reset_index(drop=True)) for t in tables.values()))
    assert searched(done).is_empty
    assert {change.column for change in searched(done, TODAY + dt.timedelta(1)).changes} == {"found_on", "counted_on"}


def test_two_rows_of_one_number_are_both_there() -> None:
    tables = workbook()
    people = tables["Clients"].frame
    people.loc[3, "client_id"] = "A"
    made = searched(tables)
    assert after(tables, made, "Found")["name"].tolist() == ["Anna Prova", "Carla Muster", "Dina Test"]


def test_an_older_workbook_gets_counts_and_a_file() -> None:
    tables = workbook()
    old = Tables.of(tables["Clients"], tables["Segments"])
    assert {change.table for change in searched(old).changes} == {"Segments"}
    made = searched(old, name="Women")
    assert made.files and {change.table for change in made.changes} == {"Segments"}


def test_an_empty_row_for_the_search_is_filled() -> None:
    tables = workbook()
    empty = replace(tables["FoundBy"], frame=tables["FoundBy"].frame.iloc[:0])
    made = searched(Tables.of(*(empty if t.name == "FoundBy" else t for t in tables.values())))
    (added,) = [part for part in made.added if part.table == "FoundBy"]
    assert added.rows["search"].tolist() == ["Women"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_workbook_it_grows_shrinks_and_is_taken_back(tmp_path: Path, language: str) -> None:
    path = tmp_path / "Book.xlsm"
    shipped(path, language=language, country="IT")
    now = dt.datetime(2026, 11, 22, 9, 0)
    rows = pd.DataFrame([{"client_id": f"K{n}", "full_name": f"N {n}", "city": "Roma"} for n in range(30)])

    def go(minute: int, *where: str) -> None:
        call = Call(now + dt.timedelta(minutes=minute))
        take(FileBook(path), "search", call, where=where)

    plan_with(FileBook(path), lambda *_: Plan("import", added=(Added("Clients", rows),)), Call(now), "import")
    go(1, "city = Roma")
    go(2, "full_name ends with 7")
    held = read_tables.read(path)
    assert held["Found"].frame["client_id"].tolist() == ["K7", "K17", "K27"]
    assert held["FoundBy"].frame["clients"].tolist() == [3]
    take(FileBook(path), "undo", Call(now + dt.timedelta(minutes=3)), number=3)
    held = read_tables.read(path)
    assert sorted(held["Found"].frame["client_id"]) == sorted(rows["client_id"])
    assert held["FoundBy"].frame["search"].tolist() == ["city = Roma"]
