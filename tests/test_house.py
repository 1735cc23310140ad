"""The figures of the house keep to their limits: folders, names, importers, heads, test names, dense functions.

A limit may be tightened and never loosened. `python tools/house.py -v` names who is meant.
"""

from __future__ import annotations

import re

import pytest

from tests.support.paths import ROOT
from tools.house import LONG_TEST_NAME, PAGE, VERY_DENSE, House, listed, table

TOP_LEVEL = 16  # files at the top of the package
BIGGEST_FOLDER = 24
BIG_FOLDERS = 7  # folders with over 15 files
ONE_IMPORTER = 0.25  # share of modules with exactly one importer
LONG_TEST_NAMES = 0.05
STALE = 0.1  # how far a figure on the page may be from the code


@pytest.fixture(scope="module")
def house() -> House:
    return House(ROOT)


def test_the_top_level_has_few_files(house: House) -> None:
    assert house.folders["."] <= TOP_LEVEL


def test_folders_stay_small(house: House) -> None:
    assert house.folders.most_common(1)[0][1] <= BIGGEST_FOLDER
    assert sum(size > 15 for size in house.folders.values()) <= BIG_FOLDERS


def test_no_file_name_stands_twice(house: House) -> None:
    assert house.same_file_names == {}


def test_no_public_class_name_stands_twice(house: House) -> None:
    assert house.same_class_names == {}


def test_no_import_goes_in_a_circle(house: House) -> None:
    assert house.cycles == []


def test_few_modules_have_one_importer_only(house: House) -> None:
    assert len(house.one_importer) / len(house.trees) < ONE_IMPORTER


def test_every_head_names_what_the_module_is(house: House) -> None:
    assert house.heads == []


def test_test_names_are_short(house: House) -> None:
    long = [name for name in house.tests if len(name) > LONG_TEST_NAME]
    assert len(long) / len(house.tests) < LONG_TEST_NAMES, long


def test_no_function_gets_denser_than_listed(house: House) -> None:
    allowed = listed(ROOT)
    denser = {who: n for who, n in house.very_dense.items() if n > allowed.get(who, VERY_DENSE)}
    assert denser == {}, f"over {VERY_DENSE} decisions only what tests/cases/dense_functions.csv allows"


def test_the_list_of_dense_functions_shrinks(house: House) -> None:
    simpler = {who: most for who, most in listed(ROOT).items() if house.very_dense.get(who, 0) < most}
    assert simpler == {}, "good: run python tools/house.py --write"


def test_the_figures_on_the_page_are_current_enough(house: House) -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    shown = dict(re.findall(r"^\| (.*) \| (.*) \|$", page, re.MULTILINE))
    stale = {what: value for what, value in table(house) if is_stale(value, shown.get(what, ""))}
    assert stale == {}, "run: python tools/house.py --write"


def is_stale(value: str, shown: str) -> bool:
    """Whether the first number of a figure is far from the one shown."""
    now, then = (re.search(r"[\d,.]*\d", text) for text in (value, shown))
    if now is None or then is None:
        return True
    exact, told = (float(found[0].replace(",", "")) for found in (now, then))
    return abs(exact - told) > max(3.0, STALE * exact)
