"""Numbers of invoices without gap or double: issues killed at every disk call, two at once, restores, a year's end.

    python benchmarks/document_numbers.py [--issues 500] [--seed 1]

Each issue bills one row of Purchases in a child process that is killed (SIGKILL) at one of its calls that change the
disk, each call in its turn; the same command follows, or another, or an older backup is put back, by command or by
hand. Some are issued by two processes at the same moment. Then every row is on one invoice, numbers run 1..n in both
years, and no number ever stood for two documents. Linux and macOS only: it forks.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.fault_states import NAME, call, child  # noqa: E402
from tests.support.faults import injected  # noqa: E402
from tests.support.invoicing_help import quick_press, workbook  # noqa: E402
from xlcrm.files.durable import sha256_of  # noqa: E402
from xlcrm.issuing import issuing_actions  # noqa: E402
from xlcrm.issuing.numbering import parsed  # noqa: E402
from xlcrm.values import as_text  # noqa: E402
from xlcrm.xlsx.reading import read_tables  # noqa: E402

OLD_YEAR, NEW_YEAR = dt.date(2026, 12, 31), dt.date(2027, 1, 2)


def killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Trial:
    """One workbook through many issues and accidents; `seen` keeps what each number was ever found to stand for."""

    def __init__(self, folder: Path, issues: int, seed: int = 1) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.issues = folder, issues
        self.chance = random.Random(seed)
        self.book = folder / NAME
        self.seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.told: Counter[str] = Counter()
        day = pd.Timestamp(dt.date(2026, 1, 5))
        bought = [
            {"client_id": f"C{n % 2 + 1}", "date": day, "product": f"Item {n}", "quantity": 1.0, "unit_price": n + 0.5}
            for n in range(issues)
        ]
        issuing_actions.document_press = quick_press  # type: ignore[assignment]
        workbook(self.book, bought)
        with injected(under=str(folder)) as counted:
            self.run(["invoice", "{book}", "--rows", "2", "--today", str(OLD_YEAR)])
        self.calls = len(counted.calls)
        self.older: Path | None = None

    def words(self, place: int) -> list[str]:
        """The command that bills the row at a position."""
        today = OLD_YEAR if place < self.issues // 2 else NEW_YEAR
        return ["invoice", "{book}", "--rows", str(place + 2), "--today", str(today)]

    def run(self, words: Sequence[str]) -> int:
        code, said = call(list(words), self.folder)
        assert code in (0, 1), (words, said)
        return code

    def go(self) -> None:
        for place in range(1, self.issues):
            self.issue(place)
            if place % 25 == 24:
                self.set_back(by_hand=place % 50 == 49)
            elif place % 10 == 9:
                self.older = Path(shutil.copy(self.book, self.folder.with_suffix(".older")))
        for place in range(self.issues):  # whatever a restore left open
            self.run(self.words(place))

    def issue(self, place: int) -> None:
        """One issue: killed at a call, or at the same moment as the next one."""
        words = self.words(place)
        if place % 8 == 7:
            both = [child(partial(call, words, self.folder)), child(partial(call, self.words(place), self.folder))]
            for number in both:
                os.waitpid(number, 0)
            self.told["two at once"] += 1
        else:
            at = 1 + (place * 7) % self.calls
            os.waitpid(child(partial(self._killed_at, at, words)), 0)
            self.told["killed"] += 1
        self.look()
        after: list[Callable[[], object]] = [
            lambda: self.run(words),
            lambda: self.run(words),
            lambda: self.run(["refresh", "{book}", "--today", words[-1]]),
            lambda: None,
        ]
        self.chance.choice(after)()
        self.look()

    def _killed_at(self, at: int, words: list[str]) -> None:
        with injected(at, under=str(self.folder)) as faults:
            faults.failure = killed  # type: ignore[assignment, method-assign]
            call(words, self.folder)

    def set_back(self, *, by_hand: bool) -> None:
        """An older state of the workbook comes back."""
        if by_hand and self.older:
            shutil.copy(self.older, self.book)
        else:
            self.run(["restore", "{book}", "4"])
        self.told["set back"] += 1
        self.look()

    def look(self) -> None:
        """What each number stands for now."""
        frame = read_tables.read(self.book)["Documents"].frame
        cells = (as_text(frame[column]) for column in ("number", "buyer", "hash"))
        for number, buyer, mark in zip(*cells, strict=True):
            self.seen[number].add((buyer, mark))

    def faults(self) -> list[str]:
        """What is wrong at the end."""
        tables = read_tables.read(self.book)
        frame = tables["Documents"].frame
        numbers = list(as_text(frame["number"]))
        wrong = [f"double {n}" for n, count in Counter(numbers).items() if count > 1]
        wrong += [f"two documents {n}" for n, found in self.seen.items() if len(found) > 1]
        wrong += [f"lost {n}" for n in self.seen if n not in numbers]
        years: dict[int, list[int]] = defaultdict(list)
        for text in numbers:
            number = parsed(text)
            if number:
                years[number.year].append(number.sequence)
        wrong += [f"gap {y}" for y, given in years.items() if sorted(given) != list(range(1, len(given) + 1))]
        for file, mark in zip(as_text(frame["file"]), as_text(frame["hash"]), strict=True):
            if not (self.folder / file).is_file() or sha256_of(self.folder / file) != mark:
                wrong.append(f"file {file}")
        lines = Counter(as_text(tables["DocumentLines"].frame["purchase"]))
        wrong += [f"line {mark}" for mark, count in lines.items() if count > 1]
        if len(lines) != self.issues:
            wrong.append(f"{len(lines)} lines of {self.issues}")
        wrong += [f"stray {path.name}" for path in self.folder.rglob(".*.issuing")]
        self.told["invoices"] = len(numbers)
        return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xlcrm-numbers-") as folder:
        trial = Trial(Path(folder) / "run", asked.issues, asked.seed)
        trial.go()
        wrong = trial.faults()
    print(f"{asked.issues} rows, {trial.calls} disk calls an issue: {dict(trial.told)}; wrong: {wrong or 0}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
