"""Settings of a team as one frozen value, so that no operation looks for them anywhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import pandas as pd

from xlcrm import words
from xlcrm.addresses.countries import country_code
from xlcrm.messages import LANGUAGES
from xlcrm.tables import Tables
from xlcrm.values import as_flag, text_of

MANY = 99_999
LARGEST = {"payment_days": 3_650, "stale_months": 1_200, "forget_months": 1_200}  # what a calendar still has room for


@dataclass(frozen=True)
class Settings:
    """The sheet Settings. `country` is an ISO code ("" unknown), `language` one of six, `currency` an ISO code."""

    country: str = ""
    language: str = "en"
    currency: str = "EUR"
    company: str = ""
    seller_address: str = ""
    seller_email: str = ""
    seller_phone: str = ""
    seller_website: str = ""
    backup_folder: str = ""
    keep_last: int = 20
    keep_daily: int = 14
    keep_weekly: int = 8
    keep_monthly: int = 12
    keep_yearly: int = 10
    payment_days: int = 30
    stale_months: int = 18
    forget_months: int = 0
    email_consent: str = ""
    post_consent: str = ""
    phone_consent: str = ""
    purchases_source: str = ""
    purchases_table: str = ""
    purchases_columns: str = ""
    probability_new: float = 10.0
    probability_qualified: float = 25.0
    probability_offer: float = 50.0
    probability_negotiation: float = 75.0

    def needs_consent(self, channel: str) -> bool:
        """Whether lists by a channel (email, post, phone) go only to those whose consent is recorded (opt-in)."""
        return _is_yes(getattr(self, f"{channel}_consent"))

    @property
    def chances(self) -> dict[str, float]:
        """How likely an opportunity of each open stage is to be won, in percent (25 is 25 %)."""
        begin = "probability_"
        return {f.name.removeprefix(begin): getattr(self, f.name) for f in fields(self) if f.name.startswith(begin)}


def read_settings(tables: Tables) -> Settings:
    """Settings from the table Settings (columns setting, value); what is missing or unreadable keeps its default.

    A workbook without the table has the defaults. Labels are understood in all six languages.
    """
    if "Settings" not in tables:
        return Settings()
    frame: pd.DataFrame = tables["Settings"].frame
    if not {"setting", "value"} <= set(frame.columns):
        return Settings()
    typed = {
        words.setting_of(text_of(s)): text_of(v).strip() for s, v in zip(frame["setting"], frame["value"], strict=True)
    }
    found: dict[str, Any] = {}
    for field in fields(Settings):
        text = typed.get(field.name, "")
        if field.name == "country":
            found["country"] = country_code(text)
        elif field.name == "language":
            found["language"] = text if text in LANGUAGES else "en"
        elif isinstance(field.default, float):
            found[field.name] = _percent(text, field.default)
        elif isinstance(field.default, int):
            found[field.name] = _whole(text, field.default, LARGEST.get(field.name, MANY))
        elif text:
            found[field.name] = text
    return Settings(**found)


@cache
def _is_yes(text: str) -> bool:
    """Whether a cell says yes, as `as_flag` has it; asked once for every client of a list."""
    return bool(as_flag(pd.Series([text], dtype="str")).iloc[0])


def _percent(text: str, default: float) -> float:
    """A percentage: "25", "25 %", "12,5" and 0.25 (a cell in Excel's percent format); the default for anything else."""
    figures = text.rstrip("%").strip().replace(",", ".")
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", figures):
        return default
    number = float(figures)
    if number < 1 and "%" not in text:
        number *= 100
    return number if number <= 100 else default


def _whole(text: str, default: int, largest: int) -> int:
    """A whole number up to `largest`; the default for anything else."""
    number = int(text) if text.isdecimal() and len(text) <= len(str(MANY)) else MANY + 1
    return number if number <= largest else default
