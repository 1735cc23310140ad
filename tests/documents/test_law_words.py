"""Words that the law wants: the seller's country decides what is said, the buyer's language how."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from xlcrm.documents.law_words import closing_words, reference, small_business_category, untaxed_words
from xlcrm.documents.vat_rates import EU
from xlcrm.messages import LANGUAGES

DAY = dt.date(2026, 3, 1)
WORDS = [
    ("DE", "small", "de", "Kein Ausweis von Umsatzsteuer, Kleinunternehmer (§ 19 UStG)."),
    ("FR", "small", "fr", "TVA non applicable (article 293 B du CGI)."),
    ("IT", "K", "de", "Steuerfreie innergemeinschaftliche Lieferung (art. 41 DL 331/1993)."),
    ("IT", "AE_eu", "en", "Reverse charge: the buyer owes the VAT (art. 7-ter DPR 633/1972)."),
    ("PT", "K", "en", "VAT-free supply within the EU (Article 138, Directive 2006/112/EC)."),
    ("NO", "G", "nb", "Avgiftsfri utførsel (merverdiavgiftsloven §§ 6-21 og 6-22)."),
    ("US", "O", "en", "Not subject to VAT."),
    ("ES", "small", "es", "Sin IVA, régimen de pequeñas empresas."),
]


@pytest.mark.parametrize(("country", "case", "language", "wanted"), WORDS)
def test_why_no_vat_is_charged(country: str, case: str, language: str, wanted: str) -> None:
    assert untaxed_words(country, case, language) == wanted


def test_small_businesses_of_three_countries_are_outside_of_the_tax() -> None:
    assert [small_business_category(country) for country in ("IT", "NO", "GB", "DE", "FR", "PT")] == list("OOOEEE")


@pytest.mark.parametrize("country", sorted(EU))
def test_every_member_state_has_its_reference(country: str) -> None:
    assert all(reference(country, case) for case in ("AE", "AE_eu", "K", "G", "E", "late"))


CLOSING = [
    ("FR", True, "0", ["12,15 %", "40 EUR", "Pas d'escompte"], "all three that the Code de commerce wants"),
    ("IT", True, "100", ["10,15 %", "40 EUR", "bollo"], "stamp duty above 77.47"),
    ("IT", True, "77.47", ["10,15 %", "40 EUR"], "and not at 77.47"),
    ("IT", False, "0", [], "a consumer owes neither by this law"),
    ("DE", False, "0", ["6,27 %"], "five points for a consumer"),
    ("NO", False, "0", ["12 %"], "everybody"),
    ("US", True, "0", [], "no law of ours"),
]
SPOKEN = {"FR": "fr", "IT": "it", "DE": "de", "NO": "nb", "US": "en"}


@pytest.mark.parametrize(("country", "firm", "untaxed", "wanted", "why"), CLOSING)
def test_what_stands_under_an_invoice(country: str, firm: bool, untaxed: str, wanted: list[str], why: str) -> None:
    said = closing_words(country, SPOKEN[country], on=DAY, firm=firm, untaxed=Decimal(untaxed))
    assert len(said) == len(wanted), why
    assert all(part in sentence for part, sentence in zip(wanted, said, strict=True)), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_interest_that_was_agreed_is_said_in_every_language(language: str) -> None:
    (late, _) = closing_words("AT", language, on=DAY, own_rate=Decimal("0.085"))
    assert ("8.5 %" if language == "en" else "8,5 %") in late and "§ 456 UGB" in late
