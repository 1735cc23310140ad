"""Template files: those that come with xlcrm, and the team's own beside the workbook, which win."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xlcrm import messages
from xlcrm.errors import CrmError

SHIPPED = Path(__file__).parent.parent / "templates"
LARGEST = 1_000_000  # bytes of one template; the longest of ours has 2,000


class Templates(Mapping[str, str]):
    """File name -> text. One that can't be used refuses when it is asked for, and hinders no list that doesn't."""

    def __init__(self, found: Mapping[str, str | CrmError]) -> None:
        self._found = found

    def __getitem__(self, name: str) -> str:
        text = self._found[name]
        if isinstance(text, CrmError):
            raise text
        return text

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return (name for name, text in self._found.items() if isinstance(text, str))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def load(book: Path) -> Templates:
    """The templates for a workbook. A team's own folder "templates" beside it may add files or replace ours.

    What systems leave in a folder (.DS_Store, dead links) and folders are passed over; what is no text of a template's
    size, is no file at all (a pipe, a device) or lies elsewhere (a link) is refused where a list asks for it.
    """
    own = book.parent / "templates"
    return Templates({**_texts(shipped()), **(_texts(own) if own.is_dir() else {})})


def of_ours() -> frozenset[str]:
    """The texts that come with xlcrm: a template that is one of them, byte for byte, needs no watching."""
    return frozenset(text for text in _texts(shipped()).values() if isinstance(text, str))


def shipped() -> Path:
    """The templates of an installed xlcrm, or of a checkout, where they stand at the top."""
    return SHIPPED if SHIPPED.is_dir() else SHIPPED.parent.parent / "templates"


def _texts(folder: Path) -> dict[str, str | CrmError]:
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return {}
    return {path.name: _text(path) for path in paths if not path.name.startswith((".", "~")) and _may_be_one(path)}


def _may_be_one(path: Path) -> bool:
    """Whether there is something behind the name, and no folder."""
    try:
        return "." in path.name and not stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def _text(path: Path) -> str | CrmError:
    """What a template holds, or why it is none."""
    place = {"name": path.name, "folder": str(path.parent)}
    try:
        return content(path, LARGEST, CrmError("templates.no_text", **place)).decode("utf-8-sig")
    except UnicodeDecodeError:
        return CrmError("templates.not_utf8", **place)
    except CrmError as refusal:
        return refusal


def content(path: Path, largest: int, refusal: CrmError) -> bytes:
    """What a file in a folder of templates holds; nothing of another kind of file is read.

    `refusal` is raised for what is no file, or larger; CrmError "templates.elsewhere" for a link that leads out of the
    folder, "templates.unreadable".
    """
    place = {"name": path.name, "folder": str(path.parent)}
    try:
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise CrmError("templates.elsewhere", **place)
        with open(path, "rb", opener=_at_once) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_size > largest:
                raise refusal
            return file.read(largest)
    except (OSError, RuntimeError) as fault:
        raise CrmError("templates.unreadable", **place) from fault


def _at_once(path: str, flags: int) -> int:
    """Opens without waiting for somebody to write into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))


# Starters: the file that a team begins its own template with, ours where it is a text.

PREFERRED = {"letters": "docx", "asking": "docx", "labels": "typ", "cards": "typ", "emails": "html"}


def starter_of(kind: str, form: str, language: str, window: str, fields: Sequence[str]) -> tuple[str, bytes]:
    """Name and content of a starter; `form` "" is the usual one of the kind.

    Texts (html, txt, columns.txt) are ours, to be changed; papers show every variable once. The name has the word for
    "own" in front, so that it doesn't take the place of ours. CrmError "templates.no_starter" names those there are.
    """
    from xlcrm.papers.paper_starters import STARTERS, starter

    ours = {path.name: path for path in shipped().iterdir() if path.suffix in (".html", ".txt") and path.is_file()}
    form = form or PREFERRED.get(kind, "html")
    own = messages.text("templates.own", language)
    if form in STARTERS.get(kind, ()):
        return f"{own} {kind}.{form}", starter(kind, form, language=language, window=window, fields=fields)
    if f"{kind}.{form}" not in ours:
        papers = [f"{name}.{one}" for name, forms in STARTERS.items() for one in forms]
        raise CrmError("templates.no_starter", kind=kind, form=form, names=", ".join(sorted([*ours, *papers])))
    return f"{own} {kind}.{form}", ours[f"{kind}.{form}"].read_bytes()
