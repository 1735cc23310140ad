"""The untidiness of real lists, planted on purpose, so that the demo shows what the checks are for."""

from __future__ import annotations

import random
import unicodedata

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


def email(rng: random.Random, given: str, surname: str, number: int) -> str:
    """An address at example.com; some are missing, some mistyped."""
    plain = unicodedata.normalize("NFKD", f"{given}.{surname}{number}").encode("ascii", "ignore").decode().lower()
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


def clients(rng: random.Random, people: list[Row]) -> list[Row]:
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


def purchases(rng: random.Random, lines: list[Row]) -> list[Row]:
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
