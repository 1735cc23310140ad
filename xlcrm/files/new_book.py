"""Makes a new client file where there is none yet."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from xlcrm.addresses.countries import country_code
from xlcrm.errors import CrmError
from xlcrm.files.replace import replace_file


def create(path: Path, *, language: str, country: str = "", currency: str = "EUR", parts: Sequence[str] = ()) -> None:
    """A new, empty client file at `path`; a file that is there already is never touched.

    `country` is an ISO code or a country's name in one of six languages. `parts` of the schema are optional.
    """
    from xlcrm.building.build_workbook import build

    if path.suffix.lower() != ".xlsm":
        raise CrmError("new.suffix", name=path.name, better=path.with_suffix(".xlsm").name)
    if path.exists():
        raise CrmError("new.exists", name=path.name)
    code = country_code(country) if country else ""
    if country and not code:
        raise CrmError("new.country", country=country)
    make = partial(build, language=language, country=code, currency=currency, parts=parts)
    replace_file(path, make, expect_sha256="")
