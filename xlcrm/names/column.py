"""A column of names is split as one list, because half of all lists are surname first and a single row can't tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from xlcrm.names.cell import dissect
from xlcrm.names.compose import compose
from xlcrm.names.knowledge import counts
from xlcrm.names.name import Name
from xlcrm.names.order import CERTAIN, Learnt, best_two, readings
from xlcrm.names.profiles import LANGUAGES, Profile, profile_for, profile_of
from xlcrm.names.row import Row
from xlcrm.names.words import Words

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 60  # words of one language from which a list without a country is taken to be in it
_BLANK = Name()


def split_list(texts: Iterable[str], country: str = "") -> list[Name]:
    """Names of one list, each split in the light of the others."""
    texts = list(texts)
    profile = profile_of(country) if country else _profile_from(texts)
    words = _words(profile.letters)
    rows = [dissect(text, words) for text in texts]
    learnt = Learnt(profile)
    _learn(rows, learnt)
    return [compose(row, learnt) if row.kind else _BLANK for row in rows]


@lru_cache(maxsize=16)
def _words(letters: str) -> Words:
    return Words(letters)


def _profile_from(texts: list[str]) -> Profile:
    """The profile of the language that most known given names of the list belong to, an average one where none leads."""
    votes: Counter[str] = Counter()
    total = 0
    for text in texts[:2000]:
        for word in text.casefold().split()[:4]:
            found = [letter for letter, (g, f) in counts(word).items() if letter in LANGUAGES and g + f > 1]
            if 0 < len(found) < 4:
                total += 1
                votes.update(found)
    if total >= ENOUGH:
        letter, most = votes.most_common(1)[0]
        if most > 0.7 * total:
            return profile_for(letter)
    return profile_of("")


def _learn(rows: list[Row], learnt: Learnt) -> None:
    """Two passes: what commas, capitals and clear rows show, then the share of rows with given names first."""
    if len(rows) < 2:
        return
    one = two = 0
    open_rows = []
    for row in rows:
        if row.kind not in ("person", "household") or row.partner is not None:
            continue
        if row.family is not None and row.given:
            learnt.note(row.given, row.family, certain=True)
            one, two = one + (len(row.family) == 1), two + (len(row.family) > 1)
        elif len(row.units) > 1:
            open_rows.append(row)
            one, two = one + (len(row.units) == 2), two + (len(row.units) > 2)
    if learnt.profile.letters[:1] == "e":
        learnt.learn_surnames(one, two)
    found = [readings(row.units, [unit.odds for unit in row.units], learnt) for row in open_rows]
    learnt.learn_order([_difference(each) for each in found])
    for row, each in zip(open_rows, found, strict=True):
        best, _, margin = best_two(each, learnt.given_first)
        if margin > CERTAIN:
            k = best.given
            given, family = (row.units[:k], row.units[k:]) if best.given_first else (row.units[-k:], row.units[:-k])
            learnt.note(given, family, certain=False)


def _difference(found: list[Any]) -> float:
    first = max(r.weight for r in found if r.given_first)
    last = max(r.weight for r in found if not r.given_first)
    return float(first - last)


def split_names(series: pd.Series[Any], *, country: str | pd.Series[Any] = "") -> pd.DataFrame:
    """Splits a column of names; see `Name` for the columns of the frame that comes back, which has the index of `series`.

    `country` is an ISO 3166 alpha-2 code for the whole list, or a series of codes (rows of one country are then a list
    of their own); "" lets the list's own words decide. All columns are text ("" where nothing applies) but `sure`
    (bool). None, NaN and blanks give kind ""; numbers and other values are read as their text. Never raises for what a
    cell holds, and does not change `series`.
    """
    import pandas as pd

    texts = [_text(value) for value in series]
    if isinstance(country, str):
        found = split_list(texts, country)
    else:
        codes = [_text(code).strip().upper() for code in country]
        if len(codes) != len(texts):
            raise ValueError("country must be one code or as many codes as names")
        found = [_BLANK] * len(texts)
        for code in dict.fromkeys(codes):
            places = [i for i, own in enumerate(codes) if own == code]
            for i, name in zip(places, split_list([texts[i] for i in places], code), strict=True):
                found[i] = name
    columns = list(zip(*found, strict=True)) if found else [() for _ in Name._fields]
    data = {
        field: pd.array(list(column), dtype="bool" if field == "sure" else "str")
        for field, column in zip(Name._fields, columns, strict=True)
    }
    return pd.DataFrame(data, index=series.index)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    from xlcrm.values import text_of

    return text_of(value)


def split_name(raw: object, *, country: str = "") -> Name:
    """Splits one name. `country` is an ISO 3166 alpha-2 code, "" where unknown.

    A list of names knows more than one name does: use `split_names` for a column. None, NaN and blank give an empty
    Name; anything that is not text is read as its text. Never raises for what `raw` holds.
    """
    return split_list([_text(raw)], country)[0]
