"""What the tests of an open workbook share: workbooks, an Excel to open them in, and its errors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from tests.support.engines import memory
from xlcrm.building import build
from xlcrm.excel.live_book import LiveBook, attach
from xlcrm.files.book import Book
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Added, Change, Plan, diff

NOW = dt.datetime(2026, 11, 22, 14, 30)
ROWS = [
    {"client_id": "C1", "full_name": "Kari Olsen", "postal_code": "0155", "birth_date": pd.Timestamp("1980-05-17")},
    {"client_id": "C2", "full_name": "Mario Rossi", "postal_code": "20121", "total_spend": 12.5},
    {"client_id": "C3", "full_name": "Anna Weiß", "phone": "+49 30 23125 001"},
]


def three_clients(path: Path) -> Path:
    build(path, language="en")
    book = FileBook(path)
    book.apply(Plan("import", added=(Added("Clients", pd.DataFrame(ROWS)),)), book.look())
    return path


def live(engine: memory.Engine, path: Path) -> LiveBook:
    memory.front(engine)
    engine.app.books.open(str(path))
    return attach(path.name, 4711)


@contextmanager
def real_excel(path: Path) -> Iterator[LiveBook]:
    """The workbook open in an Excel of its own, which is ended afterwards; any other Excel stays as it is."""
    import xlwings as xw

    excel = next(engine for engine in xw.engines if engine.name == "excel")
    xw.engines.active = excel  # type: ignore[assignment]  # xlwings has it as None
    app = xw.App(visible=False, add_book=False)
    try:
        app.display_alerts = False
        app.books.open(str(path))
        yield attach(path.name)
    finally:
        for book in list(app.books):
            book.close()
        app.quit()


def cells(book: Book, table: str = "Clients") -> dict[str, list[Any]]:
    frame = book.look()[table].frame
    return {str(column): frame[column].tolist() for column in frame.columns}


def change(book: Book, column: str, after: list[Any], rows: list[int] | None = None) -> tuple[Change, ...]:
    table = book.look()["Clients"]
    return diff(table, pd.DataFrame({column: pd.Series(after, index=rows, dtype=object)}))


class ComError(Exception):
    """Shaped like pywin32's."""

    def __init__(self, code: int) -> None:
        super().__init__(code - 2**32, "busy", None, None)
        self.hresult = code - 2**32


def counted(engine: memory.Engine) -> list[str]:
    calls: list[str] = []
    engine.hook = calls.append
    return calls
