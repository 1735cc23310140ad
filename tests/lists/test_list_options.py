"""Options of a list: what is wrong is told with its row and what is allowed; what is blank means the usual."""

from __future__ import annotations

import pytest

from tests.support.list_help import NotingPress, Row, client, made, tables
from xlcrm.errors import CrmError
from xlcrm.lists.list_order import FORMATS, FORMATS_OF, read_orders
from xlcrm.lists.list_plan import ListsAsked, kinds_of, label_test_page
from xlcrm.papers.paper_texts import Paper
from xlcrm.settings import Settings

WRONG = [
    ({"sheet": "L9999"}, "sheet", "lists.bad_option", "L7160"),
    ({"order": "zigzag"}, "order", "lists.bad_option", "column by column"),
    ({"recipients": "the cat"}, "recipients", "lists.bad_option", "main contact"),
    ({"one_per": "town"}, "one_per", "lists.bad_option", "household"),
    ({"salutation": "rude"}, "salutation", "lists.bad_option", "friendly"),
    ({"language": "fi"}, "language", "lists.bad_option", "nb"),
    ({"window": "round"}, "window", "lists.bad_option", "din-b"),
    ({"files": "two"}, "files", "lists.bad_option", "a file each"),
    ({"sort_by": "shoe size"}, "sort_by", "lists.bad_option", "city"),
    ({"then_by": "shoe size"}, "then_by", "lists.bad_option", "city"),
    ({"start_at": "0"}, "start_at", "lists.bad_whole", ""),
    ({"start_at": "two"}, "start_at", "lists.bad_whole", ""),
    ({"skip_touched": "1.5"}, "skip_touched", "lists.bad_whole", ""),
    ({"offset_x": "far"}, "offset_x", "lists.bad_offset", ""),
    ({"offset_y": "900"}, "offset_y", "lists.bad_offset", ""),
    ({"format": "docx"}, "format", "lists.unknown_format", "pdf"),
]


@pytest.mark.parametrize(("option", "column", "code", "allowed"), WRONG, ids=[str(case[0]) for case in WRONG])
def test_a_wrong_option_names_its_cell(option: Row, column: str, code: str, allowed: str) -> None:
    good: Row = {"list": "Good", "kind": "labels"}
    plan = made(tables(Clients=[client()], Lists=[good, {"list": "Bad", "kind": "labels", **option}]))
    (problem,) = plan.problems
    assert (problem.code, problem.table, problem.row, problem.column) == (code, "Lists", 3, column)
    assert str(next(iter(option.values()))) in problem.sentence("en")
    assert allowed in problem.sentence("en")
    assert [file.name for file in plan.files] == ["Good.pdf"], "the other list is made"


def test_all_that_is_wrong_in_a_row_is_told_at_once() -> None:
    bad: Row = {"list": "Bad", "kind": "labels", "sheet": "x", "one_per": "y", "start_at": "z"}
    assert len(made(tables(Clients=[client()], Lists=[bad])).problems) == 3


def test_what_is_blank_means_the_usual() -> None:
    given = tables(Clients=[client()], Lists=[{"list": "L", "kind": "labels"}])
    order = read_orders(given, Settings(country="IT"))[0][0]
    assert (order.sheet.sheet, order.start_at, order.window, order.form) == ("L7160", 1, "c5-right-it", "pdf")
    assert (order.recipients, order.one_per, order.salutation, order.language) == (
        "client",
        "person",
        "formal",
        "client",
    )
    assert read_orders(given, Settings(country="US"))[0][0].sheet.sheet == "5160"


def test_options_reach_the_press() -> None:
    row: Row = {
        "list": "L", "kind": "labels", "sheet": "Avery L7163", "start_at": "5", "offset_x": "0,5", "offset_y": "-1",
        "order": "column by column",
    }  # fmt: skip
    press = NotingPress()
    made(tables(Clients=[client()], Lists=[row]), press=press)
    given = press.asked[0][2]
    assert (given["sheet"].sheet, given["start_at"], given["offset"], given["by_column"]) == (
        "L7163",
        5,
        (0.5, -1.0),
        True,
    )


OWN = {"sheet": "Mine", "paper": "A4", "columns": "2", "rows": "5", "label_width": "90", "label_height": "50",
       "left": "10", "top": "10", "pitch_x": "95", "pitch_y": "52"}  # fmt: skip


def test_own_measures_are_a_sheet_like_ours() -> None:
    rows: list[Row] = [dict(OWN), {**OWN, "sheet": "Odd", "columns": "many"}]
    press = NotingPress()
    lists: list[Row] = [{"list": "L", "kind": "labels", "sheet": "mine"}]
    plan = made(tables(Clients=[client()], Lists=lists, LabelSheets=rows), press=press)
    assert press.asked[0][2]["sheet"].count == 10
    assert [(problem.table, problem.row) for problem in plan.problems] == [("LabelSheets", 3)]


@pytest.mark.parametrize(
    ("template", "form"), [("Spring.docx", "docx"), ("Spring.typ", "pdf"), ("spring.HTML", "html"), ("", "pdf")]
)
def test_the_templates_name_tells_the_format(template: str, form: str) -> None:
    given = tables(Clients=[client()], Lists=[{"list": "L", "kind": "letters", "template": template}])
    assert read_orders(given, Settings())[0][0].form == form


def test_every_format_belongs_to_a_kind() -> None:
    assert {form for forms in FORMATS_OF.values() for form in forms} == set(FORMATS)


def test_a_kind_is_understood_in_six_languages() -> None:
    assert kinds_of(("etichette", "Briefe", "crm:hubspot")) == ("labels", "letters", "crm:hubspot")
    with pytest.raises(CrmError) as refused:
        kinds_of(("parcels",))
    assert "labels" in refused.value.text("en")


def test_a_button_makes_the_lists_of_its_kind() -> None:
    rows: list[Row] = [{"list": "A", "kind": "labels"}, {"list": "B", "kind": "letters"}]
    given = tables(Clients=[client(), client(client_id="C2", house_number="2")], Lists=rows)
    assert [file.name for file in made(given, ListsAsked(kinds=("labels",))).files] == ["A.pdf"]
    by_default = made(given, ListsAsked(kinds=("contacts",), selected=("C2",)))
    assert [file.name for file in by_default.files] == ["Contacts.vcf"]
    assert by_default.notes[0][1]["n"] == 1
    assert made(given, ListsAsked(kinds=("contacts",))).notes[0][1]["n"] == 2, "nobody selected is everybody"


def test_a_card_is_for_the_clients_named_and_blank_without() -> None:
    given = tables(Clients=[client(), client(client_id="C2")], Lists=[{"list": "", "kind": ""}])
    press = NotingPress()
    made(given, ListsAsked(kinds=("cards",), clients=("C2",)), press=press)
    made(given, ListsAsked(kinds=("cards",), clients=()), press=press)
    assert [[text.key for text in texts] for _, texts, _ in press.asked] == [["C2"], [""]]
    with pytest.raises(CrmError) as refused:
        made(given, ListsAsked(kinds=("cards",), clients=("C9",)))
    assert refused.value.key == "lists.no_such_client"


def test_a_test_page_is_of_our_sheets_or_own_ones() -> None:
    class Page:
        def test_page(self, sheet: object, *, language: str) -> Paper:
            return Paper(b"%PDF", 1, ())

    given = tables(Clients=[client()], Lists=[{"list": ""}], LabelSheets=[dict(OWN)])
    assert [label_test_page(given, name, Page(), settings=Settings()).files[0].name for name in ("L7160", "mine")] == [
        "L7160.pdf",
        "Mine.pdf",
    ]
