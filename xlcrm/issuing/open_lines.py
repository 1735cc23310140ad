"""Open lines of Purchases: what was bought and stands on no invoice yet, so that nothing is billed twice.

A line is open where nobody says that it is invoiced: no document, no invoice number, not invoiced or paid on a day, and
no invoice of ours has it. An invoice remembers its lines by a print of what they are, so that they are known again when
an older backup comes back, in which the cells are blank.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pandas as pd

from xlcrm import words
from xlcrm.documents.business_document import BusinessDocument, DocumentLine
from xlcrm.errors import CrmError
from xlcrm.issuing.document_rows import documents_of
from xlcrm.problems import Problem
from xlcrm.row_matching import fingerprints, match, tokens
from xlcrm.tables import THERE, Elsewhere, LineSource, Table, Tables
from xlcrm.text import fold
from xlcrm.values import as_date, as_number, as_text, exact

_TOLD = ("client_id", "date", "product", "quantity", "unit_price", "amount", "currency")
_MARKS = ("document", "invoice", "invoiced_on", "paid_on")
BILLED = {"invoice": 1, "credit": -1}
DELIVERED = {**BILLED, "delivery": 1}
EIGHT = Decimal(1).scaleb(-8)


@dataclass(frozen=True)
class OpenLine:
    """A line to be billed; `position` is its row in Purchases, `print` what it is known again by."""

    position: int
    print: str
    client_id: str
    currency: str
    product: str
    quantity: Decimal
    unit_price: Decimal
    unit: str = ""
    category: str = ""
    rate: Decimal | None = None


def given_back(documents: Sequence[BusinessDocument]) -> set[str]:
    """Prints of lines that an invoice had and a credit note gave back, to be invoiced anew."""
    credited = {line.purchase for one in documents if one.kind == "credit" for line in one.lines} - {""}
    return credited - billed(documents).keys()


@dataclass(frozen=True)
class OpenLines:
    """The lines that can be billed, and what is wrong with those that can't."""

    lines: tuple[OpenLine, ...]
    problems: tuple[Problem, ...]


def prints(purchases: Table) -> pd.Series[Any]:
    """For each row a short print of what was bought by whom; equal rows are told apart by their order.

    Of lines from a source it is made with the client's number there, which no merge changes.
    """
    frame = purchases.frame
    told = [column for column in _TOLD if column in frame.columns]
    told = [THERE if column == "client_id" and THERE in frame.columns else column for column in told]
    texts = ["\x1f".join(cells) for cells in zip(*(tokens(frame[c]) for c in told), strict=True)]
    joined = pd.Series(texts, index=frame.index, dtype="str")
    place = joined.groupby(joined, sort=False).cumcount()
    return pd.Series(
        [
            hashlib.sha256(f"{text}\x1f{n}".encode("utf-8", "surrogatepass")).hexdigest()[:10]
            for text, n in zip(joined, place, strict=True)
        ],
        index=frame.index,
        dtype="str",
    )


def billed(documents: Sequence[BusinessDocument], kinds: Mapping[str, int] = BILLED) -> dict[str, str]:
    """Print -> number of the invoice that has the line; not where a credit note gave it back to be billed again.

    `kinds` says which documents take lines (1) and which give them back (-1).
    """
    counts: Counter[str] = Counter()
    where: dict[str, str] = {}
    for document in documents:
        sign = kinds.get(document.kind, 0)
        for one in document.lines if sign else ():
            if one.purchase:
                counts[one.purchase] += sign
                where[one.purchase] = document.number if sign > 0 else where.get(one.purchase, "")
    return {mark: where[mark] for mark, count in counts.items() if count > 0}


def open_lines(
    purchases: Table, documents: Sequence[BusinessDocument], *, today: pd.Timestamp, currency: str, country: str,
    chosen: Sequence[int] | None = None, kinds: Mapping[str, int] = BILLED,
) -> OpenLines:  # fmt: skip
    """The open lines dated `today` or before, in the order of the table.

    `chosen` are positions that somebody selected: those that are not open become problems, and the date is not asked.
    Lines without a client or an amount, or whose amount is not quantity x price, are problems, too.
    """
    known = _readable(purchases, currency, country)
    known["print"] = prints(purchases)
    taken = billed(documents, kinds)
    known["marked"] |= known["print"].isin(taken.keys())
    picked = known.index.isin(list(chosen)) if chosen is not None else ~known["marked"] & ~(known["when"] > today)
    lines: list[OpenLine] = []
    problems: list[Problem] = []
    for row in known[picked & ~known["blank"]].to_dict("records"):
        code, column = _refused(row)
        if code:
            shown = taken.get(row["print"], "") or row["document"] or row["invoice"]
            line = purchases.excel_row(row["position"])
            problems.append(Problem(code, purchases.name, line, row["invoice"], column, shown or row["client_id"]))
        else:
            lines.append(_line(row))
    return OpenLines(tuple(lines), tuple(problems))


# Lines that stand in a source: never written, so what was invoiced is known from our documents alone.


def lines_of_source(source: LineSource, ids: Collection[str] | None) -> Table:
    """The lines of clients (None: of everybody with one to be invoiced) as the table Purchases.

    Of equal lines those come first that the source itself marks as invoiced: they are the ones that a document has.
    """
    frame = source.everybody if ids is None else source.lines_of(ids)
    marks = [column for column in _MARKS if column in frame]
    free = pd.Series(True, index=frame.index)
    for column in marks:
        free &= as_text(frame[column]).str.strip() == ""
    frame = frame.loc[free.sort_values(kind="stable").index].reset_index(drop=True)
    away = Elsewhere(source.address, len(frame), 0)
    return Table("Purchases", source.sheet.sheet, frame, source.sheet.headers, elsewhere=away)


def lines_to_bill(tables: Tables) -> Table:
    """Purchases for a list of what is to be invoiced; of a source the lines of everybody who has one, those on a
    document of ours with its number as invoice."""
    if tables.source is None:
        return tables["Purchases"]
    lines = lines_of_source(tables.source, None)
    if "Documents" not in tables or "DocumentLines" not in tables:
        return lines
    on = prints(lines).map(billed(documents_of(tables)))
    frame = lines.frame
    typed = as_text(frame["invoice"]) if "invoice" in frame else pd.Series("", index=frame.index)
    return replace(lines, frame=frame.assign(invoice=on.where(on.notna(), typed).astype("str")))


def of_shown_rows(source: LineSource, lines: Table, rows: Sequence[int]) -> list[int]:
    """The positions in `lines` of what Excel rows of the view show. CrmError "sources.row_not_there" for any other."""
    sheet = source.sheet
    columns = [column for column in lines.frame.columns if column in sheet.frame]
    there = fingerprints(lines.frame, columns)
    shown = sheet.frame.loc[[row - sheet.first_row for row in rows if row in shown_rows(sheet)]]
    found = dict(zip(shown.index + sheet.first_row, match(fingerprints(shown, columns), there), strict=True))
    gone = [row for row in rows if found.get(row, -1) < 0]
    if gone:
        raise CrmError("sources.row_not_there", row=gone[0], sheet=sheet.sheet, source=source.address)
    return [int(found[row]) for row in rows]


def shown_rows(sheet: Table) -> set[int]:
    """The Excel rows of a sheet that are a view of a source."""
    return {sheet.excel_row(place) for place in np.flatnonzero(sheet.viewed).tolist()}


def changed_there(lines: Table, documents: Sequence[BusinessDocument]) -> dict[int, str]:
    """Positions of lines that look like one that an invoice has and the source has no more -> that invoice's number.

    A line that is put right in the source after it was invoiced looks new. Alike are lines of one client of the same
    product, or of the same quantity and price, dated not after the invoice.
    """
    marks, frame = prints(lines), lines.frame
    there, on = set(marks), billed(documents)
    ids = as_text(frame["client_id"]).str.strip()
    known = set(ids)
    found: dict[int, str] = {}
    for document in (one for one in documents if one.buyer.client_id in known):
        lost = [one for one in document.lines if on.get(one.purchase) == document.number and one.purchase not in there]
        mine = frame[(ids == document.buyer.client_id) & ~marks.isin(on.keys())] if lost else frame[:0]
        for position in mine.index[_not_after(mine, document.date) & _alike(mine, lost)]:
            found[int(position)] = document.number
    return found


def _not_after(rows: pd.DataFrame, day: dt.date) -> pd.Series[bool]:
    if "date" not in rows:
        return pd.Series(True, index=rows.index)
    return ~(as_date(rows["date"])[0] > pd.Timestamp(day))


def _alike(rows: pd.DataFrame, lost: Sequence[DocumentLine]) -> pd.Series[bool]:
    """Which rows are of one of these products, or of the amount of one of these lines."""
    products = {fold(one.product) for one in lost}
    sums = {float(one.quantity * one.unit_price) for one in lost}
    none = pd.Series(float("nan"), index=rows.index)
    number = {c: as_number(rows[c])[0] if c in rows else none for c in ("quantity", "unit_price", "amount")}
    amount = number["amount"].fillna(number["quantity"].fillna(1.0) * number["unit_price"])
    named = as_text(rows["product"]).map(fold) if "product" in rows else pd.Series("", index=rows.index)
    return (named.isin(products) & (named != "")) | amount.isin(sums)


def _readable(purchases: Table, currency: str, country: str) -> pd.DataFrame:
    frame = purchases.frame
    none = pd.Series("", index=frame.index, dtype="str")
    wanted = ("client_id", "product", "currency", "unit", "vat_category", *_MARKS)
    made = pd.DataFrame({c: as_text(frame[c]).str.strip() if c in frame else none for c in wanted}, index=frame.index)
    for column in ("quantity", "unit_price", "amount", "vat_rate"):
        blank = pd.Series(float("nan"), index=frame.index)
        made[column] = as_number(frame[column], country)[0] if column in frame else blank
    made["when"] = as_date(frame["date"], country)[0] if "date" in frame else pd.NaT
    made["position"] = range(len(frame))
    made["currency"] = made["currency"].where(made["currency"] != "", currency)
    made["marked"] = (made[list(_MARKS)] != "").any(axis=1)
    nothing = made[["quantity", "unit_price", "amount"]].isna().all(axis=1)
    made["blank"] = (made["client_id"] == "") & (made["product"] == "") & nothing
    return made


def _refused(row: dict[Any, Any]) -> tuple[str, str]:
    """The code of what keeps a line from being billed, and its column; "" for none."""
    if row["marked"]:
        return "issuing.invoiced_already", "document"
    if not row["client_id"]:
        return "issuing.no_client", "client_id"
    if _priced(row) is None:
        return "issuing.no_amount", "amount"
    return ("", "") if _agrees(row) else ("issuing.amount_differs", "amount")


def _cell(number: float) -> Decimal:
    """A cell's number without zeros behind: 10.0 is 10."""
    return _plain(exact(number))


def _plain(number: Decimal) -> Decimal:
    """A number without zeros behind its sign and without an exponent."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral() else short


def _priced(row: dict[Any, Any]) -> tuple[Decimal, Decimal] | None:
    """Quantity and price of a line; an amount alone is one piece at that price."""
    has = {name: not pd.isna(row[name]) for name in ("quantity", "unit_price", "amount")}
    if has["unit_price"]:
        quantity = _cell(row["quantity"]) if has["quantity"] else Decimal(1)
        return quantity, _plain(_cell(row["unit_price"]).quantize(EIGHT, ROUND_HALF_UP))
    if not has["amount"]:
        return None
    return _divided(_cell(row["amount"]), _cell(row["quantity"]) if has["quantity"] else Decimal(1))


def _divided(amount: Decimal, quantity: Decimal) -> tuple[Decimal, Decimal]:
    """An amount as quantity x price, where the price has an end before the eighth decimal; else as one piece."""
    price = _plain((amount / quantity).quantize(EIGHT, ROUND_HALF_UP)) if quantity else Decimal(0)
    return (quantity, price) if quantity and price * quantity == amount else (Decimal(1), amount)


def _agrees(row: dict[Any, Any]) -> bool:
    """Whether a typed amount is quantity x price, to the cent."""
    priced = _priced(row)
    if priced is None or pd.isna(row["amount"]):
        return priced is not None
    return abs(priced[0] * priced[1] - _cell(row["amount"])) <= Decimal("0.005")


def _line(row: dict[Any, Any]) -> OpenLine:
    quantity, price = _priced(row) or (Decimal(0), Decimal(0))
    rate = None if pd.isna(row["vat_rate"]) else _cell(row["vat_rate"])
    return OpenLine(
        position=row["position"],
        print=row["print"],
        client_id=row["client_id"],
        currency=row["currency"],
        product=row["product"],
        quantity=quantity,
        unit_price=price,
        unit=row["unit"],
        category=words.choice("vat_category", row["vat_category"]) or row["vat_category"],
        rate=rate / 100 if rate is not None and rate >= 1 else rate,
    )
