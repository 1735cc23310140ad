"""The VBA project behind the buttons, with its sentences in the workbook's language; the code is the same in all."""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from xlcrm import messages

SOURCES = Path(__file__).parents[1] / "data" / "workbook"
MODULES = ("Xlcrm", "XlcrmOs")
_SENTENCE = re.compile(r'^(Private Const Say(\w+) As String = )".*"$', re.MULTILINE)


def source(module: str, language: str = "en") -> str:
    """The text of a module; constants named Say… hold the sentences `vba.…` of the catalogue in `language`."""
    text = (SOURCES / f"{module}.bas").read_text(encoding="utf-8")
    return _SENTENCE.sub(lambda found: f'{found[1]}"{_quoted(f"vba.{found[2].lower()}", language)}"', text)


def _quoted(key: str, language: str) -> str:
    return messages.text(key, language).replace('"', '""')


@cache
def project(language: str = "en") -> bytes:
    """A vbaProject.bin that Excel knows the modules of a new workbook in (ThisWorkbook, Sheet1), plus ours."""
    from pyopenvba import ExcelFile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.xlsm"
        with ExcelFile.create_new(str(path)) as book:
            vba = book.vba_project()
            for module in MODULES:
                vba.add_module(module, source(module, language))
            vba.delete_module("Module1")
            book.save()
        with ExcelFile(str(path)) as book:
            return bytes(book.vba_project_bytes())
