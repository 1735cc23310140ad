"""The team's own template files, with their pictures, and the starters to begin with."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.papers import paper_templates
from xlcrm.papers.label_sheet import label_sheet
from xlcrm.papers.letter_window import letter_window
from xlcrm.papers.paper_starters import STARTERS, starter
from xlcrm.papers.paper_templates import LARGEST
from xlcrm.papers.paper_texts import CardField, CardGroup, CardText, LabelText, LetterText, PaperTemplate, Sender
from xlcrm.papers.printing import PaperPress

TODAY = dt.date(2026, 11, 27)
posix = pytest.mark.skipif(os.name == "nt", reason="pipes and links as POSIX has them")


@pytest.fixture(scope="module")
def press() -> Iterator[PaperPress]:
    with PaperPress() as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "templates"
    made.mkdir()
    (made / "Spring letter.typ").write_bytes(b"mine")
    return made


def load(folder: Path) -> paper_templates.PaperTemplates:
    return paper_templates.paper_templates(folder.parent / "My.xlsm")


def test_ours_and_the_teams_are_found(folder: Path) -> None:
    (folder / "labels.typ").write_bytes(b"my labels")
    (folder / "Old.DOCX").write_bytes(b"PK")
    (folder / "logo.png").write_bytes(b"\x89PNG")
    (folder / "mailing.html").write_bytes(b"no paper")
    for left in (".DS_Store", "~$Old.docx", ".hidden.typ"):
        (folder / left).write_bytes(b"x")
    found = load(folder)
    assert set(found) == {
        "letters.typ",
        "labels.typ",
        "cards.typ",
        "asking.typ",
        "breach.typ",
        "documents.typ",
        "Spring letter.typ",
        "Old.DOCX",
    }
    assert (found["labels.typ"].source, found["labels.typ"].ours) == (b"my labels", False)
    assert found["cards.typ"].ours
    assert found["Spring letter.typ"].files == {"logo.png": b"\x89PNG"}
    assert found["Old.DOCX"].files == {}
    assert found["cards.typ"].files == {}
    assert len(found) == 8


def test_without_a_folder_ours_are_there(tmp_path: Path) -> None:
    assert set(paper_templates.paper_templates(tmp_path / "My.xlsm")) == {
        "letters.typ", "labels.typ", "cards.typ", "asking.typ", "breach.typ", "documents.typ",
    }  # fmt: skip


ODD: list[tuple[str, Callable[[Path], object], str]] = [
    ("a link elsewhere", lambda path: path.symlink_to(__file__), "templates.elsewhere"),
    ("a device", lambda path: path.symlink_to("/dev/zero"), "templates.elsewhere"),
    ("a pipe", lambda path: os.mkfifo(path), "papers.template_file_size"),
    ("a dead link", lambda path: path.symlink_to("nowhere"), "templates.unreadable"),
    ("too large", lambda path: path.write_bytes(b"x" * (LARGEST + 1)), "papers.template_file_size"),
]


@posix
@pytest.mark.parametrize(("why", "make", "key"), ODD, ids=[case[0] for case in ODD])
def test_what_is_no_template_is_refused_when_asked_for(
    folder: Path, why: str, make: Callable[[Path], object], key: str
) -> None:
    make(folder / "odd.typ")
    make(folder / "logo.png")
    found = load(folder)
    assert found["Spring letter.typ"].source == b"mine"
    assert found["Spring letter.typ"].files == {}
    with pytest.raises(CrmError) as refused:
        found["odd.typ"]
    assert refused.value.key == key
    assert "odd.typ" in str(refused.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_typst_starter_prints_in_every_language(language: str, press: PaperPress) -> None:
    def made(kind: str) -> PaperTemplate:
        content = starter(kind, "typ", language=language, fields=["company", "city"])
        assert b"papers." not in content
        assert (b"client.city" in content) == (kind in ("letters", "asking"))
        return PaperTemplate(f"{kind}.typ", content)

    one = LetterText("C1", 2, ("Anna Rossi",), "Gentile Anna,", language, questions=("E-mail",))
    card = CardText("C1", 2, "Anna", language=language, groups=(CardGroup("G", (CardField("Name", "Anna"),)),))
    sheet, window, sender = label_sheet("L7160"), letter_window("din-b"), Sender("Bianchi")
    papers = [
        press.labels([LabelText("C1", 2, ("Anna", "Milano"))], sheet, template=made("labels")),
        press.letters([one], window, sender, today=TODAY, template=made("letters")),
        press.asking([one], window, sender, today=TODAY, template=made("asking")),
        press.cards([card], sender, today=TODAY, template=made("cards")),
    ]
    assert [(paper.pages, paper.problems) for paper in papers] == [(1, ())] * 4


@pytest.mark.parametrize(("kind", "form"), [("labels", "docx"), ("letters", "html"), ("mailing", "typ"), ("", "")])
def test_a_starter_that_does_not_exist_names_those_that_do(kind: str, form: str) -> None:
    with pytest.raises(CrmError) as refused:
        starter(kind, form)
    assert all(f"{name}.{one}" in str(refused.value) for name, forms in STARTERS.items() for one in forms)


@pytest.mark.parametrize("wide", ["101", "011", "01101", "0111", "1"])
def test_a_wide_field_has_its_line_wherever_it_comes(press: PaperPress, wide: str) -> None:
    fields = tuple(CardField(f"Label {n}", f"Value {n}", one == "1") for n, one in enumerate(wide))
    made = press.cards([CardText("C1", 2, "Card", groups=(CardGroup("G", fields),))], Sender("B"), today=TODAY)
    text = PdfReader(BytesIO(made.content)).pages[0].extract_text()
    assert [n for n in range(len(wide)) if f"Value {n}" not in text] == []


def test_cards_are_a_page_each_and_long_ones_go_on(press: PaperPress) -> None:
    def card(key: str, fields: int) -> CardText:
        return CardText(key, 2, f"Card {key}", groups=(CardGroup("G", (CardField("Label", "Value"),) * fields),))

    made = press.cards([card("C1", 4), card("C2", 90), card("C3", 1)], Sender("B"), today=TODAY)
    assert made.printed == ("C1", "C2", "C3")
    assert made.pages == 4
