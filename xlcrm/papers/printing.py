"""Printing of label sheets, letters, client cards and forms as PDF: the functions that lists and commands call.

Each takes frozen texts and a template and gives a `Paper`. The work is done by typst in a process of its own (see
`typst_engine`); `PaperPress` is such a process for a whole run. Nothing is cut: a text that doesn't fit with 7 pt, or
has a letter that no font of ours has, isn't printed and is a Problem with the client's key and row.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

from xlcrm import messages
from xlcrm.errors import CrmError
from xlcrm.files.template_files import shipped
from xlcrm.papers import letter_widths, paper_data
from xlcrm.papers.label_sheet import LabelSheet, place
from xlcrm.papers.letter_window import LetterWindow
from xlcrm.papers.paper_data import CHUNK_LABELS, CHUNK_LETTERS, CHUNK_OUR_LABELS, Data, chunks
from xlcrm.papers.paper_texts import CardText, LabelText, LetterText, Paper, PaperTemplate, Sender
from xlcrm.papers.typst_engine import MissingGlyphs, TypstEngine
from xlcrm.problems import Problem

TABLE = "Clients"
_WORD = re.compile(r"\w+")


@dataclass
class _Run:
    """One paper in the making: what was made so far, and the positions of the texts that can't be printed.

    texts   position (as the data calls it) -> what is printed of the text: who looks for letters without a glyph
    """

    texts: dict[str, str]
    parts: list[bytes] = field(default_factory=list)
    unfit: set[str] = field(default_factory=set)
    letterless: dict[str, str] = field(default_factory=dict)

    @property
    def left_out(self) -> set[str]:
        return self.unfit | set(self.letterless)


class PaperPress:
    """A press for one run: `with PaperPress() as press: press.labels(...)`. Its process starts with the first paper."""

    def __init__(self) -> None:
        self._engine = TypstEngine()

    def __enter__(self) -> PaperPress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End the process, whatever it is at."""
        self._engine.end()

    def labels(
        self,
        texts: Sequence[LabelText],
        sheet: LabelSheet,
        *,
        start_at: int = 1,
        offset: tuple[float, float] = (0.0, 0.0),
        by_column: bool = False,
        template: PaperTemplate | None = None,
        title: str = "",
        language: str = "en",
    ) -> Paper:
        """Labels on sheets, text k on the k-th place from `start_at` (from 1); what isn't printed leaves a blank.

        offset     mm to the right and down, for all labels (a printer that draws its paper askew)
        by_column  places count down the columns, not along the rows
        template   the team's own labels.typ; None is ours
        title      of the PDF; language is that of the list, for its reader

        Problems: "papers.label_too_big" (values: place and page), "papers.no_glyph" (value: the letters). CrmError
        "papers.start_at" where the first sheet has no such place; those of templates, see `typst_engine`.
        """
        if not 1 <= start_at <= sheet.count:
            raise CrmError("papers.start_at", sheet=sheet.sheet, n=sheet.count, value=start_at)
        frame = paper_data.sheet_frame(sheet, title or sheet.sheet, language)
        sheets = paper_data.labels_on_sheets(texts, sheet, start_at, offset, by_column)
        if template is None and len(texts) > CHUNK_LABELS:
            sheets = self._with_widths(sheets, frame)
        run = _Run({str(k): "".join(text.lines) for k, text in enumerate(texts)})
        for part in chunks(sheets, max(1, (CHUNK_LABELS if template else CHUNK_OUR_LABELS) // sheet.count)):
            self._print(run, template or ours("labels"), frame, "sheets", part)
        places = {k: place(sheet, int(k), start_at=start_at, by_column=by_column) for k in run.unfit}
        numbers = {k: _number(sheet, int(k) + start_at) for k in places}
        values = {k: (("place", numbers[k]), ("page", str(places[k].page + 1))) for k in places}
        return _paper(run, texts, "papers.label_too_big", values)

    def test_page(self, sheet: LabelSheet, *, offset: tuple[float, float] = (0.0, 0.0), language: str = "en") -> Paper:
        """One page with the outlines of all labels, their numbers and a mm ruler, to hold against a sheet of labels."""
        places = [place(sheet, k, offset=offset) for k in range(sheet.count)]
        told: dict[str, object] = {"n": sheet.count, "width": sheet.label_width, "height": sheet.label_height}
        data = {
            **paper_data.sheet_frame(sheet, messages.text("papers.test_title", language, sheet=sheet.sheet), language),
            "places": [{"left": at.left, "top": at.top} for at in places],
            "explained": messages.text("papers.test_explained", language, **told),
        }
        run = _Run({})
        test = replace(ours("labels"), source=b'#import "xlcrm.typ": *\n#test-page()\n')
        self._print(run, test, data, "sheets", [])
        return _paper(run, (), "")

    def letters(
        self,
        texts: Sequence[LetterText],
        window: LetterWindow,
        sender: Sender,
        *,
        today: dt.date,
        template: PaperTemplate | None = None,
        title: str = "",
        language: str = "en",
    ) -> Paper:
        """A PDF with a letter (of one page or more) for each text.

        template  the team's own letters.typ ("Spring letter.typ"); None is ours
        language  of the list, for the PDF's title; each letter has its own

        Problems: "papers.address_too_big" (the address doesn't fit the window), "papers.no_glyph".
        """
        used = template or ours("letters")
        frame = paper_data.letter_frame(texts, window, sender, title, language)
        values = {str(k): (("window", window.window),) for k in range(len(texts))}
        made = [paper_data.letter(text, sender, today) | {"key": str(k)} for k, text in enumerate(texts)]
        names = set(_WORD.findall(used.source.decode("utf-8", "replace"))) | {"lines", "salutation", "closing"}
        run = _Run({letter["key"]: _shown_text(letter, names | {"questions"}) for letter in made})
        for part in chunks(made, CHUNK_LETTERS):
            self._print(run, used, frame, "letters", part)
        return _paper(run, texts, "papers.address_too_big", values)

    def asking(
        self,
        texts: Sequence[LetterText],
        window: LetterWindow,
        sender: Sender,
        *,
        today: dt.date,
        template: PaperTemplate | None = None,
        title: str = "",
        language: str = "en",
    ) -> Paper:
        """Letters as `letters`, each with its `questions` as a form to fill in and send back."""
        used = template or ours("asking")
        return self.letters(texts, window, sender, today=today, template=used, title=title, language=language)

    def cards(
        self,
        texts: Sequence[CardText],
        sender: Sender,
        *,
        today: dt.date,
        template: PaperTemplate | None = None,
        title: str = "",
        language: str = "en",
        paper: str = "A4",
    ) -> Paper:
        """Client cards, each on a page of its own (long ones go on); without values it is a form to fill in."""
        frame = paper_data.card_frame(sender, today, title, language, paper)
        languages = {paper_data.known(name) for name in (language, *(text.language for text in texts))}
        frame["words"] = {name: paper_data.words_of(name) for name in sorted(languages)}
        made = [paper_data.card(text) | {"key": str(k)} for k, text in enumerate(texts)]
        run = _Run({card["key"]: _all_text(card) for card in made})
        for part in chunks(made, CHUNK_LETTERS):
            self._print(run, template or ours("cards"), frame, "cards", part)
        return _paper(run, texts, "")

    def _with_widths(self, sheets: Sequence[Sequence[Data]], frame: Data) -> list[list[Data]]:
        """The labels with `width`, which their widest line has at most: those that surely fit are laid out once."""
        found = letter_widths.letters_of(label["lines"] for sheet in sheets for label in sheet)
        widths = self._engine.letter_widths(found, {**frame, "sheets": []})
        return [
            [{**label, "width": letter_widths.at_most(label["lines"], widths)} for label in sheet] for sheet in sheets
        ]

    def _print(self, run: _Run, template: PaperTemplate, frame: Data, name: str, part: Sequence[Any]) -> None:
        """One part of a paper, again without the texts that have a letter no font has."""
        made = self._engine.compile(template, {**frame, name: _kept(part, run)})
        while isinstance(made, MissingGlyphs):
            if not _leave_out(run, made):
                letters = "".join(sorted(made.letters))
                raise CrmError("papers.template_glyph", template=template.name, line=made.line, letters=letters)
            made = self._engine.compile(template, {**frame, name: _kept(part, run)})
        run.unfit.update(key for key in made.unfit if key in run.texts)  # a template may say what it likes
        run.parts.append(made.pdf)


def ours(kind: str) -> PaperTemplate:
    """The template of a kind that comes with xlcrm."""
    name = f"{kind}.typ"
    return PaperTemplate(name, (shipped() / name).read_bytes(), ours=True)


def _leave_out(run: _Run, missing: MissingGlyphs) -> bool:
    """Note the texts with one of the letters as not to be printed; whether there was one that hadn't been."""
    found = {key: "".join(sorted(missing.letters & set(text))) for key, text in run.texts.items()}
    new = {key: letters for key, letters in found.items() if letters and key not in run.letterless}
    run.letterless.update(new)
    return bool(new)


def _kept(part: Sequence[Any], run: _Run) -> list[Any]:
    """The texts of a part that can be printed; a sheet is a list of its own."""
    return [
        _kept(one, run) if isinstance(one, list) else one
        for one in part
        if isinstance(one, list) or one["key"] not in run.letterless
    ]


def _shown_text(letter: Data, names: set[str]) -> str:
    """The text of a letter that its template can show, which is what it names."""
    return "".join(_all_text(value) for name, value in letter.items() if name in names)


def _all_text(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(map(_all_text, value.values()))
    if isinstance(value, list):
        return "".join(map(_all_text, value))
    return value if isinstance(value, str) else ""


def _number(sheet: LabelSheet, counted: int) -> str:
    """The place on its sheet of the label counted from the first place of the first sheet."""
    return str((counted - 1) % sheet.count + 1)


def _paper(
    run: _Run,
    texts: Sequence[LabelText | LetterText | CardText],
    too_big: str,
    values: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
) -> Paper:
    """The parts as one PDF, and a problem for each text that isn't in it."""
    problems = []
    for k in sorted(run.left_out, key=int):
        text, letters = texts[int(k)], run.letterless.get(k, "")
        code = "papers.no_glyph" if letters else too_big
        told = (("letters", letters),) if letters else (values or {}).get(k, ())
        problems.append(Problem(code, TABLE, text.row, text.key, value=letters, values=told))
    printed = tuple(text.key for k, text in enumerate(texts) if str(k) not in run.left_out)
    content, pages = joined(run.parts)
    return Paper(content, pages, printed, tuple(problems))


def joined(parts: Sequence[bytes]) -> tuple[bytes, int]:
    """PDFs one behind the other, and the pages of the whole; b"" and 0 for none."""
    from pypdf import PdfReader, PdfWriter

    if len(parts) < 2:
        return (parts[0], len(PdfReader(io.BytesIO(parts[0])).pages)) if parts else (b"", 0)
    writer = PdfWriter()
    readers = [PdfReader(io.BytesIO(part)) for part in parts]
    writer.metadata = readers[0].metadata
    for reader in readers:
        writer.append(reader, import_outline=False)
    whole = io.BytesIO()
    writer.write(whole)
    return whole.getvalue(), len(writer.pages)
