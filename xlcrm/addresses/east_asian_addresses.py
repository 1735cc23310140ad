"""East Asian addresses (Chinese, Japanese, Korean) in their own letters, where no blanks part the words.

They ("東京都中央区八重洲1丁目") go from the largest to the smallest, and each part says at its end what it is
(province, town, district, street, number, floor), so that a list of patterns by country takes one part after the other.
"""

from __future__ import annotations

import re

from xlcrm.addresses.address import Address
from xlcrm.addresses.draft import Draft

_LETTERS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_GAPS = re.compile(r"[\s,，、;；]+")
_NAME = r"[^\W\d_]"  # a letter

# country -> field and pattern of each part, in the order in which they are taken; "" is dropped as the country's name
_PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "JP": (
        ("", r"日本国?|\bJapan\b"),
        ("code", r"〒?\s*\d{3}[-−－]\d{4}"),
        ("region", rf"東京都|北海道|(?:京都|大阪)府|{_NAME}{{2,3}}県|\bJP-\d\d\b"),
        ("city", rf"{_NAME}{{1,6}}?[市区町村]"),
        ("unit", r"(?:\d+階)?\d+号室|\d+階"),
        ("number", r"\d+番(?:\d+号)?|\d+(?:[-−－]\d+)+"),
        ("street", rf"{_NAME}*\d+丁目|{_NAME}+通り?"),
    ),
    "CN": (
        ("", r"中华人民共和国|中国|中國"),
        ("code", r"(?<!\d)\d{6}(?!\d)"),
        ("region", rf"{_NAME}{{2,3}}(?:省|自治区)|(?:北京|上海|天津|重庆)市"),
        ("city", rf"{_NAME}{{1,6}}?[市区县州]"),
        ("district", rf"{_NAME}{{1,4}}?[区县]"),
        ("street", rf"{_NAME}+?(?:大街|大道|马路|路|街|道|巷)"),
        ("unit", r"\d+号?室|[A-Z] ?座 ?\d+层|\d+[层楼]"),
        ("number", r"\d+(?:-\d+)?[号號](?!楼)"),
    ),
    "TW": (
        ("", r"[台臺]灣(?!省)|中華民國"),
        ("code", r"(?<!\d)\d{3}(?:\d{2,3})?(?![\d號号巷弄樓段之-])"),
        ("region", r"[台臺]灣省|福建省"),
        ("city", rf"{_NAME}{{2}}[市縣]"),
        ("district", rf"{_NAME}{{1,3}}?[區鄉鎮市]"),
        ("street", rf"{_NAME}+?(?:大道|路|街)(?:[一二三四五六七八九十]段)?"),
        ("number", r"\d+(?:[-之]\d+)?號"),
        ("unit", r"\d+樓\S*"),
    ),
    "SG": (
        ("code", r"(?<!\d)\d{6}(?!\d)"),
        ("city", r"新加坡"),
        ("", r"新加坡"),
        ("street", rf"{_NAME}+路"),
        ("unit", r"[#＃]\d+-[\d/]+"),
        ("number", r"\d+"),
    ),
    "MO": (
        ("code", r"(?<!\d)999078(?!\d)"),
        ("city", r"澳門"),
        ("street", rf"{_NAME}+?(?:大馬路|馬路|路|街)"),
        ("number", r"\d+[A-Z]?(?:-\d+)?號"),
        ("unit", r"\d+樓\S*"),
    ),
    "HK": (
        ("city", r"香港"),
        ("street", rf"{_NAME}+?(?:大道|路|街|道)"),
        ("number", r"\d+[A-Z]?(?:-\d+)?號"),
        ("unit", r"\d+樓\S*"),
    ),
    "KR": (
        ("", r"대한민국"),
        ("code", r"\(?(?<!\d)(?:\d{5}|\d{3}-\d{3})(?!\d)\)?"),
        ("region", rf"(?<!\S)(?:{_NAME}+도|경기|강원|충북|충남|전북|전남|경북|경남|제주)(?!\S)"),
        ("city", rf"(?<!\S){_NAME}+[시군](?!\S)"),
        ("district", rf"(?<!\S){_NAME}+[구읍면](?:\s+{_NAME}+[읍면동](?!\S))?(?!\S)"),
        ("street", rf"(?<!\S){_NAME}+(?:로|길)(?:\d+번?길)?(?!\S)"),
        ("number", r"(?<!\S)\d+(?:-\d+)?(?![\d동호])"),
        ("unit", r"(?:\d+동\s*)?\d+호"),
    ),
}
_COMPILED = {
    country: tuple((field, re.compile(pattern)) for field, pattern in parts) for country, parts in _PARTS.items()
}
_LISTS = frozenset(("street", "unit", "district", "name"))  # fields of a draft that hold several pieces


def country_of(text: str, country: str) -> str:
    """The country by whose patterns a text is read, "" where it is written in other letters or its country is unknown.

    country  the code that is expected, "" where none is: the text then has to begin with the country's name
    """
    if not _LETTERS.search(text):
        return ""
    own = len(_LETTERS.findall(text))
    if own < 3 or own < len(_LATIN.findall(text)):
        return ""
    if country:
        return country if country in _COMPILED else ""
    return next((code for code, parts in _COMPILED.items() if parts[0][0] == "" and parts[0][1].match(text)), "")


def read(text: str, country: str) -> Address:
    """The parts of an address of one of the countries that `country_of` gives; what no pattern takes is the name."""
    draft = Draft(country)
    rest = text
    for field, pattern in _COMPILED[country]:
        found = pattern.search(rest)
        if found is None:
            continue
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
        if field in _LISTS:
            getattr(draft, field).append(found[0].strip())
        elif field:
            setattr(draft, field, found[0].strip(" ()"))
    draft.name += filter(None, _GAPS.split(rest.strip()))
    return draft.finish(False)
