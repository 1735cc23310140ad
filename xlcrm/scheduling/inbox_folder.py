"""The inbox of a workbook: a folder beside it for lists that come in, with one for those done and one to look at.

A file is taken when its size stands still and nobody writes it any more. Its name says nothing about whether it was
seen before: its checksum does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xlcrm import messages
from xlcrm.files.durable import make_folder
from xlcrm.files.replace import replace_bytes
from xlcrm.os_errors import refusing

PAUSE = 2.0  # seconds between two looks at the sizes
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".opdownload", ".!ut", ".icloud")
_NOBODYS = frozenset({"thumbs.db", "desktop.ini", "icon\r"})


@dataclass(frozen=True)
class InboxFolder:
    """The folder and its two parts. `language` names what is made anew; what is there in another language is used."""

    path: Path
    language: str

    @property
    def done(self) -> Path:
        """Where lists go that were taken in."""
        return _named(self.path, "inbox.done", self.language)

    @property
    def to_look_at(self) -> Path:
        """Where lists go that a person has to look at, each with a text that says why."""
        return _named(self.path, "inbox.to_look_at", self.language)

    def make(self) -> None:
        """The folder with its parts, where they are not there."""
        for folder in (self.path, self.done, self.to_look_at):
            with refusing(folder):
                make_folder(folder)

    def waiting(self, pause: float = PAUSE, sleep: Callable[[float], None] = time.sleep) -> list[Path]:
        """The files that can be taken, the oldest first; those that still grow stay for the next time."""
        before = dict(self._stamps())
        if not before:
            return []
        sleep(pause)
        steady = [(path, stamp) for path, stamp in self._stamps() if before.get(path) == stamp]
        return [path for path, stamp in sorted(steady, key=lambda one: (one[1][1], one[0].name)) if _opens(path)]

    def _stamps(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        """Each file that may be a list, with its size and time; links are none, they lead anywhere."""
        with suppress(OSError):
            for path in self.path.iterdir():
                with suppress(OSError):
                    if _may_be_list(path) and path.is_file() and not path.is_symlink():
                        found = path.stat()
                        yield path, (found.st_size, found.st_mtime_ns)

    def put_away(self, path: Path) -> Path:
        """Move a list that was taken in; the place where it is now."""
        return _moved(path, self.done)

    def set_aside(self, path: Path, why: str) -> Path:
        """Move a list that a person has to look at, and say why in a text beside it; the place where it is now."""
        target = _moved(path, self.to_look_at)
        text = "\r\n".join([*why.splitlines(), ""]).encode("utf-8-sig", "backslashreplace")
        note = target.with_name(f"{target.name}.txt")
        with refusing(note):
            replace_bytes(note, text)
        return target


def inbox_of(book: Path, language: str) -> InboxFolder:
    """The inbox of a workbook: the folder that is there under its name in any language, else the one to be made."""
    names = [messages.text("inbox.folder", spoken, stem=book.stem) for spoken in (language, *messages.LANGUAGES)]
    there = (book.with_name(name) for name in names)
    return InboxFolder(next((path for path in there if path.is_dir()), book.with_name(names[0])), language)


def _named(folder: Path, key: str, language: str) -> Path:
    """The part of the inbox under its name in any language, else the one in this language."""
    names = [messages.text(key, spoken) for spoken in (language, *messages.LANGUAGES)]
    return next((folder / name for name in names if (folder / name).is_dir()), folder / names[0])


def _may_be_list(path: Path) -> bool:
    name = path.name.lower()
    return not name.startswith((".", "~")) and not name.endswith(_UNFINISHED) and name not in _NOBODYS


def _opens(path: Path) -> bool:
    """Whether nobody writes the file: where another program holds it, Windows refuses to open it for writing."""
    try:
        with path.open("r+b"):
            return True
    except PermissionError:
        return _is_readable(path)
    except OSError:
        return False


def _is_readable(path: Path) -> bool:
    """A file that is for reading only is taken, too."""
    with suppress(OSError), path.open("rb"):
        return not path.stat().st_mode & 0o222
    return False


def _moved(path: Path, folder: Path) -> Path:
    """The file in a folder, with a number where its name is taken there."""
    with refusing(folder):
        make_folder(folder)
    names = (path.name if number == 1 else f"{path.stem} ({number}){path.suffix}" for number in range(1, 10_000))
    target = next(folder / name for name in names if not (folder / name).exists())
    with refusing(path):
        return path.rename(target)
