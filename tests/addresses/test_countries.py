"""Country names in many languages become codes, and postal codes are checked against their province."""

from __future__ import annotations

import pytest

from xlcrm.addresses import country_code, postal_code_fits
from xlcrm.addresses.countries import formats, languages, rows


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[
            (name, "DE")
            for name in ("Germany", "Germania", "Alemania", "Tyskland", "Allemagne", "Deutschland", "D", "de")
        ],
        *[
            (name, "NO")
            for name in ("Norway", "Norvegia", "Noruega", "Norge", "Noreg", "Norvège", "Norwegen", " NORGE. ")
        ],
        *[
            (name, "GB")
            for name in ("UK", "U.K.", "Gran Bretagna", "Reino Unido", "England", "Great Britain", "Storbritannia")
        ],
        *[(name, "US") for name in ("USA", "U.S.A.", "Stati Uniti", "EE.UU.", "États-Unis", "Vereinigte Staaten")],
        ("Côte d’Ivoire", "CI"),
        ("Česko", "CZ"),
        ("日本", "JP"),
        ("Antigua and Barbuda", "AG"),
        ("", ""),
        ("Atlantis", ""),
        ("XQ", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_a_country_is_known_by_its_names(text: object, code: str) -> None:
    assert country_code(text) == code


def test_every_country_is_known_by_every_name_in_the_lists() -> None:
    names = [
        (row["country"], n)
        for f in ("countries.csv", "countries_more.csv")
        for row in rows(f)
        for n in row["names"].split("|")
    ]
    twice = {"congo"}  # two countries; the larger one has the longer name
    assert not [(code, name) for code, name in names if country_code(name) != code and name.casefold() not in twice]


def test_every_country_has_a_format() -> None:
    missing = set(languages()) - set(formats())
    assert not missing & {"IT", "ES", "NO", "FR", "DE", "GB", "US", "CH", "AT", "SE", "DK", "NL", "BE", "PT"}
    assert all("%" in layout for layout, _, _ in formats().values() if layout)


@pytest.mark.parametrize(
    ("code", "country", "region", "fits"),
    [
        ("20121", "IT", "MI", True),
        ("20121", "IT", "Milano", True),
        ("20121", "it", "(mi)", True),
        ("00184", "IT", "MI", False),
        ("41500", "ES", "Sevilla", True),
        ("28001", "ES", "Sevilla", False),
        ("62701", "US", "Illinois", True),
        ("62701", "US", "CA", False),
        ("D-10115", "DE", "Berlin", None),
        ("20121", "IT", "", None),
        ("20121", "IT", "Atlantis", None),
        ("", "IT", "MI", None),
    ],
)
def test_a_postal_code_lies_in_its_region(code: str, country: str, region: str, fits: bool | None) -> None:
    assert postal_code_fits(code, country, region) is fits
