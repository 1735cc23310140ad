"""How each salesperson, source, sector and territory does: the funnel and the year's figures side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.messages import text
from xlcrm.spend.cents import from_cents
from xlcrm.spend.funnel import BY, PLURALS, SPANS, by_key
from xlcrm.values import as_text

COUNT = 8
YEAR = ("active", "new", "lost", "repeat")
OTHER = "\0"  # no cell holds it


def group_figures(
    clients: pd.DataFrame, journey: pd.DataFrame, years: pd.DataFrame, *, language: str = "en", count: int = COUNT
) -> pd.DataFrame:
    """A row for all clients, then at most `count` for each of salesperson, source, sector and territory.

    clients   Clients; a column that it lacks, or that is blank throughout, has no rows
    journey   `funnel.journeys` of them
    years     spend (last twelve months) and active, new, lost, repeat (0 or 1) for each row of Clients

    Columns out: by, group, leads, prospects, clients, former, conversion, days_to_prospect, days_as_prospect,
    days_to_client (see `funnel.funnel`), spend_12m, active_clients, new_clients, lost_clients, repeat_rate (see
    `firm.year_figures`). The largest spend comes first; what doesn't fit is one row "other" at the end.
    """
    everyone = pd.Series("", index=clients.index, dtype="str")
    parts = [_part(journey, years, everyone).assign(by=text("groups.all", language), group="")]
    for by in BY:
        typed = as_text(clients[by]).str.strip() if by in clients.columns else everyone
        if not (typed != "").any():
            continue
        key = _folded(typed)
        part = _part(journey, years, key)
        order = part.sort_values(["spend_12m", "size"], ascending=False, kind="stable").index
        label = typed.groupby(key, sort=False).first()
        if len(order) > count:
            rest = order[count - 1 :]
            part = _part(journey, years, key.where(~key.isin(rest), OTHER))
            order = order[: count - 1].append(pd.Index([OTHER]))
            label[OTHER] = text("groups.other", language, n=len(rest))
        label = label.where(label != "", text("groups.none", language))
        parts.append(part.loc[order].assign(by=words.header("Clients", by, language), group=label))
    columns = ["by", "group", *PLURALS.values(), "conversion", *SPANS]
    columns += ["spend_12m", "active_clients", "new_clients", "lost_clients", "repeat_rate"]
    return pd.concat(parts, ignore_index=True)[columns]


def _part(journey: pd.DataFrame, years: pd.DataFrame, key: pd.Series[Any]) -> pd.DataFrame:
    """The figures of each value of `key`, those of people on no stage included."""
    grouped = years[list(YEAR)].groupby(key, sort=False)
    sums = grouped.sum().astype("int64")
    found = by_key(journey, key).reindex(sums.index).rename(columns=PLURALS)
    stages = list(PLURALS.values())
    found[stages] = found[stages].fillna(0).astype("int64")
    cents = (years["spend"].fillna(0) * 100).round().astype("int64").groupby(key, sort=False).sum()
    found["size"] = grouped.size()
    found["spend_12m"] = from_cents(np.asarray(cents, dtype="int64"))
    for name in YEAR[:-1]:
        found[f"{name}_clients"] = sums[name]
    found["repeat_rate"] = np.round(sums["repeat"] / sums["active"].where(sums["active"] > 0), 4)
    return found


def _folded(typed: pd.Series[Any]) -> pd.Series[Any]:
    """Case doesn't tell groups apart."""
    codes, uniques = pd.factorize(typed)
    return pd.Series(np.asarray([str(word).casefold() for word in uniques], dtype=object)[codes], index=typed.index)
