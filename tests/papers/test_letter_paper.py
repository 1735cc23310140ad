"""Letters as PDF, read back: addresses inside their windows, every language, long names, pages counted by letter."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal

import pypdf
import pytest

from tests.papers.test_label_paper import drawn
from tests.support.paths import CASES
from xlcrm.messages import LANGUAGES
from xlcrm.papers.label_sheet import PAPERS
from xlcrm.papers.letter_window import LetterWindow, letter_window, letter_windows
from xlcrm.papers.paper_texts import LetterText, PaperTemplate, Sender
from xlcrm.papers.printing import PaperPress

with (CASES / "window_addresses.csv").open(encoding="utf-8", newline="") as _file:
    ADDRESSES = list(csv.DictReader(_file))
TODAY = dt.date(2026, 11, 27)
SENDER = Sender(
    "Fratelli Bianchi S.r.l.", ("Via Tortona 14", "20144 Milano"), "Milano", ("Tel. 02 5550 100", "info@example.com"),
    ("P. IVA IT01234567890",), "Laura Bianchi", "Amministratrice",
)  # fmt: skip


@pytest.fixture(scope="module")
def press() -> Iterator[PaperPress]:
    with PaperPress() as made:
        yield made


def letter(lines: tuple[str, ...], language: str = "it", **fields: object) -> LetterText:
    return LetterText("C1", 2, lines, "Gentile Anna Rossi,", language, fields=fields)


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("window", letter_windows().values(), ids=lambda window: window.window)
@pytest.mark.parametrize("case", ADDRESSES, ids=lambda case: case["why"])
def test_an_address_is_inside_its_window_or_a_problem(
    case: dict[str, str], window: LetterWindow, press: PaperPress
) -> None:
    lines = tuple(case["lines"].split("|"))
    made = press.letters([letter(lines)], window, SENDER, today=TODAY)
    if window.window in case["too_big"].split() or case["too_big"] == "all":
        assert [(found.code, found.key) for found in made.problems] == [("papers.address_too_big", "C1")]
        assert (made.printed, "Gentile" in text_of(made.content)) == ((), False)
        return
    assert (made.problems, made.printed) == ((), ("C1",))
    words = drawn(made.content)
    address = [word for word in words if word[3] in "|".join(lines) and word[1] > window.left - 1]
    shown = " ".join(word[3] for word in address)
    assert all(line in shown for line in lines)
    inside = [word for word in address if window.top + window.sender <= word[2] <= window.top + window.height]
    assert " ".join(word[3] for word in inside).split() == " ".join(lines).split()
    assert min(word[1] for word in inside) == pytest.approx(window.left, abs=0.1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_speaks_the_language_of_its_client(language: str, press: PaperPress) -> None:
    both = [letter(("Anna Rossi", "Milano"), language), letter(("Ola", "Oslo"), "nb")]
    text = text_of(press.letters(both, letter_window("din-b"), SENDER, today=TODAY, language="it").content)
    expected = {
        "it": ("Milano, 27 novembre 2026", "Cordiali saluti"),
        "es": ("Milano, 27 de noviembre de 2026", "Atentamente,"),
        "nb": ("Milano, 27. november 2026", "Med vennlig hilsen"),
        "en": ("Milano, 27 November 2026", "Yours sincerely,"),
        "fr": ("Milano, le 27 novembre 2026", "Cordialement,"),
        "de": ("Milano, 27. November 2026", "Mit freundlichen Grüßen"),
    }
    for words in (*expected[language], *expected["nb"], "Laura Bianchi", "Gentile Anna Rossi,"):
        assert words in text


def test_pages_are_counted_by_letter(press: PaperPress) -> None:
    source = b'#import "xlcrm.typ": *\n#letters(client => [#client.salutation #lorem(client.words)])'
    given = [letter(("A",), words=words) for words in (900, 5, 1500)]
    template = PaperTemplate("long.typ", source)
    made = press.letters(given, letter_window("din-b"), SENDER, today=TODAY, template=template)
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages]
    told = [(re.findall(r"Pagina \d+ di \d+", " ".join(page.split())) or [""])[0] for page in pages]
    assert told[:3] == ["Pagina 1 di 2", "Pagina 2 di 2", ""]
    assert told[3:] == [f"Pagina {n} di {len(pages) - 3}" for n in range(1, len(pages) - 2)]
    assert made.pages == len(pages)


def test_fields_are_written_as_the_language_has_them(press: PaperPress) -> None:
    source = (
        b'#import "xlcrm.typ": *\n#letters(client => [#client.born / #client.sum / #(client.n + 1) / #client.none /])'
    )
    one = letter(("A",), "de", born=dt.date(1970, 1, 2), sum=Decimal("1234.5"), n=3, none=None)
    template = PaperTemplate("mine.typ", source)
    text = text_of(press.letters([one], letter_window("none"), SENDER, today=TODAY, template=template).content)
    assert "2. Januar 1970 / 1.234,50 / 4 / /" in " ".join(text.split())


def test_a_letter_without_a_glyph_is_left_out_alone(press: PaperPress) -> None:
    given = [letter((name,)) for name in ("Anna", "Ankh 𓋹", "Ola")]
    made = press.letters(given, letter_window("din-a"), SENDER, today=TODAY)
    assert [(found.code, found.value) for found in made.problems] == [("papers.no_glyph", "𓋹")]
    assert made.pages == 2


def test_a_letter_that_shows_no_glyphless_field_is_printed(press: PaperPress) -> None:
    assert press.letters([letter(("Anna",), notes="𓋹")], letter_window("none"), SENDER, today=TODAY).problems == ()


def test_the_paper_is_that_of_the_window(press: PaperPress) -> None:
    for window in letter_windows().values():
        made = press.letters([letter(("Anna",))], window, SENDER, today=TODAY)
        box = pypdf.PdfReader(io.BytesIO(made.content)).pages[0].mediabox
        size = (float(box.width) * 25.4 / 72, float(box.height) * 25.4 / 72)
        assert size == pytest.approx(PAPERS[window.paper], abs=0.1)


def test_a_sender_without_anything_is_no_fault(press: PaperPress) -> None:
    assert press.letters([letter(("Anna",))], letter_window("din-b"), Sender(), today=TODAY).pages == 1


def test_asking_shows_every_question(press: PaperPress) -> None:
    one = LetterText("C1", 2, ("Anna",), "Hei,", "nb", questions=("E-post", "Fødselsdato", "<b> & #x"))
    text = text_of(press.asking([one], letter_window("din-b"), SENDER, today=TODAY).content)
    assert all(question in text for question in one.questions)
    assert "Takk for hjelpen." in text


def test_letters_to_nobody_are_no_paper(press: PaperPress) -> None:
    made = press.letters([], letter_window("din-b"), SENDER, today=TODAY)
    assert (made.content, made.pages, made.printed) == (b"", 0, ())


def test_parts_are_joined_in_order(press: PaperPress) -> None:
    """Many letters come in parts, and each is there once and in order."""
    given = [LetterText(f"C{k}", k + 2, (f"Name{k}", "Milano"), "S", "it") for k in range(95)]
    made = press.letters(given, letter_window("din-b"), SENDER, today=TODAY)
    first = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made.content)).pages]
    assert [f"Name{k}\n" in page for k, page in enumerate(first)] == [True] * 95
