"""What a file is besides its bytes (permissions, owner, hidden): a replaced workbook stays as its team set it."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path

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
        mask = os.umask(0)
        os.umask(mask)
        target.chmod(0o666 & ~mask)


def _copy_windows(original: Path, target: Path) -> None:
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
