"""Workbooks by other writers than Excel: more than a hundred different ones, made anew from a number.

    python benchmarks/other_writers.py FOLDER [--each 16] [--seed 1] [--packages FOLDER]
    python benchmarks/workbooks.py FOLDER

openpyxl, pandas, XlsxWriter, excelize, pyexcelerate, rustypyxl, rust_xlsxwriter, exceljs, SheetJS, LibreOffice, and
odd forms made by hand (other prefixes, encodings, archives). Writers that are not installed are named and left out;
those that the project itself does not need are put elsewhere, `pip install --target FOLDER xlsxwriter excelize ...`,
and found with --packages.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
from defusedxml.ElementTree import ParseError, fromstring
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableStyleInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.typed_openpyxl import initialise_columns  # noqa: E402
from tests.xlsx.test_other_writers import WRITERS as FORMS  # noqa: E402

SCRIPT = ROOT / "benchmarks" / "write_with_node.cjs"
TITLES = ("Sheet1", "Über uns", "O'Brien & Sons", "2026", "A1", "Kunden (alt)", "Æ-Ø_Å", "List.1", "ÇA VA", "a b")
NAMES = ("Kunden", "Tabelle1", "Clienti_2026", "_private", "Table.One", "Größe", "Kundér", "T")
HEADERS = ("Name", "Größe in m²", "Line\nbreak", "[odd] #'", "E-mail", "Column5", " blanks ", "Søk & <finn>", "1", "É")
TEXTS = (
    "Anna",
    "007",
    "=no formula",
    "  blanks  ",
    "Łukasz 🙂",
    "<b> & 'c'",
    "two\nlines",
    "_x000D_",
    "+47 22 12 34 56",
    "",
)
Cell = Any
Writer = Callable[[Path, "Content", random.Random], None]


class Content(NamedTuple):
    """A table to write: its sheet, its name, its first row and column from 1, its cells, whether it has totals."""

    title: str
    name: str
    top: int
    left: int
    headers: list[str]
    rows: list[list[Cell]]
    totals: bool

    @property
    def corner(self) -> str:
        return f"{get_column_letter(self.left)}{self.top}"

    @property
    def area(self) -> str:
        last = get_column_letter(self.left + len(self.headers) - 1)
        return f"{self.corner}:{last}{self.top + max(1, len(self.rows))}"


def content(chance: random.Random) -> Content:
    """A table of up to eight columns and thirty rows, each column of one kind of value with blanks in it."""
    headers = chance.sample(HEADERS, chance.randrange(1, 9))
    kinds = [chance.choice((text, number, date, flag)) for _ in headers]
    rows = [[kind(chance) for kind in kinds] for _ in range(chance.choice((0, 1, 2, 7, 30)))]
    top, left = chance.choice(((1, 1), (1, 1), (3, 2), (5, 4)))
    return Content(chance.choice(TITLES), chance.choice(NAMES), top, left, headers, rows, chance.random() < 0.3)


def text(chance: random.Random) -> Cell:
    return chance.choice(TEXTS)


def number(chance: random.Random) -> Cell:
    return chance.choice((None, 0, 1, -2.5, 1e-9, 123456789.25, 10**12, 0.1))


def date(chance: random.Random) -> Cell:
    return chance.choice((None, dt.datetime(2026, 11, 22), dt.datetime(1999, 12, 31, 23, 59, 30)))


def flag(chance: random.Random) -> Cell:
    return chance.choice((None, True, False))


def maybe(chance: random.Random, *steps: Callable[[], object]) -> None:
    """Some of these, by chance."""
    for step in steps:
        if chance.random() < 0.4:
            step()


# Each writer in its own words.


def with_openpyxl(path: Path, it: Content, chance: random.Random) -> None:
    book: Any = openpyxl.Workbook(write_only=False)
    sheet = book.active
    sheet.title = it.title
    for r, row in enumerate([it.headers, *it.rows], it.top):
        for c, value in enumerate(row, it.left):
            sheet.cell(r, c, value)
            if isinstance(value, str):
                sheet.cell(r, c).data_type = "s"
    table = Table(displayName=it.name, ref=it.area)
    table.tableStyleInfo = chance.choice((None, TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)))
    initialise_columns(table)
    for column, header in zip(table.tableColumns, it.headers, strict=True):
        column.name = header.replace("\n", "_x000a_")
    sheet.add_table(table)
    other = book.create_sheet("Other")
    other["A1"], other["B7"] = f"=ROWS({it.name}[])", "=A1*2"
    _decorated(sheet, it, chance)
    book.save(path)


def _decorated(sheet: Any, it: Content, chance: random.Random) -> None:
    def chart() -> None:
        made = BarChart()
        made.add_data(Reference(sheet, min_col=it.left, min_row=it.top, max_row=it.top + 3))
        sheet.add_chart(made, "P2")

    def validation() -> None:
        rule = DataValidation(type="list", formula1='"one,two"')
        rule.add("N1:N9")
        sheet.add_data_validation(rule)

    maybe(
        chance,
        chart,
        validation,
        lambda: sheet.merge_cells("N12:O14"),
        lambda: setattr(sheet["N2"], "comment", Comment("a comment", "somebody")),
        lambda: setattr(sheet, "freeze_panes", "B2"),
        lambda: setattr(sheet["N3"], "hyperlink", "https://example.com/"),
        lambda: sheet.conditional_formatting.add("N1:N9", CellIsRule("greaterThan", ["3"], font=Font(bold=True))),
        lambda: sheet.column_dimensions.group("N", "P", hidden=True),
        lambda: setattr(sheet.protection, "sheet", True),
    )


def write_only(path: Path, it: Content, chance: random.Random) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(it.title)
    for row in [it.headers, *it.rows]:
        sheet.append(row)
    book.save(path)


def with_pandas(path: Path, it: Content, chance: random.Random) -> None:
    frame = pd.DataFrame(it.rows, columns=it.headers)
    if chance.random() < 0.4 and len(frame):
        frame.columns = pd.MultiIndex.from_tuples([("both", header) for header in it.headers])
        frame.to_excel(path, sheet_name=it.title)
    else:
        frame.to_excel(path, sheet_name=it.title, index=chance.random() < 0.5, startrow=it.top - 1)


def with_xlsxwriter(path: Path, it: Content, chance: random.Random) -> None:
    import xlsxwriter  # type: ignore[import-not-found, unused-ignore]

    settings = {"use_zip64": chance.random() < 0.3, "date_1904": chance.random() < 0.2, "strings_to_formulas": False}
    book = xlsxwriter.Workbook(str(path), {**settings, "strings_to_urls": False, "default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet(it.title)
    columns: list[dict[str, Any]] = [{"header": header} for header in it.headers]
    if it.totals:
        columns[-1]["total_function"] = "count"
        columns[0]["total_string"] = "Total"
    if chance.random() < 0.4:
        columns.append({"header": "Twice", "formula": "=ROW()*2"})
    rows = max(1, len(it.rows))
    top, left = it.top - 1, it.left - 1
    table: dict[str, Any] = {
        "name": it.name,
        "columns": columns,
        "total_row": it.totals,
        "autofilter": chance.random() < 0.7,
    }
    style = chance.choice(({}, {"style": None}, {"style": "Table Style Dark 3", "first_column": True}))
    sheet.add_table(top, left, top + rows + it.totals, left + len(columns) - 1, {**table, **style, "data": it.rows})
    other = book.add_worksheet("Other")
    other.write_formula("A1", f"=ROWS({it.name}[])", None, len(it.rows))
    other.write_formula("B7", "=A1*2", None, 2 * len(it.rows))
    _with_all_sorts(book, sheet, other, it, chance)
    book.close()


def _with_all_sorts(book: Any, sheet: Any, other: Any, it: Content, chance: random.Random) -> None:
    bold = book.add_format({"bold": True})

    def chart() -> None:
        made = book.add_chart({"type": chance.choice(("column", "pie", "line"))})
        made.add_series({"values": [it.title, it.top, it.left - 1, it.top + 3, it.left - 1]})
        other.insert_chart("D2", made)

    maybe(
        chance,
        chart,
        lambda: sheet.write_comment("N2", "a comment"),
        lambda: sheet.conditional_format("N1:N9", {"type": "data_bar"}),
        lambda: sheet.conditional_format("N1:N9", {"type": "icon_set", "icon_style": "3_traffic_lights"}),
        lambda: sheet.data_validation("N1:N9", {"validate": "list", "source": ["one", "two"]}),
        lambda: sheet.add_sparkline("N5", {"range": f"'{it.title.replace(chr(39), chr(39) * 2)}'!A2:A5"}),
        lambda: sheet.merge_range("N12:O14", "merged", bold),
        lambda: sheet.insert_textbox("P2", "a text box"),
        lambda: sheet.write_url("N3", "https://example.com/", string="link"),
        lambda: sheet.write_rich_string("N4", "plain ", bold, "bold"),
        lambda: other.write_dynamic_array_formula("F1:F3", "=_xlfn.SEQUENCE(3)"),
        lambda: other.write_array_formula("H1:H3", "{=ROW(A1:A3)}"),
        lambda: book.define_name("Area", "=Other!$A$1:$B$7"),
        lambda: sheet.insert_checkbox("N8", True),
        lambda: sheet.insert_button("P20", {"caption": "press"}),
        lambda: other.protect("secret"),
        lambda: other.hide(),
        lambda: sheet.freeze_panes(it.top, 0),
        lambda: sheet.set_row(40, None, None, {"level": 1, "hidden": True}),
        lambda: sheet.set_header("&C&\"Arial,Bold\"&A"),
    )  # fmt: skip


def with_excelize(path: Path, it: Content, chance: random.Random) -> None:
    import excelize  # type: ignore[import-not-found, unused-ignore]

    book = excelize.new_file()
    book.set_sheet_name("Sheet1", it.title)
    for r, row in enumerate([it.headers, *it.rows], it.top):
        book.set_sheet_row(it.title, f"{get_column_letter(it.left)}{r}", [_for_go(cell) for cell in row])
    book.add_table(it.title, excelize.Table(range=it.area, name=it.name, show_row_stripes=chance.random() < 0.5))
    book.new_sheet("Other")
    book.set_cell_formula("Other", "A1", f"=ROWS({it.name}[])")
    title = it.title.replace("'", "''")
    series = [excelize.ChartSeries(name="Other!$A$1", values=f"'{title}'!$A$2:$A$5")]
    spark = excelize.SparklineOptions(location=["N6"], range=[f"'{title}'!A2:A5"])
    button = excelize.FormControl(cell="P20", type=excelize.FormControlType.FormControlButton, text="press")
    maybe(
        chance,
        lambda: book.add_comment(it.title, excelize.Comment(cell="N2", author="somebody", text="a comment")),
        lambda: book.merge_cell(it.title, "N12", "O14"),
        lambda: book.add_chart("Other", "D2", excelize.Chart(type=excelize.ChartType.Col, series=series)),
        lambda: book.add_sparkline(it.title, spark),
        lambda: book.add_form_control(it.title, button),
        lambda: book.set_cell_hyperlink(it.title, "N3", "https://example.com/", "External"),
        lambda: book.set_panes(it.title, excelize.Panes(freeze=True, y_split=1, top_left_cell="A2")),
    )
    fault = book.save_as(str(path))
    if fault:
        raise RuntimeError(fault)


def _for_go(cell: Cell) -> Cell:
    return "" if cell is None else cell


def with_pyexcelerate(path: Path, it: Content, chance: random.Random) -> None:
    import pyexcelerate  # type: ignore[import-not-found, unused-ignore]

    book = pyexcelerate.Workbook()
    sheet = book.new_sheet(it.title, data=[it.headers, *[[_for_go(cell) for cell in row] for row in it.rows]])
    maybe(
        chance,
        lambda: sheet.set_row_style(1, pyexcelerate.Style(font=pyexcelerate.Font(bold=True))),
        lambda: sheet.set_col_style(1, pyexcelerate.Style(size=30)),
        lambda: book.new_sheet("Other", data=[[1, "x"]]),
        lambda: sheet.range("N12", "O14").merge(),
    )
    book.save(str(path))


def with_rustypyxl(path: Path, it: Content, chance: random.Random) -> None:
    import rustypyxl  # type: ignore[import-not-found, unused-ignore]

    book = rustypyxl.Workbook()
    sheet = book.create_sheet(it.title)
    for row in [it.headers, *it.rows]:
        sheet.append(row)
    maybe(chance, lambda: book.create_sheet("Other").append([1, "x"]))
    book.save(str(path))


def with_rust_xlsxwriter(path: Path, it: Content, chance: random.Random) -> None:
    import rustpy_xlsxwriter  # type: ignore[import-not-found, unused-ignore]

    records = [dict(zip(it.headers, row, strict=True)) for row in it.rows]
    rustpy_xlsxwriter.write_worksheet(records, str(path), sheet_name=it.title)


WRITERS: dict[str, tuple[Writer, str]] = {
    "openpyxl": (with_openpyxl, ".xlsx"),
    "openpyxl write-only": (write_only, ".xlsx"),
    "pandas": (with_pandas, ".xlsx"),
    "xlsxwriter": (with_xlsxwriter, ".xlsx"),
    "excelize": (with_excelize, ".xlsx"),
    "pyexcelerate": (with_pyexcelerate, ".xlsx"),
    "rustypyxl": (with_rustypyxl, ".xlsx"),
    "rust_xlsxwriter": (with_rust_xlsxwriter, ".xlsx"),
}
WITH_TABLES = ("openpyxl", "xlsxwriter", "excelize", "exceljs")


def by_python(folder: Path, each: int, seed: int) -> None:
    for name, (write, ending) in WRITERS.items():
        for number_ in range(each if name in WITH_TABLES else max(1, each // 3)):
            chance = random.Random(f"{seed} {name} {number_}")
            try:
                write(folder / f"{name} {number_:02}{ending}", content(chance), chance)
            except ImportError:
                print(f"{name} is not installed: left out")
                break
            except Exception as refused:  # noqa: BLE001 - each library refuses other names and values, each in its way
                print(f"{name} {number_:02} is not written: {refused}")


# Programs in JavaScript get all their workbooks at once.

_YES_OR_NO = ("validation", "rich", "link", "note", "merged", "condition", "shared", "frozen", "date1904", "named")
_MORE = ("styles", "sharedStrings", "dates", "widths", "filter", "second", "compressed")
_KINDS = ("xlsx", "xlsx", "xlsm", "xlsb", "biff8")
_ENDINGS = {"biff8": "xls"}


def by_node(folder: Path, each: int, seed: int) -> None:
    asked = []
    for library, count in (("exceljs", each), ("exceljs stream", max(1, each // 3)), ("xlsx", max(1, each // 2))):
        for number_ in range(count):
            chance = random.Random(f"{seed} {library} {number_}")
            it = content(chance)
            kind = chance.choice(_KINDS) if library == "xlsx" else "xlsx"
            options: dict[str, Any] = {name: chance.random() < 0.4 for name in (*_YES_OR_NO, *_MORE)}
            options |= {"theme": chance.choice(("TableStyleMedium2", "TableStyleLight1")), "kind": kind}
            name = {"xlsx": "SheetJS"}.get(library, library)
            path = folder / f"{name} {number_:02}.{_ENDINGS.get(kind, kind)}"
            asked.append({"library": library, "path": str(path), "content": _for_node(it), "options": options})
    if not shutil.which("node") or not (ROOT / "node_modules").exists():
        print("node or its packages are not installed: left out")
        return
    subprocess.run(["node", str(SCRIPT)], input=json.dumps(asked), text=True, check=True)


def _for_node(it: Content) -> dict[str, Any]:
    rows = it.rows or [[None] * len(it.headers)]
    cells = [[{"date": cell.timestamp() * 1000} if isinstance(cell, dt.datetime) else cell for cell in r] for r in rows]
    return {**it._asdict(), "corner": it.corner, "rows": cells}


# LibreOffice saves what others made, in the kinds of workbook that it knows.

_SAVED_AS = ("xlsx", "xlsm", "xltx", "xls")


def by_office(folder: Path, each: int, seed: int) -> None:
    program = shutil.which("soffice")
    if not program:
        print("LibreOffice is not installed: left out")
        return
    chance = random.Random(f"{seed} office")
    sources = sorted(path for path in folder.iterdir() if path.name.startswith(WITH_TABLES))
    with tempfile.TemporaryDirectory() as name:
        profile = f"-env:UserInstallation={(Path(name) / 'profile').as_uri()}"
        for kind in _SAVED_AS:
            chosen = [str(path) for path in chance.sample(sources, max(1, each // (1 if kind == "xlsx" else 4)))]
            command = [
                program,
                profile,
                "--headless",
                "--convert-to",
                kind,
                "--outdir",
                str(Path(name) / kind),
                *chosen,
            ]
            subprocess.run(command, capture_output=True, check=False, timeout=900)
            for path in sorted((Path(name) / kind).glob("*")):
                shutil.move(path, folder / f"LibreOffice from {path.name}")


# Forms that nobody's library writes and that the format allows.


def _zip(
    *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"", folders: bool = False
) -> Callable[[Path, Any], None]:
    def write(path: Path, entries: dict[str, bytes]) -> None:
        with zipfile.ZipFile(path, "w", method) as package:
            package.comment = comment
            for folder in ("xl/", "xl/worksheets/") if folders else ():
                package.writestr(folder, b"")
            for name, data in entries.items():
                package.writestr(name, data)

    return write


def _streamed_zip(path: Path, entries: dict[str, bytes]) -> None:
    """Sizes after the data, as programs do that can't go back."""

    class Onward:
        def __init__(self, file: Any) -> None:
            self.write, self.flush = file.write, file.flush

    with path.open("wb") as file, zipfile.ZipFile(Onward(file), "w", zipfile.ZIP_DEFLATED) as package:  # type: ignore[call-overload]
        for name, data in entries.items():
            package.writestr(name, data)


ARCHIVES: dict[str, Callable[[Path, Any], None]] = {
    "plain": _zip(),
    "stored": _zip(method=zipfile.ZIP_STORED),
    "commented archive": _zip(comment=b"made by hand"),
    "with folders": _zip(folders=True),
    "streamed": _streamed_zip,
}


def by_hand(folder: Path, each: int, seed: int) -> None:
    sources = sorted(p for p in folder.glob("*.xlsx") if p.name.startswith(WITH_TABLES))
    for number_ in range(2 * each):
        chance = random.Random(f"{seed} hand {number_}")
        forms = [list(FORMS)[number_ % len(FORMS)], *chance.sample(list(FORMS), chance.randrange(2))]
        archive = chance.choice(list(ARCHIVES))
        with zipfile.ZipFile(chance.choice(sources)) as package:
            entries = {name: package.read(name) for name in package.namelist()}
        for form in dict.fromkeys(forms):
            if form not in ("UTF-16", "Latin-1") or form == forms[-1]:
                entries = {name: _formed(form, name, data) for name, data in entries.items()}
        ARCHIVES[archive](folder / f"hand-made {number_:02} {re.sub(chr(32) + '+', '-', forms[0])}.xlsx", entries)


def _formed(form: str, name: str, data: bytes) -> bytes:
    """A part in another form; one that this form can't be given stays."""
    if not name.endswith((".xml", ".rels")):
        return data
    try:
        formed = FORMS[form](name, data)
        fromstring(formed)
    except (UnicodeError, ParseError):
        return data
    return formed


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--each", type=int, default=16, help="workbooks of each writer that knows tables")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--packages", type=Path, help="where else writers are installed")
    asked = options.parse_args()
    sys.path += [str(asked.packages)] if asked.packages else []
    asked.folder.mkdir(parents=True, exist_ok=True)
    for writers in (by_python, by_node, by_office, by_hand):
        writers(asked.folder, asked.each, asked.seed)
    print(f"{len(list(asked.folder.iterdir()))} workbooks in {asked.folder}")


if __name__ == "__main__":
    main()
