"""What a team's own typst template may not do: read the machine, use packages, or take its time and memory."""

from __future__ import annotations

import csv
import datetime as dt
import time
from collections.abc import Iterator

import pytest

from tests.support.paths import CASES
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.papers import typst_engine
from xlcrm.papers.letter_window import letter_window
from xlcrm.papers.paper_texts import LetterText, PaperTemplate, Sender
from xlcrm.papers.printing import PaperPress

with (CASES / "typst_attacks.csv").open(encoding="utf-8", newline="") as _file:
    ATTACKS = list(csv.DictReader(_file))
TODAY = dt.date(2026, 11, 27)
SENDER = Sender("Fratelli Bianchi", ("Via Tortona 14", "20144 Milano"), "Milano")
LETTER = LetterText(
    "C1", 2, ("Anna Rossi", "Via Roma 1", "20121 Milano"), "Gentile Anna Rossi,", "it", fields={"name": "A"}
)


@pytest.fixture(scope="module")
def press() -> Iterator[PaperPress]:
    with PaperPress() as made:
        made.letters([LETTER], letter_window("none"), SENDER, today=TODAY)  # it is up
        yield made


def own(source: str) -> PaperTemplate:
    return PaperTemplate("Spring letter.typ", f'#import "xlcrm.typ": *\n{source}'.encode())


def body(source: str) -> PaperTemplate:
    return own("#letters(client => [ " + source + " ])" if source.startswith("#cl") else source)


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case["why"])
def test_a_hostile_template_ends_in_a_sentence(case: dict[str, str], press: PaperPress) -> None:
    begun = time.monotonic()
    key = ""
    try:
        press.letters([LETTER], letter_window("none"), SENDER, today=TODAY, template=body(case["template"]))
    except CrmError as fault:
        key = fault.key.removeprefix("papers.")
        assert fault.values["template"] == "Spring letter.typ"
        assert case["line"] in ("", fault.values.get("line", ""))
        assert all(case["names"] in fault.text(language) for language in LANGUAGES)
        assert "xlcrm-" not in fault.text("en"), "no path of this machine"
    assert time.monotonic() - begun < 5.5
    assert key in case["ends"].split() or key == case["ends"]


def test_the_name_that_is_meant_is_told(press: PaperPress) -> None:
    with pytest.raises(CrmError) as refused:
        press.letters([LETTER], letter_window("none"), SENDER, today=TODAY, template=own("#letters(c => c.salutatoin)"))
    assert refused.value.values["near"] == "salutation"
    assert "Is “salutation” meant?" in str(refused.value)


def test_what_a_client_typed_is_no_code(press: PaperPress) -> None:
    lines = ('#panic("x")', "*b* _i_ $1$ `c` @a <b> \\", "= head // comment", "- item ~ a--b 'q' \"r\"")
    made = press.letters([LetterText("C1", 2, lines)], letter_window("none"), SENDER, today=TODAY)
    assert made.problems == ()
    assert made.printed == ("C1",)


def test_a_press_goes_on_after_a_fault(press: PaperPress) -> None:
    with pytest.raises(CrmError):
        press.letters([LETTER], letter_window("none"), SENDER, today=TODAY, template=own("#while true {}"))
    assert press.letters([LETTER], letter_window("none"), SENDER, today=TODAY).pages == 1


def test_a_picture_beside_the_template_is_shown(press: PaperPress) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="9" height="9"/></svg>'
    source = b'#import "xlcrm.typ": *\n#letters(client => image("logo.svg"))'
    template = PaperTemplate("mine.typ", source, {"logo.svg": svg})
    assert press.letters([LETTER], letter_window("none"), SENDER, today=TODAY, template=template).pages == 1


def test_a_template_that_is_no_text_is_refused(press: PaperPress) -> None:
    template = PaperTemplate("mine.typ", b"\xff\xfe\x00")
    with pytest.raises(CrmError) as refused:
        press.letters([LETTER], letter_window("none"), SENDER, today=TODAY, template=template)
    assert refused.value.key == "papers.template_not_utf8"
    assert press.letters([LETTER], letter_window("none"), SENDER, today=TODAY, template=own("#letters(c => [x])")).pages


def test_without_typst_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst_engine, "find_spec", lambda name: None)
    with PaperPress() as press, pytest.raises(CrmError) as refused:
        press.letters([LETTER], letter_window("none"), SENDER, today=TODAY)
    assert refused.value.key == "papers.no_typst"


def test_what_an_archive_may_not_hold_is_a_plain_pdf(press: PaperPress) -> None:
    template = own('#pdf.attach("a.txt", bytes("x"))\n#letters(client => [x])')
    made = press.letters([LETTER], letter_window("none"), SENDER, today=TODAY, template=template)
    assert (made.pages, made.printed) == (1, ("C1",))


def test_a_template_cannot_say_that_others_do_not_fit(press: PaperPress) -> None:
    template = own('#metadata("9") <xlcrm-unfit>\n#metadata((a: 1)) <xlcrm-unfit>\n#letters(client => [x])')
    assert press.letters([LETTER], letter_window("none"), SENDER, today=TODAY, template=template).problems == ()
