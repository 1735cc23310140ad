"""Affixes of a name, titles in front and suffixes behind: many of these words are also names, as "Dean", "Ma" and "Di".

Each question is a table of rules, from the surest to the most general; the first that applies decides.
"""

from __future__ import annotations

import re

from xlcrm.names.knowledge import is_known
from xlcrm.names.name_rules import Rule, Spot, always, decide, never
from xlcrm.names.name_words import CAPS, INITIAL, PARTICLE, SMALL, SPECIAL, SUFFIX, TITLE, Word
from xlcrm.names.vocabulary import vocabulary

SURELY_GIVEN = 1.6  # from these odds on a word is a given name of the language itself
GIVEN = 1.0  # from these odds on a word is rather a name than an uncertain title
KNOWN_FAMILY = -1.9  # below these odds a word stands in the lists of family names
KEEP = 2  # names that stay where a suffix is also a name
# weak titles that stand before given names even where they are given names themselves
_BEFORE_TWO_NAMES = frozenset(("don", "major", "judge", "prince", "princess", "sir"))
_PIECE = re.compile(r"[^\W\d_a-zà-ÿ][a-zà-ÿ]*")  # a capital and the small letters behind it
_MAY_BE_SUFFIX = SUFFIX | TITLE | SPECIAL | INITIAL | CAPS
_HONORIFIC_NUMBER = frozenset(("v", "x", "i"))
_SUFFIXES = ("suffix", "weak_suffix", "generation")


def is_one_of(key: str, *kinds: str) -> bool:
    """Whether a folded word stands under one of these kinds of the vocabulary."""
    words = vocabulary().words
    for kind in kinds:  # noqa: SIM110 - asked for most words of most cells, and any() takes twice as long
        if key in words[kind]:
            return True
    return False


# Titles in front


def take_titles(words: list[Word]) -> tuple[list[Word], list[Word]]:
    """The titles in front, with the "and" between two of them, and the words that are left."""
    if not words or not words[0].flags & SPECIAL:
        return [], words
    taken, keys = 0, [word.key for word in words]
    while size := _title_step(words, keys, taken):
        taken += size
    return words[:taken], words[taken:]


def _title_step(words: list[Word], keys: list[str], at: int) -> int:
    """How many words from `at` go on with the titles, 0 where the name begins."""
    if at >= len(words) or not words[at].flags & (TITLE | SPECIAL):
        return 0
    if _joins_titles(words, keys, at):
        return 1
    size = _title_size(words, keys, at)
    if size:
        return size
    return int(_is_unknown_abbreviation(words, at) or _is_hyphenated_title(words, at))


def _joins_titles(words: list[Word], keys: list[str], at: int) -> bool:
    """The "and" of "Mr and Mrs"."""
    joins = at > 0 and keys[at] in vocabulary().words["and"] and at + 1 < len(words)
    return joins and is_title(words, keys, at + 1)


def _is_hyphenated_title(words: list[Word], at: int) -> bool:
    """ "Univ.-Prof." before two names."""
    word = words[at]
    return bool(word.flags & TITLE) and "-" in word.text and len(words) - at > 2


def _is_unknown_abbreviation(words: list[Word], start: int) -> bool:
    """ "Kfm. Anton Huber": an abbreviation in front that is no known name, before two names."""
    word, letters = words[start], words[start].text[:-1]
    if not word.text.endswith(".") or len(letters) < 3 or not letters.isalpha():
        return False
    return word.odds < GIVEN and len(words) - start > 2 and not is_one_of(word.key, "abbreviated_given")


def _as_particle(spot: Spot) -> bool:
    """ "Di." and "DI Anna Huber" are engineers, "Di Maio" is not."""
    before_small = bool(spot.word.flags & CAPS) and not spot.words[spot.start + 1].flags & CAPS if spot.left else False
    return spot.left > 0 and (spot.dotted or before_small)


def _precedes_title(at: Spot) -> bool:
    """Whether a word that is never a name, but a title, follows."""
    following = at.keys[at.start + 1 : at.start + 2]
    return at.left > 0 and is_one_of(following[0], "title") and not is_one_of(following[0], "weak_title")


def _is_family_name_in_front(at: Spot) -> bool:
    """A title that the lists have as a family name, before words that surely are given names."""
    following = at.words[at.start + 1 :]
    if is_one_of(at.key, "given_title"):
        return False
    return at.word.odds < KNOWN_FAMILY and at.left > 1 and all(word.odds > SURELY_GIVEN for word in following)


_TITLE_RULES = (
    Rule(
        lambda at: at.size > 1,
        always,
        "several words that only titles have: Rt Hon",
    ),
    Rule(
        lambda at: at.word.flags & INITIAL and len(at.key) > 1,
        lambda at: "-" in at.key and is_one_of(at.key, "title"),
        "initials: D.J. Harper; but the Russian г-н",
    ),
    Rule(
        lambda at: at.word.flags & PARTICLE or (at.word.flags & INITIAL and not at.dotted),
        _as_particle,
        "a particle needs a full stop, or capitals beside small letters: DI Anna Huber, not Di Maio",
    ),
    Rule(
        lambda at: at.key not in vocabulary().words["weak_title"],
        always,
        "never a name: Sig., Herr",
    ),
    Rule(lambda at: at.dotted, lambda at: at.left > 0, "an abbreviation before a name: Gen. Harper"),
    Rule(_precedes_title, always, "a salutation before a title: Gentile Sig.ra Neri"),
    Rule(_is_family_name_in_front, never, "a family name before given names alone: Gentile Maria Grazia"),
    Rule(
        lambda at: at.left == 1 and at.key in vocabulary().words["given_title"],
        lambda at: at.words[at.start + 1].odds > max(SURELY_GIVEN, at.word.odds),
        "a title for given names before one that surely is: Don Luigi, not Don Harper",
    ),
    Rule(
        lambda at: at.left >= 2,
        lambda at: at.word.odds < GIVEN or at.key in _BEFORE_TWO_NAMES,
        "a word that is rather no given name, before two names: Major Tom Harper, not Dean Martin Harper",
    ),
)


def is_title(words: list[Word], keys: list[str], start: int) -> bool:
    """Whether a title begins at `start`: words that are also names need a full stop or two names after them."""
    return _title_size(words, keys, start) > 0


def _title_size(words: list[Word], keys: list[str], start: int) -> int:
    """How many words from `start` are a title."""
    size = vocabulary().phrase_at("title", keys, start)
    return size if size and decide(_TITLE_RULES, Spot(words, keys, start, size=size)) else 0


# Titles inside, between family and given name: "Zanetti arch. Elena", "DUPONT Me Claire"


def take_inner_titles(words: list[Word]) -> tuple[int, list[Word], list[Word]]:
    """How many names stand before a title between the names (0 where there is none), the titles, and the names."""
    inner = [i for i in range(1, len(words) - 1) if words[i].flags & TITLE and _is_inner_title(words, i)]
    if not inner:
        return 0, [], words
    return inner[0], [words[i] for i in inner], [word for i, word in enumerate(words) if i not in inner]


def _is_inner_title(words: list[Word], at: int) -> bool:
    return decide(_INNER_RULES, Spot(words, [word.key for word in words], at))


def _is_abbreviated(at: Spot) -> bool:
    """With a full stop behind or inside: "arch.", "Dott.ssa"."""
    return "." in at.word.text or at.dotted


def _is_between_capitals_and_name(at: Spot) -> bool:
    return bool(at.words[at.start - 1].flags & CAPS) and not at.words[at.start + 1].flags & CAPS


_INNER_RULES = (
    Rule(lambda at: not is_one_of(at.key, "title"), never, "a word of a longer title alone is none"),
    Rule(lambda at: len(at.key) < 2 or is_one_of(at.key, "abbreviated_given"), never, "an initial, or Chas."),
    Rule(_is_abbreviated, lambda at: at.word.odds < SURELY_GIVEN, "an abbreviation: Zanetti arch. Elena"),
    Rule(lambda at: at.word.flags & CAPS, never, "capitals without full stops are names or initials"),
    Rule(_is_between_capitals_and_name, always, "between a name in capitals and another: DUPONT Me Claire"),
    Rule(
        lambda at: not is_one_of(at.key, "weak_title", "particle") and not at.word.flags & SMALL,
        lambda at: not is_known(at.key),
        "never a name: Rossi Dott Mario",
    ),
)


# Suffixes behind


def take_suffixes(words: list[Word], keep: int = KEEP) -> tuple[list[Word], list[Word]]:
    """The words that are left, and the suffixes behind them; `keep` names stay where a suffix is also a name."""
    end = len(words)
    if end < 2 or not (words[-1].flags & SPECIAL or words[-2].flags & SUFFIX):
        return words, []
    keys = [word.key for word in words]
    while size := _suffix_step(words, keys, end, keep):
        end -= size
    return words[:end], words[end:]


def _suffix_step(words: list[Word], keys: list[str], end: int, keep: int) -> int:
    """How many words before `end` are a suffix, 0 where the name ends."""
    phrases = vocabulary().phrases["suffix"]
    for size in (3, 2):
        if end > size and tuple(keys[end - size : end]) in phrases.get(keys[end - size], ()):
            return 0 if _follows_particle(words, end - size) else size
    return int(end > 1 and is_suffix(words, keys, end - 1, keep))


def is_suffix(words: list[Word], keys: list[str], start: int, keep: int) -> bool:
    """Whether the word at `start`, with suffixes alone behind it, is one."""
    if not words[start].flags & _MAY_BE_SUFFIX or _follows_particle(words, start):
        return False
    if start + 1 < len(words) and is_unlisted_degree(words, start):
        return True
    return decide(_SUFFIX_RULES, Spot(words, keys, start, keep))


def is_unlisted_degree(words: list[Word], start: int) -> bool:
    """Few capitals that are no known name, behind two names in small letters: "John Doe CLU"."""
    word, names = words[start], words[:start]
    if not word.flags & CAPS or len(word.key) > 5 or word.odds > GIVEN or is_known(word.key):
        return False
    return sum(not name.flags & (CAPS | INITIAL) for name in names) > 1


def _follows_particle(words: list[Word], start: int) -> bool:
    """What follows a small particle is its name: "Anna de Ma"."""
    return start > 1 and bool(words[start - 1].flags & PARTICLE and words[start - 1].flags & SMALL)


def _is_typed_as_name(word: Word) -> bool:
    """ "Peng", "Do": a capital and small letters, no full stop."""
    return word.text.istitle() and word.text.isalpha()


def _is_typed_as_degree(spot: Spot) -> bool:
    """Whether a suffix that is also a name has full stops, or the case that tells it from the names."""
    word = spot.word
    if "." in word.text or word.flags & CAPS:
        return True
    if all(w.flags & (CAPS | INITIAL) for w in spot.words):
        return True
    return word.text.islower() and all(w.text.islower() for w in spot.words)


_SUFFIX_RULES = (
    Rule(
        lambda at: at.key in _HONORIFIC_NUMBER,
        lambda at: at.key == "v" and at.start >= 2 and not at.dotted and at.start + 1 == len(at.words),
        "a number that is also an initial: John Harper V",
    ),
    Rule(
        lambda at: not is_one_of(at.key, *_SUFFIXES),
        lambda at: is_trailing_title(at.words, at.start) or is_letters_of_a_degree(at.word, at.start),
        "a title or letters of a degree behind two names: Rossi Mario Dott.",
    ),
    Rule(lambda at: is_spelt_as_degree(at.word), always, "small letters between capitals or full stops: MEng, P.Eng."),
    Rule(
        lambda at: at.names < KEEP and _is_typed_as_name(at.word) and not is_one_of(at.key, "generation"),
        never,
        "typed like a name behind a single one it is the family name: Wei Peng",
    ),
    Rule(
        lambda at: is_one_of(at.key, "weak_suffix") and at.start > 2 and is_strong_suffix(at.words[at.start - 1]),
        always,
        "a degree behind another: Anna Harper PhD MA",
    ),
    Rule(
        lambda at: at.key in vocabulary().words["weak_suffix"],
        lambda at: at.names >= at.keep and _is_typed_as_degree(at),
        "a degree that is also a name, behind whole names and typed so: Jack Harper MA, not Jack Ma",
    ),
    Rule(
        lambda at: len(at.key) < 4 and at.word.flags & SMALL and "." not in at.word.text,
        lambda at: at.start >= at.keep or at.key in vocabulary().words["generation"],
        "few small letters: anna harper jr",
    ),
    Rule(always, always, "never a name: III, PhD"),
)


def is_strong_suffix(word: Word) -> bool:
    """A suffix that is never a name: "PhD", "III", "MEng", not "Ma"."""
    return is_one_of(word.key, "suffix") and (not is_one_of(word.key, "weak_suffix") or is_spelt_as_degree(word))


def is_spelt_as_degree(word: Word) -> bool:
    """A known degree typed as no name is: "MEng", "P.Eng.", "M.Ed."; not "MA", "M.A." or "Meng"."""
    if not is_one_of(word.key, "suffix") or word.flags & CAPS:
        return False
    pieces = _PIECE.findall(word.text)
    return len(pieces) > 1 and any(len(piece) > 1 for piece in pieces)


def is_trailing_title(words: list[Word], start: int) -> bool:
    """ "Rossi Mario Dott.": a title behind at least two names, with a full stop or one that is never a name."""
    word = words[start]
    if not word.flags & TITLE or start < 2 or word.flags & PARTICLE or not is_one_of(word.key, "title"):
        return False
    return (word.text.endswith(".") and word.odds < GIVEN) or not is_one_of(word.key, "weak_title")


def is_letters_of_a_degree(word: Word, start: int) -> bool:
    """Letters with full stops behind a name that are longer than initials: "R.A.I.", "Msc.Ed."."""
    inner = word.text.rstrip(".")
    return start >= 2 and "." in inner and (inner.count(".") >= 2 or len(inner) > 5) and not word.flags & SUFFIX


def are_all_suffixes(words: list[Word]) -> bool:
    """Whether a part between commas holds suffixes alone ("Jr.", "MD", "BSN, RN")."""
    position, keys = 0, [word.key for word in words]
    while size := _suffix_at(words, keys, position):
        position += size
    return position == len(words) > 0


def _suffix_at(words: list[Word], keys: list[str], position: int) -> int:
    """How many words from `position` are a suffix in a part of suffixes, 0 where there is another word or the end."""
    if position >= len(words):
        return 0
    size = max(vocabulary().phrase_at(kind, keys, position) for kind in _SUFFIXES)
    joins = keys[position] in ("and", "&") and 0 < position < len(words) - 1
    return size or int(is_letters_of_a_degree(words[position], 2) or keys[position] == "v" or joins)
