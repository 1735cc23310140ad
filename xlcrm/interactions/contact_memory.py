"""Contact memory: when each client was contacted last and by whom, and whom two people contacted within days.

It is worked out from the sheet Interactions whenever it is shown, so that a line that was just logged counts at once,
and no column of the sheet Clients has to be kept up to date.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from xlcrm import schema, words
from xlcrm.interactions.complaints import open_complaints, open_follow_ups
from xlcrm.interactions.contact_lines import contact_lines, until
from xlcrm.plan import Plan
from xlcrm.tables import Tables
from xlcrm.text import fold
from xlcrm.values import as_text

# what is known of a client from its contacts: the columns that the sheet Found shows, and searches and templates know
MEMORY = tuple(
    column
    for column in schema.table("Found").columns
    if column.name in ("last_contact", "last_contact_by", "open_complaints", "follow_up_on")
)
NAMES = tuple(column.name for column in MEMORY)


def contact_memory(
    clients: pd.DataFrame, interactions: pd.DataFrame | None, *, today: dt.date, country: str = ""
) -> pd.DataFrame:
    """last_contact, last_contact_by, open_complaints, follow_up_on for each row of `clients`, under its index.

    last_contact     the latest day, today included, of any contact; NaT for none
    last_contact_by  who is noted for it (of several on that day the lowest row that says), "" where nobody is
    open_complaints  how many are open; 0 for none
    follow_up_on     the earliest open follow-up, NaT for none
    """
    lines = contact_lines(interactions, country)
    ids = as_text(clients["client_id"]).str.strip() if "client_id" in clients else pd.Series("", index=clients.index)
    past = until(lines, today).sort_values("date", kind="stable")
    latest = past.groupby("client_id")["date"].transform("max")
    on_it = past[(past["date"] == latest) & (past["by"] != "")]
    last, by = (rows.drop_duplicates("client_id", keep="last").set_index("client_id") for rows in (past, on_it))
    complaints = open_complaints(lines, today)["client_id"].value_counts()
    follow_up = open_follow_ups(lines).drop_duplicates("client_id").set_index("client_id")
    return pd.DataFrame(
        {
            "last_contact": last["date"].reindex(ids).to_numpy(),
            "last_contact_by": by["by"].reindex(ids).fillna("").to_numpy(),
            "open_complaints": complaints.reindex(ids).fillna(0).to_numpy("float64"),
            "follow_up_on": follow_up["follow_up_on"].reindex(ids).to_numpy(),
        },
        index=clients.index,
    )


def memory_of(tables: Tables, *, today: dt.date, country: str = "") -> pd.DataFrame:
    """`contact_memory` of a workbook's clients; blank where it has no sheet Interactions."""
    interactions = tables["Interactions"].frame if "Interactions" in tables else None
    return contact_memory(tables["Clients"].frame, interactions, today=today, country=country)


def words_of(memory: pd.DataFrame) -> list[dict[str, str]]:
    """Each row's memory as text, for templates: days as ISO, blanks as "", no complaint as ""."""
    columns = [["" if text == "0" else text for text in as_text(memory[name]).to_list()] for name in NAMES]
    return [dict(zip(NAMES, row, strict=True)) for row in zip(*columns, strict=True)]


def memory_column(text: str) -> schema.Column | None:
    """The column of the memory that a header means, in six languages; None where it means none."""
    name = words.column_of("Found", text)
    return next((column for column in MEMORY if column.name == name or fold(column.name) == fold(text)), None)


def contacted_by_both(tables: Tables, plan: Plan, days: int, country: str = "") -> list[str]:
    """Clients whom two people contacted within `days` days, as a plan's added contacts show; not those known before.

    For a plan that brings in a colleague's contacts: each is named as "C0012 (Anna 2026-11-20, Bo 2026-11-21)".
    """
    here = tables["Interactions"].frame if "Interactions" in tables else pd.DataFrame()
    more = [part.rows for part in plan.added if part.table == "Interactions"]
    known = _pairs(touched_by_two(here, days, country)) if more else {}
    found = _pairs(touched_by_two(pd.concat([here, *more], ignore_index=True), days, country)) if more else {}
    return [told for client, told in found.items() if known.get(client) != told]


def _pairs(found: pd.DataFrame) -> dict[str, str]:
    """client_id -> the pair of contacts as it is named."""
    return {
        row["client_id"]: f"{row['client_id']} ({row['first_by']} {row['first_on']:%Y-%m-%d}, "
        f"{row['second_by']} {row['second_on']:%Y-%m-%d})"
        for row in found.to_dict("records")
    }


def touched_by_two(interactions: pd.DataFrame | None, days: int, country: str = "") -> pd.DataFrame:
    """Clients whom two people contacted within `days` days of each other, a row each with the latest such pair.

    Columns client_id, first_by, first_on, second_by, second_on, in the order of the clients' first lines. The same day
    is 0 days apart; `days` 7 takes Monday and the next Monday. Complaints, which come from the client, and lines
    without a day or without a person don't count; names differ where they do without case, accents and spaces.
    """
    lines = contact_lines(interactions, country)
    known = lines[(lines["by"] != "") & lines["date"].notna() & (lines["kind"] != "complaint")]
    known = known.assign(who=[fold(name) for name in known["by"]]).sort_values("date", kind="stable")
    before = known.groupby("client_id", sort=False)[["by", "date", "who"]].shift()
    near = (before["who"] != known["who"]) & (known["date"] - before["date"] <= pd.Timedelta(days=days))
    pairs = pd.DataFrame(
        {
            "client_id": known["client_id"],
            "first_by": before["by"],
            "first_on": before["date"],
            "second_by": known["by"],
            "second_on": known["date"],
        }
    )[near & before["date"].notna()]
    order = {client: place for place, client in enumerate(lines["client_id"].unique())}
    latest = pairs.drop_duplicates("client_id", keep="last")
    return latest.sort_values("client_id", key=lambda ids: ids.map(order), kind="stable").reset_index(drop=True)
