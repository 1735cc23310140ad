"""Ledger of a workbook for payments: documents, who the clients are, accounts seen before, payments typed by hand."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from xlcrm.bank.payer_names import SURE, agreement
from xlcrm.bank.payment_matching import PaymentLedger, TypedPayment
from xlcrm.bank.statement_history import texts
from xlcrm.documents.document_states import known_documents
from xlcrm.documents.payment_qr import compact_iban
from xlcrm.issuing.seller_facts import typed
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.values import as_days, as_decimals, text_of

_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d\d ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}(?![A-Za-z0-9])")
NAMES = ("full_name", "company")


def ledger_of(tables: Tables, settings: Settings) -> PaymentLedger:
    """What the payments of a workbook are matched to; every payment counts, whatever its day."""
    documents, payments = tables["Documents"].frame, tables["Payments"].frame
    held = [one for one in known_documents(documents, payments, dt.date.max) if one.kind in ("invoice", "credit")]
    names = _names(tables)
    own = _ibans(text_of(typed(tables, "Seller").get("iban")))
    return PaymentLedger(
        [one for one in held if one.number],
        names,
        _accounts(tables, names),
        frozenset(own),
        tuple(filter(None, (settings.company,))),
        tuple(_typed(tables)),
        settings.currency,
    )


def _names(tables: Tables) -> dict[str, tuple[str, ...]]:
    """Client -> their names: as documents have them, and as the sheet Clients has them now."""
    found: dict[str, list[str]] = defaultdict(list)
    documents = tables["Documents"].frame
    for client, buyer in zip(texts(documents, "client_id"), texts(documents, "buyer"), strict=True):
        found[client].append(buyer)
    clients = tables["Clients"].frame if "Clients" in tables else None
    if clients is not None and "client_id" in clients:
        for client, *some in zip(texts(clients, "client_id"), *(texts(clients, name) for name in NAMES), strict=True):
            found[client] += some if client in found else []
    return {client: tuple(dict.fromkeys(filter(None, some))) for client, some in found.items()}


def _accounts(tables: Tables, names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """IBAN -> the one client who has it: in the notes of clients, or paid from by themselves."""
    owners: dict[str, set[str]] = defaultdict(set)
    for iban, client in (*_noted(tables), *_paid_from(tables, names)):
        owners[iban].add(client)
    return {iban: next(iter(some)) for iban, some in owners.items() if len(some) == 1}


def _noted(tables: Tables) -> Iterator[tuple[str, str]]:
    frame = tables["Clients"].frame if "Clients" in tables else None
    if frame is not None and "client_id" in frame:
        for client, note in zip(texts(frame, "client_id"), texts(frame, "notes"), strict=True):
            yield from ((iban, client) for iban in _ibans(note))


def _paid_from(tables: Tables, names: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Accounts in the notes of payments; not those of others who paid for a client."""
    documents, payments = tables["Documents"].frame, tables["Payments"].frame
    owner = dict(zip(texts(documents, "number"), texts(documents, "client_id"), strict=True))
    for number, note in zip(texts(payments, "number"), texts(payments, "note"), strict=True):
        payer, sign, _ = note.partition(" · ")
        client = owner.get(number, "")
        own = not sign or any(agreement(payer, name) >= SURE for name in names.get(client, ()))
        yield from ((iban, client) for iban in _ibans(note)[:1] if client and own)


def _ibans(text: str) -> list[str]:
    found: Iterable[str] = (compact_iban(match[0]) for match in _IBAN.finditer(text))
    return [iban for iban in found if iban]


def _typed(tables: Tables) -> Iterator[TypedPayment]:
    """The payments that no statement brought."""
    frame = tables["Payments"].frame
    cells = (texts(frame, "number"), as_decimals(frame["amount"]), as_days(frame["date"]), texts(frame, "reference"))
    for place, (number, amount, day, reference) in enumerate(zip(*cells, strict=True)):
        if number and amount and not reference:
            yield TypedPayment(place, number, amount, day)
