"""What a run keeps of a table that it changed is what a reader finds there, or nothing."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.xlsx.test_kept_tables import STYLES, HeldBytes, as_1904, as_numbers, assert_same, with_date_style
from tests.xlsx.test_read_tables import book, edited
from xlcrm.errors import CrmError
from xlcrm.plan import Added, Change, Plan, Removed
from xlcrm.tables import Tables
from xlcrm.xlsx import sheet_scan
from xlcrm.xlsx.reading import kept_tables, read_tables, written_tables
from xlcrm.xlsx.writing import apply_plan

HEADERS = ["client_id", "full_name", "turnover", "birth_date", "rfm", "Shoe"]
ROWS: list[list[Any]] = [
    HEADERS,
    ["C1", "Anna", 5, dt.datetime(1980, 5, 6), "'555", 38],
    ["C2", "Ærø <&>", 0.1, None, "'111", None],
    ["C3", None, None, dt.datetime(1990, 1, 1), None, 41.5],
]


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_tables, "WORTH", 0)
    monkeypatch.setattr(sheet_scan, "_facts", type(sheet_scan._facts)())


def change(tables: Tables, column: str, after: pd.Series[Any]) -> Change:
    before = tables["Clients"].frame[column].loc[after.index]
    return Change("Clients", column, before, after, tables["Clients"].frame["client_id"].loc[after.index])


def kept(path: Path, make: Callable[[Tables], Plan]) -> bool:
    """Whether the table was kept after the plan; then it is also compared with what a reader finds."""
    sheet_scan._facts.clear()
    tables = read_tables.read(path)
    _ = tables["Clients"]
    plan, target, keeper = make(tables), path.with_name("target.xlsx"), HeldBytes()
    apply_plan.apply_plan(path, target, plan, tables)
    written_tables.keep(keeper, path, target, plan, tables)
    sheet_scan._facts.clear()
    cold = read_tables.read(target)["Clients"]
    facts = list(sheet_scan._facts.values())
    sheet_scan._facts.clear()
    again = read_tables.read(target, keeper=keeper)["Clients"]
    assert_same(cold, again)
    if keeper.hits:
        assert [replace(one, style=0) for one in facts] == [replace(one, style=0) for one in sheet_scan._facts.values()]
    return bool(keeper.hits)


def floats(*values: float | None) -> pd.Series[Any]:
    return pd.Series(values, dtype="float64")


def texts(*values: str) -> pd.Series[Any]:
    return pd.Series(values, dtype="str")


def days(*values: str | None) -> pd.Series[Any]:
    return pd.Series([*values], dtype="datetime64[us]")


# why -> column, its values (from the first row on), whether the table is kept
VALUES: dict[str, tuple[str, pd.Series[Any], bool]] = {
    "numbers": ("turnover", floats(1, 0.1, 1e300), True),
    "a blank and nought below nothing": ("turnover", floats(None, -0.0, 5e-324), True),
    "a number without end": ("turnover", pd.Series([1, "abt 7", 3], dtype=object), False),
    "days": ("birth_date", days("2024-02-29", None, "9999-12-30"), True),
    "a day with a time": ("birth_date", days("2024-02-29 12:30", None, None), False),
    "a day that one calendar lacks": ("birth_date", days("1903-12-31", None, None), False),
    "texts": ("full_name", texts("Łódź & <Søn>", "007", ""), True),
    "formulas of other programs": ("full_name", texts("=1+1", "+39 02", "@a"), True),
    "a text that reads as an error": ("full_name", texts("#N/A", "b", "c"), False),
    "a line end": ("full_name", texts("a\nb", "b", "c"), False),
    "a carriage return": ("full_name", texts("a\rb", "b", "c"), False),
    "what Excel takes for a sign": ("full_name", texts("a_x000D_b", "b", "c"), False),
    "blanks around": ("full_name", texts(" a", "b ", "c"), False),
    "doubled blanks": ("full_name", texts("a  b", "b", "c"), False),
    "a control character": ("full_name", texts("a\x01b", "b", "c"), False),
    "codes of digits": ("rfm", texts("445"), True),
    "a user's own column": ("Shoe", floats(1, 2, 3), False),
}


@pytest.mark.parametrize("case", VALUES)
def test_what_is_kept_is_what_a_reader_finds(tmp_path: Path, case: str) -> None:
    column, after, sure = VALUES[case]
    path = book(tmp_path / "b.xlsx", ROWS)
    assert kept(path, lambda tables: Plan("test", changes=(change(tables, column, after),))) is sure


def merged(sheet: Any) -> None:
    sheet.merge_cells("H1:I2")


def with_cell(place: str, value: Any) -> Callable[[Any], None]:
    def write(sheet: Any) -> None:
        sheet[place] = value

    return write


def lasting(sheet: Any) -> None:
    sheet["D3"].number_format = "[h]:mm"


# why -> what is done to the sheet before, whether a change of a number is kept then
SHEETS: dict[str, tuple[Callable[[Any], None], bool]] = {
    "merged cells beside it": (merged, True),
    "a note beside it": (with_cell("J9", "a note"), True),
    "a row under it": (with_cell("A5", "C4"), True),
    "a formula somewhere": (with_cell("J9", "=1+1"), False),
    "an error value": (with_cell("F2", "#N/A"), False),
    "texts among the numbers": (with_cell("C3", "abt 7"), False),
    "a time that has passed": (lasting, False),
}


@pytest.mark.parametrize("case", SHEETS)
def test_what_the_sheet_holds_decides(tmp_path: Path, case: str) -> None:
    do, sure = SHEETS[case]
    path = book(tmp_path / "b.xlsx", ROWS, after=do)
    after = floats(7)
    if case == "texts among the numbers":
        after = pd.Series([7.0], dtype=object)
    assert kept(path, lambda tables: Plan("test", changes=(change(tables, "turnover", after),))) is sure


# A text column some of whose cells are no texts: what the reader makes of them may depend on all the others.

STAYING: dict[str, tuple[list[Any], bool]] = {
    "words": (["b", "c"], True),
    "a whole number": (["b", 42], True),
    "a number with digits": (["b", 0.5], False),
    "a day": (["b", dt.datetime(2024, 1, 2)], False),
    "a truth value": (["b", True], False),
    "a time": (["b", dt.time(7, 5)], False),
    "leading noughts": (["b", "'007"], False),
}


@pytest.mark.parametrize("case", STAYING)
def test_what_stays_in_a_column_of_texts_decides(tmp_path: Path, case: str) -> None:
    cells, sure = STAYING[case]
    rows = [["client_id", "full_name"], ["C1", "a"], *([f"C{n}", cell] for n, cell in enumerate(cells, 2))]
    path = book(tmp_path / "b.xlsx", rows)
    assert kept(path, lambda tables: Plan("test", changes=(change(tables, "full_name", texts("new")),))) is sure


def test_rows_that_come_or_go_are_read_by_the_next_run(tmp_path: Path) -> None:
    one = floats(7)
    path = book(tmp_path / "b.xlsx", ROWS)
    added = Added("Clients", pd.DataFrame({"client_id": ["C9"]}))
    assert not kept(path, lambda tables: Plan("test", changes=(change(tables, "turnover", one),), added=(added,)))

    def without_last(tables: Tables) -> Plan:
        return Plan(
            "test",
            changes=(change(tables, "turnover", one),),
            removed=(Removed("Clients", tables["Clients"].frame.iloc[2:]),),
        )

    assert not kept(path, without_last)


def test_a_workbook_that_counts_from_1904_keeps_nothing(tmp_path: Path) -> None:
    path = edited(book(tmp_path / "b.xlsx", ROWS), "xl/workbook.xml", as_1904)
    assert not kept(path, lambda tables: Plan("test", changes=(change(tables, "turnover", floats(7)),)))


def test_a_workbook_without_styles_for_days_keeps_nothing(tmp_path: Path) -> None:
    rows = [row[:3] for row in ROWS]
    path = edited(book(tmp_path / "b.xlsx", rows), STYLES, lambda text: text.replace("cellXfs", "cellXfz"))
    assert not kept(path, lambda tables: Plan("test", changes=(change(tables, "turnover", floats(7)),)))


@pytest.mark.parametrize(("edit", "holds"), [(with_date_style, True), (as_numbers, False)], ids=["added", "changed"])
def test_only_styles_that_cells_may_name_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: Callable[[str], str], holds: bool
) -> None:
    path, target, keeper = book(tmp_path / "b.xlsx", ROWS), tmp_path / "target.xlsx", HeldBytes()
    tables = read_tables.read(path)
    plan = Plan("test", changes=(change(tables, "turnover", floats(7)),))
    apply_plan.apply_plan(path, target, plan, tables)
    edited(target, STYLES, lambda text: f"{text}\n")  # packed as the next edit packs it
    written_tables.keep(keeper, path, target, plan, tables)
    cold = read_tables.read(edited(target, STYLES, edit))["Clients"]
    kept_again = HeldBytes(dict(keeper.held))
    monkeypatch.setattr(kept_again, "put", lambda *given: kept_again.held.clear())
    assert_same(cold, read_tables.read(target, keeper=kept_again)["Clients"])
    assert bool(kept_again.held) is holds  # else the sheet was read, and kept anew


# Random tables and random changes: cells of every kind, old and new.

ODD: list[Any] = [
    "",
    "a",
    "Ø b",
    "007",
    "12",
    "true",
    "#N/A",
    "a\nb",
    "=1",
    "0.5",
    "1e5",
    "x" * 40,
    "_x0041_",
    " c",
    "İ",
]


def random_table(path: Path, chance: random.Random) -> Path:
    """Clients with columns that are mostly clean."""
    makers: dict[str, Callable[[], Any]] = {
        "full_name": lambda: chance.choice(["Anna", "Bo", None, "Li & Co"]),
        "turnover": lambda: chance.choice([None, 1, 2.5, chance.random(), chance.randrange(10**9)]),
        "birth_date": lambda: chance.choice([None, dt.datetime(1950, 1, 1) + dt.timedelta(chance.randrange(30_000))]),
        "rfm": lambda: chance.choice([None, f"'{chance.randrange(111, 555)}"]),
    }
    height, odd = chance.randrange(2, 12), chance.random() < 0.3
    rows = [["client_id", *makers], *([f"C{n}", *(make() for make in makers.values())] for n in range(height))]
    if odd:
        cell = chance.choice([*ODD, 3, 0.5, True, dt.datetime(2024, 1, 2, 3, 4), dt.time(3)])
        rows[chance.randrange(1, height + 1)][chance.randrange(1, 5)] = cell or None
    return book(path, rows)


def random_change(tables: Tables, chance: random.Random) -> Plan:
    """New values of the columns' own kinds, now and then an odd one."""
    frame, changes = tables["Clients"].frame, []
    for column in chance.sample([*frame.columns[1:]], chance.randrange(1, 5)):
        index = sorted(chance.sample(range(len(frame)), chance.randrange(1, len(frame) + 1)))
        before = frame[column].loc[index]
        if before.dtype == "float64":
            cells: list[Any] = [chance.choice([None, 1.0, chance.random() * 1e6, 1e20]) for _ in index]
        elif before.dtype == "datetime64[us]":
            cells = [pd.Timestamp(1950, 1, 1) + pd.Timedelta(days=chance.randrange(40_000)) for _ in index]
        else:
            cells = [
                chance.choice(["Anna", "Ø", "", "231", *([chance.choice(ODD)] if chance.random() < 0.1 else [])])
                for _ in index
            ]
        after = pd.Series(cells, index=index, dtype=before.dtype)
        changes.append(Change("Clients", column, before, after, frame["client_id"].loc[index]))
    return Plan("test", changes=tuple(changes))


def kept_at_random(folder: Path, seed: int) -> bool:
    """`kept` of a random table and change; a plan that is refused keeps nothing."""
    chance = random.Random(seed)
    path = random_table(folder / "random.xlsx", chance)
    with suppress(CrmError):
        return kept(path, lambda tables: random_change(tables, chance))
    return False


def test_random_tables_are_kept_as_they_are_read(tmp_path: Path) -> None:
    assert sum(kept_at_random(tmp_path, seed) for seed in range(25)) > 8
