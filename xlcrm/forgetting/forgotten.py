"""Forgotten clients, known again by salted hashes alone: what keeps them from coming back, and from being written to.

The table Forgotten holds no data: of each client the scrypt hashes (n 256, r 8, p 1, 16 bytes, a salt of 16 bytes a
workbook) of what would make a row the same client. They can't be read back. Who has the workbook and guesses can
confirm a guess, some 1,600 a second on one core; a slower hash would make an import of 15,000 rows wait for minutes.
An opt-out is held with them: a row that is not let in again is written to by no list.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from xlcrm.forgetting.erasing import erased_plan, notes_without
from xlcrm.forgetting.scrubber import PHONE_DIGITS
from xlcrm.forgetting.traces import Mask, Who, erasure_of_rows, national
from xlcrm.merging.alias_table import id_keys
from xlcrm.people.channel_consent import DAYS
from xlcrm.plan import Added, Plan
from xlcrm.tables import Tables
from xlcrm.text import any_order, caseless
from xlcrm.values import as_days, as_text

NAME = "Forgotten"
COLUMNS = ("forgotten_on", "kind", "salt", "hash")
_SALT, _SIZE = 16, 16


class ReturnSign(NamedTuple):
    """What makes a row the same client. `alone`: counts only where the row says nothing else of who it is."""

    kind: str
    alone: bool
    why: str


SIGNS: tuple[ReturnSign, ...] = (
    ReturnSign("email", False, "an address of mail is one person's, and writing there is what must not be"),
    ReturnSign("name_postal", False, "name and postal code together"),
    ReturnSign("phone_name", False, "name and phone together; a phone alone may be a household's or a firm's"),
    ReturnSign("number_name", False, "the number in this workbook, with the name: a number may be given again"),
    ReturnSign("phone", True, "a row that is nothing but a phone is for calling it"),
    ReturnSign("number", True, "a row that is nothing but a number: a line of a list of sales"),
)
_ALONE = frozenset(sign.kind for sign in SIGNS if sign.alone)


def signs(frame: pd.DataFrame, country: str = "") -> list[list[tuple[str, str]]]:
    """For each row (kind, value) of what makes it somebody, folded for comparing; columns that lack count as blank.

    Columns in: client_id (person_id goes before it), full_name or first_name and last_name, else company; email,
    phone, mobile, postal_code.
    """
    cells = {column: _texts(frame, column) for column in _READ}
    return [_of_row(dict(zip(cells, row, strict=True)), country) for row in zip(*cells.values(), strict=True)]


_READ = (
    "person_id", "client_id", "full_name", "first_name", "last_name", "company", "email", "phone", "mobile",
    "postal_code",
)  # fmt: skip


def _texts(frame: pd.DataFrame, column: str) -> Sequence[str]:
    return as_text(frame[column]).str.strip().tolist() if column in frame else [""] * len(frame)


def _of_row(row: dict[str, str], country: str) -> list[tuple[str, str]]:
    names, number = _names(row), _number(row["person_id"] or row["client_id"])
    digits = {national(phone, country) for phone in (row["phone"], row["mobile"])}
    phones = sorted(one for one in digits if len(one) >= PHONE_DIGITS)
    with_names = {"phone_name": phones, "name_postal": [_packed(row["postal_code"])], "number_name": [number]}
    found = [(kind, f"{one} {name}") for name in names for kind, many in with_names.items() for one in many if one]
    found += [("email", caseless(row["email"])), *(("phone", one) for one in phones), ("number", number)]
    return [sign for sign in found if sign[1]]


def _names(row: dict[str, str]) -> list[str]:
    """The names of a person, as typed and as split; of a row without one that of the company."""
    names = {any_order(row["full_name"]), any_order(f"{row['first_name']} {row['last_name']}")} - {""}
    return sorted(names or {any_order(row["company"])} - {""})


def _number(typed: str) -> str:
    return str(id_keys(pd.Series([typed], dtype="str")).iloc[0])


def _packed(code: str) -> str:
    return "".join(filter(str.isalnum, code)).casefold()


@lru_cache(maxsize=1 << 17)
def _hash(kind: str, value: str, salt: str) -> str:
    whole = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
    return hashlib.scrypt(whole, salt=bytes.fromhex(salt), n=256, r=8, p=1, dklen=_SIZE).hex()


def _hashes(wanted: Sequence[tuple[str, str, str]]) -> list[str]:
    """Hashes of (kind, value, salt), on all cores: scrypt lets other threads work meanwhile."""
    if len(wanted) < 50:
        return [_hash(*one) for one in wanted]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda one: _hash(*one), wanted, chunksize=64))


def forgotten_rows(
    frames: Iterable[pd.DataFrame], salt: str, today: dt.date, *, country: str = "", shared: Iterable[pd.DataFrame] = ()
) -> pd.DataFrame:
    """The rows for the table Forgotten of those whose rows are `frames`, of the workbook and of its backups.

    salt    32 hexadecimal digits, for one workbook always the same
    shared  rows of those who stay: what is theirs, too (a firm's address of mail), is left out
    """
    theirs = {sign for frame in frames for row in signs(frame, country) for sign in row}
    others = {
        sign for frame in shared for row in signs(frame, country) for sign in row if sign[0] in ("email", "phone")
    }
    found = sorted(theirs - others)
    hashes = _hashes([(kind, value, salt) for kind, value in found])
    rows = {(kind, value) for kind, value in zip((k for k, _ in found), hashes, strict=True)}
    kinds, values = zip(*sorted(rows, key=lambda row: row[1]), strict=True) if rows else ((), ())
    whole = {"forgotten_on": pd.Timestamp(today), "kind": list(kinds), "salt": salt, "hash": list(values)}
    return pd.DataFrame(whole, columns=list(COLUMNS), index=range(len(values)))


def salt_of(forgotten: pd.DataFrame | None) -> str:
    """The salt in use, "" where nobody was forgotten yet."""
    return str(forgotten["salt"].iloc[0]) if forgotten is not None and len(forgotten) else ""


def table_of(tables: Tables, kept: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows of the table Forgotten, with those `kept` elsewhere (beside the backups); damaged rows are left out."""
    frames = [kept] if kept is not None and len(kept) else []
    if NAME in tables and set(COLUMNS) <= set(tables[NAME].frame):
        frames.append(tables[NAME].frame[list(COLUMNS)])
    if not frames:
        return pd.DataFrame(columns=list(COLUMNS))
    whole = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
    texts = {column: as_text(whole[column]).str.strip() for column in COLUMNS[1:]}
    sound = texts["salt"].str.fullmatch(r"[0-9a-f]{32}") & texts["hash"].str.fullmatch(r"[0-9a-f]{32}")
    return whole.assign(**texts)[sound].drop_duplicates("hash").reset_index(drop=True)


def returning(frame: pd.DataFrame, forgotten: pd.DataFrame | None, *, country: str = "", typed: bool = False) -> Mask:
    """Which rows of clients or people are somebody who was forgotten, by any of `SIGNS`.

    frame      columns as in Clients or People (see `signs`); a day of consent (general or of a channel) after that of
               forgetting lets the row pass, because then the person came back by own wish
    forgotten  rows of the table Forgotten; None or empty: nobody was
    typed      the rows stand in the workbook now: their numbers may have been given again, so that they don't count
    """
    hit = np.zeros(len(frame), dtype=bool)
    if forgotten is None or not len(forgotten) or not len(frame):
        return hit
    days = dict(zip(forgotten["hash"], as_days(forgotten["forgotten_on"]), strict=True))
    days_of = [as_days(frame[column]) for column in DAYS if column in frame]
    since = [max(filter(None, told), default=None) for told in zip(*days_of, [None] * len(frame), strict=True)]
    rows = [_counting(row, typed=typed) for row in signs(frame, country)]
    for salt in sorted(set(forgotten["salt"])):
        met = _met(rows, salt, days)
        hit |= [any(not _came_back(told, day) for day in row) for told, row in zip(since, met, strict=True)]
    return hit


def _met(
    rows: Sequence[list[tuple[str, str]]], salt: str, days: Mapping[str, dt.date | None]
) -> list[list[dt.date | None]]:
    """For each row the days on which somebody with one of its signs was forgotten."""
    wanted = sorted({(kind, value, salt) for row in rows for kind, value in row})
    known = {one[:2]: digest for one, digest in zip(wanted, _hashes(wanted), strict=True) if digest in days}
    return [[days[known[sign]] for sign in row if sign in known] for row in rows]


def _counting(row: list[tuple[str, str]], *, typed: bool) -> list[tuple[str, str]]:
    """The signs of a row that count: those that are not enough by themselves only where there is no other."""
    telling = [sign for sign in row if sign[0] not in _ALONE]
    return [sign for sign in telling or row if not (typed and sign[0].startswith("number"))]


def _came_back(consent: dt.date | None, forgotten: dt.date | None) -> bool:
    return consent is not None and forgotten is not None and consent > forgotten


def numbers_taken(forgotten: pd.DataFrame | None, used: Iterable[str]) -> set[str]:
    """Numbers "C0301" above the highest in use that were those of clients who are forgotten, so that none is given
    again."""
    if forgotten is None or not len(forgotten):
        return set()
    figures = [int(number[1:]) for number in used if number[:1] in "Cc" and number[1:].isdecimal()]
    first = max(figures, default=0) + 1
    ahead = 2 * int((forgotten["kind"] == "number").sum()) + 20
    there = set(forgotten["hash"])
    wanted = [("number", _number(f"C{n:04}"), salt_of(forgotten)) for n in range(first, first + ahead)]
    return {f"C{first + at:04}" for at, digest in enumerate(_hashes(wanted)) if digest in there}


# What asks them: an import, an undo, a restore, a union of copies.

_KEYED = {"Clients": "client_id", "People": "person_id"}
_NUMBERED = ("client_id", "person_id")
_DEPENDENT = ("People", "Purchases", "Interactions", "Opportunities", "External", "Merged", "Documents")


def left_out(plan: Plan, tables: Tables, forgotten: pd.DataFrame | None, country: str = "") -> Plan:
    """The plan without rows that would bring somebody back, and without the lines that name them; a note says so.

    What it tells (an example of what a column holds) doesn't name them either, for that stays in the sheet Changes.

    tables     those that the plan is for: a number that stands in Clients is nobody's who was forgotten
    forgotten  see `returning`
    """
    if forgotten is None or not len(forgotten) or not plan.added:
        return plan
    going = _numbers_going(plan, forgotten, country)
    live = set(id_keys(tables["Clients"].frame["client_id"])) if "Clients" in tables else set()
    live |= _added_numbers(plan) - going
    parts, out = [], []
    for part in plan.added:
        stays = ~_goes(part, going, live, forgotten, country)
        out.append(part.rows[~stays])
        rows = part.rows if stays.all() else part.rows[stays].reset_index(drop=True)
        parts += [replace(part, rows=rows)] if len(rows) or not len(part.rows) else []
    if not (many := sum(map(len, out))):
        return plan
    told = notes_without(plan, erasure_of_rows(out, Who(frozenset(going)), country))
    return replace(plan, added=tuple(parts), notes=(*told, ("forget.left_out", {"n": len(going), "rows": many})))


def plan_without(plan: Plan, now: Tables, forgotten: pd.DataFrame, country: str = "") -> Plan:
    """The plan of another copy's run without those who were forgotten here; the very same one where it has none.

    now  the tables of the workbook: a number that stands there is nobody's who was forgotten
    """
    parts = [*((part.table, part.rows) for part in plan.added), *((part.table, part.rows) for part in plan.removed)]
    changed = [pd.DataFrame({"client_id": change.keys}) for change in plan.changes if change.table in _KEYED]
    named = [rows[[c]].set_axis(["client_id"], axis=1) for _, rows in parts for c in _NUMBERED if c in rows]
    ids = pd.concat([id_keys(frame["client_id"]) for frame in (*changed, *named)] or [pd.Series(dtype="str")])
    there = {key for name, column in _KEYED.items() if name in now for key in id_keys(now[name].frame[column])}
    bare = pd.DataFrame({"client_id": sorted(set(ids) - there - {""})}, dtype="str")
    gone = frozenset(bare["client_id"][returning(bare, forgotten)])
    if not gone:
        return plan
    frames = (rows for name, rows in parts if name in _KEYED)
    theirs = (rows[id_keys(rows[_key_of(rows)]).isin(gone).to_numpy(dtype=bool)] for rows in frames)
    return erased_plan(plan, erasure_of_rows(theirs, Who(gone, gone), country))


def _key_of(rows: pd.DataFrame) -> str:
    """The column that says who a row of Clients or People is."""
    return "person_id" if "person_id" in rows else "client_id"


def _added_numbers(plan: Plan) -> set[str]:
    frames = (part.rows for part in plan.added if part.table == "Clients" and "client_id" in part.rows)
    return {number for rows in frames for number in id_keys(rows["client_id"])} - {""}


def _numbers_going(plan: Plan, forgotten: pd.DataFrame, country: str) -> set[str]:
    """Numbers that the plan would give to clients who are not to come back."""
    found: set[str] = set()
    for part in plan.added:
        if part.table == "Clients" and "client_id" in part.rows:
            found |= set(id_keys(part.rows["client_id"])[returning(part.rows, forgotten, country=country)])
    return found - {""}


def _goes(part: Added, going: set[str], live: set[str], forgotten: pd.DataFrame, country: str) -> Mask:
    rows, goes = part.rows, np.zeros(len(part.rows), dtype=bool)
    if part.table in ("Clients", "People"):
        goes |= returning(rows, forgotten, country=country)
    if part.table in _DEPENDENT and "client_id" in rows:
        ids = id_keys(rows["client_id"])
        unknown = [number for number in ids.drop_duplicates() if number and number not in live and number not in going]
        bare = pd.DataFrame({"client_id": unknown}, dtype="str")
        gone = going | set(np.array(unknown, dtype=object)[returning(bare, forgotten)])
        goes |= ids.isin(gone).to_numpy(dtype=bool)
    return goes


def who_returns(held: Tables, now: Tables, forgotten: pd.DataFrame | None, country: str = "") -> Who:
    """Who stands in other tables (a backup's, a copy's) and was forgotten, by numbers; those of `now` are nobody."""
    if forgotten is None or not len(forgotten):
        return Who()
    clients = _returning_in(held, now, "Clients", "client_id", forgotten, country)
    people = _returning_in(held, now, "People", "person_id", forgotten, country)
    return Who(clients, people)


def _returning_in(
    held: Tables, now: Tables, name: str, column: str, forgotten: pd.DataFrame, country: str
) -> frozenset[str]:
    if name not in held or column not in held[name].frame:
        return frozenset()
    frame = held[name].frame
    ids = id_keys(frame[column])
    there = set(id_keys(now[name].frame[column])) if name in now and column in now[name].frame else set()
    new = frame[~ids.isin(there - {""}).to_numpy(dtype=bool)]
    return frozenset(id_keys(new[column])[returning(new, forgotten, country=country)]) - {""}
