"""Notes that refuse mail or calls ("no advertising please"), suggested as the opt-outs that they should be.

A note is read by words in six languages (`xlcrm/data/fields/refusals.csv`): what refuses, followed within a few words
by what is refused. An e-mail address or a phone may also be lacking ("no e-mail known"), so a refusal of these has to
say a wish. Nothing is filled without a decision in Problems, and a cell that says yes or no is never spoken against.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import numpy as np

from xlcrm.checks.judge import Verdict
from xlcrm.checks.view import CheckedBook
from xlcrm.messages import LANGUAGES
from xlcrm.people.channel_consent import CHANNELS
from xlcrm.problems import Problem
from xlcrm.text import fold
from xlcrm.words import choice_word

_NEAR = 4  # so many words may stand between the refusal and what is refused
_SHORT = 2  # words so short mean other things in other languages
_SENTENCES = re.compile(r"[.;!?\n]+|, ")
RefusalWords = dict[str, re.Pattern[str]]  # part of refusals.csv -> its words in one language


def check(book: CheckedBook) -> list[Problem]:
    """A finding for each client and opt-out column that is blank where the notes refuse that way."""
    view = book.get("Clients")
    if view is None or not view.has("notes"):
        return []
    notes, found = view.text("notes"), []
    yes = choice_word("done", "yes", view.settings.language)
    for position in np.flatnonzero(view.filled("notes") & view.live).tolist():
        for channel in refused(notes[position]):
            column = f"opt_out_{channel}"
            if view.has(column) and not view.filled(column)[position]:
                verdict = Verdict("notes.opt_out", yes, False, "doubt")
                found.append(view.problem(position, verdict, column, notes[position]))
    return found


def refused(note: str) -> tuple[str, ...]:
    """The ways in which a note wants no mail: of email, post and phone; none where it refuses nothing."""
    sentences = [sentence for sentence in map(fold, _SENTENCES.split(note)) if _any_refusal().search(sentence)]
    ways = {way for sentence in sentences for words in _words() for way in _ways(sentence, words)}
    return tuple(channel for channel in CHANNELS if channel in ways or "all" in ways)


def _ways(sentence: str, words: RefusalWords) -> set[str]:
    """The ways that a sentence refuses by the words of one language."""
    refusing = words["refuse"].search(sentence) or words["no_contact"].search(sentence)
    if _lacks(sentence, "lacks") or words["lacks"].search(sentence) or not refusing:
        return set()
    sentence = words["email_word"].sub("email", sentence)  # "e-post" is no post
    told = {way for way in ("all", *CHANNELS) if _refuses(sentence, words, way)}
    return _channels_named(sentence, words) or _from_list(sentence, words) or told or _contact(sentence, words)


def _lacks(sentence: str, part: str) -> bool:
    """Whether a word of any language, long enough to be one, says that something else is meant."""
    return any(len(word) > _SHORT for one in _words() for word in one[part].findall(sentence))


def _channels_named(sentence: str, words: RefusalWords) -> set[str]:
    """The channels that a sentence names and wishes not to be used; they may as well be lacking."""
    lacking = words["has"].search(sentence) or _lacks(sentence, "has")
    if lacking or not words["wish"].search(sentence):
        return set()
    return {channel for channel in CHANNELS if _refuses(sentence, words, f"{channel}_word")}


def _from_list(sentence: str, words: RefusalWords) -> set[str]:
    """A sentence that takes somebody off a list: who unsubscribes means e-mail, who is removed everything."""
    by_itself = words["by_itself"].search(sentence)
    return {"email" if by_itself else "all"} if _refuses(sentence, words, "list") else set()


def _contact(sentence: str, words: RefusalWords) -> set[str]:
    """A sentence that refuses to be contacted at all."""
    contact = words["no_contact"].search(sentence) or _refuses(sentence, words, "contact_word")
    return {"all"} if contact else set()


def _refuses(sentence: str, words: RefusalWords, part: str) -> bool:
    """Whether a refusal stands a few words before what is refused, or one that says it by itself behind it.

    Something else between the two is what is refused: "no discount by e-mail".
    """
    for refused_thing in words[part].finditer(sentence):
        before = [end for end in (m.end() for m in words["refuse"].finditer(sentence)) if end <= refused_thing.start()]
        between = sentence[before[-1] : refused_thing.start()] if before else ""
        if before and len(between.split()) <= _NEAR and not words["other"].search(between):
            return True
    return bool(words["by_itself"].search(sentence) and words[part].search(sentence))


@cache
def _any_refusal() -> re.Pattern[str]:
    """What refuses in any of the languages: a sentence without it refuses nothing."""
    return re.compile("|".join(words[part].pattern for words in _words() for part in ("refuse", "no_contact")))


@cache
def _words() -> tuple[RefusalWords, ...]:
    """For each language: part -> its words as a pattern."""
    path = Path(__file__).parent.parent / "data" / "fields" / "refusals.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple({row["part"]: _pattern(row[language]) for row in rows} for language in LANGUAGES)


def _pattern(words: str) -> re.Pattern[str]:
    """Any of some words, folded, as whole words; the longest first."""
    folded = sorted((fold(word) for word in words.split("|")), key=len, reverse=True)
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, folded))})(?!\S)")
