"""How long a big sales list takes to come in, beside plain pandas: `python benchmarks/importing.py [file.csv]`.

file.csv has the columns of the UCI Online Retail list. Without it, 541,909 lines of that shape are invented. The plain
script only reads, converts and multiplies; the import also maps, takes customers apart, matches and counts repeats.
Each part runs in a process of its own, so that its peak memory is its own.
"""

import datetime as dt
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LINES = 541_909
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"


def invented(path: Path) -> None:
    """Invoices of up to 40 lines, a quarter of them without a customer, one line in a hundred twice."""
    draw = random.Random(7)
    goods = [(f"{20000 + i}", f"ARTICLE {i} OF THE HOUSE", f"{draw.uniform(0.4, 20):.2f}") for i in range(4000)]
    start = dt.datetime(2023, 1, 2, 8)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        written, invoice = 0, 500_000
        while written < LINES:
            invoice += 1
            customer = "" if draw.random() < 0.25 else str(12_000 + draw.randrange(4400))
            moment = start + dt.timedelta(minutes=(invoice - 500_000) * 20)
            for _ in range(min(draw.randint(1, 40), LINES - written)):
                code, name, price = draw.choice(goods)
                row = f"{invoice},{code},{name},{draw.randint(1, 24)},{moment},{price},{customer},Norway\n"
                file.write(row)
                written += 1
                if draw.random() < 0.01 and written < LINES:
                    file.write(row)
                    written += 1


def plain(path: Path) -> None:
    import pandas as pd

    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    for column in ("Quantity", "UnitPrice"):
        frame[column] = pd.to_numeric(frame[column])
    frame["InvoiceDate"] = pd.to_datetime(frame["InvoiceDate"])
    frame["Amount"] = (frame["Quantity"] * frame["UnitPrice"]).round(2)


def imported(path: Path, again: bool) -> None:
    import pandas as pd

    from xlcrm import schema
    from xlcrm.files.list_files import read
    from xlcrm.importing import plan
    from xlcrm.settings import Settings
    from xlcrm.tables import Table, Tables

    kinds = {"date": "datetime64[us]", **dict.fromkeys(schema.NUMBERS, "float64")}

    def table(name: str, rows: pd.DataFrame | None = None) -> Table:
        columns = schema.table(name).columns
        frame = pd.DataFrame({c.name: pd.Series([], dtype=kinds.get(c.kind, "str")) for c in columns})
        if rows is not None:
            frame = rows.reindex(columns=[*frame.columns, *(c for c in rows if c not in frame)])
        return Table(name, name, frame, {str(c): str(c) for c in frame.columns})

    def run(tables: Tables) -> dict[str, pd.DataFrame]:
        start = time.perf_counter()
        done = plan(tables, read(path), settings=Settings(), today=dt.date(2026, 11, 22), table="Purchases")
        rows = {added.table: added.rows for added in done.added}
        print(
            f"  {time.perf_counter() - start:6.1f} s,",
            {name: len(frame) for name, frame in rows.items()} or "nothing new",
        )
        return rows

    names = ("Clients", "Purchases", "Interactions")
    rows = run(Tables.of(*map(table, names)))
    if again:
        run(Tables.of(*(table(name, rows.get(name)) for name in names)))


def main() -> None:
    if len(sys.argv) > 2:
        part, path = sys.argv[1], Path(sys.argv[2])
        start = time.perf_counter()
        if part == "plain":
            plain(path)
            print(f"  {time.perf_counter() - start:6.1f} s")
        else:
            imported(path, again=part == "again")
        try:
            import resource
        except ImportError:
            return
        print(f"  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB at the most")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) == 2 else Path(folder) / "lines.csv"
        if len(sys.argv) < 2:
            invented(path)
        for part, title in (
            ("plain", "plain pandas"),
            ("first", "import"),
            ("again", "import, then the same list again"),
        ):
            print(title)
            sys.stdout.flush()
            subprocess.run([sys.executable, __file__, part, str(path)], check=True)


if __name__ == "__main__":
    main()
