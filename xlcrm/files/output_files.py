"""Output files of a run (lists, documents), never written over a file that somebody may have worked on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from xlcrm import messages
from xlcrm.errors import CrmError
from xlcrm.files.replace import replace_file
from xlcrm.os_errors import expanded, refusing
from xlcrm.plan import OutFile
from xlcrm.xlsx.new_spreadsheet import spreadsheet


def folder(book: Path, language: str, now: dt.datetime) -> Path:
    """Where lists go: "<workbook> lists/<day>" beside it, in its language; an English folder that is there stays."""
    english = book.parent / f"{book.stem} {messages.text('outbox.folder', 'en')}"
    own = book.parent / f"{book.stem} {messages.text('outbox.folder', language)}"
    return (english if english.is_dir() else own) / f"{now:%Y-%m-%d}"


def asked(path: Path) -> Path:
    """The whole path of a file that a person named from the current folder; CrmError where its folder isn't there."""
    with refusing(path):
        whole = expanded(path).resolve()
    if not whole.parent.is_dir():
        raise CrmError("file.no_folder", name=whole.name, folder=str(whole.parent))
    return whole


@contextmanager
def written(
    inside: Path, files: tuple[OutFile, ...], now: dt.datetime, *, keep: Callable[[], bool]
) -> Iterator[tuple[Path, ...]]:
    """The paths of `files`, each written into the folder `inside`, whole or not at all, for the block.

    A number tells a file from another of its name. Where the block or one of the files fails, those written are taken
    away again, so that "nothing was changed" stays true, unless `keep` says that the workbook knows of them by then.
    CrmError as of `files.replace` where the disk takes one of them not.
    """
    there = _there(inside, files)
    made: list[Path] = []
    try:
        for file in files:
            made.append(_write(inside / file.name, file, now))
        yield tuple(made)
    except BaseException:
        if not keep():
            _take_back(made, there)
        raise


def _there(inside: Path, files: tuple[OutFile, ...]) -> frozenset[Path]:
    """The folders that `files` go to from `inside`, where they are there already, and what stands in them."""
    folders = {(inside / file.name).parent for file in files}
    return frozenset(path for one in folders if one.is_dir() for path in (one, *one.iterdir()))


def _write(path: Path, file: OutFile, now: dt.datetime) -> Path:
    content = file.content if isinstance(file.content, bytes) else spreadsheet(file.content, now)
    with refusing(path):
        path = _free(path, content)
        path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda target: _put(target, content))
    return path


def _take_back(files: Sequence[Path], there: frozenset[Path]) -> None:
    """Remove files that were not `there` before, and their folders where these are new and empty again."""
    for path in set(files) - there:
        with suppress(OSError):
            path.unlink(missing_ok=True)
            if path.parent not in there:
                path.parent.rmdir()  # the day's folder


def _put(target: Path, content: bytes) -> None:
    """Write the bytes of a file."""
    target.write_bytes(content)


def _free(path: Path, content: bytes) -> Path:
    """The path itself, or "name (2)" and so on where a file with other content has it already."""
    number, free = 2, path
    while free.exists() and free.read_bytes() != content:
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return free
