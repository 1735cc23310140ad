"""Errors of the operating system (OSError) as sentences that tell a user what to do about a file."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xlcrm.errors import CrmError

# Windows: access denied (also given for a file that is open elsewhere), sharing violation, lock violation
SHARING = frozenset({5, 32, 33})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
_TRANSIENT_BUSY = frozenset({errno.EBUSY, errno.ETXTBSY})


def file_error(error: OSError, path: Path) -> CrmError:
    """The refusal for an error met while working on `path`: the disk is full, no permission, open elsewhere, and so on.

    Keys: file.missing, file.disk_full, file.read_only_disk, file.open_elsewhere, file.no_permission,
    file.name_too_long, file.is_folder, file.failed (anything else, with the system's own words).
    """
    place = {"name": path.name, "folder": str(whole(path.parent))}
    if getattr(error, "winerror", None) in SHARING or error.errno in _TRANSIENT_BUSY:
        return CrmError("file.open_elsewhere", **place)
    if error.errno in _FULL:
        return CrmError("file.disk_full", **place)
    if error.errno == errno.EROFS:
        return CrmError("file.read_only_disk", **place)
    if error.errno in _FORBIDDEN:
        return CrmError("file.no_permission", **place)
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return CrmError("file.missing", **place)
    if error.errno == errno.ENAMETOOLONG:
        return CrmError("file.name_too_long", **place)
    if error.errno == errno.EISDIR:
        return CrmError("file.is_folder", **place)
    return CrmError("file.failed", reason=error.strerror or type(error).__name__, **place)


def whole(path: Path) -> Path:
    """The whole path, as far as the system knows it: the folder that a program was started in may be gone."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path


def expanded(path: Path) -> Path:
    """The path with "~" as the home folder; CrmError "file.no_such_place" where there is none."""
    try:
        if "\0" not in str(path):
            return path.expanduser()
    except RuntimeError:
        pass
    raise CrmError("file.no_such_place", path=str(path))


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turns an OSError of the block into the CrmError that names `path`."""
    try:
        yield
    except OSError as error:
        raise file_error(error, path) from error


def unexpected(fault: BaseException) -> CrmError:
    """What nobody foresaw, as a sentence: about the file where the system refused one, else with the fault's name."""
    if isinstance(fault, OSError) and isinstance(fault.filename, str):
        return file_error(fault, Path(fault.filename))
    return CrmError("cli.unexpected", kind=type(fault).__name__, fault=str(fault)[:300])
