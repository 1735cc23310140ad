"""How fast addresses are split, beside usaddress in the same run: `python benchmarks/addresses.py [file.csv]`.

file.csv has the columns raw and country (ISO codes). Without it, invented addresses of seven countries are split.
usaddress knows American addresses only; it is timed on the others as well, since that is what a mixed list would cost.
"""

import csv
import random
import resource
import sys
import time
from collections.abc import Callable
from functools import partial

import pandas as pd
import usaddress

from xlcrm.addresses import split_addresses

SYLLABLES = "al bo cer da el fin gro ha in jo ka lo mi nor ol pa qui ros sta tor ul va wil zan".split()
SHAPES = {
    "IT": "Via {a} {n}/A int. {m}, {code} {b} MI",
    "ES": "C/ {a}, {n}, {m}º B, {code} {b}",
    "NO": "{a}veien {n} B, {short} {b}",
    "FR": "{n} bis rue de {a}, {code} {b}",
    "DE": "{a}straße {n}, {m}. OG, {code} {b}",
    "GB": "Flat {m}, {n} {a} Road, {b}, SW1A 2AA",
    "US": "{n} {a} St Apt {m}, {b}, TX {code}",
}


def invented(size: int) -> list[tuple[str, str]]:
    """Different addresses, the seven countries in turn."""
    draw = random.Random(7)
    countries = list(SHAPES)
    rows = []
    for i in range(size):
        a, b = ("".join(draw.choices(SYLLABLES, k=3)).capitalize() for _ in range(2))
        values = {"a": a, "b": b, "n": draw.randint(1, 300), "m": draw.randint(1, 9)}
        codes = {"code": draw.randint(10000, 99998), "short": draw.randint(1000, 9998)}
        country = countries[i % len(countries)]
        rows.append((SHAPES[country].format(**values, **codes), country))
    return rows


def with_usaddress(raw: list[str]) -> None:
    for text in raw:
        try:
            usaddress.tag(text)
        except usaddress.RepeatedLabelError:
            continue


def rate(run: Callable[[], object], size: int) -> float:
    """Addresses a second of processor time, so that other programs on the machine don't count."""
    start = time.process_time()
    run()
    return size / (time.process_time() - start)


def main() -> None:
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8", newline="") as file:  # noqa: PTH123
            rows = [(row["raw"], row["country"]) for row in csv.DictReader(file)]
    else:
        rows = invented(21_000)
    for name, part in (("all", rows), ("US", [row for row in rows if row[1] == "US"])):
        frame = pd.DataFrame(part, columns=["raw", "country"])
        first = rate(partial(split_addresses, frame.raw, country=frame.country), len(frame))
        again = rate(partial(split_addresses, frame.raw, country=frame.country), len(frame))
        other = rate(partial(with_usaddress, frame.raw.tolist()), len(frame))
        print(
            f"{name}: {len(frame)} addresses; usaddress {other:.0f}/s; xlcrm {first:.0f}/s, second time {again:.0f}/s"
        )
        print(f"{name}: {first / other:.1f} times usaddress, second time {again / other:.1f}")
    print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
