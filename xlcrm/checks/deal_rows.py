"""Check the rows of Opportunities: whose they are, where they stand, and dates and chances that contradict it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from xlcrm.checks.judge import Verdict
from xlcrm.checks.purchase_lines import new_ids
from xlcrm.checks.view import CheckedBook, Mask, View
from xlcrm.merging.alias_table import id_keys
from xlcrm.opportunities.deals import CLOSED, OPEN, percent_of
from xlcrm.problems import Problem
from xlcrm.values import text_of

LONG_PAST = 30  # days after which an open opportunity should have been closed or given a new day


def check(book: CheckedBook) -> list[Problem]:
    """Findings about Opportunities; none in a workbook without the table. Blank rows are passed over."""
    view = book.get("Opportunities")
    if view is None or not view.live.any():
        return []
    return _names(view) + _people(book, view) + _stages(view) + _chances(view) + _dates(book, view) + _won(book, view)


def _names(view: View) -> list[Problem]:
    """Opportunities without a name, each with an unused one to take, then those with the name of another."""
    if not view.has("opportunity"):
        return []
    names = view.text("opportunity")
    fresh = new_ids(list(names), "O")
    found = [
        view.problem(int(position), Verdict("deal.no_id", next(fresh), True), "opportunity", "")
        for position in np.flatnonzero(view.live & ~view.filled("opportunity"))
    ]
    keys = id_keys(view.table.frame["opportunity"]).tolist()
    counts = Counter(keys)
    first: dict[str, int] = {}
    for position in np.flatnonzero(view.filled("opportunity")).tolist():
        key = keys[position]
        if counts[key] > 1 and first.setdefault(key, position) != position:
            other = str(view.table.excel_row(first[key]))
            found.append(view.problem(position, Verdict("deal.id_repeated", values=(("other", other),)), "opportunity"))
    return found


def _people(book: CheckedBook, view: View) -> list[Problem]:
    """Persons whom the sheet People lacks, and those of another client."""
    frame = book.tables["People"].frame if "People" in book.tables else pd.DataFrame()
    if not {"person_id", "client_id"} <= set(frame.columns) or not view.has("person_id"):
        return []
    theirs = dict(zip(id_keys(frame["person_id"]), id_keys(frame["client_id"]), strict=True))
    spelt = dict(zip(id_keys(frame["person_id"]), frame["client_id"].map(text_of), strict=True))
    persons, clients = (id_keys(pd.Series(view.text(name), dtype="str")) for name in ("person_id", "client_id"))
    known = persons.isin(set(theirs) - {""}).to_numpy()
    found = view.each(view.filled("person_id") & ~known, Verdict("deal.person_unknown"), "person_id")
    owner = persons.map(theirs).fillna("").to_numpy()
    elsewhere = known & (owner != "") & (clients != "").to_numpy() & (owner != clients.to_numpy())
    for position in np.flatnonzero(elsewhere & view.live).tolist():
        verdict = Verdict("deal.person_elsewhere", values=(("other", spelt[persons[position]]),))
        found.append(view.problem(position, verdict, "person_id"))
    return found


def _stages(view: View) -> list[Problem]:
    """No stage; closed without a day, open with one; lost and nobody knows why."""
    lost = view.choices("stage", "stage") == "lost"
    rules = (
        ("deal.no_stage", "stage", ~view.filled("stage"), "error"),
        ("deal.no_closed_on", "closed_on", _at(view, CLOSED) & ~view.filled("closed_on"), "note"),
        ("deal.open_closed", "closed_on", _at(view, OPEN) & view.filled("closed_on"), "doubt"),
        ("deal.no_reason", "lost_because", lost & ~view.filled("lost_because"), "note"),
    )
    return [
        problem
        for code, column, mask, level in rules
        if view.has(column)
        for problem in view.each(np.asarray(mask), Verdict(code, level=level), column)
    ]


def _at(view: View, stages: tuple[str, ...]) -> Mask:
    """Rows that stand at one of these stages."""
    return np.isin(view.choices("stage", "stage").astype(str), stages)


def _chances(view: View) -> list[Problem]:
    """Probabilities below 0 or above 100 %, and percent points where a share is meant (25 for 25 %)."""
    found = []
    numbers = view.numbers("probability")
    for position in np.flatnonzero((numbers < 0) | (numbers > 1)).tolist():
        share = percent_of(float(numbers.iloc[position]))
        if np.isnan(share):
            verdict = Verdict("deal.probability")
        else:
            values = (("shown", f"{share * 100:g}"),)
            verdict = Verdict("deal.probability_points", f"{share:.10g}", level="doubt", values=values)
        found.append(view.problem(position, verdict, "probability"))
    return found


def _dates(book: CheckedBook, view: View) -> list[Problem]:
    """Days in an order that can't be, and days of open opportunities that are past."""
    today = pd.Timestamp(book.today)
    expected, opened, closed, step = (view.dates(c) for c in ("expected_on", "opened_on", "closed_on", "next_on"))
    is_open = _at(view, OPEN)
    past = is_open & (expected < today - pd.Timedelta(days=LONG_PAST)).to_numpy()
    long = (("days", str(LONG_PAST)),)
    return [
        *view.each((expected < opened).to_numpy(), Verdict("deal.expected_early", level="doubt"), "expected_on"),
        *view.each((closed < opened).to_numpy(), Verdict("deal.closed_early", level="doubt"), "closed_on"),
        *view.each(past, Verdict("deal.expected_past", level="doubt", values=long), "expected_on"),
        *view.each(is_open & (step < today).to_numpy(), Verdict("deal.next_past", level="note"), "next_on"),
    ]


def _won(book: CheckedBook, view: View) -> list[Problem]:
    """Won ones whose client is still a lead or a prospect, though a refresh has seen the win."""
    clients = book.get("Clients")
    changes = book.tables["StageChanges"].frame if "StageChanges" in book.tables else pd.DataFrame()
    if clients is None or not clients.has("client_id") or "opportunity" not in changes:
        return []
    waiting = np.isin(clients.choices("status", "status").astype(str), ("lead", "prospect"))
    ids = id_keys(pd.Series(clients.text("client_id"), dtype="str"))[waiting]
    seen = id_keys(changes["opportunity"])
    names, owners = (id_keys(pd.Series(view.text(c), dtype="str")) for c in ("opportunity", "client_id"))
    still = names.isin(set(seen) - {""}) & owners.isin(set(ids) - {""})
    return view.each(_at(view, ("won",)) & still.to_numpy(), Verdict("deal.won_lead", level="note"), "stage")
