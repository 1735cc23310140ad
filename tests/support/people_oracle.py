"""A book with people and opportunities, and what DuckDB finds in it: a second opinion that shares no code with ours.

A case of `cases/segments_people.csv` is asked twice: as conditions that a user would type, and as SQL over the client
`c`, over one person `p` of that client, and over one opportunity `o` of that client.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import duckdb
import pandas as pd

from tests.support.segment_oracle import database
from xlcrm import words
from xlcrm.tables import Table, Tables

TODAY = dt.date(2026, 11, 22)
ROLES = {
    "management": ["management", "direzione"],
    "decides": ["decides", "decide", "bestemmer", "DECIDES"],
    "buys": ["buys", "compra", "kauft ein"],
    "pays": ["pays", "paie"],
    "uses": ["uses", "bruker"],
}
STAGES = {
    "new": ["new", "ny"],
    "offer": ["offer", "offerta", "Angebot"],
    "negotiation": ["negotiation", "trattativa"],
    "won": ["won", "vunnet", "gewonnen"],
    "lost": ["lost", "perdida"],
}
NAMES = ["Anna Prova", "Bjørn Ærø", "Céline Essai", "Dieter Probe", "Elena Prueba", "José Ensayo"]
TITLES = ["Head of Sales", "head of purchasing", "Chief Accountant", "Dirección", "", ""]
RIVALS = ["Acme", "acme", "Rival & Co", "Émile SA", "", ""]
SELLERS = ["Kari", "kari", "Otto", ""]
RATES = [("USD", 0.9), ("NOK", 0.085)]  # GBP has none
PRELUDE = """
CREATE MACRO f(x) AS replace(replace(strip_accents(lower(trim(x))), 'ø', 'o'), 'æ', 'ae');
CREATE MACRO yes(x) AS coalesce(lower(x) IN ('yes', 'x', 'ja', 'sì'), false);
CREATE MACRO eur(a, cur) AS CASE upper(coalesce(cur, 'EUR')) WHEN 'EUR' THEN a WHEN 'USD' THEN a * 0.9
    WHEN 'NOK' THEN a * 0.085 END;
CREATE TABLE today AS SELECT DATE '2026-11-22' AS day;
CREATE TABLE here AS SELECT * FROM "People" WHERE until IS NULL OR until >= DATE '2026-11-22';
"""


def book(seed: int = 16, clients: int = 60, people: int = 160, deals: int = 110) -> dict[str, pd.DataFrame]:
    """Clients, People, Opportunities and Rates with blanks, spellings in several languages and rows of nobody."""
    r = random.Random(seed)
    ids = [f"C{i}" for i in range(clients)]
    owners = [*ids[: clients * 4 // 5], "", "Z1"]  # a fifth of the clients has nobody, and no deal

    def days(back: int, ahead: int, count: int, filled: float) -> pd.Series[Any]:
        there = [r.random() < filled for _ in range(count)]
        moved = [pd.Timestamp(TODAY) + pd.Timedelta(days=r.randint(-back, ahead)) for _ in range(count)]
        return pd.Series([day if has else None for day, has in zip(moved, there, strict=True)], dtype="datetime64[us]")

    def words_of(groups: dict[str, list[str]], count: int) -> list[str]:
        return [r.choice(r.choice([*groups.values(), [""]])) for _ in range(count)]

    def some(values: list[str], count: int) -> list[str]:
        return [r.choice(values) for _ in range(count)]

    mails = ["anna@example.com", "Info@example.org", "b@example.net", "", ""]
    flags = ["yes", "x", "no", "", "", "ja", "nei"]
    frames: dict[str, dict[str, Any]] = {
        "Clients": {
            "client_id": ids,
            "full_name": [f"Firm {i}" for i in range(clients)],
            "email": some(mails, clients),
            "status": some(["client", "cliente", "lead", "prospect", "former", ""], clients),
            "city": some(["Roma", "Oslo", "Málaga", ""], clients),
            "salesperson": some(SELLERS, clients),
            "opt_out_email": some(flags, clients),
            "notes": some(["vip", "", "late payer"], clients),
        },
        "People": {
            "person_id": [f"P{i}" for i in range(people)],
            "client_id": some(owners, people),
            "full_name": some(NAMES, people),
            "job_title": some(TITLES, people),
            "gender": some(["F", "M", "X", ""], people),
            "role": words_of(ROLES, people),
            "email": some(mails, people),
            "phone": some(["+390612345678", "", "+4722334455"], people),
            "language": some(["it", "nb", "de", ""], people),
            "birth_date": days(25_000, -7_000, people, 0.6),
            "opt_out_email": some(flags, people),
            "opt_out_phone": some(flags, people),
            "since": days(2_000, 0, people, 0.7),
            "until": days(400, 400, people, 0.3),
            "notes": some(["golf", "vip", ""], people),
            "Hobby": some(["chess", "Sailing", ""], people),
        },
        "Opportunities": {
            "opportunity": [f"O{i}" for i in range(deals)],
            "client_id": some(owners, deals),
            "person_id": [f"P{r.randint(0, people)}" for _ in range(deals)],
            "subject": some(["New cellar", "Renewal", "Office coffee", ""], deals),
            "stage": words_of(STAGES, deals),
            "amount": [r.randint(0, 2_000_000) / 100 if r.random() < 0.9 else None for _ in range(deals)],
            "currency": some(["EUR", "eur", "", "USD", "NOK", "GBP"], deals),
            "probability": [r.choice([0.1, 0.25, 0.5, 0.75, None]) for _ in range(deals)],
            "expected_on": days(100, 200, deals, 0.8),
            "salesperson": some(SELLERS, deals),
            "competitor": some(RIVALS, deals),
            "next_step": some(["call", "send offer", ""], deals),
            "next_on": days(40, 40, deals, 0.7),
            "opened_on": days(500, 0, deals, 0.9),
            "closed_on": days(200, 0, deals, 0.3),
            "lost_because": some(["price", "", ""], deals),
        },
        "Rates": {"currency": [code for code, _ in RATES], "rate": [rate for _, rate in RATES]},
    }
    made = {name: pd.DataFrame(columns) for name, columns in frames.items()}
    return {
        name: frame.astype({c: "str" for c in frame if frame[c].dtype.kind not in "fiM"})
        for name, frame in made.items()
    }


def tables(frames: dict[str, pd.DataFrame]) -> Tables:
    """The frames as a workbook's tables, with English headers."""
    return Tables.of(
        *(Table(n, n, frame, {str(c): words.header(n, str(c)) for c in frame.columns}) for n, frame in frames.items())
    )


def second_opinion(frames: dict[str, pd.DataFrame]) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the frames as tables, blanks as NULL, and the short words that the cases use."""
    base = database(frames)
    for statement in filter(str.strip, PRELUDE.split(";")):
        base.execute(statement)
    return base


def answer(base: duckdb.DuckDBPyConnection, case: dict[str, str]) -> set[str]:
    """The client_ids that fit a case: its condition on the client, on one person and on one opportunity."""
    people = '"People"' if "until" in case["person"] else "here"
    tests = [
        case["client"],
        f"EXISTS (SELECT 1 FROM {people} p WHERE p.client_id = c.client_id AND {case['person']})"
        if case["person"]
        else "",
        f'EXISTS (SELECT 1 FROM "Opportunities" o WHERE o.client_id = c.client_id AND {case["deal"]})'
        if case["deal"]
        else "",
    ]
    where = " AND ".join(f"({test})" for test in tests if test)
    return {row[0] for row in base.execute(f'SELECT client_id FROM "Clients" c WHERE {where}').fetchall()}
