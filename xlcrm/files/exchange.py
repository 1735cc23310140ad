"""Exchange of two files in one step, so that what was replaced is still there and can be looked at.

Between the last look at a file and a rename over it somebody may save; a plain rename would lose what they saved. Each
system has a call that keeps both: renameat2 (Linux), renamex_np (macOS), ReplaceFile (Windows). Where a disk has none
of them (some network drives) the replaced file gets a second name first.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.files.durable import sha256_of

_LACKING = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM, errno.EXDEV, errno.ENOTTY})
_LINUX = {"new": 1, "exchange": 2}  # linux/fs.h
_MAC = {"new": 4, "exchange": 2}  # sys/stdio.h
_HERE = -100  # AT_FDCWD
# Programs that sync folders leave names that end in .tmp alone.
PREFIX, SUFFIX = ".~xlcrm-", ".tmp"
MARK = "~"
_NOBODY = "0" * 16


def take_the_name(new: Path, target: Path, expected: str) -> None:
    """Gives `target` the file `new` if it still holds `expected` (SHA-256); else CrmError "file.changed".

    The file that had the name is looked at once more after the exchange: what somebody saved in the last moment gets
    its name back. Where they have saved once more by then, the later file keeps the name and the earlier stays beside
    it.
    """
    kept = _kept_name(target, expected)
    written = sha256_of(new)
    _refuse_if_changed(target, target, expected)
    exchange(new, target, kept)
    if not kept.exists():  # a disk without links
        return
    try:
        _refuse_if_changed(kept, target, expected)
    except (CrmError, OSError):
        _give_back(kept, target, written)
        raise
    with suppress(OSError):  # a copy too many is no reason to call the run refused
        kept.unlink()


def _refuse_if_changed(held: Path, target: Path, expected: str) -> None:
    """CrmError "file.changed" where a file is gone or no longer the one that was read."""
    if not held.exists() or sha256_of(held) != expected:
        raise CrmError("file.changed", name=target.name, folder=str(target.parent))


def _give_back(kept: Path, target: Path, written: str) -> None:
    """The exchange the other way round; `written` is the checksum of what comes back from there if all is well."""
    ours = _kept_name(target, _NOBODY)
    exchange(kept, target, ours)
    if sha256_of(ours) == written:
        ours.unlink()
        return
    exchange(ours, target, kept)
    put_beside(kept, target.name)


def put_beside(file: Path, name: str) -> None:
    """Gives a file the name "name (2)" beside it, or the next number that is free: a person sees it, and runs warn."""
    plain, number = file.with_name(name), 2
    while True:
        try:
            put_new(file, plain.with_name(f"{plain.stem} ({number}){plain.suffix}"))
        except FileExistsError:
            number += 1
        else:
            return


def exchange(new: Path, target: Path, kept: Path) -> None:
    """Gives `target` the file `new`, and the file that had the name the name `kept`. All are in one folder.

    An OSError leaves both files where they were.
    """
    if sys.platform == "win32":
        _exchange_windows(new, target, kept)
        return
    new.rename(kept)
    try:
        done = _rename(kept, target, "exchange")
    except OSError:
        kept.rename(new)
        raise
    if not done:
        kept.rename(new)
        _exchange_by_links(new, target, kept)


def put_new(new: Path, target: Path) -> None:
    """Gives a file a name that nobody has; FileExistsError where somebody has it by now, and nothing changed."""
    if sys.platform == "win32":
        new.rename(target)  # refuses there
    elif not _rename(new, target, "new"):
        _put_new_by_links(new, target)


def _rename(new: Path, target: Path, how: str) -> bool:
    """A rename that keeps what has the name; False where this system or disk has no such thing."""
    names = os.fsencode(new), os.fsencode(target)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            failed = library.renamex_np(*names, _MAC[how])
        else:
            failed = library.renameat2(_HERE, names[0], _HERE, names[1], _LINUX[how])
    except (OSError, AttributeError):
        return False
    fault = ctypes.get_errno()
    if failed and fault not in _LACKING:
        raise OSError(fault, os.strerror(fault), str(target))
    return not failed


def _exchange_by_links(new: Path, target: Path, kept: Path) -> None:
    """A second name for what is replaced, then the rename; a disk without links gets a plain rename."""
    try:
        os.link(target, kept)
    except OSError as fault:
        if fault.errno not in _LACKING:
            raise
    else:
        if not target.samefile(kept):  # somebody put another file there a moment ago
            kept.unlink()
            return _exchange_by_links(new, target, kept)
    try:
        new.replace(target)
    except OSError:
        kept.unlink(missing_ok=True)
        raise
    return None


def _put_new_by_links(new: Path, target: Path) -> None:
    try:
        os.link(new, target)
    except OSError as fault:
        if fault.errno not in _LACKING:
            raise
        if target.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        new.replace(target)
    else:
        new.unlink()


def _exchange_windows(new: Path, target: Path, kept: Path) -> None:
    """ReplaceFile keeps what it replaces under a name of its own; 2: attributes that can't be merged are left."""
    if sys.platform == "win32" and not ctypes.windll.kernel32.ReplaceFileW(
        str(target), str(new), str(kept), 2, None, None
    ):
        raise ctypes.WinError()


# A run that is killed right after the exchange leaves the replaced file under its hidden name. That says whose place it
# had and what it was expected to hold, so that the next run can tell a known file from somebody's work.


def _kept_name(target: Path, expected: str) -> Path:
    """The hidden name for what is replaced."""
    return target.with_name(f"{PREFIX}{expected[:16]}{MARK}{target.name[-100:]}{SUFFIX}")


def settle_kept(stray: Path) -> bool:
    """What becomes of such a file: what was read before (its backup exists) or only ours goes; else a person gets it.

    False where the name is none of these.
    """
    expected, mark, name = stray.name.removeprefix(PREFIX).removesuffix(SUFFIX).partition(MARK)
    if not mark:
        return False
    target = stray.with_name(name)
    ours = target.exists() and sha256_of(target).startswith(expected)  # then the exchange had not come yet
    if ours or sha256_of(stray).startswith(expected):
        stray.unlink()
    else:
        put_beside(stray, name)
    return True
