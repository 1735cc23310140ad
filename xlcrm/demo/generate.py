"""Generate the demo lists from a seed, so that anybody gets the same untidy clients and tests can count them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from xlcrm import words
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


def contact_plan(today: dt.date, *, seed: int = 7, language: str = "en") -> Plan:
    """The rows of Interactions for the clients of `generate.make` of the same seed, in the same words as `deal_plan`.

    Two in three were spoken to after they were registered; two complaints are open, some follow-ups are due.
    """
    rng = random.Random(f"{seed} contacts")  # noqa: S311 (a demo, not a secret)
    rows = [row for client in client_rows(today, seed=seed) for row in _contacts(rng, client, today, language)]
    rows.sort(key=lambda row: (row["date"], row["client_id"]))
    for row, kind in zip(rows[-30::15], ("complaint",) * 2, strict=True):
        row["kind"] = words.choice_word("interaction", kind, language)
    for row in rows[-40::8]:
        row["follow_up_on"] = today - dt.timedelta(days=rng.randrange(5))
    return Plan("import", added=(Added("Interactions", _frame(rows)),))


def _contacts(rng: random.Random, client: Row, today: dt.date, language: str) -> list[Cells]:
    """Up to three contacts with a client from the first weeks on; none where the day of registering is no date."""
    said = of_country("deals", _country(client))
    count, wait = rng.choice((0, 1, 2, 3)), rng.randrange(2, 60)
    kinds = [rng.choice(("call", "call", "email", "visit")) for _ in range(count)]
    try:
        day = dt.date.fromisoformat(client["Registered on"])
    except ValueError:
        return []
    days = [day + dt.timedelta(days=wait * (1 + 4 * at)) for at in range(count)]
    return [
        {
            "date": day,
            "client_id": client["Client ID"],
            "kind": words.choice_word("interaction", kind, language),
            "by": client["Salesperson"].title(),
            "subject": rng.choice(said["subjects"].split("|")),
        }
        for day, kind in zip(days, kinds, strict=True)
        if day <= today
    ]


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


# The untidiness of real lists, planted on purpose, so that the demo shows what the checks are for.

Row = dict[str, str]


def name_as_typed(rng: random.Random, given: str, surname: str, titles: list[str]) -> str:
    """A person's name as different colleagues type it: one in three surname first, some with a comma or in capitals."""
    title = rng.choice(titles) + " " if titles else ""
    roll = rng.random()
    if roll < 0.55:
        return f"{title}{given} {surname}"
    if roll < 0.75:
        return f"{surname} {given}"
    if roll < 0.85:
        return f"{surname}, {given}"
    if roll < 0.93:
        return f"{surname.upper()} {given}"
    return f"{given} {surname}".upper()


def email_as_typed(rng: random.Random, given: str, surname: str, number: int) -> str:
    """An address at example.com; some are missing, some mistyped."""
    plain = fold_letters(f"{given}.{surname}{number}").encode("ascii", "ignore").decode()
    local = "".join(c for c in plain if c.isalnum() or c == ".")
    roll = rng.random()
    if roll < 0.12:
        return ""
    if roll < 0.14:
        return f"{local}@@example.com"
    if roll < 0.16:
        return f"{local} example.com"
    if roll < 0.175:
        return f"{local}@example,com"
    return f"{local}@example.com"


def untidy_clients(rng: random.Random, people: list[Row]) -> list[Row]:
    """Twelve doubles with another spelling, some half addresses, and a phone number that lost digits."""
    made = [dict(person) for person in people]
    for number, person in enumerate(rng.sample(made, 12)):
        double = {**person, "Client ID": f"C{len(people) + number + 1:04}", "Name": person["Name"].title()}
        double["Phone"] = double["Phone"].replace(" ", "")
        double["Notes"] = "entered at the fair"
        made.append(double)
    for person in rng.sample(made, 14):
        person["Address"] = person["Address"].split(",")[0]
    for person in rng.sample(made, 8):
        person["Phone"] = person["Phone"][:-4]
    for person in rng.sample(made, 6):
        person["Registered on"] = "31/02/2024"
    for person in rng.sample(made, 5):
        person["Birth date"] = "01/01/2031"
    for person in rng.sample(made, 7):
        person["Salesperson"] = person["Salesperson"].lower()
    return made


def untidy_purchases(rng: random.Random, lines: list[Row]) -> list[Row]:
    """Refunds, lines of nobody, a line of an unknown client, an amount that is not quantity times price."""
    made = [dict(line) for line in lines]
    for line in rng.sample(made, 45):
        line["Quantity"] = "-" + line["Quantity"]
        line["Amount"] = "-" + line["Amount"]
    for line in rng.sample(made, 10):
        line["Client ID"] = ""
    for line in rng.sample(made, 4):
        line["Client ID"] = "C9999"
    for line in rng.sample(made, 5):
        line["Amount"] = line["Amount"].replace(",", "")
    return made


HEADER = "Client ID;Name;Address;E-mail;Phone;Birth date;Gender;Status;Sector;Salesperson;Source;Registered on"
HEADER += ";No e-mail;No post;Notes"
SECTORS = ("Restaurant", "Retail", "Private", "Hotel", "Office")
SALES = ("Berg", "Conti", "Laurent")
SOURCES = ("web", "fair", "referral", "shop")


@dataclass(frozen=True)
class Demo:
    """`clients` and `purchases` are CSV texts with semicolons, as an Excel in most of Europe saves them."""

    clients: str
    purchases: str


@cache
def _data(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `xlcrm/data/demo/<name>.csv`; several values of one cell are parted by |."""
    path = Path(__file__).parent.parent / "data" / "demo" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def make(today: dt.date, *, seed: int = 7, clients: int = 300, purchases: int = 3000) -> Demo:
    """About `clients` clients and `purchases` lines over the three years up to `today` (inclusive).

    The same arguments give the same text. One name in three stands surname first, addresses stand in one cell, and
    typing mistakes, doubles, refunds, opt-outs and purchases of nobody are mixed in.
    """
    rng, people = _clients(today, seed, clients)
    lines = untidy_purchases(rng, _purchases(rng, people, purchases, today))
    return Demo(_csv(HEADER, people), _csv(PURCHASE_HEADER, lines))


def client_rows(today: dt.date, *, seed: int = 7, clients: int = 300) -> list[Row]:
    """The clients of `make` as rows, for lists that go with them."""
    return _clients(today, seed, clients)[1]


def _clients(today: dt.date, seed: int, count: int) -> tuple[random.Random, list[Row]]:
    """The clients, and the chance as it is after them."""
    rng = random.Random(seed)  # noqa: S311 (a demo, not a secret)
    return rng, untidy_clients(rng, [_client(rng, number, today) for number in range(count)])


PURCHASE_HEADER = (
    "Invoice;Client ID;Date;Product;Category;Quantity;Unit price;Amount;Currency;Invoiced on;Due on;Paid on"
)


def _client(rng: random.Random, number: int, today: dt.date) -> dict[str, str]:
    """One client as a row of the list; the order in which `rng` is asked is part of what a seed means."""
    country = rng.choice(("IT", "IT", "ES", "NO", "FR", "DE", "GB"))
    woman = rng.random() < 0.5
    names = of_country("people", country)
    given = rng.choice(names["women" if woman else "men"].split("|"))
    surname = rng.choice(names["surnames"].split("|"))
    is_company = rng.random() < 0.15
    company = rng.choice(of_country("companies", country)["companies"].split("|"))
    titles = names["titles_women" if woman else "titles_men"].split("|") if rng.random() < 0.12 else []
    name = name_as_typed(rng, given, surname, titles)
    registered = today - dt.timedelta(days=rng.randrange(20, 1500))
    status = rng.choices(("client", "prospect", "lead", "former"), (70, 14, 10, 6))[0]
    born = dt.date(1945, 1, 1) + dt.timedelta(days=rng.randrange(20_000))
    mailbox = ("info", company.split()[0]) if is_company else (given, surname)
    return {
        "Client ID": f"C{number + 1:04}",
        "Name": company if is_company else name,
        "Address": _address(rng, country),
        "E-mail": email_as_typed(rng, *mailbox, number),
        "Phone": phone_number(rng, country),
        **_of_person(rng, is_company, "F" if woman else "M", born),
        "Status": status,
        "Sector": rng.choice(SECTORS) if is_company else "Private",
        "Salesperson": rng.choice(SALES),
        "Source": rng.choice(SOURCES),
        "Registered on": registered.isoformat(),
        "No e-mail": "yes" if rng.random() < 0.05 else "",
        "No post": "yes" if rng.random() < 0.04 else "",
        "Notes": "",
    }


def _of_person(rng: random.Random, is_company: bool, gender: str, born: dt.date) -> dict[str, str]:
    """Birth date and gender, blank for companies and for some persons, as lists have them."""
    birth = "" if is_company or rng.random() < 0.4 else born.strftime("%d/%m/%Y")
    return {"Birth date": birth, "Gender": "" if is_company or rng.random() < 0.1 else gender}


def of_country(name: str, country: str) -> Row:
    """The row of a country in one of the demo's lists."""
    return next(row for row in _data(name) if row["country"] == country)


# How people of a country write an address into one cell, and its name; what is in front of a British address or
# behind an Italian or Spanish number is in `_ADDRESSES`' own places.
_ADDRESSES = {
    "FR": ("{number} {street}, {code} {city}", "France"),
    "GB": ("{extra}{number} {street}, {city}, {code}", "United Kingdom"),
    "IT": ("{street}, {number} - {code} {city} ({region})", "Italia"),
    "ES": ("{street}, {number}{extra}, {code} {city}", "España"),
    "NO": ("{street} {number}, {code} {city}", "Norge"),
    "DE": ("{street} {number}, {code} {city}", "Deutschland"),
}


def _address(rng: random.Random, country: str) -> str:
    """An address in one cell, three times in four with its country."""
    place = rng.choice([row for row in _data("places") if row["country"] == country])
    street = rng.choice(of_country("streets", country)["streets"].split("|"))
    number = str(rng.randrange(1, 140))
    form, land = _ADDRESSES[country]
    text = form.format(
        street=street,
        number=number,
        code=place["postal_code"],
        city=place["city"],
        region=place["region"],
        extra=_unit(rng, country),
    )
    return f"{text}, {land}" if rng.random() < 0.75 else text


def _unit(rng: random.Random, country: str) -> str:
    """A flat (GB) or a door (ES) where the address has one, "" elsewhere."""
    if country == "GB":
        return f"Flat {rng.randrange(1, 9)}, " if rng.random() < 0.2 else ""
    return rng.choice(("", "", f", {rng.randrange(1, 6)}º izq.")) if country == "ES" else ""


def phone_number(rng: random.Random, country: str) -> str:
    """Numbers that ring nowhere: the ranges that regulators keep for films (GB, FR, DE), invented ones elsewhere."""
    n = rng.randrange(1000)
    return {
        "GB": f"+44 20 7946 0{n:03}",
        "FR": f"+33 1 99 00 {n // 10:02} {n % 100:02}",
        "DE": f"+49 30 23125 {n:03}",
        "IT": f"+39 02 5555 0{n:03}",
        "ES": f"+34 910 555 {n:03}",
        "NO": f"+47 22 55 5{n // 100} {n % 100:02}",
    }[country]


def _purchases(rng: random.Random, people: list[dict[str, str]], wanted: int, today: dt.date) -> list[dict[str, str]]:
    """So many lines by date and client; few clients buy much, and most purchases are of the last year."""
    buyers = [person["Client ID"] for person in people if person["Status"] in ("client", "former")]
    weight = [rng.paretovariate(1.3) for _ in buyers]
    lines: list[dict[str, str]] = []
    while len(lines) < wanted:
        buyer = rng.choices(buyers, weight)[0]
        day = today - dt.timedelta(days=int(rng.triangular(0, 1095, 60)))
        count = min(rng.randrange(1, 5), wanted - len(lines))
        lines += [_purchase(rng, buyer, day, today) for _ in range(count)]
    lines.sort(key=lambda line: (line["Date"], line["Client ID"]))
    number, last = 0, ("", "")
    for line in lines:
        if (line["Date"], line["Client ID"]) != last:
            number, last = number + 1, (line["Date"], line["Client ID"])
        line["Invoice"] = f"{line['Date'][:4]}-{number:04}" if line["Invoiced on"] else ""
    return lines


def _purchase(rng: random.Random, buyer: str, day: dt.date, today: dt.date) -> dict[str, str]:
    """One line without its invoice's number: invoiced when it is some weeks old, due after thirty days, mostly paid."""
    product = rng.choice(_data("products"))
    quantity, price = rng.randrange(1, 7), float(product["price"])
    billed = day + dt.timedelta(days=2)
    due = billed + dt.timedelta(days=30)
    invoiced = billed <= today - dt.timedelta(days=25)
    paid = invoiced and rng.random() < 0.93 and due < today
    return {
        "Invoice": "", "Client ID": buyer, "Date": day.isoformat(), "Product": product["product"],
        "Category": product["category"], "Quantity": str(quantity), "Unit price": _comma(price),
        "Amount": _comma(quantity * price), "Currency": "EUR",
        "Invoiced on": billed.isoformat() if invoiced else "",
        "Due on": due.isoformat() if invoiced else "",
        "Paid on": (due - dt.timedelta(days=rng.randrange(20))).isoformat() if paid else "",
    }  # fmt: skip


def _comma(amount: float) -> str:
    """An amount with two decimals and a comma, as in most of Europe."""
    return f"{amount:.2f}".replace(".", ",")


def _csv(header: str, rows: list[dict[str, str]]) -> str:
    """The rows as CSV with semicolons and Windows line ends."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header.split(";"), delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
