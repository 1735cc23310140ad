"""The columns of a list without header are known by their values alone: e-mail, telephone, and one of names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from xlcrm.importing import judging
from xlcrm.importing.incoming import Incoming

MOST = 0.8
PERSONS = 0.5


class Guess(NamedTuple):
    field: str
    fits: Callable[[Sequence[str]], bool]
    why: str


def _all(test: Callable[[str], object]) -> Callable[[Sequence[str]], bool]:
    return lambda values: judging.share(values, test) >= MOST


def _telephone(text: str) -> bool:
    return 7 <= judging.digits(text) <= 15 and not judging.is_date(text) and (text[:1] in "+0(" or " " in text)


def _are_names(values: Sequence[str]) -> bool:
    """Words without figures that the name splitter takes for persons or companies more often than not."""
    from xlcrm.names.column import split_names

    if judging.share(values, lambda v: judging.is_wordy(v) and " " in v and not judging.digits(v)) < MOST:
        return False
    found = split_names(pd.Series(list(values), dtype="str"))
    surely = (found["kind"] == "company") | ((found["first_name"] != "") & (found["last_name"] != ""))
    return bool(surely.mean() >= PERSONS)


# In this order; each field is given to the first column that fits.
GUESSES = (
    Guess("email", _all(lambda v: judging.EMAIL.fullmatch(v)), "an address is one whatever stands above it"),
    Guess("phone", _all(_telephone), "figures in groups or with a plus or a nought in front"),
    Guess("full_name", _are_names, "several words that are names of persons or companies"),
)


def guesses(one: Incoming) -> Mapping[str, str]:
    """header (a letter) -> field, for a list that has no header row; empty for all others."""
    if not any(problem.code == "import.no_header" for problem in one.problems):
        return {}
    found: dict[str, str] = {}
    for guess in GUESSES:
        for header in map(str, one.frame.columns):
            values = judging.sample(one.frame[header])
            if header not in found and values and guess.fits(values):
                found[header] = guess.field
                break
    return found
