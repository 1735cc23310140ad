"""Evidence where no exact key speaks: rows are grouped, and matched with the clients, by the engine of doubles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm.doubles import find_doubles, match_clients
from xlcrm.doubles.finding import Codes
from xlcrm.importing.same_client.exact_keys import Match
from xlcrm.values import as_text


class Perhaps(NamedTuple):
    """A row of the list that is perhaps a client of the table, or an earlier row of the list, with the reasons.

    `other` is a position in the table, or in the list where `inside`.
    """

    row: int
    other: int
    inside: bool
    codes: Codes


@dataclass
class Weighed:
    """What the engine found: the rows as `Match` has them, and those that stay apart until somebody decides."""

    match: Match
    doubts: list[Perhaps] = field(default_factory=list)


def weigh(existing: pd.DataFrame, rows: pd.DataFrame, exact: Match, *, country: str = "") -> Weighed:
    """Settles what exact keys left open: who is surely somebody is, who is perhaps somebody is new and in `doubts`.

    Rows with an id of their own are not looked at, and no two clients of the table are joined. `exact` is not changed.
    """
    found = Match(exact.at.copy(), exact.earlier.copy(), exact.clashes, exact.shared, exact.couples)
    result = Weighed(found)
    free = _free(rows, exact)
    if not (free & (found.at < 0)).any():
        return result
    doubts = _within(rows, np.flatnonzero(free), result, country)
    _against(existing, rows, free, result, country)
    known = {doubt.row for doubt in result.doubts}
    result.doubts += [doubt for doubt in doubts if doubt.row not in known and found.at[doubt.row] < 0]
    return result


def _free(rows: pd.DataFrame, exact: Match) -> npt.NDArray[np.bool_]:
    """Rows without an id that repeat no earlier one and are not left out."""
    free = exact.earlier < 0
    free[exact.clashes] = False
    if "client_id" in rows:
        free &= (as_text(rows["client_id"]).str.strip() == "").to_numpy(bool)
    return free


def _within(rows: pd.DataFrame, at: npt.NDArray[np.int64], result: Weighed, country: str) -> list[Perhaps]:
    """Joins rows of the list that are surely one client; gives the pairs of new ones that perhaps are."""
    found = result.match
    pairs = find_doubles(rows.iloc[at].set_axis(pd.Index(at)), country=country)
    sure = (pairs["band"] == "surely") & (pairs["group"] >= 0)
    for one, other in pairs.loc[sure, ["left", "right"]].itertuples(index=False):
        first, second = (_first(found, row) for row in (one, other))
        _join(found, min(first, second), max(first, second))
    doubts = []
    for one, other, codes in pairs.loc[~sure, ["left", "right", "codes"]].itertuples(index=False):
        if found.at[other] < 0 and found.earlier[other] < 0 and found.at[one] < 0:
            doubts.append(Perhaps(int(other), _first(found, one), inside=True, codes=codes))
    return doubts


def _first(found: Match, row: int) -> int:
    return int(found.earlier[row]) if found.earlier[row] >= 0 else int(row)


def _join(found: Match, first: int, second: int) -> None:
    """Makes the later of two rows a repetition of the earlier, unless both are known as two clients."""
    places = {int(found.at[row]) for row in (first, second)} - {-1}
    if first == second or len(places) > 1:
        return
    place = next(iter(places), -1)
    moved = np.append(np.flatnonzero(found.earlier == second), second)
    found.earlier[moved] = first
    found.at[np.append(moved, first)] = place
    found.at[found.earlier == first] = place


def _against(
    existing: pd.DataFrame, rows: pd.DataFrame, free: npt.NDArray[np.bool_], result: Weighed, country: str
) -> None:
    """Finds who is still new among the clients of the table."""
    found = result.match
    new = np.flatnonzero(free & (found.at < 0) & (found.earlier < 0))
    if not len(new) or not len(existing):
        return
    known = existing.set_axis(pd.RangeIndex(len(existing)))
    pairs = match_clients(rows.iloc[new].set_axis(pd.Index(new)), known, country=country)
    for row, place, band, codes in pairs[["left", "right", "band", "codes"]].itertuples(index=False):
        if band == "surely":
            found.at[found.earlier == row] = place
            found.at[row] = place
        else:
            result.doubts.append(Perhaps(int(row), int(place), inside=False, codes=codes))
