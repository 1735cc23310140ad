"""Replace a file whole or not at all (atomic rename), because a workbook half written is a workbook lost.

The new bytes go to a temporary file in the same folder; they are flushed and verified before they take the name.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xlcrm.errors import CrmError
from xlcrm.files import exchange, modes
from xlcrm.files.durable import flush_file, flush_folder
from xlcrm.files.exchange import MARK, PREFIX, SUFFIX
from xlcrm.os_errors import SHARING, file_error

# What a file is besides its bytes (permissions, owner, hidden): a replaced workbook stays as its team set it.

_WINDOWS_KEPT = stat.FILE_ATTRIBUTE_HIDDEN | stat.FILE_ATTRIBUTE_SYSTEM | stat.FILE_ATTRIBUTE_NOT_CONTENT_INDEXED
_NOT_ALLOWED = frozenset({errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS})
_DACL_SECURITY_INFORMATION = 4


def is_read_only(path: Path) -> bool:
    """Whether the owner took the right to write away from everybody: a wish to respect, even where we could write."""
    return not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def copy_attributes(original: Path, target: Path) -> None:
    """Gives `target` the mode, owner, group, access list, extended attributes and hidden flag of `original`.

    The time of writing stays the target's own. What the system or the disk doesn't allow is left as it is.
    """
    written = target.stat()
    if hasattr(os, "chown"):
        status = original.stat()
        # the group alone may be allowed where the owner is not
        for owner in (status.st_uid, -1):
            with suppress(OSError):
                os.chown(target, owner, status.st_gid)
                break
    try:
        shutil.copystat(original, target)
    except OSError as error:
        if error.errno not in _NOT_ALLOWED:
            raise
    os.utime(target, ns=(written.st_atime_ns, written.st_mtime_ns))
    if sys.platform == "win32":
        _copy_windows(original, target)


def default_mode(target: Path) -> None:
    """Gives a new file the mode any program would have given it (temporary files start out private)."""
    if sys.platform != "win32":
        target.chmod(modes.new_file())


def _copy_windows(original: Path, target: Path) -> None:
    """Give a file the attributes and permissions (DACL) of another; nothing on other systems."""
    if sys.platform == "win32":
        import ctypes

        kernel, advapi = ctypes.windll.kernel32, ctypes.windll.advapi32
        kept = original.stat().st_file_attributes & _WINDOWS_KEPT
        kernel.SetFileAttributesW(str(target), kept | stat.FILE_ATTRIBUTE_ARCHIVE)
        needed = ctypes.c_ulong(0)
        advapi.GetFileSecurityW(str(original), _DACL_SECURITY_INFORMATION, None, 0, ctypes.byref(needed))
        buffer = ctypes.create_string_buffer(needed.value)
        if advapi.GetFileSecurityW(str(original), _DACL_SECURITY_INFORMATION, buffer, needed, ctypes.byref(needed)):
            advapi.SetFileSecurityW(str(target), _DACL_SECURITY_INFORMATION, buffer)


_HOUR, _MINUTE = 3600.0, 60.0
_PATIENCE = (0.05, 0.1, 0.2, 0.4, 0.8)


def replace_bytes(
    path: Path, content: bytes, *, expect_sha256: str | None = None, verify: Callable[[Path], None] | None = None
) -> None:
    """`replace_file` for content that is there already."""
    replace_file(path, lambda temporary: temporary.write_bytes(content), expect_sha256=expect_sha256, verify=verify)


def replace_file(
    path: Path,
    write: Callable[[Path], object],
    *,
    expect_sha256: str | None = None,
    verify: Callable[[Path], None] | None = None,
) -> None:
    """Makes `path` what `write` writes; whatever goes wrong before the last step leaves it byte for byte as it was.

    write           fills the temporary file it is given (which exists, empty); may raise
    expect_sha256   what the file must hold when it is replaced; else CrmError "file.changed", and what somebody saved
                    in the last moment has its name again. "": nothing may have the name. None: don't look; the
                    file may also be new
    verify          looks at the flushed temporary file and raises if it isn't right

    A link is written through to what it points to. Permissions, owner and hidden flag are kept; a read-only file is
    refused ("file.read_only"). Errors of the system are CrmErrors (see file_errors); those of `write` and `verify`
    that are not OSErrors come through as they are. Temporary files of runs that were killed are removed.
    """
    target = path
    temporary: Path | None = None
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and is_read_only(target):
            raise CrmError("file.read_only", name=path.name, folder=str(target.parent))
        clean_strays(target.parent)
        descriptor, name = tempfile.mkstemp(SUFFIX, PREFIX, target.parent)
        temporary = Path(name)
        with _claimed(descriptor):
            write(temporary)
            if target.exists():
                copy_attributes(target, temporary)
            else:
                default_mode(temporary)
            flush_file(temporary)
            if verify is not None:
                verify(temporary)
            flush_folder(target.parent)
            _take_the_name(temporary, target, expect_sha256)
        temporary = None
    except OSError as error:
        raise file_error(error, target) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
    # The new bytes have the name and are on the disk; a folder that can't be flushed now loses neither old nor new.
    with suppress(OSError):
        flush_folder(target.parent)


def clean_strays(folder: Path) -> int:
    """Removes the temporary files that killed runs left in `folder`; how many. Those of a running one stay."""
    removed = 0
    for stray in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):
            if not _is_orphan(stray):
                continue
            if not exchange.settle_kept(stray):
                stray.unlink()
            removed += 1
    return removed


def clean_kept(path: Path) -> None:
    """Removes what killed replacements of `path` kept beside it, however new: for whom holds the right to write it."""
    for stray in path.parent.glob(f"{PREFIX}*{MARK}{glob.escape(path.name[-100:])}{SUFFIX}"):
        with suppress(OSError):
            exchange.settle_kept(stray)


def _take_the_name(temporary: Path, target: Path, expected: str | None) -> None:
    """The last step of `replace_file`: the new file gets the name, if nobody has saved meanwhile."""
    if expected is None:
        _patiently(lambda: temporary.replace(target))
    elif expected:
        _patiently(lambda: exchange.take_the_name(temporary, target, expected))
    else:
        try:
            _patiently(lambda: exchange.put_new(temporary, target))
        except FileExistsError:
            raise CrmError("file.changed", name=target.name, folder=str(target.parent)) from None


def _patiently(step: Callable[[], object]) -> None:
    """A rename, patient with a virus scanner or a sync program that has the file open for a moment (Windows)."""
    for pause in _PATIENCE:
        try:
            step()
            return
        except PermissionError as error:
            if getattr(error, "winerror", None) not in SHARING:
                raise
            time.sleep(pause)
    step()


@contextmanager
def _claimed(descriptor: int) -> Iterator[None]:
    """Holds the temporary file's lock while its run lives; the system drops it when the run is killed."""
    if sys.platform == "win32":
        # an open handle would keep the file from being renamed
        os.close(descriptor)
        yield
    else:
        try:
            _try_lock(descriptor)
            yield
        finally:
            os.close(descriptor)


def _is_orphan(stray: Path) -> bool:
    """Whether a temporary file belongs to no living run: its lock is free, or it is an hour old.

    What a run has just replaced has no lock of that run; nobody takes it in the minute after.
    """
    if time.time() - stray.stat().st_ctime < _MINUTE and MARK in stray.name.removeprefix(PREFIX):
        return False
    if sys.platform != "win32":
        descriptor = os.open(stray, os.O_RDWR)
        try:
            locked = _try_lock(descriptor)
        finally:
            os.close(descriptor)
        if locked is not None:
            return locked
    return time.time() - stray.stat().st_mtime > _HOUR


def _try_lock(descriptor: int) -> bool | None:
    """Whether the lock was free and is ours now; None where the file system has no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
