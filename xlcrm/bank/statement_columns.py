"""Statement columns of a bank's list: which hold the day, the amount, who paid and what for, whatever they are called.

Headers are read by words in any language (`xlcrm/data/importing/bank_headers.csv`) and held against their values; days
and decimals go by the import's own evidence. One amount, or what came in and what went out in two columns.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from xlcrm.bank.bank_line import BankLine, Statement
from xlcrm.documents.payment_qr import compact_iban
from xlcrm.errors import CrmError
from xlcrm.fields import date, money
from xlcrm.importing import judging
from xlcrm.importing.evidence import date_order, decimal_sign
from xlcrm.importing.incoming import Incoming, Mapped
from xlcrm.importing.layout import headers
from xlcrm.importing.word_tables import rows_of, words_of
from xlcrm.problems import Problem
from xlcrm.text import fold
from xlcrm.values import is_blank, text_of

SEARCHED = 40  # rows in which a header is looked for below the one that was taken
MOST = 0.6  # of the filled cells of a column must be what its header says
DAYS = 0.5  # of those of a column of days: below a short list may stand a page of text
CENT = Decimal("0.01")
CODES = frozenset("AUD CAD CHF CZK DKK EUR GBP HUF ISK JPY NOK NZD PLN RON SEK TRY USD".split())
_SYMBOLS = {"€": "EUR", "£": "GBP", "$": "USD", "euro": "EUR", "euros": "EUR", "kr": "NOK"}
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d\d ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Means:
    """What decides where a list leaves a doubt: the workbook's country, today, and what somebody said."""

    country: str
    today: dt.date
    dates: str = ""
    decimal: str = ""


@dataclass(frozen=True, eq=False)
class _Columns:
    """A list with its columns by field, the best first; and the currency that a header names."""

    incoming: Incoming
    fields: Mapping[str, tuple[str, ...]]
    currency: str = ""

    @property
    def complete(self) -> bool:
        two = bool(self.first("debit") and self.first("credit"))
        return bool(self.first("day") and (self.first("amount") or two))

    def first(self, field: str) -> str:
        return next(iter(self.fields.get(field, ())), "")


def statement_of(incoming: Incoming, means: Means) -> Statement | None:
    """The lines of a bank's list; None where it has no days or no amounts.

    CrmError "bank.dates_asked" and "bank.decimal_asked" where neither the list nor `means` tells how to read them.
    Problem bank.row_unread for a row with a day or an amount that is none, bank.pending for those not booked yet.
    """
    if not len(incoming.frame):
        return None
    found = next((one for one in _layouts(incoming) if one.complete), None)
    if found is None:
        return None
    order, sign = _order(found, means), _sign(found, means)
    reader = _Reader(found, order, sign)
    lines = [line for place in range(len(found.incoming.frame)) if (line := reader.line(place))]
    return Statement(incoming.name, tuple(lines), tuple(reader.problems()))


def _layouts(incoming: Incoming) -> Iterator[_Columns]:
    """The list as it was read, with a later row as its header, and without any."""
    yield _columns(incoming)
    for place in range(min(SEARCHED, len(incoming.frame) - 1)):
        below = _from_row(incoming, place)
        if below is not None:
            yield _columns(below)
    yield _by_values(incoming)


def _from_row(incoming: Incoming, place: int) -> Incoming | None:
    """The list from a row on, which is its header; None where the row has fewer than three words."""
    row = [text_of(cell).strip() for cell in incoming.frame.iloc[place]]
    if sum(bool(_fields_of(text)) for text in row if text) < 3:
        return None
    frame = incoming.frame.iloc[place + 1 :].reset_index(drop=True)
    frame.columns = pd.Index(headers(row, len(row)))
    return replace(
        incoming, frame=frame, first_row=incoming.row(place + 1), rows=tuple(incoming.numbers()[place + 1 :])
    )


def _columns(incoming: Incoming) -> _Columns:
    """The columns whose header has a word for them and whose values go with it."""
    ranked: dict[str, list[tuple[int, int, str]]] = {}
    currency = ""
    for at, header in enumerate(map(str, incoming.frame.columns)):
        values = judging.sample(incoming.frame[header])
        for field, rank in _fields_of(header):
            if _fits(field, values):
                ranked.setdefault(field, []).append((rank, at, header))
                currency = currency or (_currency_in(header) if field in ("amount", "debit", "credit") else "")
                break
    fields = {field: tuple(header for *_, header in sorted(some)) for field, some in ranked.items()}
    more = {"text": _wordy(incoming, fields), "side": _sided(incoming, fields)}
    return _Columns(incoming, {**{field: some for field, some in more.items() if some}, **fields}, currency)


def _sided(incoming: Incoming, fields: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The column whose words say debit or credit, whatever it is called; only where no amount has a sign."""
    amounts = [text for header in fields.get("amount", ())[:1] for text in judging.sample(incoming.frame[header])]
    if not amounts or any(re.match(r"[-−(]|.*-$", text) for text in amounts):
        return ()
    sides = words_of("bank_words", "debit_word") | words_of("bank_words", "credit_word")
    samples = ((str(header), judging.sample(incoming.frame[header])) for header in incoming.frame.columns)
    return tuple(
        header for header, values in samples if values and judging.share(values, lambda text: fold(text) in sides) == 1
    )[:1]


def _wordy(incoming: Incoming, fields: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The columns of words that nobody has a field for: one of them is what was written with the transfer."""
    known = {header for some in fields.values() for header in some}
    others = (header for header in map(str, incoming.frame.columns) if header not in known)
    samples = ((header, judging.sample(incoming.frame[header])) for header in others)
    return tuple(header for header, values in samples if values and judging.share(values, judging.is_wordy) >= DAYS)


def _by_values(incoming: Incoming) -> _Columns:
    """A list without headers: the first column of days, the first of amounts with decimals, and text."""
    samples = {str(header): judging.sample(incoming.frame[header]) for header in incoming.frame.columns}
    filled = {header: values for header, values in samples.items() if values}
    days = [header for header, values in filled.items() if _fits("day", values)]
    figures = [header for header, values in filled.items() if header not in days and _fits("amount", values)]
    amounts = [header for header in figures if any(re.search(r"[.,]", value) for value in filled[header])]
    texts = tuple(header for header in filled if header not in (*days, *figures))
    fields = {"day": tuple(days[:1]), "amount": tuple(amounts[:1]), "text": texts}
    return _Columns(incoming, fields if texts else {})


@cache
def _header_words() -> dict[str, tuple[tuple[str, int], ...]]:
    """Header -> the fields that it may be, in the order of the table."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for row in rows_of("bank_headers"):
        for word in row["words"].split("|"):
            key = fold(word)
            found[key] = (*found.get(key, ()), (row["field"], int(row["rank"])))
    return found


def _fields_of(header: str) -> tuple[tuple[str, int], ...]:
    """The fields of a header; its currency and the number of a doubled one are passed over."""
    bare = re.sub(r"\((?:\d+|[^)]*)\)|[€£$]", " ", header)
    words = [word for word in fold(bare).split() if word.upper() not in CODES and word not in ("euro", "euros")]
    while words and words[-1] in ("in", "en", "i"):
        words.pop()
    known = _header_words()
    return known.get(fold(header)) or known.get(" ".join(words)) or ()


def _currency_in(header: str) -> str:
    words = re.findall(r"[A-Za-z]+|[€£$]", header)
    return next((_SYMBOLS.get(w.casefold(), w) for w in words if w in CODES or w.casefold() in _SYMBOLS), "")


def _fits(field: str, values: Sequence[str]) -> bool:
    """Whether a column's values are what its header says; a blank column is none, but for one of two sides."""
    if not values:
        return field in ("debit", "credit")
    test, least = _TESTS.get(field, (bool, 0.0))
    return judging.share(values, test) >= least


_TESTS: dict[str, tuple[Callable[[str], object], float]] = {
    "day": (date.is_valid, DAYS),
    **dict.fromkeys(("amount", "debit", "credit"), (money.is_valid, MOST)),
    "currency": (lambda text: re.fullmatch(r"[A-Z]{3}|€|£|\$", text), MOST),
    "side": (str.isalpha, MOST),
}


def _order(found: _Columns, means: Means) -> str:
    """The order of day and month."""
    header = found.first("day")
    mapped = [Mapped(header, "Purchases", "date", "given")]
    decided = date_order.decide(found.incoming, mapped, country=means.country, today=means.today, given=means.dates)
    order = decided.orders.get(header, "")
    if order == date_order.ASK and decided.asked:
        raise CrmError("bank.dates_asked", name=found.incoming.name, value=decided.asked[0])
    return "" if order == date_order.ASK else order


def _sign(found: _Columns, means: Means) -> str:
    """The decimal sign of the amounts."""
    named = [h for field in ("amount", "debit", "credit") for h in found.fields.get(field, ())]
    mapped = [Mapped(header, "Purchases", "amount", "given") for header in named]
    decided = decimal_sign.decide(found.incoming, mapped, country=means.country, given=means.decimal)
    if decided.asked:
        raise CrmError("bank.decimal_asked", name=found.incoming.name, value=decided.asked[0])
    return next((sign for sign in decided.signs.values() if sign in decimal_sign.SIGNS), "")


class _Reader:
    """Rows of a list read as bank lines; what was left out is kept for `problems`."""

    def __init__(self, found: _Columns, order: str, sign: str) -> None:
        self._found, self._sign = found, sign
        self._habit = date_order.HABIT.get(order, "")
        self._rows: list[dict[str, Any]] = found.incoming.frame.to_dict("records")  # type: ignore[assignment]
        self._unread: list[tuple[int, str]] = []
        self._pending = 0
        self._sides = self._has_sides()
        self._out = self._sign_of_debits()

    def _has_sides(self) -> bool:
        """Whether the amounts stand in two columns; an amount beside them that is signed goes first."""
        pair = bool(self._found.first("debit") and self._found.first("credit"))
        named = self._found.fields.get("amount", ())[:1]
        amounts = [text for header in named for text in judging.sample(self._found.incoming.frame[header])]
        return pair and not any(text.startswith(("-", "−")) for text in amounts)

    def _sign_of_debits(self) -> int:
        """-1 where what went out stands without a sign, 1 where it has one; a row against the rule is a reversal."""
        figures = [self._figure(row.get(self._found.first("debit"))) or 0 for row in self._rows]
        return 1 if sum(figure < 0 for figure in figures) > sum(figure > 0 for figure in figures) else -1

    def line(self, place: int) -> BankLine | None:
        """The line of a row; None for one that is none: blank, a balance, not booked yet, or unread."""
        row = self._rows[place]
        day, amount = self._day(row), self._amount(row)
        if amount is None or day is None:
            self._note_unread(place, day, amount)
            return None
        if fold(self._words(row, "status", " ")) in words_of("bank_words", "pending"):
            self._pending += 1
            return None
        line = self._line(row, place, day, amount)
        balance = fold(line.text) in words_of("bank_words", "balance") and not line.payer
        return None if balance or amount == 0 else line

    def _note_unread(self, place: int, day: dt.date | None, amount: Decimal | None) -> None:
        """Keep what a row has for a day or an amount, where it has the other and this is none."""
        row = self._rows[place]
        typed = text_of(row.get(self._found.first("day"))).strip() if amount else ""
        if day is not None and re.search(r"\d", self._typed_amount(row)):
            typed = self._typed_amount(row)
        if typed:
            self._unread.append((place, typed))

    def _line(self, row: Mapping[str, Any], place: int, day: dt.date, amount: Decimal) -> BankLine:
        sides = (self._words(row, field, " ") for field in ("payer" if amount > 0 else "payee", "counterparty"))
        payer = next((name for name in sides if re.search(r"[^\W\d_]", name)), "")
        text = self._words(row, "text", " ")
        return BankLine(
            day,
            amount,
            self._currency(row),
            payer or payer_in(text),
            self._iban(row, text),
            text,
            self._words(row, "reference", ""),
            self._found.incoming.name,
            self._found.incoming.row(place),
        )

    def problems(self) -> Iterator[Problem]:
        name = self._found.incoming.name
        for place, value in self._unread:
            row = self._found.incoming.row(place)
            yield Problem(
                "bank.row_unread", row=row, value=value, level="doubt", values=(("name", name), ("row_of", str(row)))
            )
        if self._pending:
            yield Problem("bank.pending", level="note", values=(("name", name), ("count", str(self._pending))))

    def _day(self, row: Mapping[str, Any]) -> dt.date | None:
        for header in self._found.fields.get("day", ()):
            cell = row.get(header)
            if not is_blank(cell) and date.is_valid(cell, self._habit):
                return date.validate(cell, self._habit)
        return None

    def _amount(self, row: Mapping[str, Any]) -> Decimal | None:
        if self._sides:
            out, came = (self._figure(row.get(self._found.first(side))) for side in ("debit", "credit"))
            return None if out is None and came is None else (came or Decimal(0)) + self._out * (out or Decimal(0))
        figure = self._figure(row.get(self._found.first("amount")))
        side = fold(self._words(row, "side", " "))
        return -abs(figure) if figure is not None and side in words_of("bank_words", "debit_word") else figure

    def _figure(self, cell: object) -> Decimal | None:
        """An exact amount; what a spreadsheet's float adds to the cents is taken off."""
        if is_blank(cell) or not money.is_valid(cell):
            return None
        number = money.validate(cell, decimal=self._sign)
        if abs(number) >= Decimal(10) ** 12:
            return None
        cents = number.quantize(CENT)
        return cents if abs(number - cents) < Decimal("0.000001") else number

    def _typed_amount(self, row: Mapping[str, Any]) -> str:
        named = ("debit", "credit") if self._sides else ("amount",)
        return " ".join(text_of(row.get(self._found.first(field))).strip() for field in named).strip()

    def _currency(self, row: Mapping[str, Any]) -> str:
        typed = self._words(row, "currency", " ").split()
        code = _SYMBOLS.get(typed[0], typed[0].upper()) if typed else ""
        return code if re.fullmatch(r"[A-Z]{3}", code) else self._found.currency

    def _iban(self, row: Mapping[str, Any], text: str) -> str:
        named = compact_iban(self._words(row, "iban", " ").upper())
        found = {compact_iban(match[0]) for match in _IBAN.finditer(text)} - {""}
        return named or (found.pop() if len(found) == 1 else "")

    def _words(self, row: Mapping[str, Any], field: str, sign: str) -> str:
        """The cells of a field, each once."""
        cells = (" ".join(text_of(row.get(header)).split()) for header in self._found.fields.get(field, ()))
        some = list(dict.fromkeys(filter(None, cells)))
        return sign.join(some if field == "text" else some[:1])


@cache
def _from_to() -> re.Pattern[str]:
    first, until = (
        "|".join(
            re.escape(word).replace(r"\ ", r"[ /]+")
            for word in sorted(words_of("bank_words", kind), key=len, reverse=True)
        )
        for kind in ("payer_from", "payer_until")
    )
    return re.compile(
        rf"(?:^|[\s/])(?:{first})\b[:. /]*(?P<name>[^:/]+?)(?=[\s/]*(?:[/:;]|\b(?:{until})\b|\d{{4}}|$))", re.IGNORECASE
    )


def payer_in(text: str) -> str:
    """The payer whom a text names behind a word for it ("disposto da: Rossi Mario rif. ..."); "" where none is."""
    names = [match["name"] for match in _from_to().finditer(text[:1000])]
    return " ".join(names[-1].split())[:70] if names else ""
