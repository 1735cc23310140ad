"""CAMT statements (ISO 20022: camt.053, and 052 and 054 of the same shape, any version) read as bank lines.

Booked entries only. An entry of several transactions is a line each where their amounts give its sum, else one line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from xlcrm.bank.bank_line import BankLine, Statement
from xlcrm.errors import CrmError
from xlcrm.problems import Problem

REPORTS = ("Stmt", "Rpt", "Ntfctn")
_NO_ID = frozenset({"NOTPROVIDED", "NONREF", ""})


def camt_statement(data: bytes, name: str) -> Statement | None:
    """The lines of a CAMT file; None where the XML is something else. CrmError "bank.damaged" where it is none."""
    try:
        root = fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise CrmError("bank.damaged", name=name) from error
    reports = [one for one in root.iter() if _tag(one) in REPORTS]
    if not reports:
        return None
    entries = [entry for report in reports for entry in report if _tag(entry) == "Ntry"]
    waiting = sum(_is_pending(entry) for entry in entries)
    lines = tuple(line for entry in entries if not _is_pending(entry) for line in _lines(entry, name))
    pending = Problem("bank.pending", level="note", values=(("name", name), ("count", str(waiting))))
    numbered = tuple(replace(line, row=number) for number, line in enumerate(lines, 1))
    return Statement(name, numbered, (pending,) if waiting else ())


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: Any, path: str) -> Iterator[Any]:
    """Elements by a path of plain names, in any namespace."""
    head, _, rest = path.partition("/")
    for child in element:
        if _tag(child) == head:
            yield from _all(child, rest) if rest else (child,)


def _text(element: Any, *paths: str) -> str:
    """The text of the first of some paths that has one."""
    found = (" ".join((one.text or "").split()) for path in paths for one in _all(element, path))
    return next(filter(None, found), "")


def _is_pending(entry: Any) -> bool:
    return _text(entry, "Sts/Cd", "Sts") in ("PDNG", "INFO", "FUTR")


def _amount(element: Any, *paths: str) -> tuple[Decimal | None, str]:
    """An amount and its currency."""
    for path in paths:
        for one in _all(element, path):
            try:
                number = Decimal((one.text or "").strip())
            except InvalidOperation:
                continue
            if number.is_finite():
                return number, str(one.get("Ccy", "")).upper()[:3]
    return None, ""


def _day(entry: Any) -> dt.date | None:
    text = _text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _lines(entry: Any, name: str) -> Iterator[BankLine]:
    """An entry as one line, or as one for each of its transactions."""
    amount, currency = _amount(entry, "Amt")
    day = _day(entry)
    if not amount or day is None:
        return
    sign = -1 if _text(entry, "CdtDbtInd") == "DBIT" else 1
    plain = BankLine(day, sign * amount, currency, given=_text(entry, "AcctSvcrRef", "NtryRef"), file=name)
    details = list(_all(entry, "NtryDtls/TxDtls"))
    parts = [_amount(one, "Amt", "AmtDtls/TxAmt/Amt") for one in details]
    more = _text(entry, "AddtlNtryInf")
    if len(details) < 2 or not _add_up(parts, amount, currency):
        yield _one_line(plain, details, more)
        return
    for number, (one, (part, _)) in enumerate(zip(details, parts, strict=True), 1):
        given = f"{plain.given}-{number}" if plain.given else ""
        yield _with_details(replace(plain, amount=sign * (part or Decimal(0)), given=given), one, more)


def _add_up(parts: list[tuple[Decimal | None, str]], amount: Decimal, currency: str) -> bool:
    known = [part for part, code in parts if part is not None and code in ("", currency)]
    return len(known) == len(parts) and sum(known, Decimal(0)) == amount


def _one_line(plain: BankLine, details: list[Any], more: str) -> BankLine:
    """An entry as one line, with the texts of all its transactions."""
    lines = [_with_details(plain, one, "") for one in details]
    if not lines:
        return replace(plain, text=more)
    texts = dict.fromkeys(filter(None, (*(line.text for line in lines), more)))
    return replace(lines[0], text=" ".join(texts), payer=lines[0].payer if len(lines) == 1 else "")


def _with_details(plain: BankLine, details: Any, more: str) -> BankLine:
    """A line with who and what for: of what came in the debtor, of what went out the creditor."""
    side = "Dbtr" if plain.amount > 0 else "Cdtr"
    party = "RltdPties"
    end_to_end = _text(details, "Refs/EndToEndId")
    said = [one.text or "" for path in ("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Ustrd") for one in _all(details, path)]
    said += ["" if end_to_end.upper() in _NO_ID else end_to_end, _text(details, "AddtlTxInf")]
    texts = dict.fromkeys(" ".join(text.split()) for text in said)
    return replace(
        plain,
        payer=_text(details, f"{party}/{side}/Nm", f"{party}/{side}/Pty/Nm", f"{party}/Ultmt{side}/Nm"),
        iban=_text(details, f"{party}/{side}Acct/Id/IBAN").replace(" ", "").upper(),
        text=" ".join(filter(None, texts)) or more,
        given=_text(details, "Refs/AcctSvcrRef") or plain.given,
    )
