"""Random client files: changed, restored, and the restore taken back; what differs from the cells before, and in bytes.

    python benchmarks/restore.py [--books 100] [--seed 1]

Each book has random clients (some cells blank, some of kinds that a spreadsheet likes to change: 007, =1+1, 1/2), a
table and a sheet of the user's own, and one to three random changes after its first backup. Then:

    restore         the cells of every table are those of the backup, and the user's own sheet is
    undo            every table but Changes is what it was before the restore, and so is the file, byte for byte
    saved, undo     the same again, with the file saved by another program in between: then cell by cell
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import openpyxl  # noqa: E402
from openpyxl.worksheet.table import Table as ExcelTable  # noqa: E402

from xlcrm import words  # noqa: E402
from xlcrm.actions import ACTIONS, Action  # noqa: E402
from xlcrm.plan import Added, Change, Plan, Removed, diff  # noqa: E402
from xlcrm.run import run  # noqa: E402
from xlcrm.session import Call, open_session  # noqa: E402
from xlcrm.tables import Tables  # noqa: E402
from xlcrm.values import text_of  # noqa: E402
from xlcrm.xlsx.reading import read_tables  # noqa: E402

NOW = dt.datetime(2026, 11, 22, 14, 30)
COLUMNS = ("client_id", "full_name", "email", "city", "postal_code", "notes")
CHANGES = ("undo_number", "when", "who", "action", "cells", "rows_added", "rows_removed", "what")
TEXTS = ("Oslo", "Malmö", "007", "=1+1", "@x", "1/2", " lead", "a\nb", "😀 <&>", "12345678901234567890")
State = dict[str, list[tuple[str, ...]]]


def cell(chance: random.Random) -> str | None:
    return chance.choice(
        [None, chance.choice(TEXTS), "".join(chance.choices("abcæøå €'\"", k=chance.randrange(1, 12)))]
    )


def make(path: Path, chance: random.Random) -> None:
    """A client file with a sheet Changes, a table and a sheet of the user's own."""
    book: Any = openpyxl.Workbook()
    book.remove(book.active)
    rows = [[f"C{n}", *(cell(chance) for _ in COLUMNS[1:])] for n in range(chance.randrange(1, 12))]
    own = [[f"K{n}", cell(chance)] for n in range(chance.randrange(1, 5))]
    for name, columns, cells in (("Clients", COLUMNS, rows), ("Changes", CHANGES, [[]]), ("Mine", ("Key", "W"), own)):
        sheet = book.create_sheet(name)
        sheet.append([words.header(name, column) if name != "Mine" else column for column in columns])
        for down, row in enumerate(cells, 2):
            for across, value in enumerate(row, 1):
                written = sheet.cell(down, across)
                written.value = value
                written.data_type = "s" if value else "n"
        last = sheet.cell(max(2, len(cells) + 1), len(columns)).coordinate
        sheet.add_table(ExcelTable(displayName=name, ref=f"A1:{last}"))
    book.create_sheet("Own")["B2"] = chance.random()
    book.save(path)


def changed(tables: Tables, chance: random.Random) -> Plan:
    """Some cells, rows that come and rows that go."""
    table = tables["Clients"]
    height = len(table.frame)
    places = sorted(chance.sample(range(height), chance.randrange(height + 1)))
    after = pd.DataFrame({"notes": [cell(chance) for _ in places]}, index=places, dtype=object)
    new = pd.DataFrame([{"client_id": f"N{chance.randrange(10**9)}", "city": cell(chance)}], dtype=object)
    gone = sorted(chance.sample(range(height), chance.randrange(height)))
    changes: tuple[Change, ...] = diff(table, after) if places else ()
    removed = (Removed("Clients", table.frame.iloc[gone]),) if gone else ()
    return Plan("import", changes=changes, added=(Added("Clients", new),), removed=removed)


def state(path: Path) -> State:
    """The cells of every table but the list of runs."""
    tables = read_tables.read(path)
    return {
        name: [tuple(map(text_of, row)) for row in tables[name].frame.itertuples(index=False)]
        for name in tables
        if name != "Changes"
    }


def own_sheet(path: Path) -> bytes:
    with zipfile.ZipFile(path) as package:
        return package.read("xl/worksheets/sheet4.xml")


def saved_elsewhere(path: Path) -> None:
    """What another program does: other bytes, the same cells."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in parts.items():
            package.writestr(name, content)


def trial(path: Path, chance: random.Random) -> Counter[str]:
    """One book through all of it: how often each promise was kept."""
    kept: Counter[str] = Counter()
    minutes = iter(range(1000))

    def act(action: Action, **options: Any) -> None:
        call = Call(NOW + dt.timedelta(minutes=next(minutes)), "Anna")
        run(open_session(path, call), action, **options)

    change = Action("import", lambda session: lambda tables, settings, today: changed(tables, chance))
    make(path, chance)
    act(ACTIONS["backup"])
    first, first_own = state(path), own_sheet(path)
    for _ in range(chance.randrange(1, 4)):
        act(change)
    before, content = state(path), path.read_bytes()
    oldest = open_session(path, Call(NOW)).store.backups()[0].name
    act(ACTIONS["restore"], which=oldest)
    kept["restored"] = state(path) == first and own_sheet(path) == first_own
    act(ACTIONS["undo"])
    kept["cells equal"] = state(path) == before
    kept["bytes equal"] = path.read_bytes() == content
    act(ACTIONS["restore"], which=oldest)
    saved_elsewhere(path)
    act(ACTIONS["undo"])
    kept["cells equal, saved since"] = state(path) == before
    return kept


def trials(books: int, seed: int, folder: Path) -> Counter[str]:
    kept: Counter[str] = Counter()
    for number in range(books):
        inside = folder / f"book {seed} {number}"
        inside.mkdir()
        kept += trial(inside / "Client File.xlsx", random.Random(f"{seed} {number}"))
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--books", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="restore-") as folder:
        kept = trials(chosen.books, chosen.seed, Path(folder))
    print(f"{chosen.books} random books, {time.perf_counter() - began:.0f} s")
    for what in ("restored", "cells equal", "bytes equal", "cells equal, saved since"):
        print(f"{what:26}{kept[what]:4} of {chosen.books}")


if __name__ == "__main__":
    main()
