"""Recipients of post: who may get it and where; nobody who said no and no half address reaches an envelope."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.addresses import compose_address
from xlcrm.addresses.countries import country_code
from xlcrm.problems import Problem
from xlcrm.tables import Table
from xlcrm.text import fold
from xlcrm.values import as_flag, as_text

ADDRESS = ("street", "house_number", "unit", "po_box", "postal_code", "city", "region", "country")


@dataclass(frozen=True)
class Recipients:
    """Clients a list may name, as dictionaries of text, and those left out: reason (message key) -> how many."""

    clients: tuple[dict[str, Any], ...]
    left_out: Counter[str]
    problems: tuple[Problem, ...]


def texts(table: Table) -> pd.DataFrame:
    """All columns of a table as text, blank columns of the schema added; the index stays the position."""
    frame = pd.DataFrame({column: as_text(table.frame[column]).str.strip() for column in table.frame.columns})
    wanted = [*ADDRESS, "client_id", "full_name", "first_name", "last_name", "title", "company", "status", "address"]
    wanted += ["email", "phone", "mobile", "tax_id", "address_extra", "opt_out_email", "opt_out_post", "kind"]
    return frame.assign(**{column: "" for column in wanted if column not in frame.columns})


def person(row: dict[str, Any]) -> dict[str, Any]:
    """A client as templates see it: every column by name, and `name`, the words on the first line of an envelope."""
    parts = " ".join(row[part] for part in ("title", "first_name", "last_name") if row[part])
    typed = parts if row["first_name"] or row["last_name"] else row["full_name"]
    return {**row, "name": typed or row["company"]}


def postal(table: Table, chosen: pd.Series[Any] | None, country: str, language: str) -> Recipients:
    """The clients of `chosen` (True per row; None is everybody) who can and may get a letter.

    Left out: those who want no post, former clients, addresses with no street and no PO box, no city, or (where the
    country has them) no postal code, and the second and further ones of the same name at the same address. `country`
    (ISO code) is the sender's: other countries get their name as the last line.
    """
    everyone = texts(table)
    if chosen is not None:
        everyone = everyone[chosen.reindex(everyone.index, fill_value=False)]
    refused = as_flag(everyone["opt_out_post"])
    kept: list[dict[str, Any]] = []
    out: Counter[str] = Counter()
    problems: list[Problem] = []
    seen: set[tuple[str, ...]] = set()
    for position, row in zip(everyone.index, everyone.to_dict("records"), strict=True):
        client = person({str(column): value for column, value in row.items()})
        if not any(client[column] for column in ("client_id", "name", "address", "street")):
            continue
        reason = _why_not(client, bool(refused[position]), country)
        if not reason:
            client["lines"] = _lines(client, country, language)
            known = (fold(client["name"]), *map(fold, client["lines"]))
            reason = "lists.repeated" if known in seen else ""
            seen.add(known)
        if not reason:
            kept.append(client)
            continue
        out[reason] += 1
        if reason in ("lists.incomplete", "lists.not_split"):
            row_number = table.excel_row(position)
            problems.append(Problem(reason, table.name, row_number, client["client_id"], "address", level="note"))
    return Recipients(tuple(kept), out, tuple(problems))


def _why_not(client: dict[str, Any], refused: bool, country: str) -> str:
    """The first reason that keeps a client off the list, as a key of messages; "" where none does."""
    if refused:
        return "lists.opted_out"
    if words.choice("status", client["status"]) == "former":
        return "lists.former"
    if not client["name"]:
        return "lists.no_name"
    place = client["street"] or client["po_box"]
    if not place and not client["city"] and client["address"]:
        return "lists.not_split"
    return "" if place and client["city"] and _has_code(client, country) else "lists.incomplete"


def _has_code(client: dict[str, Any], country: str) -> bool:
    """Whether there is a postal code, or the client's country (else the sender's) delivers without one."""
    home = country_code(client["country"]) or country
    return bool(client["postal_code"]) or home in NO_POSTAL_CODES


# Countries and territories where post is delivered without a postal code (Universal Postal Union, member pages).
NO_POSTAL_CODES = frozenset(
    """AE AG AN AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GA GD GH GM GQ GY HK JM KI KM KN KP LC ML MO
    MR MW NR NU QA RW SB SC SL SR ST SY TD TF TG TK TL TO TT TV UG VU YE ZW""".split()
)


def _lines(client: dict[str, Any], country: str, language: str) -> list[str]:
    """The lines under the name: company, what the splitter left over, the address in its country's own order."""
    home = country_code(client["country"]) or country
    company = [client["company"]] if client["company"] and client["company"] != client["name"] else []
    extra = [client["address_extra"]] if client["address_extra"] else []
    lines = compose_address({column: client[column] for column in ADDRESS}, country=home)
    if home and country and home != country:
        lines = [*lines, _country_name(home, language)]
    return [*company, *extra, *lines]


def _country_name(code: str, language: str) -> str:
    """A country's name in capitals, as the last line of an envelope has it, in the language of the sender."""
    from babel import Locale

    return (Locale.parse(language).territories.get(code) or code).upper()
