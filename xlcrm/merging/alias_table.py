"""Alias table of merged clients: which client a former number, or an e-mail and name of before, belongs to now.

An import and a list of people who want no mail ask it first, so that an old list brings nobody back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from xlcrm.errors import CrmError
from xlcrm.fields import email
from xlcrm.row_matching import tokens
from xlcrm.tables import Tables
from xlcrm.text import any_order, caseless
from xlcrm.values import as_text

COLUMNS = ("old_id", "new_id", "full_name", "email", "phone", "tax_id")
_NAMES = (("full_name",), ("first_name", "last_name"), ("company",))


def id_keys(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Client numbers as they are compared: "c0012 " and "C0012" are one, and so are 12, 12.0 and "12"; blank is ""."""
    return tokens(ids).str.strip().str.upper()


def resolve(merged: pd.DataFrame, ids: pd.Series[Any]) -> pd.Series[Any]:
    """The client numbers of today for `ids`: text with their index, those that were never merged away as they are.

    `merged` is the table Merged (old_id, new_id). Chains are followed to their end: with B merged into C and C into D,
    B is D. CrmError "merge.circle" where they lead back to themselves.
    """
    final = _final(_steps(merged))
    texts = as_text(ids)
    return pd.Series(
        [final.get(key, text) for key, text in zip(id_keys(texts), texts, strict=True)], index=ids.index, dtype="str"
    )


def aliases(tables: Tables) -> dict[str, str]:
    """Former number (as `id_keys` gives it) -> number of today, of clients that are not in the list under the former.

    A number that is in Clients again, because its merge was taken back, is no alias whatever the table says.
    """
    if "Merged" not in tables or not {"old_id", "new_id"} <= set(tables["Merged"].frame.columns):
        return {}
    steps = _steps(tables["Merged"].frame)
    clients = tables["Clients"].frame if "Clients" in tables else pd.DataFrame()
    there = set(id_keys(clients["client_id"])) if "client_id" in clients else set()
    for live in there & set(steps):
        del steps[live]
    return _final(steps)


def former_clients(tables: Tables) -> pd.DataFrame:
    """The rows of the table Merged whose client of today is in the list: `COLUMNS` as text, new_id of today.

    Blank where a column is missing; no rows in a workbook without the table.
    """
    final = aliases(tables)
    if not final:
        return pd.DataFrame(columns=list(COLUMNS), dtype="str")
    frame = tables["Merged"].frame
    blank = pd.Series("", index=frame.index, dtype="str")
    rows = pd.DataFrame({c: as_text(frame[c]) if c in frame else blank for c in COLUMNS})
    keys = id_keys(rows["old_id"])
    ids = as_text(tables["Clients"].frame["client_id"]).str.strip()
    spelt = dict(zip(id_keys(ids), ids, strict=True))
    now = [spelt.get(key, "") for key in id_keys(keys.map(final).fillna(""))]
    rows = rows.assign(new_id=pd.Series(now, index=rows.index, dtype="str"))
    return rows[rows["new_id"] != ""].reset_index(drop=True)


def known_as(tables: Tables, rows: pd.DataFrame) -> pd.Series[Any]:
    """For each row of a list the number of the client of today that it was before a merge, "" for all others.

    rows  canonical columns of Clients: client_id, or email with full_name, first_name and last_name, or company

    A former number decides; a row without a number is known by its e-mail and name together, both as they were.
    """
    former = former_clients(tables)
    found = pd.Series("", index=rows.index, dtype="str")
    if not len(former):
        return found
    given = id_keys(rows["client_id"]) if "client_id" in rows else found
    by_number = dict(zip(id_keys(former["old_id"]), former["new_id"], strict=True))
    by_person = {key: new for key, new in zip(_persons(former), former["new_id"], strict=True) if key}
    names = _persons(rows)
    return pd.Series(
        [by_number.get(one, "") if one else by_person.get(who, "") for one, who in zip(given, names, strict=True)],
        index=rows.index,
        dtype="str",
    )


def _persons(rows: pd.DataFrame) -> list[str]:
    """E-mail and name of each row as one key, "" where either is blank."""
    if "email" not in rows:
        return [""] * len(rows)
    mails = [caseless(email.compact(text)) for text in as_text(rows["email"])]
    return [f"{mail}|{name}" if mail and name else "" for mail, name in zip(mails, _names(rows), strict=True)]


def _names(rows: pd.DataFrame) -> list[str]:
    """Each row's name in any order of its words: the whole one, else the split one, else the company's."""
    names = [""] * len(rows)
    for columns in _NAMES:
        if set(columns) <= set(rows.columns):
            texts = map(" ".join, zip(*(as_text(rows[c]) for c in columns), strict=True))
            names = [name or any_order(text) for name, text in zip(names, texts, strict=True)]
    return names


def _steps(merged: pd.DataFrame) -> dict[str, str]:
    """Former number -> the number that it was merged into, as it is spelt; of two lines of a number the last."""
    pairs = zip(id_keys(merged["old_id"]), as_text(merged["new_id"]).str.strip(), strict=True)
    return {old: new for old, new in pairs if old and new}


def _final(steps: Mapping[str, str]) -> dict[str, str]:
    """Each former number with the end of its chain; CrmError "merge.circle" where there is none."""
    ends = dict(zip(steps, id_keys(pd.Series(list(steps.values()), dtype="str")), strict=True))
    return {old: _end(old, steps, ends) for old in steps}


def _end(old: str, steps: Mapping[str, str], ends: Mapping[str, str]) -> str:
    at, seen = old, {old}
    while ends[at] in steps:
        at = ends[at]
        if at in seen:
            raise CrmError("merge.circle", client=steps[at])
        seen.add(at)
    return steps[at]
