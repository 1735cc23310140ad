"""Bank statements from files: CSV and Excel of any bank, CAMT as .xml or .zip, MT940; told apart by their content."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from xlcrm.bank.bank_line import Statement
from xlcrm.bank.camt_statement import camt_statement
from xlcrm.bank.mt940_statement import is_mt940, mt940_statement
from xlcrm.bank.statement_columns import Means, statement_of
from xlcrm.errors import CrmError
from xlcrm.files import list_files
from xlcrm.importing import delimited
from xlcrm.os_errors import refusing

MOST = 100_000_000  # bytes of a statement, of all files of a .zip together
MANY = 2_000  # files of a .zip
_XML = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:\?xml|Document|[a-zA-Z0-9]+:Document)", re.IGNORECASE)


def read_statements(path: Path, means: Means) -> list[Statement]:
    """The statements of a file, one for each sheet or packed file.

    CrmError "bank.no_statement" where it holds none, "bank.damaged", "bank.no_mt940" without the library, and those of
    `list_files.read`.
    """
    with refusing(path):
        if path.is_dir():
            raise IsADirectoryError(21, "is a folder", str(path))
        head = _head(path) if path.is_file() else b""
    found = [one for one in _read(path, head, means) if one]
    if not found:
        raise CrmError("bank.no_statement", name=path.name)
    return found


def _read(path: Path, head: bytes, means: Means) -> Iterator[Statement | None]:
    """What a file holds, told by how it begins; None for a part that is no statement."""
    if head.startswith(b"PK") and not _is_workbook(path):
        yield from (camt_statement(data, name) for name, data in _packed(path))
    elif _XML.match(head) or _XML.match(delimited.decode(head).encode()):
        yield camt_statement(_bytes(path), path.name)
    elif is_mt940(delimited.decode(head)):
        yield mt940_statement(delimited.decode(_bytes(path)), path.name)
    else:
        yield from (statement_of(part, means) for part in list_files.read(path))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _bytes(path: Path) -> bytes:
    with refusing(path), path.open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise CrmError("bank.no_statement", name=path.name)
    return data


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as package:
            return any(name.startswith("xl/") or name == "content.xml" for name in package.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise CrmError("bank.damaged", name=path.name) from error


def _packed(path: Path) -> list[tuple[str, bytes]]:
    """The XML files of a .zip by their names; CrmError where they are too many, too large, locked or broken."""
    try:
        with zipfile.ZipFile(path) as package:
            members = [one for one in package.infolist() if one.filename.lower().endswith(".xml")]
            if len(members) > MANY or sum(one.file_size for one in members) > MOST:
                raise CrmError("bank.no_statement", name=path.name)
            return [(Path(one.filename).name, package.read(one)) for one in members]
    except (zipfile.BadZipFile, RuntimeError, ValueError, NotImplementedError, EOFError, OSError) as error:
        raise CrmError("bank.damaged", name=path.name) from error
