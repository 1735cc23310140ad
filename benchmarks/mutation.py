"""Mutation testing: small faults planted in the modules that keep data, and how many of them the tests notice.

Each mutant runs in a child of its own, in memory: no file of the program is changed. The tests of its topic are asked
until one fails.
"""

from __future__ import annotations

import importlib.util
import os
import random
import shutil
import signal
import sys
import time
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from benchmarks.resumable import Proof
from tests.support.mutants import mutant, sites
from tests.support.paths import ROOT

RIGHT = frozenset({"killed", "none left"})
TOPICS = {
    "run.py": ("tests/test_losing_data.py", "tests/backups/test_restore.py", "tests/cli/test_commands.py"),
    "backups/store.py": ("tests/backups/test_store.py", "tests/backups/test_equal_backups.py"),
    "backups/journal_file.py": ("tests/undo/test_journal.py", "tests/backups/test_restore.py"),
    "backups/checksums.py": ("tests/backups/test_store.py",),
    "undo/journal.py": ("tests/undo/test_journal.py", "tests/backups/test_restore.py"),
    "undo/undo.py": ("tests/undo/test_undo.py", "tests/undo/test_random_undo.py"),
    "files/replace.py": ("tests/files/test_replace.py",),
    "files/durable.py": ("tests/files/test_replace.py", "tests/undo/test_journal.py", "tests/backups/test_store.py"),
}
PATIENCE = 600.0  # seconds for the tests of one mutant, on a busy computer


class _Planted(MetaPathFinder, Loader):
    """Gives one module of the program another source."""

    def __init__(self, name: str, path: Path, source: str) -> None:
        self.name, self.path, self.source = name, path, source

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, str(self.path), "exec"), module.__dict__)


class Mutants:
    """The mutants of one module, in an order in which any beginning is a fair sample."""

    def __init__(self, topic: str, work: Path) -> None:
        self.topic, self.work = topic, work
        self.path = ROOT / "xlcrm" / topic
        self.source = self.path.read_text(encoding="utf-8")
        self.sites = sites(self.source)
        random.Random(topic).shuffle(self.sites)
        if not self._passes(self.source):
            raise RuntimeError(f"the tests of {topic} fail without any mutant, or take over {PATIENCE} seconds")

    def trial(self, number: int) -> str:
        """killed, or what survived; "none left" after the last."""
        if number >= len(self.sites):
            return "none left"
        one = mutant(self.source, self.sites[number])
        return f"survived: {self.topic} {one}" if self._passes(one.source) else "killed"

    def _passes(self, source: str) -> bool:
        """Whether the tests of the topic pass, in time, with that source in the module's place."""
        shutil.rmtree(self.work, ignore_errors=True)
        name = "xlcrm." + self.topic.removesuffix(".py").replace("/", ".")
        number = os.fork()
        if number == 0:
            os.setsid()
            _child(_Planted(name, self.path, source), TOPICS[self.topic], self.work)
        return _waited(number) == 0


def _waited(number: int) -> int | None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(number, os.WNOHANG)
        if done:
            return status
        time.sleep(0.05)
    os.killpg(number, signal.SIGKILL)
    os.waitpid(number, 0)
    return None


def _child(planted: _Planted, tests: tuple[str, ...], work: Path) -> None:
    """The tests in this process, which ends here."""
    import pytest

    quiet = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(quiet, descriptor)
    os.chdir(ROOT)
    for module in [known for known in sys.modules if known.split(".")[0] in ("xlcrm", "tests", "benchmarks")]:
        del sys.modules[module]
    sys.meta_path.insert(0, planted)
    code = 1
    try:
        words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-p", "no:randomly"]
        code = int(pytest.main([*words, f"--basetemp={work}", *tests]))
    finally:
        os._exit(0 if code == 0 else 1)


def proofs(folder: Path) -> list[Proof]:
    """One for each module."""
    work = folder / "work"
    return [Proof(topic, RIGHT, lambda topic=topic: Mutants(topic, work).trial) for topic in TOPICS]  # type: ignore[misc]
