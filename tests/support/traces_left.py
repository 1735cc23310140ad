"""Traces of forgotten clients by an eye of its own: bytes of every file in a folder, unpacked, opened, in two codings.

It shares nothing with the program but the reader of tables and the opening of locked files.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa

from xlcrm.backups.journal_file import Journal
from xlcrm.files import encryption
from xlcrm.undo import journal as journal_lines
from xlcrm.values import as_text
from xlcrm.xlsx.reading import read_tables

TOLD = ("full_name", "company", "email", "phone", "mobile", "address", "street", "tax_id", "client_id")
SHORT = 5  # a shorter text is in a file for other reasons


def texts_of(book: Path, ids: Iterable[str], password: str = "") -> dict[str, set[str]]:
    """What the workbook says of each client that it says of nobody else: columns of `TOLD`, also of their people."""
    with encryption.readable(book, password) as plain:
        tables = read_tables.read(plain)
        frames = [tables[name].frame for name in ("Clients", "People") if name in tables]
        everything = "\n".join(_cells(tables[name].frame) for name in tables if name not in ("Changes", "Problems"))
        found = {}
        for number in ids:
            own = [frame[(as_text(frame["client_id"]).str.strip() == number).to_numpy()] for frame in frames]
            mine = "\n".join(_cells(tables[name].frame, number) for name in tables)
            texts = {text for frame in own for c in TOLD if c in frame for text in as_text(frame[c]).str.strip()}
            found[number] = {t for t in texts if len(t) >= SHORT and _is_only_theirs(t, everything, mine)}
    return found


def _is_only_theirs(text: str, everything: str, mine: str) -> bool:
    """Whether nobody else has the text, in other capitals either: a namesake who stays keeps the name."""
    return everything.casefold().count(text.casefold()) <= mine.casefold().count(text.casefold())


def _cells(frame: pd.DataFrame, number: str = "") -> str:
    """All cells of a table as one text, or those of the rows that name a client."""
    rows = frame.astype(object)
    if number:
        rows = rows[[number in (str(cell).strip() for cell in row) for row in rows.itertuples(index=False)]]
    return "\n".join(str(cell) for column in rows.columns for cell in rows[column])


def left(folder: Path, texts: Iterable[str], password: str = "", skip: Iterable[str] = ()) -> list[tuple[str, str]]:
    """(file, text) of every text that stands in a file of the folder, hidden ones too; `skip` are names of files."""
    wanted = sorted(set(texts))
    coded = [(text, (text.encode(), text.encode("utf-16-le"), _escaped(text))) for text in wanted]
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in skip):
        whole = b"\n".join([path.name.encode(), *_unpacked(path.read_bytes(), path, password)])
        found += [(path.name, text) for text, forms in coded if any(form in whole for form in forms)]
    return found


def _escaped(text: str) -> bytes:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def _unpacked(data: bytes, path: Path, password: str) -> Iterator[bytes]:
    if path.suffix in (".xlsx", ".xlsm") and encryption.is_encrypted(path):
        data = encryption.decrypt(path, password)
    yield data
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            yield from (package.read(name) for name in package.namelist())
    if path.name.endswith(".xlcrm-tables"):
        with pa.ipc.open_stream(data[data.index(b"\xff\xff\xff\xff") :]) as kept:
            yield repr([str(cell) for column in kept.read_all().columns for cell in column.to_pylist()]).encode()
    if path.name.endswith("journal.jsonl"):
        yield from _unsealed(path, password)


def _unsealed(path: Path, password: str) -> Iterator[bytes]:
    for line in path.read_bytes().splitlines():
        record = journal_lines.read(line)
        if record and "sealed" in record:
            yield encryption.unseal(record["sealed"], password, path.name)


def sound_lines(path: Path) -> bool:
    """Whether every line of a journal has its right checksum."""
    return all(journal_lines.read(line) for line in path.read_bytes().splitlines()) and bool(Journal(path).entries())
