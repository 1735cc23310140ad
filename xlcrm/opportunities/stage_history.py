"""History of stages: rows that StageChanges lacks, days spent in each stage, and where deals stay longest.

A refresh records a stage that differs from the last one recorded, so the days are right from the first refresh on that
saw the deal; what happened between two refreshes is one change, on the day of the second.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.merging.alias_table import id_keys
from xlcrm.opportunities.deals import CLOSED, OPEN
from xlcrm.spend.kinds import NO_DAY, Ints, day_number
from xlcrm.values import as_date, as_text


def read_history(frame: pd.DataFrame | None, country: str = "") -> pd.DataFrame:
    """key, stage and since (days since 1970-01-01) of the rows of StageChanges that say all three, the oldest first.

    The index is the position; rows of one day keep the order of the table. No rows where there is no such table.
    """
    if frame is None or not {"opportunity", "stage", "since"} <= set(frame.columns):
        return pd.DataFrame({"key": pd.Series(dtype="str"), "stage": pd.Series(dtype="str"), "since": _no_days()})
    typed = as_text(frame["stage"]).str.strip()
    known = {word: words.choice("stage", word) for word in typed.unique()}
    since = as_date(frame["since"], country)[0].to_numpy().astype("datetime64[D]").astype("int64")
    found = pd.DataFrame({"key": id_keys(frame["opportunity"]), "stage": typed.map(known), "since": since})
    told = (found["key"] != "") & (found["stage"] != "") & (found["since"] != NO_DAY)
    return found[told].sort_values("since", kind="stable")


def _no_days() -> Ints:
    return np.array([], dtype="int64")


def last_stages(history: pd.DataFrame) -> pd.DataFrame:
    """For each key: `since`, the latest day recorded, and `stages`, all that is recorded of that day.

    Two changes of one day have no order once somebody sorts the sheet: either may be the last.
    """
    latest = history.groupby("key")["since"].transform("max")
    ties = history[history["since"] == latest]
    stages: dict[str, tuple[str, ...]] = {}
    for key, stage in zip(ties["key"], ties["stage"], strict=True):
        stages[key] = (*stages.get(key, ()), stage)
    since = ties.drop_duplicates("key").set_index("key")["since"]
    return pd.DataFrame({"since": since, "stages": pd.Series(stages, dtype=object)})


def renamed(deals: pd.DataFrame, history: pd.DataFrame) -> dict[str, str]:
    """Former key -> key of today for deals that were given another name since they were recorded.

    That is so where a deal without history and a history without deal agree in the day it was opened and the stage
    where it stands, and no other deal or history does.
    """
    last = last_stages(history)
    first = history.groupby("key")["since"].min()
    orphans = last.index.difference(pd.Index(deals["key"]))
    fresh = _first_rows(deals)
    fresh = fresh[~fresh["key"].isin(last.index) & (fresh["opened"] != NO_DAY)]
    there: dict[tuple[int, str], list[str]] = {}
    for key in orphans:
        there.setdefault((int(first[key]), last.loc[key, "stages"][-1]), []).append(key)
    wanted: dict[tuple[int, str], list[str]] = {}
    for key, opened, stage in zip(fresh["key"], fresh["opened"], fresh["stage"], strict=True):
        wanted.setdefault((int(opened), stage), []).append(key)
    pairs = [(there[place], wanted[place]) for place in there if place in wanted]
    return {old[0]: new[0] for old, new in pairs if len(old) == 1 and len(new) == 1}


def _first_rows(deals: pd.DataFrame) -> pd.DataFrame:
    """The deals that can have a history: named, at a known stage, each name's first row."""
    return deals[(deals["key"] != "") & (deals["stage"] != "")].drop_duplicates("key")


def to_record(deals: pd.DataFrame, history: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """key, stage and since of the rows that are to be added; the index is the deal's position.

    A deal has one to add where its stage is none of those last recorded. since is

    - the day it was closed, of one that is won or lost and says so
    - the day it was opened, of an open one that has no history and says so
    - else `today`

    never after `today`, and never before the day last recorded. Deals without a name or a known stage have no history;
    of two rows of one name the first has.
    """
    last = last_stages(history)
    rows = _first_rows(deals)[["key", "stage", "opened", "closed"]]
    before = rows["key"].map(last["since"]).fillna(NO_DAY).astype("int64") if len(last) else rows["opened"] * 0 + NO_DAY
    stages = last["stages"].to_dict()
    new = [stage not in stages.get(key, ()) for key, stage in zip(rows["key"], rows["stage"], strict=True)]
    told = rows["closed"].where(rows["stage"].isin(CLOSED), rows["opened"].where(before == NO_DAY, NO_DAY))
    now = day_number(today)
    since = told.where(told != NO_DAY, now).clip(upper=now)
    since = since.where(since > before, before)
    return rows[["key", "stage"]].assign(since=since)[np.array(new, dtype=bool)]


def stays(deals: pd.DataFrame, history: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    """key, stage, days for each deal of today and each open stage it stood at: the sum of its stays there.

    A stay lasts from the day recorded to the day of the next record; that of an open deal's present stage lasts to
    `today`. Changes recorded after `today` are left out, and so are histories of deals that are gone.
    """
    now = day_number(today)
    current = _first_rows(deals).set_index("key")["stage"]
    rows = history[history["key"].isin(current.index) & (history["since"] <= now)]
    rows = rows.assign(present=rows["stage"] == rows["key"].map(current))
    # of two changes of one day that of the present stage is the later one, whatever the order of the rows
    rows = rows.reset_index(drop=True).reset_index(names="place").sort_values(["key", "since", "present", "place"])
    until = rows.groupby("key")["since"].shift(-1).fillna(now).astype("int64")
    spent = rows.assign(days=until - rows["since"])
    spent = spent[spent["stage"].isin(OPEN)]
    return spent.groupby(["key", "stage"], sort=False)[["days"]].sum().reset_index()


def stage_days(spent: pd.DataFrame) -> pd.DataFrame:
    """deals, median and longest (days) for each open stage, of `stays`; NaN where no deal stood there."""
    grouped = spent.groupby("stage")["days"]
    found = pd.DataFrame({"deals": grouped.size(), "median": grouped.median(), "longest": grouped.max()})
    return found.reindex(list(OPEN)).assign(deals=lambda frame: frame["deals"].fillna(0).astype("int64"))


ENOUGH = 3


@dataclass(frozen=True)
class Bottleneck:
    """The stage where deals stay longest: by its median, of the stages at which `ENOUGH` deals stood; the first of two.

    median, longest   days
    waiting           how many stand there today, and their amount in cents
    """

    stage: str
    median: float
    longest: int
    waiting: int
    amount: int


def bottleneck(deals: pd.DataFrame, spent: pd.DataFrame) -> Bottleneck | None:
    """None where no stage has seen `ENOUGH` deals, or nobody ever waited a day."""
    table = stage_days(spent)
    table = table[(table["deals"] >= ENOUGH) & (table["median"] > 0)]
    if not len(table):
        return None
    stage = str(table["median"].idxmax())
    there = deals[deals["stage"] == stage]
    median, longest = table.loc[[stage], ["median", "longest"]].to_numpy()[0]
    return Bottleneck(stage, float(median), int(longest), len(there), int(there["amount"].sum()))


def told_days(since: pd.Series[Any]) -> pd.Series[Any]:
    """Day numbers as dates."""
    return pd.Series(since.to_numpy("int64").astype("datetime64[D]").astype("datetime64[us]"), index=since.index)
