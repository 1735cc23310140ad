"""Find doubles: the same person twice, by what cannot be chance (e-mail, phone, tax number, name and place)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from xlcrm import messages
from xlcrm.checks.people import is_company
from xlcrm.checks.view import CheckedBook, Mask, View
from xlcrm.fields import email, phone, tax_id
from xlcrm.plan import Added, Plan, Removed
from xlcrm.text import any_order, caseless, fold
from xlcrm.values import as_text

# More clients than this behind one e-mail or phone share a switchboard.
LARGEST = 5
WEAK = frozenset({"email", "phone"})


def plan(book: CheckedBook) -> Plan:
    """New pairs for the table Duplicates; known pairs keep their decision, undecided ones of gone clients leave.

    Columns read: client_id and whichever of email, phone, mobile, tax_id, full_name, first_name, last_name, company,
    postal_code, birth_date exist. Rows without a client_id cannot be named and are left out.
    """
    view = book.get("Clients")
    if view is None or "Duplicates" not in book.tables or not view.has("client_id"):
        return Plan("check")
    table = book.tables["Duplicates"]
    if not {"client_id", "other_id"} <= set(table.frame.columns):
        return Plan("check")
    gone = _gone(table.frame, set(view.text("client_id")))
    found = _new_rows(view, table.frame)
    return Plan(
        "check",
        removed=(Removed("Duplicates", table.frame[gone]),) if gone.any() else (),
        added=(Added("Duplicates", found[[c for c in found if c in table.frame]]),) if len(found) else (),
    )


def _gone(frame: pd.DataFrame, ids: set[str]) -> pd.Series[bool]:
    """Rows of Duplicates that nobody decided and of which a client is not in the list any more."""
    ones, others = as_text(frame["client_id"]), as_text(frame["other_id"])
    decided = as_text(frame["decision"]) != "" if "decision" in frame else pd.Series(False, ones.index)
    gone: pd.Series[bool] = (ones != "") & ~decided & ~(ones.isin(ids) & others.isin(ids))
    return gone


def _new_rows(view: View, frame: pd.DataFrame) -> pd.DataFrame:
    """The pairs that Duplicates (`frame`) does not have yet, as rows of it without a decision."""
    there = set(map(frozenset, zip(as_text(frame["client_id"]), as_text(frame["other_id"]), strict=True)))
    rows = []
    for (one, other), reasons in pairs(view).items():
        key, twin = view.text("client_id")[one], view.text("client_id")[other]
        if key != twin and frozenset((key, twin)) not in there:
            reason = "; ".join(_reason(view, column, value, _name(view, one)) for column, value in reasons)
            rows.append((key, _name(view, one), twin, _name(view, other), reason, ""))
    columns = ["client_id", "full_name", "other_id", "other_name", "reason", "decision"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def pairs(view: View) -> dict[tuple[int, int], list[tuple[str, str]]]:
    """Positions of two clients (the earlier first) -> what they share, as (column, value)."""
    found: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    named: dict[int, frozenset[str]] = {}
    for column, keys in _keys(view):
        for key, members in _groups(keys, view.filled("client_id") & view.live).items():
            if column in WEAK:
                named |= {n: _tokens(view, n) for n in members if n not in named}
            for n, one in enumerate(members):
                for other in members[n + 1 :]:
                    if column not in WEAK or not named[one] or not named[other] or named[one] & named[other]:
                        found[one, other].append((column, key.split("|")[0]))
    return dict(sorted(found.items()))


def _groups(keys: Sequence[str], usable: Mask) -> dict[str, list[int]]:
    """Keys that two to `LARGEST` usable rows share -> their positions."""
    groups: dict[str, list[int]] = defaultdict(list)
    for position in np.flatnonzero(usable).tolist():
        if keys[position]:
            groups[keys[position]].append(position)
    return {key: members for key, members in groups.items() if 1 < len(members) <= LARGEST}


def _keys(view: View) -> Iterator[tuple[str, list[str]]]:
    """For each kind of key its text by row, "" where a row has none."""
    names = _names(view)
    places = [fold(code).replace(" ", "") for code in view.text("postal_code").tolist()]
    days = view.dates("birth_date").dt.strftime("%Y-%m-%d").fillna("").tolist()
    yield "email", [caseless(email.compact(text)) if "@" in text else "" for text in view.text("email").tolist()]
    yield "phone", _phones(view)
    yield "tax_id", _tax_ids(view)
    yield "full_name", _both(names, places)
    yield "birth_date", _both(names, days)


def _both(names: list[str], beside: list[str]) -> list[str]:
    """Name and what stands beside it as one key; "" where either is blank."""
    return [f"{name}|{more}" if name and more else "" for name, more in zip(names, beside, strict=True)]


def _names(view: View) -> list[str]:
    """Each row's name for comparing: a company's as it is, a person's in any order of its words."""
    companies = is_company(view).tolist()
    columns = (view.text(column).tolist() for column in ("company", "first_name", "last_name", "full_name"))
    return [
        fold(company) if is_one else any_order(f"{first} {last}" if last else full)
        for is_one, company, first, last, full in zip(companies, *columns, strict=True)
    ]


def _tax_ids(view: View) -> list[str]:
    """Each row's tax number without its country's prefix; "" where that has under 8 characters, too few to be one."""
    numbers = zip(view.text("tax_id").tolist(), view.countries, strict=True)
    bare = (tax_id.compact(text).removeprefix(country.upper()) if text else "" for text, country in numbers)
    return [number if len(number) >= 8 else "" for number in bare]


def _phones(view: View) -> list[str]:
    """Each row's phone, or its mobile, in E.164 form; only where another row's last figures are the same."""
    phones, mobiles = view.text("phone").tolist(), view.text("mobile").tolist()
    typed = [one or other for one, other in zip(phones, mobiles, strict=True)]
    ends = [phone.compact(text)[-7:] if text else "" for text in typed]
    often = {end for end, count in Counter(ends).items() if end and count > 1}
    seen: dict[tuple[str, str], str] = {}
    found = []
    for text, end, country in zip(typed, ends, view.countries, strict=True):
        pair = (text, country.upper())
        if end in often and pair not in seen:
            seen[pair] = phone.validate(*pair) if phone.is_valid(*pair) else ""
        found.append(seen.get(pair, ""))
    return found


def _tokens(view: View, position: int) -> frozenset[str]:
    """The words that a namesake or relative shares: of the surname, or else of the name as it is."""
    names = (view.text(column)[position] for column in ("last_name", "company", "full_name"))
    return frozenset(fold(next((name for name in names if name), "")).split())


def _name(view: View, position: int) -> str:
    """How the sheet Duplicates calls a client: as typed in one cell, else by the split name, else the company."""
    first, last = view.text("first_name")[position], view.text("last_name")[position]
    return view.text("full_name")[position] or f"{first} {last}".strip() or view.text("company")[position]


def _reason(view: View, column: str, value: str, name: str) -> str:
    """Why two clients may be one, in the user's language, with the workbook's own header."""
    code = {"full_name": "duplicate.name_place", "birth_date": "duplicate.name_birth"}.get(column, "duplicate.same")
    header = view.table.headers.get(column, column)
    return messages.text(code, view.settings.language, column=header, value=value if code == "duplicate.same" else name)
