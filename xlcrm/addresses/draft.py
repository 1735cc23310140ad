"""The parts of one address while it is being read, so that every step can add to them and nothing gets lost."""

from __future__ import annotations

from xlcrm.addresses.address import Address
from xlcrm.addresses.case import repaired

_EDGES = " .,;:/-–—\\#"


class Draft:
    """Fields as lists of pieces of text; `finish` joins them."""

    __slots__ = (
        "city",
        "code",
        "country",
        "district",
        "name",
        "number",
        "other",
        "po_box",
        "reason",
        "region",
        "remainder",
        "street",
        "unit",
    )

    def __init__(self, country: str) -> None:
        self.country = country
        self.code = self.city = self.region = self.number = self.po_box = self.reason = self.other = ""
        self.name: list[str] = []
        self.street: list[str] = []
        self.unit: list[str] = []
        self.district: list[str] = []
        self.remainder: list[str] = []

    def doubt(self, reason: str, other: str = "") -> None:
        """Marks the address as unsure; the first reason stays."""
        if not self.reason:
            self.reason, self.other = reason, other

    def finish(self, capitals: bool) -> Address:
        """The address; where all of it was typed in capitals, the case of names is repaired."""
        if self.remainder:
            self.doubt("address.remainder")
        street, city = ", ".join(self.street), self.city
        name, district = ", ".join(self.name), ", ".join(self.district)
        unit, region, po_box = ", ".join(self.unit), self.region, self.po_box
        if capitals:
            language = self.country
            street, city, name = repaired(street, language), repaired(city, language), repaired(name, language)
            district, po_box = repaired(district, language), repaired(po_box, language)
            region = region if len(region) < 4 else repaired(region, language)
        return Address(
            street.strip(" ,-–"),
            self.number,
            unit,
            po_box,
            self.code,
            city.strip(" ,"),
            region,
            self.country,
            not self.reason,
            self.reason,
            self.other,
            name,
            district,
            ", ".join(self.remainder),
        )
