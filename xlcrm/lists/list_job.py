"""List job: one order with all that is needed to make it, and what comes of it; what the kinds of lists have in common.

The engines that print, write Word files and render templates in a process of their own are handed in, so that nothing
here touches a disk.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from xlcrm import messages
from xlcrm.errors import CrmError
from xlcrm.lists import rendering
from xlcrm.lists.list_order import ListOrder
from xlcrm.lists.recipients import Recipients, Worked, recipients
from xlcrm.lists.rendering import RenderJob
from xlcrm.papers.label_sheet import LabelSheet
from xlcrm.papers.letter_window import LetterWindow
from xlcrm.papers.paper_texts import CardText, LabelText, LetterText, Paper, PaperTemplate, Sender, WordLetters
from xlcrm.plan import Grid, Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.text import fold, numbered

LONGEST_STEM = 100


class Press(Protocol):
    """What prints papers as PDF; see `papers.printing.PaperPress`."""

    def labels(
        self, texts: Sequence[LabelText], sheet: LabelSheet, *, start_at: int, offset: tuple[float, float],
        by_column: bool, template: PaperTemplate | None, title: str, language: str,
    ) -> Paper: ...  # fmt: skip

    def letters(
        self, texts: Sequence[LetterText], window: LetterWindow, sender: Sender, *, today: dt.date,
        template: PaperTemplate | None, title: str, language: str,
    ) -> Paper: ...  # fmt: skip

    def asking(
        self, texts: Sequence[LetterText], window: LetterWindow, sender: Sender, *, today: dt.date,
        template: PaperTemplate | None, title: str, language: str,
    ) -> Paper: ...  # fmt: skip

    def cards(
        self, texts: Sequence[CardText], sender: Sender, *, today: dt.date, template: PaperTemplate | None,
        title: str, language: str, paper: str,
    ) -> Paper: ...  # fmt: skip


class WordWriter(Protocol):
    """What fills a Word template; see `papers.word_letters`."""

    def __call__(
        self, texts: Sequence[LetterText], template: PaperTemplate, sender: Sender, *, today: dt.date, title: str,
        file_each: bool,
    ) -> WordLetters: ...  # fmt: skip


@dataclass(frozen=True, eq=False)
class ListTools:
    """The engines and templates of a run.

    templates  file name -> text of a template for tables, texts and e-mails
    papers     file name -> template for PDF (.typ) and Word (.docx)
    press, word  None where papers can't be printed here
    """

    templates: Mapping[str, str]
    render: Callable[[RenderJob], str | Grid] = rendering.render
    papers: Mapping[str, PaperTemplate] = field(default_factory=dict)
    press: Press | None = None
    word: WordWriter | None = None


@dataclass(frozen=True, eq=False)
class ListJob:
    """One order, the tables it is made from, and when.

    chosen  True per row of Clients, None is everybody
    worked  what the lists of one run share
    """

    order: ListOrder
    tables: Tables
    chosen: pd.Series[Any] | None
    settings: Settings
    today: dt.date
    tools: ListTools
    billed: pd.Index[Any] = field(default_factory=lambda: pd.Index([]))
    worked: Worked = field(default_factory=Worked)

    @property
    def title(self) -> str:
        """The list's name; that of a test says so."""
        name = self.order.title
        return messages.text("lists.test_title", self.settings.language, list=name) if self.order.test else name

    def recipients(self) -> Recipients:
        """Who gets the list."""
        return recipients(
            self.tables, self.order, self.chosen, settings=self.settings, today=self.today, worked=self.worked
        )

    def paper_template(self, suffix: str) -> PaperTemplate | None:
        """The template for papers that the row names, None where it names none; CrmError where there is none of it."""
        if not self.order.template:
            return None
        return self.tools.papers[named(self.order, self.tools.papers, suffix)]


@dataclass(frozen=True, eq=False)
class MadeList:
    """What a job makes: a plan with its files; whom it reached; the purchases billed, and when each falls due."""

    plan: Plan
    reached: tuple[tuple[str, str], ...] = ()
    billed: pd.Index[Any] = field(default_factory=lambda: pd.Index([]))
    due: pd.Series[Any] | None = None


def named(order: ListOrder, known: Mapping[str, Any], *suffixes: str) -> str:
    """The name of the template that an order names, with or without its ending; CrmError that names those there are."""
    wanted = {order.template.casefold(), *(f"{order.template}{suffix}".casefold() for suffix in suffixes)}
    found = next((name for name in known if name.casefold() in wanted), None)
    if found is None and order.template in known:
        found = order.template  # one that is there and can't be used says why itself
    if found is None:
        names = ", ".join(sorted(known)) or "-"
        raise CrmError("lists.unknown_template", row=order.row, template=order.template, templates=names)
    return found


def nobody(job: ListJob, left_out: Counter[str], problems: Sequence[Any] = ()) -> MadeList:
    """A list with nobody on it: no file, and a sentence that says why."""
    note = ("lists.empty", {"list": job.title, "why": why(left_out, job.settings.language)})
    return MadeList(Plan("lists", problems=tuple(problems), notes=(note,)))


def why(left_out: Counter[str], language: str) -> str:
    """The reasons why clients or lines were left out as one sentence, "" where none were.

    A reason is the key of a message, or key|name where it has a name in it.
    """
    reasons = []
    for reason, n in left_out.items():
        kind, _, name = reason.partition("|")
        key = kind if kind in WITHOUT_COUNT else f"{kind}_count"
        reasons.append(messages.text(key, language, n=n, name=name))
    return messages.text("lists.left_out", language, why="; ".join(reasons)) if reasons else ""


WITHOUT_COUNT = frozenset(("lists.no_way", "lists.lines_left_out"))  # sentences that have the number in them already


def stem(title: str) -> str:
    """The title as a file name that every system and Excel's own limit of 218 letters of a path leave room for."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', " ", title)[:LONGEST_STEM]
    return plain.encode("utf-8", "ignore")[: 2 * LONGEST_STEM].decode("utf-8", "ignore").strip(" .")


def stems(names: Sequence[str]) -> list[str]:
    """Names as file names that differ, a number behind those that were there already."""
    return numbered((stem(name) or "-" for name in names), fold)
