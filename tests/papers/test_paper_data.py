"""Data of papers: how fields are written in each language, languages that aren't ours, and that inputs stay."""

from __future__ import annotations

import copy
import datetime as dt
from decimal import Decimal

import pytest

from xlcrm.errors import CrmError
from xlcrm.papers import paper_data
from xlcrm.papers.label_sheet import label_sheet
from xlcrm.papers.letter_window import letter_window
from xlcrm.papers.misspelt_names import known_names, misspelt
from xlcrm.papers.paper_data import shown
from xlcrm.papers.paper_texts import CardField, CardGroup, CardText, LabelText, LetterText, Sender

TODAY = dt.date(2026, 11, 27)


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        (dt.date(1970, 1, 2), "it", "2 gennaio 1970"),
        (dt.date(1970, 1, 2), "nb", "2. januar 1970"),
        (dt.date(1970, 1, 2), "en", "2 January 1970"),
        (dt.date(1970, 1, 2), "pl", "2 January 1970"),
        (dt.date(1970, 1, 2), "", "2 January 1970"),
        (Decimal("1234.5"), "de", "1.234,50"),
        (Decimal("18.333"), "it", "18,333"),
        (0.1 + 0.2, "en", "0.30"),
        (1234.5, "en", "1,234.50"),
        (float("nan"), "en", ""),
        (7, "it", 7),
        (True, "it", True),
        (None, "it", ""),
        ("007", "it", "007"),
        (("a", None), "it", ["a", ""]),
        ({"a": {"b": None}}, "it", {"a": {"b": ""}}),
        (object(), "it", ""),
    ],
)
def test_how_a_field_is_shown(value: object, language: str, expected: object) -> None:
    assert shown(value, language) == expected


def test_a_letter_keeps_what_every_letter_has() -> None:
    fields = {"salutation": "wrong", "city": "Roma", "since": dt.date(2020, 1, 1)}
    before = copy.deepcopy(fields)
    text = LetterText("C1", 2, ("Anna", "", "Roma"), "Gentile Anna,", "it", fields=fields)
    made = paper_data.letter(text, Sender(place="Milano"), TODAY)
    assert made["salutation"] == "Gentile Anna,"
    assert made["lines"] == ["Anna", "Roma"]
    assert (made["city"], made["since"]) == ("Roma", "1 gennaio 2020")
    assert made["date"] == "Milano, 27 novembre 2026"
    assert fields == before


@pytest.mark.parametrize("language", ["", "pl", "IT", "xx-yy"])
def test_a_language_that_is_not_ours_gets_english_words(language: str) -> None:
    text = LetterText("C1", 2, ("Jan",), "Dear Jan,", language)
    assert paper_data.letter(text, Sender(), TODAY)["language"] == "en"
    frame = paper_data.letter_frame([text], letter_window("none"), Sender(), "L", language)
    assert (frame["language"], list(frame["words"])) == ("en", ["en"])


def test_a_card_is_blank_where_no_field_has_a_value() -> None:
    blank = CardText("", 0, "New", groups=(CardGroup("G", (CardField("Name"), CardField("City"))),))
    filled = CardText("C1", 2, "Anna", groups=(CardGroup("G", (CardField("Name", "Anna"),)),))
    assert [paper_data.card(card)["blank"] for card in (blank, filled)] == [True, False]


def test_labels_without_lines_leave_their_place() -> None:
    texts = [LabelText("C1", 2, ("a",)), LabelText("C2", 3, ("", " ")), LabelText("C3", 4, ("c",))]
    sheets = paper_data.labels_on_sheets(texts, label_sheet("L7160"), 21, (0.0, 0.0), False)
    assert [[label["key"] for label in sheet] for sheet in sheets] == [["0"], ["2"]]
    assert sheets[1][0]["left"] > label_sheet("L7160").left + 60


def test_a_misspelt_name_is_told_with_the_one_that_is_meant() -> None:
    names = known_names({"letters": [{"first_name": "a", "city": {"x": 1}}], "none": []})
    assert {"letters", "first_name", "city", "x", "none"} <= names
    assert misspelt("papers.template_name", "frist_name", names).values["near"] == "first_name"
    assert misspelt("papers.template_name", "qqqq", names).key == "papers.template_name"


def test_a_window_that_does_not_exist_names_those_that_do() -> None:
    assert letter_window("").window == "none"
    assert letter_window(" DIN-B ").window == "din-b"
    with pytest.raises(CrmError) as refused:
        letter_window("din-c")
    assert "c5-right-it" in str(refused.value)
