"""Parts of a name that stay together: a particle and the name after it, two names joined by "y"."""

from __future__ import annotations

from xlcrm.names import knowledge
from xlcrm.names.name_words import CAPS, INITIAL, PARTICLE, SMALL, SPECIAL, Word
from xlcrm.names.vocabulary import vocabulary


def units_of(words: list[Word], letters: str, *, family: bool = False) -> list[Word]:
    """Glues particles and links; `family` says that all words are known to be family names (before a comma)."""
    book, keys = vocabulary(), [word.key for word in words]
    found: list[Word] = []
    position = 0
    while position < len(words):
        word = words[position]
        size = book.phrase_at("particle", keys, position) if word.flags & PARTICLE else 0
        left = len(words) - position - size
        if size and left > 0 and _leads(words, position, size, letters, family):
            end = position + size + 1
            while end < len(words) and words[end - 1].flags & PARTICLE and _leads(words, end - 1, 1, letters, True):
                end += 1
            found.append(_led(words[position:end], words[end - 1], found, letters))
            position = end
        elif "-" in word.key and position + 1 < len(words) and word.flags & PARTICLE:
            following = words[position + 1]  # "Heijdanus-De Boer"
            found.append(
                Word(f"{word.text} {following.text}", f"{word.key} {following.key}", following.flags, following.odds, 1)
            )
            position += 2
        elif found and left_of_link(words, position, found, letters, family):
            before = found.pop()
            rest = units_of(words[position + 1 :], letters, family=True)
            text = f"{before.text} {word.text} {rest[0].text}"
            found.append(Word(text, f"{before.key} {word.key} {rest[0].key}", before.flags, knowledge.NEVER_GIVEN, 2))
            found.extend(rest[1:])
            break
        else:
            found.append(word)
            position += 1
    return found


def _leads(words: list[Word], position: int, size: int, letters: str, family: bool) -> bool:
    """Whether a particle at `position` starts a family name, rather than being a name ("Van Johnson") or an initial."""
    word, following = words[position], words[position + size]
    if size > 1:
        return True
    if word.key in ("o", "a", "i") and not word.text.endswith("'"):
        irish = word.key == "o" and len(following.key) > 2 and not following.flags & INITIAL
        return irish and (family or knowledge.is_known(f"o'{following.key}") or knowledge.is_known(f"o{following.key}"))
    if word.key in ("mc", "mac", "fitz") and position == 0 and not family:
        return word.key == "mc"
    if family:
        return True
    if position == 0 and word.key in vocabulary().words["particle_alone"]:
        if letters[:1] in "uo" and not word.flags & SMALL:
            return False
        return word.odds < 2.0 or len(words) - position > 2
    return not (following.flags & INITIAL and len(words) == position + size + 1)


def _led(words: list[Word], core: Word, before: list[Word], letters: str) -> Word:
    text, key = " ".join(word.text for word in words), " ".join(word.key for word in words)
    odds = knowledge.NEVER_GIVEN
    book = vocabulary()
    if before and ("e" in letters or "p" in letters):
        if knowledge.given_odds(f"{before[-1].key} {key}", "ep") > 2 and " " in key:
            odds = 4.0
        elif before[-1].key in book.words["devoted"] and core.key in book.words["devotion"]:
            odds = max(-0.5, min(4.0, core.odds))
    return Word(text, key, core.flags, odds, 1)


def left_of_link(words: list[Word], position: int, found: list[Word], letters: str, family: bool) -> bool:
    """Whether the word at `position` is the "y" of "Ortega y Gasset" (or the Catalan "i"), not an initial."""
    word = words[position]
    if (not word.flags & SPECIAL and word.key not in ("y", "i", "e")) or word.key not in vocabulary().words["link"]:
        return False
    if (
        position + 1 >= len(words)
        or words[position + 1].flags & INITIAL
        or found[-1].flags & INITIAL
        or word.text.endswith(".")
    ):
        return False
    if len(word.key) == 1:
        mixed = any(not w.flags & (CAPS | INITIAL) for w in words)
        if word.text.isupper() and (mixed or (letters[:1] == "u" and word.key != "y")):
            return False
        if word.key == "e" and letters[:1] not in "pe":
            return False
    return family or len(found) >= 2
