"""`xlcrm refresh` beside a plain pandas + openpyxl script and the bare reading of the two sheets, in one run.

    python benchmarks/refresh.py [--clients 50000] [--lines 500000] [--uci FOLDER] [--no-plain] [--keep FOLDER]

Each is a process of its own, timed from start to end with its peak memory. The workbook is a new client file filled
with invented rows (or, with --uci, the purchases of UCI Online Retail from FOLDER). Afterwards the sums of both are
compared, every part of the package that the refresh has no business with must be the same bytes, and a second refresh
must leave the file as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # what a process measured below starts with must stay small: Linux lets a child inherit our peak
    import pandas as pd

TODAY = date.today()
WORDS = "nord sole mare vento luna campo pietra ponte fiume valle bosco torre lago neve grano".split()


def invented(clients: int, lines: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows for Clients and Purchases: few buy often, two lines in a hundred are refunds, one has no client."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(7)
    ids = np.array([f"C{i:06d}" for i in range(clients)])
    first, last = random.choice(WORDS, clients), random.choice(WORDS, clients)
    number = np.arange(clients).astype(str)
    people = pd.DataFrame(
        {
            "client_id": ids,
            "kind": "person",
            "full_name": np.char.add(np.char.add(first, " "), np.char.add(last, number)),
            "first_name": first,
            "last_name": np.char.add(last, number),
            "email": np.char.add(np.char.add(first, number), "@example.com"),
            "phone": "+44 20 7946 0000",
            "street": np.char.add("Via ", last),
            "house_number": random.integers(1, 99, clients).astype(str),
            "postal_code": random.integers(10_000, 99_999, clients).astype(str),
            "city": random.choice(WORDS, clients),
            "country": "IT",
            "status": random.choice(["lead", "prospect", "client"], clients),
            "sector": random.choice(["Wine", "Food", "Retail", "Hotels"], clients),
            "salesperson": random.choice(["Ada Prova", "Ole Test", "Eva Muster"], clients),
            "registered_on": pd.Timestamp(TODAY) - pd.to_timedelta(random.integers(1, 2000, clients), "D"),
            "turnover": random.integers(0, 1_000_000, clients).astype(float),
            "notes": np.char.add("met at the fair ", number),
        }
    )
    who = ids[(clients * random.random(lines) ** 2.5).astype(int)]
    who[random.random(lines) < 0.01] = ""
    price = random.integers(100, 20_000, lines) / 100
    quantity = np.where(random.random(lines) < 0.02, -1, random.integers(1, 9, lines))
    day = pd.Timestamp(TODAY) - pd.to_timedelta(random.integers(0, 1500, lines), "D")
    bought = pd.DataFrame(
        {
            "invoice": (10_000 + np.arange(lines) // 3).astype(str),
            "client_id": who,
            "date": day,
            "product": np.char.add("Item ", random.integers(1, 500, lines).astype(str)),
            "category": random.choice(["Wine", "Oil", "Cheese", "Bread"], lines),
            "quantity": quantity.astype(float),
            "unit_price": price,
            "amount": np.round(quantity * price, 2),
            "currency": "EUR",
            "invoiced_on": day,
            "due_on": day + pd.Timedelta(days=30),
            "paid_on": pd.Series(day + pd.Timedelta(days=20)).where(random.random(lines) < 0.9),
        }
    )
    return people, bought


def uci(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The clients and lines of UCI Online Retail; amounts are quantity x unit price."""
    import pandas as pd

    texts = {"InvoiceNo": str, "StockCode": str, "CustomerID": str}
    raw = pd.read_csv(folder / "uci_online_retail.csv.gz", dtype=texts, parse_dates=["InvoiceDate"])
    bought = pd.DataFrame(
        {
            "invoice": raw["InvoiceNo"],
            "client_id": raw["CustomerID"].fillna(""),
            "date": raw["InvoiceDate"],
            "product": raw["Description"].fillna(raw["StockCode"]),
            "quantity": raw["Quantity"].astype(float),
            "unit_price": raw["UnitPrice"],
            "amount": (raw["Quantity"] * raw["UnitPrice"]).round(2),
        }
    )
    people = pd.DataFrame({"client_id": raw["CustomerID"].dropna().drop_duplicates()})
    return people.assign(full_name="Customer " + people["client_id"]), bought


def make(path: Path, people: pd.DataFrame, bought: pd.DataFrame) -> None:
    """A new client file with these rows in it."""
    from xlcrm.files import new_book
    from xlcrm.plan import Added, Plan
    from xlcrm.xlsx.reading import read_tables
    from xlcrm.xlsx.writing import apply_plan

    empty = path.with_name("Empty.xlsm")
    empty.unlink(missing_ok=True)
    new_book.create(empty, language="en", country="IT", currency="EUR")
    plan = Plan("import", added=(Added("Clients", people), Added("Purchases", bought)))
    apply_plan.apply_plan(empty, path, plan, read_tables.read(empty))


def plain(path: Path) -> None:
    """The script that somebody would write: pandas reads and computes, openpyxl loads, fills the cells and saves."""
    import openpyxl
    import pandas as pd

    today = pd.Timestamp(TODAY)
    clients = pd.read_excel(path, sheet_name="Clients", dtype={"Client ID": str})
    p = pd.read_excel(path, sheet_name="Purchases", dtype={"Client ID": str, "Invoice": str})
    p["Date"] = pd.to_datetime(p["Date"])
    bought = p[p["Amount"] >= 0]
    by, buy = p.groupby("Client ID"), bought.groupby("Client ID")
    days = bought.drop_duplicates(["Client ID", "Date"]).groupby("Client ID")["Date"]
    out = pd.DataFrame({"Total spend": by["Amount"].sum().round(2), "Orders": buy["Invoice"].nunique()})
    out["Average spend"] = (out["Total spend"] / out["Orders"]).round(2)
    out["First purchase"], out["Last purchase"] = days.min(), days.max()
    out["Days between purchases"] = (days.max() - days.min()).dt.days / (days.count() - 1)
    out["Days since last purchase"] = (today - out["Last purchase"]).dt.days
    for name, start in (("Spend 30 days", pd.DateOffset(days=30)), ("Spend 12 months", pd.DateOffset(years=1))):
        out[name] = p[p["Date"] > today - start].groupby("Client ID")["Amount"].sum().round(2)
    year, before = today - pd.DateOffset(years=1), today - pd.DateOffset(years=2)
    out["Spend the year before"] = p[(p["Date"] > before) & (p["Date"] <= year)].groupby("Client ID")["Amount"].sum()
    out["Trend"] = out["Spend 12 months"] / out["Spend the year before"] - 1
    top = p.groupby(["Client ID", "Product"])["Amount"].sum().reset_index().sort_values("Amount", ascending=False)
    out["Products"] = top.drop_duplicates("Client ID").set_index("Client ID")["Product"]
    out["Refunds"] = -p[p["Amount"] < 0].groupby("Client ID")["Amount"].sum()
    unpaid = p[p["Paid on"].isna()] if "Paid on" in p else p[:0]
    out["Open amount"] = unpaid.groupby("Client ID")["Amount"].sum()
    out["Expected next purchase"] = out["Last purchase"] + pd.to_timedelta(out["Days between purchases"], "D")
    found = out.reindex(clients["Client ID"])
    book = openpyxl.load_workbook(path, keep_vba=True)
    sheet = book["Clients"]
    place = {header: column for column, header in enumerate(next(sheet.values), start=1)}
    for header in found.columns:
        for row, value in enumerate(found[header], start=2):
            sheet.cell(row, place[header]).value = None if pd.isna(value) else value
    book.save(path)


def bare(path: Path) -> None:
    """Nothing but reading the two sheets, with the fastest reader."""
    import fastexcel

    reader = fastexcel.read_excel(path)
    for sheet in ("Clients", "Purchases"):
        reader.load_sheet(sheet, eager=True)


class Measured(NamedTuple):
    """A process from start to end: seconds by the clock, seconds of processor time, and peak memory in megabytes."""

    clock: float
    processor: float
    memory: float
    said: str

    def __str__(self) -> str:
        return f"{self.clock:7.1f} s (processor {self.processor:6.1f} s) {self.memory:6.0f} MB"


def measured(command: list[str]) -> Measured:
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        clock = time.perf_counter() - start
        out.seek(0)
        said = out.read()
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{' '.join(command)}: {said}")
    return Measured(clock, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def packed(path: Path) -> dict[str, bytes]:
    """The parts of a package with a digest of their packed bytes, as they lie in the file."""
    found = {}
    with zipfile.ZipFile(path) as package, path.open("rb") as file:
        for info in package.infolist():
            file.seek(info.header_offset + 26)
            name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
            file.seek(info.header_offset + 30 + name + extra)
            found[info.filename] = hashlib.sha256(file.read(info.compress_size)).digest()
    return found


def gap(path: Path, other: Path) -> None:
    """The largest difference between what the two wrote."""
    from xlcrm.xlsx.reading import read_tables

    columns = ["Client ID", "Total spend", "Orders", "Average spend", "Spend 12 months", "Refunds"]
    found = []
    for book in (path, other):
        clients = read_tables.read(book)["Clients"]
        found.append(clients.frame.rename(columns=dict(clients.headers))[columns].set_index("Client ID").fillna(0))
    print(f"{(found[0] - found[1]).abs().max().max():.2f}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=50_000)
    parser.add_argument("--lines", type=int, default=500_000)
    parser.add_argument("--uci", type=Path, help="folder of uci_online_retail.csv.gz")
    parser.add_argument("--no-plain", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder for the workbooks")
    parser.add_argument("--run", choices=["make", "plain", "bare", "gap"])
    parser.add_argument("books", type=Path, nargs="*")
    chosen = parser.parse_args()
    if chosen.run == "make":
        people, bought = uci(chosen.uci) if chosen.uci else invented(chosen.clients, chosen.lines)
        make(chosen.books[0], people, bought)
        print(f"{len(people):,} clients, {len(bought):,} purchase lines")
    elif chosen.run:
        runs: dict[str, Callable[..., None]] = {"plain": plain, "bare": bare, "gap": gap}
        runs[chosen.run](*chosen.books)
    else:
        with tempfile.TemporaryDirectory() as folder:
            home = chosen.keep or Path(folder)
            home.mkdir(exist_ok=True)
            path = home / "Big.xlsm"
            size = ["--clients", str(chosen.clients), "--lines", str(chosen.lines)]
            size = ["--uci", str(chosen.uci)] if chosen.uci else size
            print(
                measured([*THIS, "make", *size, str(path)]).said.strip(),
                f"{path.stat().st_size / 1e6:.0f} MB",
                sep=", ",
            )
            compare(path, home / "Plain.xlsm", with_plain=not chosen.no_plain)


def compare(path: Path, other: Path, *, with_plain: bool) -> None:
    read = min((measured([*THIS, "bare", str(path)]) for _ in range(3)), key=lambda one: one.processor)
    other.write_bytes(path.read_bytes())
    before = packed(path)
    ours = measured([*REFRESH, str(path)])
    after = packed(path)
    print(f"bare reading      {read}")
    ratios = f"{ours.clock / read.clock:.2f} (processor {ours.processor / read.processor:.2f}) times the bare reading"
    print(f"xlcrm refresh     {ours}   {ratios}")
    if with_plain:
        theirs = measured([*THIS, "plain", str(other)])
        ratios = f"{theirs.clock / ours.clock:.1f} (processor {theirs.processor / ours.processor:.1f}) times as long"
        print(f"pandas + openpyxl {theirs}   {ratios}, {theirs.memory / ours.memory:.1f} times the memory")
        said = measured([*THIS, "gap", str(path), str(other)]).said.strip()
        print(f"largest difference between the two in five columns of all clients: {said}")
    changed = sorted(name for name in before if after.get(name) != before[name])
    print(f"parts: {len(before) - len(changed)} of {len(before)} are the same bytes; changed: {', '.join(changed)}")
    digest = hashlib.sha256(path.read_bytes()).digest()
    second = measured([*REFRESH, str(path)])
    same = hashlib.sha256(path.read_bytes()).digest() == digest
    print(f"second refresh    {second}   the file is {'the same' if same else 'CHANGED'}")


THIS = [sys.executable, __file__, "--run"]
REFRESH = [str(Path(sys.executable).with_name("xlcrm")), "refresh"]

if __name__ == "__main__":
    main()
