"""Label sheets as PDF, read back: every word inside its label, at its place, in order, with fonts embedded."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import DictionaryObject

from xlcrm.errors import CrmError
from xlcrm.papers.label_sheet import LabelSheet, label_sheets, place, text_box
from xlcrm.papers.paper_texts import LabelText, PaperTemplate
from xlcrm.papers.printing import PaperPress

MM = 72 / 25.4
Word = tuple[int, float, float, str]  # page, mm from the left and from the top, text


@pytest.fixture(scope="module")
def press() -> Iterator[PaperPress]:
    with PaperPress() as made:
        yield made


def texts(n: int) -> list[LabelText]:
    """Unlike addresses of three and four lines, with letters of many languages."""
    towns = ("Łódź", "Đakovo", "Weißenfels", "Ålesund", "Coruña", "Nîmes €", "Αθήνα", "Пловдив")
    return [
        LabelText(
            f"C{k}", k + 2, (f"Name{k} AVToWa", f"Via {k * 7}/b", *["Hof"] * (k % 2), f"{10000 + k} {towns[k % 8]}")
        )
        for k in range(n)
    ]


def drawn(content: bytes) -> list[Word]:
    """The pieces of text of a PDF with the origin of each."""
    found: list[Word] = []
    for number, page in enumerate(pypdf.PdfReader(io.BytesIO(content)).pages):
        height = float(page.mediabox.height)

        def see(text: str, cm: list[float], tm: list[float], *_: object, at: int = number, top: float = height) -> None:
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            if text.strip():
                found.append((at, x / MM, (top - y) / MM, text.strip()))

        page.extract_text(visitor_text=see)
    return found


def label_of(sheet: LabelSheet, word: Word, n: int, start_at: int, offset: tuple[float, float]) -> int:
    """The label that a word's origin lies in; -1 none."""
    for k in range(n):
        at = place(sheet, k, start_at=start_at, offset=offset)
        inside_x = at.left <= word[1] <= at.left + sheet.label_width
        if at.page == word[0] and inside_x and at.top <= word[2] <= at.top + sheet.label_height:
            return k
    return -1


@pytest.mark.parametrize("name", label_sheets())
def test_each_text_is_on_its_own_label(name: str, press: PaperPress) -> None:
    sheet = label_sheets()[name]
    given = texts(min(sheet.count + 3, 30))
    start, offset = min(5, sheet.count), (0.5, -0.25)
    made = press.labels(given, sheet, start_at=start, offset=offset)
    assert made.problems == ()
    assert made.printed == tuple(text.key for text in given)
    on: dict[int, list[Word]] = {}
    for word in drawn(made.content):
        on.setdefault(label_of(sheet, word, len(given), start, offset), []).append(word)
    assert sorted(on) == list(range(len(given)))
    box = text_box(sheet)
    for k, words in on.items():
        assert " ".join(word[3] for word in words).split() == " ".join(given[k].lines).split()
        at = place(sheet, k, start_at=start, offset=offset)
        assert min(word[1] for word in words) == pytest.approx(at.left + box.left, abs=0.1)
        assert all(at.top + box.top <= word[2] <= at.top + box.top + box.height for word in words)


BOX = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>')


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's pdftotext is missing")
@pytest.mark.parametrize("name", label_sheets())
def test_another_reader_finds_no_word_outside(name: str, press: PaperPress, tmp_path: Path) -> None:
    sheet = label_sheets()[name]
    path = tmp_path / "labels.pdf"
    path.write_bytes(press.labels(texts(sheet.count), sheet).content)
    seen = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    words = [tuple(float(number) / MM for number in found[:4]) for found in BOX.findall(seen)]
    assert len(words) >= 4 * sheet.count
    corners = [place(sheet, k) for k in range(sheet.count)]
    room = 1.5  # mm; its box of a word is higher than the letters are
    for left, top, right, bottom in words:
        assert any(
            at.left <= left and right <= at.left + sheet.label_width
            and at.top - room <= top and bottom <= at.top + sheet.label_height + room
            for at in corners
        ), (left, top, right, bottom)  # fmt: skip


def test_an_offset_moves_every_word_by_itself(press: PaperPress) -> None:
    sheet = label_sheets()["L7160"]
    still, moved = (drawn(press.labels(texts(21), sheet, offset=offset).content) for offset in ((0, 0), (1.3, -2.1)))
    shifts = {(round(b[1] - a[1], 2), round(b[2] - a[2], 2)) for a, b in zip(still, moved, strict=True)}
    assert shifts == {(1.3, -2.1)}


def test_places_can_count_down_the_columns(press: PaperPress) -> None:
    sheet = label_sheets()["L7160"]
    words = drawn(press.labels(texts(9), sheet, start_at=6, by_column=True).content)
    first = {word[3].split()[0]: word for word in words if word[3].startswith("Name")}
    assert first["Name0"][1] == pytest.approx(first["Name1"][1])
    assert first["Name1"][2] > first["Name0"][2]
    assert first["Name2"][1] == pytest.approx(first["Name0"][1] + sheet.pitch_x, abs=0.01)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("Anna Rossi", "Via Roma 1"), ""),
        (("Gesellschaft für besondere Namen mbH & Co. KG",), ""),
        (("W" * 60,), "papers.label_too_big"),
        (tuple(f"Line {i}" for i in range(11)), ""),
        (tuple(f"Line {i}" for i in range(14)), "papers.label_too_big"),
        (("Anna 𓋹 Rossi",), "papers.no_glyph"),
        ((), ""),
    ],
    ids=["fits", "shrinks", "too wide", "eleven lines", "too high", "no glyph", "blank"],
)
def test_a_text_fits_shrinks_or_is_a_problem(lines: tuple[str, ...], code: str, press: PaperPress) -> None:
    given = [LabelText("C1", 2, ("before",)), LabelText("C2", 3, lines), LabelText("C3", 4, ("after",))]
    made = press.labels(given, label_sheets()["L7160"], start_at=20)
    assert [(found.code, found.key, found.row) for found in made.problems] == ([(code, "C2", 3)] if code else [])
    assert made.printed == (("C1", "C3") if code else ("C1", "C2", "C3"))
    words = drawn(made.content)
    assert {word[3]: label_of(label_sheets()["L7160"], word, 3, 20, (0, 0)) for word in words}["after"] == 2
    if code:
        assert {word[3] for word in words} == {"before", "after"}
    if code == "papers.label_too_big":
        assert dict(made.problems[0].values) == {"place": "21", "page": "1"}


def test_fonts_are_embedded_and_the_pdf_is_an_archive(press: PaperPress) -> None:
    content = press.labels(texts(800), label_sheets()["L7651"]).content  # two parts joined
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        resources = page["/Resources"].get_object()
        assert isinstance(resources, DictionaryObject)
        fonts = resources["/Font"].get_object()
        assert isinstance(fonts, DictionaryObject)
        for font in fonts.values():
            below = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
            assert {"/FontFile2", "/FontFile3"} & set(below.get_object())


def test_a_place_that_the_sheet_lacks_is_refused(press: PaperPress) -> None:
    for start in (0, 22, -1):
        with pytest.raises(CrmError) as refused:
            press.labels(texts(1), label_sheets()["L7160"], start_at=start)
        assert refused.value.key == "papers.start_at"


def test_nobody_on_a_sheet_is_no_paper(press: PaperPress) -> None:
    assert press.labels([], label_sheets()["L7160"]).content == b""


@pytest.mark.parametrize("name", label_sheets())
def test_the_test_page_has_one_page_of_its_paper(name: str, press: PaperPress) -> None:
    sheet = label_sheets()[name]
    made = press.test_page(sheet, language="de")
    assert made.pages == 1
    text = pypdf.PdfReader(io.BytesIO(made.content)).pages[0].extract_text()
    assert f"Probeseite {name}" in text
    assert f"\n{sheet.count}\n" in f"\n{text}\n" or str(sheet.count) in text.split()


def test_a_design_of_ones_own_is_measured_too(press: PaperPress) -> None:
    source = b'#import "xlcrm.typ": *\n#labels(design: label => [*#label.lines.first()* \\ #lorem(4)])'
    big = b'#import "xlcrm.typ": *\n#labels(design: label => [#label.lines.first() #lorem(300)])'
    sheet = label_sheets()["L7160"]
    assert press.labels(texts(2), sheet, template=PaperTemplate("my.typ", source)).problems == ()
    codes = [found.code for found in press.labels(texts(2), sheet, template=PaperTemplate("my.typ", big)).problems]
    assert codes == ["papers.label_too_big"] * 2
