"""The decision on a row becomes the fields of a Name."""

from __future__ import annotations

from collections.abc import Sequence

from xlcrm.names.case import repair, repair_suffix, repair_title
from xlcrm.names.learnt import Learnt
from xlcrm.names.name import Name
from xlcrm.names.name_words import CAPS, INITIAL, MIXED, SMALL, Word
from xlcrm.names.order import Reading, best, split_at, weigh
from xlcrm.names.row import Row
from xlcrm.names.vocabulary import key_of, vocabulary

DOUBT = 1.0  # log odds: below, the second reading is worth showing
SURNAME_LIKE = -0.8


def compose_plain(units: Sequence[Word], learnt: Learnt, reading: Reading) -> Name:
    """The fields of a cell of three or more plain words."""
    given, family = reading.split(units)
    letters = learnt.profile.letters
    first, middle = (given[0].text, "") if len(given) == 1 else _first_and_middle(given, letters)
    last = family[0].text if len(family) == 1 else text_of(family)
    flags, shared = 0, -1
    for unit in units:
        flags |= unit.flags
        shared &= unit.flags
    if (flags & CAPS and not flags & MIXED) or shared & SMALL:
        first, middle, last = repair(first, letters), repair(middle, letters), repair(last, letters)
    if reading.margin >= DOUBT:
        return Name("person", "", first, middle, last)
    return Name("person", "", first, middle, last, sure=False, reason="name.order", other=_second(units, reading))


def compose(row: Row, learnt: Learnt, reading: Reading | None) -> Name:
    """The fields of a dissected row; `reading` is None where its order was not open."""
    if row.kind == "company":
        return Name("company", company=row.company, legal_form=row.legal_form, sure=not row.reason, reason=row.reason)
    letters = learnt.profile.letters
    given, family, other = decide(row, reading)
    reason = row.reason or ("name.order" if other else "")
    first, middle = _first_and_middle(given, letters)
    last = text_of(family)
    if row.partner is not None:
        first, last = _with_partner(row, row.partner, first, last, learnt)
    elif len(given) + len(family) == 1 and not row.title and not reason and row.kind == "person":
        if not (family and family[0].joined):
            reason, other = "name.one_word", described(last, first)
    elif not given and not family and not reason:
        reason = "name.no_name"
    title, suffix = row.title, row.suffix
    if row.one_case:
        first, middle, last = (repair(part, letters) for part in (first, middle, last))
        title = " ".join(repair_title(word) for word in title.split())
        suffix = " ".join(repair_suffix(word) for word in suffix.split())
    return Name(
        row.kind, title, first, middle, last, suffix, row.nickname, row.company, row.legal_form,
        not reason, reason, other, " ".join(row.remainder),
    )  # fmt: skip


def decide(row: Row, reading: Reading | None) -> tuple[Sequence[Word], Sequence[Word], str]:
    """Given units, family units, and the second reading as text where it is about as good."""
    if row.family is not None:
        given: Sequence[Word] = row.given or ()
        doubtful = row.reason == "name.order" and bool(given)
        return given, row.family, described(text_of(row.family), text_of(given)) if doubtful else ""
    if reading is not None:
        given, family = reading.split(row.units)
        return given, family, _second(row.units, reading) if reading.margin < DOUBT else ""
    return (*_one(row), "")


def _one(row: Row) -> tuple[Sequence[Word], Sequence[Word]]:
    """A single unit: a title makes it a family name ("Sig. Rossi"), some titles a given name ("Sir Edward")."""
    units: Sequence[Word] = row.units
    if not units:
        return (), ()
    last_title = row.title.split()[-1:] if row.title else []
    given_title = any(key_of(word) in vocabulary().words["given_title"] for word in last_title)
    if given_title or (not row.title and not units[0].joined and units[0].odds > 0):
        return units, ()
    return (), units


def _second(units: Sequence[Word], reading: Reading) -> str:
    given, family = split_at(units, *reading.other)
    return described(text_of(given), text_of(family))


def text_of(units: Sequence[Word]) -> str:
    return " ".join(unit.text for unit in units)


def described(first: str, last: str) -> str:
    return ", ".join(f"{which}: {name}" for which, name in (("first", first), ("last", last)) if name)


def _first_and_middle(given: Sequence[Word], letters: str) -> tuple[str, str]:
    """All but the first are middle names in English, family names among them in Norwegian, initials elsewhere."""
    if len(given) < 2:
        return text_of(given), ""
    cut = 1
    if letters[0] != "u" and not given[0].flags & INITIAL:
        norwegian = letters[0] == "n"
        while (
            cut < len(given) and not given[cut].flags & INITIAL and not (norwegian and given[cut].odds < SURNAME_LIKE)
        ):
            cut += 1
    return text_of(given[:cut]), text_of(given[cut:])


def _with_partner(row: Row, partner: Row, first: str, last: str, learnt: Learnt) -> tuple[str, str]:
    reading = None
    if partner.family is None and len(partner.units) > 1:
        reading = best(weigh(partner.units, [unit.odds for unit in partner.units], learnt), learnt.given_first)
    given, family, _ = decide(partner, reading)
    pair = (text_of(given), first) if row.partner_in_front else (first, text_of(given))
    first = f" {row.joiner} ".join(filter(None, pair))
    other_last = text_of(family)
    if other_last and key_of(other_last) != key_of(last):
        pair = (other_last, last) if row.partner_in_front else (last, other_last)
        last = f" {row.joiner} ".join(filter(None, pair))
    return first, last
