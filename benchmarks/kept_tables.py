"""Kept tables beside reading the sheet: the same frames, facts and written bytes, over workbooks by anybody.

    python benchmarks/kept_tables.py [FOLDER] [--random 200]     (default ../shared/data/workbooks)

Every workbook of the folder that can be read, and random ones: their tables as the sheet says them, as they are read
and kept, and as they come back. Each workbook then gets the same random plan from both, and from columns filled at once
and cell by cell, and must be the same bytes. Then random cells of random tables are changed, and what the run keeps of
them is held against a reading. Last, random purchases are added up on six days in a row with what earlier days kept:
every figure of clients and of the firm is that of adding them up anew.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.spend.test_kept_totals import totals_kept  # noqa: E402
from tests.xlsx.test_random_sheets import built, random_plan  # noqa: E402
from tests.xlsx.test_written_tables import kept_at_random  # noqa: E402
from xlcrm.backups.table_cache import TableCache  # noqa: E402
from xlcrm.errors import CrmError  # noqa: E402
from xlcrm.tables import Table  # noqa: E402
from xlcrm.xlsx import sheet_scan  # noqa: E402
from xlcrm.xlsx.reading import kept_tables, read_tables  # noqa: E402
from xlcrm.xlsx.writing import apply_plan, blank_columns  # noqa: E402


def read(path: Path, keeper: TableCache | None) -> tuple[dict[str, Table], list[str]]:
    """All tables, and the facts of their sheets; nothing is remembered from before."""
    sheet_scan._facts.clear()
    found = dict(read_tables.read(path, keeper=keeper).items())
    return found, [repr(facts) for _, facts in sorted(sheet_scan._facts.items())]


def same(one: dict[str, Table], other: dict[str, Table]) -> bool:
    try:
        for name, table in one.items():
            pd.testing.assert_frame_equal(table.frame, other[name].frame, check_exact=True)
            below = other[name].below
            assert table.below is not None and below is not None
            pd.testing.assert_frame_equal(table.below, below)
            for what in ("headers", "formulas", "problems", "first_row", "sheet"):
                assert getattr(table, what) == getattr(other[name], what), what
    except AssertionError as difference:
        print(difference)
        return False
    return list(one) == list(other)


def tried(path: Path, folder: Path, count: Counter[str]) -> dict[str, Table]:
    """The tables as they come back, after they were compared."""
    keeper = TableCache(folder, path.name, folder / "folders.txt")
    cold, facts = read(path, None)
    first, _ = read(path, keeper)
    back, again = read(path, keeper)
    count["tables"] += len(cold)
    count["kept"] += len(list(folder.glob(".*.xlcrm-tables")))
    count["different"] += not (same(cold, first) and same(cold, back) and facts == again)
    return back


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT.parent / "shared" / "data" / "workbooks")
    parser.add_argument("--random", type=int, default=200)
    chosen = parser.parse_args()
    kept_tables.WORTH = 0
    count: Counter[str] = Counter()
    for path in sorted(chosen.folder.glob("*.xls[xm]")):
        with tempfile.TemporaryDirectory() as folder:
            try:
                back = tried(path, Path(folder), count)
                count["workbooks"] += 1
                compare(path, back, random.Random(path.name), Path(folder), count)
            except CrmError:
                count["refused"] += 1
    for seed in range(chosen.random):
        with tempfile.TemporaryDirectory() as folder:
            chance = random.Random(seed)
            path = built(Path(folder), chance)
            back = tried(path, Path(folder), count)
            count["random"] += 1
            compare(path, back, chance, Path(folder), count)
    for seed in range(chosen.random):
        with tempfile.TemporaryDirectory() as folder:
            count["changed"] += 1
            try:
                count["kept as changed"] += kept_at_random(Path(folder), seed)
            except AssertionError as difference:
                print(seed, difference)
                count["different"] += 1
    for seed in range(chosen.random):
        count["purchase lists"] += 1
        try:
            count["days from kept totals"] += totals_kept(seed)
        except AssertionError as difference:
            print(seed, difference)
            count["different"] += 1
    print(", ".join(f"{name} {number:,}" for name, number in count.items()))
    return int(bool(count["different"] + count["written otherwise"] + count["cell by cell otherwise"]))


def compare(path: Path, back: dict[str, Table], chance: random.Random, folder: Path, count: Counter[str]) -> None:
    """Write one random plan from what was kept and from a reading, blocks at once and cell by cell: the same bytes."""
    names = [name for name, table in back.items() if len(table.frame) and len(table.frame.columns)]
    if not names:
        return
    plan = random_plan(back[chance.choice(names)], chance, 0)
    first = written(path, plan, back, folder)
    count["plans"] += 1
    count["refused plans"] += isinstance(first, str)
    quick = blank_columns.filled
    blank_columns.filled = lambda *_: None
    try:
        slow = written(path, plan, read(path, None)[0], folder)
    finally:
        blank_columns.filled = quick
    count["written otherwise"] += first != written(path, plan, read(path, None)[0], folder)
    count["cell by cell otherwise"] += first != slow


def written(path: Path, plan: object, tables: dict[str, Table], folder: Path) -> bytes | str:
    """The workbook with the plan in it, or why it was refused."""
    target = folder / "target.xlsx"
    target.unlink(missing_ok=True)
    try:
        apply_plan.apply_plan(path, target, plan, tables)  # type: ignore[arg-type]
        return target.read_bytes() if target.exists() else b""
    except CrmError as refused:
        return refused.key


if __name__ == "__main__":
    sys.exit(main())
