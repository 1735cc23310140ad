"""Saved searches: every way to ask as a row of cases/segments.csv, and every mistake with a sentence that helps."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from tests.support.paths import CASES
from xlcrm import words
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.segments import Condition, members, parse_where, plan
from xlcrm.segments.condition import read_conditions, segment_names
from xlcrm.segments.search_words import SYMBOLS, shown, word_of
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
ITALY = Settings(country="IT", currency="EUR")
with (CASES / "segments.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def table(name: str, rows: str, **more: Any) -> Table:
    """A table from lines "a | b | c" under a line of columns; numbers and ISO dates are such, the rest is text."""
    lines = [[cell.strip() for cell in line.split("|")] for line in rows.strip().splitlines()]
    frame = pd.DataFrame({column: _typed([row[i] for row in lines[1:]]) for i, column in enumerate(lines[0])})
    return Table(name, name, frame, {column: words.header(name, column) for column in lines[0]}, **more)


def _typed(cells: list[str]) -> pd.Series[Any]:
    filled = [cell for cell in cells if cell]
    for kind in ("float64", "datetime64[us]"):
        try:
            if filled:
                typed: pd.Series[Any] = pd.Series([cell or None for cell in cells], dtype=object).astype(kind)
                return typed
        except (ValueError, TypeError):
            continue
    return pd.Series(cells, dtype="str")


CLIENTS = """
client_id | full_name  | gender | city    | country | status | employees | turnover | registered_on | Bottles | Bottles in cellar
A         | Anna Prova | F      | Roma    | IT      | client | 5         | 900      | 2026-01-31    | 20      |
B         | Bjørn Ærø  | M      | Oslo    | Norway  | Kunde  | 12        | 1001     | 2026-06-01    | 120     |
C         | Carl Probe | F      | München | DE      | lead   | 10        | 1000.6   | 2026-11-01    |         |
D         | Dino       | M      | Genova  | Italia  |        |           |          | 2025-03-01    |         | 3
E         | What? Ltd  |        |         |         |        |           |          |               |         |
          |            |        |         |         |        |           |          |               |         |
"""  # noqa: E501
MORE = """
client_id | birth_date | opt_out_email | notes
A         | 1980-02-29 |               | called in March
B         |            | x             |
C         |            |               |
D         |            | no            |
E         |            |               |
          |            |               |
"""
PURCHASES = """
invoice | client_id | date       | product | category | quantity | amount
1       | A         | 2026-10-01 | Barolo  | Wine     | 2        | 600
2       | A         | 2026-10-05 | Oil     | Oil      | 1        | 20
3       | B         | 2026-11-20 | Barolo  | wine     | 1        | 100
4       | B         | 2026-11-21 | Oil     | Oil      | 1        | 200
5       | C         | 2026-01-01 | Rosso   | Vino     | 4        | 30
6       | A         | 2026-10-20 | Barolo  | Wine     | -1       | -50
7       | D         | 2026-10-20 | Barolo  | Wine     | -1       | -10
8       | E         | 2026-11-30 | Barolo  | Wine     | 9        | 900
"""
INTERACTIONS = """
date       | client_id | kind      | subject
2026-11-01 | A         | visit     | Offer
2026-11-01 | C         | complaint | Late
2026-01-01 | B         | call      | Old
2026-12-01 | D         | call      | planned
"""
SEGMENTS = """
segment  | field   | operator | value | within_days | clients | counted_on
Women    | gender  | =        | F     |             |         |
Italians | country | =        | IT    |             |         |
"""


@pytest.fixture(scope="module")
def book() -> Tables:
    return workbook()


def workbook(segments: str = SEGMENTS) -> Tables:
    clients, more = table("Clients", CLIENTS), table("Clients", MORE)
    both = clients.frame.join(more.frame.drop(columns="client_id"))
    clients = replace(clients, frame=both, headers={**clients.headers, **more.headers})
    purchases = table("Purchases", PURCHASES)
    purchases.frame["invoice"] = purchases.frame["invoice"].astype(int).astype("str")
    return Tables.of(clients, purchases, table("Interactions", INTERACTIONS), table("Segments", segments))


def found(book: Tables, which: Any, settings: Settings = ITALY) -> str:
    chosen = members(book, which, today=TODAY, settings=settings)
    return " ".join(book["Clients"].frame["client_id"][chosen])


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["where"])
def test_conditions(case: dict[str, str], book: Tables) -> None:
    from xlcrm.segments.fields import FieldNames

    assert found(book, parse_where(case["where"], FieldNames.of(book))) == case["members"], case["why"]


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["where"])
def test_the_sheet_says_the_same(case: dict[str, str], book: Tables) -> None:
    """The parts of each sentence, typed into the columns of the sheet Segments."""
    from xlcrm.segments.fields import FieldNames

    one = parse_where(case["where"], FieldNames.of(book))
    row = {"segment": "Test", "field": one.field, "operator": one.operator, "value": one.value}
    typed = pd.DataFrame([{**row, "within_days": one.within_days}]).astype(str)
    sheet = book["Segments"]
    both = pd.concat([sheet.frame.astype(object), typed], ignore_index=True).fillna("")
    tables = Tables.of(*(replace(t, frame=both) if t is sheet else t for t in book.values()))
    assert found(tables, "Test") == case["members"], case["why"]


def test_all_conditions_of_a_segment_must_hold(book: Tables) -> None:
    both = workbook(SEGMENTS + "Both | gender | = | F | | |\n | country | = | IT | | |\n")
    assert found(both, "Both") == "A", "a row without a name belongs to the segment above"
    assert found(book, [parse_where("gender = F"), parse_where("country = IT")]) == "A"


def test_input_is_not_touched(book: Tables) -> None:
    before = {name: t.frame.copy(deep=True) for name, t in book.items()}
    for case in ROWS:
        members(book, parse_where(case["where"]), today=TODAY, settings=ITALY) if "ottles" not in case[
            "where"
        ] else None
    plan(book, settings=ITALY, today=TODAY)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(book[name].frame, frame)


MISTAKES = [
    (
        Condition("shoe size", "=", "42", place=5),
        "segment.no_field",
        "“Status = 42”",
        "the right form",
    ),
    (Condition("gender", "resembles", "F", place=5), "segment.no_operator", "starts with", "the operators"),
    (Condition("gender", "", "", place=5), "segment.needs_operator", "contains", "nothing to compare with"),
    (Condition("employees", ">", "", place=5), "segment.no_value", ">", "nothing to compare with either"),
    (Condition("employees", ">", "many", place=5), "segment.bad_number", "many", "a word for a number"),
    (Condition("registered_on", ">", "soon", place=5), "segment.bad_date", "soon", "a word for a date"),
    (Condition("employees", "between", "5", place=5), "segment.bad_between", "5", "one end only"),
    (Condition("opt_out_email", ">", "yes", place=5), "segment.bad_flag", "opt_out_email", "more than yes"),
    (Condition("spend", ">", "5", "a month", place=5), "segment.bad_days", "a month", "days that are no number"),
    (Condition("spend", ">", "5", "3 moons", place=5), "segment.bad_days", "3 moons", "a span that is none"),
    (Condition("spend", ">", "5", "0 months", place=5), "segment.bad_days", "0 months", "no time at all"),
    (
        Condition("sum of amount where categry is Wine", ">", "5", place=5),
        "segment.no_field",
        "Fields like it: Category",
        "a filter's mistake names the column of the lines",
    ),
    (Condition("spend", ">", "5", "-3", place=5), "segment.bad_days", "-3", "days before tomorrow"),
    (Condition("city", "=", "Roma", "30", place=5), "segment.no_window", "city", "a window on a text"),
    (Condition("segment", "=", "Men", place=5), "segment.no_segment", "Women, Italians", "the segments that exist"),
    (Condition("segment", "contains", "Wom", place=5), "segment.only_is", "contains", "segments are or are not"),
    (Condition("no purchase", ">", "3", place=5), "segment.no_and_operator", ">", "no purchase above three"),
    (Condition("sum of amount where flavour is sweet", ">", "3", place=5), "segment.no_field", "flavour", "a filter"),
    (Condition("ciity", "=", "Roma", place=5), "segment.no_field", "“City = Roma”", "a typing mistake"),
]


@pytest.mark.parametrize(("condition", "key", "part", "why"), MISTAKES, ids=[m[3] for m in MISTAKES])
def test_mistakes_name_the_row_and_what_exists(
    condition: Condition, key: str, part: str, why: str, book: Tables
) -> None:
    for language in LANGUAGES:
        with pytest.raises(CrmError) as refused:
            members(book, condition, today=TODAY, settings=replace(ITALY, language=language))
        assert refused.value.key == key
        sentence = refused.value.text(language)
        assert "5" in sentence
        assert "{" not in sentence
        assert language != "en" or part in sentence


def test_segments_that_name_each_other_in_a_circle(book: Tables) -> None:
    circle = workbook(SEGMENTS + "X | segment | = | Y | | |\nY | segment | is not | X | | |\n")
    with pytest.raises(CrmError, match="X > Y"):
        members(circle, "X", today=TODAY)


def test_an_unknown_segment_names_those_that_exist(book: Tables) -> None:
    with pytest.raises(CrmError, match="Women, Italians"):
        members(book, "Men", today=TODAY)


def test_search_counts_every_segment_and_rests_the_second_time(book: Tables) -> None:
    made = plan(book, settings=ITALY, today=TODAY)
    after = {change.column: change.after.tolist() for change in made.changes}
    assert after == {"clients": [2, 2], "counted_on": [pd.Timestamp(TODAY)] * 2}
    frame = book["Segments"].frame.assign(clients=[2.0, 2.0], counted_on=pd.Timestamp(TODAY))
    again = Tables.of(*(replace(t, frame=frame) if t.name == "Segments" else t for t in book.values()))
    assert plan(again, settings=ITALY, today=TODAY).is_empty


def test_a_mistaken_segment_is_a_problem_and_has_no_count() -> None:
    book = workbook("segment | field | operator | value | within_days | clients | counted_on\n"
                    "Bad | sex appeal | = | much | | 7 | 2026-01-01\nGood | gender | = | F | | |\n")  # fmt: skip
    made = plan(book, settings=ITALY, today=TODAY)
    assert [(p.code, p.row, p.key) for p in made.problems] == [("segment.no_field", 2, "Bad")]
    after = {change.column: change.after for change in made.changes}
    assert pd.isna(after["clients"][0])
    assert after["clients"][1] == 2


@pytest.mark.parametrize(
    ("out", "name", "file"),
    [("", "Women", "Women.xlsx"), ("x.csv", "Women", "x.csv"), ("sub/x", "", "sub/x.xlsx"), ("", "", "Clients.xlsx")],
)
def test_the_clients_found_are_a_file(book: Tables, out: str, name: str, file: str) -> None:
    made = plan(book, settings=ITALY, today=TODAY, name=name, where=["gender = F"], out=out)
    assert [f.name for f in made.files] == [file]
    content = made.files[0].content
    if isinstance(content, bytes):
        assert "Anna Prova" in content.decode("utf-16")
    else:
        assert [row[0] for row in content[0].rows] == ["A", "C"]
        assert content[0].header[0] == "Client ID"


def test_without_any_segment_there_is_nothing_to_do() -> None:
    none = workbook("segment | field | operator | value | within_days | clients | counted_on\n")
    assert plan(none, settings=ITALY, today=TODAY).nothing_to_do


def test_cells_of_the_sheet_may_be_numbers_and_dates(book: Tables) -> None:
    values = pd.Series([10, dt.datetime(2026, 6, 1)], dtype=object)
    fields = ["employees", "registered_on"]
    frame = pd.DataFrame({"segment": "S", "field": fields, "operator": ">=", "value": values, "within_days": None})
    sheet = replace(book["Segments"], frame=frame)
    assert len(read_conditions(sheet)["S"]) == 2
    unnamed = replace(sheet, frame=sheet.frame.drop(columns="segment"))
    assert read_conditions(unnamed) == {} and segment_names(unnamed) == [""] * len(sheet.frame)
    assert found(Tables.of(*(sheet if t.name == "Segments" else t for t in book.values())), "S") == "B C"


def test_every_word_shown_is_understood() -> None:
    for language in LANGUAGES:
        for group in ("operator", "noun", "unit"):
            for word in shown(group, language):
                assert word_of(group, word), (language, word)
    assert {word_of("operator", sign) for sign in SYMBOLS} == set(SYMBOLS.values())
