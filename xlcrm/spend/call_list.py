"""Call list of the week: good clients who are late by their own rhythm, and follow-ups that were promised."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.interactions.contact_lines import contact_lines, until
from xlcrm.messages import text
from xlcrm.people.channel_consent import agreed
from xlcrm.spend.day_words import day_word
from xlcrm.text import fold
from xlcrm.values import as_date, as_flag, as_text

ROWS = 12
WEEK = 7


def call_list(
    clients: pd.DataFrame,
    figures: pd.DataFrame,
    interactions: pd.DataFrame | None,
    steps: pd.DataFrame | None = None,
    *,
    today: dt.date,
    language: str = "en",
    country: str = "",
    rows: int = ROWS,
    consent: bool = False,
) -> pd.DataFrame:
    """client_id, name, phone, salesperson, reason, spend_12m of at most `rows` clients, salesperson by salesperson.

    Late: a week or more after expected_next, and something bought in the last twelve months; the largest spend_12m
    first; not those who had a call or a visit within the last week, whoever it was. Follow-ups: interactions not done
    whose follow_up_on falls before today + 7 days, and next steps of open opportunities (`steps`: client_id, next_on,
    subject) whose day does, the oldest first, one a client. A client who is both has one row with both reasons.
    Follow-ups may take half of the rows, and more where fewer clients are late. Former clients and those who want no
    calls are left out, with `consent` also whoever never agreed to any. Salespeople take turns, so that each has a
    share of the rows, and stand together, in the order of their first; the reason ends with the last contact and by
    whom, unless it is two. `figures` are the calculated columns, row by row those of `clients`.
    """
    lines = until(contact_lines(interactions, country), today)
    status = _column(clients, "status")
    callable_ = ~status.isin([word for word in status.unique() if words.choice("status", word) == "former"])
    if "opt_out_phone" in clients.columns:
        callable_ &= ~as_flag(clients["opt_out_phone"])
    if consent:
        callable_ &= agreed(clients, "phone")
    ids = _column(clients, "client_id").str.strip()
    callable_ &= (ids != "") & ~ids.duplicated()
    salesperson = _column(clients, "salesperson")
    late = figures[callable_ & _is_late(figures) & ~ids.isin(_spoken_to(lines, today))]
    late = late.sort_values(["spend_12m", "days_late"], ascending=False, kind="stable")
    late = late.loc[_in_turns(salesperson.loc[late.index])]
    due = _due(interactions, steps, today, country)
    position = pd.Series(ids.index[callable_], index=ids[callable_])
    due = due[position.index.get_indexer(pd.Index(due["client_id"])) >= 0].drop_duplicates("client_id")
    due_at = position.loc[due["client_id"]].tolist()
    turns = _in_turns(salesperson.loc[due_at])
    first = late.index[: max(rows - min(len(due_at), rows // 2), 0)].tolist()
    rest = [at for at in turns if at not in set(first)][: rows - len(first)]
    reasons = dict(zip(due_at, due.to_dict("records"), strict=True))
    chosen = _together(salesperson.loc[first + rest])
    said = last_contacts(lines, language)
    why = {at: _reasons(figures.loc[at], reasons.get(at), said.get(ids[at], ""), language) for at in chosen}
    table = clients.loc[chosen]
    mobile = _column(table, "mobile")
    return pd.DataFrame(
        {
            "client_id": ids.loc[chosen],
            "name": names(table),
            "phone": _column(table, "phone").where(_column(table, "phone").str.strip() != "", mobile),
            "salesperson": salesperson.loc[chosen],
            "reason": pd.Series(why, dtype="str").reindex(chosen),
            "spend_12m": figures.loc[chosen, "spend_12m"],
        }
    ).reset_index(drop=True)


def last_contacts(lines: pd.DataFrame, language: str) -> dict[str, str]:
    """client_id -> the sentence about the last contact and who it was; `lines` are those until today."""
    last = lines.sort_values("date", kind="stable").drop_duplicates("client_id", keep="last")
    return {
        client: text("call.last_by" if by else "call.last", language, day=day_word(day.date(), language), by=by)
        for client, day, by in zip(last["client_id"], last["date"], last["by"], strict=True)
    }


def _spoken_to(lines: pd.DataFrame, today: dt.date) -> set[str]:
    """Clients who had a call or a visit within the last week, today included."""
    recent = lines["date"] > pd.Timestamp(today) - pd.Timedelta(days=WEEK)
    return set(lines.loc[recent & lines["kind"].isin(["call", "visit"]), "client_id"])


def _in_turns(salesperson: pd.Series[Any]) -> list[Any]:
    """The rows in their order, dealt out so that each salesperson has one before anybody has two."""
    turn = salesperson.groupby(salesperson.map(fold)).cumcount()
    return list(turn.sort_values(kind="stable").index)


def _together(salesperson: pd.Series[Any]) -> list[Any]:
    """The rows of one salesperson under each other, salespeople in the order of their first row."""
    groups = salesperson.groupby(salesperson.map(fold), sort=False)
    return [at for _, group in groups for at in group.index]


def names(clients: pd.DataFrame) -> pd.Series[Any]:
    """How a client is called: full_name, else company, else first and last name, else the number."""
    split = (_column(clients, "first_name") + " " + _column(clients, "last_name")).str.strip()
    found = _column(clients, "full_name").str.strip()
    for other in (_column(clients, "company").str.strip(), split, _column(clients, "client_id")):
        found = found.where(found != "", other)
    return found


def _is_late(figures: pd.DataFrame) -> pd.Series[bool]:
    """Rows of clients who bought within the year and are a week or more late by their own rhythm."""
    late: pd.Series[bool] = (figures["days_late"] >= WEEK) & (figures["spend_12m"] > 0)
    return late


def _due(
    interactions: pd.DataFrame | None, steps: pd.DataFrame | None, today: dt.date, country: str
) -> pd.DataFrame:  # fmt: skip
    """What was promised for the week, the oldest first: client_id, due_on, subject and key (its sentence)."""
    promised = _follow_ups(interactions, today, country).rename(columns={"follow_up_on": "due_on"})
    if steps is None or not len(steps):
        return promised.assign(key="call.follow_up")
    soon = steps[steps["next_on"] < pd.Timestamp(today) + pd.Timedelta(days=WEEK)]
    parts = [promised.assign(key="call.follow_up"), soon.rename(columns={"next_on": "due_on"}).assign(key="call.step")]
    return pd.concat([part for part in parts if len(part)] or parts[:1]).sort_values("due_on", kind="stable")


def _follow_ups(interactions: pd.DataFrame | None, today: dt.date, country: str) -> pd.DataFrame:
    """Interactions that wait for a follow-up within the week, the oldest first."""
    wanted = ["client_id", "follow_up_on", "subject"]
    if interactions is None or not {"client_id", "follow_up_on"} <= set(interactions.columns):
        return pd.DataFrame(columns=wanted)
    day = as_date(interactions["follow_up_on"], country)[0]
    done = as_flag(interactions["done"]) if "done" in interactions.columns else pd.Series(False, index=day.index)
    frame = pd.DataFrame(
        {
            "client_id": _column(interactions, "client_id").str.strip(),
            "follow_up_on": day,
            "subject": _column(interactions, "subject").str.strip(),
        }
    )
    return frame[~done & (day < pd.Timestamp(today) + pd.Timedelta(days=WEEK))].sort_values(
        "follow_up_on", kind="stable"
    )


def _reasons(figure: pd.Series[Any], follow_up: dict[str, Any] | None, last: str, language: str) -> str:
    """Why to call one client, in the user's language: late, a follow-up that is due, or both; `last` ends one.

    Two reasons are enough to read: with both, the last contact is left out.
    """
    found = []
    if _is_late(figure.to_frame().T).all():
        rhythm = max(1, int(np.floor(figure["days_between"] + 0.5)))
        found.append(text("call.late", language, days=int(figure["days_late"]), rhythm=rhythm))
    if follow_up is not None:
        said = follow_up["key"]
        key = f"{said}_about" if follow_up["subject"] else said
        day = day_word(follow_up["due_on"].date(), language)
        found.append(text(key, language, day=day, subject=follow_up["subject"]))
    return "; ".join([*found, last][:2] if last else found)


def _column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column as text, blank where the frame lacks it."""
    if name in frame.columns:
        return as_text(frame[name])
    return pd.Series("", index=frame.index, dtype="str")
