"""Every kind of file that we write, opened by programs that are not ours: they find what our own reader finds.

No Excel runs here, so what SheetJS, exceljs, openpyxl, calamine, LibreOffice and Microsoft's validator agree on stands
in for it. `benchmarks/other_readers.py` has them read the workbook after every step and in every language.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from python_calamine import CalamineWorkbook

from tests.support.paths import ROOT
from xlcrm.building import build
from xlcrm.cli.commands import main
from xlcrm.demo import make
from xlcrm.messages import LANGUAGES
from xlcrm.values import is_blank, text_of
from xlcrm.xlsx.lint import lint
from xlcrm.xlsx.reading import read_tables
from xlcrm.xlsx.workbook import open_workbook

SCRIPT = ROOT / "tests" / "support" / "read_with_node.cjs"
TODAY = "2026-11-22"
STEPS = (
    ("new", "--language", "it", "--country", "IT"),
    ("import", "customers.csv"),
    ("import", "orders.csv", "--table", "Purchases"),
    ("split",),
    ("check",),
    ("correct",),
    ("refresh",),
    ("search", "--where", "city = Milano", "--out", "found.xlsx"),
    ("lists", "--mark-invoiced"),
    ("undo",),
    ("restore", "5", "--rows", "C0001,C0002"),
    ("restore", "4"),
)
Cell = tuple[str, Any]


class Reading(NamedTuple):
    """What a program makes of a file; `tables` is None where it knows no tables. `cell(sheet, row, column)`."""

    sheets: list[str]
    tables: dict[str, str] | None
    cell: Callable[[str, int, int], Any]


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One file of every kind, by what it is: each holds what the steps before it wrote."""
    folder, kept = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("kept")
    return files(folder, kept, languages=("de", "nb"), after=("import", "refresh", "lists", "restore"))


def files(
    folder: Path, kept: Path, *, languages: Sequence[str] = LANGUAGES, after: Sequence[str] = (), purchases: int = 300
) -> dict[str, Path]:
    """The shipped workbook in `languages`, one as the commands `after` leave it (all, if none is named), and lists."""
    found = {}
    for language in languages:
        found[f"shipped {language}"] = kept / f"shipped {language}.xlsm"
        build(found[f"shipped {language}"], language=language)
    made = make(dt.date.fromisoformat(TODAY), clients=80, purchases=purchases)
    (folder / "customers.csv").write_text(made.clients, encoding="utf-8-sig", newline="")
    (folder / "orders.csv").write_text(made.purchases, encoding="utf-8-sig", newline="")
    book = folder / "My.xlsm"
    for number, (command, *words) in enumerate(STEPS):
        options = [str(folder / word) if word.endswith((".csv", ".xlsx")) else word for word in words]
        dated = [] if command == "new" else ["--today", TODAY]
        result = CliRunner().invoke(main, [command, str(book), *options, *dated])
        assert result.exit_code in (0, 1), result.output
        if not after or command in after:
            name = f"{number} after {command}"
            found[name] = Path(shutil.copy(book, kept / f"{name}.xlsm"))
    lists = sorted(folder.rglob("*.xlsx"))
    assert {path.stem for path in lists} >= {"found", "Indirizzario", "Da fatturare"}
    for path in lists:
        found[f"list {path.name}"] = Path(shutil.copy(path, kept / path.name))
    return found


def number(value: Any) -> Any:
    """A date as the number that stands in the cell; what is no number as it is."""
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        return to_excel(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def same(ours: Any, theirs: Any) -> bool:
    if is_blank(ours):
        return theirs in (None, "")
    ours, theirs = number(ours), number(theirs)
    if isinstance(ours, float) and isinstance(theirs, float):
        return abs(ours - theirs) <= 1e-9 * max(1.0, abs(ours))
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours.replace("\r\n", "\n") == theirs.replace("\r\n", "\n")
    if isinstance(ours, str) and isinstance(theirs, float):
        return ours == text_of(theirs)  # a number among texts, in a column that may hold both
    return type(ours) is type(theirs) and ours == theirs


def expected(path: Path) -> Iterator[tuple[str, str, int, int, Any]]:
    """Every cell of every table as our reader says: table, sheet, row, column, value. Formulas' results are left out:
    Excel fills them when it opens the file.
    """
    tables = read_tables.read(path)
    layout = open_workbook(path)
    layout.package.close()
    for info in layout.tables:
        table = tables[info.canonical]
        for place, header in enumerate(info.headers):
            yield info.name, info.sheet.name, info.first_row - 1, info.area.left + place, header
        for place, column in enumerate(table.frame.columns):
            if column not in table.formulas:
                for row, value in enumerate(table.frame[column]):
                    yield info.name, info.sheet.name, info.first_row + row, info.area.left + place, value


def differences(path: Path, reading: Reading) -> list[str]:
    layout = open_workbook(path)
    layout.package.close()
    found = []
    if reading.sheets != [sheet.name for sheet in layout.sheets]:
        found.append(f"sheets: {reading.sheets}")
    if reading.tables is not None:
        wanted = {info.name: info.area.text for info in layout.tables}
        if reading.tables != wanted:
            found.append(f"tables: {reading.tables} instead of {wanted}")
    seen = 0
    for table, sheet, row, column, value in expected(path):
        theirs = reading.cell(sheet, row, column)
        seen += not is_blank(value)
        if not same(value, theirs):
            found.append(f"{table}: {get_column_letter(column)}{row} is {theirs!r}, we read {value!r}")
    assert seen > 5 or not layout.tables
    return found


def from_openpyxl(path: Path) -> Reading:
    book = openpyxl.load_workbook(path, data_only=True)
    tables = {name: ref for sheet in book.worksheets for name, ref in sheet.tables.items()}
    return Reading(book.sheetnames, tables, lambda sheet, row, column: book[sheet].cell(row, column).value)


def from_calamine(path: Path) -> Reading:
    book = CalamineWorkbook.from_path(str(path))
    cells = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}

    def cell(sheet: str, row: int, column: int) -> Any:
        rows = cells[sheet]
        return rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else None

    return Reading(list(book.sheet_names), None, cell)


def from_node(told: Mapping[str, Any]) -> Reading:
    assert "error" not in told, told["error"]
    places = told["cells"]

    def cell(sheet: str, row: int, column: int) -> Any:
        return places[sheet].get(f"{get_column_letter(column)}{row}", (None, None))[1]

    return Reading(told["sheets"], told["tables"], cell)


@pytest.fixture(scope="session", params=["xlsx", "exceljs"])
def javascript(request: pytest.FixtureRequest, written: dict[str, Path]) -> dict[str, Any]:
    """All files as one of the two JavaScript libraries reads them."""
    if not shutil.which("node"):
        pytest.skip("node is missing")
    if not (ROOT / "node_modules" / request.param).is_dir():
        pytest.skip(f"the npm package {request.param} is missing (npm install --no-save xlsx exceljs)")
    return by_node(request.param, written)


def by_node(library: str, written: Mapping[str, Path]) -> dict[str, Any]:
    """What a JavaScript library reads in each file, by its path."""
    done = subprocess.run(
        ["node", str(SCRIPT), library, *map(str, written.values())],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=300,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_sheetjs_and_exceljs(javascript: dict[str, Any], written: dict[str, Path]) -> None:
    found = {name: differences(path, from_node(javascript[str(path)])) for name, path in written.items()}
    assert {name: wrong[:5] for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("read", [from_openpyxl, from_calamine])
def test_readers_in_python(read: Callable[[Path], Reading], written: dict[str, Path]) -> None:
    found = {name: differences(path, read(path)) for name, path in written.items()}
    assert {name: wrong[:5] for name, wrong in found.items() if wrong} == {}


@pytest.mark.filterwarnings("ignore:Print area cannot be set to Defined name:UserWarning")  # it writes whole columns
def test_libreoffice(written: dict[str, Path], tmp_path: Path) -> None:
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("LibreOffice (soffice) is missing")
    found = by_libreoffice(program, written, tmp_path)
    assert {name: wrong[:5] for name, wrong in found.items() if wrong} == {}


def by_libreoffice(program: str, written: Mapping[str, Path], folder: Path) -> dict[str, list[str]]:
    """What differs in each file after LibreOffice opened it and saved it again."""
    command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(folder / "out")]
    subprocess.run([*command, *map(str, written.values())], capture_output=True, check=True, timeout=600)
    found = {}
    for name, path in written.items():
        saved = from_openpyxl(folder / "out" / f"{path.stem}.xlsx")
        found[name] = differences(path, saved._replace(tables=None))  # it keeps the ranges, under names of its own
    return found


def test_microsofts_validator(written: dict[str, Path], validate_ooxml: Callable[..., list[str]]) -> None:
    found = {name: validate_ooxml(path) for name, path in written.items()}
    assert {name: wrong[:5] for name, wrong in found.items() if wrong} == {}


def test_our_own_lint(written: dict[str, Path]) -> None:
    found = {name: lint(path) for name, path in written.items()}
    assert {name: wrong[:5] for name, wrong in found.items() if wrong} == {}
