"""Name and address typed into one cell: each cell is taken apart first, then split as any other."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm.addresses.address import Address
from xlcrm.addresses.split import split_address
from xlcrm.problems import Problem
from xlcrm.spend.kinds import Mask
from xlcrm.tables import Table
from xlcrm.values import as_text, is_blank

# Tells a name from the address behind it where both were typed into one cell, and says where it can't be told.

_BREAK = re.compile(r"\s*(?:[,;|]|\s[-–—/]\s)\s*")
# a word, a point and a capital: a given name may stand in front of the street ("López, Ana. Calle Mayor 3")
_SENTENCE = re.compile(r"[^\W\d]{3,}\.\s+[^\W\d_]")


class Apart(NamedTuple):
    """One cell taken apart. `told` is False where nobody can tell name from address; both are "" then."""

    name: str = ""
    address: str = ""
    told: bool = True


def apart(text: str, country: str = "") -> Apart:
    """The name is the first line, or what stands before the first comma, semicolon or dash; the rest is the address.

    It is told only where the name has no figures, where the rest has a street with its number (or a box) and a postal
    code, and where reading the whole cell as an address finds no other name in it.
    """
    if is_blank(text):
        return Apart()
    name, rest = _cut(text.strip())
    if not rest or re.search(r"\d", name):
        return Apart(told=False)
    address, whole = split_address(rest, country=country), split_address(text, country=country)
    told = _is_located(address) and _is_alone(address) and whole.name in ("", name)
    return Apart(name, rest, True) if told and address.sure else Apart(told=False)


def _is_located(address: Address) -> bool:
    """Whether it says where to go: a street with its number, or a box, and a postal code."""
    return bool(address.po_box or (address.street and address.house_number)) and bool(address.postal_code)


def _is_alone(address: Address) -> bool:
    """Whether no part of a name is left in what was read as an address."""
    return not address.name and not _SENTENCE.search(address.street)


def _cut(text: str) -> tuple[str, str]:
    """The text before and behind the first line break, or the first comma, semicolon, bar or dash; "" where none is."""
    if "\n" in text:
        name, _, rest = text.partition("\n")
        return name.strip().rstrip(","), rest.strip()
    found = _BREAK.search(text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


CODE = "split.both_unsure"


def both(
    clients: Table, source: str, countries: pd.Series[Any], names: tuple[str, ...], addresses: tuple[str, ...]
) -> tuple[dict[str, pd.Series[Any]], list[Problem]]:
    """The column `source` as texts of names and of addresses, and a doubt for each cell where nobody can tell.

    `names` and `addresses` are the fields to fill: a row that has something of both is nobody's doubt any more.
    """
    text = as_text(clients.frame[source])
    found = [apart(value, country) for value, country in zip(text, countries, strict=True)]
    untold = ~np.array([one.told for one in found], dtype=bool)
    unfilled = ~(_any(clients, names, source) & _any(clients, addresses, source))
    ids = as_text(clients.frame["client_id"]) if "client_id" in clients.frame else text.map(lambda _: "")
    doubts = [
        Problem(CODE, clients.name, clients.excel_row(at), ids.iloc[at], source, text.iloc[at], level="doubt")
        for at in np.flatnonzero(untold & unfilled).tolist()
    ]
    texts = {
        "name": pd.Series([one.name for one in found], index=text.index, dtype="str"),
        "address": pd.Series([one.address for one in found], index=text.index, dtype="str"),
    }
    return texts, doubts


def _any(clients: Table, fields: tuple[str, ...], source: str) -> Mask:
    """Rows where one of the fields holds something."""
    found = np.zeros(len(clients.frame), dtype=bool)
    for field in fields:
        if field in clients.frame and field != source:
            found |= (as_text(clients.frame[field]).str.strip() != "").to_numpy()
    return found
