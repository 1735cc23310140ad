"""Date field: text in six languages and either order of day and month becomes a real date."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

from xlcrm.fields.field_errors import FieldError, FormatError, PartError
from xlcrm.text import composed, fold_letters

# Month before day in figures (Unicode CLDR 46, short date patterns); everywhere else the day or the year is first.
MONTH_FIRST = frozenset("US PR GU VI AS MP UM PH FM MH PW".split())
FIRST_YEAR, LAST_YEAR = 1800, 2199
_MONTHS = (
    "january gennaio enero januar janvier jan",
    "february febbraio febrero februar fevrier feb",
    "march marzo mars marz maerz mar mrz",
    "april aprile abril avril apr",
    "may maggio mayo mai",
    "june giugno junio juni juin jun",
    "july luglio julio juli juillet jul",
    "august agosto aout aug",
    "september settembre septiembre setiembre septembre sept sep",
    "october ottobre octubre oktober octobre oct okt",
    "november novembre noviembre nov",
    "december dicembre diciembre desember decembre dezember dec des dez dic",
)
_FILLERS = frozenset(
    "de del den der the of le il el la lo am on du d l st nd rd th "
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun "
    "lunedi martedi mercoledi giovedi venerdi sabato domenica lun mart merc mer gio ven sab dom "
    "lunes martes miercoles jueves viernes sabado domingo mie jue vie "
    "mandag tirsdag onsdag torsdag fredag lordag sondag man tir ons tor fre lor son "
    "lundi mardi mercredi jeudi vendredi samedi dimanche jeu sam dim "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so".split()
)
_TIME = re.compile(
    r"(?:T|,?\s+)(?:(?:kl|ore|um|at|a las|à)\.?\s*)?\d{1,2}[:.hH]\d{2}(?:[:.]\d{2}(?:[.,]\d{1,9})?)?"
    r"\s*(?:[ap]\.?\s?m\.?|Uhr)?\s*(?:Z|(?:UTC|GMT)?(?:[+-]\d{1,2}(?::?\d{2})?)?)$",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"(\d{1,4})\s?([./\- ])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?")
_SOLID = re.compile(r"\d{8}")
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|o|a|re)")
_NOTHING = re.compile(r"0{1,4}([./-])0{1,2}\1(?:0{4}|0{1,2})(?: [0:]+)?")
_LONGEST = 60


def compact(value: object) -> str:
    """The text without a time of day and doubled spaces; a date as ISO."""
    if isinstance(value, dt.date):
        return value.isoformat()[:10] if value == value else ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = value if isinstance(value, str) else str(value) if type(value).__name__ == "datetime64" else ""
    if len(text) > _LONGEST:
        return text
    return _TIME.sub("", " ".join(composed(text).split()))


def validate(value: object, country: str = "", *, latest: dt.date | None = None) -> dt.date:
    """The day. A time of day is left out.

    Understood: ISO, day-month-year with any separator, month-day-year where `country` writes so or where only that
    reading exists (with points not where days come first), year first, eight digits, and month names in six languages.
    Two-digit years 00-49 are 2000-2049 and 50-99 are 1950-1999; with `latest` they are the last such year whose day is
    not after `latest` (birth dates).
    Refused: no day (PartError "date.no_day"), a day that no calendar has, years outside 1800-2199, and a number that
    is Excel's count of days ("date.serial", with the day as suggestion), since it may as well be something else.
    """
    if isinstance(value, dt.date):
        if value != value:  # NaT
            raise FormatError("date.no_date", value="")
        return dt.date(value.year, value.month, value.day)
    text = compact(value)
    if not text or len(text) > _LONGEST or any(c.isnumeric() and not c.isascii() for c in text):
        raise FormatError("date.no_date", value=value if isinstance(value, str) else "")
    found = _solid(text) or _figures(text, country) or _words(text)
    if found is None:
        raise _refusal(text)
    year, month, day, short = found
    if short:
        return _short_year(year, month, day, latest, text)
    return _day(year, month, day, text)


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` gives a day; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """The day as figures in the order of `country` (31.12.2026 or 12/31/2026, ISO where unknown); no date as typed."""
    try:
        day = validate(value, country)
    except ValueError:
        return value if isinstance(value, str) else ""
    if not country:
        return day.isoformat()
    if country in MONTH_FIRST:
        return f"{day.month:02}/{day.day:02}/{day.year}"
    sign = {"IT": "/", "ES": "/", "FR": "/", "GB": "/", "IE": "/", "PT": "/", "NL": "-"}.get(country, ".")
    return f"{day.day:02}{sign}{day.month:02}{sign}{day.year}"


def ambiguous(value: object, country: str = "") -> bool:
    """True where another order of the same figures gives another day.

    "03/04/2024" is, unless `country` tells the order; "03.04.2024" is not, for points only ever separate day, month,
    year; "03/04/05" is in any country, since the year may be first as well.
    """
    match = _FIGURES.fullmatch(compact(value)) if isinstance(value, str) else None
    if match is None or match[2] == "." or not is_valid(value, country):
        return False
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) > 2:
        return False
    swapped = first <= 12 and second <= 12 and first != second
    if len(match[4]) <= 2:
        return (swapped and not country) or (first != third and second <= 12 and 1 <= third <= 12 and first <= 12)
    return swapped and not country


def order(value: object) -> str:
    """What one text proves about its column: "dmy" or "mdy" where a figure over 12 decides, "" otherwise."""
    match = _FIGURES.fullmatch(compact(value)) if isinstance(value, str) else None
    if match is None or len(match[1]) > 2:
        return ""
    first, second = int(match[1]), int(match[3])
    if 12 < first <= 31 and 1 <= second <= 12:
        return "dmy"
    if 12 < second <= 31 and 1 <= first <= 12 and match[2] != ".":
        return "mdy"
    return ""


def counted(value: object) -> dt.date | None:
    """The day that a number of days since 1899-12-30 is (Excel's serial, 1927 to 2119), None for anything else."""
    text = compact(value)
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", text) and 10000 <= int(text[:5]) < 80000:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(text[:5]))
    return None


def is_nothing(value: object) -> bool:
    """True for the zeros that programs write where there is no date: "0/0/00", "00.00.0000", "0000-00-00 00:00:00"."""
    return isinstance(value, str) and bool(_NOTHING.fullmatch(value.strip()))


def _day(year: int, month: int, day: int, text: str) -> dt.date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise PartError("date.year", value=text)
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise PartError("date.impossible", value=text) from None


def _short_year(year: int, month: int, day: int, latest: dt.date | None, text: str) -> dt.date:
    if latest is None:
        return _day(year + (2000 if year < 50 else 1900), month, day, text)
    century = latest.year // 100 * 100
    try:
        found = _day(century + year, month, day, text)
    except PartError:  # the 29th of February needs a leap year, which the other century may have
        return _day(century - 100 + year, month, day, text)
    return found if found <= latest else _day(century - 100 + year, month, day, text)


def _solid(text: str) -> tuple[int, int, int, bool] | None:
    if not _SOLID.fullmatch(text):
        return None
    if 1900 <= int(text[:4]) <= 2099 and 1 <= int(text[4:6]) <= 12 and 1 <= int(text[6:]) <= 31:
        return int(text[:4]), int(text[4:6]), int(text[6:]), False
    return int(text[4:]), int(text[2:4]), int(text[:2]), False


def _figures(text: str, country: str) -> tuple[int, int, int, bool] | None:
    match = _FIGURES.fullmatch(text)
    if match is None or len(match[1]) == 3 or len(match[4]) == 3:
        return None
    first, second, third = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        return (first, second, third, False) if len(match[4]) <= 2 else None
    short = len(match[4]) <= 2
    month_first = country in MONTH_FIRST and match[2] != "."
    # 12.13.1990 is a slip where days come first: nobody there writes points with the month in front
    only = first <= 12 < second and (match[2] != "." or not country or country in MONTH_FIRST)
    if (month_first and first <= 12) or only:
        return third, first, second, short
    return third, second, first, short


def _words(text: str) -> tuple[int, int, int, bool] | None:
    """A date with its month as a word; the figures are day and year, in that order unless the first has four digits."""
    month, figures = 0, []
    words = _split(text)
    if sum(map(bool, map(_month, words))) == 2 and words[0] == "mar":  # Tuesday in Italian, Spanish and French
        words = words[1:]
    for word in words:
        ordinal = _ORDINAL.fullmatch(word)
        if word.isdecimal() or ordinal:
            figures.append(ordinal[1] if ordinal else word)
        elif word in _FILLERS and (month or not _month(word)):
            continue
        elif (found := _month(word)) and not month:
            month = found
        else:
            return None
    if not month or len(figures) != 2 or len(figures[1]) == 3:
        return None
    if len(figures[0]) == 4:
        figures.reverse()
    if len(figures[0]) > 2 or len(figures[1]) not in (2, 4):
        return None
    return int(figures[1]), month, int(figures[0]), len(figures[1]) == 2


@cache
def _month(word: str) -> int:
    """1-12 for a month's name or its first three letters or more in one of six languages, 0 otherwise."""
    if len(word) < 3:
        return 0
    found = {n for n, names in enumerate(_MONTHS, 1) if any(name.startswith(word) for name in names.split())}
    return found.pop() if len(found) == 1 else 0


def _split(text: str) -> list[str]:
    return re.findall(r"\d+(?:st|nd|rd|th|er|re|o|a)\b|\d+|[a-z]+|[^\s\w.,'\-/()]", fold_letters(text))


def _refusal(text: str) -> FieldError:
    day = counted(text)
    if day is not None:
        return FormatError("date.serial", value=text, suggestion=day.isoformat())
    words = _split(text)
    if re.fullmatch(r"(?:19|20)\d\d", text) or re.fullmatch(
        r"\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d[./-]\d{1,2}", text
    ):
        return PartError("date.no_day", value=text)
    if len(words) == 2 and any(_month(w) for w in words) and any(w.isdecimal() for w in words):
        return PartError("date.no_day", value=text)
    return FormatError("date.no_date", value=text)
