"""The reader: tables by name in any language, clean columns, and what is odd about a table said aloud."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastexcel
import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.table import Table as OpenpyxlTable

import xlcrm
from xlcrm.errors import CrmError
from xlcrm.xlsx.reading import read_tables

SHEET = "xl/worksheets/sheet1.xml"


def book(
    path: Path,
    rows: list[list[Any]],
    *,
    name: str = "Clients",
    title: str = "Clients",
    at: str = "A1",
    after: Callable[[Any], None] | None = None,
) -> Path:
    whole = openpyxl.Workbook()
    sheet = whole.active
    assert sheet is not None
    sheet.title = title
    first = sheet[at]
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if value is not None:
                cell = sheet.cell(first.row + i, first.column + j)
                cell.value = value
                if isinstance(value, str) and value.startswith("'"):
                    cell.value, cell.data_type = value[1:], "s"
    last = sheet.cell(first.row + len(rows) - 1, first.column + len(rows[0]) - 1).coordinate
    sheet.add_table(OpenpyxlTable(displayName=name, ref=f"{at}:{last}"))
    if after:
        after(sheet)
    whole.save(path)
    return path


def edited(path: Path, part: str, change: Callable[[str], str]) -> Path:
    with zipfile.ZipFile(path) as package:
        entries = {name: package.read(name) for name in package.namelist()}
    new = change(entries[part].decode())
    assert new != entries[part].decode()
    entries[part] = new.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("name", "title", "headers", "why"),
    [
        ("Clients", "Clients", ["client_id", "full_name"], "canonical names"),
        ("Clienti", "Foglio1", ["ID cliente", "Nome completo"], "an Italian table"),
        ("Kunden", "Kunden", ["Kundennr.", "Vollständiger Name"], "a German one"),
        ("Tabella1", "Clienti", ["ID cliente", "Nome completo"], "Excel's own name on a sheet that says it"),
        ("clients", "x", ["CLIENT ID", "Full-name"], "case and punctuation don't count"),
    ],
)
def test_tables_and_columns_are_known_in_any_language(
    tmp_path: Path, name: str, title: str, headers: list[str], why: str
) -> None:
    tables = read_tables.read(book(tmp_path / "b.xlsx", [headers, ["C1", "Anna"]], name=name, title=title))
    assert list(tables) == ["Clients"], why
    table = tables["Clients"]
    assert list(table.frame.columns) == ["client_id", "full_name"], why
    assert table.headers == {"client_id": headers[0], "full_name": headers[1]}
    assert table.sheet == title


def test_a_sheet_title_alone_makes_no_client_list(tmp_path: Path) -> None:
    tables = read_tables.read(
        book(tmp_path / "b.xlsx", [["Shelf", "Weight"], ["a", 1]], name="Table1", title="Clients")
    )
    assert list(tables) == ["Table1"]


def test_columns_come_clean_where_every_cell_fits(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["client_id", "full_name", "postal_code", "turnover", "birth_date", "Shoe", "Seen", "Blank", "No e-mail"],
        ["C1", "Anna", 20121, 5, dt.datetime(1980, 5, 6), 38, dt.datetime(2024, 1, 2), None, True],
        ["'007", None, "'00123", 1.5, None, 41.5, None, None, None],
    ]
    frame = read_tables.read(book(tmp_path / "b.xlsx", rows))["Clients"].frame
    assert frame["client_id"].tolist() == ["C1", "007"]
    assert frame["full_name"].tolist() == ["Anna", ""]
    assert frame["postal_code"].tolist() == ["20121", "00123"]
    assert frame["turnover"].dtype == np.float64
    assert frame["birth_date"].tolist() == [pd.Timestamp(1980, 5, 6), pd.NaT]
    assert frame["Shoe"].tolist() == [38.0, 41.5]
    assert frame["Seen"].tolist() == [pd.Timestamp(2024, 1, 2), pd.NaT]
    assert frame["Blank"].tolist() == ["", ""]
    assert frame["opt_out_email"].tolist() == ["TRUE", ""]
    assert list(frame.index) == [0, 1]


def test_columns_that_don_t_fit_come_as_they_are(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["client_id", "turnover", "birth_date"],
        ["C1", 1.234, dt.datetime(1980, 5, 6)],
        ["C2", "'12 €", "'6 May 1980"],
        ["C3", None, 45_000],
    ]
    frame = read_tables.read(book(tmp_path / "b.xlsx", rows))["Clients"].frame
    assert frame["turnover"].tolist() == [1.234, "12 €", None], "1.234 must not come back as text"
    assert frame["birth_date"].tolist() == [dt.datetime(1980, 5, 6), "6 May 1980", 45_000.0]


def test_a_table_anywhere_on_a_sheet_with_blank_rows_at_its_end(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["client_id", "full_name", "Last"],
        ["C1", "Anna", None],
        [None, None, None],
        ["C3", "Carla", None],
        [None, None, None],
    ]
    table = read_tables.read(book(tmp_path / "b.xlsx", rows, at="D7"))["Clients"]
    assert table.frame["client_id"].tolist() == ["C1", "", "C3", ""]
    assert table.first_row == 8
    assert table.frame["Last"].tolist() == [""] * 4


def test_totals_are_no_client(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", [["client_id", "turnover"], ["C1", 5], ["Total", 5]])
    edited(path, "xl/tables/table1.xml", lambda xml: xml.replace('ref="A1:B3"', 'totalsRowCount="1" ref="A1:B3"', 1))
    assert read_tables.read(path)["Clients"].frame["client_id"].tolist() == ["C1"]


def test_an_empty_table_has_no_rows(tmp_path: Path) -> None:
    table = read_tables.read(book(tmp_path / "b.xlsx", [["client_id", "turnover"], [None, None]]))["Clients"]
    assert table.frame.shape == (0, 2)
    assert table.frame["turnover"].dtype == np.float64


def test_two_headers_that_mean_one_column(tmp_path: Path) -> None:
    table = read_tables.read(book(tmp_path / "b.xlsx", [["client_id", "E-mail", "Email"], ["C1", "a", "b"]]))["Clients"]
    assert table.frame["email"].tolist() == ["a"]
    assert table.frame["Email"].tolist() == ["b"]
    (problem,) = table.problems
    assert problem.code == "table.header_twice"
    assert "E-mail" in problem.sentence() and "Clients" in problem.sentence("it")


def test_two_headers_exactly_alike(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", [["client_id", "a", "b"], ["C1", "x", "y"]])
    edited(path, "xl/tables/table1.xml", lambda xml: xml.replace('name="b"', 'name="a"'))
    table = read_tables.read(path)["Clients"]
    assert table.frame[["a", "a (2)"]].to_numpy().tolist() == [["x", "y"]]
    assert [problem.code for problem in table.problems] == ["table.header_twice"]


def test_merged_cells_errors_and_formulas_are_said(tmp_path: Path) -> None:
    def after(sheet: Any) -> None:
        sheet.merge_cells("A3:B3")
        sheet["C2"] = "=1/0"

    rows: list[list[Any]] = [
        ["client_id", "full_name", "turnover", "Twice"],
        ["C1", "Anna", None, "=C2*2"],
        ["C2", None, 5, "=C3*2"],
    ]
    path = book(tmp_path / "b.xlsx", rows, after=after)
    edited(
        path,
        SHEET,
        lambda xml: (
            re.sub(r'<c r="C2"[^>]*>', '<c r="C2" t="e">', xml.replace("<f>1/0</f><v", "<f>1/0</f><v>#DIV/0!</v><v"))
            .replace("</v><v />", "</v>")
            .replace("</v><v></v>", "</v>")
        ),
    )
    table = read_tables.read(path)["Clients"]
    assert [(p.code, p.row, p.column) for p in table.problems] == [
        ("table.merged", 3, ""),
        ("table.error_value", 2, "turnover"),
    ]
    assert table.frame["turnover"].tolist() == ["#DIV/0!", 5.0], "an error is not blank"
    assert table.formulas == {"Twice"}
    assert "C2" in table.problems[1].sentence()


def test_only_the_columns_asked_for(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", [["client_id", "full_name", "turnover"], ["C1", "Anna", 5]])
    frame = read_tables.read(path, columns={"Clients": ["client_id", "turnover"]})["Clients"].frame
    assert list(frame.columns) == ["client_id", "turnover"]


def test_names_without_reading_rows(tmp_path: Path) -> None:
    names = read_tables.read_names(book(tmp_path / "b.xlsx", [["client_id"], ["C1"]], title="Kunden"))
    assert names.sheets == ("Kunden",)
    assert names.tables == {"Clients": ("Clients", "Kunden")}


def test_a_workbook_without_tables_and_one_for_people_who_script(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "none.xlsx")
    assert list(read_tables.read(tmp_path / "none.xlsx")) == []
    path = book(tmp_path / "b.xlsx", [["client_id"], ["C1"]])
    assert xlcrm.open(path).tables["Clients"].frame["client_id"].tolist() == ["C1"]
    with pytest.raises(CrmError) as refused:
        xlcrm.open(tmp_path / "missing.xlsx")
    assert refused.value.key == "file.missing"


def test_a_table_out_of_step_with_its_sheet_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", [["client_id", "full_name"], ["C1", "Anna"]])
    edited(path, "xl/tables/table1.xml", lambda xml: xml.replace('ref="A1:B2"', 'ref="A1:C2"'))
    with pytest.raises(CrmError) as refused:
        read_tables.read(path)
    assert refused.value.key == "workbook.damaged_table"


@pytest.mark.parametrize("form", ["prefix", "single quotes", "no addresses"])
def test_xml_of_other_writers(tmp_path: Path, form: str) -> None:
    path = book(tmp_path / "b.xlsx", [["client_id", "turnover"], ["C1", 5], ["C2", "'x"]])
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

    def change(xml: str) -> str:
        if form == "prefix":
            xml = re.sub(r"<(/?)(?![?!])(\w+)(?=[\s/>])", r"<\1x:\2", xml)
            return xml.replace(main, main.replace("xmlns", "xmlns:x"))
        if form == "single quotes":
            return re.sub(r"=\"([^\"']*)\"", r"='\1'", xml)
        return re.sub(r'<(c|row) r="\w+"', r"<\1", xml)

    frame = read_tables.read(edited(path, SHEET, change))["Clients"].frame
    assert frame["client_id"].tolist() == ["C1", "C2"]
    assert frame["turnover"].tolist() == [5.0, "x"]


def test_without_the_fast_reader_the_frames_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[Any]] = [
        ["client_id", "turnover", "birth_date", "Mine", "Seen"],
        ["C1", 5, dt.datetime(1980, 5, 6), 1, dt.datetime(2024, 1, 2)],
        ["'007", "'x", None, "'a", None],
    ]
    path = book(tmp_path / "b.xlsx", rows)
    fast = read_tables.read(path)["Clients"].frame

    def fails(*args: object) -> None:
        raise fastexcel.FastExcelError("no such sheet type")

    monkeypatch.setattr(fastexcel, "read_excel", fails)
    pd.testing.assert_frame_equal(read_tables.read(path)["Clients"].frame, fast)
