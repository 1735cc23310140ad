"""Order of day and month in the dates of a list (03/04/2026), by the evidence of the whole file and not of one column.

One "12/31" proves the order for every date of the file, also where it stands in a column that nobody needs. Without
proof the signs of EVIDENCE are weighed; where they do not suffice the user is asked and the dates stay text: a swapped
day and month is found by nobody later. The country's habit alone decides nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from xlcrm import schema
from xlcrm.fields import date
from xlcrm.importing import judging, programs
from xlcrm.importing.evidence import form_services, list_language
from xlcrm.importing.evidence.question import question
from xlcrm.people.channel_consent import DAYS
from xlcrm.problems import Problem

if TYPE_CHECKING:
    from xlcrm.importing.incoming import Incoming, Mapped

ORDERS = ("dmy", "mdy")
ASK = "ask"
HABIT = {"dmy": "IT", "mdy": "US"}
SURE = 2
# Days of these columns have come, so that a reading after today is wrong.
PAST = frozenset({"date", "paid_on", "invoiced_on", "registered_on", "acquired_on", "birth_date", *DAYS})
_LIKE = re.compile(r"\d{1,2}([/ -])\d{1,2}\1(?:\d{4}|\d\d)(?:\D.*)?")


class OrderEvidence(NamedTuple):
    order: str
    name: str
    weight: int
    why: str


EVIDENCE = (
    OrderEvidence("mdy", "program", 3, "the export of a program that writes American dates whoever its user is"),
    OrderEvidence("dmy", "program_dmy", 3, "the export of a program that writes the day first whoever its user is"),
    OrderEvidence("dmy", "language", 3, "headers in a language none of whose countries puts the month first"),
    OrderEvidence("mdy", "home", 2, "English headers in a workbook of a country that puts the month first"),
    OrderEvidence("mdy", "dollars", 2, "amounts in US dollars"),
    OrderEvidence("mdy", "noon", 1, "a time of day with AM and PM is English, most often American"),
    OrderEvidence("dmy", "currency", 1, "amounts in a currency of a country that puts the day first"),
    OrderEvidence("dmy", "country", 1, "the habit of the workbook's country"),
    OrderEvidence("mdy", "states", 2, "two capital letters for a state and a ZIP code of five figures are American"),
)
_DAY_FIRST = re.compile(r"\b(?:EUR|GBP|NOK|SEK|DKK|CHF|BRL|MXN|AUD|NZD)\b|[€£]|\bkr\b")
_DOLLARS = re.compile(r"\bUSD\b|(?<![A-Z])\$")
_NOON = re.compile(r"\d\s?[AaPp]\.?[Mm]\.?\b")


@dataclass(frozen=True)
class DateOrder:
    """`orders`: header -> "dmy", "mdy" or "ask"; `asked`: the doubtful dates as typed, `count` how many cells."""

    orders: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    count: int = 0


def decide(one: Incoming, mapped: Sequence[Mapped], *, country: str, today: dt.date, given: str = "") -> DateOrder:
    """The order of each column of the list that holds dates in figures; `given` ("dmy" or "mdy") overrides all.

    Dates with points are day first everywhere; ISO dates, month names and dates of a workbook need no order.
    """
    columns = _date_columns(one.frame, mapped)
    if given or not columns:
        return DateOrder(dict.fromkeys(columns, given))
    proofs = {header: {date.order(v) for v in values} - {""} for header, values in columns.items()}
    whole = set().union(*proofs.values())
    order = next(iter(whole)) if len(whole) == 1 else ""
    if not whole:
        order = _by_calendar(one.frame, mapped, columns, today) or _weighed(one, country)
    orders = {header: _order_of(shown, order) for header, shown in proofs.items()}
    return _with_question(one, mapped, columns, orders)


def _order_of(shown: set[str], order: str) -> str:
    """The order that a column shows, that of the file where it shows none, "ask" where it shows both."""
    return ASK if len(shown) > 1 else next(iter(shown), order) or ASK


def problem(one: Incoming, found: DateOrder) -> list[Problem]:
    """The question, with both readings of three dates; none where nothing is doubtful."""
    return question("import.date_order", found, readings, one.name)


def readings(text: str) -> str:
    """A date as typed with its two readings: "03/04/2026 = 2026-04-03 / 2026-03-04"."""
    both = " / ".join(date.validate(text, HABIT[order]).isoformat() for order in ORDERS)
    return f"{text} = {both}"


def doubtful(text: str) -> bool:
    """True where the two orders give two different days."""
    if not _LIKE.fullmatch(date.compact(text)):
        return False
    try:
        return date.validate(text, "IT") != date.validate(text, "US")
    except ValueError:
        return False


def _date_columns(frame: pd.DataFrame, mapped: Sequence[Mapped]) -> dict[str, list[str]]:
    """The different cells of every column of text that holds dates in figures, mapped or not."""
    found = {}
    for one in mapped:
        column = frame[one.header]
        if not (isinstance(column.dtype, pd.StringDtype) or column.dtype == object):
            continue
        if judging.share(judging.sample(column)[:60], _is_like) >= (0.2 if _is_date_field(one) else 0.6):
            values = [v for v in column.drop_duplicates() if isinstance(v, str) and _is_like(v)]
            if values:
                found[one.header] = values
    return found


def _is_like(text: str) -> bool:
    return bool(_LIKE.fullmatch(text.strip()))


def _is_date_field(one: Mapped) -> bool:
    column = schema.table(one.table).column(one.field) if one.table and one.field else None
    return column is not None and column.kind in {"date", "moment"}


def _by_calendar(
    frame: pd.DataFrame, mapped: Sequence[Mapped], columns: Mapping[str, Sequence[str]], today: dt.date
) -> str:
    """The order that the calendar leaves: no sale after today, nothing due before it was sold."""
    fields = {m.field: m.header for m in mapped if m.header in columns}
    wrong = {order: any(_after(columns[fields[f]], order, today) for f in PAST & set(fields)) for order in ORDERS}
    if wrong["dmy"] == wrong["mdy"] and {"date", "due_on"} <= set(fields):
        pairs = frame[[fields["date"], fields["due_on"]]].drop_duplicates().head(2000)
        wrong = {order: _backwards(pairs, order) for order in ORDERS}
    right = [order for order in ORDERS if not wrong[order]]
    return right[0] if len(right) == 1 else ""


def _after(values: Iterable[str], order: str, today: dt.date) -> bool:
    return any((day := _day(value, order)) is not None and day > today for value in values)


def _backwards(pairs: pd.DataFrame, order: str) -> bool:
    for first, second in pairs.itertuples(index=False):
        sold, due = _day(first, order), _day(second, order)
        if sold and due and due < sold:
            return True
    return False


def _day(value: object, order: str) -> dt.date | None:
    try:
        return date.validate(value, HABIT[order])
    except ValueError:
        return None


def _weighed(one: Incoming, country: str) -> str:
    """The order that the signs of EVIDENCE speak for by SURE or more, "" where they do not suffice."""
    seen = _signs(one, country)
    weights = {order: sum(e.weight for e in EVIDENCE if e.order == order and e.name in seen) for order in ORDERS}
    if weights["mdy"] - weights["dmy"] >= SURE:
        return "mdy"
    return "dmy" if weights["dmy"] - weights["mdy"] >= SURE else ""


def _signs(one: Incoming, country: str) -> set[str]:
    headers = list(map(str, one.frame.columns))
    language = list_language.of(headers)
    text = "\n".join(_some_text(one.frame)) + " " + " ".join(headers)
    written = programs.fact(programs.program_of(headers), "dates") or form_services.dates(
        form_services.service_of(headers)
    )
    american = country in date.MONTH_FIRST
    found = {
        "program": written == "mdy",
        "program_dmy": written == "dmy",
        "language": language == "other",
        "home": american and language != "other",
        "dollars": bool(_DOLLARS.search(text)),
        "noon": bool(_NOON.search(text)),
        "currency": bool(_DAY_FIRST.search(text)),
        "country": bool(country) and not american,
        "states": bool(re.search(r"(?m)^[A-Z]{2}$", text) and re.search(r"(?m)^\d{5}-\d{4}$", text)),
    }
    return {name for name, is_so in found.items() if is_so}


def _some_text(frame: pd.DataFrame) -> list[str]:
    head: list[Any] = frame.head(200).to_numpy(dtype=object).ravel().tolist()
    return [value for value in head if isinstance(value, str) and len(value) <= 40]


def _with_question(
    one: Incoming, mapped: Sequence[Mapped], columns: Mapping[str, Sequence[str]], orders: Mapping[str, str]
) -> DateOrder:
    named, asked, count = [], [], 0
    for place in mapped:
        if orders.get(place.header) != ASK or not _is_date_field(place):
            continue
        unsure = [value for value in columns[place.header] if doubtful(value)]
        if unsure:
            named.append(place.header)
            asked += unsure
            count += int(one.frame[place.header].isin(unsure).sum())
    return DateOrder(orders, tuple(named), tuple(dict.fromkeys(asked)), count)
