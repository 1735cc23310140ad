"""Opportunities: history of stages, what a won one changes, their figures, and that a second run rests."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.support.paths import ROOT
from tests.support.pipeline_reckoning import TODAY, Row, differences, random_book, tables_of
from xlcrm.opportunities import deal_tables, stage_history
from xlcrm.opportunities.deal_run import DealRun, deal_run
from xlcrm.opportunities.deals import percent_of, read_deals
from xlcrm.settings import Settings, read_settings
from xlcrm.spend.currencies import NO_RATES
from xlcrm.tables import Table, Tables
from xlcrm.values import text_of

with (ROOT / "tests/cases/stage_history.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


def book(deals: list[Row], history: list[Row] = [], clients: list[Row] = [{"client_id": "C1"}]) -> Tables:  # noqa: B006
    return tables_of({"Clients": clients, "Opportunities": deals, "StageChanges": history})


def run(tables: Tables, language: str = "en") -> DealRun:
    settings = Settings(language=language)
    return deal_run(tables, settings=settings, today=TODAY, currency="EUR", rates=NO_RATES)


def applied(tables: Tables, done: DealRun) -> Tables:
    """The tables with what the run changes and adds."""
    after = []
    for table in tables.values():
        frame = table.frame.astype(object)
        for change in done.changes:
            if change.table == table.name:
                frame.loc[change.after.index, change.column] = change.after.astype(object)
        rows = [part.rows for part in done.added if part.table == table.name]
        after.append(replace(table, frame=pd.concat([frame, *rows], ignore_index=True).astype(object)))
    return Tables.of(*after)


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_what_is_recorded(case: dict[str, str]) -> None:
    told = [one.split() for one in case["history"].split(";") if one]
    history = [{"opportunity": "O1", "stage": stage, "since": day(since)} for stage, since in told]
    row = {"opportunity": "o1 ", "client_id": "C1", "stage": case["stage"]}
    tables = book([{**row, "opened_on": day(case["opened_on"]), "closed_on": day(case["closed_on"])}], history)
    done = run(tables)
    added = [f"{r.stage} {text_of(r.since)}" for part in done.added for r in part.rows.itertuples()]
    assert added == ([case["added"]] if case["added"] else [])
    again = run(applied(tables, done))
    assert again.changes == () and again.added == ()


def test_the_inputs_are_not_touched() -> None:
    tables = tables_of(random_book(5))
    before = {name: table.frame.copy(deep=True) for name, table in tables.items()}
    run(tables)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(tables[name].frame, frame)


def test_a_renamed_deal_keeps_its_history() -> None:
    opened = dt.date(2026, 9, 1)
    old = [{"opportunity": "Old", "stage": "new", "since": opened}]
    done = run(book([{"opportunity": "New name", "client_id": "C1", "stage": "new", "opened_on": opened}], old))
    assert [(c.table, c.column, list(c.after)) for c in done.changes] == [("StageChanges", "opportunity", ["New name"])]
    assert not done.added


def test_two_that_might_be_the_renamed_one_are_new() -> None:
    opened = dt.date(2026, 9, 1)
    old = [{"opportunity": "Old", "stage": "new", "since": opened}]
    rows = [{"opportunity": name, "client_id": "C1", "stage": "new", "opened_on": opened} for name in ("A", "B")]
    done = run(book(rows, old))
    assert not done.changes and [len(part.rows) for part in done.added] == [2]


def test_a_deleted_deal_counts_no_days_and_keeps_its_rows() -> None:
    old = [{"opportunity": "Gone", "stage": "offer", "since": dt.date(2026, 1, 1)}]
    done = run(book([{"opportunity": "O1", "client_id": "C1", "stage": "new"}], old))
    assert not done.changes
    assert done.fed["Pipeline"]["days_longest"].isna().sum() == 6, "only the new one's days"


@pytest.mark.parametrize(
    ("status", "acquired", "after", "language", "why"),
    [
        ("lead", None, ("client", "2026-11-03"), "en", "a lead becomes a client on the day it was won"),
        ("Interessent", None, ("Kunde", "2026-11-03"), "de", "in the workbook's word"),
        ("prospect", dt.date(2020, 1, 1), ("client", "2020-01-01"), "en", "a typed day stays"),
        ("client", None, ("client", ""), "en", "who is a client already gets no day"),
        ("former", None, ("former", ""), "en", "a former one is somebody's decision"),
        ("", None, ("", ""), "en", "no status is left alone"),
    ],
)
def test_what_a_win_makes_of_a_client(
    status: str, acquired: dt.date | None, after: tuple[str, str], language: str, why: str
) -> None:
    clients = [{"client_id": "C1", "status": status, "acquired_on": acquired}]
    deals = [{"opportunity": "O1", "client_id": "c1", "stage": "won", "closed_on": dt.date(2026, 11, 3)}]
    tables = book(deals, clients=clients)
    done = run(tables, language)
    now = applied(tables, done)
    row = now["Clients"].frame.iloc[0]
    assert (text_of(row["status"]), text_of(row["acquired_on"])) == after, why
    assert text_of(done.clients["status"].iloc[0]) == after[0], "the other figures see it at once"


def test_a_win_counts_once() -> None:
    tables = book(
        [{"opportunity": "O1", "client_id": "C1", "stage": "won", "closed_on": dt.date(2026, 11, 3)}],
        [{"opportunity": "O1", "stage": "won", "since": dt.date(2026, 11, 3)}],
        [{"client_id": "C1", "status": "prospect"}],
    )
    assert not run(tables).changes, "somebody made the client a prospect again"


def test_the_day_of_closing_is_filled_and_told() -> None:
    history = [{"opportunity": "O1", "stage": "lost", "since": dt.date(2026, 11, 3)}]
    deals: list[Row] = [{"opportunity": "O1", "client_id": "C1", "stage": "lost"}]
    deals += [{"opportunity": "O2", "client_id": "C1", "stage": "won"}]
    done = run(book(deals, history))
    filled = next(change for change in done.changes if change.column == "closed_on")
    assert [text_of(value) for value in filled.after] == ["2026-11-03", "2026-11-27"]
    assert ("deals.closed", {"n": 2, "names": "O1, O2"}) in done.notes


def test_typed_closing_days_stay_even_unreadable_ones() -> None:
    tables = book([{"opportunity": "O1", "client_id": "C1", "stage": "won"}])
    table = tables["Opportunities"]
    typed = replace(table, frame=table.frame.assign(closed_on=pd.Series(["after Easter"], dtype=object)))
    done = run(Tables.of(tables["Clients"], typed, tables["StageChanges"]))
    assert not [change for change in done.changes if change.column == "closed_on"]


def test_the_bottleneck_is_the_stage_of_the_longest_median() -> None:
    deals, history = [], []
    for number in range(4):
        deals.append({"opportunity": f"O{number}", "client_id": "C1", "stage": "offer", "amount": 100.0})
        history += [
            {"opportunity": f"O{number}", "stage": "new", "since": TODAY - dt.timedelta(days=50 + number)},
            {"opportunity": f"O{number}", "stage": "offer", "since": TODAY - dt.timedelta(days=40)},
        ]
    done = run(book(deals, history))
    assert dict(done.notes)["pipeline.bottleneck"] == {
        "stage": "offer", "days": 40, "longest": 40, "waiting": 4, "amount": "400", "currency": "EUR",
    }  # fmt: skip
    assert "“offer”" in done.fed["Bottleneck"]["sentence"].iloc[0]


def test_two_deals_tell_of_no_bottleneck() -> None:
    rows = [
        {"opportunity": name, "client_id": "C1", "stage": "new", "opened_on": dt.date(2026, 1, 1)}
        for name in ("A", "B")
    ]
    done = run(book(rows))
    assert "pipeline.bottleneck" not in dict(done.notes)
    assert done.fed["Bottleneck"]["sentence"].iloc[0].startswith("There are too few")


def test_an_empty_workbook_has_its_rows_and_says_nothing() -> None:
    done = run(book([]))
    assert (done.changes, done.added, done.notes, done.problems) == ((), (), (), ())
    assert [len(done.fed[name]) for name in ("Pipeline", "PipelineBy", "WinRates", "Forecast")] == [7, 0, 0, 15]


def test_without_the_table_nothing_is_done() -> None:
    tables = Tables.of(book([])["Clients"])
    assert run(tables).fed == {}


def test_columns_that_are_missing_count_as_blank() -> None:
    frame = pd.DataFrame({"opportunity": ["O1", None], "stage": ["new", None]}, dtype=object)
    tables = Tables.of(book([])["Clients"], Table("Opportunities", "Opportunities", frame, {}))
    assert run(tables).fed["Pipeline"]["opportunities"].tolist() == [1, 0, 0, 0, 1, 0, 0]


def test_what_a_figure_leaves_out_is_told() -> None:
    deals: list[Row] = [{"opportunity": "O1", "client_id": "C1", "stage": "sometime", "amount": 5.0}]
    deals += [{"opportunity": "O2", "client_id": "C1", "stage": "new", "amount": 5.0, "currency": "XYZ"}]
    problems = run(book(deals)).problems
    assert [(p.code, p.row) for p in problems] == [("deals.no_stage", 2), ("deals.no_rate", 3)]


@pytest.mark.parametrize(
    ("typed", "share"), [(0.25, 0.25), (25.0, 0.25), (1.0, 1.0), (0.0, 0.0), (100.0, 1.0), (101.0, None), (-0.1, None)]
)
def test_probabilities_as_typed(typed: float, share: float | None) -> None:
    assert percent_of(typed) == share or (share is None and np.isnan(percent_of(typed)))


@pytest.mark.parametrize(
    ("typed", "chance"),
    [("25", 25.0), ("12,5", 12.5), ("30 %", 30.0), (0.4, 40.0), ("130", 10.0), ("often", 10.0), (0, 0.0), (100, 100.0)],
)
def test_the_chance_of_a_stage_in_the_settings(typed: Any, chance: float) -> None:
    frame = pd.DataFrame({"setting": ["probability_new"], "value": pd.Series([typed], dtype=object)})
    settings = read_settings(Tables.of(Table("Settings", "Settings", frame, {})))
    assert settings.chances["new"] == chance


def test_half_a_cent_of_a_weighted_amount_goes_up() -> None:
    frame = pd.DataFrame({"stage": ["new", "new"], "amount": [0.01, -0.01], "probability": [0.5, 0.5]})
    deals = read_deals(frame, today=TODAY, currency="EUR", rates=NO_RATES, chances={})
    assert deals["weighted"].tolist() == [1, -1]


def test_days_of_two_changes_on_one_day() -> None:
    since = ["2026-11-17", "2026-11-17", "2026-11-07"]
    frame = pd.DataFrame({"opportunity": ["A"] * 3, "stage": ["offer", "new", "new"], "since": since})
    tables = book([{"opportunity": "A", "client_id": "C1", "stage": "offer"}])
    deals = read_deals(tables["Opportunities"].frame, today=TODAY, currency="EUR", rates=NO_RATES, chances={})
    spent = stage_history.stays(deals, stage_history.read_history(frame), TODAY).set_index("stage")["days"]
    assert spent.to_dict() == {"new": 10, "offer": 10}


def test_what_does_not_fit_is_one_row_at_the_end() -> None:
    deals = [{"opportunity": f"O{n}", "stage": "new", "amount": 100.0 * n, "salesperson": f"S{n}"} for n in range(12)]
    table = run(book(deals)).fed["PipelineBy"]
    assert len(table) == deal_tables.SALES
    assert table["salesperson"].iloc[-1] == "4 others" and table["amount"].iloc[-1] == 600


@pytest.mark.parametrize("seed", range(1000, 1008))
def test_figures_are_those_of_an_independent_reckoning(seed: int) -> None:
    assert differences(random_book(seed)) == []
