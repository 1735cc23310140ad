"""States that a kill leaves: the folder at each call that changes the disk, copied while a command runs once.

A process that is killed leaves what it wrote so far: the system keeps it. So nobody has to be killed to see what a kill
at each call leaves, and what is equal but for temporary files is kept once. Of a write to a file that is no temporary
one half is there.
"""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.faults import Faults, injected

_TEMPORARY = ".~xlcrm-"


@dataclass
class KillState:
    """A folder as kills at these calls (from 1) leave it: the call's name and the copy."""

    calls: list[int]
    name: str
    folder: Path


class _Watch(Faults):
    """Keeps what is there before each call."""

    def __init__(self, folder: Path, keep: Path) -> None:
        super().__init__()
        self.folder, self.keep = folder, keep
        self.states: dict[str, KillState] = {}
        self.looks = False

    def hit(self, name: str, file: Any = None, data: Any = b"") -> bool:
        if not self.looks:  # to copy a folder asks the disk, too
            self.looks = True
            super().hit(name, file, data)
            self._look(name, file, data)
            self.looks = False
        return False

    def _look(self, name: str, file: Any, data: Any) -> None:
        torn = _opened(file)
        if torn and isinstance(file, io.IOBase):
            file.flush()
        half = bytes(data[: len(data) // 2]) if torn and not isinstance(data, str) else b""
        found = self._fingerprint(half)
        if found not in self.states:
            copy = self.keep / f"{len(self.calls):05}"
            shutil.copytree(self.folder, copy)
            if torn:
                with (copy / torn.relative_to(self.folder)).open("ab") as ended:
                    ended.write(half)
            self.states[found] = KillState([], name, copy)
        self.states[found].calls.append(len(self.calls))

    def _fingerprint(self, half: bytes) -> str:
        """What tells states apart: all files but temporary ones, whether there are such, and the half of a write."""
        digest, strays = hashlib.sha256(half), False
        for path in sorted(self.folder.rglob("*")):
            if _TEMPORARY in path.name:
                strays = True
            else:
                digest.update(f"\0{path.relative_to(self.folder)}\0".encode())
                digest.update(path.read_bytes() if path.is_file() else b"")
        return f"{digest.hexdigest()} {strays}"


def _opened(file: Any) -> Path | None:
    """The file of a write, None where it is a temporary one, which nobody reads, or none that has a name."""
    if file is None:
        return None
    name = str(Path(f"/proc/self/fd/{file}").readlink()) if isinstance(file, int) else getattr(file, "name", "")
    return Path(name) if isinstance(name, str) and name and _TEMPORARY not in Path(name).name else None


def kill_states(work: Callable[[], object], folder: Path, keep: Path) -> tuple[list[KillState], int]:
    """The states of `folder` while `work` runs once, in the order of their first calls, and how many calls there were.

    keep  an empty folder for the copies
    """
    watch = _Watch(folder, keep)
    with injected(under=str(folder), faults=watch):
        work()
    return list(watch.states.values()), len(watch.calls)
