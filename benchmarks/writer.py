"""Applying a plan of 400,000 cells: xlcrm's part writer beside openpyxl's load and save, in one run on one machine.

    python benchmarks/writer.py [clients] [purchases]        (default 50000 500000)

Prints seconds and peak memory of each, their ratios, and how many parts stayed byte-identical.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
CLIENTS = [f"text {i}" for i in range(20)] + ["total_spend", "orders", "average_spend", "days_between"]
CLIENTS += ["days_since", "spend_30d", "spend_12m", "products"]
PURCHASES = ["invoice", "client_id", "date", "product", "quantity", "unit_price", "amount", "currency"]
CHANGED = CLIENTS[-8:]

STYLES = """<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>"""
WORK = {
    "xlcrm": """
import sys
from pathlib import Path
import pandas as pd
from xlcrm.xlsx.reading import read_tables as snapshot
from xlcrm.xlsx.writing import apply_plan as parts
from xlcrm.plan import Change, Plan
tables = snapshot.read(sys.argv[1])
frame = tables["Clients"].frame
new = pd.Series([round(i * 0.37 % 977, 2) for i in range(len(frame))])
changes = tuple(Change("Clients", column, frame[column], new, frame.iloc[:, 0]) for column in CHANGED)
started()
parts.apply_plan(sys.argv[1], sys.argv[2], Plan("benchmark", changes=changes), tables)
""",
    "openpyxl": """
import sys
import openpyxl
started()
book = openpyxl.load_workbook(sys.argv[1])
sheet = book["Clients"]
first = sheet.max_column - len(CHANGED) + 1
for i, row in enumerate(sheet.iter_rows(min_row=2, min_col=first, max_col=sheet.max_column)):
    for cell in row:
        cell.value = round(i * 0.37 % 977, 2)
book.save(sys.argv[2])
""",
}
FRAME = """
import resource, time
CHANGED = {changed!r}
clock = [0.0]
def started():
    clock[0] = time.perf_counter()
{work}
print(time.perf_counter() - clock[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def main() -> None:
    clients, purchases = [int(a) for a in sys.argv[1:3]] or [50_000, 500_000]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "book.xlsx"
        build(source, clients, purchases)
        print(f"{clients:,} clients, {purchases:,} purchases, {source.stat().st_size >> 20} MB; 8 columns changed")
        seconds, megabytes = {}, {}
        for name, work in WORK.items():
            target = Path(folder) / f"{name}.xlsx"
            code = FRAME.format(changed=CHANGED, work=work)
            done = subprocess.run(
                [sys.executable, "-c", code, str(source), str(target)], capture_output=True, text=True, check=True
            )
            seconds[name], megabytes[name] = map(float, done.stdout.split())
            print(f"{name:10} {seconds[name]:8.1f} s {megabytes[name]:8.0f} MB   {untouched(source, target)}")
        print(f"times as fast: {seconds['openpyxl'] / seconds['xlcrm']:.0f}", end="; ")
        print(f"of the memory: {megabytes['xlcrm'] / megabytes['openpyxl']:.0%}")


def untouched(source: Path, target: Path) -> str:
    """How many of the package's entries are the same bytes, in the same place, as before."""
    with zipfile.ZipFile(source) as a, zipfile.ZipFile(target) as b:
        same = [n for n in a.namelist() if n in b.namelist() and a.read(n) == b.read(n)]
        return f"{len(same)} of {len(a.namelist())} parts byte-identical"


def build(path: Path, clients: int, purchases: int) -> None:
    """A workbook as Excel writes it: shared strings, two tables, no formulas."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        kinds = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "worksheets/sheet2": "worksheet"}
        kinds |= {
            "styles": "styles",
            "sharedStrings": "sharedStrings",
            "tables/table1": "table",
            "tables/table2": "table",
        }
        overrides = "".join(
            f'<Override PartName="/xl/{n}.xml" ContentType="{CONTENT}.{k}+xml"/>' for n, k in kinds.items()
        )
        types = "http://schemas.openxmlformats.org/package/2006/content-types"
        rels = "application/vnd.openxmlformats-package.relationships+xml"
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{types}"><Default Extension="rels" ContentType="{rels}"/>{overrides}</Types>',
        )
        package.writestr("_rels/.rels", relationships("officeDocument", ["xl/workbook.xml"]))
        sheets = "".join(
            f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(("Clients", "Purchases"), 1)
        )
        package.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
        )
        links = relationships("worksheet", ["worksheets/sheet1.xml", "worksheets/sheet2.xml"])
        more = [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
        tail = "".join(f'<Relationship Id="r{k}" Type="{OFFICE}/{k}" Target="{t}"/>' for k, t in more)
        package.writestr("xl/_rels/workbook.xml.rels", links.replace("</R", f"{tail}</R", 1))
        package.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>')
        texts: dict[str, int] = {}
        tables = (("Clients", CLIENTS, clients, client), ("Purchases", PURCHASES, purchases, purchase))
        for number, (name, headers, count, row) in enumerate(tables, 1):
            with package.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as file:
                for piece in sheet_xml(headers, count, row, texts):
                    file.write(piece.encode())
            package.writestr(
                f"xl/worksheets/_rels/sheet{number}.xml.rels", relationships("table", [f"../tables/table{number}.xml"])
            )
            package.writestr(f"xl/tables/table{number}.xml", table_xml(number, name, headers, count))
        items = "".join(f"<si><t>{text}</t></si>" for text in texts)
        package.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}" uniqueCount="{len(texts)}">{items}</sst>')


def relationships(kind: str, targets: list[str]) -> str:
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{OFFICE}/{kind}" Target="{t}"/>' for i, t in enumerate(targets, 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{package}">{links}</Relationships>'


def table_xml(number: int, name: str, headers: list[str], count: int) -> str:
    columns = "".join(f'<tableColumn id="{i}" name="{header}"/>' for i, header in enumerate(headers, 1))
    ref = f"A1:{letter(len(headers))}{count + 1}"
    return (
        f'<table xmlns="{MAIN}" id="{number}" name="{name}" displayName="{name}" ref="{ref}"><autoFilter ref="{ref}"/>'
        f'<tableColumns count="{len(headers)}">{columns}</tableColumns></table>'
    )


def letter(column: int) -> str:
    return chr(64 + column) if column <= 26 else "A" + chr(38 + column)


def client(i: int) -> list[object]:
    words = [f"C{i:06}", f"Name{i % 977} Surname{i % 7919}", f"name{i}@example.com", f"Via Roma {i % 200}, Milano"]
    return [*words, *(f"word {(i * j) % 211}" for j in range(4, 20)), *(None,) * 8]


def purchase(i: int) -> list[object]:
    price = i * 7 % 2000 / 100
    quantity = i % 12 + 1
    return [
        f"{536365 + i // 20}",
        f"C{i * 7919 % 50_000:06}",
        45292 + i % 700,
        f"PRODUCT {i % 3900}",
        quantity,
        price,
        quantity * price,
        "EUR",
    ]


def sheet_xml(headers: list[str], count: int, row: object, texts: dict[str, int]) -> Iterator[str]:
    extent = f"A1:{letter(len(headers))}{count + 1}"
    yield f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><dimension ref="{extent}"/><sheetData>'
    names = [letter(i) for i in range(1, len(headers) + 1)]
    for number in range(1, count + 2):
        values = headers if number == 1 else row(number - 2)  # type: ignore[operator]
        cells = []
        for name, value in zip(names, values, strict=True):
            if isinstance(value, str):
                cells.append(f'<c r="{name}{number}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>')
            elif value is not None:
                style = ' s="1"' if name == "C" and number > 1 else ""
                cells.append(f'<c r="{name}{number}"{style}><v>{value}</v></c>')
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield '</sheetData><tableParts count="1"><tablePart r:id="rId1"/></tableParts></worksheet>'


if __name__ == "__main__":
    main()
