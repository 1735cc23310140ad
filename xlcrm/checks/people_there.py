"""People there, checked: whose they are, their numbers, the days they came and left, and who is there twice."""

from __future__ import annotations

from collections import Counter

import numpy as np

from xlcrm.checks.judge import Verdict
from xlcrm.checks.people import landlines, opted_out
from xlcrm.checks.purchase_lines import new_ids
from xlcrm.checks.view import CheckedBook, View
from xlcrm.people.same_person import same_people
from xlcrm.problems import Problem


def check(book: CheckedBook) -> list[Problem]:
    """Contradictions within the sheet of people; what is wrong with a cell alone is found by its column's kind."""
    view = book.get("People")
    if view is None:
        return []
    within = whose(view) + numbers(view) + days(view) + landlines(view) + opted_out(view) + doubles(view)
    return within + named(book, view)


def whose(view: View) -> list[Problem]:
    """People without a client."""
    without = view.live & ~view.filled("client_id")
    return [
        view.problem(at, Verdict("person.no_client", values=(("name", _name(view, at)),)), "client_id", "")
        for at in np.flatnonzero(without).tolist()
    ]


def numbers(view: View) -> list[Problem]:
    """People without a number, each with an unused one to take, then those with another person's."""
    if not view.has("person_id"):
        return []
    ids, filled = view.text("person_id"), view.filled("person_id")
    fresh, found = new_ids(list(ids), "P"), []
    for at in np.flatnonzero(view.live & ~filled).tolist():
        verdict = Verdict("person.id_missing", next(fresh), True, values=(("name", _name(view, at)),))
        found.append(view.problem(at, verdict, "person_id", ""))
    counts, first = Counter(ids[filled].tolist()), dict[str, int]()
    for at in np.flatnonzero(filled).tolist():
        above = first.setdefault(ids[at], at)
        if above != at:
            values = (("other", str(view.table.excel_row(above))), ("count", str(counts[ids[at]])))
            found.append(view.problem(at, Verdict("person.id_repeated", values=values), "person_id"))
    return found


def days(view: View) -> list[Problem]:
    """People who left before they came."""
    early = (view.dates("until") < view.dates("since")).to_numpy()
    return view.each(early, Verdict("person.until_early", level="doubt"), "until")


def doubles(view: View) -> list[Problem]:
    """Two rows at one client that are one person, surely or probably: the lower one is asked about."""
    return [
        view.problem(
            two.second,
            Verdict("person.double", level="doubt", values=(("other", str(view.table.excel_row(two.first))),)),
            "full_name",
        )
        for two in same_people(view.table.frame)
    ]


def named(book: CheckedBook, people: View) -> list[Problem]:
    """Numbers of people in the sheet of contacts that nobody has; one finding for each. Capitals don't count.

    Those of opportunities are judged with their rows (`deal_rows`).
    """
    view = book.get("Interactions")
    if view is None or not view.has("person_id"):
        return []
    known = {one.upper() for one in people.text("person_id")} - {""}
    unknown = Counter(one for one in view.text("person_id") if one and one.upper() not in known)
    return [
        view.about(Verdict("person.unknown", level="doubt", values=(("count", str(count)),)), "person_id", one)
        for one, count in unknown.items()
    ]


def _name(view: View, at: int) -> str:
    """What a person is called in a message."""
    return str(view.text("full_name")[at] or view.text("last_name")[at] or view.text("email")[at])
