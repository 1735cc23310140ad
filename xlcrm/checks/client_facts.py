"""Facts about a client and its people, checked: groups, delivery, figures' year, household; numbers and days."""

from __future__ import annotations

from collections import Counter

import numpy as np

from xlcrm.addresses.split import split_address
from xlcrm.checks.judge import Verdict
from xlcrm.checks.people import landlines, opted_out
from xlcrm.checks.purchase_lines import new_ids
from xlcrm.checks.view import CheckedBook, View
from xlcrm.people.same_person import same_people
from xlcrm.problems import Problem


def check_people(book: CheckedBook) -> list[Problem]:
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


FIRST_YEAR = 1900


def check(book: CheckedBook) -> list[Problem]:
    """The columns of Clients that need more than their kind to be judged."""
    view = book.get("Clients")
    if view is None:
        return []
    return groups(view) + deliveries(view) + years(view, book.today.year) + households(view)


def groups(view: View) -> list[Problem]:
    """Clients that belong to nobody in the list, to themselves, or to each other in a circle (named once)."""
    ids, parents = view.text("client_id"), view.text("parent_id")
    known = set(ids) - {""}
    above = {one: parent for one, parent in zip(ids, parents, strict=True) if one and parent in known}
    found, told = [], set[str]()
    for at in np.flatnonzero(view.filled("parent_id")).tolist():
        one, parent = ids[at], parents[at]
        if parent not in known:
            found.append(view.problem(at, Verdict("parent.unknown"), "parent_id"))
        elif parent == one:
            found.append(view.problem(at, Verdict("parent.self"), "parent_id"))
        elif one not in told and (path := circle(one, above)):
            told |= set(path)
            values = (("path", " > ".join([*path, one])),)
            found.append(view.problem(at, Verdict("parent.circle", values=values), "parent_id"))
    return found


def circle(one: str, above: dict[str, str]) -> list[str]:
    """The clients from one up to itself again; none where the way up ends, or turns in a circle without it."""
    path, at = [one], above.get(one, "")
    while at and at not in path:
        path.append(at)
        at = above.get(at, "")
    return path if at == one and len(path) > 1 else []


def deliveries(view: View) -> list[Problem]:
    """Delivery addresses that can't be read for sure, or say no place; read by their client's country."""
    cells, countries = view.text("delivery_address"), view.countries
    found = []
    for at in np.flatnonzero(view.filled("delivery_address")).tolist():
        read = split_address(cells[at], country=countries[at].upper())
        placed = bool(read.city or read.postal_code) and bool(read.street or read.po_box or read.unit)
        if not (read.sure and placed):
            shown = ", ".join(filter(None, (read.street, read.house_number, read.postal_code, read.city, read.country)))
            verdict = Verdict("delivery.unsure", level="doubt", values=(("reading", shown or "-"),))
            found.append(view.problem(at, verdict, "delivery_address"))
    return found


def years(view: View, this_year: int) -> list[Problem]:
    """Years of figures that are no year from 1900 to the next one."""
    year = view.numbers("turnover_year")
    wrong = (year.notna() & ((year % 1 != 0) | (year < FIRST_YEAR) | (year > this_year + 1))).to_numpy()
    verdict = Verdict("year.implausible", level="doubt", values=(("year", str(this_year - 1)),))
    return view.each(wrong, verdict, "turnover_year")


def households(view: View) -> list[Problem]:
    """Households of no whole number of people, or of none."""
    size = view.numbers("household_size")
    wrong = (size.notna() & ((size % 1 != 0) | (size < 1))).to_numpy()
    return view.each(wrong, Verdict("household.size", level="doubt"), "household_size")
