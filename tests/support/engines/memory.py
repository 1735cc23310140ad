"""An Excel made of openpyxl: values, formulas, formats and tables, as strict about text as Excel is.

Text that Excel would read as a number, a date or a formula becomes one here too unless the cell has the text format, so
a test fails where the adapter forgets it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import xlwings as xw
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table as SheetTable
from openpyxl.worksheet.table import TableColumn
from xlwings import base_classes as base

from tests.support.typed_openpyxl import bounds

ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
NUMBER = re.compile(r"[+-]?\d[\d.,]*([eE]\d+)?%?\Z|\d{1,2}[/-]\d{1,2}([/-]\d{2,4})?\Z")


class Engine:
    """`hook` is called before every call that would reach a real Excel; a test makes it fail.

    Names and the app of a book are no calls of their own here: xlwings asks for them a dozen times to compare sheets
    before it writes, and they fail like the call that they belong to.
    """

    name, type = "xlcrm-memory", "desktop"

    def __init__(self) -> None:
        self.hook: Callable[[str], None] = lambda name: None
        self.app = App(self)
        self.apps = Apps(self.app)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return "" if value is None else value

    @staticmethod
    def clean_value_data(data: Any, when: Any, empty: Any, number: Any, err_to_str: bool) -> list[list[Any]]:
        def one(value: Any) -> Any:
            if value is None or value == "":
                return empty
            if isinstance(value, str) and value in ERRORS:
                return value if err_to_str else None
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return number(value) if number else float(value)
            return value

        rows = data if isinstance(data, list) else [[data]]
        return [[one(cell) for cell in row] for row in rows]


class Apps(base.Apps):
    def __init__(self, app: App) -> None:
        self.only = app

    def keys(self) -> list[int]:
        return [self.only.pid]

    def __iter__(self) -> Iterator[App]:
        return iter([self.only])

    def __len__(self) -> int:
        return 1

    def __getitem__(self, pid: int) -> App:
        return self.only

    @staticmethod
    def cleanup() -> None:
        raise AssertionError("other people's Excel processes are never ended")


class App(base.App):
    pid = 4711

    def __init__(self, engine: Engine) -> None:
        self._engine, self._books = engine, Books(self)
        self.state: dict[str, Any] = {
            "screen_updating": True, "enable_events": True, "calculation": "automatic", "status_bar": False,
        }  # fmt: skip
        self.selected: Range | None = None

    engine = property(lambda self: self._engine)
    books = property(lambda self: self._books)
    selection = property(lambda self: self.selected)
    api = property(lambda self: self)

    @property
    def hwnd(self) -> int:
        self.engine.hook("hwnd")
        return self.pid

    def activate(self, steal_focus: bool = False) -> None:
        self.engine.hook("activate")

    def run(self, macro: str, args: Any) -> Any:
        raise AssertionError(f"no macro {macro} here")


def _setting(name: str) -> property:
    def read(self: App) -> Any:
        self.engine.hook(f"get {name}")
        return self.state[name]

    def write(self: App, value: Any) -> None:
        self.engine.hook(f"set {name}")
        self.state[name] = value

    return property(read, write)


for _name in ("screen_updating", "enable_events", "calculation", "status_bar"):
    setattr(App, _name, _setting(_name))


class Books(base.Books):
    def __init__(self, app: App) -> None:
        self.app, self.open_books = app, list[Book]()

    api = property(lambda self: self)

    def open(self, fullname: str, *args: Any, **kwargs: Any) -> Book:
        path = Path(fullname).absolute()
        self.open_books.append(Book(self, openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm"), path))
        return self.open_books[-1]

    def __len__(self) -> int:
        return len(self.open_books)

    def __iter__(self) -> Iterator[Book]:
        self.app.engine.hook("books")
        return iter(list(self.open_books))

    def __call__(self, key: Any) -> Book:
        if isinstance(key, int):
            return self.open_books[key - 1]
        return next(book for book in self.open_books if key in (book.name, book.fullname))


class Book(base.Book):
    def __init__(self, books: Books, workbook: Any, path: Path) -> None:
        self.books, self.workbook, self.path = books, workbook, path

    app = property(lambda self: self.books.app)
    api = property(lambda self: self.asked("api", self))
    name = property(lambda self: self.path.name)
    fullname = property(lambda self: self.asked("fullname", str(self.path)))
    sheets = property(lambda self: Sheets(self))
    names = property(lambda self: Names(self))

    def asked(self, what: str, answer: Any) -> Any:
        self.hook(what)
        return answer

    def hook(self, what: str) -> None:
        self.books.app.engine.hook(what)

    def SaveCopyAs(self, path: str) -> None:  # noqa: N802 (what Excel calls it)
        self.hook("SaveCopyAs")
        for sheet in self.workbook.worksheets:
            for table in sheet.tables.values():  # a header that was typed is the column's name
                left, top, right, _ = bounds(table.ref)
                for column, number in zip(table.tableColumns, range(left, right + 1), strict=True):
                    column.name = str(sheet.cell(top, number).value)
        self.workbook.save(path)

    def activate(self) -> None:
        self.hook("activate")

    def close(self) -> None:
        self.books.open_books.remove(self)


class Names(base.Names):
    def __init__(self, book: Book) -> None:
        self.book = book

    def add(self, name: str, refers_to: str) -> Name:
        self.book.hook("names.add")
        made = DefinedName(name, attr_text=refers_to.removeprefix("="))
        self.book.workbook.defined_names[name] = made
        return Name(made)


class Name(base.Name):
    def __init__(self, made: Any) -> None:
        self.made = made

    api = property(lambda self: self)

    @property
    def Visible(self) -> bool:  # noqa: N802 (what Excel calls it)
        return not self.made.hidden

    @Visible.setter
    def Visible(self, shown: bool) -> None:  # noqa: N802
        self.made.hidden = not shown


class Sheets(base.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    api = property(lambda self: self.book.workbook)

    def __len__(self) -> int:
        return len(self.book.workbook.worksheets)

    def __iter__(self) -> Iterator[Sheet]:
        self.book.hook("sheets")
        return (Sheet(self.book, sheet) for sheet in self.book.workbook.worksheets)

    def __call__(self, key: Any) -> Sheet:
        workbook = self.book.workbook
        return Sheet(self.book, workbook.worksheets[key - 1] if isinstance(key, int) else workbook[key])


class Sheet(base.Sheet):
    def __init__(self, book: Book, sheet: Any) -> None:
        self._book, self.cells_of = book, sheet  # openpyxl's sheet, or LibreOffice's in office.py

    title = property(lambda self: self.cells_of.title)

    book = property(lambda self: self._book)
    api = property(lambda self: self.cells_of)
    name = property(lambda self: self.title)
    index = property(lambda self: self._book.workbook.worksheets.index(self.cells_of) + 1)
    tables = property(lambda self: Tables(self))

    visible = property(
        lambda self: self.cells_of.sheet_state == "visible",
        lambda self, value: setattr(self.cells_of, "sheet_state", "visible" if value else "hidden"),
    )

    def activate(self) -> None:
        self.book.hook("activate")
        assert self.visible, "Excel doesn't show a hidden sheet"
        self.book.workbook.active = self.cells_of

    def range(self, first: Any, last: Any = None) -> Range:
        self.book.hook("range")

        def corners(place: Any) -> tuple[int, int, int, int]:
            if isinstance(place, Range):
                (row, column), (rows, columns) = place._place, place._shape
                return row, column, row + rows - 1, column + columns - 1
            if isinstance(place, str):
                left, top, right, bottom = bounds(place)
                return top, left, bottom, right
            return place[0], place[1], place[0], place[1]

        top, left, bottom, right = corners(first)
        if last is not None:
            _, _, bottom, right = corners(last)
        return Range(self, top, left, bottom - top + 1, right - left + 1)


class Range(base.Range):
    max_cells_per_read = max_cells_per_write = None

    def __init__(self, sheet: Sheet, row: int, column: int, rows: int, columns: int) -> None:
        self.sheet, self._place, self._shape = sheet, (row, column), (rows, columns)
        self._is_known = False

    def _asked(self) -> Range:
        """As in xlwings for Windows: where a range is, is asked once."""
        if not self._is_known:
            self.sheet.book.hook("place")
            self._is_known = True
        return self

    row = property(lambda self: self._asked()._place[0])
    column = property(lambda self: self._asked()._place[1])
    shape = property(lambda self: self._asked()._shape)
    api = property(lambda self: self)
    has_array = property(lambda self: False)

    def __len__(self) -> int:
        return self._shape[0] * self._shape[1]

    def __call__(self, row: int, column: int | None = None) -> Range:
        if column is None:
            row, column = (row - 1) // self._shape[1] + 1, (row - 1) % self._shape[1] + 1
        return Range(self.sheet, self._place[0] + row - 1, self._place[1] + column - 1, 1, 1)

    row_height = property(lambda self: 0 if self.sheet.cells_of.row_dimensions[self._place[0]].hidden else 15)

    @property
    def address(self) -> str:
        (row, column), (rows, columns) = self._place, self._shape
        end = f"${get_column_letter(column + columns - 1)}${row + rows - 1}"
        start = f"${get_column_letter(column)}${row}"
        return start if len(self) == 1 else f"{start}:{end}"

    def cells(self) -> list[list[Any]]:
        sheet, (top, left), (rows, columns) = self.sheet.cells_of, self._place, self._shape
        return [[sheet.cell(top + r, left + c) for c in range(columns)] for r in range(rows)]

    def _hook(self, what: str) -> None:
        self.sheet.book.hook(f"{what} {self.sheet.title}")

    @property
    def raw_value(self) -> Any:
        self._hook("read")
        # nothing computes here: a formula shows a blank
        return [[None if cell.data_type == "f" else cell.value for cell in row] for row in self.cells()]

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self._hook("write")
        rows = data if isinstance(data, (list, tuple)) else [[data] * self._shape[1]] * self._shape[0]
        for cells, values in zip(self.cells(), rows, strict=True):
            for cell, value in zip(cells, values, strict=True):
                cell.value = as_excel_reads(value, cell.number_format)
                if isinstance(cell.value, str) and cell.number_format == "@":
                    cell.data_type = "s"

    @property
    def formula(self) -> Any:
        self._hook("formulas")
        return tuple(tuple("" if cell.value is None else str(cell.value) for cell in row) for row in self.cells())

    @formula.setter
    def formula(self, value: Any) -> None:
        raise NotImplementedError("formulas are read and never written")

    @property
    def number_format(self) -> str | None:
        """None where cells differ, as in Excel."""
        codes = {str(cell.number_format) for row in self.cells() for cell in row}
        return codes.pop() if len(codes) == 1 else None

    @number_format.setter
    def number_format(self, code: str) -> None:
        self._hook("format")
        for row in self.cells():
            for cell in row:
                cell.number_format = code

    def clear_contents(self) -> None:
        self._hook("clear")
        for row in self.cells():
            for cell in row:
                cell.value = None

    def delete(self, shift: str | None = None) -> None:
        """Cells below move up, and the table that held them gets shorter, as in Excel."""
        self._hook("delete")
        assert shift in ("up", "shift_up")
        sheet, (first, start), (rows, columns) = self.sheet.cells_of, self._place, self._shape
        for column in range(start, start + columns):
            for row in range(first, sheet.max_row + 1):
                below = sheet.cell(row + rows, column)
                cell = sheet.cell(row, column)
                cell.value, cell.number_format = below.value, below.number_format
                cell.data_type = below.data_type
        for table in sheet.tables.values():
            left, top, right, bottom = bounds(table.ref)
            if left <= start <= right and top < first <= bottom:
                _resize(table, top, left, bottom - rows, right)


def as_excel_reads(value: Any, number_format: str) -> Any:
    """What Excel makes of a value that a program puts into a cell."""
    if not isinstance(value, str) or number_format == "@":
        return None if value == "" else value
    if value.startswith("'"):
        return value[1:]
    if NUMBER.match(value):
        return dt.datetime(2026, 1, 2) if "/" in value else float(re.sub(r"[^\d.-]", "", value) or 0)
    return value


class Tables(base.Tables):
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    api = property(lambda self: self.sheet.cells_of.tables)

    def __len__(self) -> int:
        return len(self.api)

    def __iter__(self) -> Iterator[Table]:
        self.sheet.book.hook("tables")
        return (Table(self.sheet, table) for table in self.api.values())

    def __call__(self, key: Any) -> Table:
        found = list(self.api.values())
        return Table(self.sheet, found[key - 1] if isinstance(key, int) else self.api[key])


def _resize(table: SheetTable, top: int, left: int, bottom: int, right: int) -> None:
    table.ref = f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}"
    if table.autoFilter is not None:
        table.autoFilter.ref = table.ref


class Table(base.Table):
    def __init__(self, sheet: Sheet, table: Any) -> None:
        self.sheet, self.table = sheet, table

    api = property(lambda self: self.table)
    parent = property(lambda self: self.sheet)
    name = property(lambda self: self.sheet.book.asked("table's name", self.table.name))

    def _area(self) -> tuple[int, int, int, int]:
        left, top, right, bottom = bounds(self.table.ref)
        return int(top), int(left), int(bottom), int(right)

    @property
    def range(self) -> Range:
        top, left, bottom, right = self._area()
        return Range(self.sheet, top, left, bottom - top + 1, right - left + 1)

    @property
    def header_row_range(self) -> Range:
        self.sheet.book.hook("header")
        top, left, _, right = self._area()
        return Range(self.sheet, top, left, 1, right - left + 1)

    @property
    def data_body_range(self) -> Range | None:
        self.sheet.book.hook("body")
        top, left, bottom, right = self._area()
        return Range(self.sheet, top + 1, left, bottom - top, right - left + 1) if bottom > top else None

    def resize(self, to: Any) -> None:
        self.sheet.book.hook("resize")
        (row, column), (rows, columns) = to.impl._place, to.impl._shape
        _resize(self.table, row, column, row + rows - 1, column + columns - 1)
        while len(self.table.tableColumns) < columns:  # the header is written next
            number = len(self.table.tableColumns) + 1
            self.table.tableColumns.append(TableColumn(id=number, name=f"Column{number}"))


def front(engine: Engine | None = None) -> xw.main.Engine:
    """The real xlwings front end over an engine, made the active one."""
    made = xw.main.Engine(impl=engine or Engine())
    xw.engines.add(made)
    xw.engines.active = made  # type: ignore[assignment]  # xlwings has it as None
    return made
