"""A flat sales export repeats the customer on every line; this takes customers and lines apart again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.importing.matching import comparable, folded
from xlcrm.values import as_text

ADDRESS = (
    "address",
    "street",
    "house_number",
    "unit",
    "address_extra",
    "postal_code",
    "city",
    "region",
    "country",
    "po_box",
)
NAMES = ("full_name", "first_name", "last_name", "company")


@dataclass(frozen=True, eq=False)
class Customers:
    """`frame` has one row a customer; its index is the line that the customer is taken from.

    `code` gives for each line the position of its customer in `frame`, -1 where the line names none.
    """

    frame: pd.DataFrame
    code: Any


def customers(lines: pd.DataFrame, when: pd.Series[Any] | None) -> Customers:
    """One row for each customer named in `lines` (columns of Clients), as the latest line has it.

    A customer is a client_id; where that is blank, an e-mail; where that is blank too, a name. `when` dates the lines
    (as many, or None: the last line is the latest). Other details come from the latest line that has them; an address
    comes whole from one line, so that no street of one town meets another's postal code.
    """
    key = _key(lines)
    codes, _ = pd.factorize(key.where(key != ""), sort=False)
    order = (
        np.argsort(when.to_numpy(dtype="datetime64[us]"), kind="stable") if when is not None else np.arange(len(lines))
    )
    if when is not None:  # lines without a date are the oldest
        blank = when.isna().to_numpy()[order]
        order = np.concatenate([order[blank], order[~blank]])
    order = order[codes[order] >= 0]
    count = int(codes.max()) + 1 if len(codes) else 0
    latest = np.zeros(count, dtype=np.int64)
    latest[codes[order]] = order
    found: dict[str, Any] = {}
    addresses = [c for c in ADDRESS if c in lines]
    groups = [addresses] * bool(addresses) + [[c] for c in lines.columns if c not in addresses]
    for group in groups:
        filled = np.zeros(len(lines), dtype=bool)
        for column in group:
            filled |= (as_text(lines[column]).str.strip() != "").to_numpy()
        source = latest.copy()
        picked = order[filled[order]]
        source[codes[picked]] = picked
        for column in group:
            found[column] = lines[column].iloc[source].to_numpy()
    frame = pd.DataFrame(found, index=lines.index[latest], columns=lines.columns)
    return Customers(frame.astype({c: lines[c].dtype for c in lines.columns}), codes)


def told_apart(lines: pd.DataFrame, found: Customers) -> list[str]:
    """The columns whose cells the customers' rows do not hold: lines without a customer, or of several opinions."""
    kept = []
    for column in lines.columns:
        if column == "client_id":
            continue
        have = comparable(lines[column], "Clients", str(column)).to_numpy(dtype=object)
        told = comparable(found.frame[column], "Clients", str(column)).to_numpy(dtype=object)
        same = np.zeros(len(lines), dtype=bool)
        named = found.code >= 0
        same[named] = have[named] == told[found.code[named]]
        if (~same & (have != "")).any():
            kept.append(str(column))
    return kept


def _key(lines: pd.DataFrame) -> pd.Series[Any]:
    key = pd.Series("", index=lines.index, dtype="str")
    if "client_id" in lines:
        key = as_text(lines["client_id"]).str.strip()
    if "email" in lines:
        key = key.where(key != "", "@" + comparable(lines["email"], "Clients", "email")).replace("@", "")
    names = [c for c in NAMES if c in lines]
    if names and (key == "").any():
        whole = as_text(lines[names[0]])
        for column in names[1:]:
            whole = whole + " " + as_text(lines[column])
        plain = {text: folded(text) for text in whole.drop_duplicates()}
        key = key.where(key != "", "#" + whole.map(plain).astype("str")).replace("#", "")
    return key
