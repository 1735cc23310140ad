"""Files about a client beside the workbook: lists, letters, cards and issued documents in which somebody stands."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pandas as pd

from xlcrm import messages
from xlcrm.forgetting.part_traces import in_bytes
from xlcrm.forgetting.traces import Erasure, Who
from xlcrm.merging.alias_table import id_keys
from xlcrm.tables import Tables
from xlcrm.values import as_text

READ = frozenset(".csv .txt .tsv .json .xml .html .vcf .ics .eml .xlsx .xlsm .docx .ods .odt .pdf .md .tex".split())
_LARGEST = 100_000_000


def holding(book: Path, erasure: Erasure) -> list[str]:
    """Files with a trace of somebody, seen from the workbook's folder: those right beside it and all lists made so far.

    Backups and the workbook itself are not among them.
    """
    folder = book.parent
    found = (path for path in _candidates(book) if _holds(path, erasure))
    return sorted(path.relative_to(folder).as_posix() for path in found)


def _candidates(book: Path) -> Iterator[Path]:
    beside = (path for path in book.parent.glob("*") if path != book)
    folders = {f"{book.stem} {messages.text('outbox.folder', language)}" for language in messages.LANGUAGES}
    inside = (path for name in sorted(folders) for path in (book.parent / name).rglob("*"))
    for path in (*beside, *inside):
        hidden = path.name.startswith((".", "~$"))
        if path.suffix.lower() in READ and path.is_file() and not hidden and path.stat().st_size < _LARGEST:
            yield path


def _holds(path: Path, erasure: Erasure) -> bool:
    if erasure.names_only.finds(path.stem.replace("_", " ")):
        return True
    try:
        return any(in_bytes(piece, erasure) for piece in _pieces(path))
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return False


def _pieces(path: Path) -> Iterator[bytes]:
    """What a file holds, unpacked."""
    kind = path.suffix.lower()
    if kind == ".pdf":
        yield _pdf_text(path).encode()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            yield from (package.read(name) for name in package.namelist())
    elif kind == ".eml":
        yield from _mail(path)
    else:
        yield path.read_bytes()


def _mail(path: Path) -> Iterator[bytes]:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    yield "\n".join(str(value) for value in message.values()).encode()
    for part in message.walk():
        if not part.is_multipart():
            yield part.get_payload(decode=True) or b""  # type: ignore[misc]


def _pdf_text(path: Path) -> str:
    """The text of a PDF; "" where it is damaged."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        return "\n".join(page.extract_text() for page in PdfReader(path).pages)
    except PyPdfError:
        return ""


def issued_to(tables: Tables, who: Who) -> pd.DataFrame:
    """The issued documents of clients: number, kind and file of their rows in Documents, as text."""
    columns = ["number", "kind", "file"]
    if "Documents" not in tables or "client_id" not in tables["Documents"].frame:
        return pd.DataFrame(columns=columns)
    frame = tables["Documents"].frame
    theirs = id_keys(frame["client_id"]).isin(who.numbers).to_numpy()
    return pd.DataFrame({c: as_text(frame[c])[theirs] for c in columns if c in frame}).reset_index(drop=True)


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first names for a sentence, and how many more there are."""
    whole = list(names)
    return ", ".join(whole[:most]) + (f" (+{len(whole) - most})" if len(whole) > most else "")
