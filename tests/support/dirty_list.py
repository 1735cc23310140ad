"""A clean client list and faults planted in it, both from a seed, so that what the checks find can be counted."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
from stdnum import luhn
from stdnum.es import dni
from stdnum.it import codicefiscale
from stdnum.no import orgnr

from xlcrm import schema, words
from xlcrm.checks.people import first_name_letters, surname_letters
from xlcrm.tables import Table, Tables
from xlcrm.text import fold

TODAY = dt.date(2026, 11, 22)
# Invented people; phones from ranges kept free for fiction, or of numbers that ring nowhere in particular.
PEOPLE = {
    "IT": ("Chiara Marco Lucia Paolo Elena Dario", "Brambini Scaldori Ventresi Olmetti Cascari Fioramonte"),
    "ES": ("Lucía Mateo Carmen Hugo Inés Pablo", "Valdemora Quintarejo Ribalta Orellán Montesclara Zurbain"),
    "NO": ("Ingrid Sverre Solveig Torstein Marit Haakon", "Fjellvang Strømdal Bergtun Haugnes Lyngstad Vikelund"),
    "FR": ("Camille Luc Solène Bastien Margaux Rémi", "Desmarets Vauclain Boisrond Chantemerle Laforge Tissandier"),
    "DE": ("Anke Jürgen Silke Dietmar Frauke Holger", "Tannfeld Birkholz Ebersdorff Krähwinkel Moosbach Steinrück"),
    "GB": ("Harriet Colin Beatrice Alistair Imogen Nigel", "Thornbrook Ashcombe Penhallow Wexcombe Larkfield Oldacre"),
}
PLACES = {
    "IT": (("Milano", "MI", "201{:02}"), ("Roma", "RM", "001{:02}"), ("Napoli", "NA", "801{:02}")),
    "ES": (("Madrid", "Madrid", "280{:02}"), ("Sevilla", "Sevilla", "410{:02}")),
    "NO": (("Oslo", "", "01{:02}"), ("Bergen", "", "50{:02}")),
    "FR": (("Paris", "", "750{:02}"), ("Lyon", "", "690{:02}")),
    "DE": (("Berlin", "", "101{:02}"), ("Hamburg", "", "200{:02}")),
    "GB": (("London", "", "N{} 1AA"), ("Manchester", "", "M{} 2BB")),
}
PHONES = {"IT": "+39 02 5555 {:04}", "ES": "+34 910 55{:04}", "NO": "+47 22 55 {:04}", "FR": "01 99 00 {:04}"}
PHONES |= {"DE": "+49 30 23125 {:03}", "GB": "020 7946 0{:03}"}
SYLLABLES = "bal cor dun fel gor han jor lem mar nel pol qua ros sal tem ul ver win yor zan".split()
SECTORS = ("Restaurant", "Retail", "Hotel", "Office")
SALES = ("Anna Bergamin", "Conrad Tveit", "Louise Marchal")


class Planted(NamedTuple):
    """One fault: the code it must be found by, its place, and the right value where it must come back by itself."""

    code: str
    table: str
    row: int
    column: str
    right: object = None


def clients(size: int, rng: random.Random) -> pd.DataFrame:
    """Clients without any fault."""
    rows = [_client(number, rng) for number in range(size)]
    frame = pd.DataFrame(rows).reindex(columns=[c.name for c in schema.CLIENTS_TYPED])
    for column in schema.CLIENTS_TYPED:
        if column.kind == "date":
            frame[column.name] = pd.to_datetime(frame[column.name]).astype("datetime64[us]")
        elif column.kind in schema.NUMBERS:
            frame[column.name] = frame[column.name].astype("float64")
        else:
            frame[column.name] = frame[column.name].astype(object).where(frame[column.name].notna(), "").astype("str")
    return frame


def _client(number: int, rng: random.Random) -> dict[str, object]:
    country = rng.choice(list(PEOPLE))
    given, surname = (rng.choice(names.split()) for names in PEOPLE[country])
    surname += f" {''.join(rng.choices(SYLLABLES, k=3)).title()}"
    town, region, pattern = rng.choice(PLACES[country])
    birth = dt.date(1950, 1, 1) + dt.timedelta(days=rng.randrange(18_000))
    status = rng.choices(("client", "prospect", "former"), (85, 12, 3))[0]
    acquired = TODAY - dt.timedelta(days=rng.randrange(30, 400))
    woman = given in PEOPLE[country][0].split()[::2]
    tax = _tax_id(country, given, surname, birth, woman, rng)
    code = pattern.format(rng.randrange(1, 10) if country == "GB" else rng.randrange(21, 50))
    street = f"{rng.choice(('Via Verdi', 'Calle Mayor', 'Storgata', 'Rue Haute', 'Ringweg', 'High Street'))}"
    return {
        "client_id": f"C{number + 1:05}",
        "kind": "person",
        "full_name": f"{given} {surname}",
        "first_name": given,
        "last_name": surname,
        "gender": "F" if woman else "M",
        "birth_date": birth,
        "email": f"{fold(given)}.{fold(surname).replace(' ', '')}{number}@example.com",
        "phone": PHONES[country].format(rng.randrange(1000 if country in ("DE", "GB") else 10_000)),
        "street": street,
        "house_number": str(rng.randrange(1, 200)),
        "postal_code": code,
        "city": town,
        "region": region,
        "country": country,
        "status": status,
        "sector": rng.choice(SECTORS),
        "salesperson": rng.choice(SALES),
        "registered_on": acquired - dt.timedelta(days=rng.randrange(1, 300)),
        "acquired_on": acquired,
        "tax_id": tax,
        "consent_on": acquired,
    }


def _tax_id(country: str, given: str, surname: str, birth: dt.date, woman: bool, rng: random.Random) -> str:
    figures = "".join(rng.choices("0123456789", k=8))
    if country == "IT":
        day = birth.day + (40 if woman else 0)
        month = "ABCDEHLMPRST"[birth.month - 1]
        start = surname_letters(surname) + first_name_letters(given) + f"{birth.year % 100:02}{month}{day:02}F205"
        return start + str(codicefiscale.calc_check_digit(start))
    if country == "ES":
        return figures + str(dni.calc_check_digit(figures))
    if country == "NO":
        return next((figures + d for d in "0123456789" if orgnr.is_valid(figures + d)), "")
    if country == "FR":
        return figures + str(luhn.calc_check_digit(figures))
    return ""


def purchases(people: pd.DataFrame, rng: random.Random) -> pd.DataFrame:
    """One or two lines for each client, old ones for former clients."""
    rows: list[tuple[str, str, dt.date, str, str, int, float]] = []
    for key, status, acquired in zip(people["client_id"], people["status"], people["acquired_on"], strict=True):
        for _ in range(rng.randrange(1, 3) if status != "prospect" else 0):
            day = acquired.date() if status == "client" else TODAY - dt.timedelta(days=450)
            quantity, price = rng.randrange(1, 9), rng.randrange(500, 20_000) / 100
            number = len(rows) + 1
            rows.append((f"2026-{number:06}", key, day, f"Item {number % 40}", "Goods", quantity, price))
    frame = pd.DataFrame(
        rows, columns=["invoice", "client_id", "date", "product", "category", "quantity", "unit_price"]
    )
    frame["date"] = pd.to_datetime(frame["date"]).astype("datetime64[us]")
    frame["amount"] = (frame["quantity"] * frame["unit_price"]).round(2)
    frame["quantity"] = frame["quantity"].astype("float64")
    text = {c: frame[c].astype("str") for c in ("invoice", "client_id", "product", "category")}
    paid = {c: frame["date"] + pd.Timedelta(days=d) for c, d in (("invoiced_on", 0), ("due_on", 30), ("paid_on", 20))}
    return frame.assign(**text, currency=pd.Series("EUR", index=frame.index, dtype="str"), **paid)


def interactions(people: pd.DataFrame) -> pd.DataFrame:
    """A call with everybody on the day they became clients."""
    columns = {"date": people["acquired_on"], "client_id": people["client_id"]}
    fixed = {"kind": "call", "by": SALES[0], "subject": "First call", "outcome": "", "done": "yes"}
    frame = pd.DataFrame(columns).assign(**{c: pd.Series(v, index=people.index, dtype="str") for c, v in fixed.items()})
    return frame.assign(follow_up_on=pd.Series(pd.NaT, index=people.index, dtype="datetime64[us]"))


def empty(name: str) -> pd.DataFrame:
    return pd.DataFrame({c.name: pd.Series([], dtype="str") for c in schema.table(name).columns})


def as_tables(frames: dict[str, pd.DataFrame], language: str = "en") -> Tables:
    """Frames as the tables of a workbook in `language`."""
    made = []
    for name, frame in frames.items():
        headers = {c: words.header(name, c, language) for c in frame.columns}
        made.append(Table(name, words.title(name, language), frame, headers))
    return Tables.of(*made)


def clean(size: int, seed: int = 1) -> dict[str, pd.DataFrame]:
    rng = random.Random(seed)
    people = clients(size, rng)
    return {
        "Clients": people,
        "Purchases": purchases(people, rng),
        "Interactions": interactions(people),
        "Problems": empty("Problems"),
        "Duplicates": empty("Duplicates"),
    }


Fault = Callable[[dict[str, Any], random.Random], object]


def dirty(size: int, each: int, seed: int = 1) -> tuple[dict[str, pd.DataFrame], list[Planted]]:
    """A clean list with `each` faults of every kind of `faults_by_kind.KINDS` in rows of their own."""
    from tests.support.faults_by_kind import plant_all

    return plant_all(clean(size, seed), each, random.Random(seed + 1))
