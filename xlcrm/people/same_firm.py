"""Rows that name the same firm: one name in any spelling, and nothing that says they are two of that name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from xlcrm.fields.mail_domains import known as providers
from xlcrm.text import caseless, fold


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
