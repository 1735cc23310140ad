"""Random Italian invoices as text, their sums reckoned in fractions, and the files that are made of them, also spoilt.

What is expected comes from the text alone; xlcrm makes the file.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.support.einvoice_examples import CLIENTS, DAY, SELLER, document, line
from tests.support.invoice_oracle import half_up
from xlcrm.documents.business_document import BusinessDocument
from xlcrm.einvoices.exchange_invoice import ExchangeInvoice
from xlcrm.einvoices.exchange_parties import exchange_invoice

NATURES = ("N1", "N3.1", "N3.2", "N3.4", "N3.5", "N3.6", "N4", "N5", "N6.3", "N6.9")
STAMPED = {"N1", "N2.1", "N2.2", "N3.5", "N3.6", "N4"}
RATES = ("0.22", "0.22", "0.10", "0.05", "0.04")
WORDS = ("Caffè", "Tè verde", "Tazza & piattino", "Consulenza", "Łódź – prova", "Reso <merce>", 'Città "A"')
KINDS = ("line total", "rate", "missing field", "wrong sum")
NEEDED = (
    "ProgressivoInvio", "FormatoTrasmissione", "CodiceDestinatario", "RegimeFiscale", "Anagrafica", "Indirizzo", "CAP",
    "Comune", "Nazione", "TipoDocumento", "Divisa", "Data", "Numero", "NumeroLinea", "Descrizione", "PrezzoUnitario",
    "PrezzoTotale", "AliquotaIVA", "ImponibileImporto", "Imposta", "IdPaese", "IdCodice", "DatiRiepilogo", "Sede",
)  # fmt: skip
Raw = dict[str, Any]


def raw_invoices(seed: int, count: int) -> Iterator[Raw]:
    rng = random.Random(seed)
    for _ in range(count):
        clients = [name for name in CLIENTS if name != "public"]
        client = rng.choice([*clients, "public", "public"])
        with_vat = rng.random() < 0.3
        yield {
            "client": client,
            "credit": rng.random() < 0.25,
            "with_vat": with_vat,
            "delivered": rng.random() < 0.2,
            "lines": [_raw_line(rng, untaxed=client != "public") for _ in range(rng.randint(1, 25))],
        }


def _raw_line(rng: random.Random, *, untaxed: bool) -> dict[str, str]:
    places = rng.choice((0, 2, 2, 2, 3, 4, 8))
    price = rng.randint(1, 10 ** rng.randint(1, 4 + places))
    taxed = rng.random() < 0.75 or not untaxed
    return {
        "product": rng.choice(WORDS),
        "quantity": rng.choice(("1", "2", "3", "0.5", "12", "0.333", "100", "7.25", "1000")),
        "price": f"{price // 10**places}.{price % 10**places:0{places}d}" if places else str(price),
        "discount": rng.choice(("0", "0", "0", "0.1", "0.155", "0.333", "0.12345")),
        "rate": rng.choice(RATES) if taxed else "0",
        "nature": "" if taxed else rng.choice(NATURES),
        "unit": rng.choice(("", "kg", "pz", "m²", "Stück")),
    }


def reckoned(raw: Raw) -> dict[str, object]:
    """What the file must say, as `fatturapa_checker.sums` reads it."""
    groups: dict[tuple[Fraction, str], int] = defaultdict(int)
    nets, said, typed = [], [], 0
    for one in raw["lines"]:
        rate = Fraction(one["rate"])
        amount = half_up(Fraction(one["quantity"]) * Fraction(one["price"]) * (1 - Fraction(one["discount"])), 100)
        net = half_up(Fraction(amount, 100) / (1 + rate), 100) if raw["with_vat"] else amount
        nets.append(net)
        said.append((net, rate * 100, one["nature"]))
        typed += amount
        groups[rate * 100, one["nature"]] += net
    taxes = {key: (net, half_up(Fraction(net, 100) * key[0] / 100, 100)) for key, net in groups.items()}
    vat = sum(tax for _, tax in taxes.values())
    total = typed if raw["with_vat"] else sum(nets) + vat
    paid = total - vat if raw["client"] == "public" else total
    stamped = sum(net for (_, nature), net in groups.items() if nature in STAMPED)
    return {
        "lines": said,
        "taxes": taxes,
        "total": total,
        "rounding": total - sum(nets) - vat,
        "payment": paid if paid > 0 and not raw["credit"] else None,
        "stamp": 200 if stamped > 7747 else 0,
    }


def written_invoice(raw: Raw, number: int) -> ExchangeInvoice:
    """The invoice as xlcrm makes it of the same text."""
    sign = "-" if raw["credit"] else ""
    lines = [
        line(place, one["product"], sign + one["quantity"], one["price"], one["rate"], nature=one["nature"],
             unit=one["unit"], discount=one["discount"], purchase=f"p{place}")
        for place, one in enumerate(raw["lines"], 1)
    ]  # fmt: skip
    client = str(raw["client"])
    seller = replace(SELLER, prices_with_vat=bool(raw["with_vat"]))
    made = document(
        client, *lines, kind="credit" if raw["credit"] else "invoice", number=f"RE-2026-{number:04d}",
        with_vat=bool(raw["with_vat"]), corrects="RE-2026-0001" if raw["credit"] else "",
    )  # fmt: skip
    earlier = [_earlier(client, "invoice", "RE-2026-0001")] + (
        [_earlier(client, "delivery", "D-1")] if raw["delivered"] else []
    )
    return exchange_invoice(made, CLIENTS[client], seller, earlier, progressive=f"X{number:04d}")


def _earlier(client: str, kind: str, number: str) -> BusinessDocument:
    made = document(client, line(1, "Caffè", "1", "5", purchase="p1"), kind=kind, number=number)
    return replace(made, date=DAY - dt.timedelta(days=9))


def spoilt(content: bytes, kind: str, rng: random.Random) -> bytes:
    """A file with one thing wrong: a line's total, a rate, a field that must stand there, a sum."""
    root = ElementTree.fromstring(content)
    _SPOIL[kind](root, rng)
    return ElementTree.tostring(root)


def _off(element: Element, rng: random.Random) -> None:
    """An amount that is wrong by one cent or by much."""
    cents = rng.choice((1, -1, 2, 10, -50, 1000))
    amount = round(Fraction(element.text or "0") * 100) + cents
    sign, whole = ("-" if amount < 0 else ""), abs(amount)
    element.text = f"{sign}{whole // 100}.{whole % 100:02d}"


def _line_total(root: Element, rng: random.Random) -> None:
    _off(rng.choice(root.findall(".//DettaglioLinee/PrezzoTotale")), rng)


def _rate(root: Element, rng: random.Random) -> None:
    one = rng.choice(root.findall(".//AliquotaIVA"))
    one.text = rng.choice([rate for rate in ("22.00", "10.00", "4.00", "0.00", "0.22") if rate != one.text])


def _missing(root: Element, rng: random.Random) -> None:
    name = rng.choice([name for name in NEEDED if root.find(f".//{name}") is not None])
    parent = rng.choice([one for one in root.iter() if one.find(name) is not None])
    child = parent.find(name)
    if child is not None:
        parent.remove(child)


def _sum(root: Element, rng: random.Random) -> None:
    names = ("ImponibileImporto", "Imposta", "ImportoTotaleDocumento", "ImportoPagamento")
    _off(rng.choice([one for name in names for one in root.findall(f".//{name}")]), rng)


_SPOIL = {"line total": _line_total, "rate": _rate, "missing field": _missing, "wrong sum": _sum}
