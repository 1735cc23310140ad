"""Language of a person: a code (it, nb-NO) or a name, in six languages or in its own, becomes the ISO 639 code.

Of the shape of the field modules (`xlcrm.fields`).
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from xlcrm.fields.field_errors import FormatError
from xlcrm.messages import LANGUAGES
from xlcrm.text import fold

_LONGEST = 60
_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z]{4})?(?:[-_](?:[A-Za-z]{2}|\d{3}))?")
# what people type that no list of names has; Norwegian without more is Bokmål, as most of its writers mean
_USUAL = {
    "norsk": "nb", "no": "nb", "norwegian": "nb", "norvegese": "nb", "noruego": "nb", "norvegien": "nb",
    "norwegisch": "nb", "bokmal": "nb", "nynorsk": "nn", "castellano": "es", "castilian": "es", "flemish": "nl",
    "vlaams": "nl", "farsi": "fa", "mandarin": "zh", "eng": "en", "ita": "it", "esp": "es", "ger": "de", "deu": "de",
    "fra": "fr", "fre": "fr", "spa": "es", "nor": "nb", "engl": "en", "dt": "de", "frz": "fr", "ingl": "en",
}  # fmt: skip

_OWN = "nl sv da fi is pl cs sk hu ro pt ca eu gl hr sl el tr ru uk bg ar he zh ja ko et lv lt sq sr mt ga cy".split()


def compact(value: object) -> str:
    """The name or code without spaces around."""
    return value.strip() if isinstance(value, str) else ""


def validate(value: object, country: str = "") -> str:
    """The ISO 639 code (two letters where there are such) that a code or name means; FormatError where none is meant.

    A country behind the code says nothing about the language ("de-CH" is de). Source of the names: Unicode CLDR.
    """
    text = compact(value)
    found = _code(text) if 0 < len(text) <= _LONGEST else ""
    if not found:
        raise FormatError("language.unknown", value=text[:_LONGEST])
    return found


def is_valid(value: object, country: str = "") -> bool:
    """True where `validate` knows the language; never raises."""
    try:
        validate(value, country)
    except ValueError:
        return False
    return True


def format(value: object, country: str = "") -> str:  # noqa: A001 - the contract's name
    """The code; an unknown name as typed."""
    return validate(value) if is_valid(value) else value if isinstance(value, str) else ""


def _code(text: str) -> str:
    """The code behind a text, "" where there is none."""
    folded = fold(text)
    if found := _USUAL.get(folded) or _names().get(folded):
        return found
    match = _CODE.fullmatch(text)
    code = match[1].lower() if match else ""
    return _USUAL.get(code, code) if code in _codes() else ""


@cache
def _codes() -> frozenset[str]:
    """All codes of languages that CLDR has a name for."""
    return frozenset(code for code in map(str, Locale("en").languages) if "_" not in code)


@cache
def _names() -> dict[str, str]:
    """Folded names -> code: in the six languages, then as each language calls itself."""
    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).languages.items():
            if "_" not in code:
                found.setdefault(fold(name), code)
    for code in _OWN:
        found.setdefault(fold(Locale(code).languages.get(code, "")), code)
    found.pop("", None)
    return found
