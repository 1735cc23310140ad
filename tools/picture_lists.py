"""Pictures for the README of what goes out: labels, a letter and a client card, made from the demo by the commands.

    python tools/picture_lists.py        writes docs/lists.png

Needs pdftoppm (poppler) and Pillow.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import tempfile
from pathlib import Path

from click.testing import CliRunner
from PIL import Image

from xlcrm import words
from xlcrm.cli.commands import main
from xlcrm.demo.generate import make
from xlcrm.files.file_book import FileBook
from xlcrm.plan import Plan, diff

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "lists.png"
TODAY = dt.date(2026, 11, 27)
SELLER = {
    "company": "Oleificio Verdi", "seller_address": "Via Olmo 3, 53100 Siena", "seller_email": "ciao@example.com",
    "seller_phone": "+39 02 5555 0100", "seller_website": "www.example.com",
}  # fmt: skip
GAP, WIDTH = 16, 420


def papers(folder: Path) -> list[Path]:
    """The PDF of labels, letters and a card from a client file of the demo, made by the commands."""
    book, lists = folder / "Demo.xlsm", make(TODAY)
    (folder / "clients.csv").write_text(lists.clients, encoding="utf-8-sig", newline="")
    (folder / "orders.csv").write_text(lists.purchases, encoding="utf-8-sig", newline="")
    for given in (
        ["new", str(book), "--language", "en", "--country", "IT"],
        ["import", str(book), str(folder / "clients.csv")],
        ["import", str(book), str(folder / "orders.csv"), "--table", "Purchases"],
        ["split", str(book)],
    ):
        _run(given)
    _fill_settings(FileBook(book))
    _run(["refresh", str(book)])
    _run(["lists", str(book), "--kind", "labels", "--kind", "letters"])
    _run(["card", str(book), "C0001"])
    return sorted(folder.rglob("*.pdf"), key=lambda path: path.stat().st_mtime_ns)


def _run(given: list[str]) -> None:
    result = CliRunner().invoke(main, given)
    assert result.exit_code in (0, 1), result.output


def _fill_settings(book: FileBook) -> None:
    """Who writes, in the sheet Settings."""
    tables = book.look()
    settings = tables["Settings"]
    frame = settings.frame.copy()
    for name, value in SELLER.items():
        frame.loc[frame["setting"] == words.setting(name, "en"), "value"] = value
    book.apply(Plan("settings", changes=diff(settings, frame[["value"]])), tables)


def picture(paths: list[Path], folder: Path) -> Image.Image:
    """The first page of each, side by side on a grey ground."""
    pages = []
    for number, path in enumerate(paths):
        out = folder / f"page{number}"
        subprocess.run(["pdftoppm", "-r", "90", "-png", "-singlefile", str(path), str(out)], check=True)
        page = Image.open(out.with_suffix(".png")).convert("RGB")
        pages.append(page.resize((WIDTH, round(page.height * WIDTH / page.width)), Image.Resampling.LANCZOS))
    height = max(page.height for page in pages) + 2 * GAP
    whole = Image.new("RGB", (GAP + (WIDTH + GAP) * len(pages), height), "#E4E9EE")
    for number, page in enumerate(pages):
        whole.paste(page, (GAP + number * (WIDTH + GAP), GAP))
    return whole


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        whole = picture(papers(Path(place)), Path(place))
        whole.quantize(64).save(TARGET, optimize=True)
