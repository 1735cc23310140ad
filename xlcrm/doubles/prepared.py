"""Prepared client rows as integer codes, a column a field: the form in which rows are blocked and compared.

Each column is normalised once per distinct value and sorted into codes, and the rows themselves are put in an order
that depends on what they hold alone, so that the same clients give the same result whatever order they come in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xlcrm.doubles.word_forms import forms, is_given_name, legal_forms, phrases, plain, rows_of
from xlcrm.fields import date, email, tax_id
from xlcrm.values import as_text

# Folding (normalisation) of client fields for comparison: one function a kind of field, from a typed cell to its key.

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_EXTENSION = re.compile(r"(?i)[\s,;/]*(?:ext|extn|x|int|poste|app|dw|#)\.?\s*\d+\s*$")
_NUMBER_FIRST = re.compile(r"(\d+\s?[a-z]?)\s+(?=\S*[^\W\d])(.+)")
_NUMBER_LAST = re.compile(r"(.*[^\W\d].*?)\s+(\d+(?:\s?[a-z]|\s?bis|\s?ter)?)")
_SINGLE = re.compile(r"\b(\w) (?=\w\b)")
# Countries where a national number keeps its first 0 lose it here too: both spellings must meet.
_CALLING = re.compile(
    r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2[1-689]\d|3[578]\d|42\d|5[09]\d|6[7-9]\d|8[5-8]\d"
    r"|96\d|97\d|99\d)"
)
_LEAST_PHONE = 5


def birth_date(text: str, country: str) -> str:
    """Eight figures, year first; what is no day keeps its figures."""
    match = _ISO.match(text)
    if match:
        return "".join(match.groups())
    try:
        return date.validate(text, country).strftime("%Y%m%d")
    except ValueError:
        return re.sub(r"\D", "", text)


def number(text: str, country: str) -> str:
    """A tax number without signs and without the prefix of its own country."""
    found = tax_id.compact(text)
    return re.sub(r"^[A-Z]{2}(?=\d{6})", "", re.sub(r"[^0-9A-Z]", "", found)).lower()


def mail(text: str, country: str) -> str:
    """An address in small letters; text without an @ is kept as it is."""
    return email.compact(text).casefold().strip()


def phone(text: str, country: str) -> str:
    """The significant figures of a number: no country code, no leading zeros, no extension."""
    bare = _EXTENSION.sub("", text).strip()
    digits = re.sub(r"\D", "", bare)
    abroad = bare.startswith("+") or digits.startswith("00")
    digits = digits.lstrip("0")
    code = _CALLING.match(digits) if abroad else None
    digits = digits[code.end() :].lstrip("0") if code else digits
    return digits if len(digits) >= _LEAST_PHONE else ""


def postal_code(text: str, country: str) -> str:
    """Letters and figures without spaces."""
    return re.sub(r"[^\w]", "", text.casefold())


def words(text: str, country: str) -> str:
    """Plain words."""
    return plain(text)


def name(text: str, country: str) -> str:
    """Plain words, initials apart."""
    return plain(text)


def house_number(text: str, country: str) -> str:
    """ "12 / A" -> "12a"."""
    return re.sub(r"[^\w]", "", text.casefold())


def street(text: str, country: str) -> str:
    """Plain words, each street word in one form, also where it is glued to a name (Seestr.)."""
    known = forms("street")
    text = phrases("street").sub(lambda match: known[match[0]], plain(text))
    return " ".join(known.get(word) or _unglued(word) for word in text.split())


def _unglued(word: str) -> str:
    for ending, form in forms("glued").items():
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return word[: len(word) - len(ending)] + form
    return word


def street_and_number(text: str) -> tuple[str, str]:
    """A folded street and the house number that stands before or after it: "12 st james" -> ("st james", "12")."""
    match = _NUMBER_FIRST.fullmatch(text)
    if match:
        return match[2], match[1].replace(" ", "")
    match = _NUMBER_LAST.fullmatch(text)
    return (match[1], match[2].replace(" ", "")) if match else (text, "")


def company(text: str, country: str) -> str:
    """Plain words without legal form and little words, abbreviations written out; never blank where text is not."""
    tokens = _without_legal_form(plain(text.replace(".", "").replace("/", " ") if "." in text else text).split())
    known = forms("company")
    line = phrases("company").sub(lambda match: known[match[0]], " ".join(tokens))
    kept = [known.get(word, word) for word in line.split()]
    return " ".join(word for word in kept if word) or " ".join(tokens)


def _without_legal_form(tokens: list[str]) -> list[str]:
    everything, sure = legal_forms()
    kept = tokens
    for size in (5, 4, 3, 2, 1):
        if len(kept) > size and "".join(kept[-size:]) in everything:
            kept = kept[:-size]
    bare = [word for word in kept if word not in sure]
    return bare or kept or tokens


def branch(folded: str) -> tuple[str, str]:
    """A folded company cut before a word for a branch: "odoli filiale tricesimo" -> ("odoli", "tricesimo")."""
    tokens = folded.split()
    at = next((n for n, word in enumerate(tokens) if n and word in forms("branch")), 0)
    return (" ".join(tokens[:at]), " ".join(tokens[at + 1 :]) or "-") if at else (folded, "")


FOLDERS: dict[str, Callable[[str, str], str]] = {
    "given": name,
    "family": name,
    "middle": name,
    "company": company,
    "date": birth_date,
    "number": number,
    "email": mail,
    "line": phone,
    "mobile": phone,
    "street": street,
    "house": house_number,
    "postcode": postal_code,
    "text": words,
    "choice": words,
    "gender": words,
}


Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
BLANK = -1
PERSON, FIRM = 1, 2
MAIL_NAME, MAIL_NUMBERED = 1, 2
KINDS = {row["field"]: row["kind"] for row in rows_of("compared_fields")}
GROUPS = {row["field"]: row["group"] for row in rows_of("compared_fields")}
_PERSON_WORDS = frozenset({"person", "private", "privato", "particular", "privat", "particulier"})
_FIRM_WORDS = frozenset({"company", "azienda", "empresa", "firma", "entreprise", "firm", "business"})


def ascending(numbers: Ints) -> Ints:
    """Each number once, in ascending order; sorting beats numpy's hashing `unique` by far on millions of numbers."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


@dataclass(frozen=True)
class Coded:
    """A column as codes into its sorted distinct values; -1 where blank."""

    codes: Ints
    values: list[str]

    @property
    def filled(self) -> Mask:
        there: Mask = self.codes != BLANK
        return there

    def texts(self) -> npt.NDArray[np.object_]:
        """The value of each row, "" where blank."""
        return np.array([*self.values, ""], dtype=object)[self.codes]

    def map(self, function: Callable[[str], str]) -> Coded:
        """The column of what `function` makes of each distinct value."""
        mapped = coded(map(function, self.values))
        return Coded(np.append(mapped.codes, BLANK)[self.codes], mapped.values)


def coded(texts: Iterable[str]) -> Coded:
    """A column of texts as codes in the order of the texts, so that codes do not depend on the order of rows."""
    array = np.asarray(list(texts), dtype=object)
    found, values = pd.factorize(array, sort=True)
    if len(values) and values[0] == "":
        return Coded(found.astype(np.int64) - 1, list(values[1:]))
    return Coded(found.astype(np.int64), list(values))


@dataclass(frozen=True)
class Prepared:
    """`fields` by name, all filled somewhere; `entity` 0, PERSON or FIRM; masks and keys that are made of a row.

    order          position in the given frame of each row here
    by_company     the person's name was read out of the company cell
    branch         what stands after a word for a branch in the company cell
    mail_of_name   MAIL_NAME where the e-mail's local part is the row's own name and nothing else, MAIL_NUMBERED where
                   it is the name and figures, else 0
    """

    order: Ints
    fields: dict[str, Coded]
    entity: Ints
    by_company: Mask
    branch: Coded
    mail_of_name: Ints
    side: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.order)

    def column(self, name: str) -> Coded:
        """A field, blank in every row where the clients have no such column."""
        return self.fields.get(name) or Coded(np.full(len(self), BLANK, np.int64), [])


def prepare(clients: pd.DataFrame, labels: list[str], country: str, side: Ints | None = None) -> Prepared:
    """The rows of `clients` in canonical order; `labels` tell rows apart that hold the same.

    Columns read: those of `KINDS`; full_name where first and last name are blank, address where street is, and kind.
    `side` (0 or 1 a row) marks two lists to be linked.
    """
    text = {name: as_text(clients[name]).to_numpy(object) for name in columns_read(clients)}
    countries = _countries(clients, country)
    by_company = _fill_names(text, countries)
    _fill_streets(text, countries)
    found = {name: _folded(text[name], KINDS[name], country) for name in KINDS if name in text}
    branch = _cut_branches(found, len(clients))
    fields = {name: column for name, column in found.items() if column.values}
    entity = np.where(by_company, 0, _entities(text, fields, len(clients)))
    order = _canonical([*fields.values(), coded(labels)])
    made = _mail_of_name(fields, len(clients))
    return Prepared(
        order,
        {name: Coded(column.codes[order], column.values) for name, column in fields.items()},
        entity[order],
        by_company[order],
        Coded(branch.codes[order], branch.values),
        made[order],
        side[order] if side is not None else np.zeros(0, np.int64),
    )


def columns_read(clients: pd.DataFrame) -> list[str]:
    """The columns that all of this is about, as text; no other one makes a difference."""
    wanted = dict.fromkeys([*KINDS, "full_name", "address", "kind", "country"])
    return [name for name in wanted if name in clients.columns]


def _folded(texts: npt.NDArray[Any], kind: str, country: str) -> Coded:
    fold = FOLDERS[kind]
    codes, values = pd.factorize(texts)
    keys = coded(fold(value, country) if value.strip() else "" for value in values)
    return Coded(keys.codes[codes], keys.values)


def _canonical(columns: list[Coded]) -> Ints:
    """An order of the rows by what they hold: names first, so that neighbours in it are alike."""
    return np.lexsort([column.codes for column in reversed(columns)]).astype(np.int64)


def _countries(clients: pd.DataFrame, country: str) -> npt.NDArray[Any]:
    """The country of each row as a code; `country` where the row names none."""
    if "country" not in clients.columns:
        return np.full(len(clients), country, dtype=object)
    from xlcrm.addresses import country_code

    codes, values = pd.factorize(as_text(clients["country"]).to_numpy(object))
    return np.array([country_code(value) or country for value in values], dtype=object)[codes]


def _fill_names(text: dict[str, npt.NDArray[Any]], countries: npt.NDArray[Any]) -> Mask:
    """Splits full names where no part is given, and reads persons out of company cells; True where it did the latter.

    A person in the company cell is looked for only in lists that hold persons, and only where a word is a given name.
    """
    from xlcrm.names import split_names

    rows = len(countries)
    _ensure(text, ("first_name", "middle_name", "last_name", "company", "full_name"), rows)
    lone = (text["first_name"] == "") & (text["last_name"] == "")
    whole = np.flatnonzero(lone & (text["full_name"] != ""))
    if len(whole):
        split = split_names(pd.Series(text["full_name"][whole], dtype="str"), country=pd.Series(countries[whole]))
        _put(text, whole, split, (split["kind"] == "company").to_numpy(bool))
    persons = (text["first_name"] != "") & (text["last_name"] != "")
    by_company = np.zeros(rows, bool)
    unnamed = np.flatnonzero((text["first_name"] == "") & (text["last_name"] == "") & (text["company"] != ""))
    maybe = unnamed[[_may_be_person(value) for value in text["company"][unnamed]]] if persons.any() else unnamed[:0]
    if len(maybe):
        split = split_names(pd.Series(text["company"][maybe], dtype="str"), country=pd.Series(countries[maybe]))
        is_person = ((split["kind"] == "person") & (split["last_name"] != "")).to_numpy(bool)
        _put(text, maybe[is_person], split[is_person], np.zeros(int(is_person.sum()), bool))
        by_company[maybe[is_person]] = True
    return by_company


def _put(text: dict[str, npt.NDArray[Any]], at: Ints, split: pd.DataFrame, is_firm: Mask) -> None:
    """Writes the parts of split names into the rows `at`; a firm's full name goes to the company cell."""
    firm_at = at[is_firm & (text["company"][at] == "")]
    text["company"][firm_at] = text["full_name"][firm_at]
    for name in ("first_name", "middle_name", "last_name"):
        values = split[name].to_numpy(object)
        text[name][at[~is_firm]] = values[~is_firm]


def _may_be_person(company: str) -> bool:
    tokens = plain(company).split()
    return 2 <= len(tokens) <= 4 and not any(c.isdigit() for c in company) and any(map(is_given_name, tokens))


def _ensure(text: dict[str, npt.NDArray[Any]], names: tuple[str, ...], rows: int) -> None:
    """Columns that may be written to, blank where there is none."""
    for name in names:
        text[name] = text[name].copy() if name in text else np.full(rows, "", dtype=object)


def _fill_streets(text: dict[str, npt.NDArray[Any]], countries: npt.NDArray[Any]) -> None:
    """Splits addresses where no street is given, and folds numbers that stand inside the street."""
    parts = ("street", "house_number", "unit", "postal_code", "city")
    _ensure(text, (*parts, "address"), len(countries))
    at = np.flatnonzero((text["street"] == "") & (text["address"] != ""))
    if len(at):
        from xlcrm.addresses import split_addresses

        asked = pd.DataFrame({"address": text["address"][at], "country": countries[at]})
        place = asked.groupby(["address", "country"], sort=False).ngroup().to_numpy()
        once = asked.drop_duplicates().reset_index(drop=True)
        split = split_addresses(once["address"].astype("str"), country=once["country"])
        for name in parts:
            found = split[name].to_numpy(object)[place]
            text[name][at] = np.where(text[name][at] == "", found, text[name][at])
    _take_numbers_out(text)


def _take_numbers_out(text: dict[str, npt.NDArray[Any]]) -> None:
    codes, values = pd.factorize(text["street"])
    folded = [street(value, "") for value in values]
    cut = [street_and_number(value) for value in folded]
    number = np.array([number for _, number in cut], dtype=object)[codes]
    lone = (text["house_number"] == "") & (number != "")
    whole, short = np.array(folded, dtype=object)[codes], np.array([alone for alone, _ in cut], dtype=object)[codes]
    text["street"] = np.where(lone, short, whole)
    text["house_number"] = np.where(lone, number, text["house_number"])


def _cut_branches(found: dict[str, Coded], rows: int) -> Coded:
    company = found.get("company")
    if company is None:
        return Coded(np.full(rows, BLANK, np.int64), [])
    named = company.map(lambda value: branch(value)[1])
    found["company"] = company.map(lambda value: branch(value)[0])
    return named


def _entities(text: dict[str, npt.NDArray[Any]], fields: dict[str, Coded], rows: int) -> Ints:
    """PERSON where a person is named, FIRM where only a firm is; the column kind wins where it says so."""
    named = np.zeros(rows, bool)
    for name in ("first_name", "last_name"):
        if name in fields:
            named |= fields[name].filled
    firm = fields["company"].filled & ~named if "company" in fields else np.zeros(rows, bool)
    entity = np.where(named, PERSON, np.where(firm, FIRM, 0)).astype(np.int64)
    if "kind" in text:
        kind = pd.Series(text["kind"]).str.strip().str.casefold()
        entity[kind.isin(_FIRM_WORDS).to_numpy(bool) & ~named] = FIRM
        entity[kind.isin(_PERSON_WORDS).to_numpy(bool) & (entity == 0)] = PERSON
    return entity


def _mail_of_name(fields: dict[str, Coded], rows: int) -> Ints:
    """Whether an e-mail says nothing beyond the name: anna.bianchi@, a.bianchi@, bianchi@; or a number: anna61@."""
    if "email" not in fields or "last_name" not in fields:
        return np.zeros(rows, np.int64)
    blank = Coded(np.full(rows, BLANK, np.int64), [])
    columns = (fields["email"], fields.get("first_name", blank), fields["last_name"])
    texts = zip(*(column.texts() for column in columns), strict=True)
    return np.fromiter((_name_in_mail(*row) for row in texts), np.int64, rows)


def _name_in_mail(mail: str, first: str, last: str) -> int:
    """What is left of the local part when the name's words are taken out: signs and one initial at most, or figures."""
    rest = plain(mail.split("@")[0]).replace(" ", "")
    if not rest or not last:
        return 0
    for word in _words_of(first, last):
        rest = rest.replace(word, "", 1) if len(word) > 2 else rest
    bare = rest.rstrip("0123456789")
    return 0 if bare not in ("", first[:1]) else MAIL_NAME if bare == rest else MAIL_NUMBERED


def _words_of(first: str, last: str) -> list[str]:
    """The names and their words, the longest first."""
    parts = {first, last}
    if " " in first or " " in last:
        parts = {last.replace(" ", ""), first.replace(" ", ""), *last.split(), *first.split()}
    return sorted(sorted(parts), key=len, reverse=True)
