"""A whole column of addresses at once, as a table of fields."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from xlcrm.addresses.address import COLUMNS
from xlcrm.addresses.countries import country_code
from xlcrm.addresses.split import split_many


def split_addresses(series: pd.Series[Any], *, country: str | pd.Series[Any] = "") -> pd.DataFrame:
    """The fields of every address of a column; the column itself is not changed.

    series   addresses as typed, one a cell; blanks and numbers are fine
    country  ISO 3166-1 alpha-2 code for all, or a series of codes or country names of the same length, row by row;
             a country named in an address wins

    Out: a frame with the same index and the columns of `Address`: street, house_number, unit, po_box, postal_code,
    city, region, country, name, district, remainder, reason, other as text ("" where blank) and sure (bool).
    """
    values = series.tolist()
    if isinstance(country, str):
        given = [country_code(country)] * len(values)
    else:
        typed = country.tolist()
        known = {value: country_code(value) for value in set(typed)}
        given = [known[value] for value in typed]
    columns = list(zip(*split_many(values, given), strict=True)) or [()] * len(COLUMNS)
    data = {
        name: pd.array(np.array(column, dtype=object), dtype="bool" if name == "sure" else "str")
        for name, column in zip(COLUMNS, columns, strict=True)
    }
    return pd.DataFrame(data, index=series.index)
