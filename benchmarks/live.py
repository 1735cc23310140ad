"""A click in an open workbook, split into its parts, and 10,000 x 20 cells written live, on both engines of the tests.

    python benchmarks/live.py [--clicks 3] [--clients 10000] [--columns 20]

The click is the whole chain: the workbook's macro in a running LibreOffice starts the launcher, Python works on the
open workbook and calls the macro back. Beside it, the floor: Python's bare start, and its start with the imports that a
click needs. The cells are written by the live adapter (every cell compared first, text formatted as text) and, for
comparison, by one bare assignment of the whole block through xlwings.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
TODAY = dt.date(2026, 11, 22)
IMPORTS = "import pandas, xlwings, openpyxl, fastexcel; import xlcrm.ribbon.click, xlcrm.run, xlcrm.actions"

FIRST = "import time\nstart = time.time()\n"
# Each part's time without the parts within it; what is left over between reading and writing is the computing.
BEFORE = """
from xlcrm.backups import store
from xlcrm.excel import live_book as excel
from xlcrm.xlsx.reading import read_tables as snapshot
from xlcrm import run as path
ready, spent, stack = time.time(), dict(), []
def timed(owner, name, part):
    plain = getattr(owner, name)
    def timing(*given, **named):
        begun = time.time()
        stack.append(0.0)
        try:
            return plain(*given, **named)
        finally:
            took = time.time() - begun
            spent[part] = spent.get(part, 0.0) + took - stack.pop()
            if stack:
                stack[-1] += took
    setattr(owner, name, timing)
timed(snapshot, "read", "read")
timed(excel.LiveBook, "_save_copy", "snapshot: Excel saves a copy")
timed(store.Store, "take", "snapshot: backup, read back")
timed(excel.LiveBook, "apply", "write: compare and write cells")
timed(path, "_apply", "write: journal")
import xlcrm.ribbon.click as door
timed(door, "press", "compute, and imports on the way")
"""
AFTER = """
import json
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))
with open("{target}", "a") as file:
    print(json.dumps(dict(start=start, ready=ready, end=time.time(), peak=peak, **spent)), file=file)
"""


def main() -> None:
    from tests.support.engines import office

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--clicks", type=int, default=3)
    options.add_argument("--clients", type=int, default=10_000)
    options.add_argument("--columns", type=int, default=20)
    asked = options.parse_args()
    if office.missing():
        sys.exit(f"{office.missing()} is missing")
    with tempfile.TemporaryDirectory() as folder:
        running = office.Office.start(Path(folder))
        try:
            clicks(running, Path(folder), asked.clicks)
            print()
            cells(running, Path(folder), asked.clients, asked.columns)
        finally:
            running.stop()


def clicks(running: Any, folder: Path, times: int) -> None:
    """Refresh metrics on the demo's 312 clients and 3000 purchases; undone after each, so that each does the same."""
    from click.testing import CliRunner

    from tests.support.engines import click as clicking
    from xlcrm.cli.commands import main as command
    from xlcrm.demo import make

    made = make(TODAY)
    (folder / "customers.csv").write_text(made.clients, encoding="utf-8-sig", newline="")
    (folder / "orders.csv").write_text(made.purchases, encoding="utf-8-sig", newline="")
    book, target = folder / "Demo.xlsm", folder / "times.jsonl"
    for words in (
        ["new", str(book), "--language", "en", "--country", "IT"],
        ["import", str(book), str(folder / "customers.csv")],
        ["import", str(book), str(folder / "orders.csv"), "--table", "Purchases"],
    ):
        assert CliRunner().invoke(command, words).exit_code in (0, 1), words
    desk = clicking.Desk(
        running, book, folder, first=FIRST, before=BEFORE, after=AFTER.replace("{target}", str(target))
    )
    rows = []
    for _ in range(times):
        clicked = time.time()
        told = desk.click("refresh", every=0.02)
        done = time.time()
        rows.append({**_last(target), "clicked": clicked, "done": done})
        desk.click("undo")
    print(f"A click on Refresh metrics in the open demo file ({told[:60]}...), median of {times}")
    parts: dict[str, list[float]] = {}
    for row in rows:
        known = {k: v for k, v in row.items() if k not in ("clicked", "done", "start", "ready", "end", "peak")}
        parts.setdefault("start: macro to Python's first line", []).append(row["start"] - row["clicked"])
        parts.setdefault("start: imports, attach", []).append(row["ready"] - row["start"])
        for name, took in known.items():
            parts.setdefault(name, []).append(took)
        parts.setdefault("attach; the macro says it", []).append(row["done"] - row["ready"] - sum(known.values()))
        parts.setdefault("all", []).append(row["done"] - row["clicked"])
    for name, all_took in parts.items():
        print(f"  {name:40} {statistics.median(all_took):6.2f} s")
    bare, imports = floor("pass"), floor(IMPORTS)
    print(f"  {'floor: python -I -c pass':40} {bare:6.2f} s")
    print(f"  {'floor: with the imports of a click':40} {imports:6.2f} s   peak memory {rows[-1]['peak']:.0f} MB")
    desk.document.close(True)


def _last(target: Path) -> dict[str, float]:
    """The launcher writes its times after it has called the macro back."""
    for _ in range(100):
        lines = target.read_text(encoding="utf-8").splitlines() if target.exists() else []
        if lines:
            target.unlink()
            return dict(json.loads(lines[-1]))
        time.sleep(0.05)
    raise RuntimeError("the launcher left no times")


def floor(code: str) -> float:
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-c", code], check=True)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def cells(running: Any, folder: Path, clients: int, columns: int) -> None:
    import pandas as pd

    from tests.support.engines import memory, office
    from xlcrm.building import build
    from xlcrm.excel.live_book import attach
    from xlcrm.files.file_book import FileBook
    from xlcrm.plan import Added, NewColumn, Plan, diff

    book = folder / "Many.xlsm"
    build(book, language="en")
    file, own = FileBook(book), [f"Own {number}" for number in range(1, columns + 1)]
    ids = [f"C{number:06d}" for number in range(clients)]
    file.apply(Plan("x", added=(Added("Clients", pd.DataFrame({"client_id": ids})),)), file.look())
    file.apply(Plan("x", new_columns=tuple(NewColumn("Clients", name) for name in own)), file.look())
    texts = [f"{number:05d} text" for number in range(clients)]
    after = pd.DataFrame(
        {name: texts if at % 3 else [at + number / 4 for number in range(clients)] for at, name in enumerate(own)},
        dtype=object,
    )
    print(f"{clients} clients x {columns} columns written live ({clients * columns} cells, a third of them numbers)")
    print(f"  {'engine':12}{'look':>9}{'compare+write':>15}{'read back':>11}{'bare block':>12}{'ratio':>8}")
    for name, engine in (("openpyxl", memory.Engine()), ("LibreOffice", office.Engine(running))):
        memory.front(engine)
        engine.app.books.open(str(book))
        live = attach(book.name, 4711)
        begun = time.perf_counter()
        tables = live.look()
        looked = time.perf_counter()
        live.apply(Plan("x", changes=diff(tables["Clients"], after)), tables)
        written = time.perf_counter()
        found = live.look()["Clients"].frame[own]
        read = time.perf_counter()
        assert found.astype(str).to_numpy().tolist() == after.astype(str).to_numpy().tolist()
        sheet = live.book.sheets["Clients"]
        block = sheet.range((2, 100), (clients + 1, 99 + columns))
        values = after.to_numpy().tolist()
        before = time.perf_counter()
        block.value = values
        bare = time.perf_counter() - before
        took = written - looked
        print(
            f"  {name:12}{looked - begun:8.2f} s{took:13.2f} s{read - written:9.2f} s{bare:10.2f} s{took / bare:8.1f}"
        )
        for opened in list(engine.app.books):
            opened.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"  peak memory of this process {peak} MB")


if __name__ == "__main__":
    main()
