"""What the tests of lists share: small workbooks as tables, and a press that notes what it was given."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from tests.support.paths import ROOT
from xlcrm.lists.list_job import ListTools
from xlcrm.lists.list_plan import ListsAsked, make_lists
from xlcrm.papers.paper_texts import Paper, WordFile, WordLetters
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
SHIPPED = {
    path.name: path.read_text(encoding="utf-8")
    for path in (ROOT / "templates").iterdir()
    if path.suffix in (".txt", ".html")
}
HOME = {"street": "Via Roma", "house_number": "1", "postal_code": "53100", "city": "Siena", "country": "IT"}
SETTINGS = Settings(country="IT", language="en", company="Verdi", seller_email="ciao@example.com")

Row = dict[str, object]


def client(**fields: object) -> Row:
    return {"client_id": "C1", "full_name": "Anna Rossi", "first_name": "Anna", "last_name": "Rossi", **HOME, **fields}


def table(name: str, rows: list[Row]) -> Table:
    frame = pd.DataFrame(rows).fillna("")
    return Table(name, name, frame, {str(c): str(c) for c in frame.columns})


def tables(**rows: list[Row]) -> Tables:
    return Tables.of(*(table(name, found) for name, found in rows.items()))


class NotingPress:
    """Prints nothing and keeps what was asked of it; texts with "BIG" in a line don't fit."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[Any], dict[str, Any]]] = []

    def _paper(self, what: str, texts: Any, given: dict[str, Any]) -> Paper:
        self.asked.append((what, list(texts), given))
        fit = [text.key for text in texts if "BIG" not in getattr(text, "lines", ())]
        return Paper(b"%PDF" if fit else b"", 1, tuple(fit))

    def labels(self, texts: Any, sheet: Any, **given: Any) -> Paper:
        return self._paper("labels", texts, {"sheet": sheet, **given})

    def letters(self, texts: Any, window: Any, sender: Any, **given: Any) -> Paper:
        return self._paper("letters", texts, {"window": window, "sender": sender, **given})

    def asking(self, texts: Any, window: Any, sender: Any, **given: Any) -> Paper:
        return self._paper("asking", texts, {"window": window, "sender": sender, **given})

    def cards(self, texts: Any, sender: Any, **given: Any) -> Paper:
        return self._paper("cards", texts, {"sender": sender, **given})


def words_of(texts: Any, template: Any, sender: Any, **given: Any) -> WordLetters:
    """Word letters, one file each or one for all."""
    keys = tuple(text.key for text in texts)
    files = tuple(WordFile(key, b"PK") for key in keys) if given["file_each"] else (WordFile("", b"PK"),)
    return WordLetters(files, keys)


def made(
    given: Tables, asked: ListsAsked | None = None, *, press: NotingPress | None = None, settings: Settings = SETTINGS,
    papers: Any = None, today: dt.date = TODAY,
) -> Plan:  # fmt: skip
    tools = ListTools(SHIPPED, papers=papers or {}, press=press or NotingPress(), word=words_of)
    return make_lists(given, asked or ListsAsked(), tools, settings=settings, today=today)


def envelopes(given: Tables, settings: Settings = SETTINGS) -> list[list[str]]:
    """The lines of each label of the first list."""
    press = NotingPress()
    made(given, press=press, settings=settings)
    return [list(text.lines) for text in press.asked[0][1]] if press.asked else []
