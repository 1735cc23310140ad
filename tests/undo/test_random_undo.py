"""Any plan on any small workbook: applied to the file and taken back, every table and every other part is as it was."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.table import Table as ExcelTable

from xlcrm.backups.journal_file import Journal
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Added, NewColumn, Plan, Removed, diff
from xlcrm.tables import Tables
from xlcrm.undo.undo import inverse
from xlcrm.values import text_of
from xlcrm.xlsx.reading import read_tables

NOW = dt.datetime(2026, 11, 22, 14, 30)
TEXT = st.one_of(
    st.sampled_from(["007", "=1+1", "@x", " lead", "1/2", "12345678901234567890", "<&>\"'", "a\nb", "x_x0041_y", "😀"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), max_size=12),
)
DATES = st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2050, 1, 1)).map(lambda when: when.replace(microsecond=0))
# adding 0.0 makes a 0 of -0.0, which no spreadsheet stores and openpyxl would
NUMBERS = st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6).map(lambda x: round(x, 2) + 0.0))
FLAGS = st.one_of(st.none(), st.booleans())
MIXED = st.one_of(st.none(), TEXT, TEXT, NUMBERS, DATES)
KINDS = {
    "email": MIXED,
    "Shoe size": st.one_of(st.none(), NUMBERS),
    "member": FLAGS,
    "registered_on": st.one_of(st.none(), DATES, TEXT),
    "What": MIXED,
}
HEADERS = ["Client ID", "E-mail", "Shoe size", "member", "Registered on"]
TOUCHED = {"xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"}


class Sheet(NamedTuple):
    """Clients on one sheet, a user's own table on another, both of a handful of rows; where Clients begins."""

    clients: list[tuple[Any, ...]]
    own: list[tuple[Any]]
    top: int
    left: int


SHEETS = st.builds(
    Sheet,
    st.lists(
        st.tuples(*(KINDS[name] for name in ("email", "Shoe size", "member", "registered_on"))), min_size=2, max_size=6
    ),
    st.lists(st.tuples(KINDS["What"]), min_size=2, max_size=4),
    st.integers(1, 4),
    st.integers(1, 3),
)


def workbook(sheets: Sheet) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Clients"
    _put(
        sheet, [HEADERS, *([f"C{n}", *row] for n, row in enumerate(sheets.clients))], sheets.top, sheets.left, "Clients"
    )
    own = book.create_sheet("Own")
    _put(own, [["Key", "What"], *([f"K{n}", *row] for n, row in enumerate(sheets.own))], 1, 1, "Mine")
    book.create_sheet("Notes")["B2"] = "mine"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _put(sheet: Any, rows: list[list[Any]], top: int, left: int, name: str) -> None:
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            cell = sheet.cell(top + down, left + across)
            cell.value = _writable(value)
            if isinstance(value, str):
                cell.data_type = "s"  # "=1+1" is what somebody typed, no formula
    area = f"{sheet.cell(top, left).coordinate}:{sheet.cell(top + len(rows) - 1, left + len(rows[0]) - 1).coordinate}"
    sheet.add_table(ExcelTable(displayName=name, ref=area))


def _writable(value: Any) -> Any:
    return None if value == "" else value


def plan_for(draw: st.DrawFn, tables: Tables, only: str) -> Plan:
    """Changes, added and removed rows, sometimes a new column, for the table `only`."""
    table = tables[only]
    columns = [column for column in table.frame.columns if column != table.frame.columns[0]]
    places = sorted(draw(st.lists(st.integers(0, len(table.frame) - 1), unique=True)))
    after = pd.DataFrame({c: pd.Series([draw(KINDS[c]) for _ in places], index=places, dtype=object) for c in columns})
    new = [[f"N{row}", *(draw(KINDS[c]) for c in columns)] for row in range(draw(st.integers(0, 3)))]
    gone = draw(st.lists(st.integers(0, len(table.frame) - 1), unique=True, max_size=len(table.frame) - 1))
    added = pd.DataFrame(new, columns=list(table.frame.columns), dtype=object)
    return Plan(
        "any",
        changes=diff(table, after),
        added=(Added(only, added),) if len(added) else (),
        removed=(Removed(only, table.frame.iloc[sorted(gone)]),) if gone else (),
        new_columns=(NewColumn(only, "New one"),) if draw(st.booleans()) else (),
    )


def content(tables: Tables, name: str) -> list[tuple[str, ...]]:
    frame = tables[name].frame.drop(columns=["New one"], errors="ignore")
    return sorted(tuple(text_of(value) for value in row) for row in frame.itertuples(index=False))


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


@settings(max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(SHEETS, st.data())
def test_undo_gives_back_every_table_and_every_part(sheets: Sheet, data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "Client File.xlsx"
        path.write_bytes(workbook(sheets))
        before, tables = parts(path), read_tables.read(path)
        held = {name: content(tables, name) for name in tables}
        only = data.draw(st.sampled_from(["Clients", "Mine"]))
        plan = data.draw(st.composite(plan_for)(tables, only))
        journal = Journal(Path(folder) / "journal.jsonl")
        number = journal.begin(plan, now=NOW)
        journal.done(number, FileBook(path).apply(plan, tables), now=NOW)

        middle = read_tables.read(path)
        FileBook(path).apply(inverse(Journal(journal.path).plan(number), middle), middle)

        after = parts(path)
        again = read_tables.read(path)
        assert {name: content(again, name) for name in again} == held
        mine = "1" if only == "Clients" else "2"
        own = {f"xl/worksheets/sheet{mine}.xml", f"xl/tables/table{mine}.xml"}
        assert [name for name in before if before[name] != after.get(name) and name not in TOUCHED | own] == []
        assert [name for name in after if name not in before] == []
