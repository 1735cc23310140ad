"""Two commands on one workbook at once, interleaved at their file calls, and judged against doing them in turn."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.fault_states import NAME, call
from benchmarks.power_cut import Cells, cells, last_run
from benchmarks.resumable import Proof
from benchmarks.small_book import MERGE, prepared
from tests.support.interleave import Runner
from xlcrm.backups.store import Store
from xlcrm.backups.verify import verify

# on the folder as it is after two lists were imported, as runs 1 and 2
PAIRS = {
    "import, import": (["import", "{book}", "{folder}/third.csv"], ["import", "{book}", "{folder}/fourth.csv"]),
    "import, split": (["import", "{book}", "{folder}/third.csv"], ["split", "{book}"]),
    "check, split": (["check", "{book}"], ["split", "{book}"]),
    "undo, import": (["undo", "{book}", "2"], ["import", "{book}", "{folder}/third.csv"]),
    "undo, undo": (["undo", "{book}", "2"], ["undo", "{book}", "2"]),
    "restore, import": (["restore", "{book}", "{oldest}"], ["import", "{book}", "{folder}/third.csv"]),
    "merge, merge": (MERGE, MERGE),
    "merge, split": (MERGE, ["split", "{book}"]),
}
FALSE = ("damaged", "foresee", "Traceback", "unexpected")
RIGHT = frozenset({"both done", "one refused", "both refused"})


class Pair:
    """Two commands on the folder `state`; `scratch` is where they run."""

    def __init__(self, state: Path, words: tuple[list[str], list[str]], scratch: Path) -> None:
        self.state, self.scratch = state, scratch
        self.folder = scratch / "both"
        self.book = self.folder / NAME
        self._reset()
        oldest = Store(self.book).backups()[0].name
        self.words = [[word.replace("{oldest}", oldest) for word in one] for one in words]
        self.old = cells(self.book)
        self.serial: dict[tuple[int, ...], Cells] = {(): self.old}
        for order in ((0,), (1,), (0, 1), (1, 0)):
            self._reset()
            for which in order:
                call(self.words[which], self.folder)
            self.serial[order] = cells(self.book)
        self.runs = last_run_in(self.state)
        self.lengths = [self._length(which) for which in (0, 1)]

    def _reset(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.state, self.folder)

    def _start(self, which: int, wait: float) -> Runner:
        self._said(which).unlink(missing_ok=True)
        return Runner(
            partial(_reported, self.words[which], self.folder, self._said(which)), str(self.folder), wait=wait
        )

    def _said(self, which: int) -> Path:
        return self.scratch / f"said {which}.json"

    def _length(self, which: int) -> int:
        self._reset()
        runner = self._start(which, 1.0)
        runner.finish()
        return runner.steps

    def trial(self, number: int) -> str:
        """Even: one stops at a call, the other runs whole, the first goes on. Odd: they take turns of random length."""
        self._reset()
        if number % 2:
            self._turns(random.Random(number))
        else:
            first = number // 2 % 2
            self._stopped(first, self._spread(number // 4, self.lengths[first]))
        return self.verdict(deep=number % 5 == 0)

    @staticmethod
    def _spread(number: int, length: int) -> int:
        """Points all over a run, none twice before all were there."""
        return (number * 61) % length if length % 61 else number % length

    def _stopped(self, first: int, at: int) -> None:
        one, other = self._start(first, 20.0), None
        one.step(at)
        other = self._start(1 - first, 0.02)
        other.finish()
        one.finish()

    def _turns(self, chance: random.Random) -> None:
        both = [self._start(which, 20.0) for which in (0, 1)]
        length = chance.choice((2, 10, 60))
        while any(runner.running for runner in both):
            chance.choice([runner for runner in both if runner.running]).step(chance.randrange(1, 2 * length))

    def verdict(self, *, deep: bool) -> str:
        """both done, one refused, both refused, or what is wrong. `deep`: every run is taken back, too."""
        if not all(self._said(which).exists() for which in (0, 1)):
            return "NO ANSWER"
        answers = [json.loads(self._said(which).read_text()) for which in (0, 1)]
        done = tuple(which for which in (0, 1) if answers[which][0] in (0, 1))
        now = cells(self.book)
        if not any(now == self.serial[order] for order in {done, done[::-1]}):
            return f"NEITHER ORDER: {answers}"
        if wrong := [said for _, said in answers if any(word in said for word in FALSE)]:
            return f"FALSE SENTENCE: {wrong}"
        codes = {problem.code for problem in verify(Store(self.book))}
        if codes:
            return f"BACKUPS: {', '.join(sorted(codes))}"
        if strays := [path.name for path in self.folder.rglob(".~xlcrm-*")]:
            return f"STRAYS: {strays}"
        if deep and (fault := self._taken_back()):
            return fault
        return ("both refused", "one refused", "both done")[len(done)]

    def _taken_back(self) -> str:
        """What is wrong when the runs that are done are taken back, the last first."""
        for number in range(last_run(self.book), self.runs, -1):
            if Store(self.book).journal.entry(number).state == "failed":
                continue
            code, said = call(["undo", "{book}", str(number)], self.folder)
            if code:
                return f"UNDO {number}: {said}"
        return "" if cells(self.book) == self.old else "UNDO: not as before"


def proofs(folder: Path) -> list[Proof]:
    """One for each pair."""

    def trial(pair: str) -> Callable[[int], str]:
        scratch = folder / pair
        return Pair(prepared(scratch / "state"), PAIRS[pair], scratch).trial

    return [Proof(pair, RIGHT, partial(trial, pair)) for pair in PAIRS]


def last_run_in(folder: Path) -> int:
    return last_run(folder / NAME)


def _reported(words: list[str], folder: Path, said: Path) -> None:
    said.write_text(json.dumps(call(words, folder)))
