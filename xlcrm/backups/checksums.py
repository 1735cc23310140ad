"""List of checksums of the backups in the format of `sha256sum`: anybody can check them without xlcrm."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from pathlib import Path

from xlcrm.backups import names
from xlcrm.files.durable import append_line, sha256_of
from xlcrm.files.replace import replace_bytes

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


def read(path: Path) -> dict[str, str]:
    """File name -> checksum, in the order of taking; a name that stands twice counts where it stands last.

    Lines of any other form (torn by a crash, a comment) are passed over. A missing file is an empty list.
    """
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return {}
    found: dict[str, str] = {}
    for line in text.split("\n"):
        if match := _LINE.fullmatch(line.rstrip("\r")):
            found.pop(match[2], None)
            found[match[2]] = match[1]
    return found


def add(path: Path, name: str, sha256: str) -> None:
    """Puts one backup at the end of the list, on the disk when it returns."""
    append_line(path, _line(name, sha256))


def remove(path: Path, names: Collection[str]) -> None:
    """Takes backups out of the list."""
    left = {name: sha256 for name, sha256 in read(path).items() if name not in names}
    content = b"".join(_line(name, sha256) + b"\n" for name, sha256 in left.items())
    replace_bytes(path, content)


def renew(path: Path, name: str, sha256: str) -> None:
    """Gives a backup that was written anew its checksum, in its place in the list."""
    content = b"".join(_line(n, sha256 if n == name else old) + b"\n" for n, old in read(path).items())
    replace_bytes(path, content)


def join(path: Path, other: Path) -> None:
    """Takes in the backups that another version of the list names and that are there, by the time in their names.

    Where both name one, the checksum of the file that is there counts.
    """
    listed = read(path)
    for name, sha256 in read(other).items():
        backup = path.with_name(name)
        if name not in listed and backup.exists():
            listed = _placed(listed, name, sha256)
        elif backup.exists() and listed[name] != sha256 == sha256_of(backup):
            listed[name] = sha256
    content = b"".join(_line(name, sha256) + b"\n" for name, sha256 in listed.items())
    replace_bytes(path, content)


def _placed(listed: dict[str, str], name: str, sha256: str) -> dict[str, str]:
    """The list with one more, before the first that was taken later."""
    order = [*listed]
    later = (place for place, other in enumerate(order) if _moment(other) > _moment(name))
    order.insert(next(later, len(order)), name)
    return {one: listed.get(one, sha256) for one in order}


def _moment(name: str) -> dt.datetime:
    found = names.take_apart(name)
    return found.moment if found else dt.datetime.min


def _line(name: str, sha256: str) -> bytes:
    return f"{sha256}  {name}".encode("utf-8", "surrogateescape")
