"""Run over the opportunities as a part of the refresh: what it records, fills, finds and puts on the sheets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.merging.alias_table import id_keys
from xlcrm.messages import text
from xlcrm.opportunities import deal_tables, stage_history
from xlcrm.opportunities.deals import CLOSED, OPEN, read_deals
from xlcrm.plan import Added, Change, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.spend.currencies import Rates
from xlcrm.spend.kinds import NO_DAY, day_number
from xlcrm.tables import Table, Tables
from xlcrm.values import as_number, as_text, is_blank

NAMED = 5
Notes = tuple[tuple[str, Mapping[str, object]], ...]


@dataclass(frozen=True, eq=False)
class DealRun:
    """What a refresh does about the opportunities.

    clients   Clients as it is afterwards, from which the other figures are made
    changes, added, problems, notes   parts of the plan
    fed       the tables of the sheet Funnel, by name
    steps     client_id, next_on (datetime64) and subject of the next steps of open deals, for the call list
    """

    clients: pd.DataFrame
    changes: tuple[Change, ...] = ()
    added: tuple[Added, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: Notes = ()
    fed: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    steps: pd.DataFrame | None = None


def deal_run(tables: Tables, *, settings: Settings, today: dt.date, currency: str, rates: Rates) -> DealRun:
    """Record the stages, fill what follows from them, and reckon the tables; nothing without the table Opportunities.

    currency  what all sums are in (ISO code)

    A workbook without StageChanges has no history: its deals have days from this day on, and a win counts each time.
    """
    clients = tables["Clients"].frame
    if "Opportunities" not in tables:
        return DealRun(clients)
    table = tables["Opportunities"]
    deals = read_deals(
        table.frame, today=today, currency=currency, rates=rates, chances=settings.chances, country=settings.country
    )
    past = tables.get("StageChanges")
    history = stage_history.read_history(past.frame if past else None, settings.country)
    names = stage_history.renamed(deals, history)
    history = history.assign(key=history["key"].replace(names))
    new = stage_history.to_record(deals, history, today)
    history = pd.concat([history, new]).sort_values("since", kind="stable")
    closed = closing_days(table.frame, deals, history, today)
    deals.loc[closed.index, "closed"] = closed
    ids = id_keys(clients["client_id"]) if len(deals) else pd.Series(dtype="str")
    won = new_clients(clients, ids, deals, new.index, settings.language)
    changes = (
        *diff(table, pd.DataFrame({"closed_on": stage_history.told_days(closed)})),
        *diff(tables["Clients"], won, key="client_id"),
        *(_renaming(past, deals, names) if past else ()),
    )
    after = _with(clients, won)
    spent = stage_history.stays(deals, history, today)
    worst = stage_history.bottleneck(deals, spent)
    slow = deal_tables.bottleneck_values(worst, currency=currency, language=settings.language) if worst else {}
    notes = _notes(deals, new, closed, won, names, clients) if len(deals) else ()
    return DealRun(
        after,
        changes,
        _added(past, deals, new, settings.language),
        findings(table, deals, settings.country),
        (*notes, *((("pipeline.bottleneck", slow),) if slow else ())),
        _fed(deals, spent, sources(after, ids, deals), slow, today=today, language=settings.language),
        _steps(deals),
    )


# Won deals make clients, and closed ones get their day: planned and told like every change, over nothing typed.

BECOMES = ("lead", "prospect")


def closing_days(frame: pd.DataFrame, deals: pd.DataFrame, history: pd.DataFrame, today: dt.date) -> pd.Series[Any]:
    """closed_on of the won and lost deals where the cell is blank, by position, as day numbers.

    It is the last day on which `history` records the stage they stand at, else `today`. A cell that holds anything,
    readable or not, is left alone.
    """
    if "closed_on" not in frame.columns:
        return pd.Series(dtype="int64")
    blank = frame.loc[deals.index, "closed_on"].map(is_blank).astype(bool)
    rows = deals[deals["stage"].isin(CLOSED) & blank]
    seen = history.groupby(["key", "stage"])["since"].max()
    places = pd.MultiIndex.from_frame(rows[["key", "stage"]])
    found = seen.reindex(places).fillna(day_number(today)).to_numpy() if len(seen) else day_number(today)
    return pd.Series(found, index=rows.index, dtype="int64")


def new_clients(
    clients: pd.DataFrame, ids: pd.Series[Any], deals: pd.DataFrame, recorded: pd.Index[Any], language: str
) -> pd.DataFrame:
    """status and acquired_on of the clients whom a deal makes one, by their position in Clients.

    ids       the client_ids as they are compared (`id_keys`)
    recorded  positions of the deals whose present stage is recorded by this run: a win counts once, so that a client
              whom somebody makes a prospect again stays one

    Only a lead or a prospect becomes a client. acquired_on is the first day on which such a deal was closed, and is
    left out where the cell holds anything. A client's number that stands twice is nobody's.
    """
    columns = [name for name in ("status", "acquired_on") if name in clients.columns]
    if "status" not in columns:
        return pd.DataFrame()
    rows = deals.loc[deals.index.isin(recorded) & (deals["stage"] == "won") & (deals["client_id"] != "")]
    first = (
        stage_history.told_days(rows["closed"]).groupby(id_keys(rows["client_id"])).min()
    )  # NaT where no cell has a date
    won = ids[ids.isin(first.index) & ~ids.duplicated(keep=False)]
    typed = as_text(clients["status"]).loc[won.index].str.strip()
    won = won[typed.map(lambda word: words.choice("status", word) in BECOMES).to_numpy(dtype=bool)]
    found = pd.DataFrame({"status": words.choice_word("status", "client", language)}, index=won.index)
    if "acquired_on" in columns:
        kept = clients.loc[won.index, "acquired_on"]
        found["acquired_on"] = first[won].set_axis(won.index).where(kept.map(is_blank), kept)
    return found


def _with(clients: pd.DataFrame, won: pd.DataFrame) -> pd.DataFrame:
    """Clients with the cells of `won` in it; the frame itself where there are none."""
    if not len(won):
        return clients
    after = clients.astype(dict.fromkeys(won.columns, object))
    after.loc[won.index, won.columns] = won.astype(object)
    return after


def _added(past: Table | None, deals: pd.DataFrame, new: pd.DataFrame, language: str) -> tuple[Added, ...]:
    """The rows for StageChanges; none where the workbook lacks the table."""
    if past is None or not len(new):
        return ()
    rows = pd.DataFrame(
        {
            "opportunity": deals.loc[new.index, "opportunity"],
            "stage": [words.choice_word("stage", name, language) for name in new["stage"]],
            "since": stage_history.told_days(new["since"]),
        }
    )
    there = [name for name in rows if name in past.frame.columns]
    return (Added(past.name, rows[there].reset_index(drop=True)),)


def _renaming(past: Table, deals: pd.DataFrame, names: Mapping[str, str]) -> tuple[Change, ...]:
    """The name of today in the history of deals that were renamed."""
    if not names:
        return ()
    spelt = deals.drop_duplicates("key").set_index("key")["opportunity"]
    keys = id_keys(past.frame["opportunity"]).map(names).dropna()
    return diff(past, pd.DataFrame({"opportunity": keys.map(spelt)}))


def findings(table: Table, deals: pd.DataFrame, country: str = "") -> tuple[Problem, ...]:
    """One note for each kind of row that a figure leaves out: how many, and the Excel row of the first one.

    deals.no_stage    no stage, or a word that is none: in no figure
    deals.bad_amount  an amount that can't be read: counted, with no money
    deals.no_rate     a currency without a rate: counted, with no money
    """
    amount = pd.Series(np.nan, index=deals.index)
    bad = pd.Series(False, index=deals.index)
    if "amount" in table.frame.columns:
        amount, bad = as_number(table.frame.loc[deals.index, "amount"], country)
    foreign = amount.notna() & ~deals["priced"]
    kinds = (
        ("deals.no_stage", "stage", deals["stage"] == ""),
        ("deals.bad_amount", "amount", bad),
        ("deals.no_rate", "currency", foreign),
    )
    return tuple(_note(code, table, column, deals.index[mask]) for code, column, mask in kinds if mask.any())


def _note(code: str, table: Table, column: str, places: pd.Index[Any]) -> Problem:
    """One problem for all these rows at the first of them."""
    row = table.excel_row(int(places.min()))
    values = (("n", str(len(places))), ("row", str(row)))
    return Problem(code, table.name, row, "", column, level="note", values=values)


def _notes(
    deals: pd.DataFrame, new: pd.DataFrame, closed: pd.Series[Any], won: pd.DataFrame, names: Mapping[str, str],
    clients: pd.DataFrame,
) -> Notes:  # fmt: skip
    """What the run says about the opportunities: what it counted, and every kind of cell that it writes."""
    told: list[tuple[str, Mapping[str, object]]] = [
        ("deals.done", {"n": len(deals), "open": int(deals["stage"].isin(OPEN).sum())})
    ]
    ids = as_text(clients["client_id"]).loc[won.index]
    counted = (
        ("deals.recorded", len(new), ""),
        ("deals.closed", len(closed), _list(deals.loc[closed.index, "opportunity"])),
        ("deals.won", len(won), _list(ids)),
        ("deals.renamed", len(names), ", ".join(f"{old} → {new}" for old, new in list(names.items())[:NAMED])),
    )
    return (*told, *((key, {"n": n, "names": shown}) for key, n, shown in counted if n))


def _list(names: pd.Series[Any]) -> str:
    """The first names for a message, with an ellipsis where there are more."""
    shown = ", ".join(name for name in names[:NAMED] if name)
    return f"{shown}, …" if len(names) > NAMED else shown


def _steps(deals: pd.DataFrame) -> pd.DataFrame:
    """The next steps of open deals that have a day: what is to be done, else what the deal is about."""
    rows = deals[deals["stage"].isin(OPEN) & (deals["next"] != NO_DAY)]
    subject = rows["next_step"].where(rows["next_step"] != "", rows["subject"])
    return pd.DataFrame(
        {"client_id": rows["client_id"], "next_on": stage_history.told_days(rows["next"]), "subject": subject}
    )


def _fed(
    deals: pd.DataFrame, spent: pd.DataFrame, source: pd.Series[Any], slow: Mapping[str, object], *,
    today: dt.date, language: str,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """The tables of the sheet Funnel by name."""
    told = text("pipeline.bottleneck" if slow else "pipeline.no_bottleneck", language, **slow)
    return {
        "Bottleneck": pd.DataFrame({"sentence": [told]}),
        "Pipeline": deal_tables.pipeline(deals, spent, today=today, language=language),
        "PipelineBy": deal_tables.by_salesperson(deals, today=today, language=language),
        "WinRates": deal_tables.win_rates(deals, source, today=today, language=language),
        "Forecast": deal_tables.forecast(deals, today=today, language=language),
    }


def sources(clients: pd.DataFrame, ids: pd.Series[Any], deals: pd.DataFrame) -> pd.Series[Any]:
    """The source of each deal's client, "" where there is none; the first row counts of a number that stands twice."""
    if "source" not in clients.columns or not len(deals):
        return pd.Series("", index=deals.index, dtype="str")
    typed = as_text(clients["source"]).str.strip()[~ids.duplicated()]
    found = typed.set_axis(ids[~ids.duplicated()]).reindex(pd.Index(id_keys(deals["client_id"]))).fillna("")
    return found.set_axis(deals.index)
