"""FatturaPA files say what tables say that were written before the writer, and keep the rules of SdI."""

from __future__ import annotations

import csv
from collections import defaultdict
from xml.etree import ElementTree

import pytest

from tests.support.einvoice_examples import examples
from tests.support.paths import CASES
from xlcrm.einvoices.fatturapa import write


def _table() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (CASES / "fatturapa.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["case"]].append(row)
    return found


TABLE = _table()


@pytest.mark.parametrize("case", TABLE)
def test_files_say_what_the_table_says(case: str) -> None:
    root = ElementTree.fromstring(write(examples()[case]))
    wrong = []
    for row in TABLE[case]:
        found = root.findall(f".//{row['path']}")
        said = "|".join(one.text or "" for one in found) if found else "-"
        if said != row["expected"]:
            wrong.append((row["path"], said, row["expected"], row["why"]))
    assert wrong == []


def test_a_whole_file_is_as_written_by_hand() -> None:
    assert write(examples()["firm"]) == (CASES / "fatturapa" / "firm.xml").read_bytes()
