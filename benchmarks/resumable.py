"""A tally of trials that can be stopped and taken up again: a state file keeps how far it is and what was found.

Every proof of docs/proof.md counts with it, so each of them prints the same line: trials, trials an hour, outcomes.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

SAVED_EVERY = 5.0  # seconds


class Proof(NamedTuple):
    """Trials by number that have a right outcome. `make` prepares them, which may take a while.

    most  how many different trials there are; 0 where there is no end of them
    """

    name: str
    right: frozenset[str]
    make: Callable[[], Callable[[int], str]]
    most: int = 0


class Tally:
    """What was counted under one name.

    done     trials so far, which is also the number of the next one (from 0)
    seconds  time they took, over all sittings
    counts   outcomes; those in `right` are as they should be
    wrong    the first outcomes that are not, each with its trial's number
    """

    def __init__(self, name: str, right: frozenset[str], path: Path | None = None) -> None:
        self.name, self.right, self.path = name, right, path
        kept: dict[str, Any] = _load(path).get(name, {})
        self.done: int = kept.get("done", 0)
        self.seconds: float = kept.get("seconds", 0.0)
        self.counts: Counter[str] = Counter(kept.get("counts", {}))
        self.wrong: list[str] = kept.get("wrong", [])

    def run(self, total: int, trial: Callable[[int], str], *, until: float = float("inf")) -> Tally:
        """Trials up to number `total`, or until the clock (`time.time`) says `until`; saved as it goes."""
        saved = begun = time.perf_counter()
        while self.done < total and time.time() < until:
            self.count(trial(self.done))
            now = time.perf_counter()
            self.seconds, begun = self.seconds + now - begun, now
            if now - saved > SAVED_EVERY:
                self.save()
                saved = now
        self.save()
        return self

    def count(self, outcome: str) -> None:
        """One more trial, with its outcome; after a colon stand particulars of a wrong one."""
        kind = outcome.partition(":")[0]
        self.counts[kind] += 1
        if kind not in self.right and len(self.wrong) < 200:
            self.wrong.append(f"{self.done}: {outcome}")
        self.done += 1

    def save(self) -> None:
        """Keep it in the state file, whole or not at all."""
        if self.path is None:
            return
        everything = _load(self.path)
        everything[self.name] = {
            "done": self.done,
            "seconds": round(self.seconds, 1),
            "counts": dict(self.counts),
            "wrong": self.wrong,
        }
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps(everything, indent=1), encoding="utf-8")
        temporary.replace(self.path)

    @property
    def bad(self) -> int:
        """How many outcomes are wrong."""
        return sum(count for kind, count in self.counts.items() if kind not in self.right)

    def __str__(self) -> str:
        hourly = round(3600 * self.done / self.seconds) if self.seconds else 0
        told = ", ".join(f"{kind} {count}" for kind, count in sorted(self.counts.items()))
        return f"{self.name:32}{self.done:7} trials{hourly:9} an hour{self.bad:5} wrong   {told}"


def _load(path: Path | None) -> dict[str, Any]:
    if path is None or not path.exists():
        return {}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept
