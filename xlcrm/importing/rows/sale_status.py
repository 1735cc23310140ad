"""Which lines of a sales list are no sales (cancelled, failed, drafts), which count negative (refunds, credits).

Shops and payment services export everything that happened: orders that failed, money that went back with a positive
figure, their own transfers. What a line is stands in a column of status or type, whatever it is called: a column is one
where most cells are words of `data/importing/sale_words.csv`, or all are codes of one program (`type_codes.csv`). What
is left out is listed by its word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from xlcrm.importing.incoming import Mapped
from xlcrm.importing.mapping import fields_of
from xlcrm.importing.rows.debit_credit import is_ledger
from xlcrm.importing.word_tables import rows_of, words_of
from xlcrm.problems import Problem
from xlcrm.text import fold
from xlcrm.values import NO, as_number, as_text

if TYPE_CHECKING:
    from xlcrm.importing.incoming import Incoming

# How much of a column's rows have to be words of the vocabulary; less where its header says that it is a status.
MOST, SOME = 0.7, 0.3
KINDS = 40
LISTED = 20
LONGEST = 60
INVOICES = ("invoice", "fattura", "factura", "faktura", "facture", "rechnung", "factuur", "fatura")


class Effect(NamedTuple):
    """What a word in a column of status or type does to a line."""

    kind: str
    does: str
    why: str


EFFECTS = (
    Effect("cancelled", "out", "nothing was bought"),
    Effect("failed", "out", "nothing was paid"),
    Effect("pending", "out", "an order without money; with due dates an unpaid invoice, which is a sale"),
    Effect("draft", "out", "no sale yet"),
    Effect("withdrawal", "out", "one's own money moved"),
    Effect("payment", "out", "beside invoices the payment of one, alone the sale itself"),
    Effect("shipping", "out", "the way to the client is no product of his"),
    Effect("refunded", "back", "given back whole: left out, or net where a column says how much went back"),
    Effect("credit", "minus", "money went back"),
)
DOES = {effect.kind: effect.does for effect in EFFECTS}
# Kinds by a whole cell, and by words within one: "Credit card" begins as a credit note does and is a means of payment.
WHOLE = ("sold", *(kind for kind in DOES if kind != "shipping"))
PHRASED = ("means", "credit", "withdrawal", "cancelled", "failed", "refunded", "draft", "pending")


@dataclass(frozen=True, eq=False)
class SaleFacts:
    """For the lines of a list (index 0..n-1): `minus` those that count negative, `back` the money that went back."""

    minus: pd.Series[bool]
    back: pd.Series[float]


def only_sales(one: Incoming, mapped: Sequence[Mapped]) -> tuple[Incoming, SaleFacts]:
    """The list without lines that are no sales, and what is to be taken off the others.

    Left out lines are told by "import.no_sale", one problem a word and column; "import.refunds" says how many count
    negative. A blank status in a further line of an invoice is that of its first line. The frame given is not changed.
    """
    frame = one.frame
    out = pd.Series("", index=frame.index, dtype="str")
    where = pd.Series("", index=frame.index, dtype="str")
    minus = pd.Series(False, index=frame.index)
    back = _refunded(frame, mapped)
    for header, does, typed in _judged(frame, mapped):
        taken = typed.isin(does["out"])
        if does["back"]:
            taken |= typed.isin(does["back"]) & (back <= 0) & ~_negative(frame, mapped)
        taken &= out == ""
        out, where = out.mask(taken, typed), where.mask(taken, header)
        minus |= typed.isin(does["minus"])
    aside = _credit_side(one, mapped) & (out == "") & ~minus
    out = out.mask(aside, as_text(frame[_amount_header(mapped)])) if aside.any() else out
    where = where.mask(aside, _amount_header(mapped))
    if (back > 0).any():
        whole = (back > 0) & _covers(frame, mapped, back) & (out == "")
        out = out.mask(whole, as_text(back))
        where = where.mask(whole, _refund_header(frame, mapped))
    stays = out == ""
    problems = [
        *_left_out(one, out.mask(aside, ""), where), *_refunds(one, minus & stays), *_unknown(one, mapped, stays),
        *_maybe_credits(one, mapped, stays & ~minus), *_asked_credits(one, mapped, aside),
    ]  # fmt: skip
    kept = frame.index[(out == "").to_numpy()]
    facts = SaleFacts(minus.loc[kept].reset_index(drop=True), back.loc[kept].reset_index(drop=True))
    if len(kept) == len(frame):
        return replace(one, problems=(*one.problems, *problems)), facts
    rows = one.numbers()[kept.to_numpy()].tolist()
    left = frame.loc[kept].reset_index(drop=True)
    return replace(one, frame=left, rows=rows, problems=(*one.problems, *problems)), facts


def signed(rows: pd.DataFrame, facts: SaleFacts | None) -> pd.DataFrame:
    """The lines with the amounts (and quantities) of refunds negative, and with the money given back taken off."""
    if facts is None or not (facts.minus.any() or (facts.back > 0).any()):
        return rows
    found = {}
    for column in ("amount", "quantity"):
        if column in rows:
            figures = pd.to_numeric(rows[column], errors="coerce")
            turn = facts.minus.reindex(rows.index).fillna(False) & (figures > 0)
            if column == "amount":
                off = facts.back.reindex(rows.index).fillna(0.0)
                figures = figures - off.where(figures > 0, 0.0)
                turn &= figures > 0
                turn |= (off > 0) & figures.notna()
            found[column] = rows[column].mask(turn, figures.where(~facts.minus.reindex(rows.index), -figures.abs()))
    return rows.assign(**found)


def paid_amount(frame: pd.DataFrame, mapped: tuple[Mapped, ...]) -> tuple[Mapped, ...]:
    """The mapping with what the client paid as the amount, where a payment service's fee was taken off it.

    Told by arithmetic: a column of figures that less the fee is another column is what was paid.
    """
    amount = next((m for m in mapped if m.field == "amount" and m.table == "Purchases"), None)
    if amount is None or amount.how == "given":
        return mapped
    free = [amount.header, *(m.header for m in mapped if not m.field and not m.spare and m.how != "empty")]
    fees = [h for h in free if fold(h) in words_of("sale_words", "fee_header")]
    paid = _paid(frame.head(2000), [h for h in free if h != fees[0]], fees[0]) if fees else ""
    return _moved(mapped, amount.header, paid) if paid else mapped


def _paid(head: pd.DataFrame, headers: Sequence[str], fee_header: str) -> str:
    """The column that less the fee is another one of them; "" where none is."""
    fee = as_number(head[fee_header])[0]
    read = {h: as_number(head[h])[0] for h in headers}
    figures = {h: values for h, values in read.items() if values[fee.abs() > 0].notna().mean() > MOST}
    pairs = ((h, other) for h in figures for other in figures if h != other)
    return next((h for h, other in pairs if _less(figures[h], fee, figures[other])), "")


def is_shipping(product: str) -> bool:
    return fold(product) in words_of("sale_words", "shipping")


def _less(values: pd.Series[float], fee: pd.Series[float], other: pd.Series[float]) -> bool:
    """`other` is `values` without the fee, in nearly all rows that have one."""
    charged = fee.abs() > 0
    ways = [((values - off - other).abs() < 0.006)[charged].mean() for off in (fee, -fee)]
    return bool(charged.any()) and max(ways) >= 0.8


def _moved(mapped: tuple[Mapped, ...], old: str, new: str) -> tuple[Mapped, ...]:
    if old == new:
        return mapped
    found = {m.header: m for m in mapped}
    found[old] = Mapped(old, "", "", "second")
    found[new] = Mapped(new, "Purchases", "amount", "values", 80)
    return tuple(found[m.header] for m in mapped)


def _judged(
    frame: pd.DataFrame, mapped: Sequence[Mapped]
) -> Iterable[tuple[str, dict[str, list[str]], pd.Series[Any]]]:
    """Each column of status or type, with its words by what they do, and its cells."""
    fields = fields_of(mapped, "Purchases")
    for one in mapped:
        if one.field and one.field != "product":
            continue
        text = _status_cells(frame, one, fields.get("invoice", ""))
        kinds = _column_kinds(one, text, due="due_on" in fields)
        if any(kinds.values()):
            yield one.header, {d: [v for v, k in kinds.items() if DOES.get(k) == d] for d in DOES.values()}, text


def _status_cells(frame: pd.DataFrame, one: Mapped, invoice: str) -> pd.Series[Any]:
    """The cells of a column; one of few words has those of an invoice's first line in its further lines, too."""
    text = as_text(frame[one.header])
    few = not one.field and len(text.drop_duplicates()) <= KINDS
    return _without_gaps(text, frame, invoice) if few else text


def _column_kinds(one: Mapped, text: pd.Series[Any], *, due: bool) -> dict[str, str]:
    """cell -> what it says of its line; nothing for a column that is no status or type of a sale."""
    distinct = text.drop_duplicates()
    header = fold(one.header)
    if one.field == "product":
        return {v: "shipping" if is_shipping(v) else "" for v in distinct}
    if header in words_of("sale_words", "cancelled_header"):
        return {v: "cancelled" if v.strip() and v.strip().casefold() not in NO else "" for v in distinct}
    if len(distinct) > KINDS or _is_other(header):
        return {}
    return _coded(distinct) or (_kinds(distinct, due) if _is_status(one.header, text) else {})


def _is_other(header: str) -> bool:
    """A column of how it was paid, or of the status of a payout, a parcel or a client."""
    return header in words_of("sale_words", "means_header") or header in words_of("sale_words", "other_header")


def _coded(distinct: pd.Series[Any]) -> dict[str, str]:
    """The kinds of a column of a program's codes ("SI", "SC", "SR"): all cells of one set, a sale among them."""
    codes = {str(value): str(value).strip().upper() for value in distinct}
    filled = set(codes.values()) - {""}
    for known in _code_sets().values():
        told = {code: known.get(code, "") for code in filled}
        if len(filled) > 1 and all(told.values()) and "sold" in told.values():
            return {value: "" if told.get(code) == "sold" else told.get(code, "") for value, code in codes.items()}
    return {}


@cache
def _code_sets() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in rows_of("type_codes"):
        found.setdefault(row["set"], {}).update(dict.fromkeys(row["codes"].split("|"), row["kind"]))
    return found


def _kinds(distinct: pd.Series[Any], due: bool) -> dict[str, str]:
    kinds = {value: kind_of(value) for value in distinct}
    invoices = any(fold(value).startswith(INVOICES) for value in distinct)
    kept = {"sold", *(["pending"] if due else []), *([] if invoices else ["payment"])}
    return {value: "" if kind in kept else kind for value, kind in kinds.items()}


def _without_gaps(text: pd.Series[Any], frame: pd.DataFrame, invoice: str) -> pd.Series[Any]:
    """The column, with the first line's cell in further lines of the same invoice that leave it blank."""
    text = text.str.strip()
    if not invoice or not (text == "").any() or (text == "").all():
        return text
    numbers = as_text(frame[invoice]).str.strip()
    again = (numbers == numbers.shift()) & (numbers != "") & (text == "")
    return (
        text.mask(again, text.where(text != "").groupby((~again).cumsum()).transform("first")).fillna("").astype("str")
    )


def _is_status(header: str, text: pd.Series[Any]) -> bool:
    filled = text[text != ""]
    if not len(filled) or filled.nunique() > KINDS:
        return False
    counts = filled.value_counts()
    known = sum(int(n) for value, n in counts.items() if kind_of(str(value))) / len(filled)
    return known >= (SOME if fold(header) in words_of("sale_words", "status_header") else MOST)


def kind_of(value: str) -> str:
    """What a word of a status or type says (a kind of EFFECTS or "sold"), "" where it is no such word."""
    text = fold(value)
    if not text or len(text) > LONGEST:
        return ""
    whole = next((kind for kind in WHOLE if text in words_of("sale_words", kind)), "")
    return whole or _by_phrase(text.split())


def _by_phrase(parts: Sequence[str]) -> str:
    """By the first words ("Refunded on Monday"), else by any two and more ("Sales credit note")."""
    begun = (" ".join(parts[:size]) for size in range(len(parts), 0, -1))
    inside = (" ".join(parts[at : at + size]) for size in range(len(parts) - 1, 1, -1) for at in range(len(parts)))
    for phrase in chain(begun, inside):
        for kind in PHRASED:
            if phrase in words_of("sale_words", kind):
                return "" if kind == "means" else kind
    return "sold" if parts[0] in words_of("sale_words", "sold") else ""


def _refund_header(frame: pd.DataFrame, mapped: Sequence[Mapped]) -> str:
    free = [m.header for m in mapped if not m.field and fold(m.header) in words_of("sale_words", "refund_header")]
    return next((h for h in free if as_number(frame[h])[0].notna().any()), "")


def _refunded(frame: pd.DataFrame, mapped: Sequence[Mapped]) -> pd.Series[float]:
    """The money that went back for each line, 0 where none; amounts of an order stand in its first line."""
    header = _refund_header(frame, mapped)
    if not header:
        return pd.Series(0.0, index=frame.index)
    return as_number(frame[header])[0].abs().fillna(0.0)


def _covers(frame: pd.DataFrame, mapped: Sequence[Mapped], back: pd.Series[float]) -> pd.Series[bool]:
    """Whether as much went back as the line, or the whole order that begins with it, came to."""
    header = fields_of(mapped, "Purchases").get("amount", "")
    if not header:
        return pd.Series(False, index=frame.index)
    return (as_number(frame[header])[0] - back).abs() < 0.006


def _amount_header(mapped: Sequence[Mapped]) -> str:
    return fields_of(mapped, "Purchases").get("amount", "")


def _credit_side(one: Incoming, mapped: Sequence[Mapped]) -> pd.Series[bool]:
    """The lines of a ledger that stand on the credit side: payments, unless their type says credit note."""
    ledger = is_ledger(one) and _amount_header(mapped) in one.known
    return _negative(one.frame, mapped) if ledger else pd.Series(False, index=one.frame.index)


def _asked_credits(one: Incoming, mapped: Sequence[Mapped], aside: pd.Series[bool]) -> list[Problem]:
    if not aside.any():
        return []
    header = _amount_header(mapped)
    at = one.frame.index[aside.to_numpy()]
    return [_about("import.credit_side", one, at, header, str(as_text(one.frame[header])[at[0]]))]


def _negative(frame: pd.DataFrame, mapped: Sequence[Mapped]) -> pd.Series[bool]:
    header = _amount_header(mapped)
    return as_number(frame[header])[0] < 0 if header else pd.Series(False, index=frame.index)


def _left_out(one: Incoming, out: pd.Series[Any], where: pd.Series[Any]) -> list[Problem]:
    found = []
    taken = out[out != ""]
    for (header, word), group in taken.groupby([where[taken.index], taken], sort=False):
        rows = [one.row(int(at)) for at in group.index]
        listed = ", ".join(map(str, rows[:LISTED])) + (" …" if len(rows) > LISTED else "")
        values = (("count", str(len(rows))), ("rows", listed), ("file", one.name))
        found.append(
            Problem("import.no_sale", row=rows[0], column=str(header), value=str(word), level="note", values=values)
        )
    return found


def _refunds(one: Incoming, minus: pd.Series[bool]) -> list[Problem]:
    rows = [one.row(int(at)) for at in np.flatnonzero(minus.to_numpy())]
    if not rows:
        return []
    listed = ", ".join(map(str, rows[:LISTED])) + (" …" if len(rows) > LISTED else "")
    values = (("count", str(len(rows))), ("rows", listed), ("file", one.name))
    return [Problem("import.refunds", row=rows[0], level="note", values=values)]


def _unknown(one: Incoming, mapped: Sequence[Mapped], stays: pd.Series[bool]) -> list[Problem]:
    """Words in a column of status that are not known: their lines came in as sales, and the user is asked."""
    found = []
    for place in mapped:
        if place.field or place.spare:
            continue
        text = as_text(one.frame[place.header]).str.strip()
        if fold(place.header) not in words_of("sale_words", "status_header") or not _is_status(place.header, text):
            continue
        strange = text[stays & (text != "") & ~text.map({v: bool(kind_of(v)) for v in text.unique()}).astype(bool)]
        if len(strange):
            told = ", ".join(strange.unique()[:5])
            found.append(_about("import.status_unknown", one, strange.index, place.header, told))
    return found


def _maybe_credits(one: Incoming, mapped: Sequence[Mapped], stays: pd.Series[bool]) -> list[Problem]:
    """Lines whose number begins as those of credit notes do, with a positive amount: asked, not turned round."""
    fields = fields_of(mapped, "Purchases")
    if not {"invoice", "amount"} <= set(fields):
        return []
    text = as_text(one.frame[fields["invoice"]])
    distinct = text.drop_duplicates()
    prefix = distinct.str.strip().str.extract(r"^([A-Za-z]{2,4})(?=[\W_]?\d)")[0].fillna("")
    known = distinct[prefix.map(fold).isin(words_of("sale_words", "credit_prefix")).to_numpy()]
    if not len(known):
        return []
    like = text.isin(known) & stays
    like &= ~_negative(one.frame, mapped)
    if not like.any() or like[stays].all():
        return []
    rows = one.frame.index[like.to_numpy()]
    return [_about("import.maybe_credit", one, rows, fields["invoice"], str(one.frame[fields["invoice"]].loc[rows[0]]))]


def _about(code: str, one: Incoming, at: Iterable[Any], column: str, value: str) -> Problem:
    rows = [one.row(int(place)) for place in at]
    listed = ", ".join(map(str, rows[:LISTED])) + (" …" if len(rows) > LISTED else "")
    values = (("count", str(len(rows))), ("rows", listed), ("file", one.name))
    return Problem(code, row=rows[0], column=column, value=value, level="doubt", values=values)
