"""The zip package of a workbook: parts read and replaced, untouched ones copied byte for byte.

Entries that a change does not name are copied as they stand in the file: header, name, timestamp, compressed bytes,
order. Only the named ones are compressed anew.
"""

from __future__ import annotations

import hashlib
import posixpath
import struct
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

from isal import isal_zlib

from xlcrm.errors import CrmError
from xlcrm.xlsx import xml_parts, zip_writer
from xlcrm.xlsx.zip_writer import CHUNK, LOCAL, Packed, Record


class Rel(NamedTuple):
    """A relationship: `kind` is the last word of its type, `target` a part name (or what stands there, if external)."""

    id: str
    kind: str
    target: str
    external: bool


class Package:
    """A workbook opened for reading. Part names are matched without regard to case, as the standard asks."""

    def __init__(self, path: Path) -> None:
        """Only the directory is read. Where two entries differ in case alone, the later one is found."""
        self.path = path
        self._zip = zipfile.ZipFile(path)
        self.entries = {info.filename: info for info in self._zip.infolist()}
        self._names = {name.replace("\\", "/").lstrip("/").lower(): name for name in self.entries}
        self._rels: dict[str, list[Rel]] = {}

    def __enter__(self) -> Package:
        """The package itself; it closes at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, whatever happened."""
        self.close()

    def close(self) -> None:
        """Close the directory; `chunks` opens the file anew and works afterwards, too."""
        self._zip.close()

    def find(self, part: str) -> str:
        """The entry that holds a part, "" where there is none."""
        return self._names.get(part.replace("\\", "/").lstrip("/").lower(), "")

    def read(self, part: str) -> bytes:
        """The whole content of a part. For sheets use `chunks`: they may be hundreds of megabytes."""
        return b"".join(self.chunks(part))

    def chunks(self, part: str) -> Iterator[bytes]:
        """The part's bytes in pieces of a megabyte; CrmError where they are not what the directory says."""
        info = self.entries[self.find(part)]
        with self._at(info) as file:
            pieces = _inflate(file, info) if info.compress_type else _stored(file, info.compress_size)
            size = crc = 0
            for piece in pieces:
                size += len(piece)
                if size > info.file_size:
                    break
                crc = isal_zlib.crc32(piece, crc)
                yield piece
        if size != info.file_size or crc != info.CRC:
            raise CrmError("workbook.damaged", name=self.path.name)

    def digest(self, part: str) -> str:
        """A SHA-256 of a part as it lies packed, with what the directory says of it; much faster than unpacking it."""
        info = self.entries[self.find(part)]
        found = hashlib.sha256(repr((info.compress_type, *self.stamp(part))).encode())
        with self._at(info) as file:
            for piece in _stored(file, info.compress_size):
                found.update(piece)
        return found.hexdigest()

    def _at(self, info: zipfile.ZipInfo) -> BinaryIO:
        """The file, opened where the packed bytes of an entry begin."""
        file = self.path.open("rb")
        file.seek(info.header_offset)
        header = file.read(LOCAL.size)
        file.seek(info.header_offset + LOCAL.size + sum(struct.unpack("<2H", header[26:30])))
        return file

    def stamp(self, part: str) -> tuple[int, int, int]:
        """What tells the content of an entry from any other: its checksum and sizes."""
        info = self.entries[self.find(part)]
        return info.CRC, info.file_size, info.compress_size

    def rels(self, part: str) -> list[Rel]:
        """The relationships of a part ("" for the package), in file order."""
        name = self.find(rels_name(part))
        if name not in self._rels:
            self._rels[name] = list(self._read_rels(name, part)) if name else []
        return self._rels[name]

    def _read_rels(self, name: str, part: str) -> Iterator[Rel]:
        for element in xml_parts.parse(self.read(name)):
            target = element.get("Target", "")
            external = element.get("TargetMode") == "External"
            kind = element.get("Type", "").rsplit("/", 1)[-1]
            yield Rel(element.get("Id", ""), kind, target if external else resolve(part, target), external)

    def related(self, part: str, *kinds: str) -> Iterator[tuple[str, str]]:
        """(kind, entry) of the parts of these kinds that a part points to, in file order.

        Left out is what lies outside the package, and what is named but not there: Excel passes over both.
        """
        for rel in self.rels(part):
            entry = "" if rel.external or rel.kind not in kinds else self.find(rel.target)
            if entry:
                yield rel.kind, entry

    def write(
        self,
        target: Path,
        changed: Mapping[str, bytes | Packed],
        *,
        dropped: Iterable[str] = (),
        added: Mapping[str, bytes | Packed] | None = None,
    ) -> None:
        """Write the package anew: `changed` entries get new content in place, `dropped` go, `added` come at the end."""
        gone = set(dropped)
        with self.path.open("rb") as source, target.open("wb") as out:
            records = []
            for record, offset, end in zip_writer.directory(source, self._zip.start_dir):
                name = record.name
                if name in gone:
                    continue
                here = out.tell()
                if name in changed:
                    records.append(zip_writer.append(out, record, changed[name]))
                else:
                    zip_writer.copy(source, out, offset, end)
                    records.append(record.at(here))
            for name, content in (added or {}).items():
                records.append(zip_writer.append(out, Record.new(name), content))
            zip_writer.finish(out, records, self._zip.comment)


def rels_name(part: str) -> str:
    """The entry that holds a part's relationships."""
    folder, name = posixpath.split(part.replace("\\", "/"))
    return posixpath.join(folder, "_rels", f"{name}.rels")


def resolve(part: str, target: str) -> str:
    """The part that a relationship of `part` points to."""
    plain = unquote(target).replace("\\", "/")
    folder = posixpath.dirname(part.replace("\\", "/"))
    whole = plain if plain.startswith("/") else posixpath.join("/", folder, plain)
    return posixpath.normpath(whole).lstrip("/")


def _stored(file: BinaryIO, left: int) -> Iterator[bytes]:
    """An entry's bytes as they stand in the file, `left` of them, in pieces."""
    while left > 0 and (piece := file.read(min(left, CHUNK))):
        left -= len(piece)
        yield piece


def _inflate(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """An entry's bytes unpacked in pieces of CHUNK at most, so that no ratio of compression fills the memory."""
    unpacker = isal_zlib.decompressobj(-15)
    try:
        for packed in _stored(file, info.compress_size):
            while packed:
                yield unpacker.decompress(packed, CHUNK)
                packed = unpacker.unconsumed_tail
        while not unpacker.eof and (piece := unpacker.decompress(unpacker.unconsumed_tail, CHUNK)):
            yield piece
    except isal_zlib.error as error:  # type: ignore[misc]  # its stubs call the class an instance
        raise CrmError("workbook.damaged", name=info.filename) from error
