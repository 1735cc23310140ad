"""Complaints that are open, with the follow-ups that are due: what a client waits for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from xlcrm import schema, words
from xlcrm.interactions.contact_lines import until
from xlcrm.text import fold

# What mail programs put before the subject of an answer, in six languages: Re, R, Rif, RV, SV, AW, TR ...
_ANSWERING = re.compile(r"(?:(?:re|r|rif|rv|sv|vs|aw|antw|ref)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


def open_complaints(lines: pd.DataFrame, today: dt.date | None = None) -> pd.DataFrame:
    """The complaints that are open, of lines as `contact_lines` gives them; the oldest first, without a day last.

    A complaint is open until its column done says yes, or a reply names it: a later line of kind reply of the same
    client, on its day or after it, whose column replies_to holds the complaint's subject or its day (2026-11-20), or
    whose own subject begins with the complaint's ("Re: ..." is passed over). A reply that names nothing closes
    nothing. With `today`, complaints dated after it are left out.
    """
    past = lines if today is None else lines[~(lines["date"] > pd.Timestamp(today))]
    waiting = past[(past["kind"] == "complaint") & ~past["done"]]
    replies: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(past[past["kind"] == "reply"]):
        replies.setdefault(row["client_id"], []).append(row)
    answered = [
        any(answers(reply, complaint) for reply in replies.get(complaint["client_id"], ()))
        for complaint in _rows(waiting)
    ]
    return waiting[~pd.Series(answered, index=waiting.index, dtype=bool)].sort_values("date", kind="stable")


def answers(reply: Mapping[str, Any], complaint: Mapping[str, Any]) -> bool:
    """Whether a reply of the same client names a complaint, and is not from before it."""
    if reply["date"] < complaint["date"]:
        return False
    subject = fold(complaint["subject"])
    if reply["replies_to"]:
        day = "" if pd.isna(complaint["date"]) else str(complaint["date"].date())
        return fold(_ANSWERING.sub("", reply["replies_to"])) in {subject, fold(day)} - {""}
    own = fold(_ANSWERING.sub("", reply["subject"], count=1))
    return bool(subject) and (own == subject or own.startswith(f"{subject} "))


def open_follow_ups(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with a follow-up day that are not done, whatever the day; the earliest first."""
    return lines[lines["follow_up_on"].notna() & ~lines["done"]].sort_values("follow_up_on", kind="stable")


def waiting(lines: pd.DataFrame, named: Mapping[str, str], *, today: dt.date, language: str = "en") -> pd.DataFrame:
    """The table Waiting of the dashboard: open complaints, the oldest first, then follow-ups due today or overdue.

    Columns client_id, name (`named`: client_id -> name), what, by, subject, days (since the complaint, or since the
    follow-up was due: 0 is today; blank where the complaint has no day). A complaint with a follow-up is one row.
    """
    complaints = open_complaints(lines, today)
    due = open_follow_ups(until(lines.assign(date=lines["follow_up_on"]), today))
    due = due[~due.index.isin(complaints.index)]
    parts = (("complaint", complaints, complaints["date"]), ("follow_up", due, due["follow_up_on"]))
    made = [
        pd.DataFrame(
            {
                "client_id": rows["client_id"],
                "name": rows["client_id"].map(lambda client: named.get(client, "")),
                "what": words.choice_word("waiting", what, language),
                "by": rows["by"],
                "subject": rows["subject"],
                "days": (pd.Timestamp(today) - since).dt.days.astype("float64"),
            }
        )
        for what, rows, since in parts
    ]
    columns = [column.name for column in schema.table("Waiting").columns]
    return pd.concat(made, ignore_index=True)[columns]


def _rows(lines: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in lines.to_dict("records")]
