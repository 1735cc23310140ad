"""Firms of a contact list that are clients already, met by their name: a list of their people doubles none of them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from xlcrm.importing.matching import PROPOSED
from xlcrm.people.same_firm import Firm, firm_key, may_be_one
from xlcrm.values import as_text


def with_known_ids(rows: pd.DataFrame, firms: pd.Series[Any], existing: pd.DataFrame) -> pd.DataFrame:
    """The rows, those of `firms` (a flag a row) with the id of the client of that name.

    Of several such clients the first without a person's name, else the first. A firm with a number of its own keeps it
    where it is in the table, or where the client there has one of the user's own. Nobody is met whose tax number, or
    whose town and mail domain, differ. Neither frame is changed.
    """
    have = {name: _text(rows, name) for name in ("company", "tax_id", "client_id", "city", "email")}
    known, people = _by_name(existing), _persons(existing)
    ids = _text(existing, "client_id")
    set_of_ids, found = set(ids), []
    for at, (is_firm, number) in enumerate(zip(firms, have["client_id"], strict=True)):
        own = Firm(have["company"][at], have["tax_id"][at], "", have["city"][at], have["email"][at])
        places = known.get(firm_key(own.name), []) if is_firm and number not in set_of_ids else []
        fitting = [(people[place], place) for place, other in places if may_be_one(own, other)]
        met = ids[min(fitting)[1]] if fitting else ""
        found.append(met if met and (not number or PROPOSED.fullmatch(met)) else number)
    return rows.assign(client_id=pd.Series(found, index=rows.index, dtype="str")) if any(found) else rows


def _by_name(existing: pd.DataFrame) -> dict[str, list[tuple[int, Firm]]]:
    found: dict[str, list[tuple[int, Firm]]] = defaultdict(list)
    columns = [_text(existing, name) for name in ("company", "tax_id", "city", "email")]
    for place, (company, tax_id, city, email) in enumerate(zip(*columns, strict=True)):
        if company:
            found[firm_key(company)].append((place, Firm(company, tax_id, "", city, email)))
    return found


def _persons(existing: pd.DataFrame) -> list[bool]:
    """Which clients have a person's name."""
    names = [_text(existing, name) for name in ("full_name", "first_name", "last_name", "company")]
    return [any(map(bool, parts)) and parts[0] != firm for *parts, firm in zip(*names, strict=True)]


def _text(frame: pd.DataFrame, name: str) -> list[str]:
    return as_text(frame[name]).str.strip().tolist() if name in frame else [""] * len(frame)
