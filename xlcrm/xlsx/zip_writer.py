"""Zip writer: entries copied as they stand, and entries packed anew in their place."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from isal import isal_zlib

from xlcrm.errors import CrmError

CHUNK = 1 << 20
LEVEL = 3  # as small as zlib's own 3 in under half the time
LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DESCRIPTOR = 0x08
_LIMIT = 0xFFFFFFFF


class Packed(NamedTuple):
    """A part's new content, compressed."""

    crc: int
    size: int
    pieces: list[bytes]


class Record(NamedTuple):
    """One record of the central directory: its fixed fields, name, extra field and comment as bytes."""

    fields: tuple[int, ...]
    raw_name: bytes
    extra: bytes
    comment: bytes

    @classmethod
    def new(cls, name: str) -> Record:
        """A record for a new entry: deflated, version 2.0, name as UTF-8 with its flag where it is not ASCII."""
        raw = name.encode()
        flags = 0 if raw.isascii() else 0x800
        date = (1 << 5) | 1  # 1 January 1980, as Excel writes
        return cls((20, 0, 20, 0, flags, 8, 0, date, 0, 0, 0, len(raw), 0, 0, 0, 0, 0, 0), raw, b"", b"")

    @property
    def name(self) -> str:
        """The entry's name; code page 437 where the UTF-8 flag (bit 11) is not set."""
        return self.raw_name.decode("utf-8" if self.fields[4] & 0x800 else "cp437")

    def at(self, offset: int) -> Record:
        """The same record for an entry that begins at another byte."""
        return self._replace(fields=(*self.fields[:17], offset))

    def bytes(self) -> bytes:
        """The record as it stands in the directory."""
        return _CENTRAL.pack(b"PK\1\2", *self.fields) + self.raw_name + self.extra + self.comment


def directory(source: BinaryIO, start: int) -> Iterator[tuple[Record, int, int]]:
    """Every record with the first byte of its entry and the byte after it, in the directory's order."""
    source.seek(start)
    raw = source.read()
    records: list[Record] = []
    at = 0
    while raw[at : at + 4] == b"PK\1\2":
        _, *fields = _CENTRAL.unpack_from(raw, at)
        at += _CENTRAL.size
        sizes = fields[11], fields[12], fields[13]
        parts = []
        for size in sizes:
            parts.append(raw[at : at + size])
            at += size
        records.append(Record(tuple(fields), *parts))
    if any(_LIMIT in (r.fields[9], r.fields[10], r.fields[17]) for r in records):
        raise CrmError("workbook.too_big", name=getattr(source, "name", ""))
    starts = sorted({record.fields[17] for record in records} | {start})
    following = dict(pairwise(starts))
    for record in records:
        yield record, record.fields[17], following[record.fields[17]]


def copy(source: BinaryIO, out: BinaryIO, start: int, end: int) -> None:
    """Copy the bytes from `start` to `end`; CrmError where the file ends before."""
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
    packer = _Packer()
    if isinstance(content, bytes):
        packer.take(content)
        return packer.packed()
    with ThreadPoolExecutor(1) as beside:  # while the next piece is being made
        last: Future[None] | None = None
        for piece in content:
            if last is not None:
                last.result()  # no more pieces in memory than two
            last = beside.submit(packer.take, piece)
        if last is not None:
            last.result()
    return packer.packed()


class _Packer:
    """A part on its way, piece by piece."""

    def __init__(self) -> None:
        self._deflate = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15)
        self._crc = self._size = 0
        self._pieces: list[bytes] = []

    def take(self, piece: bytes) -> None:
        """The next piece."""
        self._crc = isal_zlib.crc32(piece, self._crc)
        self._size += len(piece)
        self._pieces.append(self._deflate.compress(piece))

    def packed(self) -> Packed:
        """The part, once all of it was taken."""
        self._pieces.append(self._deflate.flush())
        return Packed(self._crc, self._size, self._pieces)


def append(out: BinaryIO, record: Record, content: bytes | Packed) -> Record:
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
    out.write(LOCAL.pack(b"PK\3\4", version, flags, method, time, date, *sizes) + record.raw_name)
    out.writelines(new.pieces)
    return record._replace(fields=tuple(fields), extra=b"")


def finish(out: BinaryIO, records: list[Record], comment: bytes) -> None:
    """Write the central directory and the end record (APPNOTE 4.3.12, 4.3.16)."""
    start = out.tell()
    for record in records:
        out.write(record.bytes())
    size = out.tell() - start
    out.write(_END.pack(b"PK\5\6", 0, 0, len(records), len(records), size, start, len(comment)) + comment)
