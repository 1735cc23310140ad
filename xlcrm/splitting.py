"""The operation behind `xlcrm split`: names and addresses into fields, so that people can be searched and sorted.

It fills empty fields only. What somebody typed stays; where the split reads it differently the row is left alone and
reported. A doubtful split is listed with both readings and filled only after somebody decides "apply".
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.addresses import split_addresses
from xlcrm.addresses.countries import country_code
from xlcrm.checks.worklist import LONGEST, listed, worklist_plan
from xlcrm.errors import CrmError
from xlcrm.names import split_names
from xlcrm.plan import Plan, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Table, Tables
from xlcrm.values import as_text

NAME = ("kind", "title", "first_name", "middle_name", "last_name", "suffix", "nickname", "company", "legal_form")
ADDRESS = ("street", "house_number", "unit", "po_box", "postal_code", "city", "region", "country", "address_extra")
SOURCES = {"name": "full_name", "address": "address"}


def plan(
    tables: Tables,
    *,
    settings: Settings,
    today: dt.date,
    column: str = "",
    what: str = "",
    decided_only: bool = False,
) -> Plan:
    """Fill the name fields from `full_name` and the address fields from `address`.

    column   a user's own column to read instead (header as typed); `what` then says whether it holds a "name" or an
             "address"
    what     "name" or "address" to do only that
    decided_only   fill nothing but the doubtful rows that somebody decided to apply (Apply corrections)

    Columns that the workbook lacks are skipped. Blank cells stay blank.
    """
    if "Clients" not in tables:
        raise CrmError("split.no_table")
    clients = tables["Clients"]
    sources = _sources(clients, column, what)
    decisions = _decisions(tables)
    changes: dict[str, pd.Series[Any]] = {}
    problems: list[Problem] = []
    filled: dict[str, int] = {}
    countries = _countries(clients, settings)
    # addresses first: the country that an address names tells how the name beside it is written
    for part, source in sorted(sources.items()):
        text = as_text(clients.frame[source])
        read = _read(part, text, countries)
        if part == "address":
            countries = countries.where(read["country"] == "", read["country"])
        rows, doubts = _fill(clients, part, source, text, read, decisions, decided_only, settings.language, changes)
        filled[part] = rows
        problems += doubts
    made = Plan("split", changes=diff(clients, pd.DataFrame(changes)), problems=tuple(problems))
    doubts_n = sum(problem.code in ("split.name_doubt", "split.address_doubt") for problem in problems)
    counts = {"names": filled.get("name", 0), "addresses": filled.get("address", 0), "doubts": doubts_n}
    notes = (("split.done", counts),) if not decided_only or made.changes else ()
    prefixes = tuple(f"split.{part}" for part in sources)
    return Plan("split", notes=notes).join(
        made, worklist_plan(tables, problems, prefixes=prefixes, settings=settings, today=today)
    )


def _sources(clients: Table, column: str, what: str) -> dict[str, str]:
    if what not in ("", *SOURCES):
        raise CrmError("split.unknown_kind", what=what)
    if column:
        known = {words.fold(clients.headers[name]): name for name in clients.frame.columns}
        found = known.get(words.fold(column)) or (column if column in clients.frame.columns else "")
        if not found:
            raise CrmError("split.no_column", column=column, columns=", ".join(clients.headers.values()))
        return {what or "name": found}
    return {part: source for part, source in SOURCES.items() if source in clients.frame and what in ("", part)}


def _countries(clients: Table, settings: Settings) -> pd.Series[Any]:
    if "country" not in clients.frame:
        return pd.Series(settings.country, index=clients.frame.index, dtype="str")
    typed = as_text(clients.frame["country"]).str.strip()
    codes = {word: country_code(word) for word in typed.unique()}
    return typed.map(codes).where(typed.map(codes) != "", settings.country)


def _read(part: str, text: pd.Series[Any], countries: pd.Series[Any]) -> pd.DataFrame:
    if part == "name":
        return split_names(text, country=countries)
    read = split_addresses(text, country=countries)
    pieces = [read[column] for column in ("name", "district", "remainder") if column in read]
    joined = [", ".join(dict.fromkeys(p for p in row if p)) for row in zip(*pieces, strict=True)]
    return read.assign(address_extra=pd.Series(joined, index=read.index, dtype="str"))


def _decisions(tables: Tables) -> dict[tuple[str, str, str], str]:
    """(code, client_id, value) -> what somebody decided in the sheet Problems."""
    return {(line.identity.code, line.identity.key, line.identity.value): line.decision for line in listed(tables)}


def _fill(
    clients: Table,
    part: str,
    source: str,
    text: pd.Series[Any],
    read: pd.DataFrame,
    decisions: dict[tuple[str, str, str], str],
    decided_only: bool,
    language: str,
    changes: dict[str, pd.Series[Any]],
) -> tuple[int, list[Problem]]:
    """Put the fields of one kind into `changes`; returns how many rows got some, and what to tell about the others."""
    fields = [c for c in (NAME if part == "name" else ADDRESS) if c in clients.frame and c in read and c != source]
    typed = {c: as_text(clients.frame[c]).str.strip() for c in fields}
    there = text.str.strip() != ""
    differs = pd.DataFrame({c: (typed[c] != "") & (read[c] != "") & ~_alike(c, typed[c], read[c]) for c in fields})
    clash = there & differs.any(axis=1)
    open_fields = there & pd.DataFrame({c: (typed[c] == "") & (read[c] != "") for c in fields}).any(axis=1)
    ids = as_text(clients.frame["client_id"]) if "client_id" in clients.frame else text.map(lambda _: "")
    doubtful = there & ~clash & open_fields & ~read["sure"].astype(bool)
    code = f"split.{part}_doubt"
    decided = pd.Series(
        [
            bool(d) and decisions.get((code, i, v[:LONGEST])) == "apply"
            for d, i, v in zip(doubtful, ids, text, strict=True)
        ],
        index=text.index,
        dtype=bool,
    )
    good = decided if decided_only else (there & ~clash & (~doubtful | decided))
    touched = pd.Series(False, index=text.index)
    for c in fields:
        new = read[c]
        if c == "kind":
            new = new.map({kind: words.choice_word("kind", kind, language) for kind in new.unique()})
        fill = good & (typed[c] == "") & (read[c] != "")
        base = changes.get(c, clients.frame[c])
        changes[c] = base.astype(object).where(~fill, new) if fill.any() else base
        touched |= fill
    problems = []
    for position in np.flatnonzero((doubtful & ~decided) | clash):
        row = read.iloc[position]
        what = code if not clash.iloc[position] else f"split.{part}_differs"
        shown = {c: row[c] for c in fields if row[c] and (not clash.iloc[position] or differs[c].iloc[position])}
        reading = "; ".join(f"{clients.headers.get(c, c)}: {value}" for c, value in shown.items())
        problems.append(
            Problem(
                what,
                clients.name,
                clients.excel_row(int(position)),
                ids.iloc[position],
                source,
                text.iloc[position],
                reading,
                level="doubt" if what == code else "note",
                values=(("other", str(row.get("other", ""))), ("reason", str(row.get("reason", "")))),
            )
        )
    return int(touched.sum()), problems


def _alike(column: str, typed: pd.Series[Any], read: pd.Series[Any]) -> pd.Series[Any]:
    if column == "kind":
        pairs = [words.choice("kind", a) == b for a, b in zip(typed, read, strict=True)]
    elif column == "country":
        codes = {word: country_code(word) for word in typed.unique()}
        pairs = [codes[a] == b for a, b in zip(typed, read, strict=True)]
    elif column == "address_extra":
        return pd.Series(True, index=typed.index)  # what does not fit is a person's to arrange
    else:
        pairs = [a == b or words.fold(a) == words.fold(b) for a, b in zip(typed, read, strict=True)]
    return pd.Series(pairs, index=typed.index, dtype=bool)
