"""A small client file for proofs that run a command thousands of times: few sheets, few rows, real commands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.table import Table as ExcelTable

from benchmarks.fault_states import NAME, call
from xlcrm import schema, words

LISTS = ("first", "second", "third", "fourth")
TABLES = ("Clients", "Purchases", "Problems", "Changes", "Merged", "Decisions", "Settings")
FAR = "far/away"  # a folder of backups that has to be made, with the one that it stands in
RUNS = (
    ["import", "{book}", "{folder}/first.csv"],
    ["import", "{book}", "{folder}/second.csv"],
    ["split", "{book}"],
)
MERGE = ["merge", "{book}", "C1", "C2"]
# by name and number: places from the newest one on change with every run
_BACKUP = "Clients of ours 2026-11-22 143000 before {}.xlsm"
# what is tried: after how many of RUNS, and the words
COMMANDS = {
    "first": (0, ["import", "{book}", "{folder}/first.csv"]),
    "import": (2, ["import", "{book}", "{folder}/third.csv"]),
    "split": (2, ["split", "{book}"]),
    "rows": (3, ["restore", "{book}", _BACKUP.format("split"), "--rows", "C1,C2"]),
    "restore": (3, ["restore", "{book}", _BACKUP.format("import (2)")]),
    "undo": (3, ["undo", "{book}", "3"]),
    "merge": (2, MERGE),
}
PEOPLE = (("Rossi, Anna", "12 High Street, Leeds"), ("Prova Bruno", "Via Roma 3, 20121 Milano"), ("Ms Demo Carla", ""))


def make(path: Path, backup_folder: str = "") -> None:
    """Clients with names and addresses to split, and what they bought; `backup_folder` as in the sheet Settings."""
    book: Any = openpyxl.Workbook()
    book.remove(book.active)
    for name in TABLES:
        sheet = book.create_sheet(name)
        columns = [column.name for column in schema.table(name).columns]
        sheet.append([words.header(name, column) for column in columns])
        rows = _rows(name, backup_folder)
        for row in rows:
            sheet.append([row.get(column) for column in columns])
        last = sheet.cell(max(2, len(rows) + 1), len(columns)).coordinate
        sheet.add_table(ExcelTable(displayName=name, ref=f"A1:{last}"))
    book.save(path)


def _rows(name: str, backup_folder: str) -> list[dict[str, Any]]:
    if name == "Clients":
        return [{"client_id": f"C{n}", "full_name": who, "address": where} for n, (who, where) in enumerate(PEOPLE, 1)]
    if name == "Purchases":
        day = dt.datetime(2026, 1, 5)
        return [{"invoice": f"F{n}", "client_id": f"C{n}", "date": day, "amount": 10.5 * n} for n in (1, 2, 3)]
    if name == "Settings" and backup_folder:
        return [{"setting": words.setting("backup_folder", "en"), "value": backup_folder}]
    return []


def prepared(folder: Path, runs: int = 2) -> Path:
    """A folder with the workbook after that many of RUNS; before the first its backups are to go far away."""
    folder.mkdir(parents=True)
    make(folder / NAME, "" if runs else FAR)
    for word in LISTS:
        rows = "".join(f"Olga {word.title()}{n};{word}{n}@example.com\n" for n in range(3))
        (folder / f"{word}.csv").write_text("Full name;E-mail\n" + rows, encoding="utf-8")
    for words_of_run in RUNS[:runs]:
        code, said = call(words_of_run, folder)
        assert code in (0, 1), said
    return folder
