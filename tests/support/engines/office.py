"""An Excel made of a running LibreOffice: the workbook is open in it, and every cell is read and written through UNO.

What LibreOffice keeps as it is given but Excel would read again (007, 1/2, =x) is read again here, too.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support.engines import memory
from tests.support.engines.memory import as_excel_reads

SYSTEM = "/usr/lib/python3/dist-packages"  # where Debian's python3-uno is
EPOCH = dt.datetime(1899, 12, 30)
DATE, LOGICAL = 2, 1024  # com.sun.star.util.NumberFormat
CONTENTS = 1 | 2 | 4 | 16  # numbers, dates, texts, formulas (com.sun.star.sheet.CellFlags)
RUN_MACROS = 4  # com.sun.star.document.MacroExecMode.ALWAYS_EXECUTE_NO_WARN


def missing() -> str:
    """What is missing for this engine, by name; "" where nothing is."""
    if shutil.which("soffice") is None:
        return "LibreOffice (soffice)"
    return "" if _uno() else "python3-uno for this version of Python"


def _uno() -> Any:
    """The module uno, of this Python or of the system's Python of the same version."""
    try:
        import uno
    except ImportError:
        sys.path.append(SYSTEM)
        try:
            import uno
        except ImportError:
            return None
        finally:
            sys.path.remove(SYSTEM)
    return uno


class Office:
    """A LibreOffice without a window: the one at `address`, or one that `start` starts with a profile of its own."""

    def __init__(self, address: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.uno, self.address, self.process = _uno(), address, process
        self.desktop = self._connect(60.0)

    @classmethod
    def start(cls, folder: Path) -> Office:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"socket,host=127.0.0.1,port={free.getsockname()[1]},tcpNoDelay=1;urp;"
        options = ["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck", f"--accept={address}"]
        command = [str(shutil.which("soffice")), f"-env:UserInstallation={(folder / 'profile').as_uri()}", *options]
        with (folder / "soffice.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        return cls(address, process)

    def _connect(self, patience: float) -> Any:
        context = self.uno.getComponentContext()
        resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
        until = time.monotonic() + patience
        while True:
            try:
                there = resolver.resolve(f"uno:{self.address}StarOffice.ComponentContext")
            except Exception:
                if time.monotonic() > until or (self.process and self.process.poll() is not None):
                    self.stop()
                    raise
                time.sleep(0.1)
            else:
                return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)

    def load(self, path: Path) -> Any:
        hidden = self.values(Hidden=True, MacroExecutionMode=RUN_MACROS)
        return self.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, hidden)

    def open_documents(self) -> Iterator[Any]:
        every = self.desktop.Components.createEnumeration()
        while every.hasMoreElements():
            yield every.nextElement()

    @staticmethod
    def call(document: Any, macro: str, *arguments: Any) -> Any:
        """Run a macro ("Module.Name") of a document; unlike in VBA, what goes wrong in it comes back as nothing."""
        place = f"vnd.sun.star.script:VBAProject.{macro}?language=Basic&location=document"
        return document.getScriptProvider().getScript(place).invoke(arguments, (), ())[0]

    def values(self, **named: Any) -> tuple[Any, ...]:
        made = []
        for name, value in named.items():
            made.append(self.uno.createUnoStruct("com.sun.star.beans.PropertyValue"))
            made[-1].Name, made[-1].Value = name, value
        return tuple(made)

    def stop(self) -> None:
        """The whole group of processes that was started here, and no other."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)


class Engine(memory.Engine):
    name = "xlcrm-office"

    def __init__(self, office: Office) -> None:
        self.office = office
        super().__init__()
        self.app = App(self)
        self.apps = memory.Apps(self.app)
        self.app._books = Books(self.app)


class App(memory.App):
    """Calculation is LibreOffice's own setting of each document."""

    @property
    def calculation(self) -> str:
        self.engine.hook("get calculation")
        return "automatic" if all(book.workbook.isAutomaticCalculationEnabled() for book in self.books) else "manual"

    @calculation.setter
    def calculation(self, value: str) -> None:
        self.engine.hook("set calculation")
        for book in self.books:
            book.workbook.enableAutomaticCalculation(value == "automatic")


class Books(memory.Books):
    def open(self, fullname: str, *args: Any, **kwargs: Any) -> Book:
        path = Path(fullname).absolute()
        book = Book(self, self.app.engine.office.load(path), path)
        self.open_books.append(book)
        return book

    def adopt(self) -> None:
        """What is open in LibreOffice already."""
        office = self.app.engine.office
        for document in office.open_documents():
            self.open_books.append(Book(self, document, Path(office.uno.fileUrlToSystemPath(document.URL))))


class Book(memory.Book):
    """`workbook` is LibreOffice's document."""

    sheets = property(lambda self: Sheets(self))
    names = property(lambda self: Names(self))
    office = property(lambda self: self.app.engine.office)

    def SaveCopyAs(self, path: str) -> None:  # noqa: N802 (what Excel calls it)
        self.app.engine.hook("SaveCopyAs")
        kind = "Calc MS Excel 2007 VBA XML" if path.endswith("m") else "Calc MS Excel 2007 XML"
        self.workbook.storeToURL(Path(path).as_uri(), self.office.values(FilterName=kind))

    def close(self) -> None:
        self.workbook.close(True)
        super().close()


class Names(memory.Names):
    """LibreOffice shows every name."""

    def add(self, name: str, refers_to: str) -> memory.Name:
        self.book.hook("names.add")
        there = self.book.workbook.NamedRanges
        if there.hasByName(name):
            there.removeByName(name)
        corner = self.book.workbook.Sheets.getByIndex(0).getCellByPosition(0, 0).CellAddress
        there.addNewByName(name, refers_to.removeprefix("="), corner, 0)
        return memory.Name(there.getByName(name))


class Sheets(memory.Sheets):
    api = property(lambda self: self.book.workbook.Sheets)

    def __len__(self) -> int:
        return int(self.api.Count)

    def __iter__(self) -> Iterator[Sheet]:
        return (self(number + 1) for number in range(len(self)))

    def __call__(self, key: Any) -> Sheet:
        return Sheet(self.book, self.api.getByIndex(key - 1) if isinstance(key, int) else self.api.getByName(key))


class Sheet(memory.Sheet):
    """`cells_of` is LibreOffice's sheet."""

    name = title = property(lambda self: self.cells_of.Name)
    index = property(lambda self: self.cells_of.RangeAddress.Sheet + 1)
    tables = property(lambda self: Tables(self))

    def range(self, first: Any, last: Any = None) -> Range:
        plain = super().range(first, last)
        return Range(self, plain.row, plain.column, *plain.shape)


class Range(memory.Range):
    def __call__(self, row: int, column: int | None = None) -> Range:
        plain = super().__call__(row, column)
        return Range(self.sheet, plain.row, plain.column, 1, 1)

    @property
    def native(self) -> Any:
        (top, left), (rows, columns) = (self.row - 1, self.column - 1), self.shape
        return self.sheet.cells_of.getCellRangeByPosition(left, top, left + columns - 1, top + rows - 1)

    def _formats(self) -> list[list[Any]]:
        """The number format of each cell, as LibreOffice's properties."""
        kinds, blocks = self.sheet.book.workbook.NumberFormats, self.native.getUniqueCellFormatRanges()
        found: list[list[Any]] = [[None] * self.shape[1] for _ in range(self.shape[0])]
        for number in range(blocks.Count):
            block = blocks.getByIndex(number)
            kind = kinds.getByKey(block.getByIndex(0).NumberFormat)
            shown = (int(kind.Type), str(kind.FormatString))
            for area in block.RangeAddresses:
                left, right = area.StartColumn - self.column + 1, area.EndColumn - self.column + 2
                for row in range(area.StartRow - self.row + 1, area.EndRow - self.row + 2):
                    found[row][left:right] = [shown] * (right - left)
        return found

    @property
    def raw_value(self) -> Any:
        self._hook("read")
        return [
            [_read(value, kind) for value, (kind, _) in zip(values, kinds, strict=True)]
            for values, kinds in zip(self.native.getDataArray(), self._formats(), strict=True)
        ]

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self._hook("write")
        rows = data if isinstance(data, (list, tuple)) else [[data] * self.shape[1]] * self.shape[0]
        formats, dates, formulas = self._formats(), [], []
        out: list[list[Any]] = []
        for at, row in enumerate(rows):
            out.append([])
            for column, given in enumerate(row):
                kind, code = formats[at][column]
                value = as_excel_reads(given, code)
                if isinstance(value, str) and value.startswith("=") and code != "@" and not given.startswith("'"):
                    formulas.append((at, column, value))
                    value = ""
                if isinstance(value, dt.datetime) and not kind & DATE:
                    dates.append((at, column))
                out[-1].append(_plain(value))
        self.native.setDataArray(tuple(tuple(row) for row in out))
        for at, column, formula in formulas:
            self.native.getCellByPosition(column, at).setFormula(formula)
        for at, column in dates:  # as Excel does where a date comes into a cell of no format
            self.native.getCellByPosition(column, at).NumberFormat = self._format("YYYY-MM-DD")

    @property
    def formula(self) -> Any:
        self._hook("formulas")
        return tuple(tuple(text.removeprefix("'") for text in row) for row in self.native.getFormulaArray())

    @formula.setter
    def formula(self, value: Any) -> None:
        raise NotImplementedError("formulas are read and never written")

    @property
    def number_format(self) -> str | None:
        """None where cells differ, as in Excel."""
        codes = {code for row in self._formats() for _, code in row}
        return codes.pop() if len(codes) == 1 else None

    @number_format.setter
    def number_format(self, code: str) -> None:
        self._hook("format")
        self.native.NumberFormat = self._format(code)

    def _format(self, code: str) -> int:
        kinds, english = self.sheet.book.workbook.NumberFormats, self._locale()
        known = kinds.queryKey(code, english, False)
        return int(known if known != -1 else kinds.addNew(code, english))

    def _locale(self) -> Any:
        made = self.sheet.book.office.uno.createUnoStruct("com.sun.star.lang.Locale")
        made.Language, made.Country = "en", "US"
        return made

    def clear_contents(self) -> None:
        self._hook("clear")
        self.native.clearContents(CONTENTS)

    def delete(self, shift: str | None = None) -> None:
        """Cells below move up; LibreOffice makes the table shorter itself."""
        self._hook("delete")
        assert shift in ("up", "shift_up")
        up = self.sheet.book.office.uno.Enum("com.sun.star.sheet.CellDeleteMode", "UP")
        self.sheet.cells_of.removeRange(self.native.RangeAddress, up)


def _read(value: Any, kind: int) -> Any:
    if isinstance(value, float) and kind & DATE:
        return EPOCH + dt.timedelta(microseconds=round(value * 86_400_000) * 1000)
    return bool(value) if isinstance(value, float) and kind & LOGICAL else value


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return (value - EPOCH) / dt.timedelta(days=1)
    return float(value) if isinstance(value, (bool, int)) else value


class Tables(memory.Tables):
    """Excel's tables are LibreOffice's database ranges."""

    api = property(lambda self: self.sheet.book.workbook.DatabaseRanges)

    def _here(self) -> list[Any]:
        every = (self.api.getByName(name) for name in self.api.ElementNames)
        return [area for area in every if area.DataArea.Sheet == self.sheet.index - 1]

    def __len__(self) -> int:
        return len(self._here())

    def __iter__(self) -> Iterator[Table]:
        return (Table(self.sheet, area) for area in self._here())

    def __call__(self, key: Any) -> Table:
        return Table(self.sheet, self._here()[key - 1] if isinstance(key, int) else self.api.getByName(key))


class Table(memory.Table):
    """`table` is LibreOffice's database range."""

    name = property(lambda self: self.table.Name)

    def _area(self) -> tuple[int, int, int, int]:
        area = self.table.DataArea
        return area.StartRow + 1, area.StartColumn + 1, area.EndRow + 1, area.EndColumn + 1

    @property
    def range(self) -> Range:
        return self._part(super().range)

    @property
    def header_row_range(self) -> Range:
        return self._part(super().header_row_range)

    @property
    def data_body_range(self) -> Range | None:
        body = super().data_body_range
        return self._part(body) if body else None

    def _part(self, plain: memory.Range) -> Range:
        return Range(self.sheet, plain.row, plain.column, *plain.shape)

    def resize(self, to: Any) -> None:
        self.sheet.book.app.engine.hook("resize")
        self.table.DataArea = to.impl.native.RangeAddress
