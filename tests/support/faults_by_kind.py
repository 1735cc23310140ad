"""The kinds of faults that are planted: what a hand or a program does to a right cell, and the code to find it by."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd

from tests.support.dirty_list import TODAY, Planted


class Kind(NamedTuple):
    """`spoil` gets the row and returns the wrong cell; `mends` says that the old cell must come back by itself."""

    code: str
    column: str
    spoil: Callable[[dict[str, Any]], object]
    country: str = ""
    mends: bool = False
    found_in: str = ""
    table: str = "Clients"


def _swap(text: str) -> str:
    """One figure replaced, as a finger slips."""
    at = next(n for n, c in enumerate(text) if c.isdigit() and c != "9")
    return text[:at] + str(int(text[at]) + 1) + text[at + 1 :]


def _local(row: dict[str, Any]) -> str:
    return str(row["email"]).partition("@")[0]


KINDS = (
    Kind("email.spaces", "email", lambda r: r["email"] + " ", mends=True),
    Kind("email.no_at", "email", lambda r: r["email"].replace("@", "")),
    Kind("email.two_ats", "email", lambda r: r["email"].replace("@", "@@"), mends=True),
    Kind("email.comma", "email", lambda r: r["email"].replace(".com", ",com"), mends=True),
    Kind("email.space_inside", "email", lambda r: r["email"].replace(".", " ", 1)),
    Kind("email.dots", "email", lambda r: r["email"].replace("@", ".@")),
    Kind("email.several", "email", lambda r: f"{r['email']}; other.{r['email']}"),
    Kind("email.half", "email", lambda r: _local(r) + "@"),
    Kind("email.domain", "email", lambda r: _local(r) + "@gmial.com"),
    Kind("email.no_dot", "email", lambda r: _local(r) + "@hotmail"),
    Kind("email.with_name", "email", lambda r: f"{r['first_name']} <{r['email']}>", mends=True),
    Kind("value.is_phone", "email", lambda r: "+39 02 5555 0199"),
    Kind("value.placeholder", "email", lambda r: "n/a"),
    Kind("phone.no_number", "phone", lambda r: "ask Anna"),
    Kind("phone.too_short", "phone", lambda r: "+44 20 79", "GB"),
    Kind("phone.too_long", "phone", lambda r: r["phone"] + "123456", "ES"),
    Kind("phone.unused", "phone", lambda r: "+34 210 555 123", "ES"),
    Kind("phone.several", "phone", lambda r: f"{r['phone']} / +39 02 5555 0188"),
    Kind("value.is_email", "phone", lambda r: r["email"]),
    Kind("postal_code.length", "postal_code", lambda r: r["postal_code"] + "1", "DE"),
    Kind("postal_code.zero", "postal_code", lambda r: "8001", "ES"),
    Kind("postal_code.unused", "postal_code", lambda r: "9" + r["postal_code"][1:], "ES"),
    Kind("postal_code.shape", "postal_code", lambda r: "2O" + r["postal_code"][2:], "IT"),
    Kind("postal_code.region", "postal_code", lambda r: "90123", "IT"),
    Kind("tax_id.check_digit", "tax_id", lambda r: _swap(r["tax_id"]), "FR"),
    Kind("tax_id.length", "tax_id", lambda r: r["tax_id"] + "1234567", "FR"),
    Kind("tax_id.birth", "birth_date", lambda r: r["birth_date"] + pd.Timedelta(days=40), "IT", found_in="tax_id"),
    Kind("date.birth_future", "birth_date", lambda r: pd.Timestamp(TODAY) + pd.Timedelta(days=700), "GB"),
    Kind("date.birth_old", "birth_date", lambda r: pd.Timestamp(1890, 5, 5), "GB"),
    Kind("date.impossible", "consent_on", lambda r: "31.02.2025"),
    Kind("date.serial", "consent_on", lambda r: _serial(r["consent_on"]), mends=True),
    Kind("date.no_day", "consent_on", lambda r: "2025"),
    Kind("date.text", "consent_on", lambda r: r["consent_on"].strftime("%d.%m.%Y"), mends=True),
    Kind("client.registered_late", "registered_on", lambda r: r["acquired_on"] + pd.Timedelta(days=5)),
    Kind("choice.synonym", "status", lambda r: "Customer", mends=True),
    Kind("choice.unknown", "status", lambda r: "clinet"),
    Kind("choice.synonym", "gender", lambda r: "female" if r["gender"] == "F" else "Mr", mends=True),
    Kind("country.unknown", "country", lambda r: "Atlantis", "GB"),
    Kind("name.digits", "last_name", lambda r: r["last_name"][:3] + "0" + r["last_name"][4:], "DE"),
    Kind("text.broken_letters", "first_name", lambda r: "JosÃ© MarÃ\u00ada", "DE"),
    Kind("text.spaces", "city", lambda r: f" {r['city']}\u00a0", mends=True),
    Kind("id.repeated", "client_id", lambda r: "C00001"),
    Kind("line.due_early", "due_on", lambda r: r["invoiced_on"] - pd.Timedelta(days=3), table="Purchases"),
    Kind("amount.off", "amount", lambda r: r["amount"] + 9, table="Purchases"),
    Kind("number.text", "amount", lambda r: f"{r['amount']:.2f}".replace(".", ","), mends=True, table="Purchases"),
    Kind("currency.sign", "currency", lambda r: "€", mends=True, table="Purchases"),
    Kind("date.future", "date", lambda r: pd.Timestamp(TODAY) + pd.Timedelta(days=90), table="Purchases"),
    Kind("link.unknown", "client_id", lambda r: "X" + r["client_id"], table="Purchases"),
)
COUNTED = {"text.spaces", "date.text", "number.text"}


def _serial(day: pd.Timestamp) -> float:
    return float((day.date() - dt.date(1899, 12, 30)).days)


def plant_all(
    frames: dict[str, pd.DataFrame], each: int, rng: random.Random
) -> tuple[dict[str, pd.DataFrame], list[Planted]]:
    """`each` rows of every kind are spoilt, no row twice; the frames come back as a file would be read."""
    frames = {
        name: frame.astype(object) if name in ("Clients", "Purchases") else frame for name, frame in frames.items()
    }
    free = {name: list(range(1, len(frames[name]))) for name in ("Clients", "Purchases")}
    for rows in free.values():
        rng.shuffle(rows)
    planted = []
    for kind in KINDS:
        frame = frames[kind.table]
        done = 0
        for position in list(free[kind.table]):
            row = {str(name): value for name, value in frame.iloc[position].items()}
            fits = not kind.country or row.get("country") == kind.country
            before = row[kind.column]
            if done == each or not fits or row.get("status", "client") != "client" or before in ("", None):
                continue
            spoilt: Any = kind.spoil(row)
            frame.iat[position, list(frame.columns).index(kind.column)] = spoilt
            free[kind.table].remove(position)
            place = kind.found_in or kind.column
            planted.append(Planted(kind.code, kind.table, position + 2, place, before if kind.mends else None))
            done += 1
    return frames, planted
