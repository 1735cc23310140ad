"""Makes the n-th thing that a program asks of the disk go wrong, so that every way to fail can be tried in turn."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from xlcrm.files import exchange

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO)
_CALLS = ("fsync", "replace", "rename", "link", "unlink", "remove", "mkdir", "chmod", "utime", "write", "sendfile")


class Faults:
    """Counts what would change the disk; the call number `at` (from 1) fails with `error`. 0: none fails."""

    def __init__(self, at: int = 0, error: int = errno.EIO) -> None:
        self.at = at
        self.error = error
        self.calls: list[str] = []

    def hit(self, name: str, file: Any = None, data: Any = b"") -> bool:
        """One more call; of a write also what is written to: a file, or its number."""
        self.calls.append(name)
        return len(self.calls) == self.at

    def failure(self) -> OSError:
        return OSError(self.error, os.strerror(self.error))


class _File:
    """A file opened for writing, whose writes are counted; the one that fails writes half of its bytes first."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file = file
        self._faults = faults

    def write(self, data: Any) -> Any:
        if self._faults.hit("file.write", self._file, data):
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            raise self._faults.failure()
        return self._file.write(data)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def injected(
    at: int = 0, error: int = errno.EIO, under: str = "", faults: Faults | None = None
) -> Iterator[Faults]:  # fmt: skip
    """Faults for the block, of this process only. Files opened elsewhere than `under` are left alone."""
    faults = faults or Faults(at, error)
    kept = {name: getattr(os, name) for name in _CALLS if hasattr(os, name)}
    kept_open, kept_os_open = io.open, os.open

    def watched(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*arguments: Any, **options: Any) -> Any:
            if name != "fsync" and isinstance(arguments[0], (str, os.PathLike)) and under not in str(arguments[0]):
                return call(*arguments, **options)
            if faults.hit(f"os.{name}", *(arguments[:2] if name == "write" else ())):
                if name == "write":
                    call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                raise faults.failure()
            return call(*arguments, **options)

        return asked

    def opened(file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        writes = any(letter in mode for letter in "wax+") and isinstance(file, (str, os.PathLike))
        if not writes or under not in str(file):
            return kept_open(file, mode, *arguments, **options)
        if faults.hit("open"):
            raise faults.failure()
        return _File(kept_open(file, mode, *arguments, **options), faults)

    def os_opened(path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR) and under in str(path) and faults.hit("os.open"):
            raise faults.failure()
        return kept_os_open(path, flags, *arguments, **options)

    kept_rename = exchange._rename
    try:
        for name, call in kept.items():
            setattr(os, name, watched(name, call))
        exchange._rename = watched("renameat2", kept_rename)
        io.open = opened
        builtins.open = opened
        os.open = os_opened
        yield faults
    finally:
        for name, call in kept.items():
            setattr(os, name, call)
        io.open = kept_open
        builtins.open = kept_open
        os.open = kept_os_open
        exchange._rename = kept_rename
