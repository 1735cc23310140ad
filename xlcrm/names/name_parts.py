"""Parts of a name that stay together: a particle and the name after it, two names joined by "y"."""

from __future__ import annotations

from typing import NamedTuple

from xlcrm.names import knowledge
from xlcrm.names.affixes import is_one_of
from xlcrm.names.name_rules import Rule, always, decide, never
from xlcrm.names.name_words import CAPS, INITIAL, PARTICLE, SMALL, SPECIAL, Word, flags_of
from xlcrm.names.vocabulary import vocabulary

_MAY_JOIN = PARTICLE | SPECIAL | INITIAL  # flags of words that may be glued to others


class _Place(NamedTuple):
    """Where units are looked for; `family` says that all words are known to be family names (before a comma)."""

    words: list[Word]
    keys: list[str]
    letters: str
    family: bool


def units_of(words: list[Word], letters: str, *, family: bool = False) -> list[Word]:
    """Glues particles and links; `family` says that all words are known to be family names (before a comma)."""
    if not flags_of(words) & _MAY_JOIN:
        return words[:]
    place = _Place(words, [word.key for word in words], letters, family)
    found: list[Word] = []
    position = 0
    while position < len(words):
        word = words[position]
        end = _end_of_led(place, position) if word.flags & PARTICLE else position
        if end > position:
            found.append(_led(words[position:end], found, letters))
        elif _is_hyphened(words, position):
            found.append(_joined(words[position : position + 2], 1, words[position + 1].odds))
            end = position + 2
        elif found and left_of_link(words, position, found, letters, family):
            rest = units_of(words[position + 1 :], letters, family=True)
            linked = _joined([found.pop(), word, rest[0]], 2, knowledge.NEVER_GIVEN)
            return [*found, linked, *rest[1:]]
        else:
            found.append(word)
            end = position + 1
        position = end
    return found


def _is_hyphened(words: list[Word], position: int) -> bool:
    """ "Heijdanus-De Boer": the particle stands behind a hyphen."""
    word = words[position]
    return "-" in word.key and position + 1 < len(words) and bool(word.flags & PARTICLE)


def _joined(words: list[Word], joined: int, odds: float) -> Word:
    """Several words as one; typed as its first word is, unless that is a particle or ends with one."""
    core = words[0] if joined == 2 else words[-1]
    text, key = " ".join(word.text for word in words), " ".join(word.key for word in words)
    return Word(text, key, core.flags, odds, joined)


def _end_of_led(place: _Place, position: int) -> int:
    """Where the name ends that a particle at `position` leads, `position` itself where it leads none."""
    words = place.words
    size = vocabulary().phrase_at("particle", place.keys, position)
    if not size or position + size >= len(words) or not _leads(place, position, size):
        return position
    end = position + size + 1
    while end < len(words) and words[end - 1].flags & PARTICLE and _leads(place._replace(family=True), end - 1, 1):
        end += 1
    return end


def _leads(place: _Place, position: int, size: int) -> bool:
    """Whether a particle at `position` starts a family name, rather than being a name ("Van Johnson") or an initial."""
    return size > 1 or decide(_PARTICLE_RULES, _Particle(place, position))


class _Particle(NamedTuple):
    """A particle of one word and the name after it."""

    place: _Place
    position: int

    @property
    def word(self) -> Word:
        return self.place.words[self.position]

    @property
    def following(self) -> Word:
        return self.place.words[self.position + 1]

    @property
    def in_front(self) -> bool:
        return self.position == 0 and not self.place.family

    @property
    def left(self) -> int:
        """How many words follow."""
        return len(self.place.words) - self.position - 1


def _is_irish(at: _Particle) -> bool:
    """ "Ó Sé" with its accent, "O Brien" where the name with "O'" is known."""
    key = at.following.key
    if at.word.key != "o" or at.word.text.endswith(".") or at.following.flags & INITIAL:
        return False
    if at.word.text in ("Ó", "ó"):
        return True
    return len(key) > 2 and (at.place.family or knowledge.is_known(f"o'{key}") or knowledge.is_known(f"o{key}"))


_PARTICLE_RULES = (
    Rule(
        lambda at: at.word.key in ("o", "a", "i") and not at.word.text.endswith("'"),
        _is_irish,
        "a letter is an initial, unless it makes a known Irish name: O Brien",
    ),
    Rule(
        lambda at: at.word.key == "ben",
        lambda at: at.position > 0 and at.word.flags & SMALL and not at.following.flags & SMALL,
        "the Arabic son of, in small letters between names: Ahmad ben Husain, not Ben Harper",
    ),
    Rule(
        lambda at: at.in_front and at.word.key in ("mc", "mac", "fitz"),
        lambda at: at.word.key == "mc",
        "in front these are given names, but for Mc",
    ),
    Rule(lambda at: at.place.family, always, "before a comma everything is the family name"),
    Rule(
        lambda at: at.in_front and is_one_of(at.word.key, "particle_alone") and at.place.letters[:1] in "uo"
        and not at.word.flags & SMALL,
        never,
        "in English a capital particle in front is a given name: Van Harper",
    ),
    Rule(
        lambda at: at.in_front and is_one_of(at.word.key, "particle_alone"),
        lambda at: at.word.odds < 2.0 or at.left > 1,
        "a particle in front that is also a name, unless it surely is a given one: Di Maio Luigi",
    ),
    Rule(lambda at: at.following.flags & INITIAL and at.left == 1, never, "Anna De L."),
    Rule(always, always, "otherwise it leads the name after it: Anna De Luca"),
)  # fmt: skip


def _led(words: list[Word], before: list[Word], letters: str) -> Word:
    """A particle and what it leads: a family name, but in Spanish it may belong to a given one ("María del Carmen")."""
    devoted = bool(before) and ("e" in letters or "p" in letters)
    odds = _odds_of_devotion(before[-1], words) if devoted else knowledge.NEVER_GIVEN
    return _joined(words, 1, odds)


def _odds_of_devotion(before: Word, words: list[Word]) -> float:
    key = " ".join(word.key for word in words)
    if knowledge.given_odds(f"{before.key} {key}", "ep") > 2 and " " in key:
        return 4.0
    if is_one_of(before.key, "devoted") and is_one_of(words[-1].key, "devotion"):
        return max(-0.5, min(4.0, words[-1].odds))
    return knowledge.NEVER_GIVEN


def left_of_link(words: list[Word], position: int, found: list[Word], letters: str, family: bool) -> bool:
    """Whether the word at `position` is the "y" of "Ortega y Gasset" (or the Catalan "i"), not an initial."""
    word = words[position]
    if not (word.flags & SPECIAL or word.key in ("y", "i", "e")) or not is_one_of(word.key, "link"):
        return False
    beside = found[-1].flags | words[position + 1].flags if position + 1 < len(words) else INITIAL
    if beside & INITIAL or word.text.endswith(".") or (len(word.key) == 1 and _is_initial(words, word, letters)):
        return False
    return family or len(found) >= 2


def _is_initial(words: list[Word], word: Word, letters: str) -> bool:
    """Whether a single letter is rather an initial than a link: a capital one, and "e" but in Portuguese."""
    if word.key == "e" and letters[:1] not in "pe":
        return True
    mixed = any(not each.flags & (CAPS | INITIAL) for each in words)
    return word.text.isupper() and (mixed or (letters[:1] == "u" and word.key != "y"))
