"""Refresh: what it writes into Clients and the dashboard, what it says about odd purchases, and when it rests."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from xlcrm import schema
from xlcrm.errors import CrmError
from xlcrm.messages import LANGUAGES
from xlcrm.plan import Plan
from xlcrm.settings import Settings
from xlcrm.spend import plan
from xlcrm.tables import Table, Tables
from xlcrm.values import is_blank

TODAY = dt.date(2026, 11, 22)
FED = [spec.name for spec in schema.TABLES if spec.fixed_rows]


def table_of(name: str, rows: list[dict[str, Any]], **more: Any) -> Table:
    """A table as the reader gives it: clean dtypes, blanks as the schema's kinds hold them."""
    spec = schema.table(name)
    height = max(len(rows), spec.fixed_rows, 1)
    columns: dict[str, pd.Series[Any]] = {}
    for column in spec.columns:
        values = [row.get(column.name) for row in rows] + [None] * (height - len(rows))
        if column.kind == "date":
            columns[column.name] = pd.to_datetime(pd.Series(values, dtype=object)).astype("datetime64[us]")
        elif column.kind in schema.NUMBERS:
            columns[column.name] = pd.Series(values, dtype="float64")
        else:
            columns[column.name] = pd.Series(["" if v is None else str(v) for v in values], dtype="str")
    return Table(name, spec.sheet, pd.DataFrame(columns), {c: c for c in columns}, **more)


CLIENTS = [
    {
        "client_id": "A",
        "full_name": "Anna Prova",
        "sector": "Bar",
        "status": "client",
        "phone": "+39 06 555",
        "salesperson": "Ola",
    },
    {"client_id": "B", "company": "Beispiel GmbH", "sector": "bar ", "status": "Kunde", "mobile": "+49 1"},
    {"client_id": "C", "full_name": "Carl Lead", "status": "lead"},
    {"client_id": "D", "full_name": "Dina Gone", "status": "former", "sector": "Shop"},
    {"full_name": "No Number"},
]
PURCHASES = [
    {"client_id": "A", "invoice": "1", "date": "2026-01-10", "product": "Wine", "amount": 100.0},
    {"client_id": "A", "invoice": "2", "date": "2026-02-09", "product": "Wine", "amount": 100.0},
    {"client_id": "A", "invoice": "3", "date": "2026-03-11", "product": "Oil", "amount": 50.0},
    {"client_id": "B", "invoice": "4", "date": "2026-11-10", "product": "Oil", "amount": 30.0},
    {"client_id": "D", "invoice": "5", "date": "2025-06-01", "product": "Oil", "amount": 70.0},
    {"invoice": "6", "date": "2026-11-11", "product": "Oil", "amount": 9.0},
]
INTERACTIONS = [
    {"client_id": "C", "date": "2026-11-01", "subject": "Offer", "follow_up_on": "2026-11-24", "done": ""},
    {"client_id": "B", "date": "2026-11-01", "subject": "Old", "follow_up_on": "2026-11-02", "done": "yes"},
    {"client_id": "D", "date": "2026-11-01", "subject": "Gone", "follow_up_on": "2026-11-02", "done": ""},
]


def workbook(purchases: list[dict[str, Any]] = PURCHASES, clients: list[dict[str, Any]] = CLIENTS) -> Tables:
    main = [table_of("Clients", clients), table_of("Purchases", purchases), table_of("Interactions", INTERACTIONS)]
    return Tables.of(*main, table_of("Rates", []), *(table_of(name, []) for name in FED))


def applied(tables: Tables, plan: Plan) -> Tables:
    """The tables as they are once the plan's changes are in the workbook."""
    after = []
    for table in tables.values():
        frame = table.frame.copy()
        for change in plan.changes:
            if change.table == table.name:
                frame[change.column] = frame[change.column].astype(object)
                frame.loc[change.after.index, change.column] = change.after
        after.append(replace(table, frame=frame))
    return Tables.of(*after)


@pytest.fixture(scope="module")
def done() -> Tables:
    tables = workbook()
    return applied(tables, plan(tables, settings=Settings(), today=TODAY))


def test_input_is_not_touched() -> None:
    tables = workbook()
    before = {name: table.frame.copy(deep=True) for name, table in tables.items()}
    plan(tables, settings=Settings(), today=TODAY)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(tables[name].frame, frame)


def test_clients_have_their_figures(done: Tables) -> None:
    clients = done["Clients"].frame.set_index("client_id")
    assert clients.loc["A", "total_spend"] == 250
    assert clients.loc["A", "days_between"] == 30
    assert clients.loc["A", "days_late"] == 226
    assert clients.loc["B", "rfm_group"] == "new"
    never = clients.loc["C"]
    assert (never["orders"], never["total_spend"], never["spend_12m"]) == (0, 0, 0)
    assert pd.isna(never["last_purchase"])
    assert never["rfm"] == ""
    assert pd.isna(clients.loc["", "total_spend"]), "a row without a number belongs to nobody"


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("Buyers", [("Bought once", 2), ("Came back", 1)]),
        ("Stages", [("lead", 1), ("prospect", 0), ("client", 2), ("former", 1)]),
        ("TopClients", [("Anna Prova", 250), ("Beispiel GmbH", 30)]),
        ("Sectors", [("Bar", 280)]),
    ],
)
def test_short_tables(done: Tables, table: str, rows: list[tuple[object, ...]]) -> None:
    frame = done[table].frame
    assert list(frame[: len(rows)].itertuples(index=False, name=None)) == rows
    assert all(is_blank(value) for value in frame[len(rows) :].to_numpy().ravel())


def test_key_figures_are_those_of_the_last_year(done: Tables) -> None:
    figures = done["KeyFigures"].frame.set_index("figure")
    assert list(figures.loc["Spend (EUR)", ["value", "year_before"]]) == [289, 70]
    assert figures.loc["Spend (EUR)", "change"] == round(289 / 70 - 1, 4)
    assert figures["value"].tolist()[1:7] == [5, 57.8, 2, 2, 1, 0.5]
    assert figures.loc["Share who bought again", "change"] == "▲ 50.0 points", "a share changes by points"
    assert pd.isna(figures["value"]["Overdue today (EUR)"])
    assert figures["year_before"]["Share who became clients"] == "today only", "nobody wrote down what it was"


def test_months_and_cohorts(done: Tables) -> None:
    months = done["Months"].frame.set_index("month")
    assert list(months.index[[0, -1]]) == ["Dec 24", "Nov 26"]
    assert list(months.loc["Nov 26"]) == [39, 2, 1, 1]
    assert months["spend"].sum() == 359
    cohorts = done["Cohorts"].frame.set_index("cohort")
    assert list(cohorts.loc["Jan 26", ["clients", "m0", "m1", "m2", "m3"]]) == [1, 1, 1, 1, 0]
    assert pd.isna(cohorts["m11"]["Jan 26"]), "December is still to come"
    assert pd.isna(cohorts["m0"]["Feb 26"]), "nobody bought first in February"
    assert list(cohorts.index[[0, -2, -1]]) == ["Dec 25", "Oct 26", "All clients"], "this month has no month after it"
    assert list(cohorts.loc["All clients", ["clients", "m0", "m1", "m2"]]) == [3, 1, 0.5, 0.5], "A alone"


def test_who_to_call(done: Tables) -> None:
    calls = done["CallList"].frame
    assert calls["client_id"].tolist()[:3] == ["A", "C", ""]
    assert calls["reason"].tolist()[:2] == [
        "226 days late; usually buys every 30 days",
        "follow-up due 24 Nov 2026: Offer; last contact 1 Nov 2026",
    ]
    assert calls["phone"][0] == "+39 06 555"


def test_a_second_refresh_changes_nothing(done: Tables) -> None:
    again = plan(done, settings=Settings(), today=TODAY)
    assert [(change.table, change.column) for change in again.changes] == []
    assert again.is_empty


def test_figures_of_a_client_whose_purchases_went_are_cleared(done: Tables) -> None:
    without = [row for row in PURCHASES if row.get("client_id") != "B"]
    tables = Tables.of(*(table_of("Purchases", without) if t.name == "Purchases" else t for t in done.values()))
    after = applied(tables, plan(tables, settings=Settings(), today=TODAY))["Clients"].frame.set_index("client_id")
    assert after.loc["B", "total_spend"] == 0
    assert pd.isna(after["last_purchase"]["B"])
    assert after.loc["B", "rfm_group"] == ""


@pytest.mark.parametrize(("purchases", "clients"), [([], CLIENTS), ([], []), (PURCHASES, [])])
def test_an_empty_workbook_is_no_trouble(purchases: list[dict[str, Any]], clients: list[dict[str, Any]]) -> None:
    tables = workbook(purchases, clients)
    after = applied(tables, plan(tables, settings=Settings(), today=TODAY))
    assert after["KeyFigures"].frame["value"][0] == sum(p["amount"] for p in purchases[:4]) + 9 * bool(purchases)


ODD = [
    ({"client_id": "Z9", "amount": 1.0}, "spend.unknown_client"),
    ({"client_id": "A", "amount": 1.0, "date": "2027-01-01"}, "spend.future"),
    ({"client_id": "A", "amount": 1.0, "currency": "NOK"}, "spend.no_rate"),
    ({"client_id": "A", "invoice": "9"}, "spend.no_amount"),
    ({"amount": 1.0}, "spend.no_client"),
    ({"client_id": "A", "invoice": "1", "date": "2026-01-10", "product": "Wine", "amount": 100.0}, "spend.repeats"),
]


@pytest.mark.parametrize(("line", "code"), ODD, ids=[code for _, code in ODD])
def test_odd_purchases_are_named_once_with_the_first_row(line: dict[str, Any], code: str) -> None:
    lines = [*PURCHASES[:5], line, line]
    found = {p.code: p for p in plan(workbook(lines), settings=Settings(), today=TODAY).problems}
    assert found[code].row == 7
    assert found[code].level == "note"
    assert dict(found[code].values)["lines"] == "2"
    for language in LANGUAGES:
        assert "7" in found[code].sentence(language)
        assert "{" not in found[code].sentence(language)


def test_unreadable_cells_are_named() -> None:
    tables = workbook()
    frame = tables["Purchases"].frame.astype(object)
    frame.loc[2, "amount"], frame.loc[3, "date"] = "much", "someday"
    odd = Tables.of(*(replace(t, frame=frame) if t.name == "Purchases" else t for t in tables.values()))
    found = {p.code: p.row for p in plan(odd, settings=Settings(), today=TODAY).problems}
    assert found["spend.bad_amount"] == 4
    assert found["spend.bad_date"] == 5


def test_tidy_purchases_give_no_problem() -> None:
    assert plan(workbook(PURCHASES[:5]), settings=Settings(), today=TODAY).problems == ()


def test_rates_convert_with_the_rate_of_the_day() -> None:
    rates = [
        {"currency": "nok", "rate": 0.1},
        {"currency": "NOK", "rate": 0.085, "from_date": "2026-06-01"},
        {"currency": "SEK", "rate": -1.0},
    ]
    lines = [
        {"client_id": "A", "invoice": "1", "date": "2026-05-31", "amount": 1000.0, "currency": "NOK"},
        {"client_id": "A", "invoice": "2", "date": "2026-06-01", "amount": 1000.0, "currency": "NOK"},
        {"client_id": "A", "invoice": "3", "date": "2026-06-02", "amount": 7.0, "currency": "EUR"},
    ]
    tables = Tables.of(*(table_of("Rates", rates) if t.name == "Rates" else t for t in workbook(lines).values()))
    found = plan(tables, settings=Settings(), today=TODAY)
    assert found.problems == ()
    assert applied(tables, found)["Clients"].frame["total_spend"][0] == 100 + 85 + 7


def test_an_older_workbook_gets_what_it_has_room_for() -> None:
    clients = table_of("Clients", CLIENTS)
    slim = replace(clients, frame=clients.frame[["client_id", "full_name", "total_spend"]])
    found = plan(Tables.of(slim, table_of("Purchases", PURCHASES)), settings=Settings(), today=TODAY)
    assert {change.column for change in found.changes} == {"total_spend"}
    lacking = dict(found.notes)["refresh.lacking"]["names"]
    assert "rfm_group" in str(lacking)
    assert "Months" in str(lacking)


def test_formula_columns_stay_the_users() -> None:
    tables = workbook()
    own = Tables.of(*(replace(t, formulas=frozenset({"trend"})) if t.name == "Clients" else t for t in tables.values()))
    assert "trend" not in {change.column for change in plan(own, settings=Settings(), today=TODAY).changes}


@pytest.mark.parametrize("missing", ["Clients", "Purchases"])
def test_without_clients_or_purchases_a_sentence_says_so(missing: str) -> None:
    tables = Tables.of(*(t for t in workbook().values() if t.name != missing))
    with pytest.raises(CrmError) as refused:
        plan(tables, settings=Settings(), today=TODAY)
    assert all(missing in refused.value.text(language) for language in LANGUAGES)


def test_every_language_has_words_for_everything() -> None:
    shown = set()
    for language in LANGUAGES:
        tables = workbook()
        after = applied(tables, plan(tables, settings=Settings(language=language), today=TODAY))
        shown.add(
            (
                after["KeyFigures"].frame["figure"][0],
                after["Buyers"].frame["kind"][0],
                after["Stages"].frame["status"][3],
            )
        )
        assert not any("." in str(value) for value in after["KeyFigures"].frame["figure"]), "a key is no word"
    assert len(shown) == 6


def test_groups_are_shares_of_the_whole(done: Tables) -> None:
    """Figures that must agree with each other whatever the data: the dashboard never contradicts the list."""
    clients, figures = done["Clients"].frame, done["KeyFigures"].frame["value"]
    named = float(np.nansum(pd.to_numeric(clients["spend_12m"])))
    assert figures[0] == named + 9, "the firm's spend holds the sale without a client"
    assert done["Buyers"].frame["clients"].sum() == (pd.to_numeric(clients["orders"]) > 0).sum()


def test_a_next_step_of_an_opportunity_is_a_reason_to_call() -> None:
    deals = [
        {"opportunity": "O1", "client_id": "C", "stage": "offer", "next_step": "Send it", "next_on": "2026-11-24"},
        {"opportunity": "O2", "client_id": "B", "stage": "offer", "subject": "Wine", "next_on": "2026-12-24"},
        {"opportunity": "O3", "client_id": "B", "stage": "won", "next_step": "Over", "next_on": "2026-11-20"},
    ]
    tables = Tables.of(*workbook().values(), table_of("Opportunities", deals), table_of("StageChanges", []))
    done = applied(tables, plan(tables, settings=Settings(), today=TODAY))
    reasons = done["CallList"].frame.set_index("client_id")["reason"]
    assert reasons["C"].startswith("follow-up due 24 Nov 2026: Offer; last"), "one a client, and of one day the first"
    later = [{**deals[0], "next_on": "2026-11-23"}, *deals[1:]]
    tables = Tables.of(*workbook().values(), table_of("Opportunities", later), table_of("StageChanges", []))
    done = applied(tables, plan(tables, settings=Settings(), today=TODAY))
    reasons = done["CallList"].frame.set_index("client_id")["reason"]
    assert reasons["C"].startswith("next step due 23 Nov 2026: Send it; last contact")
    assert "B" not in reasons


def test_a_won_opportunity_counts_in_the_figures_of_the_same_run() -> None:
    deals = [{"opportunity": "O1", "client_id": "C", "stage": "won", "closed_on": "2026-11-20"}]
    tables = Tables.of(*workbook().values(), table_of("Opportunities", deals), table_of("StageChanges", []))
    made = plan(tables, settings=Settings(), today=TODAY)
    done = applied(tables, made)
    assert done["Stages"].frame["clients"].tolist() == [0, 0, 3, 1]
    assert ("deals.won", {"n": 1, "names": "C"}) in made.notes
    assert [(part.table, len(part.rows)) for part in made.added] == [("StageChanges", 1)]
