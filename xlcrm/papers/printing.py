"""Printing of label sheets, letters, client cards and forms as PDF: the functions that lists and commands call.

Each takes frozen texts and a template and gives a `Paper`. The work is done by typst in a process of its own (see
`typst_engine`); `PaperPress` is such a process for a whole run. Nothing is cut: a text that doesn't fit with 7 pt, or
has a letter that no font of ours has, isn't printed and is a Problem with the client's key and row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import TracebackType

from xlcrm.papers.label_sheet import LabelSheet
from xlcrm.papers.letter_window import LetterWindow
from xlcrm.papers.paper_texts import CardText, LabelText, LetterText, Paper, PaperTemplate, Sender


class PaperPress:
    """A press for one run: `with PaperPress() as press: press.labels(...)`. Its process starts with the first paper."""

    def __enter__(self) -> PaperPress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End the process, whatever it is at."""

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
        raise NotImplementedError

    def test_page(self, sheet: LabelSheet, *, offset: tuple[float, float] = (0.0, 0.0), language: str = "en") -> Paper:
        """One page with the outlines of all labels, their numbers and a mm ruler, to hold against a sheet of labels."""
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError
