"""Deals of the demo: firms of one to five people, and opportunities over all stages with their history."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.demo.generate import Row, client_rows, of_country, phone_number
from xlcrm.plan import Added, Plan
from xlcrm.text import fold_letters

ROLES = ("decides", "buys", "pays", "uses", "assistant")  # in the order of the jobs of deals.csv
OPEN = ("new", "qualified", "offer", "negotiation")
DAYS = {"new": 12, "qualified": 21, "offer": 38, "negotiation": 17}  # about how long a stage takes here
REACHED = (14, 13, 17, 9, 16, 11)  # how many of 80 stand at each stage, won and lost last
COUNTRIES = {
    "Italia": "IT",
    "España": "ES",
    "Norge": "NO",
    "France": "FR",
    "Deutschland": "DE",
    "United Kingdom": "GB",
}
Cells = dict[str, Any]


def deal_plan(today: dt.date, *, seed: int = 7, language: str = "en", deals: int = 80) -> Plan:
    """The rows of People, Opportunities and StageChanges for the clients of `generate.make` of the same seed.

    Choices are in the words of `language`; names, subjects and steps in the language of the client's country.
    """
    rng = random.Random(f"{seed} deals")  # noqa: S311 (a demo, not a secret)
    clients = client_rows(today, seed=seed)
    firms = [client for client in clients if client["Sector"] != "Private"]
    people = [person for firm in firms for person in _people(rng, firm, language)]
    for number, person in enumerate(people, 1):
        person["person_id"] = f"P{number:04}"
    wanted = [client for client in clients if client["Status"] != "former"]
    rows, history = [], []
    for number in range(deals):
        client = rng.choice(firms if rng.random() < 0.75 else wanted)
        theirs = [person["person_id"] for person in people if person["client_id"] == client["Client ID"]]
        row, steps = _deal(rng, client, theirs, today, language)
        row["opportunity"] = f"O-{number + 1:03}"
        rows.append(row)
        history += [{**step, "opportunity": row["opportunity"]} for step in steps]
    parts = {"People": people, "Opportunities": rows, "StageChanges": history}
    return Plan("import", added=tuple(Added(name, _frame(part)) for name, part in parts.items()))


def _frame(rows: list[Cells]) -> pd.DataFrame:
    """Rows as a table holds them: days as dates, blanks where a row says nothing."""
    frame = pd.DataFrame(rows)
    for name in frame:
        if any(isinstance(value, dt.date) for value in frame[name]):
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame


def _country(client: Row) -> str:
    """The country at the end of the address; Italy where the address names none."""
    return next((code for land, code in COUNTRIES.items() if client["Address"].endswith(land)), "IT")


def _people(rng: random.Random, firm: Row, language: str) -> list[Cells]:
    """One to five people, each of another job; mostly two or three."""
    country = _country(firm)
    names, jobs = of_country("people", country), of_country("deals", country)["jobs"].split("|")
    found = []
    for role, job in rng.sample(list(zip(ROLES, jobs, strict=True)), rng.choice((1, 1, 2, 2, 3, 3, 4, 5))):
        given = rng.choice(names[rng.choice(("women", "men"))].split("|"))
        surname = rng.choice(names["surnames"].split("|"))
        plain = fold_letters(f"{given}.{surname}").replace(" ", "").replace("'", "")
        found.append(
            {
                "client_id": firm["Client ID"],
                "full_name": f"{given} {surname}",
                "job_title": job,
                "role": words.choice_word("role", role, language),
                "email": f"{plain}@example.com",
                "phone": phone_number(rng, country),
            }
        )
    return found


def _deal(
    rng: random.Random, client: Row, people: list[str], today: dt.date, language: str
) -> tuple[Cells, list[Cells]]:  # fmt: skip
    """One opportunity without its name, and its history: a stage after the other, the last one where it stands."""
    said = of_country("deals", _country(client))
    stage = rng.choices((*OPEN, "won", "lost"), REACHED)[0]
    path = [*OPEN[: OPEN.index(stage) if stage in OPEN else rng.choice((2, 3, 4))], stage]
    spans = [max(1, round(rng.gauss(DAYS[one], DAYS[one] / 2))) for one in path[:-1]]
    waits = rng.randrange(1, round(DAYS.get(stage, 300) * 1.6))
    days = [today - dt.timedelta(days=waits + sum(spans[at:])) for at in range(len(path))]
    row: Cells = {
        "client_id": client["Client ID"],
        "person_id": rng.choice(people) if people else "",
        "subject": rng.choice(said["subjects"].split("|")),
        "stage": words.choice_word("stage", stage, language),
        "amount": float(rng.randrange(8, 260) * 50),
        "currency": "EUR",
        "salesperson": client["Salesperson"].title(),
        "competitor": rng.choice(("", "", *said["competitors"].split("|"))),
        "opened_on": days[0],
        **(_still_open(rng, said, today) if stage in OPEN else _ended(rng, said, stage, days[-1])),
    }
    steps = [
        {"stage": words.choice_word("stage", one, language), "since": day} for one, day in zip(path, days, strict=True)
    ]
    return row, steps


def _still_open(rng: random.Random, said: Row, today: dt.date) -> Cells:
    """What an open one says of its chances and what comes next; one in five has no day for it."""
    next_on = today + dt.timedelta(days=rng.randrange(-4, 30))
    return {
        "probability": rng.choice((None, None, None, 0.4, 0.6, 0.8)),
        "expected_on": today + dt.timedelta(days=rng.randrange(-25, 210)),
        "next_step": rng.choice(said["steps"].split("|")),
        "next_on": rng.choice((None, *[next_on] * 4)),
    }


def _ended(rng: random.Random, said: Row, stage: str, day: dt.date) -> Cells:
    """When a won or lost one was closed, and of most lost ones why."""
    reason = rng.choice((*said["reasons"].split("|"), "")) if stage == "lost" else ""
    return {"closed_on": day, "lost_because": reason}
