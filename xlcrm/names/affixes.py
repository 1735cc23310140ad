"""Affixes of a name: titles before it and suffixes behind it, many of which are names too ("Dean", "Ma", "Di")."""

from __future__ import annotations

from xlcrm.names.name_words import CAPS, INITIAL, PARTICLE, SMALL, SPECIAL, SUFFIX, TITLE, Word
from xlcrm.names.vocabulary import vocabulary

SURELY_GIVEN = 1.6  # from these odds on a word is a given name of the language itself
GIVEN = 1.0  # from these odds on a word is rather a name than an uncertain title
_HONORIFIC_NUMBER = frozenset(("v", "x", "i"))


def take_titles(words: list[Word]) -> tuple[list[Word], list[Word]]:
    """The titles in front, with the "and" between two of them, and the words that are left."""
    if not words or not words[0].flags & SPECIAL:
        return [], words
    taken = 0
    book, keys = vocabulary(), [word.key for word in words]
    while taken < len(words):
        word = words[taken]
        if not word.flags & (TITLE | SPECIAL):
            break
        size = book.phrase_at("title", keys, taken)
        if taken and word.key in book.words["and"] and taken + 1 < len(words) and is_title(words, keys, taken + 1):
            taken += 1
        elif size and is_title(words, keys, taken):
            taken += size
        elif _is_unknown_abbreviation(words, taken) or (
            word.flags & TITLE and "-" in word.text and len(words) - taken > 2
        ):
            taken += 1
        else:
            break
    return words[:taken], words[taken:]


def is_title(words: list[Word], keys: list[str], start: int) -> bool:
    """Whether a title begins at `start`: words that are also names need a full stop or two names after them."""
    book = vocabulary()
    size = book.phrase_at("title", keys, start)
    if not size:
        return False
    if size > 1:
        return True
    word = words[start]
    left = sum(not following.flags & SUFFIX for following in words[start + 1 :])
    dotted = word.text.endswith((".", "ª", "º"))
    if word.flags & INITIAL and len(word.key) > 1:
        return False
    if word.flags & PARTICLE or (word.flags & INITIAL and not dotted):
        followed_by_small = left > 0 and not words[start + 1].flags & CAPS
        return left > 0 and (dotted or (bool(word.flags & CAPS) and followed_by_small))
    if word.key not in book.words["weak_title"]:
        return left > 0 or start > 0 or dotted or len(words) == 1
    if dotted:
        return left > 0
    if left == 1 and word.key in book.words["given_title"]:
        return words[start + 1].odds > max(SURELY_GIVEN, word.odds)
    return left >= 2 and (word.odds < GIVEN or word.key in ("don", "major", "judge", "prince", "princess", "sir"))


def _is_unknown_abbreviation(words: list[Word], start: int) -> bool:
    """ "Kfm. Anton Huber": an abbreviation in front that is no known name, before two names."""
    word = words[start]
    letters = word.text[:-1]
    return (
        word.text.endswith(".")
        and len(letters) > 2
        and letters.isalpha()
        and word.odds < GIVEN
        and len(words) - start > 2
        and word.key not in vocabulary().words["abbreviated_given"]
    )


def take_suffixes(words: list[Word], keep: int = 2) -> tuple[list[Word], list[Word]]:
    """The words that are left, and the suffixes behind them; `keep` names stay where a suffix is also a name."""
    end = len(words)
    if end < 2 or not (words[-1].flags & SPECIAL or words[-2].flags & SUFFIX):
        return words, []
    keys = [word.key for word in words]
    while end > 1:
        size = next((n for n in (2, 1) if end - n >= 1 and is_suffix(words, keys, end - n, n, end, keep)), 0)
        if not size:
            break
        end -= size
    return words[:end], words[end:]


def is_suffix(words: list[Word], keys: list[str], start: int, size: int, end: int, keep: int) -> bool:
    """Whether the `size` words before `end` are a suffix there."""
    book, word = vocabulary(), words[start]
    if start > 1 and words[start - 1].flags & PARTICLE and words[start - 1].flags & SMALL:
        return False  # what follows a particle is its name
    if size == 2:
        return tuple(keys[start:end]) in book.phrases["suffix"].get(word.key, ()) and start >= 1
    if word.key in _HONORIFIC_NUMBER:
        return word.key == "v" and start >= 2 and not word.text.endswith(".") and start + 1 == len(words)
    if not any(word.key in book.words[kind] for kind in ("suffix", "weak_suffix", "generation")):
        return is_trailing_title(words, start) or is_letters_of_a_degree(word, start)
    if word.key in book.words["weak_suffix"]:
        if start > 2 and is_strong_suffix(words[start - 1]):
            return True
        among_capitals = all(w.flags & (CAPS | INITIAL) for w in words)
        typed_so = (
            "." in word.text
            or bool(word.flags & CAPS)
            or among_capitals
            or (word.text.islower() and all(w.text.islower() for w in words))
        )
        names = sum(not w.flags & INITIAL for w in words[:start])
        return names >= keep and typed_so
    if len(word.key) < 4 and word.flags & SMALL and "." not in word.text:
        return start >= keep or word.key in book.words["generation"]
    return start >= 1


def is_strong_suffix(word: Word) -> bool:
    """A suffix that is never a name: "PhD", "III", not "Ma"."""
    book = vocabulary()
    return word.key in book.words["suffix"] and word.key not in book.words["weak_suffix"]


def is_trailing_title(words: list[Word], start: int) -> bool:
    """ "Rossi Mario Dott.": a title behind at least two names, with a full stop or one that is never a name."""
    word = words[start]
    if not word.flags & TITLE or start < 2 or word.flags & PARTICLE:
        return False
    return (word.text.endswith(".") and word.odds < GIVEN) or word.key not in vocabulary().words["weak_title"]


def is_letters_of_a_degree(word: Word, start: int) -> bool:
    """Letters with full stops behind a name that are longer than initials: "R.A.I.", "Msc.Ed."."""
    inner = word.text.rstrip(".")
    return start >= 2 and "." in inner and (inner.count(".") >= 2 or len(inner) > 5) and not word.flags & SUFFIX


def are_all_suffixes(words: list[Word]) -> bool:
    """Whether a part between commas holds suffixes alone ("Jr.", "MD", "BSN, RN")."""
    book, keys = vocabulary(), [word.key for word in words]
    position = 0
    while position < len(words):
        size = max(book.phrase_at(kind, keys, position) for kind in ("suffix", "weak_suffix", "generation"))
        joins = words[position].key in ("and", "&") and 0 < position < len(words) - 1
        if not size and (is_letters_of_a_degree(words[position], 2) or words[position].key == "v" or joins):
            size = 1
        if not size:
            return False
        position += size
    return bool(words)
