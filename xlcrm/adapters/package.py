"""A workbook is a zip package, and copying its untouched parts byte for byte is what keeps everything a person made.

Entries that a change does not name are copied as they stand in the file: header, name, timestamp, compressed bytes,
order. Only the named ones are compressed anew.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

from xlcrm.adapters import markup
from xlcrm.errors import CrmError

CHUNK = 1 << 20
LEVEL = 3  # half the time of zlib's default for a twelfth more bytes
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DESCRIPTOR = 0x08
_LIMIT = 0xFFFFFFFF


class Rel(NamedTuple):
    """A relationship: `kind` is the last word of its type, `target` a part name (or what stands there, if external)."""

    id: str
    kind: str
    target: str
    external: bool


class Packed(NamedTuple):
    """A part's new content, compressed."""

    crc: int
    size: int
    pieces: list[bytes]


class Package:
    """A workbook opened for reading. Part names are matched without regard to case, as the standard asks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip = zipfile.ZipFile(path)
        self.entries = {info.filename: info for info in self._zip.infolist()}
        self._names = {name.replace("\\", "/").lstrip("/").lower(): name for name in self.entries}

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._zip.close()

    def find(self, part: str) -> str:
        """The entry that holds a part, "" where there is none."""
        return self._names.get(part.lstrip("/").lower(), "")

    def read(self, part: str) -> bytes:
        return b"".join(self.chunks(part))

    def chunks(self, part: str) -> Iterator[bytes]:
        """The part's bytes in pieces of a megabyte; CrmError where they are not what the directory says."""
        info = self.entries[self.find(part)]
        with self.path.open("rb") as file:
            file.seek(info.header_offset)
            header = file.read(_LOCAL.size)
            file.seek(info.header_offset + _LOCAL.size + sum(struct.unpack("<2H", header[26:30])))
            pieces = _inflate(file, info) if info.compress_type else _stored(file, info.compress_size)
            size = crc = 0
            for piece in pieces:
                size += len(piece)
                if size > info.file_size:
                    break
                crc = zlib.crc32(piece, crc)
                yield piece
        if size != info.file_size or crc != info.CRC:
            raise CrmError("workbook.damaged", name=self.path.name)

    def stamp(self, part: str) -> tuple[int, int, int]:
        """What tells the content of an entry from any other: its checksum and sizes."""
        info = self.entries[self.find(part)]
        return info.CRC, info.file_size, info.compress_size

    def rels(self, part: str) -> list[Rel]:
        """The relationships of a part ("" for the package), in file order."""
        name = self.find(rels_name(part))
        if not name:
            return []
        found = []
        for element in markup.parse(self.read(name)):
            target = element.get("Target", "")
            external = element.get("TargetMode") == "External"
            kind = element.get("Type", "").rsplit("/", 1)[-1]
            found.append(Rel(element.get("Id", ""), kind, target if external else resolve(part, target), external))
        return found

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
            for record, offset, end in _directory(source, self._zip.start_dir):
                name = record.name
                if name in gone:
                    continue
                here = out.tell()
                if name in changed:
                    records.append(_append(out, record, changed[name]))
                else:
                    _copy(source, out, offset, end)
                    records.append(record.at(here))
            for name, content in (added or {}).items():
                records.append(_append(out, _Record.new(name), content))
            _finish(out, records, self._zip.comment)


def rels_name(part: str) -> str:
    """The entry that holds a part's relationships."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def resolve(part: str, target: str) -> str:
    """The part that a relationship of `part` points to."""
    plain = unquote(target).replace("\\", "/")
    whole = plain if plain.startswith("/") else posixpath.join("/", posixpath.dirname(part), plain)
    return posixpath.normpath(whole).lstrip("/")


class _Record(NamedTuple):
    """One record of the central directory: its fixed fields, name, extra field and comment as bytes."""

    fields: tuple[int, ...]
    raw_name: bytes
    extra: bytes
    comment: bytes

    @classmethod
    def new(cls, name: str) -> _Record:
        raw = name.encode()
        flags = 0 if raw.isascii() else 0x800
        date = (1 << 5) | 1  # 1 January 1980, as Excel writes
        return cls((20, 0, 20, 0, flags, 8, 0, date, 0, 0, 0, len(raw), 0, 0, 0, 0, 0, 0), raw, b"", b"")

    @property
    def name(self) -> str:
        return self.raw_name.decode("utf-8" if self.fields[4] & 0x800 else "cp437")

    def at(self, offset: int) -> _Record:
        return self._replace(fields=(*self.fields[:17], offset))

    def bytes(self) -> bytes:
        return _CENTRAL.pack(b"PK\1\2", *self.fields) + self.raw_name + self.extra + self.comment


def _stored(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (piece := file.read(min(left, CHUNK))):
        left -= len(piece)
        yield piece


def _inflate(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-15)
    try:
        for packed in _stored(file, info.compress_size):
            while packed:
                yield unpacker.decompress(packed, CHUNK)
                packed = unpacker.unconsumed_tail
        while not unpacker.eof and (piece := unpacker.decompress(unpacker.unconsumed_tail, CHUNK)):
            yield piece
    except zlib.error as error:
        raise CrmError("workbook.damaged", name=info.filename) from error


def _directory(source: BinaryIO, start: int) -> Iterator[tuple[_Record, int, int]]:
    """Every record with the first byte of its entry and the byte after it, in the directory's order."""
    source.seek(start)
    raw = source.read()
    records: list[_Record] = []
    at = 0
    while raw[at : at + 4] == b"PK\1\2":
        _, *fields = _CENTRAL.unpack_from(raw, at)
        at += _CENTRAL.size
        sizes = fields[11], fields[12], fields[13]
        parts = []
        for size in sizes:
            parts.append(raw[at : at + size])
            at += size
        records.append(_Record(tuple(fields), *parts))
    if any(_LIMIT in (r.fields[9], r.fields[10], r.fields[17]) for r in records):
        raise CrmError("workbook.too_big", name=getattr(source, "name", ""))
    starts = sorted({record.fields[17] for record in records} | {start})
    following = dict(pairwise(starts))
    for record in records:
        yield record, record.fields[17], following[record.fields[17]]


def _copy(source: BinaryIO, out: BinaryIO, start: int, end: int) -> None:
    source.seek(start)
    left = end - start
    while left > 0:
        piece = source.read(min(left, CHUNK))
        if not piece:
            raise CrmError("workbook.damaged", name=getattr(source, "name", ""))
        out.write(piece)
        left -= len(piece)


def pack(content: bytes | Iterable[bytes]) -> Packed:
    """Compress a part. A big one should come in pieces: then it is never whole in memory."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
    crc = size = 0
    pieces = []
    for piece in [content] if isinstance(content, bytes) else content:
        crc = zlib.crc32(piece, crc)
        size += len(piece)
        pieces.append(packer.compress(piece))
    pieces.append(packer.flush())
    return Packed(crc, size, pieces)


def _append(out: BinaryIO, record: _Record, content: bytes | Packed) -> _Record:
    """Write an entry with new content under an old record's name, time and attributes."""
    new = content if isinstance(content, Packed) else pack(content)
    packed = sum(map(len, new.pieces))
    here = out.tell()
    if new.size >= _LIMIT or here + packed >= _LIMIT:
        raise CrmError("workbook.too_big", name=getattr(out, "name", ""))
    fields = list(record.fields)
    fields[4] &= ~_DESCRIPTOR
    fields[5] = 8
    fields[8:11] = new.crc, packed, new.size
    fields[12] = 0
    fields[17] = here
    version, flags, method, time, date = fields[2], *fields[4:8]
    sizes = new.crc, packed, new.size, len(record.raw_name), 0
    out.write(_LOCAL.pack(b"PK\3\4", version, flags, method, time, date, *sizes) + record.raw_name)
    out.writelines(new.pieces)
    return record._replace(fields=tuple(fields), extra=b"")


def _finish(out: BinaryIO, records: list[_Record], comment: bytes) -> None:
    start = out.tell()
    for record in records:
        out.write(record.bytes())
    size = out.tell() - start
    out.write(_END.pack(b"PK\5\6", 0, 0, len(records), len(records), size, start, len(comment)) + comment)
