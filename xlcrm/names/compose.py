"""The decision on a row, with everything its list has taught, becomes the fields of a Name."""

from __future__ import annotations

from collections.abc import Sequence

from xlcrm.names.case import repair, repair_suffix
from xlcrm.names.name import Name
from xlcrm.names.order import CERTAIN, Learnt, best_two, readings
from xlcrm.names.row import Row
from xlcrm.names.units import Unit
from xlcrm.names.vocabulary import key_of, vocabulary
from xlcrm.names.words import INITIAL

DOUBT = 1.0  # log odds: below, the second reading is worth showing
SURNAME_LIKE = -0.8


def compose(row: Row, learnt: Learnt) -> Name:
    """The fields of a dissected row."""
    if row.kind == "company":
        return Name("company", company=row.company, legal_form=row.legal_form, sure=not row.reason, reason=row.reason)
    letters = learnt.profile.letters
    given, family, other = decide(row, learnt)
    reason = row.reason or ("name.order" if other else "")
    first, middle = _first_and_middle(given, letters)
    last = text_of(family)
    if row.partner is not None:
        first, last = _with_partner(row, first, last, learnt)
    if len(given) + len(family) == 1 and not row.title and not row.reason and row.kind == "person":
        reason = "name.one_word"
        other = _described(last, first)
    elif not given and not family and not reason:
        reason = "name.no_name"
    title, suffix = row.title, row.suffix
    if row.one_case:
        first, middle, last = (repair(part, letters) for part in (first, middle, last))
        title = " ".join(
            word if word.lower() in ("&", "e", "y", "og", "und", "et", "and") else word.capitalize()
            for word in title.split()
        )
        suffix = " ".join(repair_suffix(part) for part in suffix.split())
    return Name(
        row.kind, title, first, middle, last, suffix, row.nickname, row.company, row.legal_form,
        not reason, reason, other, " ".join(row.remainder),
    )  # fmt: skip


def decide(row: Row, learnt: Learnt) -> tuple[Sequence[Unit], Sequence[Unit], str]:
    """Given units, family units, and the second reading as text where it is about as good."""
    if row.family is not None:
        other = ""
        if row.reason == "name.order" and row.given is not None:
            other = _described(text_of(row.family), text_of(row.given))
        return row.given or (), row.family, other
    units = row.units
    if len(units) < 2:
        return _one(row)
    own = [unit.odds for unit in units]
    found = readings(units, own, learnt)
    if learnt.words:
        best, _, margin = best_two(found, learnt.given_first)
        if margin < 2 * CERTAIN or margin < 6.0:
            noted = margin > CERTAIN
            sides = _sides(best, len(units)) if noted else [0] * len(units)
            odds = [learnt.odds(unit, side) for unit, side in zip(units, sides, strict=True)]
            if odds != own:
                found = readings(units, odds, learnt)
    best, second, margin = best_two(found, learnt.given_first)
    given, family = _cut(units, best.given, best.given_first)
    other = ""
    if second is not None and margin < DOUBT:
        a, b = _cut(units, second.given, second.given_first)
        other = _described(text_of(a), text_of(b))
    return given, family, other


def _sides(best: object, size: int) -> list[int]:
    k, first = best.given, best.given_first  # type: ignore[attr-defined]
    return [1] * k + [-1] * (size - k) if first else [-1] * (size - k) + [1] * k


def _one(row: Row) -> tuple[Sequence[Unit], Sequence[Unit], str]:
    units = row.units
    if not units:
        return (), (), ""
    given_title = row.title and any(
        key_of(word) in vocabulary().words["given_title"] for word in row.title.split()[-1:]
    )
    if units[0].joined or row.title and not given_title:
        return (), units, ""
    if given_title or units[0].odds > 0:
        return units, (), ""
    return (), units, ""


def _cut(units: Sequence[Unit], k: int, given_first: bool) -> tuple[Sequence[Unit], Sequence[Unit]]:
    return (units[:k], units[k:]) if given_first else (units[-k:], units[:-k])


def text_of(units: Sequence[Unit]) -> str:
    return " ".join(unit.text for unit in units)


def _described(first: str, last: str) -> str:
    return f"first: {first}, last: {last}"


def _first_and_middle(given: Sequence[Unit], letters: str) -> tuple[str, str]:
    """English speakers call all but the first given name middle names; Norwegians the family names among them; others only initials."""
    if len(given) < 2:
        return text_of(given), ""
    cut = 1
    if not letters.startswith("u"):
        while (
            cut < len(given)
            and not given[cut].flags & INITIAL
            and not (letters.startswith("n") and given[cut].odds < SURNAME_LIKE)
        ):
            cut += 1
        if given[0].flags & INITIAL:
            cut = 1
    return text_of(given[:cut]), text_of(given[cut:])


def _with_partner(row: Row, first: str, last: str, learnt: Learnt) -> tuple[str, str]:
    partner = row.partner
    assert partner is not None
    given, family, _ = decide(partner, learnt)
    other_first, other_last = text_of(given), text_of(family)
    pair = (other_first, first) if row.partner_in_front else (first, other_first)
    first = f" {row.joiner} ".join(filter(None, pair))
    if other_last and key_of(other_last) != key_of(last):
        pair = (other_last, last) if row.partner_in_front else (last, other_last)
        last = f" {row.joiner} ".join(filter(None, pair))
    return first, last
