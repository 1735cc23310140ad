"""The code and the surroundings of a process: whether a worker runs what is on the disk, where a click would run it.

Only the standard library is imported here, because a click waits for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from xlcrm import __version__

_FLAGS = ("optimize", "isolated", "dev_mode", "utf8_mode", "no_user_site")
_LIMITS = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_NOFILE")


def identity() -> list[object]:
    """Which xlcrm this process has loaded: its version, place and Python."""
    return [__version__, str(Path(__file__).parents[1]), sys.version, sys.prefix]


def code_now() -> list[object]:
    """Which xlcrm is on the disk: `identity`, and how many files of which size and latest time.

    The folders where pip installs count with their own time: it changes with each package that comes or goes.
    """
    found = [entry.stat() for entry in _files(str(Path(__file__).parents[1]))]
    places = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    installed = [place.stat().st_mtime_ns for place in places if place.is_dir()]
    latest = max(file.st_mtime_ns for file in found)
    return [*identity(), len(found), sum(file.st_size for file in found), latest, installed]


def _files(top: str) -> Iterator[os.DirEntry[str]]:
    """The files of a folder and of those below, without what Python itself writes."""
    with os.scandir(top) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield entry
            elif entry.name != "__pycache__":
                yield from _files(entry.path)


def surroundings() -> dict[str, object]:
    """What a worker can't take over from a click: where this differs, the click does without the worker."""
    found: dict[str, object] = {
        "python": {name: value for name, value in os.environ.items() if name.startswith("PYTHON")},
        "flags": [getattr(sys.flags, name) for name in _FLAGS],
        "files": [sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()],
        "root": folder_identity(sys.prefix if sys.platform == "win32" else os.path.sep),
    }
    return {**found, **_rights()}


def _rights() -> dict[str, object]:
    """What the process may do: its user, groups and limits; on Windows if an administrator's (and its time zone)."""
    if sys.platform == "win32":
        return {"elevated": is_elevated(), "zone": os.environ.get("TZ", "")}
    import resource

    limits = [list(resource.getrlimit(getattr(resource, name))) for name in _LIMITS]
    return {"user": [os.geteuid(), os.getegid(), *sorted(os.getgroups())], "limits": limits}


def is_elevated() -> bool:
    """Whether Windows gave this process an administrator's rights: such a one serves nobody and is served by none."""
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.shell32.IsUserAnAdmin())
    return False


def folder_identity(place: str) -> list[int]:
    """The folder behind a path, [] for none: another container's "/home" is another folder."""
    try:
        found = Path(place).stat()
    except OSError:
        return []
    return [found.st_dev, found.st_ino]
