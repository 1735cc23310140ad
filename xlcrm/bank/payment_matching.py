"""Payments matched to open documents: which invoices a bank line pays, by number, amount, account and name.

Only what is sure is booked: a number with its amount, a part of an invoice that is named in full, or a client who is
known with the one amount that fits. All else is asked with the documents that may be meant. The rules are a table; the
first that answers decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import islice, product

from xlcrm.bank.bank_line import BankLine
from xlcrm.bank.payer_names import SURE, PayerIndex, agreement
from xlcrm.bank.transfer_text import FULL, REFERENCE, SHORT, Mention, NumberIndex, mentions
from xlcrm.documents.document_states import KnownDocument
from xlcrm.importing.word_tables import words_of
from xlcrm.text import fold

ZERO = Decimal(0)
LITTLE = Decimal("0.05")  # of what is open: a fee or a discount rather than a part
LEAST = Decimal(5)
NEAR_DAYS = 10
COMBINATIONS = 256
SHOWN = 6  # candidates

Part = tuple[str, Decimal]


@dataclass(frozen=True)
class TypedPayment:
    """A row of Payments without a bank's reference: its place in the table, and what it says."""

    place: int
    number: str
    amount: Decimal
    day: dt.date | None


@dataclass(frozen=True, eq=False)
class PaymentLedger:
    """What payments are matched to.

    documents  invoices and credit notes, as they stood before the first line
    names      client -> the names that they have
    accounts   IBAN -> the client who paid from it
    own_accounts, own_names  ours
    typed      payments that somebody typed
    currency   of lines whose statement doesn't say it
    """

    documents: Sequence[KnownDocument]
    names: Mapping[str, Sequence[str]]
    accounts: Mapping[str, str] = field(default_factory=dict)
    own_accounts: frozenset[str] = frozenset()
    own_names: tuple[str, ...] = ()
    typed: tuple[TypedPayment, ...] = ()
    currency: str = ""

    @cached_property
    def by_number(self) -> dict[str, KnownDocument]:
        return {one.number: one for one in self.documents}

    @cached_property
    def index(self) -> NumberIndex:
        credits_ = (one.number for one in self.documents if one.kind == "credit")
        return NumberIndex(self.by_number, credits_)

    @cached_property
    def payers(self) -> PayerIndex:
        return PayerIndex(self.names)

    @cached_property
    def of_client(self) -> dict[str, list[KnownDocument]]:
        found: dict[str, list[KnownDocument]] = {}
        for one in self.documents:
            found.setdefault(one.client_id, []).append(one)
        return found


@dataclass(frozen=True)
class LineVerdict:
    """What becomes of a line.

    code        "bank.booked"; why it is asked; or why it is left out: bank.own, bank.out, bank.none
    parts       what each document gets of it
    candidates  documents that may be meant
    typed       place in Payments of the row that may be this line
    sure        how strong the evidence was, to take the strongest lines first
    """

    code: str
    parts: tuple[Part, ...] = ()
    candidates: tuple[str, ...] = ()
    typed: int = -1
    sure: int = 0

    @property
    def booked(self) -> bool:
        return self.code == "bank.booked"

    @property
    def asked(self) -> bool:
        return self.code not in LEFT and not self.booked


LEFT = frozenset({"bank.own", "bank.out", "bank.none"})


def match_all(lines: Sequence[BankLine], ledger: PaymentLedger) -> list[LineVerdict]:
    """What becomes of each line; those with the stronger evidence take what is open first, whatever their order."""
    open_ = {one.number: one.open for one in ledger.documents}
    cases = [_Case(line, ledger, open_) for line in lines]
    found: dict[int, LineVerdict] = {}
    for level in (FULL, SHORT, 0):
        for place in sorted(set(range(len(lines))) - set(found), key=lambda at: (lines[at].day, at)):
            verdict = cases[place].verdict()
            if level == 0 or (verdict.booked and verdict.sure >= level):
                found[place] = verdict
                for number, amount in verdict.parts if verdict.booked else ():
                    open_[number] -= amount
    return [found[place] for place in range(len(lines))]


class _Case:
    """A line with all that it says, worked out when a rule asks for it."""

    def __init__(self, line: BankLine, ledger: PaymentLedger, open_: Mapping[str, Decimal]) -> None:
        self.line, self.ledger, self.open = line, ledger, open_
        self.amount = line.amount
        self.currency = line.currency or ledger.currency

    def verdict(self) -> LineVerdict:
        """What becomes of the line as things stand; what it says is read once, what is open may have changed."""
        self.__dict__.pop("named", None)
        return next(found for rule in RULES if (found := rule(self)))

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        return mentions(self.line.text, self.ledger.index)

    @cached_property
    def payers(self) -> frozenset[str]:
        """The clients who may have paid: by the account and the name; by the text where the bank has no name apart."""
        line, index = self.line, self.ledger.payers
        owner = self.ledger.accounts.get(line.iban)
        named = index.clients(line.payer) if line.payer else frozenset()
        if not named and line.payer in line.text:
            named = index.clients_in(line.text)
        return named | {owner} if owner else named

    @cached_property
    def unknown(self) -> bool:
        """Whether it names a document that we don't have."""
        return any(not one.numbers for one in self.mentions)

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The documents that are named by more than bare figures; where several may be meant, those that fit best."""
        return self._resolved(SHORT)

    @cached_property
    def strength(self) -> int:
        """That of the weakest number that counts."""
        strong = [one.strength for one in self.mentions if one.numbers and one.strength >= SHORT]
        return min(strong, default=0)

    def _resolved(self, least: int) -> tuple[str, ...]:
        groups = [one.numbers for one in self.mentions if one.numbers and one.strength >= least]
        if not groups:
            return ()
        choices = (tuple(dict.fromkeys(some)) for some in islice(product(*groups), COMBINATIONS))
        return max(choices, key=self._worth)

    def _worth(self, numbers: tuple[str, ...]) -> tuple[int, int, int]:
        """How well some documents fit: their sum, their owner, and that they are open."""
        fits = self.sum(numbers) == self.amount and self.same_currency(numbers)
        owned = sum(self.owner(number) in self.payers for number in numbers)
        return int(fits), owned, sum(self.open[number] != 0 for number in numbers)

    def sum(self, numbers: Iterable[str]) -> Decimal:
        return sum((self.open[number] for number in numbers), ZERO)

    def owner(self, number: str) -> str:
        return self.ledger.by_number[number].client_id

    def may_be(self, number: str) -> bool:
        """Whether a document is that of the payer, or nobody knows who that is."""
        return not self.payers or self.owner(number) in self.payers

    def owners(self) -> set[str]:
        return {self.owner(number) for number in self.named}

    def same_currency(self, numbers: Iterable[str]) -> bool:
        return all(self.ledger.by_number[number].currency == self.currency for number in numbers)

    def open_of(self, client: str) -> list[str]:
        """The numbers of what a client has open in the line's currency, invoices and credit notes."""
        mine = self.ledger.of_client.get(client, ())
        return [one.number for one in mine if self.open[one.number] != 0 and one.currency == self.currency]

    def credits_of(self, client: str) -> list[str]:
        return [number for number in self.open_of(client) if self.open[number] < 0]

    def fitting(self, clients: Iterable[str]) -> list[str]:
        """What these clients have open of just this amount, and had before the day of the line."""
        mine = (number for client in sorted(clients) for number in self.open_of(client))
        return [number for number in mine if self.open[number] == self.amount and not self._is_later(number)]

    def _is_later(self, number: str) -> bool:
        issued = self.ledger.by_number[number].date
        return issued is not None and issued > self.line.day

    def stranger(self) -> bool:
        """Whether a client paid who isn't one of those whose documents are named."""
        return bool(self.payers) and not self.payers & self.owners()

    def whole(self, client: str) -> bool:
        """Whether the amount is all that a client has open, of more than one document."""
        numbers = self.open_of(client)
        return len(numbers) > 1 and self.sum(numbers) == self.amount

    def book(self, numbers: Iterable[str], sure: int) -> LineVerdict:
        return LineVerdict("bank.booked", tuple((number, self.open[number]) for number in numbers), sure=sure)

    def ask(self, code: str, candidates: Iterable[str] = ()) -> LineVerdict:
        return LineVerdict(code, candidates=tuple(dict.fromkeys(candidates))[:SHOWN])


Rule = Callable[[_Case], LineVerdict | None]


def _own(case: _Case) -> LineVerdict | None:
    """From or to an account of our own, or in our own name."""
    line, ledger = case.line, case.ledger
    ours = line.iban in ledger.own_accounts if line.iban else False
    named = bool(line.payer) and any(agreement(line.payer, name) >= SURE for name in ledger.own_names)
    return case.ask("bank.own") if ours or (named and not case.payers) else None


def _outgoing(case: _Case) -> LineVerdict | None:
    """What went out: a credit note that we paid back, a payment that was taken back; all else isn't ours to judge."""
    if case.amount > 0:
        return None
    strong = [number for one in case.mentions if one.strength >= FULL for number in one.numbers]
    credits_ = _paid_back(case, strong)
    if len(credits_) > 1:
        return case.ask("bank.several", credits_)
    if credits_ and case.may_be(credits_[0]):
        return case.book(credits_, FULL if strong else 0)
    taken_back = _is_returned(case.line.text) and (strong or case.payers)
    return case.ask("bank.taken_back", strong) if taken_back else case.ask("bank.out")


def _paid_back(case: _Case, strong: Sequence[str]) -> list[str]:
    """The credit notes that an outgoing line may pay back: named in full, or the payee's of just this amount."""
    named = [number for number in strong if case.open[number] == case.amount and case.same_currency([number])]
    return named or ([] if strong else case.fitting(case.payers))


def _is_returned(text: str) -> bool:
    said = f" {fold(text)} "
    return any(f" {word} " in said for word in words_of("bank_words", "returned"))


def _typed(case: _Case) -> LineVerdict | None:
    """A payment that somebody typed by hand: the same document or client, the same amount, about the same day."""
    numbers = set(case.named) or _all_of(case)
    near = [one for one in case.ledger.typed if one.number in numbers and is_near(one.day, case.line.day)]
    alike = [one for one in near if one.amount == case.amount]
    together = len(case.named) > 1 and sum((one.amount for one in near), ZERO) == case.amount
    first = next(iter(alike or (near if together else [])), None)
    return LineVerdict("bank.typed_already", candidates=(first.number,), typed=first.place) if first else None


def _all_of(case: _Case) -> set[str]:
    """The numbers of all documents of those who may have paid."""
    return {one.number for client in case.payers for one in case.ledger.of_client.get(client, ())}


def is_near(day: dt.date | None, other: dt.date) -> bool:
    """Whether a payment typed for a day, or without one, may be a line of the other day."""
    return day is None or abs((day - other).days) <= NEAR_DAYS


def _other_currency(case: _Case) -> LineVerdict | None:
    """Documents in another currency are never guessed at."""
    if case.named and not case.same_currency(case.named) and not (case.stranger() and case.fitting(case.payers)):
        return case.ask("bank.other_currency", case.named)
    return None


def _exact(case: _Case) -> LineVerdict | None:
    """What is named, and the amount is what is open of it."""
    if not case.named or case.sum(case.named) != case.amount or any(case.open[n] == 0 for n in case.named):
        return None
    if case.stranger() and (case.strength == SHORT or _fits_other(case)):
        return case.ask("bank.payer_differs", (*case.named, *case.fitting(case.payers)))
    return case.book(case.named, case.strength)


def _fits_other(case: _Case) -> bool:
    """Whether the amount is also just what the payer, another client, has open."""
    return bool(case.fitting(case.payers)) or any(case.whole(client) for client in case.payers)


def _less_credit(case: _Case) -> LineVerdict | None:
    """What is named less the credit notes that its client has."""
    owners = case.owners()
    if len(owners) != 1 or case.stranger():
        return None
    more = [number for number in case.credits_of(next(iter(owners))) if number not in case.named]
    wanted = [*case.named, *more]
    fits = bool(more) and case.sum(wanted) == case.amount and case.same_currency(wanted)
    return case.book(wanted, case.strength) if fits else None


def _unknown(case: _Case) -> LineVerdict | None:
    """A number in our form that no document has."""
    if not case.unknown or (case.named and case.sum(case.named) == case.amount):
        return None
    return case.ask("bank.unknown_number", (*case.named, *case.fitting(case.payers)))


def _wrong_owner(case: _Case) -> LineVerdict | None:
    """Somebody else's document is named, and the payer has one that fits."""
    if not case.named or not case.stranger():
        return None
    fits = _fits_other(case)
    return case.ask("bank.payer_differs", (*case.fitting(case.payers), *case.named)) if fits else None


def _paid_already(case: _Case) -> LineVerdict | None:
    """All that is named was paid before: paid twice."""
    settled = bool(case.named) and all(case.open[number] <= 0 for number in case.named)
    return case.ask("bank.paid_already", case.named) if settled else None


def _several_named(case: _Case) -> LineVerdict | None:
    """Several documents are named, and the amount isn't their sum."""
    return case.ask("bank.sum_differs", case.named) if len(case.named) > 1 else None


def _little_short(case: _Case) -> LineVerdict | None:
    """A little is missing: a fee, a discount, a slip."""
    if not case.named:
        return None
    missing = case.open[case.named[0]] - case.amount
    little = ZERO < missing <= max(LEAST, case.open[case.named[0]] * LITTLE)
    return case.ask("bank.little_short", case.named) if little else None


def _too_much(case: _Case) -> LineVerdict | None:
    over = bool(case.named) and case.amount > case.open[case.named[0]]
    return case.ask("bank.too_much", (*case.named, *case.fitting(case.owners()))) if over else None


def _part(case: _Case) -> LineVerdict | None:
    """A part of the one document that is named, by its client, or with its reference; others have such numbers, too."""
    if not case.named:
        return None
    known = bool(case.payers & case.owners())
    if known or (case.strength == REFERENCE and not case.payers):
        return LineVerdict("bank.booked", ((case.named[0], case.amount),), sure=case.strength)
    return case.ask("bank.part" if case.strength == SHORT else "bank.payer_differs", case.named)


def _by_payer(case: _Case) -> LineVerdict | None:
    """Nothing is named, the payer is known: the one amount that fits, or all that they have open."""
    fits = case.fitting(case.payers)
    if len(fits) > 1:
        fits = _told_by_figures(case, fits)
    if len(fits) == 1:
        return case.book(fits, 1)
    if fits:
        return case.ask("bank.several", fits)
    whole = [client for client in sorted(case.payers) if case.whole(client)]
    return case.book(case.open_of(whole[0]), 1) if len(whole) == 1 else None


def _told_by_figures(case: _Case, fits: list[str]) -> list[str]:
    """Of documents that fit alike the one whose bare figure stands in the text."""
    said = {number for one in case.mentions for number in one.numbers}
    return [number for number in fits if number in said] or fits


def _payer_asked(case: _Case) -> LineVerdict | None:
    """The payer is known, the amount fits nothing that they have open."""
    if not case.payers:
        return None
    open_ones = [number for client in sorted(case.payers) for number in case.open_of(client) if case.open[number] > 0]
    if open_ones:
        return case.ask("bank.part", open_ones)
    others = sorted(_all_of(case))
    foreign = [number for number in others if case.open[number] != 0]
    return case.ask("bank.other_currency", foreign) if foreign else case.ask("bank.nothing_open", others[-1:])


def _by_amount(case: _Case) -> LineVerdict | None:
    """Nobody knows who paid: documents with just this amount, if there are any."""
    fits = [n for n, sum_ in case.open.items() if sum_ == case.amount and case.same_currency([n])]
    return case.ask("bank.amount_only", fits) if fits else None


RULES: tuple[Rule, ...] = (
    _own, _outgoing, _typed, _other_currency, _exact, _less_credit, _wrong_owner, _unknown, _paid_already,
    _several_named, _little_short, _too_much, _part, _by_payer, _payer_asked, _by_amount,
    lambda case: case.ask("bank.none"),
)  # fmt: skip
