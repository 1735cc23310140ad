"""Sensitive text: card numbers, IBANs, passwords, identity numbers and health words that somebody wrote into a note.

A client file is passed around, so what opens an account or is nobody's business has no place in its free text. Numbers
are held against what their makers promise (Luhn and the issuers' ranges, the checks of IBANs and of identity numbers),
words against `data/privacy/sensitive_words.csv`. There `sure` words are found anywhere, `label` words where they are
said of a person ("is diabetic", "celiaca" alone) and not of an article ("diabetic chocolate"), `after` words only
behind such a cue ("hat Krebs", not "Krebs"), `alone` words where
they are all of a clause ("Depression, back in May"). Nothing here asks for a language: teams write notes in several.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from stdnum import iban as iban_number
from stdnum import luhn
from stdnum.ch import ssn as swiss
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.no import fodselsnummer
from stdnum.us import ssn

from xlcrm.text import fold_letters

NUMBERS = ("card", "iban", "password", "identity")  # they open something, or are one person's for life
SPECIAL = ("health", "religion", "union", "sexuality", "politics", "origin")  # special categories: GDPR article 9
KINDS = NUMBERS + SPECIAL
_MASK = "•••"


class Find(NamedTuple):
    """Something sensitive in a text: its kind (of `KINDS`), and so much of it that its writer knows it again."""

    kind: str
    masked: str


@cache
def _rows() -> tuple[dict[str, str], ...]:
    """The table of words, read once."""
    path = Path(__file__).resolve().parent.parent / "data" / "privacy" / "sensitive_words.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def _listed(kind: str, language: str = "any") -> list[str]:
    """The words of a kind, the longest first."""
    rows = [row for row in _rows() if row["kind"] == kind and row["language"] == language]
    return sorted((word for row in rows for word in row["words"].split("|")), key=len, reverse=True)


@cache
def _any_of(kind: str, language: str = "any") -> str:
    """The words of a kind as one pattern."""
    return "|".join(map(_pattern, _listed(kind, language)))


def _pattern(word: str) -> str:
    """A word of the table as a pattern: * any letters, # a number, [oa] one of these letters."""
    escaped = re.escape(word).replace(r"\*", r"[\w'-]*").replace(r"\#", r"\d+")
    return escaped.replace(r"\[", "[").replace(r"\]", "]").replace(r"\ ", r"\s+")


# Words of a person: what is looked for, and the letters that a text must hold for it to be worth looking.


class _Word(NamedTuple):
    """A word with its pattern, which is compiled when a text holds the letters: most of two thousand never are."""

    kind: str
    stem: str
    pattern: str

    def search(self, text: str) -> re.Match[str] | None:
        """Where a folded text holds the word."""
        return _compiled(self.pattern).search(text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_LINKS = (
    "e|y|og|and|et|und|da|desde|siden|since|depuis|seit|de|en|i|in|sous|al|all|pa|auf|mit|med|with|con|avec|nach|after|"
    "so|but|quindi|ma|pero|men|donc|mais|aber|daher|deshalb|derfor|bis|till|until|til|hasta|jusqu'a|jusqu'en|niente|keine"
)
_ENDS = rf"(?=\s*(?:$|[\n,;.:!?()/+]|\s(?:{_LINKS})\s|\s-))"
_STARTS = r"(?:^|[\n,;.:!?()/+]\s*|\s-\s+)"


@cache
def _words() -> tuple[_Word, ...]:
    """Every word of the table that says something of a person, with its pattern."""
    found = []
    for row in _rows():
        if row["kind"] in SPECIAL:
            cue = rf"(?:\b(?:{_any_of('cue', row['language'])})\s*(?<=[\s'])(?:{_WHEN})?(?:{_ADVERBS})?)"
            no = rf"(?!\s+(?:{_any_of('institution')})\b)"
            frame = {
                "sure": r"\b(%s)\b" + no,
                "after": cue + r"(%s)\b(?!-\w)" + no,
                "label": rf"(?:{_STARTS}|{cue})(%s)\b(?!-\w){no}{_ENDS}",
                "alone": rf"{_STARTS}(%s)(?=\s*(?:$|[\n,;.:!?)]|\s-\s))",
            }
            words = row["words"].split("|")
            found += [_Word(row["kind"], _stem(word), frame[row["how"]] % _pattern(word)) for word in words]
    return tuple(found)


def _stem(word: str) -> str:
    """The letters of a word that stand in every form of it."""
    return re.split(r"[\[*#]", word)[0].strip()


_WHEN = r"(?:im|in|i|nel|a|au|en)\s+[^\W\d]+\s+"  # "hatte im März einen Schlaganfall"
_ADVERBS = (
    r"einen\s+|eine\s+|ein\s+|et\s+|a\s+|en\s+|un\s+|una\s+|l'|"
    r"molto\s+|muy\s+|very\s+|tres\s+|sehr\s+|veldig\s+|anche\s+|auch\s+|also\s+|aussi\s+"
)


def _special(text: str, words: Iterable[_Word]) -> list[Find]:
    """Health and the other special categories, each once."""
    found = dict[str, Find]()
    for word in words:
        if word.kind not in found and (match := word.search(text)):
            found[word.kind] = Find(word.kind, match[1][:3] + _MASK)
    return list(found.values())


# Numbers. What was read as one thing is taken out of the text, so that it isn't read as another, too.

_CARD = re.compile(r"(?<![\d.,/-])\d(?:[\s.-]?\d){11,18}(?![\d]|[.,/-]\d)")
_ISSUERS = (  # length, pattern of the first digits, whether a word for it must stand nearby
    (16, r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|6011|64[4-9]|65|35(?:2[89]|[3-8])|62", False),
    (15, r"3[47]", False),
    (14, r"3(?:0[0-5]|[689])", True),
    (13, r"4", True),
    (19, r"4|62|6011|65", True),
    (0, r"5018|5020|5038|5893|6304|6759|676[1-3]|50|5[6-8]|6", True),  # Maestro, of any length
)


def _is_card(digits: str, *, named: bool) -> bool:
    """Whether an issuer gives such numbers and the check digit is right; some only where a word says "card"."""
    fits = any(
        (length in (0, len(digits))) and (named or not needs) and re.match(first, digits)
        for length, first, needs in _ISSUERS
    )
    return fits and len(set(digits)) > 1 and luhn.is_valid(digits)


@cache
def _near(kind: str, pattern: str = r"(?<!\w)(?:%s)(?!\w)") -> re.Pattern[str]:
    """A word of a kind."""
    return re.compile(pattern % _any_of(kind))


def _cards(text: str) -> Iterator[tuple[int, int, Find]]:
    """Card numbers; a long number behind "order", "parcel" and such is none."""
    named = bool(_near("card").search(text))
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        other = not named and _near("not_card").search(text[max(0, match.start() - 30) : match.start()])
        if not other and _is_card(digits, named=named):
            yield match.start(), match.end(), Find("card", f"{_MASK}{digits[-4:]}")


_IBAN = re.compile(r"(?<!\w)[a-z]{2}\d{2}(?:[\s-]?[a-z0-9]){11,30}")


def _ibans(text: str) -> Iterator[tuple[int, int, Find]]:
    """IBANs, grouped or not; words behind one are no part of it."""
    for match in _IBAN.finditer(text):
        places = [at for at in range(match.start(), match.end()) if text[at].isalnum()]
        for length in range(15, min(34, len(places)) + 1):
            number = "".join(text[at] for at in places[:length]).upper()
            if iban_number.is_valid(number, check_country=False):
                yield match.start(), places[length - 1] + 1, Find("iban", number[:2] + _MASK + number[-3:])
                break


def _is_affiliation(number: str) -> bool:
    """Whether twelve figures are a Spanish number of the Seguridad Social: the last two are the others modulo 97."""
    digits = re.sub(r"\D", "", number)
    return int(digits[:-2]) % 97 == int(digits[-2:])


_IDENTITIES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (r"[a-z]{6}[\dl-v]{2}[a-ehlmprst][\dl-v]{2}[a-z][\dl-v]{3}[a-z]", codicefiscale.is_valid),
    (r"\d{8}-?[a-z]", dni.is_valid),
    (r"[xyz]-?\d{7}-?[a-z]", nie.is_valid),
    (r"\d{6} ?\d{5}", lambda number: fodselsnummer.is_valid(number)),
    (r"[12] ?\d\d ?\d\d ?(?:\d\d|2[ab]) ?\d{3} ?\d{3} ?\d\d", nir.is_valid),
    (r"756\.?\d{4}\.?\d{4}\.?\d\d", swiss.is_valid),
    (r"\d{3}-\d\d-\d{4}", ssn.is_valid),
    (r"\d\d \d{3} \d{3} \d{3}", idnr.is_valid),
    (r"[a-ceghj-prstw-z][a-ceghj-nprstw-z] \d\d \d\d \d\d [a-d]", lambda number: True),
    (r"ni[ :]{1,2}[a-z]{2} ?\d\d ?\d\d ?\d\d ?[a-d]", lambda number: True),
    (r"(?:perso|pa)(?:-?nr|-?nummer)?[ .:]{1,3}[cfghj-nprtv-z][cfghj-nprtv-z\d]{8}\d?", lambda number: True),
    (r"rv-?(?:nr|nummer)[ .:]{1,3}\d{8} ?[a-z] ?\d{3}", lambda number: True),
    (r"n[au]?ss[ :.]{1,2}\d\d[ /-]?\d{8}[ /-]?\d\d", lambda number: _is_affiliation(number)),
)
_NUMBER = r"[a-z]{0,6}\d[\da-z]*(?:[ ./-][\da-z]*\d[\da-z]*|[ ][a-z](?![\w])|[ ][a-z](?= \d))*"


@cache
def _identity_pattern() -> re.Pattern[str]:
    """All forms of `_IDENTITIES` in one, each a group."""
    return re.compile(rf"(?<![\w./-])(?:{'|'.join(f'({form})' for form, _ in _IDENTITIES)})(?![\w]|[./-]\d)")


@cache
def _named_identity() -> re.Pattern[str]:
    """A word for an identity number, up to three words between, and something with digits."""
    cues, firms = _any_of("identity"), _any_of("not_identity")
    return re.compile(rf"(?<![\w.-])(?!{firms})(?:{cues})\b[\s.:=°#-]*(?:[^\W\d]+[\s.:=°#-]+){{0,4}}?({_NUMBER})(?!\w)")


def _identities(text: str) -> Iterator[tuple[int, int, Find]]:
    """Identity numbers that prove themselves; not behind "order", "part no" and such."""
    for match in _identity_pattern().finditer(text):
        other = _near("not_card").search(text[max(0, match.start() - 30) : match.start()])
        if not other and match.lastindex and _IDENTITIES[match.lastindex - 1][1](match[0].upper()):
            yield match.start(), match.end(), Find("identity", _MASK + match[0].upper()[-3:])


def _named_identities(text: str) -> Iterator[tuple[int, int, Find]]:
    """Numbers of five figures or more that a word calls an identity number."""
    for match in _named_identity().finditer(text):
        if sum(c.isdigit() for c in match[1]) >= 5:
            yield match.start(1), match.end(1), Find("identity", _MASK + match[1].upper()[-3:])


_WORDS = r"(?:\s+[^\W\d][\w'’]*)"
_FILL = r"(?:[^\W\d]+'?\s+){0,3}?"
_WITH_FIGURE = r"(?=[^\s,;]*(?:[\d#$@%&*+]|[!?]\w))(?=[^\s,;]*[^\W\d])[^\s,;()/]{4,}"  # letters with figures or signs


_WORD = r"(?:[^\W\d]{1,3}\.|[^\W\d][\w'’-]*)"
_CODE = r"(?=(?:[a-z]?\d){3})[\da-z]{4,6}[*#]?(?!\w|[/.,-]\d)"  # 4471, 1958b, 42b07
_GAP = r"[\s:=,(\"'-]+"


@cache
def _code_patterns() -> tuple[re.Pattern[str], ...]:
    """How people write down what opens a door, a box for keys or a network."""
    code, lock, box, door, wifi, key = (
        f"(?<!\\w)(?:{_any_of(kind)})(?!\\w)" for kind in ("code", "lock", "keybox", "door", "wifi", "wifi_key")
    )
    says, no, article = _any_of("says"), _any_of("password_not"), _any_of("article")
    sold = rf"(?!\W+(?:{article})\b)"
    number = rf"{_CODE}(?!\s?\d)(?!\s*(?:{_any_of('measure')})(?!\w))"
    words = rf"(?:{_GAP}(?!(?:{article})\b){_WORD})"
    plain = rf"(?!(?:{no})\b)[^\s,;()]{{6,}}(?=\s*(?:$|[\n,;.)]))"
    secret, said = rf"[\"'«“(]?(?:{_WITH_FIGURE}|{plain})", rf"\s*(?:[:=]|(?:{says})\s)\s*"
    return (
        re.compile(
            rf"(?:{code}|(?<!\w)cod\b)\.?(?:\s+{_WORD}){{0,3}}?\W+(?:{lock}|{box}){sold}{words}{{0,4}}?{_GAP}{number}"
        ),
        re.compile(rf"{code}(?:\s+{_WORD}){{0,3}}?[\s']+{door}{sold}{words}{{0,4}}?{_GAP}{number}"),
        re.compile(rf"(?:{lock}|{box}){sold}{words}{{0,4}}?\W+(?:{says}|{code}|av med){_GAP}{number}"),
        re.compile(rf"{lock}\s*[:=]\s*{number}"),
        re.compile(rf"{box}{sold}{words}{{0,4}}?{_GAP}(?!20[12]\d\b){number}"),
        re.compile(rf"{wifi}[^\n;]{{0,40}}?{key}(?:{said}{secret}|\s+{_WITH_FIGURE})"),
        re.compile(rf"{wifi}(?:\s+{_WORD}){{0,3}}?\s*[:=]\s*[^\s/]+\s*/\s*(?!\d){_WITH_FIGURE}"),
        re.compile(rf"{key}\s+(?:{_WORD}\s+){{0,2}}?{wifi}{said}{secret}"),
    )


@cache
def _password_patterns() -> tuple[re.Pattern[str], ...]:
    """How people write down a password, a login or a PIN."""
    word = rf"(?<!\w)(?<!\w-)(?:{_any_of('password')})(?!\w)"
    says, no, end = _any_of("says"), _any_of("password_not"), r"(?=\s*(?:$|[,;.)/]))"
    return (
        re.compile(rf"{word}(?:{_WORDS}{{0,5}}?\s*[:=]|{_WORDS}{{0,3}}?\s+-)\s*(?!(?:{no})\b)[^\s,;]{{3,}}{end}"),
        re.compile(rf"{word}\s*[:=]?\s*{_FILL}(?:(?:{says})\s+)?{_WITH_FIGURE}"),
        re.compile(rf"(?<!\w)(?:{_any_of('login')})(?:\s+[^\W\d]+){{0,3}}?\W+[^\s/]+\s*/\s*{_WITH_FIGURE}"),
        re.compile(rf"(?<!\w)(?:{_any_of('logs_in')})\s+(?:[^\W\d][\w'’]*,?\s+){{0,6}}?\(?{_WITH_FIGURE}"),
        re.compile(
            rf"(?<!\w)(?:{_any_of('pin')})(?!\w)\s*[:=]?\s*(?:[^\W\d][\w'’]*\s+){{0,4}}?[:=]?\s*\d{{4,5}}(?![\d/.-])"
        ),
        re.compile(rf"(?<!\w)(?:{_any_of('passcode')})(?!\w)\s*[:=]?\s*(?:(?:{says})\s+)?\d{{4,8}}(?!\d)"),
        re.compile(rf"(?<!\S){_WITH_FIGURE}\s*(?:\((?:{_any_of('password')})\)|(?:{_any_of('as')})\s+{word})"),
        re.compile(rf"(?<!\S)\d{{4,8}}\s*\((?:{_any_of('pin')})\)"),
        *_code_patterns(),
    )


def _passwords(text: str) -> list[Find]:
    """The first password; nothing of it is shown."""
    text = re.sub(rf"\b(?:{_any_of('not_password')})\s+clave", " ", text)
    return [Find("password", _MASK)] if any(pattern.search(text) for pattern in _password_patterns()) else []


# A long column is searched as one text for what all finds have in common: four figures, or the letters of a word.

_FIGURES = re.compile(r"\d(?:[ ./-]?[a-z]?\d){3}")
_BETWEEN = "\n"
_SHORT = 5
_BEGINNINGS = re.compile(r"\b\w{2,5}")
_LETTERS = re.compile(r"[^\W\d_]+")
_NAMED = _Word("identity", "", "")
_SECRET = _Word("password", "", "")


@cache
def _stems() -> dict[str, list[_Word]]:
    """Letters of which a text must hold some, with what they may be the beginning of."""
    found = defaultdict[str, list[_Word]](list)
    for word in _words():
        found[word.stem].append(word)
    for kind, mark in (
        ("password", _SECRET),
        ("login", _SECRET),
        ("logs_in", _SECRET),
        ("pin", _SECRET),
        ("passcode", _SECRET),
        ("lock", _SECRET),
        ("keybox", _SECRET),
        ("door", _SECRET),
        ("wifi", _SECRET),
    ):
        for text in _listed(kind):
            found[_stem(text)].append(mark)
    for text in _listed("identity"):
        found[_stem(text)].append(_NAMED)
    return found


def finds_in(texts: Sequence[str]) -> dict[int, list[Find]]:
    """Positions of the texts (as somebody typed them) that hold something sensitive, with what: each kind of word once,
    every number. Most texts hold nothing and cost hardly anything."""
    folded = [_folded(text) for text in texts]
    whole = _BETWEEN.join(folded)
    starts = np.cumsum([0, *(len(one) + 1 for one in folded)])[:-1]
    figures = set(_texts_at([match.start() for match in _FIGURES.finditer(whole)], starts))
    words = _words_in(whole, starts)
    found = {at: _found(folded[at], words.get(at, []), numbers=at in figures) for at in sorted(figures | set(words))}
    return {at: what for at, what in found.items() if what}


def _words_in(whole: str, starts: np.ndarray[Any, Any]) -> dict[int, list[_Word]]:
    """The words that texts may hold, by the position of the text: only those whose letters stand somewhere are looked
    for."""
    words = defaultdict[int, list[_Word]](list)
    there = "\n".join({match[0] for match in _LETTERS.finditer(whole)})
    for stem in _stems():
        if not _is_short(stem) and all(letters in there for letters in _letters(stem)):
            for text in dict.fromkeys(_texts_at(list(_places(whole, stem)), starts)):
                words[text] += _stems()[stem]
    for text, beginning in _beginnings(whole, starts):
        words[text] += [word for stem in _short_stems(beginning) for word in _stems()[stem]]
    return words


def _beginnings(whole: str, starts: np.ndarray[Any, Any]) -> Iterator[tuple[int, str]]:
    """The beginnings of words that may be short stems, each with the position of its text."""
    distinct = {match[0] for match in _BEGINNINGS.finditer(whole)}
    wanted = {beginning for beginning in distinct if _short_stems(beginning)}
    found = [match for match in _BEGINNINGS.finditer(whole) if match[0] in wanted] if wanted else []
    return zip(_texts_at([match.start() for match in found], starts), (match[0] for match in found), strict=True)


def _folded(text: str) -> str:
    """A text with plain letters; its lines stay lines, for each may be a clause of its own."""
    return "\n".join(map(fold_letters, text.splitlines())) if "\n" in text else fold_letters(text)


def _is_short(stem: str) -> bool:
    """Whether letters are so few that they stand within many words: then only beginnings of words count."""
    return len(stem) <= _SHORT and stem.isalnum()


@cache
def _letters(stem: str) -> list[str]:
    """The letters of a stem without what stands between them: a text without some of them has not the stem, either."""
    return _LETTERS.findall(stem)


@cache
def _short_stems(beginning: str) -> tuple[str, ...]:
    """The short stems that a word with this beginning may be."""
    stems = (beginning[:n] for n in range(2, len(beginning) + 1))
    return tuple(stem for stem in stems if stem in _stems() and _is_short(stem))


def _places(whole: str, stem: str) -> Iterator[int]:
    """Where letters stand in a text."""
    place = whole.find(stem)
    while place >= 0:
        yield place
        place = whole.find(stem, place + 1)


def _texts_at(places: Sequence[int], starts: np.ndarray[Any, Any]) -> list[int]:
    """The texts that places of the whole are in; `starts` is where each begins."""
    return [] if not places else (np.searchsorted(starts, places, side="right") - 1).tolist()


def _found(text: str, words: list[_Word], *, numbers: bool) -> list[Find]:
    """What one folded text holds. What was read as one number is blanked, so that it is not read as another, too."""
    found: list[Find] = []
    named = (_named_identities,) if _NAMED in words else ()
    for look in (_ibans, _cards, _identities, *named) if numbers else ():
        for start, end, find in list(look(text)):
            found.append(find)
            text = text[:start] + " " * (end - start) + text[end:]
    secret = _passwords(text) if _SECRET in words else []
    return [*found, *secret, *_special(text, (word for word in words if word.kind in SPECIAL))]


def at_home(header: str) -> frozenset[str]:
    """The kinds that a column of this header is for: an IBAN under "IBAN", a tax number under "Codice fiscale"."""
    folded = fold_letters(header).strip(" :.")
    return frozenset(kind for kind in NUMBERS if folded in {w.strip(".") for w in _listed(f"column_{kind}")})
