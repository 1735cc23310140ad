"""Language of a letter: what somebody typed in the column Language, as one of the six that letters are written in."""

from __future__ import annotations

from functools import lru_cache

from xlcrm.text import fold

# The first letters of codes and of the languages' names in the six languages, longer ones first.
_BEGINNINGS = {
    "norw": "nb", "norv": "nb", "nors": "nb", "noru": "nb", "norueg": "nb", "ital": "it", "engl": "en", "engels": "en",
    "ingl": "en", "angl": "en", "span": "es", "espa": "es", "espagn": "es", "spag": "es", "castell": "es",
    "fran": "fr", "fren": "fr", "germ": "de", "deut": "de", "tede": "de", "alem": "de", "tysk": "de", "alle": "de",
}  # fmt: skip
_CODES = {"it": "it", "es": "es", "nb": "nb", "no": "nb", "nn": "nb", "en": "en", "fr": "fr", "de": "de"}


@lru_cache(maxsize=256)
def letter_language(typed: str, default: str) -> str:
    """The language behind "de", "de-CH", "Deutsch" or "tedesco"; `default` where it is blank or none of the six."""
    plain = fold(typed)
    code = _CODES.get(plain.split(" ")[0])
    found = code or next((_BEGINNINGS[plain[:n]] for n in (7, 6, 5, 4) if plain[:n] in _BEGINNINGS), "")
    return found or default
