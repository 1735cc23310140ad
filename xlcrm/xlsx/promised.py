"""The list of texts says how many it has, and a reader that believes it takes that much memory and is killed.

calamine does (it aborts the whole process, so no refusal could follow), and it looks in this one place.
"""

from __future__ import annotations

import re
import zipfile
import zlib

from xlcrm.errors import CrmError

_TEXTS = "xl/sharedstrings.xml"
_COUNT = re.compile(rb"""\suniqueCount\s*=\s*["']\s*\+?(\d+)""")
_START = 1 << 16
# programs that write a wrong number write the number of cells, and memory for that many is not touched
_HARMLESS = 20_000_000
_SMALLEST = len("<si/>")


def check(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """CrmError "workbook.damaged_part" where the list of texts promises far more than it has room for."""
    for info in entries:
        if info.filename.replace("\\", "/").lower() != _TEXTS:
            continue
        try:
            with package.open(info) as file:
                start = file.read(_START)
        except (OSError, EOFError, zlib.error, RuntimeError) as error:
            raise CrmError("workbook.damaged_part") from error
        promised = max((int(found[:20]) for found in _COUNT.findall(start.replace(b"\0", b""))), default=0)
        if promised > max(_HARMLESS, info.file_size // _SMALLEST):
            raise CrmError("workbook.damaged_part")
