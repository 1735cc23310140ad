"""Won deals make clients: what a deal that was won changes in Clients, and the day of those that were closed.

Both are planned and told like every change of a run, and neither overwrites what somebody typed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.merging.alias_table import id_keys
from xlcrm.opportunities.deals import CLOSED
from xlcrm.opportunities.stage_history import told_days
from xlcrm.spend.kinds import day_number
from xlcrm.values import as_text, is_blank

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


def new_clients(clients: pd.DataFrame, deals: pd.DataFrame, recorded: pd.Index[Any], language: str) -> pd.DataFrame:
    """status and acquired_on of the clients whom a deal makes one, by their position in Clients.

    recorded  positions of the deals whose present stage is recorded by this run: a win counts once, so that a client
              whom somebody makes a prospect again stays one

    Only a lead or a prospect becomes a client. acquired_on is the first day on which such a deal was closed, and is
    left out where the cell holds anything. A client's number that stands twice is nobody's.
    """
    columns = [name for name in ("status", "acquired_on") if name in clients.columns]
    if "status" not in columns:
        return pd.DataFrame()
    rows = deals.loc[deals.index.isin(recorded) & (deals["stage"] == "won") & (deals["client_id"] != "")]
    first = told_days(rows["closed"]).groupby(id_keys(rows["client_id"])).min()  # NaT where no cell has a date
    ids = id_keys(clients["client_id"]) if len(first) else pd.Series(dtype="str")
    won = ids[ids.isin(first.index) & ~ids.duplicated(keep=False)]
    typed = as_text(clients["status"]).loc[won.index].str.strip()
    won = won[typed.map(lambda word: words.choice("status", word) in BECOMES).to_numpy(dtype=bool)]
    found = pd.DataFrame({"status": words.choice_word("status", "client", language)}, index=won.index)
    if "acquired_on" in columns:
        kept = clients.loc[won.index, "acquired_on"]
        found["acquired_on"] = first[won].set_axis(won.index).where(kept.map(is_blank), kept)
    return found
