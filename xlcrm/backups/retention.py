"""Retention rules: which backups to keep, as a pure function over times that can be tried on any history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

_PERIODS: tuple[tuple[str, Callable[[dt.datetime], object]], ...] = (
    ("daily", lambda t: t.date()),
    ("weekly", lambda t: t.isocalendar()[:2]),
    ("monthly", lambda t: (t.year, t.month)),
    ("yearly", lambda t: t.year),
)
# a colleague's clock may be in another time zone: that far ahead is no mistake
_AHEAD = dt.timedelta(days=1)
_FAR = 1 << 16  # days: longer than anybody keeps backups


@dataclass(frozen=True)
class Rules:
    """How many to keep of each kind; 0 switches a rule off. The newest is kept whatever the rules say."""

    last: int = 20
    daily: int = 14
    weekly: int = 8
    monthly: int = 12
    yearly: int = 10


def prune(
    taken: Sequence[dt.datetime],
    rules: Rules,
    *,
    now: dt.datetime,
    pinned: Collection[int] = (),
    contents: Sequence[str] = (),
    light: Collection[int] = (),
) -> list[tuple[str, ...]]:
    """For each backup the rules that keep it, in the order of `taken`; an empty tuple means that it can go.

    taken   when each was taken, in the order of taking (a clock may have jumped: the order is what counts for "last").
            All without a time zone (wall clock times), or all with one: these are read in the zone of `now`
    pinned  positions in `taken` that something else needs
    contents  a checksum for each, "" where none is known: neighbours of the same content are one to the rule "last"
    light   positions of backups that matter less: of neighbours among them, the rule "last" sees the newest alone

    last      the last n taken, and always the very last one
    daily     the last one of a day, for the n latest days that have one; weekly (ISO weeks), monthly, yearly alike.
              Each rule counts for itself: a backup may be kept by several
    future    dated more than a day after `now`: a clock was wrong, so nobody can say how old it is. It is kept, and
              takes no place of a day, week, month or year
    pinned    as asked
    """
    here = [moment.astimezone(now.tzinfo) if moment.tzinfo else moment for moment in taken]
    future = {position for position, moment in enumerate(here) if _instant(moment) > _limit(moment, now)}
    dated = (position for position in range(len(here)) if position not in future)
    newest_first = sorted(dated, key=lambda position: (_instant(here[position]), position), reverse=True)
    ways: list[tuple[str, Iterable[int]]] = [("last", _latest(len(here), max(1, rules.last), contents, light))]
    for rule, period in _PERIODS:
        ways.append((rule, _one_a_period(here, newest_first, period, getattr(rules, rule))))
    ways += [("future", future), ("pinned", pinned)]
    kept: list[list[str]] = [[] for _ in here]
    for rule, positions in ways:
        for position in positions:
            kept[position].append(rule)
    return [tuple(rules_of) for rules_of in kept]


def last_day(taken: Sequence[dt.datetime], wanted: int, rules: Rules, now: dt.datetime) -> dt.date:
    """The day on which the rules let go of the backup at `wanted`, a position in `taken`, if one is made every day."""
    held, first, last = [*taken], 1, 1
    while _kept_after(held, wanted, rules, now, last) and last < _FAR:
        first, last = last, last * 2
    while first < last:
        middle = (first + last) // 2
        first, last = (middle + 1, last) if _kept_after(held, wanted, rules, now, middle) else (first, middle)
    return (now + dt.timedelta(days=last)).date()


def _kept_after(taken: Sequence[dt.datetime], wanted: int, rules: Rules, now: dt.datetime, days: int) -> bool:
    """Whether a rule still keeps a backup when one a day was made for so many days."""
    then = [now + dt.timedelta(days=day) for day in range(1, days + 1)]
    return bool(prune([*taken, *then], rules, now=then[-1])[wanted])


def _latest(taken: int, wanted: int, contents: Sequence[str], light: Collection[int]) -> Iterator[int]:
    """Positions of the `wanted` latest backups of different content, latest first, and their neighbours of the same.

    Of neighbours in `light` only the newest counts, and is given.
    """
    different = 0
    for position in reversed(range(taken)):
        if position in light and position + 1 in light:
            continue
        different += not _repeats(contents, position)
        if different > wanted:
            return
        yield position


def _repeats(contents: Sequence[str], position: int) -> bool:
    """Whether the next backup has the same content, as far as that is known."""
    known = bool(contents and contents[position])
    return known and contents[position : position + 2].count(contents[position]) > 1


def _one_a_period(
    here: Sequence[dt.datetime], newest_first: Sequence[int], period: Callable[[dt.datetime], object], wanted: int
) -> Iterator[int]:
    """The newest position of each of the `wanted` latest periods that have any."""
    seen: set[object] = set()
    for position in newest_first:
        when = period(here[position])
        if when in seen:
            continue
        if len(seen) >= wanted:
            return
        seen.add(when)
        yield position


def _instant(moment: dt.datetime) -> dt.datetime:
    """A time that sorts right: those of one zone compare by their wall clock, which shows an hour twice in autumn."""
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment


def _limit(moment: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The time beyond which a backup is dated in the future, comparable with `moment`."""
    return (now if moment.tzinfo else now.replace(tzinfo=None)) + _AHEAD
