"""Data of papers as typst reads it: labels on their places, letters and cards as dictionaries of JSON.

Nothing of a client is ever pasted into a template: a template reads this data, so a text like `#panic()` is printed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from babel import dates, numbers

from xlcrm import messages
from xlcrm.papers.label_sheet import PAPERS, LabelSheet, place, text_box
from xlcrm.papers.letter_window import LetterWindow
from xlcrm.papers.paper_texts import CardText, LabelText, LetterText, Sender, Value

Data = dict[str, Any]
WORDS = ("page", "thanks_subject", "thanks_first", "thanks_second", "asking_subject", "asking_text", "asking_end")
CHUNK_LABELS, CHUNK_LETTERS = 170, 25  # that typst makes in one go; it keeps what it knows of the last ten
CHUNK_OUR_LABELS = 500  # by our template, which needs less room and time than a team's own may


def locale_of(language: str) -> str:
    """The locale of dates and numbers; that of English for a language that isn't one of ours."""
    return messages.locale_of(known(language))


def known(language: str) -> str:
    """The language where it is one of the six, else English: «pl» of a Polish client, or a blank."""
    return language if language in messages.LANGUAGES else "en"


def shown(value: Value, language: str) -> Value:
    """A field as a template sees it: a date in letters and a decimal number with two to eight places, in `language`.

    Texts, whole numbers, True and False stay; None is "". Lists and dictionaries are gone through.
    """
    if isinstance(value, Mapping):
        return {str(key): shown(part, language) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [shown(part, language) for part in value]
    if isinstance(value, dt.date):
        return dates.format_date(value, "long", locale=locale_of(language))
    if isinstance(value, (Decimal, float)):
        exact = Decimal(repr(value)) if isinstance(value, float) else value
        return numbers.format_decimal(exact, "#,##0.00######", locale=locale_of(language)) if value == value else ""
    return value if isinstance(value, (str, int)) else ""


def place_and_date(sender: Sender, today: dt.date, language: str) -> str:
    """«Milano, 27 novembre 2026», as letters of this language have it; the date alone without a place."""
    date = str(shown(today, language))
    return messages.text("papers.place_and_date", language, place=sender.place, date=date) if sender.place else date


def letter(text: LetterText, sender: Sender, today: dt.date) -> Data:
    """A letter as `client` of a template: its fields, and beside them what every letter has, which wins."""
    return {
        **{str(name): shown(value, text.language) for name, value in text.fields.items()},
        "key": text.key,
        "language": known(text.language),
        "lines": [line for line in text.lines if line.strip()],
        "salutation": text.salutation,
        "closing": text.closing or messages.text("papers.closing", text.language),
        "questions": list(text.questions),
        "date": place_and_date(sender, today, text.language),
    }


def words_of(language: str) -> dict[str, str]:
    """The fixed words of papers in a language."""
    return {word: messages.text(f"papers.{word}", language) for word in WORDS}


def paper_of(name: str) -> dict[str, float]:
    """Width and height of a paper in mm."""
    width, height = PAPERS[name]
    return {"width": width, "height": height}


def sender_of(sender: Sender) -> Data:
    """The sender without blank lines."""
    return {
        name: [line for line in value if line.strip()] if isinstance(value, tuple) else value.strip()
        for name, value in asdict(sender).items()
    }


def letter_frame(texts: Sequence[LetterText], window: LetterWindow, sender: Sender, title: str, language: str) -> Data:
    """What all letters of a run share."""
    languages = sorted({known(language), *(known(text.language) for text in texts)})
    return {
        "title": title,
        "language": known(language),
        "sender": sender_of(sender),
        "window": asdict(window),
        "paper": paper_of(window.paper),
        "words": {name: words_of(name) for name in languages},
    }


def card(text: CardText) -> Data:
    """A card; it is blank, a form to fill in, where no field has a value."""
    groups = [{"title": group.title, "fields": [asdict(field) for field in group.fields]} for group in text.groups]
    tables = [{**asdict(table), "right": sorted(table.right)} for table in text.tables]
    blank = not any(field.value for group in text.groups for field in group.fields)
    return {
        "key": text.key, "title": text.title, "subtitle": text.subtitle, "language": known(text.language),
        "groups": groups, "tables": tables, "blank": blank,
    }  # fmt: skip


def card_frame(sender: Sender, today: dt.date, title: str, language: str, paper: str) -> Data:
    """What all cards of a run share."""
    date = shown(today, language)
    return {
        "title": title, "language": known(language), "sender": sender_of(sender), "date": date,
        "paper": paper_of(paper), "words": {known(language): words_of(language)},
    }  # fmt: skip


def sheet_frame(sheet: LabelSheet, title: str, language: str) -> Data:
    """What all labels of a run share: the measures of the sheet and of the box for text."""
    width, height = PAPERS[sheet.paper]
    box = text_box(sheet)
    measures = {**asdict(sheet), "paper_width": width, "paper_height": height, "largest": box.largest}
    measures |= {"text_width": box.width, "text_height": box.height}
    return {"title": title, "language": known(language), "sender": sender_of(Sender()), "sheet": measures, "words": {}}


def labels_on_sheets(
    texts: Sequence[LabelText], sheet: LabelSheet, start_at: int, offset: tuple[float, float], by_column: bool
) -> list[list[Data]]:
    """Sheet -> its labels, each with the corner of its text; a label without lines is left out, its place stays."""
    box = text_box(sheet)
    sheets: list[list[Data]] = []
    for k, text in enumerate(texts):
        where = place(sheet, k, start_at=start_at, offset=offset, by_column=by_column)
        sheets.extend([] for _ in range(where.page + 1 - len(sheets)))
        lines = [line for line in text.lines if line.strip()]
        corner = {"left": round(where.left + box.left, 4), "top": round(where.top + box.top, 4)}
        if lines:
            sheets[-1].append({"key": str(k), "lines": lines, **corner})
    return sheets


def chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The items in pieces of `size`."""
    return (items[start : start + size] for start in range(0, len(items), max(size, 1)))
