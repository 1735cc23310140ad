"""One cell of names: brackets and a company are set aside before the person's name itself is read."""

from __future__ import annotations

import re

from xlcrm.names import company, couple
from xlcrm.names.affixes import are_all_suffixes
from xlcrm.names.case import is_one_case
from xlcrm.names.company import company_beside, is_person, remark_behind
from xlcrm.names.name import NameRow
from xlcrm.names.name_parts import units_of
from xlcrm.names.name_text import is_east_asian
from xlcrm.names.name_words import (
    ASIDE,
    CAPS,
    HINT,
    INITIAL,
    MIXED,
    PARTICLE,
    SMALL,
    SPECIAL,
    NameWords,
    Word,
    flags_of,
    is_initials,
)
from xlcrm.names.person import fix_by_capitals, read_person
from xlcrm.names.vocabulary import key_of, vocabulary
from xlcrm.text import squeeze

LONGEST = 300  # characters; longer text is not a name and is kept as it is
SURE = 1.2  # log odds
_LINE_BREAK = re.compile(r"\s*[\r\n]+\s*")
_GLUED_COMMA = re.compile(r",(?=[^\W\d])")
_SPACED_HYPHEN = re.compile(r"(?<=[^\W\d_]) [-–] (?=[^\W\d_])")
_MARKS = frozenset("([\"“„«»'‘")
_BRACKETS = re.compile(
    r"\(([^()]*)\)|\[([^\[\]]*)\]|\"([^\"]*)\"|“([^“”]*)”|„([^„“”]*)[“”]|«([^«»]*)»|»([^«»]*)«|''([^']+)''"
    r"|(?<=\s)['‘]([^'‘’]+)['’](?=\s|$)"
)


def dissect(raw: str, words: NameWords) -> NameRow | list[Word]:
    """Takes a cell apart. A cell of ordinary words and particles comes back as its units; the others as a Row."""
    if len(raw) > LONGEST:
        text = squeeze(raw)
        return NameRow(kind="person" if text else "", remainder=[text], reason="name.too_long")
    found = [words[part] for part in raw.split()]
    flags = flags_of(found)
    if flags & SPECIAL or len(found) < 2 or found[-1].flags & found[-2].flags & INITIAL:
        return _dissect_special(raw, words)
    if len(found) > 2 and (found[0].flags ^ found[-1].flags) & SMALL:
        return _dissect_special(raw, words)
    two_cases = flags & CAPS and flags & MIXED
    if not flags & PARTICLE:
        return _by_capitals(found) if two_cases else found
    if two_cases:
        return _dissect_special(raw, words)
    units = units_of(found, words.letters)
    return units if len(units) > 1 else _dissect_special(raw, words)


def _by_capitals(found: list[Word]) -> NameRow:
    row = NameRow(units=found)
    fix_by_capitals(row)
    return row


def _dissect_special(raw: str, words: NameWords) -> NameRow:
    text = squeeze(_LINE_BREAK.sub(" | ", raw.strip()) if "\n" in raw or "\r" in raw else raw)
    if not text:
        return NameRow(kind="")
    if "," in text:
        text = _GLUED_COMMA.sub(", ", text)
    bare, inside = _take_brackets(text)
    if "." in bare:
        bare = " ".join(_unglued(part) for part in bare.split())
    whole = words.of(bare)
    hinted = len(whole) < 2 or flags_of(whole) & (HINT | ASIDE) or whole[-1].flags & whole[-2].flags & INITIAL
    verdict = company.odds(whole, bare) if hinted else company.START
    beside = company_beside(bare, words) if hinted else None
    remark = (
        remark_behind(bare, words)
        if hinted and beside is None and (verdict <= SURE or is_east_asian(bare[0]))
        else None
    )
    if remark is not None:
        row = read_person(remark[0], words)
        row.remainder.append(remark[1])
        row.reason = row.reason or "name.rest"
    elif beside is not None:
        row = read_person(beside[0], words)
        row.company, row.legal_form = beside[1], company.legal_form(words.of(beside[1]))
    elif verdict > SURE and (name := next((c for c, _ in inside if is_person(c, words)), "")):
        row = read_person(name, words)  # "Bianchi Srl (Anna Bianchi)"
        row.company, row.legal_form = bare, company.legal_form(whole)
        inside = [each for each in inside if each[0] != name]
    elif verdict > 0 and not couple.is_couple(whole):
        form, doubt = company.legal_form(whole), "" if verdict > SURE else "name.kind"
        return NameRow(kind="company", company=text, legal_form=form, reason=doubt)
    else:
        row = read_person(_SPACED_HYPHEN.sub("-", bare), words)
        if -SURE < verdict <= 0 and row.family is None:
            row.reason = row.reason or "name.kind"
    row.one_case = is_one_case(bare)
    for content, delimited in inside:
        _place(row, content, delimited, words)
    return row


def _unglued(part: str) -> str:
    """ "Dr.Huber" -> "Dr. Huber", "J.R.Ewing" -> "J.R. Ewing"; "Dott.ssa" and "S.p.A." stay."""
    head, dot, tail = part.rpartition(".") if not part.endswith(".") else part[:-1].rpartition(".")
    name = tail.rstrip(",;")
    if not dot or not name[:1].isupper() or not name.isalpha():
        return part
    titled = (
        len(head) > 1
        and key_of(head) in vocabulary().words["title"]
        and (len(name) > 2 or key_of(name) in vocabulary().words["title"])
    )
    initials = len(name) > 2 and not name.isupper() and is_initials(head + ".")
    return f"{head}. {part[len(head) + 1 :]}" if titled or initials else part


def _take_brackets(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without what stands in brackets or quotes, and that, without and with its marks."""
    if _MARKS.isdisjoint(text):
        return text, []
    inside = [("".join(match.groups("")).strip(), match.group()) for match in _BRACKETS.finditer(text)]
    bare = squeeze(_BRACKETS.sub(" ", text)).replace(" ,", ",") if inside else text
    return (bare, inside) if bare.strip(" ,.-") else (text, [])


def _place(row: NameRow, content: str, delimited: str, words: NameWords) -> None:
    """A nickname, a suffix, a company or a remark out of brackets or quotes."""
    found = words.of(content)
    if not found:
        return
    if found[0].key in vocabulary().words["maiden"]:
        row.remainder.append(delimited)
    elif are_all_suffixes(found) and delimited[0] == "(":
        row.suffix = " ".join(filter(None, (row.suffix, content)))
    elif len(found) > 1 and not row.company and company.odds(found, content) > SURE:
        row.company, row.legal_form = content, company.legal_form(found)
    elif not row.nickname and len(found) <= 4 and not any(c.isdigit() for c in content):
        row.nickname = content
    else:
        row.remainder.append(delimited)
