"""A column of names split as one list, because half of all lists are surname first and a single row can't tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from xlcrm.names.case import repair
from xlcrm.names.cell import dissect
from xlcrm.names.knowledge import counts
from xlcrm.names.learnt import CERTAIN, OPEN, Learnt
from xlcrm.names.name import Columns, Name, NameRow, blank_columns, put
from xlcrm.names.name_words import CAPS, MIXED, SMALL, NameWords, Word
from xlcrm.names.order import DOUBT, NameReading, best, compose, compose_plain, order_of_list, weigh
from xlcrm.names.profiles import LANGUAGES, Profile, profile_for, profile_of

if TYPE_CHECKING:
    import pandas as pd


# Most names are two plain words; a hundred thousand of them are read here with little more than a subtraction each.

Pair = Sequence[Word]


def differences(pairs: Sequence[Pair]) -> list[float]:
    """Log odds of each pair that the given name comes first, without the order of the list."""
    return [first.odds - second.odds for first, second in pairs]


def note(pairs: Sequence[Pair], odds: Sequence[float], learnt: Learnt) -> None:
    """Notes the words of pairs that are certain."""
    bias, given, family = learnt.given_first, learnt.given_words, learnt.family_words
    for pair, difference in zip(pairs, odds, strict=True):
        margin = difference + bias
        if margin > CERTAIN:
            first, last = pair
        elif margin < -CERTAIN:
            last, first = pair
        else:
            continue
        if not (first.joined or last.joined):
            given[first.key] = given.get(first.key, 0) + 1
            family[last.key] = family.get(last.key, 0) + 1


def margin_of(pair: Pair, difference: float, learnt: Learnt) -> float:
    """Log odds that the first word is the given name, with the list's order and what its other rows said."""
    margin = difference + learnt.given_first
    if not -OPEN < margin < OPEN or not learnt.family_words:
        return margin
    first, second = pair
    noted = not (first.joined or second.joined)
    side = (margin > CERTAIN) - (margin < -CERTAIN) if noted else 0
    return learnt.odds(first, side) - learnt.odds(second, -side) + learnt.given_first


def put_pairs(
    columns: Columns, places: Sequence[int], pairs: Sequence[Pair], odds: Sequence[float], learnt: Learnt
) -> None:
    """Writes the fields of every pair into its row of the columns."""
    kinds, firsts, lasts = columns["kind"], columns["first_name"], columns["last_name"]
    letters = learnt.profile.letters
    for place, pair, difference in zip(places, pairs, odds, strict=True):
        margin = margin_of(pair, difference, learnt)
        one, two = pair
        given, family = (one.text, two.text) if margin >= 0 else (two.text, one.text)
        flags = one.flags | two.flags
        if (flags & CAPS and not flags & MIXED) or one.flags & two.flags & SMALL:
            given, family = repair(given, letters), repair(family, letters)
        kinds[place], firsts[place], lasts[place] = "person", given, family
        if -DOUBT < margin < DOUBT:
            columns["sure"][place] = False
            columns["reason"][place] = "name.order"
            columns["other_first"][place], columns["other_last"][place] = family, given


ENOUGH = 60  # words of one language from which a list without a country is taken to be in it


def split_list(texts: Sequence[str], country: str = "") -> Columns:
    """Names of one list, each split in the light of the others."""
    profile = profile_of(country) if country else _profile_from(texts)
    words, learnt = _words(profile.letters), Learnt(profile)
    cells = [dissect(text, words) for text in texts]
    placed = [(i, cell) for i, cell in enumerate(cells) if isinstance(cell, list) and len(cell) == 2]
    places, pairs = [i for i, _ in placed], [pair for _, pair in placed]
    odds = differences(pairs)
    readings = _read(cells, pairs, odds, learnt)
    columns = blank_columns(len(cells))
    put_pairs(columns, places, pairs, odds, learnt)
    names = [(i, name) for i, cell in enumerate(cells) if (name := _compose(cell, learnt, readings.get(i))) is not None]
    put(columns, [i for i, _ in names], [name for _, name in names])
    return columns


def _compose(cell: list[Word] | NameRow, learnt: Learnt, reading: NameReading | None) -> Name | None:
    """The fields of a cell, None for a pair and a blank cell."""
    if isinstance(cell, NameRow):
        return compose(cell, learnt, reading) if cell.kind else None
    return None if reading is None else compose_plain(cell, learnt, reading)


@lru_cache(maxsize=16)
def _words(letters: str) -> NameWords:
    return NameWords(letters)


def _profile_from(texts: Sequence[str]) -> Profile:
    """The profile of the language that most known names of the list belong to, an average one where none leads."""
    votes: Counter[str] = Counter()
    total = 0
    for text in texts[:2000]:
        for word in text[:80].casefold().split()[:4]:
            found = [letter for letter, (g, f) in counts(word).items() if letter in LANGUAGES and g + f > 1]
            if 0 < len(found) < 4:
                total += 1
                votes.update(found)
    if total >= ENOUGH:
        letter, most = votes.most_common(1)[0]
        if most > 0.7 * total:
            return profile_for(letter)
    return profile_of("")


def _read(
    cells: Sequence[list[Word] | NameRow], pairs: Sequence[list[Word]], odds: list[float], learnt: Learnt
) -> dict[int, NameReading]:
    """The reading, by place, of every cell but pairs whose names wait for their order.

    Three steps: rows whose typing decides are noted, the share of rows with given names first is found, and rows that
    are still open are weighed again with what the certain rows said about their words.
    """
    units = {i: each for i, cell in enumerate(cells) if (each := _open_units(cell, learnt))}
    if learnt.profile.letters[0] == "e" and len(cells) > 1:
        _learn_surnames(cells, len(pairs), [len(each) for each in units.values()], learnt)
    weights = [weigh(each, [unit.odds for unit in each], learnt) for each in units.values()]
    orders = odds + [each.difference for each in weights]
    if len(orders) > 1:
        learnt.given_first = order_of_list(orders, learnt.profile.given_first, learnt.profile.weight)
    readings = {i: best(each, learnt.given_first) for i, each in zip(units, weights, strict=True)}
    if len(cells) > 1:
        note(pairs, odds, learnt)
        _note_readings(units, readings, learnt)
        _read_open_again(units, readings, learnt)
    return readings


def _read_open_again(units: dict[int, list[Word]], readings: dict[int, NameReading], learnt: Learnt) -> None:
    """Weighs the rows that are still open again with what the certain rows said about their words."""
    for i, reading in readings.items():
        if reading.margin < OPEN:
            readings[i] = _read_again(units[i], reading, learnt)


def _learn_surnames(cells: Sequence[list[Word] | NameRow], pairs: int, sizes: list[int], learnt: Learnt) -> None:
    """How many rows of a Spanish list allow a single family name only."""
    sizes += [len(cell.family) + 1 for cell in cells if isinstance(cell, NameRow) and cell.family]
    one = pairs + sizes.count(2)
    learnt.learn_surnames(one, pairs + len(sizes) - one)


def _note_readings(units: dict[int, list[Word]], readings: dict[int, NameReading], learnt: Learnt) -> None:
    for i, reading in readings.items():
        if reading.margin > CERTAIN:
            learnt.note(*reading.split(units[i]), certain=False)


def _open_units(cell: list[Word] | NameRow, learnt: Learnt) -> list[Word] | None:
    if not isinstance(cell, NameRow):
        return cell if len(cell) > 2 else None
    if cell.family is not None:
        if cell.given and cell.partner is None:
            learnt.note(cell.given, cell.family, certain=True)
        return None
    return cell.units if len(cell.units) > 1 else None


def _read_again(units: list[Word], reading: NameReading, learnt: Learnt) -> NameReading:
    side = (1 if reading.given_first else -1) if reading.margin > CERTAIN else 0
    own = [unit.odds for unit in units]
    odds = [learnt.odds(unit, side if i < reading.cut else -side) for i, unit in enumerate(units)]
    if odds == own and not learnt.families:
        return reading
    return best(weigh(units, odds, learnt), learnt.given_first)


def split_names(series: pd.Series[Any], *, country: str | pd.Series[Any] = "") -> pd.DataFrame:
    """Splits a column of names into a frame with the columns of `Name` and the index of `series`.

    `country` is an ISO 3166 alpha-2 code for the whole list, or a series of codes (rows of one country are then a list
    of their own); "" lets the list's own words decide. All columns are text ("" where nothing applies) but `sure`
    (bool). None, NaN and blanks give kind ""; numbers and other values are read as their text. Never raises for what a
    cell holds, and does not change `series`.
    """
    import pandas as pd

    texts = [value if isinstance(value, str) else _text(value) for value in series.tolist()]
    if isinstance(country, str):
        columns = split_list(texts, country)
    else:
        columns = _by_country(texts, [_text(code) for code in country])
    blank = pd.array([""] * len(texts), dtype="str")
    data: dict[str, Any] = {
        field: pd.array(column, dtype="str") if any(column) else blank.copy()
        for field, column in columns.items()
        if field != "sure"
    }
    data["sure"] = pd.array(columns["sure"], dtype="bool")
    return pd.DataFrame(data, index=series.index)[list(Name._fields)]


def _by_country(texts: list[str], codes: list[str]) -> Columns:
    if len(codes) != len(texts):
        raise ValueError("country must be one code or as many codes as names")
    places: dict[str, list[int]] = {}
    for i, code in enumerate(codes):
        places.setdefault(code.strip().upper(), []).append(i)
    columns = blank_columns(len(texts))
    for code, own in places.items():
        for field, found in split_list([texts[i] for i in own], code).items():
            for i, value in zip(own, found, strict=True):
                columns[field][i] = value
    return columns


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    from xlcrm.values import text_of

    return text_of(value)


def split_name(raw: object, *, country: str = "") -> Name:
    """Splits one name. `country` is an ISO 3166 alpha-2 code, "" where unknown.

    A list of names knows more than one name does: use `split_names` for a column. None, NaN and blank give an empty
    Name; anything that is not text is read as its text. Never raises for what `raw` holds.
    """
    columns = split_list([raw if isinstance(raw, str) else _text(raw)], country)
    return Name(*(column[0] for column in columns.values()))
