"""Rows that name the same firm: one name in any spelling, and nothing that says they are two of that name.

Among the clients such rows are colleagues: one firm that stands there once for each of its people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from xlcrm.fields.mail_domains import known as providers
from xlcrm.text import any_order, caseless, fold
from xlcrm.values import as_text

NAMES = ("full_name", "first_name", "last_name")
MOST = 50  # of so many at one firm it is an employer of private persons


class Firm(NamedTuple):
    """A firm as a row has it, all text."""

    name: str
    tax_id: str
    number: str
    city: str
    email: str


@dataclass
class _Cluster:
    """The rows of one firm so far: what each of its details may be."""

    number: int
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def can_be(self, details: dict[str, str]) -> bool:
        """Another tax or client number is another firm; another town is one, unless the e-mail's domain is the same."""
        for name in ("tax_id", "number"):
            if details[name] and self.seen[name] and details[name] not in self.seen[name]:
                return False
        away = bool(details["city"] and self.seen["city"] and details["city"] not in self.seen["city"])
        proof = details["tax_id"] in self.seen["tax_id"] or details["number"] in self.seen["number"]
        return not away or proof or details["domain"] in self.seen["domain"]

    def add(self, details: dict[str, str]) -> None:
        for name, value in details.items():
            if value:
                self.seen[name].add(value)


def clusters(firms: Sequence[Firm]) -> list[int]:
    """A number for each row, the same for rows of one firm, -1 for those without a firm's name.

    Rows are one firm where the letters of the name are the same but for case, accents and punctuation ("Po S.r.l.",
    "PO SRL") and neither tax number, client number nor (where the e-mails don't show the same house) town differ.
    """
    by_name: dict[str, list[_Cluster]] = defaultdict(list)
    found, count = [], 0
    for firm in firms:
        key = firm_key(firm.name)
        if not key:
            found.append(-1)
            continue
        details = _details(firm)
        fitting = next((one for one in by_name[key] if one.can_be(details)), None)
        if fitting is None:
            fitting = _Cluster(count)
            by_name[key].append(fitting)
            count += 1
        fitting.add(details)
        found.append(fitting.number)
    return found


def may_be_one(one: Firm, other: Firm) -> bool:
    """Whether two rows of one firm's name can be one firm, by the same rules."""
    first = _Cluster(0)
    first.add(_details(one))
    return first.can_be(_details(other))


def firm_key(name: str) -> str:
    """What a firm's name is found by: its letters and figures alone; "&" and "and" are no difference."""
    plain = name.replace("&", " ").replace("+", " ")
    words = [word for word in fold(plain).split() if word not in {"and", "und", "et", "og", "e", "y"}]
    return "".join(words) or caseless(name.strip())


def _details(firm: Firm) -> dict[str, str]:
    domain = firm.email.casefold().rpartition("@")[2]
    return {
        "tax_id": fold(firm.tax_id).replace(" ", ""),
        "number": firm.number.strip().upper(),
        "city": fold(firm.city),
        "domain": "" if domain in providers() else domain,
    }


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
