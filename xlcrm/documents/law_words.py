"""Words that the law wants on an invoice: why no VAT is charged, what late payment costs, stamp duty.

The seller's country decides which words and which reference (`xlcrm/data/documents/law_references.csv`, the statutes
themselves are the source); the buyer's language decides the sentence.
"""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from functools import cache

from xlcrm import messages
from xlcrm.documents.late_interest import legal_rate
from xlcrm.documents.vat_rates import DATA, EU

SMALL = "small"
_OWN_WORDS = frozenset({"N1", "N3", "N5", "N7"})  # natures that say more than their category
FIXED_SUM = "40 EUR"  # Directive 2011/7/EU, Article 6
STAMP, STAMP_FROM = "2.00 EUR", Decimal("77.47")  # DPR 642/1972, tariffa, art. 13


def reference(country: str, case: str) -> str:
    """The statute of a case in a seller's country; that of the EU in a member state without an own one; else ""."""
    own = _references().get((country, case), "")
    general = _references().get(("EU", case), "") if country in EU and country not in _own_countries() else ""
    return own or general


def untaxed_words(country: str, case: str, language: str) -> str:
    """Why a line bears no VAT: AE, AE_eu (a service to a firm elsewhere in the EU), K, G, E, O, Z or small."""
    key = f"law.{case.removesuffix('_eu')}"
    return _without_blank(messages.text(key, language, law=reference(country, case)))


def small_business_category(country: str) -> str:
    """The VAT category of a small business: E, or O where its sales are outside of the tax (IT, NO, GB)."""
    return _categories().get((country, SMALL), "E")


def nature_category(nature: str) -> str:
    """The VAT category of an Italian nature ("N3.2" is K); "" for what is none."""
    return _categories().get(("IT", nature), "") if nature[:1] == "N" else ""


def nature_words(nature: str, language: str) -> str:
    """Why a line of an Italian nature bears no VAT."""
    own, category = nature.partition(".")[0], nature_category(nature)
    case = own if own in _OWN_WORDS and category not in ("G", "K") else category
    return _without_blank(messages.text(f"law.{case}", language, law=reference("IT", nature)))


def closing_words(
    country: str, language: str, *, on: dt.date, firm: bool = True, currency: str = "EUR",
    own_rate: Decimal | None = None, untaxed: Decimal = Decimal(0),
) -> tuple[str, ...]:  # fmt: skip
    """The sentences of `closing_cases`."""
    cases = closing_cases(
        country, language, on=on, firm=firm, currency=currency, own_rate=own_rate, untaxed=untaxed
    )  # fmt: skip
    return tuple(sentence for _, sentence in cases)


def closing_cases(
    country: str, language: str, *, on: dt.date, firm: bool = True, currency: str = "EUR",
    own_rate: Decimal | None = None, untaxed: Decimal = Decimal(0),
) -> tuple[tuple[str, str], ...]:  # fmt: skip
    """The sentences under an invoice, each with its case: late (interest), fixed_sum, discount (none, FR), stamp (IT).

    own_rate  interest that was agreed, a share a year; blank: the law's rate on the day `on`
    untaxed   the sum of lines of the categories E and O, on which Italy wants a stamp above 77.47 EUR
    """
    rate = legal_rate(country, on, firm=firm) if own_rate is None else own_rate
    held: list[tuple[str, dict[str, str]]] = []
    if rate is not None:
        held.append(("late", {"rate": _percent(rate, language)}))
    if firm and country in EU and currency == "EUR":
        held.append(("fixed_sum", {"amount": FIXED_SUM}))
    if reference(country, "discount"):
        held.append(("discount", {}))
    if untaxed > STAMP_FROM and reference(country, "stamp"):
        held.append(("stamp", {"amount": STAMP}))
    return tuple((case, _said(case, country, language, **values)) for case, values in held)


def _said(case: str, country: str, language: str, **values: str) -> str:
    return _without_blank(messages.text(f"law.{case}", language, law=reference(country, case), **values))


def _without_blank(sentence: str) -> str:
    """A sentence whose statute is not known has no empty brackets."""
    return sentence.replace(" ()", "")


def _percent(share: Decimal, language: str) -> str:
    number = (share * 100).normalize()
    return f"{number:f}".replace(".", messages.DECIMAL[language])


@cache
def _references() -> dict[tuple[str, str], str]:
    return {key: row["reference"] for key, row in _rows().items()}


@cache
def _categories() -> dict[tuple[str, str], str]:
    return {key: row["category"] for key, row in _rows().items() if row["category"]}


@cache
def _own_countries() -> frozenset[str]:
    return frozenset(country for country, _ in _rows()) - {"EU"}


@cache
def _rows() -> dict[tuple[str, str], dict[str, str]]:
    with (DATA / "law_references.csv").open(encoding="utf-8", newline="") as file:
        return {(row["country"], row["case"]): row for row in csv.DictReader(file)}
