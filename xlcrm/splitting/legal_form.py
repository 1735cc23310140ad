"""Legal form of a company by its tax number, in the countries where the number tells it and the name does not."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.fields import tax_id
from xlcrm.tables import Table
from xlcrm.values import as_text


def legal_form(number: str, country: str) -> str:
    """The form that a valid number of a country tells ("B12345674" in ES: S.L.); "" where it tells none.

    Source: `data/legal_forms_by_number.csv`, which names the law of each row.
    """
    rows = _rows().get(country.upper(), ())
    plain = tax_id.compact(number).removeprefix(country.upper())
    found = next((form for pattern, form in rows if pattern.fullmatch(plain)), "")
    return found if found and tax_id.is_valid(number, country) else ""


def forms(clients: Table, countries: pd.Series[Any], read: pd.Series[Any]) -> pd.Series[Any]:
    """The legal form to fill into each row of Clients, "" where none: the cell is filled, or nothing tells it.

    countries  ISO code of each row; read  the forms that the names told, which go first

    Persons have none. A table without tax_id or legal_form gets none.
    """
    found = pd.Series("", index=clients.frame.index, dtype="str")
    if not {"tax_id", "legal_form"} <= set(clients.frame.columns):
        return found
    frame = clients.frame
    open_ = (as_text(frame["legal_form"]).str.strip() == "") & (read == "") & countries.isin(list(_rows()))
    numbers = as_text(frame["tax_id"]).str.strip()
    kinds = as_text(frame["kind"]) if "kind" in frame.columns else found
    for at in np.flatnonzero(open_ & (numbers != "")).tolist():
        if words.choice("kind", kinds.iloc[at]) != "person":
            found.iloc[at] = legal_form(numbers.iloc[at], countries.iloc[at])
    return found


@cache
def _rows() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    """Country -> patterns of its numbers and the form that each tells."""
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    path = Path(__file__).parent.parent / "data" / "legal_forms_by_number.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["country"], []).append((re.compile(row["pattern"]), row["form"]))
    return found
