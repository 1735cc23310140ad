"""The sheet Import: a click that asks, and the next one that does what a person wrote there."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.importing_help import TODAY, incoming, workbook
from xlcrm import messages, schema, words
from xlcrm.importing import Incoming, planning
from xlcrm.importing.import_sheet import ANSWERS, COLUMNS, SHEET, Answered, plan
from xlcrm.importing.remembered import Choices, said
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

CLEAR = incoming("Full name;E-mail\nAda Rossi;ada@example.com\nLuca Bianchi;luca@example.com")
DATES = incoming(
    "Full name;E-mail;Registered on\nAda Rossi;ada@example.com;03/04/2026\nLuca Bianchi;luca@example.com;05/06/2026"
)
DOUBTFUL = incoming("Full name;E-mail;Phone\nAda Rossi;ada@example.com;blue\nLuca Bianchi;luca@example.com;red")
NOTHING = incoming("Alfa;Beta\nx;y\nz;w")


def asked(language: str = "en", rows: pd.DataFrame | None = None) -> Tables:
    """A workbook whose sheet Import holds these rows; a new one has a blank row."""
    frame = pd.DataFrame([[""] * len(COLUMNS)], columns=list(COLUMNS), dtype="str") if rows is None else rows
    headers = {column: words.header(SHEET, column, language) for column in COLUMNS}
    others = workbook(language)
    tables = [others[name] for name in others]
    return Tables.of(*tables, Table(SHEET, words.title(SHEET, language), frame, headers))


def click(
    tables: Tables, one: Incoming, language: str = "en", remembered: dict[str, Choices] | None = None
) -> Answered:
    return plan(
        tables, [one], settings=Settings(language=language, country="IT"), today=TODAY, remembered=remembered or {}
    )


def written(done: Plan) -> pd.DataFrame:
    """The rows of the sheet, where nothing else is written."""
    (added,) = done.added
    assert added.table == SHEET and not done.changes and not done.new_columns
    assert {removed.table for removed in done.removed} <= {SHEET}
    return added.rows


def answered(rows: pd.DataFrame, **cells: str) -> pd.DataFrame:
    """The rows with another word in the column of ours, by their column."""
    field = [
        cells.get(column.replace(" ", "_").strip("()"), was)
        for column, was in zip(rows["column"], rows["field"], strict=True)
    ]
    return rows.assign(field=pd.Series(field, dtype="str"))


def names(done: Plan) -> set[str]:
    return {added.table for added in done.added}


def test_without_doubt_it_just_imports() -> None:
    done = click(asked(), CLEAR)
    plain = planning.plan(workbook(), [CLEAR], settings=Settings(country="IT"), today=TODAY)
    assert names(done.plan) == {"Clients"} and done.plan.notes == plain.notes
    assert not done.choices.told


def test_an_older_workbook_imports_as_before() -> None:
    done = click(workbook(), DATES)
    assert names(done.plan) == {"Clients"}
    assert "import.date_order" in {problem.code for problem in done.plan.problems}


def test_a_sheet_without_a_column_is_not_used() -> None:
    done = click(asked(rows=pd.DataFrame({"file": pd.Series([""], dtype="str")})), DATES)
    assert names(done.plan) == {"Clients"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("spoken", "order", "day"), [("same", "dmy", "2026-04-03"), ("other", "mdy", "2026-03-04")])
def test_dates_are_asked_and_answered(language: str, spoken: str, order: str, day: str) -> None:
    first = click(asked(language), DATES, language)
    assert first.plan.nothing_to_do and not first.choices.told
    assert [key for key, _ in first.plan.notes] == ["import.sheet_asked"]
    rows = written(first.plan)
    assert rows["doubt"][0] == messages.text("import.sheet_dates", language)
    assert rows["column"].tolist()[1:] == ["Full name", "E-mail", "Registered on"]
    answer = words.choice_word("import_answer", order, language if spoken == "same" else "fr")
    rows.loc[0, "field"] = answer
    second = click(asked(language, rows), DATES, language)
    assert names(second.plan) == {"Clients"} and second.choices.dates == order
    assert not second.choices.mapping
    assert [removed.table for removed in second.plan.removed] == [SHEET]
    assert len(second.plan.removed[0].rows) == len(rows)
    assert second.plan.added[0].rows["registered_on"][0] == pd.Timestamp(day)


def test_a_question_left_blank_is_asked_again() -> None:
    rows = written(click(asked(), DATES).plan)
    again = click(asked(rows=rows), DATES)
    assert written(again.plan).equals(rows)


def test_decimals_are_asked_and_answered() -> None:
    one = incoming("Client ID;Date;Product;Amount\nC1;2026-01-02;Lamp;1,250\nC1;2026-01-03;Desk;2,500")
    rows = written(click(asked(), one).plan)
    assert rows["doubt"][0] == messages.text("import.sheet_decimal")
    rows.loc[0, "field"] = "virgola decimale"
    done = click(asked(rows=rows), one)
    assert done.choices.decimal == ","
    (lines,) = [added.rows for added in done.plan.added if added.table == "Purchases"]
    assert lines["amount"].tolist() == [1.25, 2.5]


def test_a_column_not_clear_can_be_named_or_left_blank() -> None:
    rows = written(click(asked(), DOUBTFUL).plan)
    assert rows["doubt"].tolist() == ["", "", messages.text("import.sheet_column")]
    assert rows["before"][2] == "blue; red"
    blank = click(asked(rows=rows), DOUBTFUL)
    assert blank.choices.mapping == {"Phone": ""} and names(blank.plan) == {"Clients"}
    named = click(asked(rows=answered(rows, Phone="Settore")), DOUBTFUL)
    assert named.choices.mapping == {"Phone": "Settore"}
    assert named.plan.added[0].rows["sector"].tolist() == ["blue", "red"]


def test_what_was_proposed_can_be_changed() -> None:
    rows = answered(written(click(asked(), DOUBTFUL).plan), Full_name="Company")
    done = click(asked(rows=rows), DOUBTFUL)
    assert done.plan.added[0].rows["company"].tolist() == ["Ada Rossi", "Luca Bianchi"]


def test_a_list_that_says_nothing_is_asked_about() -> None:
    rows = written(click(asked(), NOTHING).plan)
    assert rows["column"].tolist() == ["Alfa", "Beta"]
    done = click(asked(rows=answered(rows, Alfa="Full name")), NOTHING)
    assert done.plan.added[0].rows["full_name"].tolist() == ["x", "z"]
    assert written(click(asked(rows=rows), NOTHING).plan).equals(rows)


@pytest.mark.parametrize("other", ["another.csv", "list.csv"])
def test_the_table_of_another_list_is_replaced(other: str) -> None:
    rows = written(click(asked(), DOUBTFUL).plan)
    rows = rows.assign(file=other, column=["Full name", "E-mail", "Phone" if other == "another.csv" else "Colour"])
    done = click(asked(rows=rows), DOUBTFUL)
    assert written(done.plan)["file"].unique().tolist() == ["list.csv"]
    assert len(done.plan.removed[0].rows) == len(rows)


def test_what_was_answered_is_not_asked_again() -> None:
    rows = written(click(asked(), DOUBTFUL).plan)
    choices = click(asked(rows=rows), DOUBTFUL).choices
    assert names(click(asked(), DOUBTFUL, remembered=said([DOUBTFUL], choices)).plan) == {"Clients"}


def test_the_tables_given_stay_as_they_are() -> None:
    rows = written(click(asked(), DOUBTFUL).plan)
    tables = asked(rows=rows)
    before = {name: tables[name].frame.copy() for name in tables}
    click(tables, DOUBTFUL)
    assert all(tables[name].frame.equals(frame) for name, frame in before.items())


def test_the_answers_are_words_of_the_schema() -> None:
    assert tuple(column.name for column in schema.table(SHEET).columns) == COLUMNS
    for language in LANGUAGES:
        shown = [words.choice_word("import_answer", word, language) for part in ANSWERS.values() for word in part]
        assert list(words.choices("import_answer", language)) == shown
        assert not [word for word in shown if words.column_of("Clients", word) or words.column_of("Purchases", word)]


def test_what_is_remembered_can_be_changed_in_the_sheet() -> None:
    remembered = said([DATES], Choices(dates="mdy"))
    assert names(click(asked(), DATES, remembered=remembered).plan) == {"Clients"}
    word = pd.DataFrame([["change", *[""] * (len(COLUMNS) - 1)]], columns=list(COLUMNS), dtype="str")
    shown = written(click(asked(rows=word), DATES, remembered=remembered).plan)
    first = shown.iloc[0]
    assert first["column"] == words.choice_word("import_question", "dates", "en")
    assert first["field"] == words.choice_word("import_answer", "mdy", "en")
    other = words.choice_word("import_answer", "dmy", "en")
    changed = shown.assign(field=pd.Series([other, *shown["field"][1:]], dtype="str"))
    done = click(asked(rows=changed), DATES, remembered=remembered)
    assert done.choices.dates == "dmy"
    assert [str(day)[:10] for day in done.plan.added[0].rows["registered_on"]] == ["2026-04-03", "2026-06-05"]


COLLEAGUES = incoming(
    "Company;First name;Last name;E-mail\nSala Srl;Ada;Rossi;ada@sala.example.com\n"
    "Sala Srl;Luca;Neri;luca@sala.example.com"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_firms_or_rows_are_asked_and_answered(language: str) -> None:
    rows = written(click(asked(language), COLLEAGUES, language).plan)
    question = words.choice_word("import_question", "people", language)
    assert rows["column"].iloc[0] == question
    assert rows["doubt"].iloc[0] == messages.text("import.sheet_people", language)
    for answer, expected in (("firms", (1, 2)), ("rows", (2, 0))):
        word = words.choice_word("import_answer", answer, language)
        told = rows.assign(field=[word, *rows["field"].iloc[1:]])
        done = click(asked(language, told), COLLEAGUES, language)
        added = {part.table: len(part.rows) for part in done.plan.added}
        assert (added.get("Clients", 0), added.get("People", 0)) == expected
        assert done.choices.people == ANSWERS["people"][answer]


def test_until_firms_or_rows_is_answered_it_asks_again() -> None:
    rows = written(click(asked(), COLLEAGUES).plan)
    assert names(click(asked(rows=rows), COLLEAGUES).plan) == {SHEET}
