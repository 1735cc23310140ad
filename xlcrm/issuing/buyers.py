"""Buyers from the table Clients: name, address lines, tax id, country and language, as they are at issue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlcrm import words
from xlcrm.addresses import compose_address
from xlcrm.addresses.countries import country_code
from xlcrm.documents.business_document import Buyer
from xlcrm.lists.recipients import ADDRESS, person, texts
from xlcrm.messages import LANGUAGES
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.text import fold


def buyers(tables: Tables, settings: Settings) -> dict[str, Buyer]:
    """client_id -> buyer. A client's own country and language go first, else those of the sheet Settings."""
    rows = texts(tables["Clients"])
    return {
        row["client_id"]: _buyer({str(k): v for k, v in row.items()}, settings)
        for row in rows.to_dict("records")
        if row["client_id"]
    }


def _buyer(row: Mapping[str, Any], settings: Settings) -> Buyer:
    country = country_code(row["country"]) or settings.country
    name = row["company"] or person(dict(row))["name"]
    language = row.get("language", "")[:2].casefold()
    return Buyer(
        name=name,
        address=tuple(_address(row, name, country)),
        tax_id=row["tax_id"],
        country=country,
        language=language if language in LANGUAGES else settings.language,
        client_id=row["client_id"],
        splits=settings.country == "IT" and words.choice("done", row.get("split_payment", "")) == "yes",
    )


def _address(row: Mapping[str, Any], name: str, country: str) -> list[str]:
    """The lines under the name; an address that was never split stands as it was typed."""
    attention = [] if fold(row["full_name"]) in ("", fold(name)) else [row["full_name"]]
    extra = [row["address_extra"]] if row["address_extra"] else []
    split = compose_address({column: row[column] for column in ADDRESS}, country=country)
    typed = [part.strip() for part in row["address"].replace("\n", ",").split(",") if part.strip()]
    return [*attention, *extra, *(split if row["city"] or row["street"] or row["po_box"] else typed)]
