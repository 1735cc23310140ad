"""Colleagues among the clients: rows that are one firm, each for another of its people (and for the firm itself)."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from xlcrm.people.same_firm import Firm, clusters
from xlcrm.text import any_order, fold
from xlcrm.values import as_text

NAMES = ("full_name", "first_name", "last_name")
MOST = 50  # of so many at one firm it is an employer of private persons


def colleagues(clients: pd.DataFrame) -> list[tuple[str, ...]]:
    """The labels of clients that name one firm and at least one person, two rows or more, in the order of the rows.

    Columns read, all may be missing: company, tax_id, city, email and the names. Firms are one by `same_firm`: another
    tax number, or another town and mail domain, is another firm. Rows of one person only (a double) are not listed.
    """
    columns = [_text(clients, name) for name in ("company", "tax_id", "city", "email")]
    firms = [Firm(company, tax_id, "", city, email) for company, tax_id, city, email in zip(*columns, strict=True)]
    people = _people(clients, [firm.name for firm in firms])
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for label, group, person in zip(clients.index, clusters(firms), people, strict=True):
        if group >= 0:
            found[group].append((str(label), person))
    return [tuple(label for label, _ in rows) for rows in found.values() if _is_offered(rows)]


def _is_offered(rows: list[tuple[str, str]]) -> bool:
    persons = {person for _, person in rows}
    return 2 <= len(rows) <= MOST and len(persons) > 1


def _people(clients: pd.DataFrame, firms: list[str]) -> list[str]:
    """The person's name of each row in any order of its words, "" where there is none but the firm's."""
    wholes, *parts = (_text(clients, name) for name in NAMES)
    names = [" ".join(filter(None, row)) or whole for whole, *row in zip(wholes, *parts, strict=True)]
    return ["" if fold(name) == fold(firm) else any_order(name) for name, firm in zip(names, firms, strict=True)]


def _text(frame: pd.DataFrame, name: str) -> list[str]:
    return as_text(frame[name]).str.strip().tolist() if name in frame else [""] * len(frame)
