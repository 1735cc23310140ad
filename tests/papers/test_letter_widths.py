"""No line is wider than what its letters tell, and labels that are laid out once lie where all others do."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pypdf
import pytest

from tests.papers.test_label_paper import drawn, texts
from xlcrm.papers import letter_widths, paper_data
from xlcrm.papers.label_sheet import label_sheets
from xlcrm.papers.letter_widths import KERNING
from xlcrm.papers.paper_texts import LabelText, PaperTemplate
from xlcrm.papers.printing import PaperPress, ours
from xlcrm.papers.typst_engine import TypstEngine

WIDTHS = {"a": 0.5, "b": 0.75, " ": 0.25}
# letters of our languages, and those that kerning puts farthest apart: "(j", "fĩ", "ƒ®", "{ȷ", "ΥΆ", "Дј"
SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0189 .,-'/&()[{ß«’æøåÅñçéìïĩƒ®ȷłŐŞΥΆΓΐДјЩ"
SHEET = label_sheets()["L7160"]


@pytest.fixture(scope="module")
def engine() -> Iterator[TypstEngine]:
    made = TypstEngine()
    yield made
    made.end()


@pytest.mark.parametrize(
    ("lines", "width", "why"),
    [
        (["ab a"], 2.0 + 4 * KERNING, "letters side by side"),
        (["a", "bb", "ab"], 1.5 + 2 * KERNING, "the widest line"),
        (["ab", "a\u0301"], None, "an accent of its own"),
        (["אב"], None, "written from the right"),
        (["a\tb"], None, "a tab"),
    ],
)
def test_the_widest_line_counts(lines: list[str], width: float | None, why: str) -> None:
    assert letter_widths.at_most(lines, WIDTHS) == (None if width is None else pytest.approx(width)), why


def test_letters_that_change_beside_others_are_not_asked_for() -> None:
    found = letter_widths.letters_of([["Zoë 1", "Łódź"], ["a\u0301 אב हि سلام \t\u00ad"]])
    assert found == sorted(" 1ZoëŁódźa")


def test_no_two_letters_are_farther_apart(engine: TypstEngine) -> None:
    frame = paper_data.sheet_frame(SHEET, "T", "it")
    alone = engine.letter_widths(list(SIGNS), frame)
    pairs = [one + other for one in SIGNS for other in SIGNS]
    side_by_side = engine.letter_widths(pairs, frame)
    bounds = {pair: letter_widths.at_most([pair], alone) or 0.0 for pair in pairs}
    assert [pair for pair, width in side_by_side.items() if width > bounds[pair] + 1e-9] == []
    apart = [width - alone[pair[0]] - alone[pair[1]] for pair, width in side_by_side.items()]
    assert max(apart) == pytest.approx(KERNING)


def test_labels_lie_where_those_that_are_measured_lie() -> None:
    long = (
        "Gesellschaft für besondere Namen mbH & Co. KG",
        "Donaudampfschiffstraße 1234",
        "1010 Wien",
    )
    odd = [("Anna a\u0301", "Via Roma 1"), ("W" * 60,), long, tuple(map(str, range(11))), tuple(map(str, range(14)))]
    given = [*texts(100), *(LabelText(f"X{k}", 200 + k, lines) for k, lines in enumerate(odd)), *texts(450)]
    measured = PaperTemplate("my.typ", ours("labels").source, ours=True)
    with PaperPress() as press:
        one, other = (press.labels(given, SHEET, title="Spring", template=used) for used in (None, measured))
    assert drawn(one.content) == drawn(other.content)
    assert (one.printed, one.problems, one.pages) == (other.printed, other.problems, other.pages)
    assert [problem.key for problem in one.problems] == ["X1", "X4"]
    about = pypdf.PdfReader(io.BytesIO(one.content)).metadata
    assert about is not None and about.title == "Spring"
