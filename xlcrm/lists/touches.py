"""Touches: who was contacted lately, what a list's going out leaves in the sheet Interactions, and who answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from xlcrm import schema, words
from xlcrm.plan import Added, Plan
from xlcrm.privacy.opting_out import are_refusals
from xlcrm.tables import Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_date, as_text

# How a list reaches people: the kind of interaction that it leaves.
WAYS = {"emails": "email"}
POST = "letter"


Touched = dict[tuple[str, str], str]  # (client_id, person_id) -> who is noted last for it, "" where nobody is


def touched(tables: Tables, order_title: str, days: int, today: dt.date, country: str) -> Touched:
    """Who was contacted in the last `days` days, today included, and by whom; person_id "" for the client itself.

    What this very list left today doesn't count: a second run, after a paper jam, makes the same list again.
    """
    if days < 1 or "Interactions" not in tables:
        return {}
    frame = _cells(tables["Interactions"], country)
    recent = (frame["date"] > pd.Timestamp(today) - pd.Timedelta(days=days)) & (frame["date"] <= pd.Timestamp(today))
    own = (frame["list"] == fold(order_title)) & (frame["date"] == pd.Timestamp(today))
    if "subject" in tables["Interactions"].frame:
        own |= are_refusals(tables["Interactions"].frame["subject"])  # nobody was spoken with
    rows = frame[recent & ~own].sort_values("date", kind="stable")
    known: Touched = {}
    for client, person, by in zip(rows["client_id"], rows["person_id"], rows["by"], strict=True):
        known[client, person] = by or known.get((client, person), "")
    return known


def why_touched(known: Touched, client_id: str, person_id: str) -> str:
    """The reason (see `list_job.why`) to leave out this person, or a client without a person named; "" for none."""
    by = known.get((client_id, person_id), known.get((client_id, "")))
    return "" if by is None else f"lists.touched_by|{by}" if by else "lists.touched"


def log(
    tables: Tables, kind: str, title: str, subject: str, reached: Iterable[tuple[str, str]], *, today: dt.date,
    language: str, country: str, by: str = "",
) -> Plan:  # fmt: skip
    """One row of Interactions for each (client_id, person_id) that the list went out to today, once a day and list.

    Nothing where the workbook has no such sheet. Clients without an id leave no row.
    """
    if "Interactions" not in tables:
        return Plan("lists")
    table = tables["Interactions"]
    frame = _cells(table, country)
    known = frame[(frame["list"] == fold(title)) & (frame["date"] == pd.Timestamp(today))]
    there = set(zip(known["client_id"], known["person_id"], strict=True))
    new = [pair for pair in dict.fromkeys(reached) if pair[0] and pair not in there]
    if not new:
        return Plan("lists")
    way = words.choice_word("interaction", WAYS.get(kind, POST), language)
    rows = [
        {"date": pd.Timestamp(today), "client_id": client, "kind": way, "by": by,
         "subject": f"{way}: {subject or title}", "done": words.choice_word("done", "yes", language),
         "person_id": person, "list": title}
        for client, person in new
    ]  # fmt: skip
    made = pd.DataFrame(rows)
    there_columns = [column for column in made.columns if column in table.frame.columns]
    note = ("lists.logged", {"list": title, "n": len(new)})
    return Plan("lists", added=(Added("Interactions", made[there_columns]),), notes=(note,))


def replies(table: Table | None, country: str) -> pd.DataFrame:
    """Lists that went out, how many of whom they reached replied: the table Replies, the newest list first.

    Columns list, sent, replied, rate (0.25 is 25 %). A client or a person counts once a list, whenever it went out;
    a reply is a day in the column replied_on.
    """
    columns = [column.name for column in schema.table("Replies").columns]
    if table is None or "list" not in table.frame:
        return pd.DataFrame(columns=columns)
    frame = _cells(table, country)
    frame = frame.assign(title=as_text(table.frame["list"]).str.strip())
    frame = frame[frame["list"] != ""]
    each = frame.groupby(["list", "client_id", "person_id"], sort=False).agg(
        title=("title", "first"), replied=("replied", "max"), date=("date", "max")
    )
    found = each.groupby("list", sort=False).agg(
        list=("title", "first"), sent=("replied", "size"), replied=("replied", "sum"), date=("date", "max")
    )
    found = found.sort_values("date", ascending=False, kind="stable", na_position="last")
    found["rate"] = found["replied"] / found["sent"]
    return found.reset_index(drop=True)[columns]


def _cells(table: Table, country: str) -> pd.DataFrame:
    """date, client_id, person_id, by, list (folded) and whether there was a reply; columns that lack as blanks."""
    frame = table.frame
    blank = pd.Series("", index=frame.index, dtype="str")
    text = {
        name: as_text(frame[name]).str.strip() if name in frame else blank
        for name in ("client_id", "person_id", "by", "list", "replied_on")
    }
    when = as_date(frame["date"], country)[0] if "date" in frame else pd.Series(pd.NaT, index=frame.index)
    return pd.DataFrame(
        {
            "date": when,
            "client_id": text["client_id"],
            "person_id": text["person_id"],
            "by": text["by"],
            "list": [fold(name) for name in text["list"]],
            "replied": text["replied_on"] != "",
        }
    )
