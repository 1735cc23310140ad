"""A real file system full to the last block: commands on a small one of memory (tmpfs), which root may mount."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.fault_states import NAME, call
from benchmarks.power_cut import cells
from benchmarks.resumable import Proof
from benchmarks.small_book import COMMANDS, prepared
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify

RIGHT = frozenset({"refused, old", "done, new"})
BLOCK = 4096


def mounted(folder: Path, size: int) -> bool:
    """Mount a file system of `size` bytes there; False where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def unmounted(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


class Full:
    """One command on the folder `state`, run on a file system with less and less room, none to more than enough."""

    def __init__(self, state: Path, words: list[str], scratch: Path) -> None:
        self.state, self.words, self.scratch = state, words, scratch
        self.folder = scratch / "disk"
        self.book = self.folder / NAME
        used = sum(-(-path.stat().st_size // BLOCK) * BLOCK for path in state.rglob("*") if path.is_file())
        self.size = used + 700_000
        with _Disk(self):
            self.old = self.book.read_bytes()
            free = shutil.disk_usage(self.folder).free
            code, said = call(words, self.folder)
            assert code in (0, 1), said
            self.cells = cells(self.book)
            left = shutil.disk_usage(self.folder).free
        # while it runs it needs room for the backup and for both workbooks, the old and the new one
        self.most = free - left + 2 * len(self.old)

    def trial(self, number: int) -> str:
        """So many blocks free; the low ones are tried one by one, then any number."""
        most = self.most // BLOCK + 2
        blocks = number if number < most else random.Random(number).randrange(most)
        with _Disk(self):
            _fill(self.folder / "filler", blocks)
            code, said = call(self.words, self.folder)
            (self.folder / "filler").unlink()
            return self.verdict(code, said)

    def verdict(self, code: int, said: str) -> str:
        """refused, old; done, new; or what is wrong. With room again, the same command must do its work."""
        now = self.book.read_bytes()
        which = "old" if now == self.old else "new" if cells(self.book) == self.cells else "TORN"
        outcome = f"{'refused' if code == 2 else 'done'}, {which}"
        codes = {problem.code for problem in verify(Store(self.book))} - {"backup.unlisted"}
        if codes or outcome not in RIGHT or "Traceback" in said:
            return f"{outcome} {sorted(codes)}: {said[-300:]}"
        if which == "old":
            code, said = call(self.words, self.folder)
            if code not in (0, 1) or cells(self.book) != self.cells:
                return f"LATER: exit {code}, {said[-300:]}"
        return outcome


class _Disk:
    """The small file system with the folder's files on it, for a block."""

    def __init__(self, full: Full) -> None:
        self.full = full

    def __enter__(self) -> None:
        if not mounted(self.full.folder, self.full.size):
            raise RuntimeError("no file system may be mounted here")
        shutil.copytree(self.full.state, self.full.folder, dirs_exist_ok=True)

    def __exit__(self, *_: object) -> None:
        unmounted(self.full.folder)


def _fill(filler: Path, blocks: int) -> None:
    """Fill the file system but for so many blocks."""
    with filler.open("wb", buffering=0) as file:
        free = shutil.disk_usage(filler.parent).free
        for _ in range(free // BLOCK - blocks):
            file.write(b"x" * BLOCK)


def proofs(folder: Path) -> list[Proof]:
    """One for each command."""

    def trial(command: str) -> Callable[[int], str]:
        scratch, (runs, words) = folder / command, COMMANDS[command]
        return Full(prepared(scratch / "state", runs), words, scratch).trial

    return [Proof(command, RIGHT, partial(trial, command)) for command in COMMANDS]
