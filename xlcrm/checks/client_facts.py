"""Facts about a client, checked: the group it belongs to, where goods go, its figures' year, its household."""

from __future__ import annotations

import numpy as np

from xlcrm.addresses.split import split_address
from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import CheckedBook, View
from xlcrm.problems import Problem

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
