"""Addresses are split as the country writes them; nothing typed is lost and nothing makes it fail."""

import csv
from pathlib import Path

import pytest

from xlcrm.addresses import split_address

CASES = Path(__file__).parent / "cases" / "addresses.csv"


def _cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _fields(text: str) -> dict[str, str]:
    parts = (part.split("=", 1) for part in text.split("; "))
    return {name.strip(): value.strip('"') for name, value in parts}


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["why"])
def test_split(case: dict[str, str]) -> None:
    found = split_address(case["raw"].replace("\\n", "\n"), country=case["country"])
    got = {name: value for name, value in found._asdict().items() if isinstance(value, str) and value}
    assert {name: value for name, value in got.items() if name not in ("reason", "other")} == _fields(case["expected"])
