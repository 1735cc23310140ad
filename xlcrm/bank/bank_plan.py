"""Bank plan: payments of statements as rows of Payments, what is doubtful as lines of the sheet Problems.

What somebody decided there is booked by the next run on a statement, and by `xlcrm correct` without one: the line that
stands in Problems holds all that is needed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pandas as pd

from xlcrm import words
from xlcrm.bank.bank_line import BankLine, Statement
from xlcrm.bank.payment_ledger import ledger_of
from xlcrm.bank.payment_matching import LineVerdict, PaymentLedger, is_near, match_all
from xlcrm.bank.statement_history import CODES, StatementHistory, history_of, sorted_out, was_near
from xlcrm.bank.transfer_text import SHORT
from xlcrm.checks.worklist import Listed, as_listed, worklist_plan
from xlcrm.documents.document_states import KnownDocument
from xlcrm.errors import CrmError
from xlcrm.fields import money
from xlcrm.issuing import standing
from xlcrm.issuing.document_rows import frame_of
from xlcrm.issuing.issue_plan import refuse_without_tables
from xlcrm.issuing.payments import spread
from xlcrm.plan import Added, Change, Plan, diff
from xlcrm.problems import Problem
from xlcrm.settings import Settings
from xlcrm.tables import Tables
from xlcrm.text import caseless

ZERO = Decimal(0)
# What the suggestion of a line may be: all of the documents it names, the only one there is, or none.
_ALL = frozenset({"bank.sum_differs", "bank.before"})
_NONE = frozenset({"bank.other_currency", "bank.typed_already"})

Booking = tuple[BankLine, str, Decimal]


@dataclass(frozen=True, eq=False)
class _Decided:
    """What somebody decided about lines in the sheet Problems.

    bookings  (line, document, amount)
    links     place in Payments of a payment typed by hand -> the reference of its line
    done      the lines that leave the sheet
    quiet     references of the lines that are not to be asked or booked
    unread    suggestions that name no document
    """

    bookings: tuple[Booking, ...] = ()
    links: Mapping[int, str] = field(default_factory=dict)
    done: frozenset[int] = frozenset()
    quiet: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()

    @property
    def settled(self) -> frozenset[str]:
        """The references of the lines that are not to be judged."""
        return self.quiet | {line.reference for line, _, _ in self.bookings} | set(self.links.values())


def plan(tables: Tables, statements: Sequence[Statement], *, settings: Settings, today: dt.date) -> Plan:
    """Book what is sure of the statements and what was decided, ask what is doubtful; a second run changes nothing.

    CrmError "issuing.no_sheets" without the sheets of invoicing, "bank.no_column" where Payments is of an earlier
    version.
    """
    refuse_without_tables(tables, settings.language)
    if "reference" not in tables["Payments"].frame:
        raise CrmError("bank.no_column")
    history, ledger = history_of(tables), ledger_of(tables, settings)
    decided = _decided(history, ledger)
    fresh, seen = sorted_out(statements, history)
    lines = [line for line in fresh if line.reference not in decided.settled]
    verdicts = match_all(lines, _after(ledger, decided.bookings, decided.links))
    pairs = [(line, _unless_before(line, one, history, seen)) for line, one in zip(lines, verdicts, strict=True)]
    booked = [(line, number, amount) for line, one in pairs if one.booked for number, amount in one.parts]
    stands = _after(ledger, (*decided.bookings, *booked))
    asked = [_problem(line, one, stands) for line, one in pairs if one.asked]
    unread = tuple(problem for statement in statements for problem in statement.problems)
    standing_ones = _kept(history, decided, {line.reference for line in lines})
    read = sum(len(one.lines) for one in statements)
    counted = {"lines": read, "known": read - len(lines)}
    made = _booking(tables, (*decided.bookings, *booked), decided, settings, today)
    listing = worklist_plan(
        tables, [*asked, *standing_ones], prefixes=(CODES,), settings=settings, today=today, action="bank"
    )
    notes = (*_notes(pairs, counted, decided), *made.notes)
    return replace(made, problems=(*unread, *asked), notes=notes).join(listing)


def _unless_before(line: BankLine, verdict: LineVerdict, history: StatementHistory, seen: set[str]) -> LineVerdict:
    """What is known by its payer alone is asked where just that came a few days before or after: two may be one."""
    if not verdict.booked or verdict.sure >= SHORT or not was_near(line, history, seen):
        return verdict
    return LineVerdict("bank.before", candidates=tuple(number for number, _ in verdict.parts))


def decided_plan(tables: Tables, *, settings: Settings, today: dt.date) -> Plan:
    """What somebody decided about bank lines in the sheet Problems, without a statement."""
    payments = tables["Payments"].frame if "Payments" in tables and "Documents" in tables else None
    if payments is None or "reference" not in payments:
        return Plan("bank")
    history, ledger = history_of(tables), ledger_of(tables, settings)
    decided = _decided(history, ledger)
    made = _booking(tables, decided.bookings, decided, settings, today)
    listing = worklist_plan(
        tables, _kept(history, decided, set()), prefixes=(CODES,), settings=settings, today=today, action="bank"
    )
    return replace(made, notes=(*_told_decided(decided), *made.notes)).join(listing)


def _decided(history: StatementHistory, ledger: PaymentLedger) -> _Decided:
    """The lines of Problems that somebody decided; those booked already in another way leave the sheet, too."""
    booked = {line.reference for line in history.booked}
    done = {one.position for line, one in history.asked if line.reference in booked}
    waiting = [(line, one) for line, one in history.asked if line.reference not in booked]
    applied = [(line, one) for line, one in waiting if one.decision == "apply"]
    bookings, links, unread = _applied(applied, ledger)
    used = {line.reference for line, _, _ in bookings} | set(links.values())
    done |= {one.position for line, one in applied if line.reference in used}
    quiet = {line.reference for line, one in waiting if one.decision in ("ignore", "apply")} - used
    return _Decided(tuple(bookings), links, frozenset(done), frozenset(quiet), tuple(unread))


def _applied(
    applied: Sequence[tuple[BankLine, Listed]], ledger: PaymentLedger
) -> tuple[list[Booking], dict[int, str], list[str]]:
    """Bookings, links to payments typed by hand, and suggestions that say nothing, of lines decided "apply"."""
    by_name = {caseless(one.number): one for one in ledger.documents}
    bookings: list[Booking] = []
    links: dict[int, str] = {}
    unread: list[str] = []
    for line, listed in applied:
        found, rows = _bookings(line, listed, by_name), _linked_rows(line, listed, ledger)
        links |= dict.fromkeys(rows, line.reference)
        unread += [] if found or rows else [listed.suggestion]
        bookings += found
    return bookings, links, unread


def _linked_rows(line: BankLine, listed: Listed, ledger: PaymentLedger) -> list[int]:
    """The payments typed by hand that this line is: of its client about that day, the one of its amount, or all."""
    if listed.suggestion or listed.identity.code != "bank.typed_already":
        return []
    client = listed.identity.key
    near = [
        one
        for one in ledger.typed
        if is_near(one.day, line.day) and client in ("", ledger.by_number[one.number].client_id)
    ]
    alike = sorted(
        (one for one in near if one.amount == line.amount), key=lambda one: abs((one.day or line.day) - line.day)
    )
    together = near if sum((one.amount for one in near), ZERO) == line.amount else []
    return [one.place for one in alike[:1] or together]


def _bookings(line: BankLine, listed: Listed, by_name: Mapping[str, KnownDocument]) -> list[Booking]:
    """What the suggestion says: numbers over which the amount is spread, or "number=amount"; [] for anything else."""
    named = [part.partition("=")[::2] for part in listed.suggestion.replace(";", ",").split(",") if part.strip()]
    chosen = [by_name[caseless(number.strip())] for number, _ in named if caseless(number.strip()) in by_name]
    amounts = [amount.strip() for _, amount in named if amount.strip()]
    if not named or len(chosen) < len(named):
        return []
    if not amounts:
        return [(line, number, amount) for number, amount in spread(chosen, line.amount)]
    if len(amounts) < len(chosen) or not all(map(money.is_valid, amounts)):
        return []
    return [
        (line, one.number, money.validate(amount, decimal=".")) for one, amount in zip(chosen, amounts, strict=True)
    ]


def _after(ledger: PaymentLedger, bookings: Iterable[Booking], links: Iterable[int] = ()) -> PaymentLedger:
    """The ledger once something is booked, and payments typed by hand have their reference."""
    paid: dict[str, Decimal] = {}
    for _, number, amount in bookings:
        paid[number] = paid.get(number, ZERO) + amount
    documents = [replace(one, paid=one.paid + paid.get(one.number, ZERO)) for one in ledger.documents]
    linked = set(links)
    return replace(ledger, documents=documents, typed=tuple(one for one in ledger.typed if one.place not in linked))


def _booking(
    tables: Tables, bookings: Iterable[Booking], decided: _Decided, settings: Settings, today: dt.date
) -> Plan:
    """The rows of Payments with what follows for documents and purchases, and references of payments typed by hand."""
    rows = [_row(line, number, amount, settings) for line, number, amount in bookings]
    added = (Added("Payments", frame_of(rows, tables["Payments"])),) if rows else ()
    links = _linked(tables, decided.links)
    latest = max([today, *(line.day for line, _, _ in bookings)]) if rows else today
    follows = (
        standing.plan(tables, settings=settings, today=latest, added=added, action="bank") if rows else Plan("bank")
    )
    return Plan("bank", changes=links, added=added).join(follows)


def _row(line: BankLine, number: str, amount: Decimal, settings: Settings) -> dict[str, object]:
    way = words.choice_word("way", "transfer", settings.language)
    cells = {"date": pd.Timestamp(line.day), "number": number, "amount": float(amount), "way": way}
    return {**cells, "note": line.note or None, "reference": line.reference}


def _linked(tables: Tables, links: Mapping[int, str]) -> tuple[Change, ...]:
    if not links:
        return ()
    after = pd.Series(list(links.values()), index=pd.Index(list(links), dtype="int64"), dtype=object)
    return diff(tables["Payments"], pd.DataFrame({"reference": after}), key="number")


def _kept(history: StatementHistory, decided: _Decided, judged: set[str]) -> list[Problem]:
    """The lines of Problems that stay as they are: not decided, and not judged anew by this run."""
    return [
        as_listed(listed)
        for line, listed in history.asked
        if listed.position not in decided.done and line.reference not in judged
    ]


def _problem(line: BankLine, verdict: LineVerdict, ledger: PaymentLedger) -> Problem:
    """A doubtful line as a line of the sheet Problems, with the documents that may be meant."""
    owners = {ledger.by_number[number].client_id for number in verdict.candidates}
    currency = line.currency or ledger.currency
    values = {
        "amount": f"{line.amount:.2f}",
        "currency": currency,
        "do": "apply" if _suggested(verdict) else "write",
        "candidates": ", ".join(_shown(ledger.by_number[number]) for number in verdict.candidates) or "-",
        "number": verdict.candidates[0] if verdict.candidates else "-",
        "open": f"{ledger.by_number[verdict.candidates[0]].open:.2f}" if verdict.candidates else "-",
    }
    return Problem(
        verdict.code, "Payments", 0, owners.pop() if len(owners) == 1 else "", "", line.shown,
        _suggested(verdict), level="doubt", values=tuple(values.items()),
    )  # fmt: skip


def _suggested(verdict: LineVerdict) -> str:
    if verdict.code in _NONE or (len(verdict.candidates) != 1 and verdict.code not in _ALL):
        return ""
    return ", ".join(verdict.candidates)


def _shown(document: KnownDocument) -> str:
    return f"{document.number} ({document.open:.2f} {document.currency})"


def _notes(
    pairs: Sequence[tuple[BankLine, LineVerdict]], counted: Mapping[str, int], decided: _Decided
) -> list[tuple[str, dict[str, object]]]:
    """What was read, what was done with it, and what came in that belongs to no document."""
    told: dict[str, object] = {
        **counted,
        "booked": sum(one.booked for _, one in pairs),
        "asked": sum(one.asked for _, one in pairs),
        "left": sum(not one.booked and not one.asked for _, one in pairs),
    }
    notes: list[tuple[str, dict[str, object]]] = [("bank.done", told), *_told_decided(decided)]
    strangers = [line for line, one in pairs if one.code == "bank.none" and line.amount > 0]
    if strangers:
        first = strangers[0]
        notes.append(
            (
                "bank.strangers",
                {
                    "count": len(strangers),
                    "day": first.day,
                    "amount": f"{first.amount:.2f}",
                    "payer": first.payer or first.text or "-",
                },
            )
        )
    return notes


def _told_decided(decided: _Decided) -> list[tuple[str, dict[str, object]]]:
    notes: list[tuple[str, dict[str, object]]] = []
    count = len({line.reference for line, _, _ in decided.bookings} | set(decided.links.values()))
    if count:
        notes.append(("bank.decided", {"count": count}))
    notes += [("bank.unread_suggestion", {"value": one or "-"}) for one in decided.unread]
    return notes
