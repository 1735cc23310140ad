"""Stamp of a copy: a hidden defined name "xlcrm_copy_of" in it, by which it is known what state it was made of.

It names the backup that the copy was taken of and its SHA-256. Two copies of one workbook are combined with that state
as their base, which no date and no likeness could tell. It stands where the identity stands, for the same reasons.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from xlcrm.xlsx import xml_parts
from xlcrm.xlsx.identity import name_texts, put_name
from xlcrm.xlsx.workbook import open_workbook

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAME = "xlcrm_copy_of"
_VALUE = re.compile(r'"?([0-9a-f]{64}) ([^"]+)"?')
_LONGEST = 180  # Excel takes a text of 255 in a name


_CLIENTS = "xlcrm_copy_clients_"  # and a number: a name holds 255 signs, and a hand-out many clients


class CopyStamp(NamedTuple):
    """Of which backup a copy was made: its file name, and its SHA-256, which alone decides.

    clients  the numbers of those that were handed out, where they were not all: the base of the copy is the backup's
             rows of these clients (`handing_out.handed_rows.handed_out`), and nobody else was deleted in it
    """

    backup: str
    sha256: str
    clients: tuple[str, ...] = ()


def of_root(root: Element) -> CopyStamp | None:
    """The stamp in a parsed workbook part, None where there is none."""
    texts = (_VALUE.fullmatch(text) for text in name_texts(root, NAME))
    return next((CopyStamp(found[2], found[1], _clients(root)) for found in texts if found), None)


def _clients(root: Element) -> tuple[str, ...]:
    """The clients in a parsed workbook part, () where they are not named."""
    chunks: list[str] = []
    while found := list(name_texts(root, f"{_CLIENTS}{len(chunks) + 1}")):
        chunks.append(found[0].strip('"'))
    return tuple(unquote(client) for client in " ".join(chunks).split())


def of_file(path: Path) -> CopyStamp | None:
    """The stamp of an unlocked workbook file, None where it has none; CrmError where it is no workbook."""
    book = open_workbook(path)
    book.package.close()
    return of_root(book.root)


def write(source: Path, target: Path, stamp: CopyStamp) -> None:
    """Copy an unlocked workbook to `target` with this stamp, in the place of one that it may have had.

    Nothing else changes: all other parts are copied byte for byte.
    """
    book = open_workbook(source)
    with book.package:
        whole = xml_parts.plain(book.package.read(book.part))
        name = stamp.backup.replace('"', "")[:_LONGEST]
        whole = put_name(whole, NAME, f"{stamp.sha256} {name}")
        for number, chunk in enumerate(_chunks(stamp.clients), 1):
            whole = put_name(whole, f"{_CLIENTS}{number}", chunk)
        book.package.write(target, {book.part: whole})


def _chunks(clients: tuple[str, ...]) -> list[str]:
    """The numbers of clients in texts that a name can hold; a sign that could end one is written as %22."""
    chunks = [""]
    for client in map(quote, clients):
        if len(chunks[-1]) + len(client) >= _LONGEST:
            chunks.append("")
        chunks[-1] = f"{chunks[-1]} {client}".strip()
    return [chunk for chunk in chunks if chunk]
