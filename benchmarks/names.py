"""How fast a column of names is split beside nameparser, on the same list in the same run, one core each.

    python benchmarks/names.py [rows]

The list is made up from the words of our own name lists: plain names, titles, middle names and initials, suffixes,
"Last, First", capitals. nameparser is asked for the given and the family name of each row, as `split_names` gives them.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial

import pandas as pd
from nameparser import HumanName

from xlcrm.names import split_names
from xlcrm.names.knowledge import counts, known_names

ROUNDS = 7


def made_up(rows: int, letter: str) -> pd.Series[str]:
    """`rows` names of people of one language; nine in ten are two or three plain words, as in a client list."""
    chance = random.Random(7)
    known = [(name, counts(name).get(letter, (0, 0))) for name in known_names() if " " not in name]
    given = [name.title() for name, (g, f) in known if g > 1 and not f]
    family = [name.title() for name, (g, f) in known if f > 1 and not g]
    found = []
    for _ in range(rows):
        first, second, last = chance.choice(given), chance.choice(given), chance.choice(family)
        shapes = [f"{first} {last}"] * 12 + [f"{first} {second} {last}"] * 4 + [f"{first} {second[0]}. {last}"] * 2
        shapes += [f"Dr. {first} {last}", f"{last}, {first}", f"{first} {last} Jr.", f"{first} {last}".upper()]
        found.append(chance.choice(shapes))
    return pd.Series(found)


def seconds(*calls: Callable[[], object]) -> list[float]:
    """Processor seconds of each call, the best of several rounds in turn, so that a busy machine is fair to all."""
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for i, call in enumerate(calls):
            start = time.process_time()
            call()
            best[i] = min(best[i], time.process_time() - start)
    return best


def with_nameparser(names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name.first, name.last) for name in map(HumanName, names)]


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for country, letter in (("US", "u"), ("IT", "i")):
        names = made_up(rows, letter)
        split_names(names.head(10), country=country)  # reads the lists
        theirs, ours = seconds(
            partial(with_nameparser, names),
            partial(split_names, names, country=country),
        )
        print(
            f"{country}: nameparser {rows / theirs:8.0f} names/s, xlcrm {rows / ours:8.0f} names/s, "
            f"{theirs / ours:.1f} times as fast"
        )
    for rows in (10_000, 100_000):
        names = made_up(rows, "i")
        (took,) = seconds(partial(split_names, names, country="IT"))
        print(f"{rows} rows: {1e6 * took / rows:.1f} µs a name")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
