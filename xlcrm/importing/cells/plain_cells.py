"""Plain cells: what programs write for an empty one, and the signs by which they protect text from Excel, taken off.

`NULL`, `n/a`, `Unspecified` and `0/0/00` are blanks; `'02110` and `="02110"` are 02110; non-breaking blanks are blanks.
The words stand in `xlcrm/data/importing/empty_words.csv`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd

from xlcrm.fields import money
from xlcrm.importing.incoming import Incoming
from xlcrm.importing.word_tables import rows_of
from xlcrm.problems import Problem

MOST = 0.6
LOOSE, LONGEST = 6, 30
_SPACES = re.compile("[\u00a0\u202f\u2007\ufeff\u200b\u200e\u200f\u2060]")
_LED = ("'", "=", "\u2018", "\u2019")
_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
# an apostrophe before a figure, a plus or an equals sign protects text; "'t Hart" is a name
_PROTECTED = re.compile(r"['\u2018\u2019](?=[\d+=@\uff0b\uff1d\uff20\uff0d-])")
_ALONE = re.compile(r"['\u2018\u2019]{1,2}")


def plain(one: Incoming) -> Incoming:
    """The list with plain cells: a new frame where any cell changes; cells that are no text stay as they are."""
    changed: dict[str, pd.Series[Any]] = {}
    lost: list[tuple[int, str, str]] = []
    for header in one.frame.columns:
        column = one.frame[header]
        if isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
            distinct = column.drop_duplicates().to_numpy(dtype=object).tolist()  # much faster to go through
            new = _plain_column(column, distinct)
            if new is not None:
                changed[str(header)] = new
            lost += _lost(column, distinct, str(header))
    told = _about_lost(one, lost)
    return replace(one, frame=one.frame.assign(**changed), problems=(*one.problems, *told)) if changed or told else one


def _lost(column: pd.Series[Any], texts: list[Any], header: str) -> list[tuple[int, str, str]]:
    """Position, header and text of the cells in which another program has lost a letter."""
    if not any(isinstance(text, str) and "\ufffd" in text for text in texts):
        return []
    return [(at, header, text) for at, text in enumerate(column) if isinstance(text, str) and "\ufffd" in text]


def _about_lost(one: Incoming, lost: list[tuple[int, str, str]]) -> list[Problem]:
    if not lost:
        return []
    at, header, text = min(lost)
    values = (("count", str(len(lost))), ("file", one.name))
    return [Problem("import.lost_letters", row=one.row(at), column=header, value=text, level="doubt", values=values)]


def plain_cell(text: str, *, figures: bool = False) -> str:
    """One cell as it was meant. With `figures`, a dash alone is left for the reader of numbers."""
    found = _FORMULA.fullmatch(text.strip())
    bare = found[1].replace('""', '"') if found else _SPACES.sub(" ", text)
    stripped = bare.strip()
    if _ALONE.fullmatch(stripped) or _says_nothing(stripped) or (not figures and stripped in _words()["text"]):
        return ""
    return _PROTECTED.sub("", stripped, count=1) if _PROTECTED.match(stripped) else bare


def _plain_column(column: pd.Series[Any], texts: list[Any]) -> pd.Series[Any] | None:
    distinct = [value for value in texts if isinstance(value, str) and _is_odd(value)]
    if not distinct:
        return None
    figures = _are_figures(column)
    new = {value: found for value in distinct if (found := plain_cell(value, figures=figures)) != value}
    return column.where(~column.isin(list(new)), column.map(new)) if new else None


def _is_odd(text: str) -> bool:
    stripped = text.strip()
    return bool(stripped) and (
        stripped.startswith(_LED)
        or _says_nothing(stripped)
        or stripped in _words()["text"]
        or _SPACES.search(text) is not None
    )


def _are_figures(column: pd.Series[Any]) -> bool:
    values = [
        value for value in column.drop_duplicates().head(400) if value is not None and value == value and value != ""
    ]
    texts = [value for value in values if isinstance(value, str) and value.strip(" -–—.")]
    numbers = len(values) - sum(isinstance(value, str) for value in values)
    return numbers + sum(money.is_valid(text) for text in texts) > MOST * (len(texts) + numbers)


def _says_nothing(text: str) -> bool:
    """A word for an empty cell; a long one in any case ("keine Angabe"), a short one as typed: Nan is a given name."""
    return text in _words()["any"] or (len(text) <= LONGEST and text.casefold() in _words()["loose"])


@cache
def _words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {"any": set(), "text": set()}
    for row in rows_of("empty_words"):
        found[row["where"]] |= set(row["words"].split("|"))
    loose = {word.casefold() for word in found["any"] if len(word) >= LOOSE}
    return {where: frozenset(words) for where, words in {**found, "loose": loose}.items()}
