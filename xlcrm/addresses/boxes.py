"""PO boxes and rural route boxes, found first, since their numbers look like house numbers and postal codes."""

from __future__ import annotations

import re

from xlcrm.addresses.address_words import HAS_DIGIT, Words
from xlcrm.addresses.draft import Draft
from xlcrm.addresses.lexicon import PO_BOX

_WORDS = (
    r"p\.? ?o\.? ?b\.?(?:ox)?|p\.? ?o\.? ?box|post office(?: box)?|po|p\.?o\.?box|box",
    r"lock ?box|lbx|drawer|caller box",
    r"(?:rr|r\.r\.|rural route|hcr?|star route)\.? ?#? ?\w{1,4} box",
    r"casella postale|c\.? ?p\.?|b\.? ?p\.?|bo[iî]te postale|cs|tsa",
    r"(?:apartado|ap(?:t?do)?\.|apt?do)(?: (?:de )?correos| postal)?|caixa postal",
    r"postboks|postb\.|boks|pb\.?|postbox|postbus|antwoordnummer|postfach|pf\.?",
    r"skr\.? poczt\.?|skrytka pocztowa|а/я",
)
_NUMBER = r"(?: ?(?:no|nr|n|nº|n°|num)\.?)? ?[:#]? ?(?:\d[\w.\-–]*(?: \d{2,4}\b)*|[a-z]{1,2}\d+|[a-z]\b)"
_BOX = re.compile(rf"\b(?:{'|'.join(_WORDS)}){_NUMBER}", re.IGNORECASE)


def take(lines: list[list[str]], kinds: Words, draft: Draft) -> list[list[str]]:
    """The lines without PO boxes, which go into the draft; what stood behind one becomes a line of its own."""
    left: list[list[str]] = []
    for words in lines:
        left += _without_box(words, kinds, draft) if kinds.of(words) & PO_BOX else [words]
    return left


def _without_box(words: list[str], kinds: Words, draft: Draft) -> list[list[str]]:
    text = " ".join(words)
    for box in _BOX.finditer(text):
        begins_word = box.start() == 0 or text[box.start() - 1] == " "
        if begins_word and kinds.of(box[0].split()) & PO_BOX:
            before, after = text[: box.start()].split(), text[box.end() :].split()
            office = _office_end(after, kinds) if kinds.country == "NO" else 0
            found, after = " ".join([box[0].strip(), *after[:office]]), after[office:]
            draft.po_box = f"{draft.po_box}, {found}" if draft.po_box else found
            rest = take([after], kinds, draft) if after else []
            return [before, *rest] if before else rest
    return [words]


def _office_end(after: list[str], kinds: Words) -> int:
    """The number of words that name the post office, part of a Norwegian PO box: "Postboks 1234 Sentrum"."""
    end = next((i for i, word in enumerate(after) if kinds[word] & HAS_DIGIT), len(after))
    return end if end == len(after) or kinds.code.fullmatch(after[end]) else 0
