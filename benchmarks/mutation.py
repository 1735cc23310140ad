"""Mutation testing: small faults planted in the modules that keep data, and how many of them the tests notice.

First all tests run once, each with its time and the lines that it reaches. Then each mutant is planted in a child
process, in memory, and the tests that reach its line are run, the quick ones first, until one fails.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from _pytest.config import _prepareconfig
from _pytest.main import Session
from _pytest.runner import runtestprotocol

from benchmarks.resumable import Proof
from tests.support.mutants import Mutant, mutant, plant, sites
from tests.support.paths import ROOT

RIGHT = frozenset({"killed"})
TOPICS = (
    "run.py",
    "backups/store.py",
    "backups/journal_file.py",
    "backups/checksums.py",
    "undo/journal.py",
    "undo/undo.py",
    "files/replace.py",
    "files/durable.py",
)
TESTS = ("tests/backups", "tests/undo", "tests/files", "tests/cli", "tests/upgrading", "tests/test_losing_data.py")
SLOW = 5.0  # seconds; a test that takes longer is no judge of mutants
BUDGET = 60.0  # seconds of tests for one mutant
PATIENCE = 300.0  # seconds until tests count as hanging, on a busy computer


class Learned(NamedTuple):
    """What one test is: its place among all, its file, how long it takes, the lines of each module that it reaches."""

    place: int
    file: str
    seconds: float
    lines: dict[str, list[int]]


class Suite:
    """The tests, collected once; `tests` are those that pass without a mutant and are quick."""

    def __init__(self, folder: Path) -> None:
        os.chdir(ROOT)
        words = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-p", "no:randomly"]
        self.config = _prepareconfig([*words, f"--basetemp={folder / 'work'}", *TESTS])
        self.config._do_configure()
        self.session = Session.from_config(self.config)
        self.config.hook.pytest_sessionstart(session=self.session)
        self.session.perform_collect()
        self.work = folder / "work"
        self.tests = self._learned(folder / "learned.json")

    def _learned(self, told: Path) -> list[Learned]:
        if not told.exists():
            waited(forked(partial(self._learn, told)), 3600.0)
        found = [Learned(*one) for one in json.loads(told.read_text(encoding="utf-8"))]
        return [one for one in found if one.seconds < SLOW]

    def _learn(self, told: Path) -> bool:
        tracer = Tracer()
        found = []
        for place in range(len(self.session.items)):
            tracer.lines = {}
            begun = time.perf_counter()
            sys.settrace(tracer)
            passed = self._run(place, place + 1)
            sys.settrace(None)
            if passed and tracer.lines:
                lines = {topic: sorted(reached) for topic, reached in tracer.lines.items()}
                file = self.session.items[place].nodeid.partition("::")[0]
                found.append(Learned(place, file, round(time.perf_counter() - begun, 3), lines))
        told.write_text(json.dumps(found), encoding="utf-8")
        return True

    def _run(self, place: int, after: int | None) -> bool:
        items = self.session.items
        following = items[after] if after is not None and after < len(items) else None
        reports = runtestprotocol(items[place], log=False, nextitem=following)
        return not any(report.failed for report in reports)

    def reaching(self, topic: str, one: Mutant) -> list[int]:
        """The tests that reach a mutant's lines, the cheapest up to the budget, file by file."""
        wanted = set(one.lines)
        tests = sorted((t for t in self.tests if wanted & set(t.lines.get(topic, ()))), key=lambda t: t.seconds)
        chosen, seconds = [], 0.0
        for test in tests:
            seconds += test.seconds
            if seconds < BUDGET:
                chosen.append(test)
        cost: dict[str, float] = {}
        for test in chosen:
            cost[test.file] = cost.get(test.file, 0.0) + test.seconds
        return [test.place for test in sorted(chosen, key=lambda test: (cost[test.file], test.place))]

    def passes(self, topic: str, one: Mutant) -> bool:
        """Whether the tests that reach a mutant pass with it, in time."""
        shutil.rmtree(self.work, ignore_errors=True)
        return waited(forked(partial(self._judged, topic, one)), PATIENCE) == 0

    def _judged(self, topic: str, one: Mutant) -> bool:
        places = self.reaching(topic, one)
        plant(importlib.import_module(module_of(topic)), one.source)
        return all(self._run(place, after) for place, after in zip(places, [*places[1:], None], strict=True))


class Tracer:
    """Notes which lines of the topics run (a function for `sys.settrace`)."""

    def __init__(self) -> None:
        self.lines: dict[str, set[int]] = {}
        self.topics = {str(ROOT / "xlcrm" / topic): topic for topic in TOPICS}

    def __call__(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        topic = self.topics.get(frame.f_code.co_filename)
        if topic is None:
            return None
        if event == "line":
            self.lines.setdefault(topic, set()).add(frame.f_lineno)
        return self


class Mutants:
    """The mutants of one module, in an order in which any beginning is a fair sample."""

    def __init__(self, topic: str, suite: Suite) -> None:
        self.topic, self.suite = topic, suite
        self.source = source_of(topic)
        self.sites = sites(self.source)
        random.Random(topic).shuffle(self.sites)

    def trial(self, number: int) -> str:
        """killed, or what survived."""
        one = mutant(self.source, self.sites[number])
        return f"survived: {self.topic} {one}" if self.suite.passes(self.topic, one) else "killed"


def source_of(topic: str) -> str:
    return (ROOT / "xlcrm" / topic).read_text(encoding="utf-8")


def module_of(topic: str) -> str:
    return "xlcrm." + topic.removesuffix(".py").replace("/", ".")


def forked(work: Callable[[], bool]) -> int:
    """Does `work` in a quiet child process, which ends with 0 where it gives True; the child's number."""
    number = os.fork()
    if number:
        return number
    os.setsid()
    quiet = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    code = 1
    try:
        code = 0 if work() else 1
    finally:
        os._exit(code)


def waited(number: int, patience: float) -> int | None:
    """How a child ended; None where it took too long, and was ended with all that it started."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        done, status = os.waitpid(number, os.WNOHANG)
        if done:
            return status
        time.sleep(0.02)
    os.killpg(number, signal.SIGKILL)
    os.waitpid(number, 0)
    return None


def proofs(folder: Path) -> list[Proof]:
    """One for each module."""
    suite = cache(partial(Suite, folder))

    def row(topic: str) -> Proof:
        return Proof(topic, RIGHT, lambda: Mutants(topic, suite()).trial, len(sites(source_of(topic))))

    return [row(topic) for topic in TOPICS]
