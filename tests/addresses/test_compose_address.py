"""Labels follow the country's own order, and reading a label again gives the same fields."""

from __future__ import annotations

import pytest

from tests.addresses.test_split_address import cases
from xlcrm.addresses import compose_address, split_address
from xlcrm.addresses.countries import languages

LABELS = {
    "IT": ["Bianchi Srl", "Via dei Tigli 12/A, int. 5", "Loc. Poggetto", "20121 Milano MI"],
    "ES": ["Calle del Olmo, 5, 3º izq.", "28001 Madrid (Sevilla)"],
    "NO": ["c/o Hansen", "Granveien 12 B, H0201", "9008 Tromsø"],
    "FR": ["12 bis rue des Tilleuls, appt 4", "BP 33", "75002 Paris CEDEX 08"],
    "DE": ["Muster GmbH", "Lindenstr. 5, 2. OG links", "10115 Berlin"],
    "GB": ["Rose House", "12 Elm Road, Flat 3", "Bath", "BA1 1AA"],
    "US": ["123 Elm St, Apt 4B", "Springfield, IL 62701"],
    "CH": ["Lindenweg 10", "8001 Zürich"],
    "SE": ["Lindgatan 5, lgh 1102", "114 55 Stockholm"],
    "AU": ["12 Elm Road", "Sydney NSW 2000"],
    "CA": ["12 Elm Avenue", "London ON N6C 2W9"],
    "BR": ["Rua das Tílias, 10", "São Paulo-SP", "01310-000"],
    "JP": ["Elm Heights 5, Hiroshima", "730-0846"],
}


@pytest.mark.parametrize("country", LABELS)
def test_a_label_reads_as_the_country_writes_it(country: str) -> None:
    lines = LABELS[country]
    address = split_address("\n".join(lines), country=country)
    assert compose_address(address._asdict()) == lines


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["why"])
def test_a_label_read_again_gives_the_same_fields(case: dict[str, str]) -> None:
    address = split_address(case["raw"], country=case["country"])
    if not any(address._replace(country="", sure=False, reason="", other="")):
        pytest.skip("only a country: there is nothing for a label")
    again = split_address("\n".join(compose_address(address._asdict())), country=address.country)
    assert again._replace(reason="", other="", sure=True) == address._replace(reason="", other="", sure=True)


@pytest.mark.parametrize("city", ["City", "市"])
def test_no_country_leaves_a_field_out(city: str) -> None:
    fields = {"name": "Name", "street": "Street", "house_number": "1", "unit": "Unit", "po_box": "Box", "city": city}
    fields |= {"postal_code": "99", "region": "Region", "district": "District", "remainder": "Rest"}
    for country in [*languages(), "ZZ", ""]:
        text = "\n".join(compose_address(fields, country=country))
        assert sorted(value for value in fields.values() if text.count(value) != 1) == [], country
        assert "%" not in text


def test_blank_and_unknown_fields_are_passed_over() -> None:
    fields = {"street": "Via Roma", "house_number": float("nan"), "city": None, "postal_code": "20121", "colour": "red"}
    before = dict(fields)
    assert compose_address(fields, country="IT") == ["Via Roma", "20121"]
    assert fields == before
    assert compose_address({}, country="IT") == []


def test_the_destination_decides_over_the_country_of_the_fields() -> None:
    fields = {"street": "Elm Road", "house_number": "12", "city": "Fakeham", "postal_code": "99999", "country": "GB"}
    assert compose_address(fields) == ["12 Elm Road", "Fakeham", "99999"]
    assert compose_address(fields, country="de") == ["Elm Road 12", "99999 Fakeham"]


def test_what_a_country_has_no_place_for_is_added_below() -> None:
    fields = {"street": "Granveien", "house_number": "1", "city": "Oslo", "postal_code": "0155", "region": "Viken"}
    assert compose_address(fields, country="NO") == ["Granveien 1", "0155 Oslo", "Viken"]
