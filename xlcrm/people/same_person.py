"""The same person twice: two rows of People at one client that are one, surely or probably.

Surely is what a merge may bring together without asking; probably is what a check asks about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm.fields import email, phone
from xlcrm.people.still_there import clients_of, is_person
from xlcrm.text import any_order, caseless, tokens
from xlcrm.values import as_text


class Two(NamedTuple):
    """Two positions of People that are one person: the upper one, the lower one, and whether that is sure."""

    first: int
    second: int
    sure: bool


class _Facts(NamedTuple):
    """What a row says about who it is, as it is compared; "" where blank."""

    name: str
    email: str
    phones: frozenset[str]
    birth: str
    until: str


def same_people(people: pd.DataFrame, clients: pd.Series[Any] | None = None) -> list[Two]:
    """The pairs of rows that are one person at one client, by the lower row; each lower row is named once.

    clients   whose each row is (index as `people`); the frame's own client_id where not given. Rows of nobody are not
              compared

    Sure: one name (in any order of its words), and e-mail, phone numbers, birth date and `until` say nothing else. Not
    sure: one name and something that differs, but for a birth date or a title of senior and junior; or one personal
    e-mail address or phone number, and names of which one holds all words of the other.
    """
    owners = clients_of(people) if clients is None else clients
    facts = _facts(people)
    groups: dict[str, list[int]] = defaultdict(list)
    for place in np.flatnonzero(is_person(people) & (owners != "").to_numpy()).tolist():
        groups[owners.iloc[place]].append(place)
    return sorted(
        (two for group in groups.values() if len(group) > 1 for two in _of_client(group, facts)),
        key=lambda two: (two.second, two.first),
    )


def sure_groups(people: pd.DataFrame, clients: pd.Series[Any]) -> list[list[int]]:
    """Positions of rows that are surely one person at one client, two or more a group, each sure with all others."""
    facts = _facts(people)
    groups: dict[str, list[list[int]]] = defaultdict(list)
    for place in np.flatnonzero(is_person(people) & (clients != "").to_numpy()).tolist():
        known = groups[clients.iloc[place]]
        mine = next((group for group in known if all(_same(facts[one], facts[place]) for one in group)), None)
        if mine is None:
            known.append([place])
        else:
            mine.append(place)
    return [group for known in groups.values() for group in known if len(group) > 1]


def _of_client(places: list[int], facts: Mapping[int, _Facts]) -> Iterable[Two]:
    """The pairs of one client: each row with the first above it that is the same person, a sure one before others."""
    for at, second in enumerate(places):
        found = [
            Two(first, second, sure)
            for first in places[:at]
            if (sure := _same(facts[first], facts[second])) is not None
        ]
        yield from sorted(found, key=lambda two: not two.sure)[:1]


def _same(one: _Facts, other: _Facts) -> bool | None:
    """True for surely one person, False for probably, None for two."""
    if one.birth and other.birth and one.birth != other.birth:
        return None
    if one.name and one.name == other.name:
        return _agree(one, other)
    reached = (one.email and one.email == other.email) or bool(one.phones & other.phones)
    return False if reached and _within(one.name, other.name) else None


def _agree(one: _Facts, other: _Facts) -> bool:
    """Whether nothing of two rows of one name contradicts."""
    mails = not one.email or not other.email or one.email == other.email
    phones = not one.phones or not other.phones or bool(one.phones & other.phones)
    return mails and phones and one.until == other.until


def _within(one: str, other: str) -> bool:
    """Whether one name holds all words of the other; a blank one is within any."""
    words, others = set(one.split()), set(other.split())
    return words <= others or others <= words


def _facts(people: pd.DataFrame) -> dict[int, _Facts]:
    """The facts of each row by its position."""
    texts = {
        column: (
            as_text(people[column]).str.strip() if column in people.columns else pd.Series("", people.index)
        ).tolist()
        for column in ("full_name", "first_name", "middle_name", "last_name", "suffix", "email", "birth_date", "until")
    }
    numbers = [as_text(people[c]).tolist() for c in ("phone", "mobile") if c in people.columns]
    phones = [frozenset(filter(None, map(_digits, row))) for row in zip(*numbers, strict=True)] if numbers else []
    rows = zip(*texts.values(), strict=True)
    return {
        place: _Facts(
            _name(whole, first, middle, last, suffix),
            _mail(mail),
            phones[place] if phones else frozenset(),
            birth,
            until,
        )
        for place, (whole, first, middle, last, suffix, mail, birth, until) in enumerate(rows)
    }


def _name(whole: str, first: str, middle: str, last: str, suffix: str) -> str:
    """A name as it is compared: its parts where they are there, else the whole; in any order, with its suffix."""
    parts = " ".join(filter(None, (first, middle, last)))
    name = any_order(parts) if first and last else any_order(whole or parts)
    more = [word for word in tokens(suffix) if word not in name.split()]
    return " ".join([name, *more]).strip()


def _mail(text: str) -> str:
    """A personal address as it is compared; "" for an office's, which many share."""
    return "" if not text or email.is_role(text) else caseless(email.compact(text))


def _digits(text: str) -> str:
    """The last nine figures of a number, which tell it with and without its country's code; "" for a short one."""
    figures = "".join(sign for sign in phone.compact(text) if sign.isdigit())
    return figures[-9:] if len(figures) >= 7 else ""
