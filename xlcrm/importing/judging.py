"""Judging a header by its values: an "E-mail" column of yes and no is not mapped.

Every judgement is over a sample of a column's filled cells and needs most of them, never all: real lists have slips. A
column without any value is judged by its header alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from xlcrm import schema
from xlcrm.addresses.countries import country_code
from xlcrm.fields import date, money
from xlcrm.importing.header_words import choice_of
from xlcrm.text import fold_letters
from xlcrm.values import NO, YES, is_blank, text_of

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 400
MOST = 0.6
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
# Courtesy titles and degrees before a name in six languages, to tell a column "Title" from one of job titles.
COURTESY = frozenset(
    "mr mrs ms miss mx dr prof sir madam lord lady rev master professor doctor sig sigra signor signora signorina dott "
    "dottssa dottore dottoressa avv ing arch geom rag profssa dra drssa egr gentma spett sr sra srta don dona doctora "
    "profesor profesora herr frau fru froken hr frk fraulein familie mag dipling m mme mlle monsieur madame "
    "mademoiselle me maitre docteur".split()
)
_LETTERS = re.compile(r"[^\W\d_]")
_DAY_MONTH = re.compile(r"\d{1,2}[./-]\d{1,2}\.?|--\d\d-?\d\d")


def sample(column: pd.Series[Any]) -> list[str]:
    """Up to 400 filled cells from all over a column, as text."""
    step = max(1, len(column) // (SAMPLE * 5))
    found = [text_of(value).strip() for value in column.iloc[::step] if not is_blank(value)]
    if not found and step > 1:
        found = [text_of(value).strip() for value in column if not is_blank(value)]
    return found[:: max(1, len(found) // SAMPLE)][:SAMPLE]


def share(values: Sequence[str], test: Callable[[str], object]) -> float:
    """How much of the sample passes, 0 to 1; 1 for an empty sample."""
    return sum(bool(test(value)) for value in values) / len(values) if values else 1.0


def fits(table: str, field: str, values: Sequence[str]) -> bool:
    """True where most of the sample can be values of that column of the schema."""
    test = is_wordy if (table, field) == ("Interactions", "kind") else _TESTS.get(field)
    if test is not None:
        return share(values, test) >= MOST
    column = None if field == "discount" else schema.table(table).column(field)
    kind = "number" if column is None else column.kind
    if kind in {"date", "moment"}:
        return share(values, is_date) >= MOST
    if kind in schema.NUMBERS:
        return share(values, is_number) >= MOST
    if kind == "flag":
        return share(values, is_flag) >= MOST
    return True


def nearly(table: str, field: str, values: Sequence[str]) -> bool:
    """True where a column of dates holds times that are no dates ("2019", "spring 2018"): a person has to look at them.

    For headers that are the schema's own word only: such a column beside itself, called "(2)", helps nobody.
    """
    column = None if field == "discount" else schema.table(table).column(field)
    if column is None or column.kind != "date" or not values:
        return False
    return share(values, lambda text: len(text) <= 24 and re.search(r"\d", text)) >= MOST


def is_date(text: str) -> bool:
    """A date, Excel's count of days, the zeros for none, or a day and month alone (as Mailchimp keeps birthdays)."""
    return date.is_valid(text) or bool(_DAY_MONTH.fullmatch(text)) or bool(date.counted(text)) or date.is_nothing(text)


def is_number(text: str) -> bool:
    return money.is_valid(text.rstrip("% "))


def is_flag(text: str) -> bool:
    """A yes, a no, or the moment since when (an export's "unsubscribed at")."""
    return text.casefold() in YES | NO or text in {"1.0", "0.0"} or (len(text) >= 8 and date.is_valid(text))


def is_courtesy(text: str) -> bool:
    return any(part in COURTESY for part in re.sub(r"[.']", "", fold_letters(text)).split())


def is_code(text: str) -> bool:
    """A short mark without spaces that holds a figure or is all capitals: an id rather than a name."""
    return len(text) <= 24 and not re.search(r"\s|@", text) and (bool(re.search(r"\d", text)) or text.isupper())


def is_country(text: str) -> bool:
    return bool(country_code(text))


def is_wordy(text: str) -> bool:
    """Letters, and more of them than figures; no e-mail."""
    letters = len(_LETTERS.findall(text))
    return letters > 0 and "@" not in text and letters >= sum(c.isdigit() for c in text)


def digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def has_figure(text: str) -> bool:
    """Whether a text holds any figure."""
    return any(c.isdigit() for c in text)


def _has_choice(group: str) -> Callable[[str], object]:
    return lambda text: choice_of(group, text)


_TESTS: dict[str, Callable[[str], object]] = {
    "email": lambda text: EMAIL.search(text),
    "phone": lambda text: digits(text) >= 5 and not date.is_valid(text),
    "mobile": lambda text: digits(text) >= 5 and not date.is_valid(text),
    "postal_code": lambda text: digits(text) >= 1 and len(text) <= 12 and not re.search("[^\\W\\d_A-Z]{3}", text),
    "house_number": lambda text: digits(text) >= 1 and len(text) <= 12 and not re.match(r"[^\W\d_]{3}", text),
    "tax_id": lambda text: digits(text) >= 5 and len(text) <= 24,
    "full_name": is_wordy,
    "first_name": is_wordy,
    "middle_name": is_wordy,
    "last_name": is_wordy,
    "last_or_company": is_wordy,
    "company": lambda text: _LETTERS.search(text) and not EMAIL.fullmatch(text),
    "job_title": is_wordy,
    "title": lambda text: is_courtesy(text) or len(text) <= 5,
    "city": is_wordy,
    "region": lambda text: not EMAIL.search(text),
    "country": lambda text: _LETTERS.search(text) and len(text) <= 60 and text.casefold() not in YES | NO - {"no"},
    "language": lambda text: _LETTERS.match(text) and len(text) <= 30,
    "sector": lambda text: _LETTERS.search(text),
    "status": lambda text: _LETTERS.search(text) and text.casefold() not in YES | NO,
    "salesperson": lambda text: _LETTERS.search(text),
    "source": lambda text: _LETTERS.search(text),
    "gender": _has_choice("gender"),
    "kind": _has_choice("kind"),
    "preferred_contact": lambda text: _LETTERS.search(text),
    "currency": lambda text: len(text) <= 12 and digits(text) == 0,
    "product": lambda text: not date.is_valid(text) or len(text) < 6,
    "category": lambda text: text,
    "website": lambda text: "." in text and "@" not in text and " " not in text,
    "turnover_year": lambda text: bool(re.fullmatch(r"(?:19|20)\d\d(?:\.0)?", text)),
    "delivery_address": lambda text: _LETTERS.search(text) and "@" not in text,
    "parent_id": lambda text: is_code(text),
    "client_id": lambda text: len(text) <= 40 and not EMAIL.search(text),
}
