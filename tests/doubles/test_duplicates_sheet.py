"""What `xlcrm doubles` makes of the sheet Duplicates, and what it leaves as somebody typed it."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from tests.support.dirty_list import as_tables, empty
from tests.support.held_table import HeldTable
from tests.support.paths import CASES
from xlcrm.doubles.duplicates_sheet import plan, summary
from xlcrm.doubles.sheet_blocks import Edge, _Sets
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES, catalogue
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import text_of
from xlcrm.words import choice

SETTINGS, TODAY = Settings(country="IT"), dt.date(2026, 3, 1)
PEOPLE = """
C1|Mario Rossi|m.rossi@example.com|02 5550111|Via Roma 1, 20121 Milano
C2|Rossi Mario|m.rossi@example.com|025550111|Via Roma 1, 20121 Milano
C3|Anna Rossi||025550111|Via Roma 1, 20121 Milano
C4|Luca Verdi|||Via Po 3, 10100 Torino
C5|Luca Verdi|lv@example.com||Via Po 3, 10100 Torino
C6|Mario Rosi||02 5550111|Via Roma 1, 20121 Milano
C7|Greta Holm||0555 0100|Via Etna 7, 95100 Catania
C8|Siv Holm||0555 0100|Via Etna 7, 95100 Catania
"""


def cases() -> list[dict[str, str]]:
    with (CASES / "duplicates_sheet.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def clients(without: str = "") -> pd.DataFrame:
    rows = [line.split("|") for line in PEOPLE.split("\n") if line and not line.startswith(f"{without or '-'}|")]
    return pd.DataFrame(rows, columns=["client_id", "full_name", "email", "phone", "address"], dtype="str")


def tables(sheet: pd.DataFrame | None = None, decisions: str = "", without: str = "", language: str = "en") -> Tables:
    known = pd.DataFrame([decisions.split()] if decisions else [], columns=["client_id", "other_id", "decision"])
    frames = {
        "Clients": clients(without),
        "Duplicates": empty("Duplicates") if sheet is None else sheet,
        "Decisions": known.astype("str"),
    }
    return as_tables(frames, language)


def made(given: Tables, settings: Settings = SETTINGS) -> Plan:
    return plan(given, settings=settings, today=TODAY)


def applied(given: Tables, done: Plan) -> pd.DataFrame:
    """The sheet after a plan."""
    frame = given["Duplicates"].frame.copy()
    for change in done.changes:
        frame.loc[change.after.index, change.column] = change.after
    gone = [part.rows.index for part in done.removed if part.table == "Duplicates"]
    frame = frame.drop(index=gone[0]) if gone else frame
    added = [part.rows for part in done.added if part.table == "Duplicates"]
    return pd.concat([frame, *added], ignore_index=True)


@pytest.fixture(scope="module")
def first() -> pd.DataFrame:
    given = tables()
    return applied(given, made(given))


def blocks(frame: pd.DataFrame) -> dict[int, str]:
    """Number -> "band client client ..."."""
    found: dict[int, str] = {}
    for number, band, client in zip(frame["group"], frame["band"], frame["client_id"], strict=True):
        found[int(number)] = f"{found.get(int(number), choice('band', band))} {client}"
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"][:50])
def test_what_is_shown_what_stays_what_is_remembered(case: dict[str, str], first: pd.DataFrame) -> None:
    sheet = None
    if case["typed"]:
        number, client, word = case["typed"].split(" ", 2)
        sheet = first.copy()
        sheet.loc[(sheet["group"] == int(number)) & (sheet["client_id"] == client), "decision"] = word
    given = tables(sheet, case["decisions"], case["without"])
    before = {name: given[name].frame.copy() for name in given}
    done = made(given)
    after = blocks(applied(given, done))
    kept = dict([case["kept"].split(" ", 1)]) if case["kept"] else {}
    assert {str(n): block.split(" ", 1)[1] for n, block in after.items() if str(n) in kept} == kept
    assert [block for n, block in after.items() if str(n) not in kept] == [
        block.strip() for block in case["blocks"].split(";")
    ]
    moved = [row for part in done.added if part.table == "Decisions" for row in part.rows.to_dict("records")]
    assert [f"{row['client_id']} {row['other_id']} {choice('same', row['decision'])}" for row in moved] == [
        pair for pair in [case["remembered"]] if pair
    ]
    assert all(row["decided_on"] == pd.Timestamp(TODAY) for row in moved)
    for name in given:
        pd.testing.assert_frame_equal(given[name].frame, before[name])


@pytest.mark.parametrize("typed", ["", "same"])
def test_a_second_run_changes_nothing(typed: str, first: pd.DataFrame) -> None:
    sheet = first.copy()
    sheet.loc[0, "decision"] = typed
    assert not made(tables(applied(tables(sheet), made(tables(sheet))))).touches_workbook


def test_the_survivor_stands_first() -> None:
    bought = pd.DataFrame({"invoice": ["1", "2"], "client_id": ["C2", "C2"]})
    given = as_tables({"Clients": clients(), "Purchases": bought, "Duplicates": empty("Duplicates")})
    rows = applied(given, made(given))
    assert rows["client_id"].tolist()[:2] == ["C2", "C1"]
    assert rows["purchases"].tolist()[:2] == [2, 0]


def test_what_a_row_shows_follows_its_client(first: pd.DataFrame) -> None:
    sheet = first.copy()
    sheet.loc[0, "decision"] = "same"
    sheet.loc[1, "email"] = "old@example.com"
    done = made(tables(sheet))
    assert [(c.column, c.after.tolist()) for c in done.changes] == [("email", ["m.rossi@example.com"])]


def test_a_decision_nobody_can_read_is_named(first: pd.DataFrame) -> None:
    sheet = first.copy()
    sheet.loc[0, "decision"] = "boh"
    problem = made(tables(sheet)).problems[0]
    assert (problem.code, problem.row, problem.value) == ("doubles.decision", 2, "boh")


def test_a_sheet_without_the_columns_lists_the_groups() -> None:
    old = pd.DataFrame(columns=["client_id", "other_id", "decision"], dtype="str")
    done = made(as_tables({"Clients": clients(), "Duplicates": old}))
    assert not done.touches_workbook
    assert done.notes[-1][0] == "doubles.old_sheet"
    assert [dict(p.values)["ids"] for p in done.problems] == ["C1, C2", "C1, C6", "C4, C5"]
    assert "C1, C2" in done.problems[0].sentence("nb")


@pytest.mark.parametrize("language", LANGUAGES)
def test_reasons_are_in_the_words_of_the_workbook(language: str) -> None:
    given = tables(language=language)
    sheet = applied(given, made(given, Settings(country="IT", language=language)))
    headers = given["Clients"].headers
    assert headers["email"] in sheet["agrees"][1]
    anna = sheet["differs"][sheet["client_id"] == "C3"].iloc[0]
    assert catalogue()["double.level.two_names"][language] in anna
    assert catalogue()["double.relation.family"][language] in anna


def test_the_check_counts_groups_that_nobody_decided(first: pd.DataFrame) -> None:
    line = summary(tables(), SETTINGS)[0]
    assert dict(line.values) == {"surely": "1", "perhaps": "2"}
    sheet = first.copy()
    sheet.loc[sheet["band"] == "perhaps", "decision"] = "different"
    assert dict(summary(tables(sheet), SETTINGS)[0].values) == {"surely": "1", "perhaps": "0"}
    sheet.loc[0, "decision"] = "same"
    assert summary(tables(sheet), SETTINGS) == []


def with_beside(given: Tables, held: HeldTable) -> Tables:
    """The tables with what is kept of the clients."""
    beside = replace(held.beside, frame=given["Clients"].frame)
    others = (given[name] for name in given if name != "Clients")
    return Tables.of(replace(given["Clients"], beside=beside), *others)


KEPT = [
    ({}, True, "the same clients"),
    ({"turnover": "9"}, True, "a column that doesn't matter"),
    ({"email": "mario@example.com"}, False, "a cell that does"),
    ({"country": "NO"}, False, "another country in the list"),
]


@pytest.mark.parametrize(("cells", "taken", "why"), KEPT, ids=[why for *_, why in KEPT])
def test_pairs_that_were_kept_are_of_the_same_cells(cells: dict[str, str], taken: bool, why: str) -> None:
    held = HeldTable(clients(), "Clients")
    first = summary(with_beside(tables(), held), SETTINGS)
    assert first == summary(with_beside(tables(), held), SETTINGS) == summary(tables(), SETTINGS)
    assert held.puts == 1
    given = tables()
    other = replace(given["Clients"], frame=given["Clients"].frame.assign(**cells))
    changed = Tables.of(other, *(given[name] for name in given if name != "Clients"))
    assert summary(with_beside(changed, held), SETTINGS) == summary(changed, SETTINGS)
    assert (held.puts == 1) == taken, why


def test_pairs_that_were_kept_follow_decisions_and_the_firm(first: pd.DataFrame) -> None:
    held = HeldTable(clients(), "Clients")
    summary(with_beside(tables(), held), SETTINGS)
    sheet = first.copy()
    sheet.loc[0, "decision"] = "same"
    for given in (tables(sheet), tables(decisions="C4 C5 different"), tables(decisions="c1 c2 different")):
        assert summary(with_beside(given, held), SETTINGS) == summary(given, SETTINGS)
    assert held.puts == 1
    norway = Settings(country="NO")
    assert summary(with_beside(tables(), held), norway) == summary(tables(), norway)
    assert held.puts == 2


def test_nobody_decided_to_be_two_is_joined_through_a_third() -> None:
    sets = _Sets({"A": 0, "B": 1, "C": 2}, frozenset({frozenset("AB")}))
    for edge in (Edge("A", "C", 9, sure=True, relation=""), Edge("B", "C", 8, sure=True, relation="")):
        sets.join(edge.left, edge.right)
    assert sets.groups() == [("A", "C")]


def test_clients_without_a_number_are_left_out() -> None:
    frame = clients().assign(client_id=["", "C2", "C2", *"DEFGH"])
    rows = made(as_tables({"Clients": frame, "Duplicates": empty("Duplicates")})).added[0].rows
    assert "" not in [text_of(key) for key in rows["client_id"]]
    assert not [members for members in rows.groupby("group")["client_id"].agg(list) if len(set(members)) < 2]


@pytest.mark.parametrize(
    ("pair", "verdict"), [(("c1", "C2"), "surely"), (("C1", "C6"), "perhaps"), (("C1", "C3"), "two")]
)
def test_two_clients_are_explained(pair: tuple[str, str], verdict: str) -> None:
    from xlcrm.doubles.explain_double import as_values, explain_double, told

    found = explain_double(tables(), *pair, country="IT")
    assert found.verdict == verdict
    for language in LANGUAGES:
        lines = told(found, language)
        assert lines[0].startswith("C1 (Mario Rossi)")
        assert len(lines) == len(found.codes) + 3
    assert as_values(found, "en")["reasons"][0]["field"] == "first_name"


@pytest.mark.parametrize("pair", [("C1", "C99"), ("C1", "c1")])
def test_two_other_clients_are_asked_for(pair: tuple[str, str]) -> None:
    from xlcrm.doubles.explain_double import explain_double

    with pytest.raises(CrmError):
        explain_double(tables(), *pair)


def test_every_code_has_its_sentence() -> None:
    from xlcrm.doubles.odds import relations
    from xlcrm.doubles.vetoes import RULES
    from xlcrm.doubles.word_forms import rows_of

    known = catalogue()
    for row in rows_of("comparison_levels"):
        assert f"double.level.{row['kind']}.{row['code']}" in known or f"double.level.{row['code']}" in known
    assert {f"double.relation.{r.name}" for r in relations()[1:]} | {f"double.veto.{r.code}" for r in RULES} <= set(
        known
    )
