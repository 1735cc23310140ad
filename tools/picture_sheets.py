"""Pictures of every sheet on its printed pages, in any of the six languages, and how many pages each takes.

    python tools/picture_sheets.py FOLDER              the demo in six languages
    python tools/picture_sheets.py FOLDER de fr --few  five clients, in German and French
    python tools/picture_sheets.py FOLDER --empty      a new workbook

Writes FOLDER/LANGUAGE-demo/Title-1.png ... and prints the pages; needs LibreOffice and poppler. Look at them before a
release: what is cut, what overlaps, what nobody would print.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from xlcrm.messages import LANGUAGES

FEW, SHOWN, RESOLUTION = 5, 2, 90  # clients; pages of a sheet that become pictures; dots an inch
LISTS = {"customers.csv": "Clients", "orders.csv": "Purchases"}


def book_of(folder: Path, language: str, kind: str) -> Path:
    """A client file with the demo, with its first five clients, or with nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "demo":
        _run("demo", str(folder / "files"), "--language", language)
        book = folder / "files" / "DemoClients.xlsm"
        _run("show", str(book), "C0001")
        return book
    book = folder / "My.xlsm"
    _run("new", str(book), "--language", language, "--country", "IT")
    if kind == "few":
        _bring_few(book, folder)
    return book


def _bring_few(book: Path, folder: Path) -> None:
    """The five clients of the demo who bought most often, with what they bought."""
    from xlcrm.demo.generate import make

    lists = make(dt.date.today())
    clients, sold = (
        list(csv.DictReader(io.StringIO(text), delimiter=";")) for text in (lists.clients, lists.purchases)
    )
    often = Counter(row["Client ID"] for row in sold)
    chosen = {row["Client ID"] for row in sorted(clients, key=lambda row: -often[row["Client ID"]])[:FEW]}
    for name, rows in zip(LISTS, (clients, sold), strict=True):
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(row for row in rows if row["Client ID"] in chosen)
    for name, table in LISTS.items():
        _run("import", str(book), str(folder / name), "--table", table)
    for action in ("check", "refresh"):
        _run(action, str(book))


def _run(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "xlcrm", *words], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout + done.stderr)


def pages_of(book: Path, folder: Path) -> dict[str, list[int]]:
    """Sheet -> its pages in the PDF beside, told by the footers."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book)]
    subprocess.run(convert, check=True, capture_output=True)
    text = ["pdftotext", "-layout", str(folder / f"{book.stem}.pdf"), "-"]
    said = subprocess.run(text, check=True, capture_output=True, text=True).stdout
    found: dict[str, list[int]] = defaultdict(list)
    for number, page in enumerate(said.split("\f")[:-1], 1):
        footer = page.strip().splitlines()[-1].strip()
        found[footer.rsplit("  ", 1)[0].strip()].append(number)
    return found


def draw(folder: Path, pdf: Path, pages: dict[str, list[int]]) -> None:
    """A picture of the first pages of every sheet."""
    for title, numbers in pages.items():
        for at, number in enumerate(numbers[:SHOWN], 1):
            one = ["pdftoppm", "-f", str(number), "-l", str(number), "-r", str(RESOLUTION), "-singlefile", "-png"]
            subprocess.run([*one, str(pdf), str(folder / f"{title}-{at}")], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("languages", nargs="*", default=LANGUAGES)
    parser.add_argument("--few", dest="kind", action="store_const", const="few", default="demo")
    parser.add_argument("--empty", dest="kind", action="store_const", const="empty")
    asked = parser.parse_args()
    for language in asked.languages:
        folder = asked.folder / f"{language}-{asked.kind}"
        book = book_of(folder, language, asked.kind)
        pages = pages_of(book, folder)
        draw(folder, folder / f"{book.stem}.pdf", pages)
        print(f"{folder}: {sum(map(len, pages.values()))} pages")
        print("  " + ", ".join(f"{title} {len(numbers)}" for title, numbers in pages.items()))


if __name__ == "__main__":
    main()
