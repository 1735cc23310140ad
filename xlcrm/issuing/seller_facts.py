"""Facts of the seller from the sheets Settings and Seller, and what is missing before a number may be taken."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xlcrm import messages, schema, words
from xlcrm.documents.business_document import KINDS, SellerFacts
from xlcrm.errors import CrmError
from xlcrm.fields import money
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import NO, text_of

HUNDRED = Decimal(100)
_TEXTS = (
    "vat_id",
    "tax_number",
    "registration",
    "iban",
    "bic",
    "bank",
    "logo",
    "colour",
    "extra_text",
    "peppol_id",
    "contact",
)
# what no paper may lack: label, and where it is typed
_NEEDED = (("company", "Settings"), ("seller_address", "Settings"), ("country", "Settings"))


def typed(tables: Tables, name: str) -> dict[str, object]:
    """The rows of Settings or Seller: canonical name -> cell; {} where there is no such table."""
    if name not in tables or not {"setting", "value"} <= set(tables[name].frame.columns):
        return {}
    frame = tables[name].frame
    return {words.setting_of(text_of(s)): v for s, v in zip(frame["setting"], frame["value"], strict=True)}


def seller_of(tables: Tables, settings: Settings) -> SellerFacts:
    """The seller. A cell that can't be read is as blank; series that nobody named are those of the language."""
    general, own = typed(tables, "Settings"), typed(tables, "Seller")
    texts = {name: text_of(own.get(name)).strip() for name in schema.SELLER}
    country = settings.country
    days, fees = _levels("days", texts, country), _levels("fee", texts, country)
    plain: dict[str, Any] = {name: texts[name] for name in _TEXTS}
    return SellerFacts(
        name=settings.company,
        address=_lines(text_of(general.get("seller_address"))),
        country=country,
        email=text_of(general.get("seller_email")).strip(),
        phone=text_of(general.get("seller_phone")).strip(),
        website=text_of(general.get("seller_website")).strip(),
        small_business=_is_yes(texts["small_business"]),
        prices_with_vat=_is_yes(texts["prices_with_vat"]),
        sells=words.choice("sells", texts["sells"]),
        standard_vat_rate=_share(texts["standard_vat_rate"], country),
        late_interest=_share(texts["late_interest"], country),
        series=tuple((kind, _series(kind, texts, settings.language)) for kind in KINDS),
        offer_days=int(_amount(texts["offer_days"], country)),
        reminder_days=(int(days[0]), int(days[1]), int(days[2])),
        reminder_fees=fees,
        payment_days=settings.payment_days,
        language=settings.language,
        currency=settings.currency,
        einvoice=words.choice("einvoice", texts["einvoice"]),
        tax_regime=texts["tax_regime"].upper(),
        share_capital=_number(texts["share_capital"], country),
        sole_shareholder=words.choice("done", texts["sole_shareholder"]),
        **plain,
    )


def refuse_if_missing(seller: SellerFacts, kind: str, language: str) -> None:
    """CrmError "issuing.seller" with what is to be filled in and where, before any number is taken."""
    there: Mapping[str, object] = {"company": seller.name, "seller_address": seller.address, "country": seller.country}
    missing = [
        f"{words.setting(name, language)} ({words.title(sheet, language)})"
        for name, sheet in _NEEDED
        if not there[name]
    ]
    if kind in ("invoice", "credit") and not (seller.vat_id or seller.tax_number):
        missing.append(f"{words.setting('vat_id', language)} ({words.title('Seller', language)})")
    if missing:
        raise CrmError("issuing.seller", what="; ".join(missing))


def _series(kind: str, texts: Mapping[str, str], language: str) -> str:
    return texts[f"series_{kind}"] or messages.text(f"series.{kind}", language)


def _lines(text: str) -> tuple[str, ...]:
    """An address in one line or several, as lines."""
    parts = text.splitlines() if "\n" in text.strip() else text.split(",")
    return tuple(part.strip() for part in parts if part.strip())


def _levels(what: str, texts: Mapping[str, str], country: str) -> tuple[Decimal, Decimal, Decimal]:
    """A setting of the three reminders."""
    first, second, third = (_amount(texts[f"reminder_{what}_{n}"], country) for n in (1, 2, 3))
    return first, second, third


def _amount(text: str, country: str) -> Decimal:
    return _number(text, country) or Decimal(0)


def _is_yes(text: str) -> bool:
    return bool(text) and text.casefold() not in NO and text != "0"


def _number(text: str, country: str) -> Decimal | None:
    return money.validate(text, country) if text and money.is_valid(text, country) else None


def _share(text: str, country: str) -> Decimal | None:
    """A share from a percentage: "22" and "22 %" are 0.22, and so is 0.22 of a cell with a percent format."""
    number = _number(text.replace("%", "").strip(), country)
    if number is None:
        return None
    return number if 0 < number < 1 and "%" not in text else number / HUNDRED
