"""Planted secrets: sentences of six languages, with card, account and identity numbers drawn anew.

The numbers are right by their checks and nobody's.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from stdnum import iban, luhn
from stdnum.de import idnr
from stdnum.es import dni
from stdnum.fr import nir
from stdnum.iso7064 import mod_11_10
from stdnum.it import codicefiscale
from stdnum.no import fodselsnummer

from tests.support.paths import CASES
from xlcrm.privacy.sensitive_text import NUMBERS, SPECIAL

MANY = 300
KINDS = {**{kind: {kind} for kind in (*NUMBERS, "health")}, "special": set(SPECIAL) - {"health"}}
LENGTHS = {"DE": 18, "ES": 20, "FR": 23, "IT": 23, "NO": 11, "GB": 18}
_COUNTRY = {"de": "DE", "es": "ES", "fr": "FR", "it": "IT", "nb": "NO", "en": "GB"}


class PlantedSecret(NamedTuple):
    """A sentence with a secret, and the kind that it is to be found as."""

    language: str
    kind: str
    text: str


def planted(seed: int) -> list[PlantedSecret]:
    """`MANY` secrets: each sentence once, those with numbers again with other numbers until there are enough."""
    chance = random.Random(seed)
    with (CASES / "privacy" / "secrets_planted.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbered = [row for row in rows if "{" in row["text"]]
    again = (numbered * (MANY // len(numbered) + 1))[: MANY - len(rows)]
    return [_filled(row, chance) for row in (*rows, *again)]


def _filled(row: dict[str, str], chance: random.Random) -> PlantedSecret:
    language = row["language"]
    text = row["text"]
    for name, make in (("{card}", _card), ("{iban}", _iban), ("{identity}", _identity)):
        text = text.replace(name, make(language, chance)) if name in text else text
    return PlantedSecret(language, row["kind"], text)


def _digits(chance: random.Random, many: int) -> str:
    return "".join(chance.choices("0123456789", k=many))


def _card(language: str, chance: random.Random) -> str:
    start, length = chance.choice([("4", 16), ("51", 16), ("55", 16), ("2230", 16), ("37", 15), ("34", 15)])
    number = start + _digits(chance, length - len(start) - 1)
    number += str(luhn.calc_check_digit(number))
    return _grouped(number, chance.choice([" ", "-", ""]), (4, 6, 5) if length == 15 else (4, 4, 4, 4))


def _grouped(number: str, sign: str, groups: tuple[int, ...]) -> str:
    def parts() -> Iterator[str]:
        at = 0
        for many in groups:
            yield number[at : at + many]
            at += many
        yield number[at:]

    return sign.join(part for part in parts() if part)


def _iban(language: str, chance: random.Random) -> str:
    country = _COUNTRY[language]
    many = LENGTHS[country]
    account = {"GB": "NWBK" + _digits(chance, many - 4), "IT": "X" + _digits(chance, many - 1)}.get(
        country, _digits(chance, many)
    )
    number = f"{country}{iban.calc_check_digits(f'{country}00{account}')}{account}"
    return chance.choice([number, _grouped(number, " ", (4,) * 9), number.lower()])


def _identity(language: str, chance: random.Random) -> str:
    return _MAKERS[language](chance)


def _codice_fiscale(chance: random.Random) -> str:
    start = f"{chance.choice(['RSSMRA', 'BSSGLI', 'FRRLCU'])}{chance.randint(40, 99)}{chance.choice('ABCDEHLMPRST')}"
    start += f"{chance.randint(10, 28)}{chance.choice(['F205', 'H501', 'L219'])}"
    return start + codicefiscale.calc_check_digit(start)


def _dni(chance: random.Random) -> str:
    number = _digits(chance, 8)
    return number + chance.choice(["", "-"]) + dni.calc_check_digit(number)


def _fodselsnummer(chance: random.Random) -> str:
    while True:
        start = (
            f"{chance.randint(10, 28):02}{chance.randint(1, 12):02}{chance.randint(40, 99)}{chance.randint(100, 499)}"
        )
        for last in range(100):
            if fodselsnummer.is_valid(f"{start}{last:02}"):
                return f"{start[:6]}{chance.choice(['', ' '])}{start[6:]}{last:02}"


def _nir(chance: random.Random) -> str:
    start = f"{chance.choice('12')}{chance.randint(40, 99)}{chance.randint(1, 12):02}75{_digits(chance, 6)}"
    whole = start + nir.calc_check_digits(start)
    return _grouped(whole, chance.choice(["", " "]), (1, 2, 2, 2, 3, 3, 2))


def _steuer_id(chance: random.Random) -> str:
    while True:
        start = _digits(chance, 10)
        number = start + mod_11_10.calc_check_digit(start)
        if idnr.is_valid(number):
            return _grouped(number, chance.choice(["", " "]), (2, 3, 3, 3))


def _insurance(chance: random.Random) -> str:
    start = chance.choice(["AB", "CE", "JX", "SR"])
    digits = _digits(chance, 6)
    return f"{start} {digits[:2]} {digits[2:4]} {digits[4:]} {chance.choice('ABCD')}"


_MAKERS: dict[str, Callable[[random.Random], str]] = {
    "it": _codice_fiscale, "es": _dni, "nb": _fodselsnummer, "fr": _nir, "de": _steuer_id, "en": _insurance,
}  # fmt: skip
