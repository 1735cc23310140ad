"""Normalisation of client fields for comparison: one function a kind of field, from a typed cell to its key.

What people see as the same must be equal as text before anything is measured: "+39 055 123" and "055123",
"Via Roma 1" and "V. Roma", "Rossi & F.lli S.n.c." and "rossi fratelli". Each function takes folded-out noise only;
none corrects a value, since a wrong correction would join two clients.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from xlcrm.doubles.word_forms import forms, legal_forms, phrases, plain
from xlcrm.fields import date, email, tax_id

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
