"""How many genders are told, and how many of these are right: by name alone, against people whose sex is known.

    python benchmarks/gender.py [--data ../shared/data]

Known are the demo's people (its column Gender), and of `names.csv` in --data those whose title tells it: the title is
held back, and the given names must say the same. The country is the row's; where it has none it is assumed. Titles of
two people ("Minister and Mrs.") tell nobody's sex and are left out.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from xlcrm.addresses.split import split_address
from xlcrm.checks.gender_evidence import gender_of_name
from xlcrm.demo.generate import make
from xlcrm.names import split_name
from xlcrm.salutations.addressee import gender_of_title

TWO = re.compile(r"\b(?:and|und|et|e|y|og)\b|&|mr\.? mrs", re.IGNORECASE)
Known = tuple[str, str, str]  # first names, country, sex


def of_demo() -> Iterator[Known]:
    clients = make(dt.date(2026, 11, 28)).clients.lstrip("\ufeff")
    for row in csv.DictReader(io.StringIO(clients), delimiter=";"):
        country = split_address(row["Address"], country="").country or "it"
        name = split_name(row["Name"], country=country.upper())
        if row["Gender"] and name.sure:
            yield f"{name.first_name} {name.middle_name}".strip(), country, row["Gender"]


def of_names(data: Path) -> Iterator[Known]:
    with (data / "names.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sex = gender_of_title(row["title"], "en") if row["title"] else ""
            if sex and row["first"] and row["kind"] == "person" and not TWO.search(row["title"]):
                yield f"{row['first']} {row['middle']}".strip(), row["country"] or "US", sex


def measured(name: str, known: Iterable[Known]) -> None:
    counts: Counter[str] = Counter()
    for first, country, sex in known:
        told = gender_of_name(first, country)
        counts["right" if told == sex else "wrong" if told else "blank"] += 1
        if told not in ("", sex):
            print("  wrong:", first, country, "is", sex)
    told_all = counts["right"] + counts["wrong"]
    share = 100 * counts["right"] / told_all if told_all else 0.0
    print(f"{name}: {sum(counts.values())} people, {told_all} told, {share:.1f} % of these right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    data = parser.parse_args().data
    measured("demo", of_demo())
    if data:
        measured("names.csv", of_names(data))


if __name__ == "__main__":
    main()
