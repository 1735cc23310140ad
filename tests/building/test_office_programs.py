"""What Office programs say about the workbook: Microsoft's validator, LibreOffice, and the tool that reads macros."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from tests.support.paths import CASES
from xlcrm import messages, schema, words
from xlcrm.building import build, macro_workbook, marks
from xlcrm.building.build_workbook import SHEETS
from xlcrm.messages import LANGUAGES
from xlcrm.values import NO, YES, as_flag
from xlcrm.xlsx.lint import lint
from xlcrm.xlsx.reading import read_tables

RESULT = 120  # a column far from every table
# LibreOffice writes a print area of all rows as whole columns, which openpyxl can't hold: valid, and not what is read
WHOLE_COLUMNS = "ignore:Print area cannot be set to Defined name:UserWarning"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("books")
    paths = {language: folder / f"{language}.xlsm" for language in LANGUAGES}
    for language, path in paths.items():
        build(path, language=language)
    return paths


@pytest.mark.parametrize("language", LANGUAGES)
def test_microsofts_validator_has_nothing_to_say(
    language: str, books: dict[str, Path], validate_ooxml: Callable[..., list[str]]
) -> None:
    assert validate_ooxml(books[language], "Office2019") == []
    assert validate_ooxml(books[language], "Microsoft365") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_excel_has_nothing_to_repair_by_our_lint(language: str, books: dict[str, Path]) -> None:
    assert lint(books[language]) == []


def test_libreoffice_prints_every_sheet(books: dict[str, Path], soffice: Callable[..., Path]) -> None:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is missing")
    pdf = soffice(books["it"], "pdf")
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    pages = done.stdout.split("\f")
    for name in SHEETS:
        title = words.title(name, "it")
        assert any(title in page for page in pages), f"no page of {title}"
    dashboard = [page for page in pages if words.title("CallList", "it") in page]
    assert len(dashboard) == 1, "the dashboard is one page"
    assert messages.text("figure.overdue", "it") in dashboard[0]


@pytest.mark.filterwarnings(WHOLE_COLUMNS)
def test_the_values_of_formulas_are_what_libreoffice_computes(
    books: dict[str, Path], soffice: Callable[..., Path]
) -> None:
    kept, computed = (
        openpyxl.load_workbook(path, data_only=True) for path in (books["fr"], soffice(books["fr"], "xlsx"))
    )
    formulas = 0
    for sheet in openpyxl.load_workbook(books["fr"]).worksheets:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            now, then = (book[sheet.title][cell.coordinate].value for book in (kept, computed))
            assert (now or "") == (then or ""), f"{sheet.title}!{cell.coordinate}"
            formulas += 1
    assert formulas > 100


@pytest.mark.filterwarnings(WHOLE_COLUMNS)
def test_no_cell_holds_an_error_after_libreoffice_computed_it(
    books: dict[str, Path], soffice: Callable[..., Path]
) -> None:
    book = openpyxl.load_workbook(soffice(books["en"], "xlsx"), data_only=True)
    errors = [
        f"{sheet.title}!{cell.coordinate} {cell.value}"
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, str) and re.fullmatch(r"#[A-Z/0!?]+|Err:\d+", cell.value)
    ]
    assert errors == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_is_read_back_in_canonical_names(language: str, books: dict[str, Path]) -> None:
    tables = read_tables.read(books[language])
    assert set(tables) == {spec.name for spec in schema.TABLES}
    for spec in schema.TABLES:
        assert list(tables[spec.name].frame.columns) == [column.name for column in spec.columns]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_macros_ends_with_crlf(language: str, books: dict[str, Path]) -> None:
    from pyopenvba import ExcelFile

    with ExcelFile(str(books[language])) as book:
        bare = {module.name: re.findall(r"(?<!\r)\n", module.source) for module in book.vba_project().modules}
    assert not any(bare.values())
    assert len(bare) == 1 + len(SHEETS) + len(macro_workbook.MODULES)


def test_the_macros_are_read_by_others_and_hold_nothing_hidden(books: dict[str, Path]) -> None:
    olevba = pytest.importorskip("oletools.olevba")
    parser = olevba.VBA_Parser(str(books["de"]))
    code = {name.removesuffix(".bas"): text for _, _, name, text in parser.extract_macros()}
    for module in macro_workbook.MODULES:
        written = [
            line for line in macro_workbook.source(module, "de").splitlines() if not line.startswith("Attribute")
        ]
        assert "\n".join(written).strip() in code[module].replace("\r\n", "\n")
    found = {(kind, keyword) for kind, keyword, _ in parser.analyze_macros()}
    parser.close()
    assert not [keyword for kind, keyword in found if kind in ("AutoExec", "IOC")], "nothing runs by itself"
    # What it finds is starting a program (which is the point), words of comments, and constants that look encoded.
    expected = "createobject wscript.shell run shell regread applescript call windows chr".split()
    suspicious = {keyword.lower() for kind, keyword in found if kind == "Suspicious"}
    assert suspicious - {"hex strings", "base64 strings"} <= set(expected)


def _cases() -> list[dict[str, str]]:
    with (CASES / "marks.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_marks_show_what_is_open_overdue_or_unwanted(books: dict[str, Path], soffice: Callable[..., Path]) -> None:
    """The conditions of the built workbook, moved to a row a case and computed by LibreOffice."""
    built, probe = openpyxl.load_workbook(books["en"]), openpyxl.Workbook()
    cases = _cases()
    for name in sorted({case["table"] for case in cases}):
        probe.create_sheet(name)
    for row, case in enumerate(cases, 3):
        spec, sheet = schema.table(case["table"]), probe[case["table"]]
        letters = {c.name: get_column_letter(at) for at, c in enumerate(spec.columns, 1)}
        for given in filter(None, case["cells"].split(";")):
            name, _, text = given.partition("=")
            sheet[f"{letters[name]}{row}"] = _value(text, is_date=name == "follow_up_on")
        formulas = _conditions(built[spec.name], letters[case["column"]])
        moved = [re.sub(r"(\$[A-Z]+)([12])\b", lambda at: f"{at[1]}{int(at[2]) + row - 2}", f) for f in formulas]  # noqa: B023
        sheet.cell(row, RESULT).value = f"=IF(OR({','.join(moved)}),1,0)"
    path = books["en"].with_name("marks.xlsx")
    probe.save(path)
    computed = openpyxl.load_workbook(soffice(path, "xlsx"), data_only=True)
    got = [str(computed[case["table"]].cell(row, RESULT).value) for row, case in enumerate(cases, 3)]
    wrong = [case["why"] for case, marked in zip(cases, got, strict=True) if marked != case["marked"]]
    assert wrong == []


def _value(text: str, *, is_date: bool) -> str | float | dt.date:
    if text.startswith("'"):
        return text[1:]
    if is_date:
        return dt.date.today() + dt.timedelta(days=int(text))
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    return float(text) if re.fullmatch(r"-?\d+", text) else text


def _conditions(sheet: Worksheet, letter: str) -> list[str]:
    return [
        rule.formula[0]
        for area in sheet.conditional_formatting
        for rule in area.rules
        if str(area.sqref).startswith(f"{letter}2:")
    ]


def test_a_flag_means_the_same_in_the_workbook_as_in_the_program(tmp_path: Path, soffice: Callable[..., Path]) -> None:
    typed: list[object] = [*sorted(YES), *sorted(NO), "", "  ", " Nei ", "NO", "Sí", "maybe", True, False, 0, 1, 2]
    probe = openpyxl.Workbook()
    sheet = probe.worksheets[0]
    for row, value in enumerate(typed, 1):
        sheet.cell(row, 1).value = value  # type: ignore[assignment]
        sheet.cell(row, 2).value = f"=IF({marks.yes(f'$A{row}')},1,0)"
    probe.save(tmp_path / "flags.xlsx")
    computed = openpyxl.load_workbook(soffice(tmp_path / "flags.xlsx", "xlsx"), data_only=True).worksheets[0]
    shown = [computed.cell(row, 2).value == 1 for row in range(1, len(typed) + 1)]
    meant = [bool(flag) for flag in as_flag(pd.Series(typed, dtype=object))]
    assert dict(zip(map(repr, typed), shown, strict=True)) == dict(zip(map(repr, typed), meant, strict=True))
