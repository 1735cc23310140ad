"""Contact lists imported as firms and people, who is lost and who twice: `python benchmarks/people.py [FOLDER..]`.

A folder holds lists of `tests.support.people_figures.LISTS`; without any, those among the tests' cases are taken.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.people_figures import LISTS, figures  # noqa: E402

CASES = [ROOT / "tests" / "cases" / name for name in ("imports", "people_lists")]


def main(folders: list[Path]) -> int:
    print("list                             firms people  rows  lost twice  second import adds")
    paths = {name: folder / name for folder in folders for name in LISTS if (folder / name).is_file()}
    found = {name: figures(path) for name, path in paths.items()}
    for name, one in found.items():
        told = f"{one.firms:7}{one.people:7}{one.rows:6}{len(one.lost):6}{len(one.twice):6}{one.again:6}"
        print(f"{name:30}{told}", *one.lost, *one.twice)
    lost, twice = (sum(len(getattr(one, name)) for one in found.values()) for name in ("lost", "twice"))
    again = sum(one.again for one in found.values())
    firms, people = (sum(getattr(one, name) for one in found.values()) for name in ("firms", "people"))
    print(f"{len(found)} lists, {firms} firms, {people} people: {lost} lost, {twice} firms twice, {again} added again")
    return int(bool(lost or twice or again))


if __name__ == "__main__":
    sys.exit(main([Path(text) for text in sys.argv[1:]] or CASES))
