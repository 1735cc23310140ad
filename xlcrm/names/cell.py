"""One cell of names: brackets and a company are set aside before the person's name itself is read."""

from __future__ import annotations

import re

from xlcrm.names import company, couple
from xlcrm.names.affixes import are_all_suffixes, is_one_of
from xlcrm.names.case import is_one_case
from xlcrm.names.company import company_beside, is_person, remark_behind
from xlcrm.names.name import NameRow
from xlcrm.names.name_parts import units_of
from xlcrm.names.name_text import is_east_asian, joined
from xlcrm.names.name_words import (
    ASIDE,
    CAPS,
    COMMA,
    HINT,
    INITIAL,
    MIXED,
    ODD,
    PARTICLE,
    SMALL,
    SPECIAL,
    NameWords,
    Word,
    flags_of,
    is_initials,
)
from xlcrm.names.person import fix_by_capitals, read_person, read_sides, read_words
from xlcrm.names.vocabulary import key_of
from xlcrm.text import squeeze

LONGEST = 300  # characters; longer text is not a name and is kept as it is
SURE = 1.2  # log odds
_CLOSER_LOOK = ODD | HINT | ASIDE  # flags of words that may part a cell, or speak for a company
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
        return _too_long(squeeze(raw))
    found = [words[part] for part in raw.split()]
    flags = flags_of(found)
    row = None
    if len(found) > 1:
        row = _of_special_words(raw, found, flags, words) if flags & SPECIAL else _of_plain_words(found, flags, words)
    return row or _dissect_special(raw, words)


def _of_special_words(raw: str, found: list[Word], flags: int, words: NameWords) -> NameRow | None:
    """A cell with titles, suffixes, initials or one comma; None where signs or a company need a closer look."""
    if flags & _CLOSER_LOOK or found[-1].flags & found[-2].flags & INITIAL or not raw.isprintable():
        return None
    row = _of_two_sides(found, words) if flags & COMMA else read_words(found, flags, words)
    if row is not None:
        row.one_case = is_one_case(raw)
    return row


def _of_two_sides(found: list[Word], words: NameWords) -> NameRow | None:
    """ "Rossi, Mario": a single plain word before the only comma and plain words behind it, None for others."""
    family, given = found[0], found[1:]
    if not family.flags & COMMA or flags_of(given) & (SPECIAL | PARTICLE):
        return None
    family = words[family.text[:-1]]
    return None if family.flags & (SPECIAL | PARTICLE) else read_sides([family], given)


def _of_plain_words(found: list[Word], flags: int, words: NameWords) -> NameRow | list[Word] | None:
    """The units of words that are names and nothing else, None where they need a closer look."""
    if found[-1].flags & found[-2].flags & INITIAL:
        return None  # "Harper M D"
    if flags & SMALL and len(found) > 2 and _has_small_end(found):
        return None
    two_cases = flags & CAPS and flags & MIXED
    if not flags & PARTICLE:
        return _by_capitals(found) if two_cases else found
    units = [] if two_cases else units_of(found, words.letters)
    return units if len(units) > 1 else None


def _too_long(text: str) -> NameRow:
    return NameRow(kind="person" if text else "", remainder=[text], reason="name.too_long")


def _has_small_end(found: list[Word]) -> bool:
    """A small word in front or behind, beside others that are not small: "presidente Anna Bianchi"."""
    return bool((found[0].flags | found[-1].flags) & SMALL) and not all(word.flags & SMALL for word in found)


def _by_capitals(found: list[Word]) -> NameRow:
    row = NameRow(units=found)
    fix_by_capitals(row)
    return row


def _dissect_special(raw: str, words: NameWords) -> NameRow:
    text = cleaned(raw)
    if not text:
        return NameRow(kind="")
    bare, inside = _take_brackets(text)
    if "." in bare:
        bare = " ".join(map(_unglued, bare.split()))
    whole = words.of(bare)
    hinted = may_be_company(whole)
    verdict = company.odds(whole, bare) if hinted else company.START
    row = _with_company(bare, verdict, words) if hinted else None
    row = row or _by_kind(text, bare, whole, verdict, inside, words)
    if row.kind == "company":
        return row
    row.one_case = is_one_case(bare)
    for content, delimited in inside:
        _place(row, content, delimited, words)
    return row


def cleaned(raw: str) -> str:
    """The text of a cell on one line, with a bar for each line break and a space behind each comma."""
    text = squeeze(_LINE_BREAK.sub(" | ", raw.strip()) if "\n" in raw or "\r" in raw else raw)
    return _GLUED_COMMA.sub(", ", text) if "," in text else text


def may_be_company(found: list[Word]) -> bool:
    """Whether any of the words, or that there is but one, makes it worth asking whether they name a company."""
    if len(found) < 2 or flags_of(found) & (HINT | ASIDE):
        return True
    return bool(found[-1].flags & found[-2].flags & INITIAL)


def _with_company(bare: str, verdict: float, words: NameWords) -> NameRow | None:
    """A person beside a company or a remark, None where the cell holds neither; `verdict` as of `company.odds`."""
    beside = company_beside(bare, words)
    if beside is not None:
        row = read_person(beside[0], words)
        row.company, row.legal_form = beside[1], company.legal_form(words.of(beside[1]))
        return row
    remark = remark_behind(bare, words) if verdict <= SURE or is_east_asian(bare[0]) else None
    if remark is None:
        return None
    row = read_person(remark[0], words)
    row.remainder.append(remark[1])
    row.reason = row.reason or "name.rest"
    return row


def _by_kind(
    text: str, bare: str, whole: list[Word], verdict: float, inside: list[tuple[str, str]], words: NameWords
) -> NameRow:
    """The cell as a company or a person, whichever its words speak for."""
    name = _person_inside(inside, words) if verdict > SURE else ""
    if name:  # "Bianchi Srl (Anna Bianchi)"
        row = read_person(name, words)
        row.company, row.legal_form = bare, company.legal_form(whole)
        inside[:] = [each for each in inside if each[0] != name]
        return row
    if verdict > 0 and not couple.is_couple(whole):
        form, doubt = company.legal_form(whole), "" if verdict > SURE else "name.kind"
        return NameRow(kind="company", company=text, legal_form=form, reason=doubt)
    row = read_person(_SPACED_HYPHEN.sub("-", bare), words)
    if -SURE < verdict <= 0 and row.family is None:
        row.reason = row.reason or "name.kind"
    return row


def _person_inside(inside: list[tuple[str, str]], words: NameWords) -> str:
    return next((content for content, _ in inside if is_person(content, words)), "")


def _unglued(part: str) -> str:
    """ "Dr.Huber" -> "Dr. Huber", "J.R.Ewing" -> "J.R. Ewing"; "Dott.ssa" and "S.p.A." stay."""
    head, dot, tail = part.rpartition(".") if not part.endswith(".") else part[:-1].rpartition(".")
    name = tail.rstrip(",;")
    if not dot or not name[:1].isupper() or not name.isalpha() or is_one_of(key_of(part), "suffix"):
        return part
    return f"{head}. {part[len(head) + 1 :]}" if _ends_a_title(head, name) or _ends_initials(head, name) else part


def _ends_a_title(head: str, name: str) -> bool:
    titled = len(head) > 1 and is_one_of(key_of(head), "title")
    return titled and (len(name) > 2 or is_one_of(key_of(name), "title"))


def _ends_initials(head: str, name: str) -> bool:
    return len(name) > 2 and not name.isupper() and is_initials(head + ".")


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
    if is_one_of(found[0].key, "maiden"):
        row.remainder.append(delimited)
    elif are_all_suffixes(found) and delimited[0] == "(":
        row.suffix = joined(row.suffix, content)
    elif _is_company_inside(row, found, content):
        row.company, row.legal_form = content, company.legal_form(found)
    elif _is_nickname(row, found, content):
        row.nickname = content
    else:
        row.remainder.append(delimited)


def _is_company_inside(row: NameRow, found: list[Word], content: str) -> bool:
    return len(found) > 1 and not row.company and company.odds(found, content) > SURE


def _is_nickname(row: NameRow, found: list[Word], content: str) -> bool:
    return not row.nickname and len(found) <= 4 and not any(c.isdigit() for c in content)
