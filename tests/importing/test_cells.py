"""What single rows of a list become: second choices, parts of cells, consents, persons and firms, blanks in words."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from tests.support.importing_help import TODAY, applied, incoming, settings, workbook
from tests.support.paths import CASES
from xlcrm.importing import Incoming, plan
from xlcrm.importing.cells import consent, joint_cells, second_choices
from xlcrm.importing.cells.plain_cells import plain, plain_cell
from xlcrm.importing.cells.spreading import spread
from xlcrm.importing.mapping import map_columns
from xlcrm.plan import Plan
from xlcrm.tables import Tables
from xlcrm.values import text_of

TABLE = CASES / "import_rows.csv"


class RowCase(NamedTuple):
    """A list with " // " between its rows and ";" between cells; what its rows become, " // " between checks."""

    kind: str
    country: str
    language: str
    list: str
    expected: str
    why: str


def cases() -> list[RowCase]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [RowCase(**row) for row in csv.DictReader(file)]


def imported(case: RowCase) -> tuple[Tables, Plan]:
    tables = workbook(case.language)
    how = settings(country=case.country, language=case.language)
    done = plan(tables, [incoming(case.list.replace(" // ", "\n"))], settings=how, today=TODAY)
    return applied(tables, done), done


def holds(check: str, frame: pd.DataFrame, done: Plan) -> bool:
    name, sign, wanted = check.partition("=")
    if name.startswith("said:"):
        return any(problem.code == name[5:] for problem in done.problems)
    if name == "rows":
        return len(frame) == int(wanted)
    row, _, column = name.partition(".")
    got = text_of(frame[column].iloc[int(row) - 1]) if column in frame else ""
    return bool(sign) and got == wanted


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.kind}: {case.why[:40]}")
def test_a_row_comes_in_as_it_was_meant(case: RowCase) -> None:
    tables, done = imported(case)
    frame = tables["Clients"].frame
    assert [check for check in case.expected.split(" // ") if not holds(check, frame, done)] == []


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.kind}: {case.why[:40]}")
def test_spreading_loses_no_cell_and_changes_no_input(case: RowCase) -> None:
    one = plain(incoming(case.list.replace(" // ", "\n")))
    before = one.frame.copy()
    done = spread(one, map_columns(one.frame, "Clients"), country=case.country)
    pd.testing.assert_frame_equal(one.frame, before)
    for row in range(len(before)):
        kept = " ".join(text_of(value) for value in done.incoming.frame.iloc[row])
        lost = [
            word for word in " ".join(map(text_of, before.iloc[row])).split() if word.strip(" ,/:()<>-") not in kept
        ]
        assert [word for word in lost if not _said_otherwise(word)] == []


def _said_otherwise(word: str) -> bool:
    """A country's sign is a country's code afterwards, a heading word and an opt-out's yes or no another word."""
    return word.lower() in {"z.hd.", "z.", "hd.", ":::", "/", "-"} or consent.says(word) != "" or "-" in word[:4]


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("50674 Köln", "DE", ("50674", "Köln", "", "")),
        ("CH-8001 Zürich", "DE", ("8001", "Zürich", "", "CH")),
        ("S-958 22 Luleå", "SE", ("958 22", "Luleå", "", "SE")),
        ("1016 BR Amsterdam", "NL", ("1016 BR", "Amsterdam", "", "")),
        ("0150 OSLO", "NO", ("0150", "OSLO", "", "")),
        ("Bristol BS1 4DJ", "GB", ("BS1 4DJ", "Bristol", "", "")),
        ("20123 - Milano (MI)", "IT", ("20123", "Milano", "MI", "")),
        ("75008 PARIS CEDEX 08", "FR", ("75008", "PARIS CEDEX 08", "", "")),
        ("1000-205 Lisboa", "PT", ("1000-205", "Lisboa", "", "")),
        ("Köln", "DE", ("", "", "", "")),
        ("50674", "DE", ("", "", "", "")),
        ("QQ-50674 Köln", "DE", ("", "", "", "")),
    ],
)
def test_postcode_and_town_of_a_cell(text: str, country: str, expected: tuple[str, str, str, str]) -> None:
    assert joint_cells.postcode_and_city(text, country) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("333 5550777 / 059 555010", ["333 5550777", "059 555010"]),
        ("020 7946 0018 ::: 020 7946 0019", ["020 7946 0018", "020 7946 0019"]),
        ("0221/5550112", ["0221/5550112"]),
        ("02 5550101-02", ["02 5550101-02"]),
        ("02 5550101; 02 5550101", ["02 5550101"]),
        ("", []),
    ],
)
def test_several_phones_in_a_cell(text: str, expected: list[str]) -> None:
    assert second_choices.apart(text) == expected


@pytest.mark.parametrize(
    ("text", "figures", "expected"),
    [
        ("'02110", False, "02110"),
        ("’+39 039 555001", False, "+39 039 555001"),
        ("'t Hart", False, "'t Hart"),
        ('="00501"', False, "00501"),
        ("n/a", False, ""),
        ("NA", False, "NA"),
        ("-", False, ""),
        ("-", True, "-"),
        ("0/0/00", False, ""),
        ("12\u00a0345", True, "12 345"),
        ("Keine Angabe", False, ""),
    ],
)
def test_what_a_program_writes_for_nothing(text: str, figures: bool, expected: str) -> None:
    assert plain_cell(text, figures=figures) == expected


def test_a_lost_letter_is_said_and_left() -> None:
    one = plain(Incoming("list.csv", "", pd.DataFrame({"Name": pd.Series(["J\ufffdrg", "Ugo"], dtype="str")})))
    assert [(p.code, p.row, p.column) for p in one.problems] == [("import.lost_letters", 2, "Name")]
    assert one.frame["Name"].tolist() == ["J\ufffdrg", "Ugo"]


def test_consent_words_say_one_thing() -> None:
    path = Path(consent.__file__).parents[2] / "data" / "importing" / "consent_words.csv"
    with path.open(encoding="utf-8", newline="") as file:
        pairs = [(word, row["says"]) for row in csv.DictReader(file) for word in row["words"].split("|")]
    said = {word: consent.says(word) for word, _ in pairs}
    assert [(word, says) for word, says in pairs if said[word] != says] == []
