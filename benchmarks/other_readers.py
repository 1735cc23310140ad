"""Every state of a workbook that our commands leave, read by others: the long form of a test.

    python benchmarks/other_readers.py [--purchases 800]

The shipped workbook in six languages, one after each of twelve commands, and the lists: read by SheetJS, exceljs,
openpyxl, calamine and LibreOffice (those that are installed), cell by cell, and looked at by our own lint.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.xlsx import test_independent_readers as readers  # noqa: E402
from xlcrm.xlsx.lint import lint  # noqa: E402


def read(written: dict[str, Path], folder: Path) -> dict[str, dict[str, list[str]]]:
    """Reader -> file -> what differs."""
    found = {"our lint": {name: list(map(str, lint(path))) for name, path in written.items()}}
    for reader in (readers.from_openpyxl, readers.from_calamine):
        found[reader.__name__] = {name: readers.differences(path, reader(path)) for name, path in written.items()}
    for library in ("xlsx", "exceljs"):
        if shutil.which("node") and (ROOT / "node_modules" / library).is_dir():
            told = readers.by_node(library, written)
            found[library] = {
                name: readers.differences(path, readers.from_node(told[str(path)])) for name, path in written.items()
            }
    office = shutil.which("soffice")
    if office:
        found["LibreOffice"] = readers.by_libreoffice(office, written, folder)
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--purchases", type=int, default=800)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")  # openpyxl tells what it would drop
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        work, kept = Path(name) / "work", Path(name) / "kept"
        work.mkdir()
        kept.mkdir()
        written = readers.files(work, kept, purchases=chosen.purchases)
        for reader, of_files in read(written, Path(name)).items():
            differing = {file: differences[:5] for file, differences in of_files.items() if differences}
            print(f"{reader:15} {len(of_files)} files, {len(differing)} differ", *differing.items(), sep="\n   ")
            wrong += len(differing)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
