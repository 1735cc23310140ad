"""Order of the clients that a search finds: by one field or by several, each the wish of a row "sort by" in Segments.

Numbers, money and dates come largest first and texts from A to Z, unless the wish says otherwise ("spend ascending");
blanks come last either way, and what is equal keeps the order of the sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from xlcrm.segments.condition import Condition, cut_window
from xlcrm.segments.evaluate import Search
from xlcrm.segments.fields import FieldColumn, Figure, find_field
from xlcrm.segments.figures import kind_of, per_client
from xlcrm.segments.search_words import phrase_at, tokens
from xlcrm.spend.kinds import Ints
from xlcrm.text import fold_letters
from xlcrm.values import as_date, as_number, as_text


def ordered(search: Search, wishes: Sequence[str], fits: pd.Series[bool]) -> Ints:
    """The positions in Clients of those that fit, first the first wish, then the next; CrmError for no such field."""
    found: Ints = np.flatnonzero(fits.to_numpy())
    for wish in reversed([one.strip() for one in wishes if one.strip()]):
        keys = _keys(search, wish)[found]
        found = found[np.argsort(keys, kind="stable")]
    return found


def _keys(search: Search, wish: str) -> Any:
    """A rank for each client by one wish, the smallest first; blanks have the largest."""
    field, down = _direction(wish)
    text, days = cut_window(field)
    asked = find_field(text, search.names, windowed=days is not None)
    condition = Condition(field, said=field)
    if isinstance(asked, Figure) and asked.table in search.tables:
        values = per_client(asked, search.days_of(condition, days), search.books)
        numbers = values if kind_of(asked) == "number" else _days(values)
    elif isinstance(asked, FieldColumn) and asked.table == "Clients":
        of_column = _numbers(search, asked)
        if of_column is None:
            return _texts(search, asked, down=bool(down))
        numbers = of_column
    else:
        raise search.no_field(condition, text)
    signed = numbers.to_numpy("float64", na_value=np.nan) * (1 if down is False else -1)
    return np.where(np.isnan(signed), np.inf, signed)


def _direction(wish: str) -> tuple[str, bool | None]:
    """A wish without its direction, and whether that is down; None where it says none."""
    held = tokens(wish)
    for at in range(1, len(held)):
        found = phrase_at("direction", held, at)
        if found and found.last == len(held):
            return wish[: held[at].start].strip(), found.name == "down"
    return wish, None


def _numbers(search: Search, column: FieldColumn) -> pd.Series[Any] | None:
    """A column of numbers or dates as numbers; None for a column of text."""
    cells = search.cells_of(column)
    if column.kind in ("date", "moment"):
        return _days(as_date(cells, search.settings.country)[0])
    if column.kind in ("number", "integer", "money", "percent", "days"):
        return as_number(cells, search.settings.country)[0].astype("float64")
    return None


def _days(dates: pd.Series[Any]) -> pd.Series[Any]:
    """Dates as days, blank where there is none."""
    days = dates.to_numpy().astype("datetime64[D]")
    return pd.Series(np.where(np.isnat(days), np.nan, days.astype("int64").astype("float64")), index=dates.index)


def _texts(search: Search, column: FieldColumn, *, down: bool) -> Any:
    """Ranks of the folded texts; blanks last."""
    folded = as_text(search.cells_of(column)).str.strip().map(fold_letters)
    ranks = folded.rank(method="dense", ascending=not down).to_numpy("float64")
    return np.where((folded == "").to_numpy(), np.inf, ranks)
